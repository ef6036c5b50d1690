"""Every threshold as it is dragged: one large chart, what lights up, and all figures at it."""

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from mlcore.figures import AVERAGES, FIGURES, RATIOS
from mlcore.palette import DASHES, PALETTE
from mlcore.thresholds import Choice, ThresholdSweep, figures_of
from pages.ui.kit.controls import as_text, capitalised
from pages.ui.kit.curves import Curve, Panel, Row, SweepChart, instead_of_cursor, sweep_chart
from pages.ui.kit.evidence import GRID, Evidence
from pages.ui.kit.figures import figure_title
from pages.ui.thresholds import decision, rows
from pages.ui.thresholds.settings import BY_HAND, SETTINGS
from pages.ui.words import N_, _

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
    """Draw what the charts show beside the average: which F-beta, and the axis."""
    for name in ("beta", "logt"):
        SETTINGS.draw(name)


def draw_drag(
    evidence: Evidence, contenders: dict[str, Evidence], choices: dict[str, Choice]
) -> None:
    """One chart with its cursor, the rows that it lights up, all figures, and what it decides."""
    with st.spinner(_("Counting every threshold …")):
        sweeps = sweeps_of(evidence)
        chart = large_chart(sweeps, {name: sweeps_of(each) for name, each in contenders.items()})
    picture, details = st.container(), st.container()
    choice = decision.choose_rule(evidence, choices)
    has_cut = choice is None or isinstance(choice.threshold, float)
    with picture:
        sweep_chart(chart, key="t", log=SETTINGS["logt"])
        by_hand = partial(SETTINGS.put, rule=BY_HAND)
        threshold = SETTINGS.draw(
            "t", on_change=by_hand, instead=choice and _by_rule(evidence, choice)
        )
        if not has_cut:
            st.caption(
                _(
                    "The cursor decides nothing now: this rule has no single threshold, and the "
                    "table beside the curves shows what it decides. Moving the cursor leaves the "
                    "rule."
                )
            )
        rows.draw_rows(evidence, None if has_cut else choice)
    with details:
        _draw_details(evidence, sweeps, whole=len(contenders) > 1)
    decision.draw_decision(evidence, choice or Choice(rule=BY_HAND, threshold=threshold))


def _draw_details(evidence: Evidence, sweeps: dict[str, ThresholdSweep], *, whole: bool) -> None:
    """All other figures at the cursor, and on which rows; those of the chart too, if whole."""
    chart = chart_of(sweeps, evidence.cardinality)
    panels = chart.panels if whole else chart.panels[1:]
    sweep_chart(replace(chart, panels=panels), key="t", name="details", log=SETTINGS["logt"])
    help = _(
        "mAP: the mean over labels of average precision, which is high where true rows come first. "
        "LRAP: the same row by row, over its labels."
    )
    st.markdown(ranking_text(sweeps), help=help)
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


def sweeps_of(evidence: Evidence) -> dict[str, ThresholdSweep]:
    """Every threshold on the "tuning" rows and on those to "report" on."""
    beta = SETTINGS["beta"]
    return {part: sweep_of(evidence.key, part, beta, evidence) for part in PARTS[:2]}


@st.cache_resource(max_entries=16, show_spinner=False)
def sweep_of(key: str, part: str, beta: float, _evidence: Evidence) -> ThresholdSweep:
    """Every threshold on the tuning or the report's rows; the first three arguments decide it."""
    return ThresholdSweep(*getattr(_evidence, part), thresholds=GRID, beta=beta)


def large_chart(
    sweeps: dict[str, ThresholdSweep], contenders: dict[str, dict[str, ThresholdSweep]]
) -> SweepChart:
    """F of each average; or of the chosen one, of each contender where there are several.

    Args:
        sweeps: Every threshold on the "tuning" rows and on those to "report" on.
        contenders: The same of every contender, by its name.
    """
    beta, average = f"f{SETTINGS['beta']:g}", SETTINGS["average"]
    title, lines = beta.upper(), [(_(each), sweeps, f"{each}_{beta}") for each in AVERAGES]
    short = [name for name, *_rest in lines]
    if len(contenders) > 1:
        title = _("{average} {figure}").format(average=_(average), figure=title)
        title = capitalised(title)
        lines = [(name, each, f"{average}_{beta}") for name, each in contenders.items()]
        short = [name.partition(" ")[0] for name in contenders]  # their letters
    best = [
        _("{figure} is best on the tuning rows at threshold {at:.3g}, with {value:.3f}").format(
            figure=name, at=at, value=value
        )
        for name, each, figure in lines
        for at, value in [each["tuning"].best(figure)]
    ]
    told = [f"{name} {{tuning{k}}} → {{report{k}}}" for k, name in enumerate(short)]
    columns = {
        f"{part} {k}": each[part].figures[figure]
        for k, (_name, each, figure) in enumerate(lines)
        for part in PARTS[:2]
    }
    return SweepChart(
        figures=columns,
        panels=[
            Panel(
                title=title,
                lines=_pairs({str(k): name for k, (name, *_rest) in enumerate(lines)}),
                tall=True,
                summary=_("; ").join(best),
            )
        ],
        rows=[Row(name=name.replace(" ", ""), columns=[name]) for name in columns],
        caption=_("{figure} at {{value}}, tuning → report: {list}").format(
            figure=title, list=" · ".join(told)
        ),
    )


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


def _by_rule(evidence: Evidence, choice: Choice) -> dict[str, object]:
    """What the table shows of a rule's decisions, of which the cursor's are not the same."""
    figures = {part: _figures_by(choice, evidence, part) for part in PARTS[:2]}
    is_cut = isinstance(choice.threshold, float)
    caption = (
        _("at threshold {threshold}").format(threshold=choice.in_words(_))
        if is_cut
        else _("by rule, not at the cursor: {rule}").format(
            rule=SETTINGS.by_name["rule"].title_of(SETTINGS["rule"])
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
