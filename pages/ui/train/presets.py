"""Races worth seeing, and what to predict before they run."""

import streamlit as st

from pages.ui.kit.controls import NUMBER
from pages.ui.train.settings import SETTINGS
from pages.ui.words import N_, _

# What a preset sets; all other settings of the race go back to their defaults. Keys are those of
# the widgets, and so of the link.
PRESETS: dict[str, dict[str, object]] = {
    N_("All zeros"): {
        "contenders": 2,
        "A.loss": "bce",
        "B.loss": "bce_pos_weight",
        "B.bce_pos_weight.pos_weight": "sqrt",
    },
    N_("Weight 50"): {
        "contenders": 2,
        "A.loss": "bce",
        "B.loss": "bce_pos_weight",
        "B.bce_pos_weight.pos_weight": NUMBER,
        "B.bce_pos_weight.pos_weight.number": 50.0,
    },
    N_("Balanced overshoots"): {
        "contenders": 3,
        "A.loss": "bce",
        "B.loss": "bce_pos_weight",
        "B.bce_pos_weight.pos_weight": "sqrt",
        "C.loss": "bce_pos_weight",
        "C.bce_pos_weight.pos_weight": "balanced",
    },
    N_("Focal"): {"contenders": 3, "A.loss": "bce", "B.loss": "focal", "C.loss": "asymmetric"},
    N_("Softmax is fine, its threshold is not"): {
        "contenders": 2,
        "A.loss": "bce",
        "B.loss": "softmax",
    },
    N_("Prior bias"): {"contenders": 2, "A.loss": "bce", "B.loss": "bce", "B.bias": "prior"},
}
WHAT_TO_SEE = {
    "All zeros": N_("Which of the two answers nothing at first, and for how many steps?"),
    "Weight 50": N_(
        "How many labels per row will a weight of 50 predict: too few, about right, too many?"
    ),
    "Balanced overshoots": N_(
        "The balanced weight is the textbook's. Will it predict more labels than are true, or "
        "fewer?"
    ),
    "Focal": N_(
        "Focal loss was made for rare positives. Will it leave the collapse sooner than BCE?"
    ),
    "Softmax is fine, its threshold is not": N_(
        "Probabilities of softmax sum to one. Run, then move the threshold to 0.1: who is "
        "ahead now?"
    ),
    "Prior bias": N_(
        "B starts at each label's own frequency. What does that do to its first loss, and to the "
        "collapse?"
    ),
}


def choose_preset() -> str | None:
    """One click sets up a race; returns the preset that did."""
    return SETTINGS.draw_presets(
        PRESETS,
        key="preset",
        help=_("Sets the data set, the contenders and everything else for a race worth seeing."),
    )


def draw_question(chosen: str | None) -> None:
    """What to predict of a preset; drawn below what is pressed then, which does not move so."""
    if chosen:
        st.markdown(f":material/psychology_alt: **{_('Predict:')}** {_(WHAT_TO_SEE[chosen])}")
