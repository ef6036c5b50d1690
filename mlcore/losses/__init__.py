"""Multi-label losses on logits, and `LOSSES`, the table that describes them.

Every loss takes logits and targets of shape (n, k) and keyword-only parameters; most give nats.
Gradients flow to the logits only: targets and weights are constants. Importing them does not import
torch; calling one does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
