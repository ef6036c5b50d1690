"""Famous mistakes as code that runs, beside their repairs.

`SPECIMENS` holds them; `run` executes one in the process that has torch. Importing either imports
no torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
