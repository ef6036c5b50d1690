"""From probabilities to decisions: one threshold, one for each label, or all of them at once."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
