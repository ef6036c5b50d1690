"""Every threshold as it is dragged, and the rules that choose one."""

from functools import partial

import numpy as np
import streamlit as st

from mlcore.figures import AVERAGES, FIGURES, RATIOS
from mlcore.palette import DASHES, PALETTE
from mlcore.thresholds import RULES, Choice, ThresholdSweep, figures_of
from pages.ui.kit.controls import as_text, capitalised
from pages.ui.kit.curves import Curve, Panel, Row, SweepChart, instead_of_cursor, sweep_chart
from pages.ui.kit.evidence import GRID, Evidence
from pages.ui.kit.figures import figure_title
from pages.ui.thresholds import decision, labels
from pages.ui.thresholds.settings import BY_HAND, OWN, SETTINGS
from pages.ui.words import N_, _, paragraph

SHARES = {
    "empty_share": N_("empty rows"),
    "subset_accuracy": N_("exact rows"),
    "hamming_loss": N_("Hamming loss"),
}
DETAILS = ("precision", "recall", "jaccard")
COUNTS = ("labels_per_row", "empty_share", "subset_accuracy", "hamming_loss", "labels_predicted")
PARTS = ("tuning", "report", "gap")
GREY = "#888888"


def choose_view() -> None:
    """Draw what the charts show: whose precision and recall, which F-beta, and the axis."""
    for name in ("average", "beta", "logt"):
        SETTINGS.draw(name)


def draw_charts(evidence: Evidence) -> None:
    """All figures over the threshold; the cursor's slider is in `draw_decision`."""
    with st.spinner(_("Counting every threshold …")):
        beta = SETTINGS["beta"]
        sweeps = {part: sweep_of(evidence.key, part, beta, evidence) for part in PARTS[:2]}
    sweep_chart(chart_of(sweeps, evidence.cardinality), key="t", log=SETTINGS["logt"])
    st.markdown(ranking_text(sweeps))
    st.caption(
        _(
            "{evidence}: {split}. Thick lines are the rows to tune on, thin ones those to report "
            "on. Macro averages are over the labels that occur in the rows of each: {tuning:,} and "
            "{report:,} of {total:,}."
        ).format(
            evidence=as_text(evidence.title()),
            split=evidence.split(),
            **{part: np.count_nonzero(sweep.support) for part, sweep in sweeps.items()},
            total=len(evidence.label_names),
        )
    )


def ranking_text(sweeps: dict[str, ThresholdSweep]) -> str:
    """What no threshold moves: mAP and LRAP of the "tuning" rows and of those to "report" on."""
    figures = {
        f"{part}_{name}": value
        for part, sweep in sweeps.items()
        for name, value in sweep.ranking.items()
    }
    return _(
        "Ranking, which no threshold moves (tuning, report): **mAP** "
        "{tuning_mean_average_precision:.3f}, {report_mean_average_precision:.3f} · **LRAP** "
        "{tuning_lrap:.3f}, {report_lrap:.3f}"
    ).format(**figures)


def draw_decision(evidence: Evidence, choices: dict[str, Choice]) -> None:
    """The cursor, the choice of a rule, and what it decides."""
    labels.take_own(evidence)
    rule = SETTINGS.draw("rule")
    if rule in RULES:
        source = _("Source: {source}.").format(source=RULES[rule].source)
        st.caption(paragraph((_(RULES[rule].description), source)))
    if rule in choices and isinstance(choices[rule].threshold, float):
        SETTINGS["t"] = round(choices[rule].threshold, 3)  # the cursor follows
    choice, instead = None, None
    if rule != BY_HAND:
        choice = labels.own_choice(evidence, choices) if rule == OWN else choices[rule]
        instead = _by_rule(evidence, rule, choice)
    threshold = SETTINGS.draw("t", on_change=partial(SETTINGS.put, rule=BY_HAND), instead=instead)
    if choice is None:
        choice = Choice(rule=BY_HAND, threshold=threshold)
    elif not isinstance(choice.threshold, float):
        st.caption(
            _(
                "The cursor decides nothing now: this rule has no single threshold, and the table "
                "beside the curves shows what it decides. Moving the cursor leaves the rule."
            )
        )
    decision.draw_decision(evidence, choice)


@st.cache_resource(max_entries=8, show_spinner=False)
def sweep_of(key: str, part: str, beta: float, _evidence: Evidence) -> ThresholdSweep:
    """Every threshold on the tuning or the report's rows; the first three arguments decide it."""
    return ThresholdSweep(*getattr(_evidence, part), thresholds=GRID, beta=beta)


