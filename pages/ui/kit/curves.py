"""Curves over the threshold, with a cursor that the browser moves by itself."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from pages.ui.kit.component import component
from pages.ui.kit.plot import PARTS, load_uplot
from pages.ui.words import _

HTML = '<div class="sweep"></div>'


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
        points: Its figures, where it does not stand over the thresholds.
    """

    column: str | None = None
    name: str = ""
    colour: str
    dash: Sequence[float] = ()
    width: float = 2.5
    alpha: float = 1.0
    fill: bool = False
    points: Sequence[float] | None = None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One small chart.

    Attributes:
        title: What it shows, with its unit.
        lines: Its curves.
        kind: "over" the threshold, a "path" of one figure along another, or "bars".
        along: The figure to the right of a path.
        across: What the horizontal axis is; the threshold unless it says something else.
        x: Where the points of bars begin.
        scale: "linear", or "asinh": linear near 0, logarithmic far from it.
        summary: What a screen reader says of it.
    """

    title: str
    lines: Sequence[Curve]
    kind: str = "over"
    along: str | None = None
    across: str = ""
    x: Sequence[float] | None = None
    scale: str = "linear"
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
        figures: By name what there is at each of t evenly spaced thresholds from 0 to 1, (t,).
        panels: The charts.
        rows: The table's lines.
        heads: What stands above the table's columns.
        signed: The column whose numbers are written with their sign, + too.
        caption: Above the names; {threshold} becomes the threshold.
    """

    figures: Mapping[str, np.ndarray] = field(repr=False)
    panels: Sequence[Panel]
    rows: Sequence[Row]
    heads: Sequence[str]
    signed: int
    caption: str


def sweep_chart(chart: SweepChart, *, key: str, log: bool = False) -> None:
    """Draw it, with its cursor where the `drag_slider` of that key stands.

    Args:
        chart: What to draw.
        key: Of the slider.
        log: Whether the threshold's axis is logarithmic.
    """
    place = {name: number for number, name in enumerate(chart.figures)}
    place[None] = None
    table = np.stack(list(chart.figures.values())).astype("<f4")
    panels = [
        asdict(panel)
        | {
            "along": place[panel.along],
            "across": panel.across or _("threshold"),
            "alt": f"{panel.title}. {panel.summary}" if panel.summary else panel.title,
            "lines": [asdict(line) | {"column": place[line.column]} for line in panel.lines],
        }
        for panel in chart.panels
    ]
    rows = [
        {"name": row.name, "columns": [place[name] for name in row.columns], "digits": row.digits}
        for row in chart.rows
    ]
    data = {
        "key": key,
        "log": log,
        "size": table.shape[1],
        "columns": base64.b64encode(table.tobytes()).decode(),
        "panels": panels,
        "rows": rows,
        "heads": list(chart.heads),
        "signed": chart.signed,
        "caption": chart.caption,
    }
    component("kit/curves", HTML, *PARTS)(data=data, key=f"{key} chart")
    load_uplot(f"{key} uplot")
