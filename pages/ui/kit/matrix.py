"""The matrix of all pairs of labels as a picture: a component that draws values, computes none."""

import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pages.ui.kit.component import component
from pages.ui.kit.heat_map import colours_of

# Of the scale from 0 to 1 without its first shades, which would drown in a dark page.
COLOURS = [colours_of(share, 0, 1)[0] for share in np.linspace(2 / 9, 1, 256)]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Values of all pairs, ready to be drawn.

    Attributes:
        packed: float32, little-endian, row after row, deflated, as base64. NaN is not drawn.
        names: Of the rows, which are those of the columns too.
        low: Value of the first colour; of 0 and below nothing is drawn.
        high: Value of the last colour.
        log: Whether colours are spread logarithmically.
        digits: After the point.
    """

    packed: str
    names: Sequence[str]
    low: float
    high: float
    log: bool
    digits: int


def pack(
    values: np.ndarray, names: Sequence[str], *, log: bool = False, digits: int = 3
) -> Picture:
    """A table of values (k, k) as a picture; its diagonal is left blank."""
    shown = np.array(values, np.float32)
    np.fill_diagonal(shown, np.nan)
    drawn = shown[shown > 0]
    low = float(drawn.min()) if log and len(drawn) else 0.0
    return Picture(
        packed=b64encode(zlib.compress(shown.astype("<f4").tobytes(), 6)).decode(),
        names=list(names),
        low=low,
        high=float(drawn.max()) if len(drawn) else 1.0,
        log=log,
        digits=digits,
    )


def matrix(
    key: str,
    picture: Picture,
    words: Mapping[str, str],
    *,
    picked: int | None,
    on_pick: Callable[[int], None],
) -> None:
    """Draw the picture; a click on a row, or Enter, picks that row's label.

    Args:
        key: Its name in the session.
        picture: What is drawn.
        words: `label`: what a screen reader calls it; `readout`: what is said of the pair under the
            pointer, with {a}, {b} and {value}; `never`: of a pair that never comes together;
            `itself`: of a label and itself; `hint`: what to do, while there is no pointer; `scale`:
            what the colours stand for.
        picked: The row of the label that is marked.
        on_pick: Called before the next run with the row that was picked.
    """

    def take(row: str, typed: str) -> None:
        if row.isdecimal() and int(row) < len(picture.names):  # it comes from outside
            on_pick(int(row))

    data = {**vars(picture), **words, "colours": COLOURS, "picked": picked}
    component("kit/matrix", data, key=key, on_event=take)
