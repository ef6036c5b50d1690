"""A process that may have torch, for a process that shall stay without it.

Functions are named, as "package.module:function", so that the caller imports nothing.
"""

import atexit
import os
import threading
import time
from concurrent.futures import BrokenExecutor, Future
from importlib import import_module

IDLE_SECONDS = 600  # after which the process ends; the next call starts another


class Calculator:
    """One such process; what is called while it is busy waits for its turn."""

    def __init__(self) -> None:
        self._executor = None
        self._starting = threading.Lock()

    def submit(self, name: str, *args, **kwargs) -> Future:
        """Begin to call a function; its result or error comes with the future.

        A process that ended, for whatever reason, is replaced.

        Args:
            name: "package.module:function".
            *args: What it takes, picklable.
            **kwargs: The same, by name.

        Example:
            >>> submit("math:sqrt", 16.0).result()
            4.0
        """
        with self._starting:
            try:
                return self._started().submit(_call, name, args, kwargs)
            except RuntimeError:  # broken, or shut down
                self._executor = None
                return self._started().submit(_call, name, args, kwargs)

    def call(self, name: str, *args, **kwargs):
        """What a function returns, or raises, in the other process.

        It is called once more if its process is ended meanwhile, as `call_within` may do.
        """
        try:
            return self.submit(name, *args, **kwargs).result()
        except (BrokenExecutor, _shut_down()):
            return self.submit(name, *args, **kwargs).result()

    def call_within(self, seconds: float, name: str, *args, **kwargs):
        """What a function returns or raises, unless it takes too long: then its process is ended.

        Args:
            seconds: To wait for it, > 0.
            name: "package.module:function".
            *args: What it takes, picklable.
            **kwargs: The same, by name.

        Raises:
            TimeoutError: If it has not returned by then.
            concurrent.futures.BrokenExecutor: If it ended its process.
        """
        future = self.submit(name, *args, **kwargs)
        try:
            return future.result(seconds)
        except TimeoutError:
            if not future.done():
                self.end()
            raise

    def end(self) -> None:
        """End the process, if there is one; the next call starts another."""
        with self._starting:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)

    def _started(self):
        if self._executor is None:
            from loky import ProcessPoolExecutor

            # loky's processes do not run the main script again, as those of multiprocessing would.
            # One thread: tables are small, and the other cores are for browsers and races.
            threads = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
            executor = ProcessPoolExecutor(
                max_workers=1, timeout=IDLE_SECONDS, initializer=end_with_parent, env=threads
            )
            atexit.register(executor.shutdown, wait=True, kill_workers=True)
            self._executor = executor
        return self._executor


shared = Calculator()
submit, call, call_within = shared.submit, shared.call, shared.call_within


def end_with_parent() -> None:
    """In a worker: end it when its parent is gone, which, being killed, tells nobody."""

    def watch(parent: int) -> None:
        while os.getppid() == parent:  # an orphan becomes the child of another process
            time.sleep(1.0)
        os._exit(0)

    threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()


def _shut_down() -> type[Exception]:
    from loky.process_executor import ShutdownExecutorError

    return ShutdownExecutorError


def _call(name: str, args: tuple, kwargs: dict):
    module, function = name.split(":")
    return getattr(import_module(module), function)(*args, **kwargs)
