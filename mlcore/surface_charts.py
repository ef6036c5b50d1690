"""What happened in one cell of a sweep, as Altair charts: tidy tables in, charts out."""

from collections.abc import Callable

import altair as alt
import pandas as pd

from mlcore.palette import DASHES, PALETTE


def curves_over_epochs(
    table: pd.DataFrame, title: str, *, log: bool = False, say: Callable[[str], str] = str
) -> alt.Chart:
    """Lines over the epochs, one for each curve and seed; colour and dash tell curves apart.

    Args:
        table: Columns epoch, seed, curve (its name) and value.
        title: What the values are, with their unit.
        log: Whether the values stand on a logarithmic axis.
        say: Translates the chart's own words.

    Example:
        >>> row = {"epoch": 0, "seed": 0, "curve": "training", "value": 0.7}
        >>> chart = curves_over_epochs(pd.DataFrame([row]), "loss")
        >>> chart.to_dict()["encoding"]["detail"]["field"]
        'seed'
    """
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False)
    return (
        alt.Chart(table)
        .mark_line(opacity=0.85, strokeWidth=2)
        .encode(
            alt.X("epoch:Q").title(say("epoch")).axis(tickMinStep=1),
            alt.Y("value:Q").title(title).scale(scale),
            **_names("curve"),
            detail=alt.Detail("seed:N"),
            tooltip=[
                alt.Tooltip("curve:N", title=say("curve")),
                alt.Tooltip("seed:N", title=say("seed")),
                alt.Tooltip("epoch:Q", title=say("epoch")),
                alt.Tooltip("value:Q", title=title, format=".4f"),
            ],
        )
        .properties(height=280)
    )


def curves_over_thresholds(
    table: pd.DataFrame, title: str, *, say: Callable[[str], str] = str
) -> alt.LayerChart:
    """A figure over the threshold, for each part of the rows and each seed.

    Args:
        table: Columns threshold, seed, curve (which rows) and value; and `mark`: 0.5 or a tuned
            threshold where one is to be marked with a vertical line, else nan, with `marked`: its
            name.
        title: What the figure is.
        say: Translates the chart's own words.

    Example:
        >>> row = {"threshold": 0.5, "seed": 0, "curve": "test", "value": 0.7, "mark": 0.5}
        >>> chart = curves_over_thresholds(pd.DataFrame([row | {"marked": "0.5"}]), "F1")
        >>> [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]
        ['rule', 'line', 'text']
    """
    base = alt.Chart(table)
    marks = base.transform_filter("isValid(datum.mark) && isFinite(datum.mark)")
    rule = marks.mark_rule(color="gray", strokeDash=[4, 3]).encode(alt.X("mark:Q"))
    name = marks.mark_text(baseline="bottom", color="gray").encode(
        alt.X("mark:Q"),
        alt.Text("marked:N"),
        y=alt.value(-2),  # above the curves
    )
    line = base.mark_line(opacity=0.85, strokeWidth=2).encode(
        alt.X("threshold:Q").title(say("threshold")).scale(domain=[0, 1]),
        alt.Y("value:Q").title(title),
        **_names("curve"),
        detail=alt.Detail("seed:N"),
        tooltip=[
            alt.Tooltip("curve:N", title=say("curve")),
            alt.Tooltip("seed:N", title=say("seed")),
            alt.Tooltip("threshold:Q", title=say("threshold"), format=".2f"),
            alt.Tooltip("value:Q", title=title, format=".4f"),
        ],
    )
    return alt.layer(rule, line, name).properties(height=280)


def _names(field: str) -> dict[str, object]:
    """Colour and dash by name, in the order of the table, with one key above the chart."""
    count = len(PALETTE)
    dashes = [list(dash) for dash in DASHES[:count]]
    return {
        "color": alt.Color(f"{field}:N").sort(None).title(None).legend(orient="top"),
        "strokeDash": alt.StrokeDash(f"{field}:N")
        .sort(None)
        .title(None)
        .scale(range=dashes)
        .legend(orient="top"),
    }
