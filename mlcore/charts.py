"""Tidy tables in, Altair charts out, for pages and notebooks alike.

Where a chart has words of its own it takes `say`, which translates them.
"""

from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd

from mlcore.palette import DASHES, PALETTE

DASH_LISTS = [list(dash) for dash in DASHES]  # as Vega-Lite takes them
SHAPES = ("circle", "square", "triangle-up", "diamond")  # by group, by contender
PICK = "pick"  # the selection of a label; its number is in the field "number"


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
    """The chart as a Vega-Lite specification in the lab's theme, data included."""
    with alt.theme.enable("lab"):
        return chart.to_dict()


def ready_spec(chart: alt.TopLevelMixin) -> dict:
    """The chart as a Vega-Lite specification in the lab's theme, without its data.

    A page that draws it again sends only new data, and the chart is never rebuilt. Its axes have
    their ends from the specification: it is drawn once before the data is there, and Vega warns of
    an axis that has none.
    """
    spec = whole_spec(chart)
    spec.pop("datasets", None)
    spec.pop("data", None)
    return spec


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
        tooltip=_tooltips(
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
    diagonal = _diagonal("probability", 1e-3 if log else 0.0, 1.0, scale=scale)
    line = base.mark_line(point={"size": 60}).encode(
        alt.X("probability:Q").title(say("mean probability in the bin")).scale(scale),
        alt.Y("true_share:Q").title(say("share of true cells")).scale(scale),
        alt.Color("scores:N").title(None).legend(orient="top"),
        alt.StrokeDash("scores:N").title(None).legend(orient="top"),
        alt.Shape("scores:N").title(None).legend(orient="top"),
        tooltip=_tooltips(
            ("scores:N", say("scores")),
            ("probability:Q", say("probability"), ".4f"),
            ("true_share:Q", say("share of true cells"), ".4f"),
            ("count:Q", say("cells"), ","),
        ),
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
    diagonal = _diagonal("half_f1", 0.0, 0.5)
    names = alt.Color("counts:N").title(None).legend(orient="top")
    base = alt.Chart(points).encode(
        alt.X("half_f1:Q")
        .title(say("half of the best F1"))
        .scale(domain=[0, 0.5], padding=0),  # or bars widen it
        tooltip=_tooltips(
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
    return alt.layer(diagonal, span, end).properties(height=320)


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
    scale = _between(ends)
    scale |= {"type": "log", "nice": False} if log else {"zero": False}
    return _curves(
        alt.Chart(table),
        alt.X("epoch:Q").title(say("epoch")).axis(tickMinStep=1).scale(**_between(epochs)),
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
        alt.Y("value:Q").title(title).scale(**_between(ends)),
        say,
        ("threshold:Q", say("threshold"), ".2f"),
        ("value:Q", title, ".4f"),
    )
    return alt.layer(rule, line, name).properties(height=280)


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
            tooltip=_tooltips(
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
            tooltip=_tooltips(
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
            tooltip=_tooltips(
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
            tooltip=_tooltips(("answers:N", say("How sure are you?")), ("share:Q", title, ".0%")),
        )
        .properties(height=60 + 40 * len(shares))
    )


def _between(ends: Sequence[float] | None) -> dict[str, object]:
    """What a scale says of its ends; nothing where it takes them from the data."""
    return {} if ends is None else {"domain": list(ends), "nice": True}


def _tooltips(*rows: tuple[str, ...]) -> list[alt.Tooltip]:
    """From fields, their titles, and the formats of those that have one."""
    return [
        alt.Tooltip(field, title=title, **({"format": form[0]} if form else {}))
        for field, title, *form in rows
    ]


def _diagonal(field: str, low: float, high: float, **options) -> alt.Chart:
    """A line of equal values, of the field that both axes show; options are of the axes."""
    axes = alt.X(f"{field}:Q", **options), alt.Y(f"{field}:Q", **options)
    line = alt.Chart(pd.DataFrame({field: [low, high]}))
    return line.mark_line(color="gray", strokeDash=[2, 3], strokeWidth=1.5).encode(*axes)


def _curves(base: alt.Chart, x: alt.X, y: alt.Y, say: Callable, *rows: tuple) -> alt.Chart:
    """A line for each curve and seed; colour and dash by curve, one key above the chart."""
    curve = alt.StrokeDash("curve:N").sort(None).title(None).scale(range=DASH_LISTS)
    return base.mark_line(opacity=0.85, strokeWidth=2).encode(
        x,
        y,
        alt.Color("curve:N").sort(None).title(None).legend(orient="top"),
        curve.legend(orient="top"),
        detail=alt.Detail("seed:N"),
        tooltip=_tooltips(("curve:N", say("curve")), ("seed:N", say("seed")), *rows),
    )
