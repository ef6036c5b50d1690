"""Figures of predictions and of rankings, and how an average is put together."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
