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


def curves(
    history: pd.DataFrame,
    value: str,
    title: str,
    *,
    names: Sequence[str],
    steps: int,
    log_steps: bool = True,
    log_value: bool = False,
    faint: str | None = None,
    reference: str | None = None,
) -> alt.LayerChart:
    """One figure over the steps of a race, a line for each contender.

    Args:
        history: From `mlcore.training.history_frame`.
        value: The column to draw.
        title: What it is and its unit.
        names: The contenders in their order, which decides colour and dashes.
        steps: Steps in the whole race, so that the axis stands still while lines grow.
        log_steps: Whether the steps are on a logarithmic axis, which starts at step 1.
        log_value: Whether the values are.
        faint: A second column, drawn thin behind the first.
        reference: A column with one value for all, drawn as a grey line.
    """
    if log_steps:
        ticks = [digit * 10**power for power in range(8) for digit in (1, 2, 5)]
        x = alt.X("step:Q").scale(type="log", domain=[1, max(steps, 2)])
        x = x.axis(values=[tick for tick in ticks if tick <= steps], format="~s")
    else:
        x = alt.X("step:Q").scale(domain=[0, steps]).axis(format="~s")
    y = alt.Y(f"{value}:Q").title(None).scale(type="log" if log_value else "linear")
    line = (
        alt.Chart(history)
        .mark_line(clip=True)
        .encode(
            x.title("step"),
            y,
            alt.Color("contender:N").scale(domain=list(names)).legend(None),
            alt.StrokeDash("contender:N").scale(domain=list(names), range=DASHES).legend(None),
            tooltip=["contender:N", "step:Q", alt.Tooltip(f"{value}:Q", format=".4g")],
        )
    )
    layers = [line]
    if faint:
        layers.insert(
            0, line.mark_line(clip=True, strokeWidth=1, opacity=0.5).encode(y=f"{faint}:Q")
        )
    if reference:
        rule = alt.Chart(history).mark_rule(color="gray", strokeDash=[2, 2])
        layers.insert(0, rule.encode(alt.Y(f"max({reference}):Q")))
    return alt.layer(*layers).properties(title=title, height=190)


def ready_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, without its data.

    A page that draws it again and again sends only new data, and the chart is never rebuilt.
    """
    with alt.theme.enable("lab"):
        spec = chart.to_dict()
    spec.pop("datasets", None)
    spec.pop("data", None)
    return spec
