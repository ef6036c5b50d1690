"""Multi-label losses on logits, and `LOSSES`, the table that describes them.

Every loss takes logits and targets of shape (n, k) and keyword-only parameters; most give nats.
Logits are a tensor; targets, and numbers for each label, are of any kind that
`mlcore.checks.as_array` takes. Gradients of any order flow to the logits only: targets and weights
are constants. torch.func differentiates too, but cannot vmap over the checks. Importing losses does
not import torch; calling one does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
