"""Tables whose cells are coloured by their value and can be picked: a component without arithmetic.

Python sends every cell ready made; the browser draws, moves the focus and tells what was picked.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite

from pages.ui.kit.component import component

# Viridis at ten even places (Smith and van der Walt 2015, CC0): as light as it is high, and the
# same order for colour-blind eyes.
VIRIDIS = (
    *("#440154", "#482878", "#3e4989", "#31688e", "#26828e"),
    *("#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"),
)


BLANK = dict.fromkeys(("text", "short", "label", "fill", "ink", "mark", "look"), "")


def heat_maps(
    key: str,
    tables: Mapping[str, Sequence[Sequence[dict]]],
    *,
    x: tuple[str, Sequence[str]],
    y: tuple[str, Sequence[str]],
    picked: tuple[int, int] | None,
    on_pick: Callable[[int, int], None],
    **around,
) -> None:
    """Draw tables of the same shape side by side, or below each other where it is narrow.

    Args:
        key: Their name in the session.
        tables: By title rows of cells, from below as on a chart. Of a cell may be given: `text`;
            `short`, the same where there is little room; `label`, what a screen reader says of it;
            `fill`, its colour, and `ink`, that of its text; `mark`, a sign beside the text; `look`,
            "best" (outlined), "lost" or "empty".
        x: What columns are, and the text of each.
        y: What rows are, and the text of each, from below.
        picked: Row and column of the cell whose details are shown.
        on_pick: Called before the next run with the row and the column of what was picked.
        **around: `scale`: what the colours stand for, their lowest and their highest value;
            `legend`: (mark, look, words) of each sign; `hint`: what to do.
    """
    (across, columns), (up, rows) = x, y

    def take(where: str, typed: str) -> None:
        row, dot, column = where.partition(".")
        if dot and row.isdecimal() and column.isdecimal():
            row, column = int(row), int(column)
            if row < len(rows) and column < len(columns):  # it comes from outside
                on_pick(row, column)

    def line(row: int, cells: Sequence[dict]) -> list[dict]:
        values = (
            BLANK | cell | {"kind": "value", "id": f"{row}.{place}", "on": (row, place) == picked}
            for place, cell in enumerate(cells)
        )
        return [{"kind": "head row", "look": "row", "text": rows[row]}, *values]

    feet = [{"kind": "head", "text": text} for text in columns]
    data = around | {
        "look": "heat",
        "colours": VIRIDIS,
        "tables": [
            {
                "title": title,
                "look": "many" if len(columns) > 9 else "",
                "label": f"{title}. {across}, {up}",
                "up": up,
                "across": across,
                "lines": [
                    *reversed([line(row, cells) for row, cells in enumerate(table)]),
                    [{"kind": "head", "look": "row", "text": ""}, *feet],
                ],
            }
            for title, table in tables.items()
        ],
    }
    component("kit/heat_map", data, key=key, parts=("kit/grid",), on_event=take)


def colours_of(value: float, low: float, high: float) -> tuple[str, str]:
    """The colour of a value on the scale from low to high, and black or white to write on it.

    >>> colours_of(0.0, 0.0, 1.0), colours_of(1.0, 0.0, 1.0)
    (('#440154', '#ffffff'), ('#fde725', '#000000'))
    """
    if not isfinite(value):
        return "", ""
    place = (value - low) / (high - low) if high > low else 0.5
    place = min(max(place, 0.0), 1.0) * (len(VIRIDIS) - 1)
    left = min(int(place), len(VIRIDIS) - 2)
    ends = (_channels(VIRIDIS[left]), _channels(VIRIDIS[left + 1]))
    mixed = [round(a + (b - a) * (place - left)) for a, b in zip(*ends, strict=True)]
    fill = "#" + "".join(f"{channel:02x}" for channel in mixed)
    light = luminance(fill)
    # The contrast of WCAG 2: (lighter + 0.05) / (darker + 0.05).
    return fill, "#000000" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"


def luminance(colour: str) -> float:
    """The relative luminance of an sRGB colour #rrggbb, from 0 to 1 (WCAG 2).

    >>> luminance("#000000"), round(luminance("#ffffff"), 6)
    (0.0, 1.0)
    """
    shares = (channel / 255 for channel in _channels(colour))
    linear = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return sum(weight * s for weight, s in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
