"""Data sets by name and options, for processes that each load their own."""

from collections.abc import Mapping
from functools import lru_cache
from weakref import WeakValueDictionary

from mlcore.datasets.base import Dataset
from mlcore.datasets.table import load

Data = Dataset | tuple[str, Mapping[str, float]]


def resolve(data: Data) -> Dataset:
    """The data set, loaded if it came as a name with options; the last few are kept.

    Loaded once for all who ask for it while somebody has it.
    """
    if isinstance(data, Dataset):
        return data
    name, options = data
    return _load(name, tuple(sorted(options.items())))


@lru_cache(maxsize=4)
def _load(name: str, options: tuple[tuple[str, float], ...]) -> Dataset:
    if (dataset := _alive.get((name, options))) is None:
        dataset = _alive[name, options] = load(name, **dict(options))
    return dataset


_alive: WeakValueDictionary[tuple, Dataset] = WeakValueDictionary()  # never the same one twice
