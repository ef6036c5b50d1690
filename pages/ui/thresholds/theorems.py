"""Two theorems on thresholds, computed on the spot where the truth is known."""

import streamlit as st

from mlcore.calibration import lipton_threshold, weight_is_a_threshold
from mlcore.datasets import Dataset
from mlcore.lazy import pd
from pages.ui.kit.attempts import is_open
from pages.ui.kit.numbers import three
from pages.ui.kit.races import load_cached
from pages.ui.thresholds.exercises import EXERCISES
from pages.ui.thresholds.settings import SETTINGS
from pages.ui.words import N_, _, language

EXPECTED, DRAWN = N_("expected counts"), N_("counts of the drawn labels")


def draw_theorem(shown: str) -> None:
    """The theorem of a part of the page, on the synthetic rows of the generator's defaults."""
    exercise, draw = THEOREMS[shown]
    dataset = load_cached("synthetic")
    st.subheader(_("A theorem, in numbers"), anchor=False)
    rows, labels = dataset.probabilities.shape
    st.caption(
        _(
            "On {rows:,} synthetic rows with {labels} labels, where the true probability of every "
            "cell is known."
        ).format(rows=rows, labels=labels)
    )
    if is_open(exercise):
        draw(dataset)


def _draw_weight(dataset: Dataset) -> None:
    st.markdown(f"**{_('A positive weight is a threshold.')}**")
    weight = SETTINGS.draw("theorem.weight")
    found = weight_of(weight, dataset)
    st.markdown(
        _(
            "A perfect model trained with weight w = {weight:g} and cut at 0.5 predicts "
            "{positive:,} of {cells:,} cells. The true probabilities cut at 1/(1 + w) = "
            "{threshold:.4f} differ from that in **{differing:,}** cells. Undoing the weight by "
            "logit − log w gives the true probabilities back to within {error}; a logit is the log "
            "of the odds p : (1 − p)."
        ).format(weight=weight, error=three(found["largest_error"]), **found)
    )
    st.latex(r"\frac{wp}{wp + 1 - p} \ge \tfrac12 \iff p \ge \frac{1}{1 + w}")
    st.caption("Elkan 2001, The Foundations of Cost-Sensitive Learning, IJCAI.")


@st.cache_data(max_entries=32, show_spinner=False)
def weight_of(weight: float, _dataset: Dataset) -> dict:
    """Theorem 1 for a weight."""
    return weight_is_a_threshold(_dataset.probabilities, weight)


def _draw_half(dataset: Dataset) -> None:
    st.markdown(f"**{_('The best threshold for F1 is half of the best F1.')}**")
    table = halves_of(dataset)
    expected, drawn = (table[table["counts"] == name] for name in (EXPECTED, DRAWN))
    inside = (expected["lowest"] <= expected["half_f1"]) & (
        expected["half_f1"] <= expected["highest"]
    )
    off = (drawn["highest"] - drawn["half_f1"]).abs()
    st.markdown(
        _(
            "F* is the best F1 of a label. With expected counts F*/2 lies between the thresholds "
            "with the best F1 for **{inside} of {labels}** labels. Counted with the labels that "
            "were drawn, the best threshold is {median:.3f} away from F*/2 in the median, "
            "{most:.3f} at most: that much is chance."
        ).format(inside=inside.sum(), labels=len(inside), median=off.median(), most=off.max())
    )
    st.vega_lite_chart(
        half_spec(language(), table),
        key="half_f1",
        alt=_("Thresholds with the best F1 of each label over half of that F1, along the diagonal"),
    )
    st.caption(
        "Lipton, Elkan and Narayanaswamy 2014, Thresholding Classifiers to Maximize F1 Score, "
        "arXiv:1402.1892."
    )


@st.cache_data(max_entries=1, show_spinner=False)
def halves_of(_dataset: Dataset):
    """Theorem 2 for every label, with expected counts and with drawn ones."""
    p = _dataset.probabilities
    return pd.concat(
        pd.DataFrame(
            {
                "label": _dataset.label_names,
                "half_f1": best.half_f1,
                "lowest": best.lowest,
                "highest": best.highest,
                "counts": name,
            }
        )
        for name, best in (
            (EXPECTED, lipton_threshold(p)),
            (DRAWN, lipton_threshold(p, _dataset.y)),
        )
    )


@st.cache_data(max_entries=8, show_spinner=False)
def half_spec(language: str, _table) -> dict:
    """Theorem 2 as a chart, in the language."""
    from mlcore.charts import half_f1_chart, whole_spec

    translated = _table.assign(counts=_table["counts"].map(_))
    return whole_spec(half_f1_chart(translated, say=_))


# The exercise that asks for it, and what draws it, by the part of the page.
THEOREMS = {"calibration": (EXERCISES[0], _draw_weight), "drag": (EXERCISES[1], _draw_half)}
