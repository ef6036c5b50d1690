"""Words of the command line read as values: settings, lists and ranges of them, seeds."""

import re
from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np

from mlcore.checks import Parameter, check_choice, check_number
from mlcore.losses import LOSSES
from mlcore.sweeps.plan import STANDARD, check_names

# The fields of a run that are one word each; loss_params are named one by one.
DEFAULTS = {name: value for name, value in STANDARD.items() if name != "loss_params"}
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
RANGE = re.compile(r"(?P<low>.+?)\.\.(?P<high>[^:]+)(:(?P<count>\d+))?(?P<log>:log)?")
MOST_VALUES = 10_000  # in one range


def assignments(words: Iterable[str], option: str) -> dict[str, str]:
    """The texts behind the names of `name=value` words.

    >>> assignments(["gamma=3", "alpha=0.25"], "--set")
    {'gamma': '3', 'alpha': '0.25'}
    """
    texts: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not (name and equals and text):
            raise ValueError(f"{option} must be name=value, got {word!r}")
        if name in texts:
            raise ValueError(f"{option} must name each thing once, got {name} twice")
        texts[name] = text
    return texts


def read_parameters(kind: str, parameters: Sequence[Parameter], texts: dict[str, str]) -> dict:
    """The values of parameters by their names; raises for a name or value that is not there."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in texts:
        check_choice(kind, name, known or ("none, as it has no parameters",))
    return {name: read_parameter(known[name], text) for name, text in texts.items()}


def read_parameter(parameter: Parameter, text: str):
    """A word, a number, or true or false, whichever the parameter takes, checked."""
    if isinstance(parameter.default, bool):
        check_choice(parameter.name, text.lower(), TRUTHS)
        return TRUTHS[text.lower()]
    if text in parameter.choices or parameter.low is None:
        value = text
    else:
        words = f" or one of {', '.join(parameter.choices)}" if parameter.choices else ""
        value = _number(f"{parameter.name}", text, words)
        value = round(value) if parameter.integer and value == round(value) else value
    parameter.check(value)
    return value


def read_setting(name: str, text: str, losses: Iterable[str]):
    """The value of a field of `TrainConfig`, or of a parameter of the first loss that has it."""
    default = _default(name, losses)
    if isinstance(default, Parameter):
        return read_parameter(default, text)
    if isinstance(default, tuple):
        return read_widths(text)
    if isinstance(default, str):
        return text
    number = _number(name, text)
    if not isinstance(default, float):
        check_number(name, number, integer=True)
    return from_number(name, number, losses)


def from_number(name: str, number: float, losses: Iterable[str]):
    """A number of a range or a draw as the setting takes it: whole, or to 12 digits."""
    default = _default(name, losses)
    if isinstance(default, Parameter):
        if default.low is None:
            raise ValueError(
                f"{name} takes no numbers, only {', '.join(default.choices or TRUTHS)}"
            )
        whole = default.integer
    elif isinstance(default, str):
        raise ValueError(f"{name} takes no numbers, so list what to try: {name}=a,b")
    else:
        whole = not isinstance(default, float)
    if not whole:
        return float(f"{number:.12g}")  # 0.01 and not 0.010000000000000002
    return (round(number),) if isinstance(default, tuple) else round(number)


def read_widths(text: str) -> tuple[int, ...]:
    """Widths of hidden layers.

    >>> read_widths("256-128")
    (256, 128)
    """
    if not re.fullmatch(r"\d+(-\d+)*", text):
        raise ValueError(f"hidden must be widths such as 512 or 256-128, got {text!r}")
    return tuple(map(int, text.split("-")))


def read_grid(name: str, text: str, losses: Iterable[str]) -> list:
    """The values to try: a list `a,b,c`, or evenly spaced ones, `low..high:count[:log]`.

    >>> read_grid("learning_rate", "1e-3..1e-1:3:log", ["bce"])
    [0.001, 0.01, 0.1]
    """
    if ".." not in text:
        return _read_list(name, text, losses)
    low, high, count, log = _read_range(name, text)
    if count is None:
        raise ValueError(
            f"{name} must say how many values to try, as in {name}={text}:5, or be drawn by "
            f"--draws; got {text!r}"
        )
    if not 2 <= count <= MOST_VALUES:
        raise ValueError(f"{name} must be 2 to {MOST_VALUES} values, got {count}")
    space = np.geomspace if log else np.linspace
    values = [from_number(name, number, losses) for number in space(low, high, count).tolist()]
    return list(dict.fromkeys(values))  # whole numbers of a narrow range meet


def read_draw(name: str, text: str, losses: Iterable[str]) -> list | tuple:
    """What `mlcore.sweeps.draws` takes: a list to choose from, or (low, high[, "log"])."""
    if ".." not in text:
        return _read_list(name, text, losses)
    low, high, count, log = _read_range(name, text)
    if count is not None:
        raise ValueError(f"{name} must be low..high[:log] where --draws is given, got {text!r}")
    from_number(name, low, losses)
    return (low, high, "log") if log else (low, high)


def read_seeds(text: str) -> list[int]:
    """Seeds, one by one or from first to last.

    >>> read_seeds("0-2,7")
    [0, 1, 2, 7]
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if match is None:
            raise ValueError(f"seeds must be such as 3, 0-4 or 0,1,7; got {text!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + MOST_VALUES:
            raise ValueError(f"seeds must go up, by less than {MOST_VALUES}, got {part}")
        seeds += range(first, last + 1)
    return list(dict.fromkeys(seeds))


def as_text(value: object, digits: int = 4) -> str:
    """A setting as it is typed, numbers to so many digits that count.

    >>> as_text((256, 128)), as_text(0.0031622776), as_text("balanced")
    ('256-128', '0.003162', 'balanced')
    """
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _default(name: str, losses: Iterable[str]):
    """The default of a field, or the `Parameter` of a loss."""
    if name in DEFAULTS:
        return DEFAULTS[name]
    known = {
        parameter.name: parameter
        for loss in reversed(list(losses))
        for parameter in LOSSES[loss].parameters
    }
    if name not in known:
        check_names([name], losses)
    return known[name]


def _number(name: str, text: str, or_words: str = "") -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number{or_words}, got {text!r}") from None
    if not isfinite(number):
        raise ValueError(f"{name} must be finite, got {text!r}")
    return number


def _read_list(name: str, text: str, losses: Iterable[str]) -> list:
    return list(dict.fromkeys(read_setting(name, part, losses) for part in text.split(",")))


def _read_range(name: str, text: str) -> tuple[float, float, int | None, bool]:
    match = RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{name} must be a,b,c or low..high:count[:log], got {text!r}")
    low, high = _number(name, match["low"]), _number(name, match["high"])
    if not low < high < float("inf"):
        raise ValueError(f"{name} must go from low to high, got {text!r}")
    if match["log"] and low <= 0:
        raise ValueError(f"{name} must be > 0 where it is logarithmic, got {text!r}")
    return low, high, int(match["count"]) if match["count"] else None, bool(match["log"])
