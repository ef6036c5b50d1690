"""The same loss in another framework: code that runs there, and the convention that differs.

from mlcore.frameworks import snippet
print(snippet("focal", {"gamma": 1.0}, "keras").code)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
