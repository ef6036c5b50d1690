"""What is heavy, imported when a name of it is first used: listing losses is quick without.

`lazy_loader.load` would enter a stand-in among the loaded modules, and pandas, scikit-learn and
others look there for torch: the first to ask would import it.
"""

from importlib import import_module
from typing import TYPE_CHECKING


class _Later:
    """Stands for a module. A name that was used once is as quick as that module's own."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str):
        value = getattr(import_module(self._module), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import torch
    from scipy import special
    from torch import Tensor
else:
    np, pd, special, torch = map(_Later, ("numpy", "pandas", "scipy.special", "torch"))
    Tensor = "torch.Tensor"  # for annotations that nobody evaluates
