"""Checks of what callers hand in. Every error names the argument, the rule and what came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real

from mlcore.lazy import np

REDUCTIONS = ("none", "mean", "sum", "batchmean")


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Raise ValueError unless value is one of the choices."""
    choices = tuple(choices)
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; got {value!r}")


def check_number(
    name: str,
    value: object,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
    integer: bool = False,
) -> None:
    """Raise TypeError unless value is a real number, ValueError unless it is finite and in range.

    Args:
        name: The argument as the caller knows it.
        value: What came.
        low: Smallest value allowed.
        high: Largest value allowed.
        above: The value must be larger than this.
        below: The value must be smaller than this.
        integer: Whether it must be a whole number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {type(value).__name__} {value!r}")
    try:
        finite = isfinite(value)
    except OverflowError:
        raise ValueError(f"{name} must be at most 1e308 in size, got more") from None
    if integer and value != int(value if finite else 0):
        raise ValueError(f"{name} must be a whole number, got {value}")
    if not finite:
        raise ValueError(f"{name} must be finite, got {value}")
    if above is not None and value <= above:
        raise ValueError(f"{name} must be > {above}, got {value}")
    if below is not None and value >= below:
        raise ValueError(f"{name} must be < {below}, got {value}")
    if low is not None and value < low:
        raise ValueError(f"{name} must be >= {low}, got {value}")
    if high is not None and value > high:
        raise ValueError(f"{name} must be <= {high}, got {value}")


def as_array(name: str, values) -> "np.ndarray":
    """Numbers of any kind as a NumPy array, without a copy where there need be none.

    Args:
        name: The argument as the caller knows it.
        values: Of any shape: NumPy, torch on any device (its bfloat16 becomes float32, as NumPy has
            none), a scipy sparse matrix or array, pandas, a number, or nested lists.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If one is missing, or lists are not equally long.

    Example:
        >>> as_array("targets", [[1, 0], [0, 1]]).shape
        (2, 2)
    """
    kind = type(values)  # a frame has columns for attributes, whatever they are called
    if is_tensor(values):
        values = _from_torch(name, values)
    elif hasattr(kind, "toarray"):
        values = values.toarray()
    elif hasattr(kind, "isna") and hasattr(kind, "to_numpy"):
        values = _from_pandas(name, values)
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must have no missing values, got masked ones")
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O" and array.ndim:
            array = np.array(array.tolist())  # numbers that were kept as Python objects
    except ValueError:
        raise ValueError(f"{name} must be a table, got rows of different lengths") from None
    if array.dtype.kind not in "biuf":
        came = type(values).__name__ if array.ndim == 0 else f"dtype {array.dtype}"
        raise TypeError(f"{name} must be numbers, got {came}")
    return array


def is_tensor(values) -> bool:
    """Whether it is torch's; asks without importing torch."""
    return hasattr(type(values), "detach")


def dense(name: str, tensor):
    """A tensor with all its entries, without its gradient, where it lies."""
    tensor = tensor.detach()
    if tensor.is_complex():
        raise TypeError(f"{name} must be numbers, got dtype {tensor.dtype}")
    return tensor if "strided" in str(tensor.layout) else tensor.to_dense()


def _from_torch(name: str, tensor):
    """A dense tensor on the CPU, of a dtype that NumPy has."""
    tensor = dense(name, tensor).cpu()
    return tensor.float() if "bfloat16" in str(tensor.dtype) else tensor


def _from_pandas(name: str, table):
    """The values of a DataFrame or Series, whose columns may be of different types."""
    missing = np.argwhere(table.isna().to_numpy())
    if len(missing):
        row, *column = missing[0]
        where = f"row {table.index[row]!r}"
        where += "".join(f", column {table.columns[place]!r}" for place in column)
        raise ValueError(f"{name} must have no missing values, got one in {where}")
    array = table.to_numpy()
    if array.dtype.kind == "O" and table.ndim == 2 and array.size:
        array = np.column_stack([column.to_numpy() for _, column in table.items()])
    return array


def check_same_shape(first_name: str, first, second_name: str, second) -> None:
    """Raise unless both are arrays or tensors of one shape (n, k) with n >= 1 and k >= 1."""
    for name, value in ((first_name, first), (second_name, second)):
        if not hasattr(value, "shape"):
            raise TypeError(
                f"{name} must be an array or tensor of shape (n_samples, n_labels), "
                f"got {type(value).__name__}"
            )
    if tuple(first.shape) != tuple(second.shape):
        raise ValueError(
            f"{first_name} and {second_name} must have the same shape, "
            f"got {tuple(first.shape)} and {tuple(second.shape)}"
        )
    if len(first.shape) != 2:
        raise ValueError(
            f"{first_name} and {second_name} must have shape (n_samples, n_labels), "
            f"got {tuple(first.shape)}"
        )
    if 0 in first.shape:
        raise ValueError(
            f"{first_name} must have at least one row and one label, got {tuple(first.shape)}"
        )


