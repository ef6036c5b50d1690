"""Curves over thresholds, epochs and probabilities."""

from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd

from mlcore.charts.looks import DASH_LISTS, between, diagonal, tooltips


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
        value: The column to draw, in [0, 1].
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
    rule = base.mark_rule(color="gray").encode(
        alt.X("min(current):Q").title(say("threshold")).scale(domain=[0, 1])
    )
    line = base.mark_line().encode(
        alt.X("threshold:Q"),
        alt.Y(f"{value}:Q").title(title).scale(domain=[0, 1]),
        alt.Color("contender:N").scale(domain=list(names)).legend(None),
        alt.StrokeDash("contender:N").scale(domain=list(names), range=DASH_LISTS).legend(None),
        tooltip=tooltips(
            ("contender:N", say("contender")),
            ("threshold:Q", say("threshold")),
            (f"{value}:Q", title, ".3f"),
        ),
    )
    return alt.layer(rule, line).properties(height=200)


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
    equal = diagonal("probability", 1e-3 if log else 0.0, 1.0, scale=scale)
    line = base.mark_line(point={"size": 60}).encode(
        alt.X("probability:Q").title(say("mean probability in the bin")).scale(scale),
        alt.Y("true_share:Q").title(say("share of true cells")).scale(scale),
        alt.Color("scores:N").title(None).legend(orient="top"),
        alt.StrokeDash("scores:N").title(None).legend(orient="top"),
        alt.Shape("scores:N").title(None).legend(orient="top"),
        tooltip=tooltips(
            ("scores:N", say("scores")),
            ("probability:Q", say("probability"), ".4f"),
            ("true_share:Q", say("share of true cells"), ".4f"),
            ("count:Q", say("cells"), ","),
        ),
    )
    return alt.layer(equal, line).properties(height=320)


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
    equal = diagonal("half_f1", 0.0, 0.5)
    names = alt.Color("counts:N").title(None).legend(orient="top")
    base = alt.Chart(points).encode(
        alt.X("half_f1:Q")
        .title(say("half of the best F1"))
        .scale(domain=[0, 0.5], padding=0),  # or bars widen it
        tooltip=tooltips(
            ("label:N", say("label")),
            ("counts:N", say("counted with")),
            ("half_f1:Q", say("half of the best F1"), ".4f"),
            ("lowest:Q", say("lowest best threshold"), ".4f"),
            ("highest:Q", say("highest best threshold"), ".4f"),
        ),
    )
    span = base.mark_bar(width=3).encode(
        alt.Y("lowest:Q").title(say("thresholds with the best F1")), alt.Y2("highest:Q"), names
    )
    end = base.mark_point(filled=True, size=35).encode(
        alt.Y("highest:Q"), names, alt.Shape("counts:N").title(None).legend(orient="top")
    )
    return alt.layer(equal, span, end).properties(height=320)


def curves_over_epochs(
    table: pd.DataFrame,
    title: str,
    *,
    epochs: Sequence[float] | None = None,
    ends: Sequence[float] | None = None,
    log: bool = False,
    say: Callable[[str], str] = str,
) -> alt.Chart:
    """Lines over the epochs, one for each curve and seed; colour and dash tell curves apart.

    Args:
        table: Columns epoch, seed, curve (its name) and value.
        title: What the values are, with their unit.
        epochs: The first and the last, where the data comes later.
        ends: The lowest and the highest value, where the data comes later.
        log: Whether the values stand on a logarithmic axis.
        say: Translates the chart's own words.

    Example:
        >>> row = {"epoch": 0, "seed": 0, "curve": "training", "value": 0.7}
        >>> chart = curves_over_epochs(pd.DataFrame([row]), "loss")
        >>> chart.to_dict()["encoding"]["detail"]["field"]
        'seed'
    """
    scale = between(ends)
    scale |= {"type": "log", "nice": False} if log else {"zero": False}
    return _curves(
        alt.Chart(table),
        alt.X("epoch:Q").title(say("epoch")).axis(tickMinStep=1).scale(**between(epochs)),
        alt.Y("value:Q").title(title).scale(**scale),
        say,
        ("epoch:Q", say("epoch")),
        ("value:Q", title, ".4f"),
    ).properties(height=280)


def curves_over_thresholds(
    table: pd.DataFrame,
    title: str,
    *,
    ends: Sequence[float] | None = None,
    say: Callable[[str], str] = str,
) -> alt.LayerChart:
    """A figure over the threshold, for each part of the rows and each seed.

    Args:
        table: Columns threshold, seed, curve (which rows) and value; and `mark`: 0.5 or a tuned
            threshold where one is to be marked with a vertical line, else nan, with `marked`: its
            name.
        title: What the figure is.
        ends: Its lowest and its highest value, where the data comes later.
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
    line = _curves(
        base,
        alt.X("threshold:Q").title(say("threshold")).scale(domain=[0, 1]),
        alt.Y("value:Q").title(title).scale(**between(ends)),
        say,
        ("threshold:Q", say("threshold"), ".2f"),
        ("value:Q", title, ".4f"),
    )
    return alt.layer(rule, line, name).properties(height=280)


def _curves(base: alt.Chart, x: alt.X, y: alt.Y, say: Callable, *rows: tuple) -> alt.Chart:
    """A line for each curve and seed; colour and dash by curve, one key above the chart."""
    curve = alt.StrokeDash("curve:N").sort(None).title(None).scale(range=DASH_LISTS)
    return base.mark_line(opacity=0.85, strokeWidth=2).encode(
        x,
        y,
        alt.Color("curve:N").sort(None).title(None).legend(orient="top"),
        curve.legend(orient="top"),
        detail=alt.Detail("seed:N"),
        tooltip=tooltips(("curve:N", say("curve")), ("seed:N", say("seed")), *rows),
    )
