"""What all charts have in common: their theme, their specification, their marks."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from mlcore.palette import DASHES, PALETTE

DASH_LISTS = [list(dash) for dash in DASHES]  # as Vega-Lite takes them
SHAPES = ("circle", "square", "triangle-up", "diamond")  # by group, by contender


@alt.theme.register("lab", enable=False)
def theme() -> alt.theme.ThemeConfig:
    """The look of every chart: colours that colour-blind people can tell apart, thin grids."""
    return {
        "config": {
            "range": {"category": list(PALETTE), "heatmap": {"scheme": "viridis"}},
            "line": {"strokeWidth": 2.5},
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "gridOpacity": 0.4},
            "title": {"fontSize": 14, "anchor": "start"},
            "view": {"stroke": None},
        }
    }


def whole_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, data included.

    Args:
        chart: Of any kind.
    """
    with alt.theme.enable("lab"):
        return chart.to_dict()


def ready_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, without its data.

    A page that draws it again sends only new data, and the chart is never rebuilt. Its axes have
    their ends from the specification: it is drawn once before the data is there, and Vega warns of
    an axis that has none.

    Args:
        chart: Whose data is one table.
    """
    spec = whole_spec(chart)
    spec.pop("datasets", None)
    spec.pop("data", None)
    return spec


def between(ends: Sequence[float] | None) -> dict[str, object]:
    """What a scale says of its ends; nothing where it takes them from the data."""
    return {} if ends is None else {"domain": list(ends), "nice": True}


def tooltips(*rows: tuple[str, ...]) -> list[alt.Tooltip]:
    """From fields, their titles, and the formats of those that have one."""
    return [
        alt.Tooltip(field, title=title, **({"format": form[0]} if form else {}))
        for field, title, *form in rows
    ]


def diagonal(field: str, low: float, high: float, **options) -> alt.Chart:
    """A line of equal values, of the field that both axes show; options are of the axes."""
    axes = alt.X(f"{field}:Q", **options), alt.Y(f"{field}:Q", **options)
    line = alt.Chart(pd.DataFrame({field: [low, high]}))
    return line.mark_line(color="gray", strokeDash=[2, 3], strokeWidth=1.5).encode(*axes)
