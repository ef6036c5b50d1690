"""Every threshold under the finger, and the rules that choose one."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mlcore.checks import check_choice, check_number
from mlcore.palette import DASHES, PALETTE
from mlcore.thresholds import RULES, Choice, ThresholdSweep
from pages.ui import decision_view, labels_view, link
from pages.ui.controls import as_text, parse_switch
from pages.ui.controls import choose as choose_one
from pages.ui.drag_slider import drag_slider
from pages.ui.evidence import GRID, Evidence
from pages.ui.labels_view import OWN
from pages.ui.sweep_chart import Curve, Panel, Row, SweepChart, sweep_chart

BY_HAND = "hand"
AVERAGES = ("micro", "macro", "weighted", "samples")
SHARES = {
    "empty_share": "empty rows",
    "subset_accuracy": "exact rows",
    "hamming_loss": "Hamming loss",
}
GREY = "#888888"


@dataclass(frozen=True, kw_only=True)
class View:
    """What the charts show: whose precision and recall, which F-beta, and the axis."""

    average: str
    beta: float
    log: bool


def choose_view() -> View:
    """Draw the choice of a view."""
    return View(
        average=choose_one(
            "average",
            "Average in detail",
            AVERAGES[::-1],
            "Whose precision, recall and Jaccard are drawn.",
        ),
        beta=choose_one(
            "beta",
            "β of F",
            (1.0, 2.0, 0.5),
            "2 counts recall more, 0.5 precision.",
            titles="{:g}".format,
        ),
        log=link.widget(
            st.toggle,
            "logt",
            False,
            parse_switch,
            label="Logarithmic threshold",
            help="Spreads out the small thresholds, where scores of rare labels are.",
        ),
    )


def draw_charts(evidence: Evidence, view: View) -> None:
    """All figures over the threshold; the cursor's slider is in `draw_decision`."""
    sweep_chart(chart_of(evidence.key, view.average, view.beta, evidence), key="t", log=view.log)
    st.caption(
        f"{as_text(evidence.title)}: {evidence.split}. Thick lines are the "
        "rows to tune on, thin ones those to report on."
    )


def draw_decision(evidence: Evidence, choices: dict[str, Choice]) -> None:
    """The cursor, the choice of a rule, and what it decides; a fragment of its own."""
    link.part(_draw_decision, evidence, choices)


def _draw_decision(evidence: Evidence, choices: dict[str, Choice]) -> None:
    rule = _choose_rule()
    if rule in choices and isinstance(choices[rule].threshold, float):
        st.session_state["t"] = round(choices[rule].threshold, 3)  # the cursor follows
    threshold = link.widget(
        drag_slider,
        "t",
        0.5,
        _parse_threshold,
        label="Threshold: a label is predicted when its probability is at least this",
        min_value=0.0,
        max_value=1.0,
        step=1 / (GRID - 1),
        help="One cut for all labels.",
        on_change=_decide_by_hand,
    )
    if rule == BY_HAND:
        choice = Choice(rule=BY_HAND, threshold=threshold)
    else:
        choice = labels_view.own_choice(evidence, choices) if rule == OWN else choices[rule]
    decision_view.draw_decision(evidence, choice)


def _parse_threshold(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"threshold must be a number, got {text!r}") from None
    check_number("threshold", value, low=0.0, high=1.0)
    return round(value, 3)


def _decide_by_hand() -> None:
    st.session_state["rule"] = BY_HAND


def _choose_rule() -> str:
    titles = {BY_HAND: "The cursor", **{key: info.title for key, info in RULES.items()}}
    titles[OWN] = "Label by label, by hand"
    rule = link.widget(
        st.pills,
        "rule",
        BY_HAND,
        _parse_rule,
        label="Decide by",
        options=list(titles),
        format_func=titles.__getitem__,
        required=True,
        help="What the report, the rows and the downloads use. The cursor follows a rule that has "
        "one threshold; moving it by hand leaves the rule.",
    )
    if rule in RULES:
        st.caption(f"{RULES[rule].description} Source: {RULES[rule].source}.")
    return rule


