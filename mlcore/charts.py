"""Tidy tables in, Altair charts out, for pages and notebooks alike.

Where a chart has words of its own it takes `say`, which translates them.
"""

from collections.abc import Callable, Sequence

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
    figures: pd.DataFrame,
    value: str,
    title: str,
    *,
    names: Sequence[str],
    say: Callable[[str], str] = str,
) -> alt.LayerChart:
    """A figure at every threshold, a line for each contender, and the threshold in use.

    Args:
        figures: Columns contender, threshold, the value, and current: the threshold in use, the
            same in every row.
        value: The column to draw.
        title: What it is, with its unit.
        names: The contenders in their order, which decides colour and dashes.
        say: Translates the chart's own words.

    Example:
        >>> table = pd.DataFrame({"contender": ["A"], "threshold": [0.5], "f1": [0.3]})
        >>> chart = threshold_curves(table.assign(current=0.5), "f1", "F1", names=["A"])
        >>> chart.to_dict()["layer"][1]["mark"]["type"]
        'line'
    """
    base = alt.Chart(figures)
    dashes = [list(dash) for dash in DASHES]
    rule = base.mark_rule(color="gray").encode(
        alt.X("min(current):Q").title(say("threshold")).scale(domain=[0, 1])
    )
    line = base.mark_line().encode(
        alt.X("threshold:Q"),
        alt.Y(f"{value}:Q").title(title),
        alt.Color("contender:N").scale(domain=list(names)).legend(None),
        alt.StrokeDash("contender:N").scale(domain=list(names), range=dashes).legend(None),
        tooltip=[
            alt.Tooltip("contender:N", title=say("contender")),
            alt.Tooltip("threshold:Q", title=say("threshold")),
            alt.Tooltip(f"{value}:Q", title=title, format=".3f"),
        ],
    )
    return alt.layer(rule, line).properties(height=200)


def whole_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, data included."""
    with alt.theme.enable("lab"):
        return chart.to_dict()


def ready_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, without its data.

    A page that draws it again sends only new data, and the chart is never rebuilt.
    """
    spec = whole_spec(chart)
    spec.pop("datasets", None)
    spec.pop("data", None)
    return spec


def reliability_diagram(
    points: pd.DataFrame, *, log: bool = False, say: Callable[[str], str] = str
) -> alt.LayerChart:
    """Share of true cells over the probability that was said, against the diagonal.

    Args:
        points: Columns scores (what they are), probability, true_share (in [0, 1]) and count.
        log: Whether both axes are logarithmic; points at 0 are then left out.
        say: Translates the chart's own words.

    Example:
        >>> row = {"scores": "as they are", "probability": 0.2, "true_share": 0.1, "count": 9}
        >>> reliability_diagram(pd.DataFrame([row])).to_dict()["layer"][1]["mark"]["type"]
        'line'
    """
    scale = alt.Scale(type="log", domain=[1e-3, 1], clamp=True) if log else alt.Scale(domain=[0, 1])
    base = alt.Chart(points)
    if log:
        base = base.transform_filter("datum.true_share > 0 && datum.probability > 0")
    ends = pd.DataFrame({"probability": [1e-3 if log else 0.0, 1.0]})
    diagonal = (
        alt.Chart(ends)
        .mark_line(color="gray", strokeDash=[2, 3], strokeWidth=1.5)
        .encode(alt.X("probability:Q").scale(scale), alt.Y("probability:Q").scale(scale))
    )
    line = base.mark_line(point={"size": 60}).encode(
        alt.X("probability:Q").title(say("mean probability in the bin")).scale(scale),
        alt.Y("true_share:Q").title(say("share of true cells")).scale(scale),
        alt.Color("scores:N").title(None).legend(orient="top"),
        alt.StrokeDash("scores:N").title(None).legend(orient="top"),
        alt.Shape("scores:N").title(None).legend(orient="top"),
        tooltip=[
            alt.Tooltip("scores:N", title=say("scores")),
            alt.Tooltip("probability:Q", title=say("probability"), format=".4f"),
            alt.Tooltip("true_share:Q", title=say("share of true cells"), format=".4f"),
            alt.Tooltip("count:Q", title=say("cells"), format=","),
        ],
    )
    return alt.layer(diagonal, line).properties(height=320)


def half_f1_chart(points: pd.DataFrame, *, say: Callable[[str], str] = str) -> alt.LayerChart:
    """For each label the thresholds with its best F1, over half of that F1.

    Args:
        points: Columns label, half_f1, lowest and highest (the ends of the best thresholds), all
            in [0, 1], and counts: what F1 was counted with.
        say: Translates the chart's own words.

    Example:
        >>> row = {"label": "a", "half_f1": 0.3, "lowest": 0.29, "highest": 0.31, "counts": "true"}
        >>> half_f1_chart(pd.DataFrame([row])).to_dict()["layer"][1]["mark"]["type"]
        'bar'
    """
    diagonal = (
        alt.Chart(pd.DataFrame({"half_f1": [0.0, 0.5]}))
        .mark_line(color="gray", strokeDash=[2, 3], strokeWidth=1.5)
        .encode(alt.X("half_f1:Q"), alt.Y("half_f1:Q"))
    )
    names = alt.Color("counts:N").title(None).legend(orient="top")
    base = alt.Chart(points).encode(
        alt.X("half_f1:Q").title(say("half of the best F1")).scale(domain=[0, 0.5]),
        tooltip=[
            alt.Tooltip("label:N", title=say("label")),
            alt.Tooltip("counts:N", title=say("counted with")),
            alt.Tooltip("half_f1:Q", title=say("half of the best F1"), format=".4f"),
            alt.Tooltip("lowest:Q", title=say("lowest best threshold"), format=".4f"),
            alt.Tooltip("highest:Q", title=say("highest best threshold"), format=".4f"),
        ],
    )
    span = base.mark_bar(width=3).encode(
        alt.Y("lowest:Q").title(say("thresholds with the best F1")), alt.Y2("highest:Q"), names
    )
    end = base.mark_point(filled=True, size=35).encode(
        alt.Y("highest:Q"), names, alt.Shape("counts:N").title(None).legend(orient="top")
    )
    return alt.layer(diagonal, span, end).properties(height=320)
