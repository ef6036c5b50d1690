"""Groups trained in processes of this machine, by loky.

Straight on its executor, one for each pool: under joblib's `Parallel`, which shares one executor
among all calls, a killed process now and then left the caller waiting for ever.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import closing
from itertools import islice
from multiprocessing import resource_tracker

from loky import ProcessPoolExecutor, cpu_count
from loky.process_executor import BrokenProcessPool

from mlcore import interrupts
from mlcore.sweeps.results import RunResult
from mlcore.sweeps.work import Data, Parts, gone, train_part
from mlcore.training.config import TrainConfig

TRIES = 2  # beside others; then once more alone
AHEAD = 2  # groups handed out for each process, so that none waits for who reads the results
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
_data: list[Data] = []  # in a worker: what its pool trains on


def run_in_processes(
    dataset: Data, parts: Parts, *, workers: int | None = None
) -> Iterator[list[RunResult]]:
    """Train groups, one thread a process; yields each group's results as they come.

    A process that dies takes the pool with it. The groups that were handed out are given to the
    next pool; those that were out again when that broke are tried a third time, run by run with
    nothing beside it, so that only the guilty one fails.
    """
    waiting, tries = dict(enumerate(parts)), Counter()
    while beside := {place: part for place, part in waiting.items() if tries[place] < TRIES}:
        started: list[int] = []
        try:
            with closing(_pool(dataset, beside, workers or cpu_count(), started)) as finished:
                for place, results in finished:
                    del waiting[place]
                    yield results
        except BrokenProcessPool:
            # A pool that breaks before it was given anything counts for all.
            tries.update(set(started) & set(waiting) or list(beside))
    yield from _one_by_one(dataset, [config for part in waiting.values() for config in part])


def _pool(
    dataset: Data,
    parts: Mapping[int, list[TrainConfig]],
    workers: int,
    started: list[int],
    ahead: int = AHEAD,
) -> Iterator[tuple[int, list[RunResult]]]:
    """Train groups in one pool; notes which ones were handed out."""
    workers = min(workers, len(parts))
    if os.name == "posix":
        # Started with the first process, it would take back that processes are not interrupted.
        resource_tracker.ensure_running()
    executor = ProcessPoolExecutor(workers, env=ONE_THREAD, initializer=_keep, initargs=(dataset,))
    left, out = iter(parts.items()), {}
    try:
        while True:
            for place, part in islice(left, ahead * workers - len(out)):
                started.append(place)
                # Interrupted while it starts, a pool would have nobody to end its processes.
                with interrupts.held_back():
                    out[executor.submit(_work, part)] = place
            if not out:
                return
            for future in wait(out, return_when=FIRST_COMPLETED).done:
                yield out.pop(future), future.result()
    finally:
        executor.shutdown(kill_workers=True)


def _keep(dataset: Data) -> None:
    _data.append(dataset)


def _work(part: list[TrainConfig]) -> list[RunResult]:
    return train_part(_data[0], part)


def _one_by_one(dataset: Data, configs: Sequence[TrainConfig]) -> Iterator[list[RunResult]]:
    """Train each with nothing beside it: when the process dies, it is known which did it."""
    left = {place: [config] for place, config in enumerate(configs)}
    while left:
        started: list[int] = []
        try:
            with closing(_pool(dataset, left.copy(), 1, started, ahead=1)) as finished:
                for place, results in finished:
                    del left[place]
                    yield results
        except BrokenProcessPool:
            yield [gone(*left.pop(started[-1]))]