def _parse_rule(text: str) -> str:
    check_choice("rule", text, (BY_HAND, *RULES, OWN))
    return text


@st.cache_resource(max_entries=8, show_spinner="Counting every threshold …")
def sweep_of(key: str, part: str, beta: float, _evidence: Evidence) -> ThresholdSweep:
    """Every threshold on the tuning or the report's rows; the first three arguments decide it."""
    return ThresholdSweep(*getattr(_evidence, part), thresholds=GRID, beta=beta)


@st.cache_resource(max_entries=8, show_spinner=False)
def chart_of(key: str, average: str, beta: float, _evidence: Evidence) -> SweepChart:
    """What the browser holds; the first three arguments decide it."""
    f = f"f{beta:g}"
    title = f"F{beta:g}"
    names = [f"{each}_{f}" for each in AVERAGES]
    detail = [f"{average}_{ratio}" for ratio in ("precision", "recall", "jaccard")]
    rest = [*SHARES, "labels_per_row", "labels_predicted"]
    sweeps = {part: sweep_of(key, part, beta, _evidence) for part in ("tuning", "report")}
    figures = {}
    for name in (*names, *detail, *rest):
        tuning, report = (sweeps[part].figures[name] for part in ("tuning", "report"))
        figures |= {
            f"tuning {name}": tuning,
            f"report {name}": report,
            f"gap {name}": report - tuning,
        }
    figures["true labels"] = np.full(GRID, _evidence.cardinality)

    def summary(name: str, words: str) -> str:
        at, value = sweeps["tuning"].best(name)
        return f"{words} is best on the tuning rows at threshold {at:.3g}, with {value:.3f}"

    panels = (
        Panel(
            title=title,
            lines=_pairs(zip(AVERAGES, names, strict=True)),
            summary="; ".join(map(summary, names, AVERAGES)),
        ),
        Panel(
            title=f"{average.capitalize()} precision, recall, Jaccard",
            lines=_pairs(zip(("precision", "recall", "Jaccard"), detail, strict=True)),
            summary=summary(detail[2], "Jaccard"),
        ),
        Panel(
            title="Labels predicted per row",
            lines=[
                Curve(column="true labels", name="true in training", colour=GREY, dash=(2, 3)),
                *_pairs([("predicted", "labels_per_row")]),
            ],
            scale="asinh",
            summary=f"A training row has {_evidence.cardinality:.2f}",
        ),
        Panel(
            title="Shares of rows and cells",
            lines=_pairs((words, name) for name, words in SHARES.items()),
            summary=summary("subset_accuracy", "The share of rows predicted exactly"),
        ),
    )
    rows = [
        *((f"{each} {title}", name, 3) for each, name in zip(AVERAGES, names, strict=True)),
        *((name.replace("_", " ").replace("jacc", "Jacc"), name, 3) for name in detail),
        ("labels per row", "labels_per_row", 2),
        ("rows with nothing predicted", "empty_share", 3),
        ("rows exactly right (subset acc.)", "subset_accuracy", 3),
        ("cells wrong (Hamming loss)", "hamming_loss", 3),
        ("labels predicted for any row", "labels_predicted", 0),
    ]
    return SweepChart(
        figures=figures,
        panels=panels,
        rows=[
            Row(
                name=words,
                columns=[f"{part} {name}" for part in ("tuning", "report", "gap")],
                digits=d,
            )
            for words, name, d in rows
        ],
        heads=("tuning", "report", "gap"),
        caption="at threshold {}",
    )


def _pairs(named) -> list[Curve]:
    """For each name a thick line of the tuning rows and a thin one of the report's."""
    styled = list(zip(named, PALETTE, DASHES, strict=False))
    thin = [
        Curve(column=f"report {column}", colour=colour, dash=dash, width=1, alpha=0.7)
        for (_, column), colour, dash in styled
    ]
    thick = [
        Curve(column=f"tuning {column}", name=name, colour=colour, dash=dash)
        for (name, column), colour, dash in styled
    ]
    return thin + thick
