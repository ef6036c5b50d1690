"""A process that has torch, for a process that shall stay without it.

Functions are named, as "package.module:function", so that the caller imports nothing.
"""

import atexit
from concurrent.futures import Future
from functools import cache
from importlib import import_module

IDLE_SECONDS = 600  # after which the process ends; the next call starts another


def submit(name: str, *args, **kwargs) -> Future:
    """Begin to call a function in the other process; its result or error comes with the future.

    Args:
        name: "package.module:function".
        *args: What it takes, picklable.
        **kwargs: The same, by name.

    Example:
        >>> submit("math:sqrt", 16.0).result()
        4.0
    """
    return _executor().submit(_call, name, args, kwargs)


@cache
def _executor():
    from loky import ProcessPoolExecutor

    # loky's processes do not run the main script again, as those of multiprocessing would.
    executor = ProcessPoolExecutor(max_workers=1, timeout=IDLE_SECONDS, initializer=_prepare)
    atexit.register(executor.shutdown, wait=True, kill_workers=True)
    return executor


def _prepare() -> None:
    import torch

    torch.set_num_threads(1)  # small tables; the other cores are for browsers and races


def _call(name: str, args: tuple, kwargs: dict):
    module, function = name.split(":")
    return getattr(import_module(module), function)(*args, **kwargs)
