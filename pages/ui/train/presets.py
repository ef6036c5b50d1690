"""Races worth seeing."""

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


def choose_preset() -> str | None:
    """One click sets up a race; returns the preset that did."""
    return SETTINGS.draw_presets(
        PRESETS,
        key="preset",
        help=_("Sets the data set, the contenders and everything else for a race worth seeing."),
    )