def chart_of(sweeps: dict[str, ThresholdSweep], cardinality: float) -> SweepChart:
    """What the browser holds, in the reader's language.

    Args:
        sweeps: Every threshold on the "tuning" rows and on those to "report" on.
        cardinality: Mean labels of a training row.
    """
    figures = {part: sweep.figures for part, sweep in sweeps.items()}
    return SweepChart(
        figures=_three_of(figures, np.full(GRID, cardinality)),
        panels=_panels(sweeps, cardinality),
        rows=[
            Row(
                name=words,
                columns=[f"{part} {name}" for part in PARTS],
                digits=FIGURES[name].digits if name in FIGURES else 3,  # F2 is not
            )
            for name, words in _shown().items()
        ],
        heads=(_("tuning"), _("report"), _("gap")),
        signed=2,
        caption=_("at threshold {threshold}"),
    )


def _panels(sweeps: dict[str, ThresholdSweep], cardinality: float) -> tuple[Panel, ...]:
    average, beta = SETTINGS["average"], f"f{SETTINGS['beta']:g}"
    names = {f"{each}_{beta}": _(each) for each in AVERAGES}

    def summary(name: str, words: str) -> str:
        at, value = sweeps["tuning"].best(name)
        return _(
            "{figure} is best on the tuning rows at threshold {at:.3g}, with {value:.3f}"
        ).format(figure=words, at=at, value=value)

    return (
        Panel(
            title=beta.upper(),
            lines=_pairs(names),
            summary=_("; ").join(summary(name, words) for name, words in names.items()),
        ),
        Panel(
            title=_("{average} precision, recall, Jaccard").format(average=capitalised(_(average))),
            lines=_pairs({f"{average}_{ratio}": _(RATIOS[ratio]) for ratio in DETAILS}),
            summary=summary(f"{average}_jaccard", _(RATIOS["jaccard"])),
        ),
        Panel(
            title=_("Labels predicted per row"),
            lines=[
                Curve(column="true labels", name=_("true"), colour=GREY, dash=(2, 3)),
                *_pairs({"labels_per_row": _("predicted")}),
            ],
            scale="asinh",
            summary=_("True labels per row: {n:.2f}").format(n=cardinality),
        ),
        Panel(
            title=_("Shares of rows and cells"),
            lines=_pairs({name: _(words) for name, words in SHARES.items()}),
            summary=summary("subset_accuracy", _("The share of rows predicted exactly")),
        ),
    )


def _shown() -> dict[str, str]:
    """What the table tells, by the name of the figure, in the reader's words."""
    average, beta = SETTINGS["average"], f"f{SETTINGS['beta']:g}"
    return {
        f"{each}_{beta}": _("{average} {figure}").format(average=_(each), figure=beta.upper())
        for each in AVERAGES
    } | {name: figure_title(name) for name in (*(f"{average}_{one}" for one in DETAILS), *COUNTS)}


def _three_of(figures: dict[str, dict], cardinality: float | np.ndarray) -> dict[str, object]:
    """Each figure that is shown of the tuning rows, of the report's, and the gap between them."""
    three = {"true labels": cardinality}
    for name in _shown():
        tuning, report = (figures[part][name] for part in PARTS[:2])
        three |= {
            f"{part} {name}": values
            for part, values in zip(PARTS, (tuning, report, report - tuning), strict=True)
        }
    return three


def _by_rule(evidence: Evidence, rule: str, choice: Choice) -> dict[str, object]:
    """What the table shows of a rule's decisions, of which the cursor's are not the same."""
    figures = {part: _figures_by(choice, evidence, part) for part in PARTS[:2]}
    is_cut = isinstance(choice.threshold, float)
    caption = (
        _("at threshold {threshold}").format(threshold=choice.in_words(_))
        if is_cut
        else _("by rule, not at the cursor: {rule}").format(
            rule=SETTINGS.by_name["rule"].title_of(rule)
        )
    )
    three = _three_of(figures, evidence.cardinality)
    return instead_of_cursor(three, caption=caption, is_cut=is_cut)


def _figures_by(choice: Choice, evidence: Evidence, part: str) -> dict[str, float]:
    """All figures of what a choice decides on the "tuning" rows or on those to "report" on."""
    beta = SETTINGS["beta"]
    if choice.top is None:
        return sweep_of(evidence.key, part, beta, evidence).at(choice.threshold)
    targets, probabilities = getattr(evidence, part)
    return figures_of(targets, choice.predict(probabilities), beta=beta)


def _pairs(named: dict[str, str]) -> list[Curve]:
    """For each figure a thick line of the tuning rows and a thin one of the report's."""
    styled = list(zip(named.items(), PALETTE, DASHES, strict=False))
    thin = [
        Curve(column=f"report {column}", colour=colour, dash=dash, width=1, alpha=0.7)
        for (column, words), colour, dash in styled
    ]
    thick = [
        Curve(column=f"tuning {column}", name=words, colour=colour, dash=dash)
        for (column, words), colour, dash in styled
    ]
    return thin + thick
