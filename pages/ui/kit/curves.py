"""Curves under a cursor that the browser moves by itself, with the figures at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pages.ui.kit.component import PLOT, component, pack_floats
from pages.ui.words import _


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a panel.

    Attributes:
        column: The name of its figures.
        name: What the key calls it; nothing for a line that needs none.
        colour: Of the line, as #rrggbb.
        dash: Lengths of strokes and gaps.
        width: In pixels.
        alpha: Opacity, 0 to 1.
        fill: Whether the ground below is tinted.
        points: Its figures where its panel has an axis of its own, (x,), or (t, x) with others for
            each place of the cursor.
    """

    column: str | None = None
    name: str = ""
    colour: str
    dash: Sequence[float] = ()
    width: float = 2.5
    alpha: float = 1.0
    fill: bool = False
    points: Sequence[float] | np.ndarray = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One small chart.

    Attributes:
        title: What it shows, with its unit.
        lines: Its curves.
        kind: "over" the cursor's axis; a "path" of one figure along another; "bars"; or a "profile"
            over an axis of its own, from 0 to 1, that the cursor changes.
        along: The figure to the right of a path, or where the mark of a profile stands.
        mark: The name of that mark.
        across: What the horizontal axis is; the threshold unless it says something else.
        x: Where points stand, and bars begin.
        scale: "linear", or "asinh": linear near 0, logarithmic far from it.
        bend: Where "asinh" goes from the one to the other, > 0; its first tick above 0.
        top: Where the vertical axis ends, if not where its figures do.
        tall: Whether it takes two fifths of the window's height, where it is wide enough.
        summary: What a screen reader says of it.
    """

    title: str
    lines: Sequence[Curve]
    kind: str = "over"
    along: str | None = None
    mark: str = ""
    across: str = ""
    x: Sequence[float] | None = None
    scale: str = "linear"
    bend: float = 1.0
    top: float | None = None
    tall: bool = False
    summary: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table at the cursor: its name, a figure below each head, and digits."""

    name: str
    columns: Sequence[str | None]
    digits: int = 3


@dataclass(frozen=True, kw_only=True)
class SweepChart:
    """All that the browser holds.

    Attributes:
        figures: By name what there is at each of t evenly spaced places of the cursor, (t,).
        panels: The charts.
        rows: The table's lines.
        heads: What stands above the table's columns. Without any, rows are fields of the caption.
        signed: The column whose numbers are written with their sign, + too.
        caption: Above the names; {threshold} becomes the cursor's. Without heads a sentence, in
            which {value} is the cursor's.
        ends: Of the cursor's axis.
    """

    figures: Mapping[str, np.ndarray] = field(repr=False)
    panels: Sequence[Panel]
    rows: Sequence[Row]
    heads: Sequence[str] = ()
    signed: int | None = None
    caption: str
    ends: tuple[float, float] = (0.0, 1.0)


def instead_of_cursor(
    figures: Mapping[str, float], *, caption: str, is_cut: bool
) -> dict[str, object]:
    """What a table shows of decisions that are not the cursor's, for `drag_slider`.

    It is shown until the cursor is moved.

    Args:
        figures: A number for each of the chart's `figures`, in their order.
        caption: Above the names.
        is_cut: Whether they are those of one threshold, at which the cursor stands; else its marks
            are faint.
    """
    return {"figures": pack_floats([*figures.values()]), "caption": caption, "isCut": is_cut}


def sweep_chart(chart: SweepChart, *, key: str, name: str = "chart", log: bool = False) -> None:
    """Draw it, with its cursor where the `drag_slider` of that key stands.

    Args:
        chart: What to draw.
        key: Of the slider.
        name: What tells it from others that follow the same slider.
        log: Whether the cursor's axis is logarithmic; it must begin at 0.
    """
    place = {name: number for number, name in enumerate(chart.figures)} | {None: None}
    table = np.stack(list(chart.figures.values()))
    panels = [
        vars(panel)
        | {
            "along": place[panel.along],
            "across": panel.across or _("threshold"),
            "lines": [
                vars(line) | {"column": place[line.column], "points": pack_floats(line.points)}
                for line in panel.lines
            ],
        }
        for panel in chart.panels
    ]
    rows = [vars(row) | {"columns": [place[name] for name in row.columns]} for row in chart.rows]
    data = vars(chart) | {"key": key, "log": log, "size": table.shape[1], "panels": panels}
    del data["figures"]
    data |= {"rows": rows, "columns": pack_floats(table)}
    component("kit/curves", data, key=f"{key} {name}", parts=PLOT)
