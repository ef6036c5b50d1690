"""The table of the built-in data sets, and the one way to load them."""

from collections.abc import Mapping
from types import MappingProxyType

from mlcore.checks import check_choice
from mlcore.datasets import debtags, digits, plane, synthetic
from mlcore.datasets.base import Dataset, DatasetInfo

DATASETS: Mapping[str, DatasetInfo] = MappingProxyType(
    {info.name: info for info in (debtags.INFO, digits.INFO, synthetic.INFO, plane.INFO)}
)


def load(
    name: str,
    *,
    labels: int | None = None,
    rows: int | None = None,
    features: int | None = None,
    cardinality: float | None = None,
    exponent: float | None = None,
    cap: float | None = None,
    signal: float | None = None,
    correlation: float | None = None,
    missing: float | None = None,
    empty: float | None = None,
    components: int | None = None,
    rare: float | None = None,
    noise: float | None = None,
    points: tuple[tuple[float, float, int, int, int], ...] | None = None,
    seed: int | None = None,
) -> Dataset:
    """Load or generate a built-in data set. The same options give the same arrays.

    What is None takes its default in `DATASETS[name].parameters`, which also has the ranges, or
    in its `extras`.

    Args:
        name: A key of `DATASETS`.
        labels: Of "synthetic": how many there are.
        rows: Of "synthetic" and "digits": how many in all three parts. Of "plane": how many in
            the training and validation parts, before points are painted.
        features: Of "synthetic": columns of x.
        cardinality: Of "synthetic": labels per row, on average.
        exponent: Of "synthetic" and "digits": how steeply labels get rarer.
        cap: Of "synthetic": largest share of rows that a label holds for.
        signal: Of "synthetic": how much x tells of the labels.
        correlation: Of "synthetic": how much labels come together beyond what x explains.
        missing: Of "synthetic": share of true labels that are hidden in training rows.
        empty: Of "digits": chance that a cell shows no digit.
        components: Of "debtags": columns of x.
        rare: Of "plane": share of the plane that the region of label C has.
        noise: Of "plane": how wide the edges of the regions are.
        points: Of "plane": painted training points (x1, x2, A, B, C), at most 300.
        seed: Of all but "debtags": fixes what is drawn.

    Raises:
        ValueError: If there is no such data set, an option is out of range or not of this data
            set, or values contradict each other.
        TypeError: If a value is not a number, or points are no tuples.

    Example:
        >>> load("synthetic", labels=20, rows=1000).y.shape
        (1000, 20)
    """
    given = locals()
    check_choice("dataset", given.pop("name"), DATASETS)
    options = {option: value for option, value in given.items() if value is not None}
    info = DATASETS[name]
    return info.function(**info.check(options))