def check_range(name: str, values, low: float, high: float) -> None:
    """Raise ValueError unless every entry of an array or tensor lies in [low, high]."""
    wrong = ~((values >= low) & (values <= high))  # written so that NaN counts as wrong
    if wrong.any():
        raise ValueError(f"{name} must be in [{low:g}, {high:g}], got {values[wrong][0].item()}")


def check_probabilities(name: str, values) -> None:
    """Raise ValueError unless every entry of an array or tensor lies in [0, 1]."""
    wrong = ~((values >= 0) & (values <= 1))  # written so that NaN counts as wrong
    if wrong.any():
        wrong = values[wrong]
        advice = "" if (wrong != wrong).any() else f". {advice_on(wrong)}"
        raise ValueError(f"{name} must be in [0, 1], got {wrong[0].item()}{advice}")


def advice_on(wrong, *, otherwise: str = "If they are logits, take their sigmoid first") -> str:
    """What a caller can do about probabilities outside [0, 1].

    Args:
        wrong: All of them, at least one, an array or tensor.
        otherwise: The advice where it is more than rounding.
    """
    dtype = str(wrong.dtype)
    rounding = 1e-2 if dtype.endswith("float16") else 1e-5  # what a sum of hundreds can be off
    if ((wrong >= -rounding) & (wrong <= 1 + rounding)).all():
        return "That is rounding: clip them, as by .clip(0, 1)"
    return otherwise


def check_finite(name: str, values) -> None:
    """Raise ValueError if an array or tensor has a NaN or an infinity in it."""
    wrong = (values != values) | (abs(values) == float("inf"))
    if wrong.any():
        raise ValueError(f"{name} must be finite, got {values[wrong][0].item()}")


def check_binary(name: str, values, advice: str = "") -> None:
    """Raise ValueError, with advice if any, unless every entry of an array or tensor is 0 or 1."""
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        advice = advice and f". {advice}"
        raise ValueError(f"{name} must be 0 or 1, got {values[wrong][0].item()}{advice}")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A setting that a person may change: what it is called, what it may be, what it does.

    Attributes:
        name: The keyword argument it stands for.
        title: Its name on screen.
        default: The value it has when nobody changed it.
        help: One sentence on its effect.
        range: Smallest and largest number allowed, whole ones where a number must be whole; None
            where only the choices are.
        step: What one notch of a slider adds; whole numbers take 1 for less.
        choices: Words allowed, beside the numbers or instead of them.
        log: Whether a slider should be logarithmic.
    """

    name: str
    title: str
    default: float | int | str | bool
    help: str
    range: tuple[float, float] | None = None
    step: float = 0.01
    choices: tuple[str, ...] = ()
    log: bool = False

    @property
    def low(self) -> float | None:
        """Smallest number allowed; None where only the choices are."""
        return self.range and self.range[0]

    @property
    def high(self) -> float | None:
        """Largest number allowed; None where only the choices are."""
        return self.range and self.range[1]

    @property
    def integer(self) -> bool:
        """Whether a number must be whole."""
        return isinstance(self.low, int)

    def check(self, value: object) -> None:
        """Raise ValueError or TypeError unless value is allowed here."""
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise TypeError(f"{self.name} must be True or False, got {value!r}")
        elif self.range is None or (isinstance(value, str) and self.choices):
            check_choice(self.name, value, self.choices)
        else:
            check_number(self.name, value, low=self.low, high=self.high, integer=self.integer)


def check_parameters(
    kind: str, parameters: Iterable[Parameter], given: Mapping[str, object]
) -> dict[str, object]:
    """Raise ValueError or TypeError unless these are names and values of some parameters.

    Args:
        kind: What the parameters are, as in "parameter of focal".
        parameters: All that there are.
        given: Values by name, for any of them.

    Returns:
        The value of each parameter: as given, else its default.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name, value in given.items():
        check_choice(kind, name, known or ("none, as it has no parameters",))
        known[name].check(value)
    return {name: parameter.default for name, parameter in known.items()} | dict(given)
