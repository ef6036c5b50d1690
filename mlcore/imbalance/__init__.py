"""How rare labels are, how they come together, and how a score falls from head to tail."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
