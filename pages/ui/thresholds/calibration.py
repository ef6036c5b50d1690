"""Do scores mean what they say, before and after a positive weight is undone?"""

from functools import partial

import numpy as np
import streamlit as st

from mlcore import calibration
from mlcore.lazy import pd
from mlcore.thresholds import decide
from pages.ui.kit.controls import as_text
from pages.ui.kit.evidence import Evidence
from pages.ui.thresholds.labels import choose_label
from pages.ui.thresholds.settings import POOLED, SETTINGS
from pages.ui.words import N_, _, language

BEFORE, AFTER = N_("as they are"), N_("weight undone")
# Each figure's name for the scores as they are and for those with the weight undone, and its help.
FIGURES = {
    "ece": (
        N_("ECE, as they are"),
        N_("ECE, weight undone"),
        N_(
            "Expected calibration error: in each bin, how far the mean probability is from the "
            "share of cells that are true; averaged over all cells. 0 is best."
        ),
    ),
    "brier": (
        N_("Brier score, as they are"),
        N_("Brier score, weight undone"),
        N_(
            "Mean squared distance between the probability and the truth, which is 0 or 1. 0 is "
            "best."
        ),
    ),
}


def draw_calibration(evidence: Evidence) -> None:
    """Reliability, ECE and Brier score, of all cells and of every label."""
    st.subheader(_("Do the scores mean what they say?"), anchor=False)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    with left:
        weight, before, after = _scores(evidence)
    scope, bins = SETTINGS.draw("cells", middle), SETTINGS.draw("bins", right)
    log = SETTINGS.draw("logc")
    targets = evidence.report[0]
    name = POOLED
    if scope != POOLED:
        label = [choose_label(evidence)]
        name = evidence.label_names[label[0]]
        targets, before, after = targets[:, label], before[:, label], after[:, label]
    asked = (evidence.key, repr(weight), scope, name, bins)
    one = calibration_of(*asked, targets, before, after)
    chart, figures = st.columns([3, 2])
    with chart:
        st.vega_lite_chart(
            diagram_of(asked, log, language(), one),
            key="reliability",
            alt=_(
                "Share of true cells over mean probability, before and after the weight is undone"
            ),
        )
    with figures:
        _draw_figures(one, _(POOLED) if scope == POOLED else as_text(name))
        if scope == POOLED:
            _draw_same_decisions(before, after, weight)
    if scope == POOLED:
        with st.expander(_("Every label's calibration"), icon=":material/list:"):
            _draw_labels(evidence, repr(weight), bins, before, after)


def _scores(evidence: Evidence) -> tuple[float | np.ndarray, np.ndarray, np.ndarray]:
    """The weight, and the report's scores with it and without it."""
    scores, weight = evidence.report[1], evidence.pos_weight
    undo = partial(calibration.undo_pos_weight, kind="probabilities")
    if np.ndim(weight) or weight != 1.0:
        low, high = np.min(weight), np.max(weight)
        words = (
            _("Trained with positive weight **{low:.3g}**; undone: logit − log w.")
            if low == high
            else _(
                "Trained with positive weight **{low:.3g} to {high:.3g}, label by label**; undone: "
                "logit − log w."
            )
        )
        logit = _(
            "The logit is the log of the odds p : (1 − p). Taking log w from it divides the odds "
            "by w."
        )
        st.markdown(words.format(low=low, high=high), help=logit)
    else:
        weight = SETTINGS.draw("weight")
        told = _("Known to have been trained with another weight? It is undone here.")
        if evidence.key.startswith("truth"):
            # Weighting is undoing the inverse weight; a perfect model would give these scores.
            scores = undo(scores, 1 / weight)
            told = _("What a perfect model trained with this weight would say, and its repair.")
        st.caption(told)
    return weight, scores, undo(scores, weight)


@st.cache_data(max_entries=32, show_spinner=False)
def calibration_of(
    key: str, weight: str, scope: str, name: str, bins: str, _targets, _before, _after
) -> dict:
    """Diagram, ECE and Brier score of both; the first five arguments decide it."""
    return {
        title: {
            "diagram": calibration.reliability(_targets, scores, strategy=bins),
            "ece": calibration.expected_calibration_error(_targets, scores, strategy=bins),
            "brier": calibration.brier(_targets, scores),
        }
        for title, scores in ((BEFORE, _before), (AFTER, _after))
    }


@st.cache_data(max_entries=32, show_spinner=False)
def diagram_of(asked: tuple, log: bool, language: str, _one: dict) -> dict:
    """The reliability diagram in the language; the first three arguments decide it."""
    from mlcore.charts import reliability_diagram, whole_spec

    points = pd.concat(
        [pd.DataFrame(found["diagram"]).assign(scores=_(title)) for title, found in _one.items()]
    )
    return whole_spec(reliability_diagram(points, log=log, say=_))


def _draw_figures(one: dict, cells: str) -> None:
    st.caption(_("On the rows to report on; cells: {cells}.").format(cells=cells))
    for figure, (title, undone, help) in FIGURES.items():
        left, right = st.columns(2)
        before, after = one[BEFORE][figure], one[AFTER][figure]
        left.metric(_(title), f"{before:.4f}", help=_(help))
        change = round(after - before, 4)
        told = f"{change:+.4f}" if change else None
        right.metric(_(undone), f"{after:.4f}", told, delta_color="inverse")


def _draw_same_decisions(before, after, weight) -> None:
    """The scores cut at one half, and the undone ones cut at 1 / (1 + w)."""
    moved = calibration.calibrated_threshold(0.5, weight)
    differ = int((decide(before, 0.5) != decide(after, moved)).sum())
    where = f"{moved:.4g}" if np.ndim(moved) == 0 else _("each label's 1/(1 + w)")
    st.markdown(
        _(
            "Cut at 0.5 as they are, or at **{threshold}** with the weight undone: **{differ:,}** "
            "of {total:,} decisions differ."
        ).format(threshold=where, differ=differ, total=before.size)
    )


def _draw_labels(evidence: Evidence, weight: str, bins: str, before, after) -> None:
    table = every_label(evidence.key, weight, bins, evidence, before, after)
    form = {
        name: st.column_config.NumberColumn(_(name), format="%.4f") for name in table.columns[2:]
    }
    form |= {name: st.column_config.Column(_(name)) for name in (N_("label"), N_("support"))}
    st.dataframe(
        table,
        hide_index=True,
        column_config=form,
        height=300,
        key="calibration_table",
        alt=_("ECE and Brier score of every label, before and after"),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def every_label(key: str, weight: str, bins: str, _evidence: Evidence, _before, _after):
    """ECE and Brier score of every label; the first three arguments decide it."""
    targets = _evidence.report[0]
    ece = partial(calibration.expected_calibration_error, targets, strategy=bins, per_label=True)
    brier = partial(calibration.brier, targets, per_label=True)
    columns = {
        "label": _evidence.label_names,
        "support": _evidence.report_sweep.support,
        N_("ECE, as they are"): ece(_before),
        N_("Brier, as they are"): brier(_before),
        N_("ECE, weight undone"): ece(_after),
        N_("Brier, weight undone"): brier(_after),
    }
    return pd.DataFrame(columns).sort_values("support", ascending=False, kind="stable")
