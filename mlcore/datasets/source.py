"""Data sets by name and options, for processes that each have their own."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from weakref import WeakValueDictionary

from mlcore.checks import check_choice
from mlcore.datasets.base import Dataset
from mlcore.datasets.table import DATASETS, load

Data = Dataset | tuple[str, Mapping[str, object]]
MOST_KEPT = 4
_kept: OrderedDict[tuple, Dataset] = OrderedDict()  # the last ones that were asked for
_alive: WeakValueDictionary[tuple, Dataset] = WeakValueDictionary()  # and all that somebody has
_asking = threading.Lock()
_borrows = False


class NotHere(LookupError):
    """This process is to be handed the data set, see `borrow`.

    Attributes:
        data: Its name and options.
    """

    def __init__(self, data: Data) -> None:
        super().__init__(data)
        self.data = data


def resolve(data: Data) -> Dataset:
    """The data set, loaded if it came as a name with options.

    One that somebody has, or that was asked for lately, is loaded no second time.

    Raises:
        NotHere: In a process that borrows.
        ValueError: If there is no such data set, or an option is not allowed.
        TypeError: If an option is of another type.
    """
    if isinstance(data, Dataset):
        return data
    check_data(data)  # what passes can be a key
    with _asking:
        if (dataset := _alive.get(_key(data))) is None:
            name, options = data
            if _borrows and DATASETS[name].is_heavy:
                raise NotHere(data)
            dataset = load(name, **options)
        _keep(data, dataset)
    return dataset


def borrow() -> None:
    """From now on load no data set that takes libraries which are of no other use here."""
    global _borrows
    _borrows = True


def hand(data: Data, dataset: Dataset) -> None:
    """Have a data set here that another process has loaded."""
    with _asking:
        _keep(data, dataset)


def _key(data: Data) -> tuple:
    name, options = data
    return name, tuple(sorted(options.items()))


def _keep(data: Data, dataset: Dataset) -> None:
    _kept[_key(data)] = _alive[_key(data)] = dataset
    _kept.move_to_end(_key(data))
    if len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


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
