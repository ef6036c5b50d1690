"""Tidy tables in, Altair charts out, for pages and notebooks alike."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from mlcore.palette import DASHES, PALETTE


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


def threshold_curves(
    figures: pd.DataFrame, value: str, title: str, *, names: Sequence[str]
) -> alt.LayerChart:
    """A figure at every threshold, a line for each contender, and the threshold in use.

    Args:
        figures: Columns contender, threshold, the value, and current: the threshold in use, the
            same in every row.
        value: The column to draw.
        title: What it is, with its unit.
        names: The contenders in their order, which decides colour and dashes.

    Example:
        >>> table = pd.DataFrame({"contender": ["A"], "threshold": [0.5], "f1": [0.3]})
        >>> chart = threshold_curves(table.assign(current=0.5), "f1", "F1", names=["A"])
        >>> chart.to_dict()["layer"][1]["mark"]["type"]
        'line'
    """
    base = alt.Chart(figures)
    dashes = [list(dash) for dash in DASHES]
    rule = base.mark_rule(color="gray").encode(
        alt.X("min(current):Q").title("threshold").scale(domain=[0, 1])
    )
    line = base.mark_line().encode(
        alt.X("threshold:Q"),
        alt.Y(f"{value}:Q").title(title),
        alt.Color("contender:N").scale(domain=list(names)).legend(None),
        alt.StrokeDash("contender:N").scale(domain=list(names), range=dashes).legend(None),
        tooltip=["contender:N", "threshold:Q", alt.Tooltip(f"{value}:Q", format=".3f")],
    )
    return alt.layer(rule, line).properties(height=200)


def ready_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, without its data.

    A page that draws it again sends only new data, and the chart is never rebuilt.
    """
    with alt.theme.enable("lab"):
        spec = chart.to_dict()
    spec.pop("datasets", None)
    spec.pop("data", None)
    return spec
