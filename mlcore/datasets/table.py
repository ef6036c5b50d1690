"""The table of the built-in data sets, and the one way to load them."""

from collections.abc import Mapping
from types import MappingProxyType

from mlcore.checks import check_choice
from mlcore.datasets import debtags, digits, synthetic
from mlcore.datasets.base import Dataset, DatasetInfo

DATASETS: Mapping[str, DatasetInfo] = MappingProxyType(
    {info.name: info for info in (debtags.INFO, digits.INFO, synthetic.INFO)}
)


def load(name: str, **options: float) -> Dataset:
    """Load or generate a built-in data set. The same options give the same arrays.

    Args:
        name: A key of `DATASETS`.
        **options: Any of `DATASETS[name].parameters`; what is not given has its default.

    Raises:
        ValueError: If the name, an option or its value does not exist, or values contradict
            each other.
        TypeError: If a value is not a number.

    Example:
        >>> load("synthetic", labels=20, rows=1000).y.shape
        (1000, 20)
    """
    check_choice("dataset", name, DATASETS)
    parameters = {parameter.name: parameter for parameter in DATASETS[name].parameters}
    values = {option: parameter.default for option, parameter in parameters.items()}
    for option, value in options.items():
        check_choice(f"option of {name}", option, parameters)
        parameters[option].check(value)
        values[option] = int(value) if parameters[option].integer else float(value)
    return DATASETS[name].function(**values)
