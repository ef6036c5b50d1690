"""A process that may have torch, for a process that shall stay without it.

Functions are named, as "package.module:function", so that the caller imports nothing.
"""

import atexit
import threading
from concurrent.futures import BrokenExecutor, Future
from functools import cache
from importlib import import_module

IDLE_SECONDS = 600  # after which the process ends; the next call starts another
_starting = threading.Lock()


def submit(name: str, *args, **kwargs) -> Future:
    """Begin to call a function in the other process; its result or error comes with the future.

    A process that ended, for whatever reason, is replaced.

    Args:
        name: "package.module:function".
        *args: What it takes, picklable.
        **kwargs: The same, by name.

    Example:
        >>> submit("math:sqrt", 16.0).result()
        4.0
    """
    with _starting:
        try:
            return _executor().submit(_call, name, args, kwargs)
        except RuntimeError:  # broken, or shut down
            _executor.cache_clear()
            return _executor().submit(_call, name, args, kwargs)


def call(name: str, *args, **kwargs):
    """What a function returns, or raises, in the other process.

    It is called once more if its process is ended meanwhile, as `call_within` may do.
    """
    try:
        return submit(name, *args, **kwargs).result()
    except (BrokenExecutor, _shut_down()):
        return submit(name, *args, **kwargs).result()


def call_within(seconds: float, name: str, *args, **kwargs):
    """What a function returns or raises, unless that takes too long: then its process is ended.

    Args:
        seconds: To wait for it, > 0.
        name: "package.module:function".
        *args: What it takes, picklable.
        **kwargs: The same, by name.

    Raises:
        TimeoutError: If it has not returned by then.
        concurrent.futures.BrokenExecutor: If it ended its process.
    """
    future = submit(name, *args, **kwargs)
    try:
        return future.result(seconds)
    except TimeoutError:
        if not future.done():
            _end()
        raise


def _end() -> None:
    """End the process; the next call starts another."""
    with _starting:
        executor = _executor()
        _executor.cache_clear()
    executor.shutdown(wait=True, kill_workers=True)


@cache
def _executor():
    from loky import ProcessPoolExecutor

    # loky's processes do not run the main script again, as those of multiprocessing would.
    # One thread: tables are small, and the other cores are for browsers and races.
    threads = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    executor = ProcessPoolExecutor(max_workers=1, timeout=IDLE_SECONDS, env=threads)
    atexit.register(executor.shutdown, wait=True, kill_workers=True)
    return executor


def _shut_down() -> type[Exception]:
    from loky.process_executor import ShutdownExecutorError

    return ShutdownExecutorError


def _call(name: str, args: tuple, kwargs: dict):
    module, function = name.split(":")
    return getattr(import_module(module), function)(*args, **kwargs)
