"""What crosses to a worker: the data, a group of configurations, and back its results.

Needs no torch on the side that sends.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from mlcore.checks import check_choice
from mlcore.datasets import DATASETS, Dataset, load
from mlcore.sweeps.results import RunResult, failed
from mlcore.training.config import TrainConfig

Data = Dataset | tuple[str, Mapping[str, float]]
Parts = list[list[TrainConfig]]


def train_part(data: Data, configs: Sequence[TrainConfig]) -> list[RunResult]:
    """Train a group on one thread, in whatever process this is."""
    import torch

    from mlcore.sweeps.run import run_group

    torch.set_num_threads(1)
    return run_group(resolve(data), configs)


def gone(config: TrainConfig) -> RunResult:
    """The result of a run that took the process that trained it with it, however often."""
    return failed(
        config,
        "the process that trained this run ended without a word, each time it was tried; "
        "it may have run out of memory",
    )


def resolve(data: Data) -> Dataset:
    """The data set, loaded if it came as a name with options."""
    if isinstance(data, Dataset):
        return data
    name, options = data
    return _load(name, tuple(sorted(options.items())))


def check_data(data: Data) -> None:
    """Raise unless this is a data set, or a name and options of a built-in one; loads nothing."""
    if isinstance(data, Dataset):
        return
    if not (
        isinstance(data, tuple)
        and len(data) == 2
        and isinstance(data[0], str)
        and isinstance(data[1], Mapping)
    ):
        raise TypeError(
            "dataset must be a Dataset or a tuple (name, options), "
            f"got {type(data).__name__} {str(data)[:80]}"
        )
    name, options = data
    check_choice("dataset", name, DATASETS)
    DATASETS[name].check(options)


def fingerprint(data: Data) -> str:
    """Names what a run learns from: equal for equal rows, targets and parts."""
    from joblib import hash as hashed

    if isinstance(data, Dataset):
        arrays = (data.x, data.y, data.train, data.validation, data.test)
        return hashed(tuple(map(_bare, arrays)))
    name, options = data
    values = {option: float(value) for option, value in DATASETS[name].check(options).items()}
    return hashed((name, sorted(values.items())))


def _bare(array):
    """The array without what a view remembers of where it comes from."""
    return array.copy()


@lru_cache(maxsize=2)
def _load(name: str, options: tuple[tuple[str, float], ...]) -> Dataset:
    return load(name, **dict(options))
