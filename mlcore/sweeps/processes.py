"""Groups trained in processes of this machine, one thread each."""

from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing

from mlcore.datasets.source import Data
from mlcore.sweeps.results import RunResult
from mlcore.sweeps.run import Parts, gone, run_in_turns
from mlcore.training.config import TrainConfig
from mlcore.workers.pool import Pool
from mlcore.workers.worker import WorkerDied

KEEP, WORK = f"{__name__}:keep", f"{__name__}:work"
TRIES = 2  # of a group; then one for each of its runs
_data: list[Data] = []  # in a worker: what it trains on


def run_in_processes(
    dataset: Data, parts: Parts, *, workers: int | None = None
) -> Iterator[list[RunResult]]:
    """Train groups; yields each group's results as they come.

    A group whose process died is trained again; if that happens twice, then run by run, so that
    only the guilty one fails.
    """
    with closing(Pool(workers, prepare=(KEEP, (dataset,), {}))) as pool:
        together = {pool.submit(WORK, part, tries=TRIES): part for part in parts}
        alone: dict[Future, TrainConfig] = {}
        while together or alone:
            for future in wait([*together, *alone], return_when=FIRST_COMPLETED).done:
                part, config = together.pop(future, []), alone.pop(future, None)
                if not isinstance(future.exception(), WorkerDied):
                    yield future.result()
                elif config is not None:
                    yield [gone(config)]
                else:
                    alone |= {pool.submit(WORK, [own], tries=1): own for own in part}


def keep(dataset: Data) -> None:
    """In a worker: what all its groups are trained on."""
    _data[:] = [dataset]


def work(part: list[TrainConfig]) -> Generator[None, None, list[RunResult]]:
    """In a worker: train a group."""
    return run_in_turns(_data[0], part)
