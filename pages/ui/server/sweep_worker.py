"""The process that trains for a sweep, as the server holds it. Needs no torch here."""

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from functools import lru_cache
from importlib import import_module

from mlcore.workers.calculator import end_with_parent

RUN = "mlcore.sweeps.run:run_group"
PROBE = "mlcore.sweeps.run:expected_seconds"
IDLE_SECONDS = 600  # after which a process ends; the next group starts another
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
# A core each; and torch alone is more than what loky takes for a leak, for which it would start the
# process anew.
ENVIRONMENT = dict.fromkeys(THREADS, "1") | {"LOKY_MAX_MEMORY_LEAK_SIZE": "2e9"}

Source = tuple[str, Mapping[str, object]]  # what `mlcore.datasets.load` takes


class Unwanted(Exception):
    """Nobody waits for this any more."""


class SweepWorker:
    """One process: started when first needed, and again after it died."""

    def __init__(self) -> None:
        self._executor = None
        self._starting = threading.Lock()

    def call(self, name: str, source: Source, configs, *, is_wanted: Callable[[], bool]):
        """What a function gives for a data set and configurations.

        Raises:
            Unwanted: If that is not wanted any more; then the process is ended.
            BrokenExecutor: If the process died.
            Exception: What the function raises.
        """
        future = self._submit(_work, name, source, configs)
        while True:
            try:
                return future.result(0.2)
            except TimeoutError:
                if future.done():  # it is the function's own, or came this very moment
                    return future.result()
                if not is_wanted():
                    self.end()
                    raise Unwanted from None
            except BrokenExecutor:
                self.end()
                raise

    def warm_up(self) -> None:
        """Have the process started, and torch loaded there; no wait."""
        with suppress(RuntimeError):  # it is just being ended
            self._submit(_rehearse)

    def end(self) -> None:
        """End the process, if there is one."""
        with self._starting:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)

    def _submit(self, function: Callable, *arguments):
        with self._starting:
            if self._executor is None:
                from loky import ProcessPoolExecutor

                self._executor = ProcessPoolExecutor(
                    max_workers=1,
                    timeout=IDLE_SECONDS,
                    initializer=_begin_work,
                    env=ENVIRONMENT,
                )
            executor = self._executor
        try:
            return executor.submit(function, *arguments)
        except BrokenExecutor:  # it died while it had nothing to do
            self.end()
            return self._submit(function, *arguments)


def _begin_work() -> None:
    """Let pages go first on cores that they share with the workers; end when the server does."""
    if hasattr(os, "nice"):
        os.nice(10)
    end_with_parent()


def _rehearse() -> None:
    """Train on next to nothing, so that what is loaded late is there before a sweep is."""
    from mlcore.sweeps import run_group
    from mlcore.training import TrainConfig

    tiny = (("cardinality", 1.0), ("labels", 4), ("rows", 100))
    run_group(_load("synthetic", tiny), [TrainConfig(model="linear", epochs=1)] * 2)


def _work(name: str, source: Source, configs):
    """In the worker: call a function with a data set and configurations."""
    module, function = name.split(":")
    data, options = source
    dataset = _load(data, tuple(sorted(options.items())))
    arguments = (configs, dataset) if name == PROBE else (dataset, configs)
    return getattr(import_module(module), function)(*arguments)


@lru_cache(maxsize=4)
def _load(name: str, options: tuple[tuple[str, object], ...]):
    from mlcore.datasets import load

    return load(name, **dict(options))
