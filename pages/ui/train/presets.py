"""Races worth seeing."""

from pages.ui.kit.contenders import Setup
from pages.ui.kit.controls import NUMBER
from pages.ui.words import N_

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


def preset_of(setup: Setup) -> str | None:
    """The preset that sets a race up like this."""
    said = setup.settings()
    for title, values in PRESETS.items():
        if all(said.get(name) == value for name, value in values.items()):
            return title
    return None
