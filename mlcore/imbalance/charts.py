"""Support over rank, and F1 over support: DataFrame in, Altair chart out."""

from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd

from mlcore.palette import DASHES, PALETTE

SHAPES = ("circle", "square", "triangle-up", "diamond")  # by group, by contender
PICK = "pick"  # the selection of a label; its number is in the field "number"


def rank_chart(
    labels: pd.DataFrame, *, names: Sequence[str], say: Callable[[str], str] = str
) -> alt.LayerChart:
    """True rows of each label, the most frequent first, head, middle and tail told apart.

    Args:
        labels: Columns number, label, rank (from 1), support (>= 1) and group, one of the names.
        names: The groups, in their order.
        say: Translates the chart's own words.

    Example:
        >>> row = {"number": 0, "label": "a", "rank": 1, "support": 9, "group": "head"}
        >>> rank_chart(pd.DataFrame([row]), names=["head"]).to_dict()["layer"][1]["mark"]["type"]
        'point'
    """
    pick = alt.selection_point(name=PICK, fields=["number"], on="click", empty=False)
    scale = {"domain": list(names), "range": list(PALETTE[: len(names)])}
    shapes = {"domain": list(names), "range": list(SHAPES[: len(names)])}
    ends = labels.groupby("group", sort=False)["rank"].max().sort_values()
    borders = pd.DataFrame({"rank": ends.iloc[:-1] + 0.5})
    border = alt.Chart(borders).mark_rule(color="gray", strokeDash=[2, 3]).encode(alt.X("rank:Q"))
    points = (
        alt.Chart(labels)
        .mark_point(filled=True, cursor="pointer", opacity=0.9)
        .encode(
            alt.X("rank:Q")
            .title(say("rank of the label"))
            .axis(tickMinStep=1)
            .scale(domain=[0, len(labels) + 1], nice=False),
            alt.Y("support:Q").title(say("true rows (log scale)")).scale(type="log"),
            alt.Color("group:N").title(None).scale(**scale).legend(orient="top"),
            alt.Shape("group:N").title(None).scale(**shapes).legend(orient="top"),
            size=alt.condition(pick, alt.value(220), alt.value(45)),
            tooltip=[
                alt.Tooltip("label:N", title=say("label")),
                alt.Tooltip("rank:Q", title=say("rank")),
                alt.Tooltip("support:Q", title=say("true rows"), format=","),
                alt.Tooltip("group:N", title=say("group")),
            ],
        )
        .add_params(pick)
    )
    return alt.layer(border, points).properties(height=300)


def score_chart(
    labels: pd.DataFrame,
    means: pd.DataFrame,
    *,
    names: Sequence[str],
    say: Callable[[str], str] = str,
) -> alt.LayerChart:
    """F1 of each label over its support, and the mean of each group as a line.

    Args:
        labels: Columns contender, label, support (>= 1), f1.
        means: Columns contender, group, low and high (supports the group reaches from and to),
            mean.
        names: The contenders in their order, which decides colour, shape and dashes.
        say: Translates the chart's own words.

    Example:
        >>> row = {"contender": "A", "label": "a", "support": 9, "f1": 0.3}
        >>> mean = {"contender": "A", "group": "head", "low": 9, "high": 9, "mean": 0.3}
        >>> chart = score_chart(pd.DataFrame([row]), pd.DataFrame([mean]), names=["A"])
        >>> [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]
        ['point', 'rule']
    """
    dashes = [list(dash) for dash in DASHES]
    key = {"orient": "top", "direction": "vertical", "labelLimit": 600}
    key["symbolStrokeWidth"] = 2  # that of the lines would make blots of the points
    colour = alt.Color("contender:N").title(None).scale(domain=list(names))
    points = (
        alt.Chart(labels)
        .mark_point(opacity=0.55, size=28)
        .encode(
            alt.X("support:Q").title(say("true rows of the label (log scale)")).scale(type="log"),
            alt.Y("f1:Q").title(say("F1 on test rows")).scale(domain=[0, 1]),
            colour.legend(**key),
            alt.Shape("contender:N")
            .title(None)
            .scale(domain=list(names), range=list(SHAPES))
            .legend(**key),
            tooltip=[
                alt.Tooltip("label:N", title=say("label")),
                alt.Tooltip("contender:N", title=say("contender")),
                alt.Tooltip("support:Q", title=say("true rows"), format=","),
                alt.Tooltip("f1:Q", title="F1", format=".3f"),
            ],
        )
    )
    lines = (
        alt.Chart(means)
        .mark_rule(strokeWidth=4)
        .encode(
            alt.X("low:Q"),
            alt.X2("high:Q"),
            alt.Y("mean:Q"),
            colour,
            alt.StrokeDash("contender:N").scale(domain=list(names), range=dashes).legend(None),
            tooltip=[
                alt.Tooltip("contender:N", title=say("contender")),
                alt.Tooltip("group:N", title=say("group")),
                alt.Tooltip("mean:Q", title=say("mean F1"), format=".3f"),
            ],
        )
    )
    return alt.layer(points, lines).properties(height=360)
