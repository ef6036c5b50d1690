"""Charts of labels, a mark for each, and of shares."""

from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd

from mlcore.charts.looks import DASH_LISTS, SHAPES, tooltips
from mlcore.palette import PALETTE

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
            tooltip=tooltips(
                ("label:N", say("label")),
                ("rank:Q", say("rank")),
                ("support:Q", say("true rows"), ","),
                ("group:N", say("group")),
            ),
        )
        .add_params(pick)
    )
    return alt.layer(border, points).properties(height=300)


def score_chart(
    scores: pd.DataFrame,
    *,
    names: Sequence[str],
    say: Callable[[str], str] = str,
) -> alt.LayerChart:
    """F1 of each label over its support, and the mean of each group as a line.

    Args:
        scores: Rows of labels with columns contender, label, support (>= 1) and f1, and rows of
            groups with contender, group, low and high (supports it reaches from and to) and mean.
        names: The contenders in their order, which decides colour, shape and dashes.
        say: Translates the chart's own words.

    Example:
        >>> row = {"contender": "A", "label": "a", "support": 9, "f1": 0.3}
        >>> mean = {"contender": "A", "group": "head", "low": 9, "high": 9, "mean": 0.3}
        >>> chart = score_chart(pd.DataFrame([row, mean]), names=["A"])
        >>> [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]
        ['point', 'rule']
    """
    key = {"orient": "top", "direction": "vertical", "labelLimit": 600}
    key["symbolStrokeWidth"] = 2  # that of the lines would make blots of the points
    domain = list(names)
    colour = alt.Color("contender:N").title(None).scale(domain=domain)
    shape = alt.Shape("contender:N").title(None).scale(domain=domain, range=list(SHAPES))
    ends = [float(scores["support"].min()), float(scores["support"].max())]
    points = (
        alt.Chart(scores)
        .transform_filter("isValid(datum.f1)")
        .mark_point(opacity=0.55, size=28)
        .encode(
            alt.X("support:Q")
            .title(say("true rows of the label (log scale)"))
            .scale(type="log", domain=ends, nice=True),
            alt.Y("f1:Q").title(say("F1 on test rows")).scale(domain=[0, 1]),
            colour.legend(**key),
            shape.legend(**key),
            tooltip=tooltips(
                ("label:N", say("label")),
                ("contender:N", say("contender")),
                ("support:Q", say("true rows"), ","),
                ("f1:Q", "F1", ".3f"),
            ),
        )
    )
    lines = (
        alt.Chart(scores)
        .transform_filter("isValid(datum.mean)")
        .mark_rule(strokeWidth=4)
        .encode(
            alt.X("low:Q"),
            alt.X2("high:Q"),
            alt.Y("mean:Q"),
            colour,
            alt.StrokeDash("contender:N").scale(domain=domain, range=DASH_LISTS).legend(None),
            tooltip=tooltips(
                ("contender:N", say("contender")),
                ("group:N", say("group")),
                ("mean:Q", say("mean F1"), ".3f"),
            ),
        )
    )
    layers = alt.layer(points, lines).resolve_legend(strokeDash="independent")
    return layers.properties(height=360)


def share_chart(shares: pd.DataFrame, *, say: Callable[[str], str] = str) -> alt.Chart:
    """The share of answers that was right, a bar for each confidence, in the order of the rows.

    Args:
        shares: Columns answers (what the bar is called, with its count) and share (in [0, 1]).
        say: Translates the chart's own words.

    Example:
        >>> row = {"answers": "sure: 6 of 8", "share": 0.75}
        >>> share_chart(pd.DataFrame([row])).to_dict()["mark"]["type"]
        'bar'
    """
    title = say("share of your answers that was right")
    return (
        alt.Chart(shares)
        .mark_bar(height=18)
        .encode(
            alt.X("share:Q").title(title).scale(domain=[0, 1]).axis(format=".0%"),
            alt.Y("answers:N").title(None).sort(None).axis(labelLimit=300, labelOverlap=False),
            tooltip=tooltips(("answers:N", say("How sure are you?")), ("share:Q", title, ".0%")),
        )
        .properties(height=60 + 40 * len(shares))
    )
