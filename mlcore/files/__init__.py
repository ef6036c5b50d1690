"""Targets and scores that a user brings: read with care, and refused in plain words."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
