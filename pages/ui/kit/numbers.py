"""How numbers and times are written. Where a fixed number of digits will do, a format does.

What is read has a minus as wide as a plus, what is typed or run has a hyphen.
"""

from math import isfinite, isnan
from string import Formatter

import numpy as np

from pages.ui.words import _

MINUS = str.maketrans("-", "−")  # as wide as a plus, and no hyphen


class _Filler(Formatter):
    def format_field(self, value: object, spec: str) -> str:
        text = super().format_field(value, spec)
        return text.translate(MINUS) if isinstance(value, int | float | np.number) else text


def filled(text: str, /, **fields: object) -> str:
    """A text with its fields filled in, as by `format`, for one where numbers may be below 0.

    >>> filled("{name}: {gain:+.3f}", name="bce-1", gain=-0.25)
    'bce-1: −0.250'
    """
    return _Filler().vformat(text, (), fields)


def told(value: float) -> str:
    """As `exact`, in what is read and not typed.

    >>> told(-1.2), told(1e-7)
    ('−1.2', '1e−07')
    """
    return exact(value).translate(MINUS)


def exact(value: float) -> str:
    """In as few characters as give the number back: 2 and not 2.0; for a field, a link or code.

    >>> exact(2.0), exact(0.1), exact(1e30)
    ('2', '0.1', '1e+30')
    """
    return repr(float(value)).removesuffix(".0")


def two(value: float) -> str:
    """Two digits behind the point, or nan.

    >>> two(2 / 3), two(float("nan"))
    ('0.67', 'nan')
    """
    return f"{value:.2f}"


def three(value: float) -> str:
    """Three digits that count.

    >>> three(0.01234), three(12345.6), three(-0.5), three(3e-7), three(float("inf"))
    ('0.0123', '12,346', '−0.500', '3.0e−7', '∞')
    """
    if value == 0 or value == float("inf"):
        return "0" if value == 0 else "∞"
    if 1e-3 <= abs(value) < 1e5:
        digits = max(0, 2 - int(f"{value:e}".rpartition("e")[2]))
        return f"{value:,.{digits}f}".translate(MINUS)
    mantissa, _e, power = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(power)}".translate(MINUS)


def four(value: float) -> str:
    """Four digits behind the point; very small and very large numbers by their power of ten.

    >>> four(0.25), four(-0.25), four(-0.0), four(3e-7), four(1e30)
    ('0.2500', '−0.2500', '0.0000', '3.0e−07', '1.0e+30')
    """
    if value and not 5e-5 <= abs(value) < 1e5:
        return f"{value:.1e}".translate(MINUS)
    return f"{value + 0.0:.4f}".translate(MINUS)


def six(value: float) -> str:
    """A loss as tutorials print it.

    >>> six(6.32187994), six(1e30)
    ('6.321880', '1e+30')
    """
    return (f"{value:.6f}" if abs(value) < 1e6 else f"{value:.4g}").translate(MINUS)


def signed(value: float) -> str:
    """With its sign; what rounding leaves of 0 is 0.

    >>> signed(0.5), signed(-0.5), signed(1e-16)
    ('+0.50000', '−0.50000', '0')
    """
    return "0" if abs(value) < 1e-12 else f"{value:+.5f}".translate(MINUS)


def total(values: np.ndarray) -> float:
    """A sum; what rounding leaves of 0 is 0.

    >>> total([0.7, -0.3, -0.4]), total([0.1, 0.2])
    (0.0, 0.3)
    """
    return round(float(np.sum(values)), 14) + 0.0


def finite(value: float, form: str) -> str:
    """In a format such as ".2f"; ∞ or, where there is none, a dash.

    >>> finite(-2 / 3, ".2f"), finite(float("inf"), ".2f"), finite(float("nan"), ".2f")
    ('−0.67', '∞', '–')
    """
    if not isfinite(value):
        return "–" if isnan(value) else "∞"
    return f"{value:{form}}".translate(MINUS)


def spread(values: list[float], digits: int = 3) -> str:
    """A mean, with half of the range where there are several.

    >>> spread([0.5, 0.7]), spread([0.5])
    ('0.600 ± 0.100', '0.500')
    """
    mean = f"{np.mean(values):.{digits}f}"
    return f"{mean} ± {np.ptp(values) / 2:.{digits}f}" if len(values) > 1 else mean


def about(seconds: float | None) -> str:
    """A time in words, as exact as it is known.

    >>> about(42.3), about(200)
    ('about 42 s', 'about 3 min')
    """
    if seconds is None or isnan(seconds):
        return _("for an unknown time")
    if seconds < 1:
        return _("less than a second")
    if seconds < 90:
        return _("about {n:.0f} s").format(n=seconds)
    return _("about {n:.0f} min").format(n=seconds / 60)
