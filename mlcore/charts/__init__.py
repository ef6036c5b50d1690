"""Tidy tables in, Altair charts out, for pages and notebooks alike.

Where a chart has words of its own it takes `say`, which translates them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
