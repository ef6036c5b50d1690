"""Small races, and where they train, for tests of what waits and of what trains."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

from mlcore.datasets import Dataset, load
from mlcore.training import TrainConfig
from mlcore.workers.pool import Pool
from mlcore.workers.races import Races
from tests.conftest import wait_until

SHORT = TrainConfig(hidden=(16,), batch_size=64, epochs=6)
ENDLESS = replace(SHORT, model="linear", epochs=10**6)


def small_data() -> Dataset:
    """280 training rows: five steps of 64 rows an epoch."""
    return load("synthetic", labels=20, rows=400, cardinality=2.0)


def idle_races() -> Races:
    """Races with room for two, that no worker is at."""
    pool = SimpleNamespace(workers=1, is_closed=False, add=id, drop=id, wake=id)
    return Races(pool, residents=2)


@contextmanager
def races_made() -> Iterator[Callable[..., Races]]:
    """Makes races with pools of their own, which end with the block."""
    made = []

    def make(workers: int = 1, **options) -> Races:
        made.append(Races(Pool(workers), **options))
        return made[-1]

    try:
        yield make
    finally:
        for races in made:
            races.pool.close()


def wait_for_state(run, *states):
    wait_until(lambda: run.state in states or not run.active)
    assert run.state in states, run.error


def steps(run):
    return [records[0].step for records in run.records]
