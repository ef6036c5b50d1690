"""What figures are called on screen; what they are is in `mlcore.figures`."""

from mlcore.figures import FIGURES
from pages.ui.kit.controls import capitalised
from pages.ui.words import N_, _

COUNTED = {  # a page has room to say what these count
    "subset_accuracy": N_("rows exactly right (subset accuracy)"),
    "hamming_loss": N_("cells wrong (Hamming loss)"),
}


def figure_title(key: str) -> str:
    """A figure's name within a sentence or a table, in the reader's language."""
    return _(COUNTED[key]) if key in COUNTED else FIGURES[key].in_words(_)


def figure_heading(key: str) -> str:
    """The same where it stands alone."""
    return capitalised(figure_title(key))
