"""What is made when it is first asked for: the names of heavy modules, and what there is one of.

Listing losses is quick without what is heavy.

`lazy_loader.load` would enter a stand-in among the loaded modules, and pandas, scikit-learn and
others look there for torch: the first to ask would import it.
"""

import threading
from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

Made = TypeVar("Made")


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Have a function called once, whoever asks for what it makes.

    Under `functools.cache` alone threads that ask at the same time would each have their own.

    Args:
        make: Takes nothing.
    """
    lock, made = threading.Lock(), cache(make)

    @wraps(make)
    def ask() -> Made:
        with lock:
            return made()

    return ask


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
