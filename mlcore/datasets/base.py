"""What a data set is, and what is told of it before it is loaded."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from mlcore.checks import (
    Parameter,
    as_array,
    check_binary,
    check_finite,
    check_parameters,
    check_probabilities,
)

TRAIN_SHARE, VALIDATION_SHARE = 0.70, 0.15  # test rows are the rest


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Rows, their labels, and which rows are for what. Arrays are read-only.

    Attributes:
        name: The key it is loaded by.
        x: Features, float32, shape (n, d).
        y: 1 where a label holds for a row, else 0, uint8, shape (n, k).
        label_names: k different names.
        train: Sorted indices of the training rows. With validation and test: every row once.
        validation: Sorted indices of the rows on which thresholds are tuned.
        test: Sorted indices of the rows on which results are reported.
        description: What the rows and the labels are.
        source: Where the data come from.
        licence: Under which terms they may be passed on.
        row_names: n names, or None where rows have none.
        image_shape: (height, width) where a row of x is a picture, else None.
        probabilities: The exact P(y = 1 | x) where it is known, float64, shape (n, k), else None.

    Raises:
        ValueError: If shapes do not fit together, x is not finite, y is not 0 or 1, a name is
            there twice, or train, validation and test do not share out the rows.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    label_names: tuple[str, ...]
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    description: str
    source: str
    licence: str
    row_names: tuple[str, ...] | None = None
    image_shape: tuple[int, int] | None = None
    probabilities: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            table = as_array(name, getattr(self, name))
            if table.ndim != 2:
                raise ValueError(f"{name} must have two dimensions, got shape {table.shape}")
            object.__setattr__(self, name, table)
        if len(self.x) != len(self.y):
            raise ValueError(
                f"x and y must have equally many rows, got {len(self.x)} and {len(self.y)}"
            )
        check_binary("y", self.y)
        self._keep("y", np.ascontiguousarray(self.y, np.uint8))
        with np.errstate(over="ignore"):  # what is too large for float32 is refused as infinite
            self._keep("x", np.ascontiguousarray(self.x, np.float32))
        check_finite("x", self.x)
        self._keep_names("label_names", self.n_labels)
        if len(set(self.label_names)) != self.n_labels:
            twice = next(name for name in self.label_names if self.label_names.count(name) > 1)
            raise ValueError(f"label_names must differ from each other, got {twice!r} twice")
        if self.row_names is not None:
            self._keep_names("row_names", len(self.x))
        self._keep_parts()
        if self.image_shape is not None and prod(self.image_shape) != self.x.shape[1]:
            raise ValueError(
                f"image_shape must multiply to the {self.x.shape[1]} columns of x, "
                f"got {self.image_shape}"
            )
        if self.probabilities is not None:
            table = as_array("probabilities", self.probabilities)
            if table.shape != self.y.shape:
                raise ValueError(
                    "probabilities and y must have the same shape, "
                    f"got {table.shape} and {self.y.shape}"
                )
            self._keep("probabilities", np.ascontiguousarray(table, np.float64))
            check_probabilities("probabilities", self.probabilities)

    def __setstate__(self, state: dict) -> None:
        self.__init__(**state)  # a pickle forgets that arrays are read-only

    def _keep(self, name: str, array: np.ndarray) -> None:
        view = array.view()  # the array itself may be the caller's, who may go on writing to it
        view.flags.writeable = False
        object.__setattr__(self, name, view)

    def _keep_names(self, name: str, count: int) -> None:
        names = tuple(getattr(self, name))
        if len(names) != count:
            raise ValueError(f"{name} must be {count} names, got {len(names)}")
        object.__setattr__(self, name, names)

    def _keep_parts(self) -> None:
        parts = ("train", "validation", "test")
        for part in parts:
            if not len(getattr(self, part)):
                raise ValueError(f"{part} must name at least one row, got none")
            self._keep(part, np.sort(np.asarray(getattr(self, part), np.int64)))
        rows = np.concatenate([getattr(self, part) for part in parts])
        if not np.array_equal(np.sort(rows), np.arange(len(self.x))):
            raise ValueError(
                f"train, validation and test must name each of the {len(self.x)} rows once, "
                f"got {len(rows)} indices, {len(np.unique(rows))} of them different"
            )

    @property
    def n_labels(self) -> int:
        """How many labels there are, k."""
        return self.y.shape[1]

    @property
    def cardinality(self) -> float:
        """Mean number of labels that hold for a row."""
        return float(self.y.sum(axis=1, dtype=np.int64).mean())

    @property
    def density(self) -> float:
        """Share of ones in y: cardinality / k."""
        return self.cardinality / self.n_labels


@dataclass(frozen=True, kw_only=True)
class Extra:
    """An option that is no number, so that no page and no command line offers it.

    Attributes:
        name: The keyword argument it stands for.
        default: The value it has when nobody gave one.
        check: Raises ValueError or TypeError unless a value is allowed, and returns it as it is
            kept: hashable, and the same for equal ones, as data sets are known by their options.
    """

    name: str
    default: Hashable
    check: Callable[[object], Hashable]


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """What is known of a data set before it is loaded.

    Attributes:
        name: The key it is loaded by.
        title: Its name on screen.
        description: One sentence on its rows and labels.
        source: Where the data come from.
        licence: Under which terms they may be passed on.
        parameters: What may be chosen, in the order of a page.
        function: Takes the parameters and extras as keywords, returns the Dataset.
        extras: What only code may choose.
        is_heavy: Whether loading it takes libraries that training needs none of.
    """

    name: str
    title: str
    description: str
    source: str
    licence: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Dataset]
    extras: tuple[Extra, ...] = ()
    is_heavy: bool = False

    @property
    def told(self) -> dict[str, str]:
        """What a `Dataset` tells of itself too, by name."""
        return {name: getattr(self, name) for name in ("name", "description", "source", "licence")}

    @property
    def defaults(self) -> dict[str, object]:
        """The value of each parameter and extra when nobody gave one."""
        return {option.name: option.default for option in (*self.parameters, *self.extras)}

    def check(self, options: Mapping[str, object]) -> dict[str, object]:
        """Raise ValueError or TypeError unless these are names and values of its parameters.

        Args:
            options: Values by name, extras too; what is left out takes its default.

        Returns:
            The values of all its parameters and extras, whole numbers as int.
        """
        known = *self.parameters, *self.extras
        values = check_parameters(f"option of {self.name}", known, options)
        kept = {
            parameter.name: int if parameter.integer else float for parameter in self.parameters
        }
        kept |= {extra.name: extra.check for extra in self.extras}
        return {name: kept[name](value) for name, value in values.items()}


SEED = Parameter(
    name="seed",
    title="Seed",
    default=0,
    range=(0, 9999),
    help="Another seed draws other rows by the same rules.",
)


def split_rows(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut rows that are in no particular order into 70 % train, 15 % validation and 15 % test.

    >>> [len(part) for part in split_rows(1000)]
    [700, 150, 150]
    """
    ends = round(n * TRAIN_SHARE), round(n * (TRAIN_SHARE + VALIDATION_SHARE))
    return tuple(np.split(np.arange(n), ends))
