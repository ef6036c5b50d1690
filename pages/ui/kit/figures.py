"""What figures are called on screen; what they are is in `mlcore.figures`."""

import numpy as np

from mlcore.figures import FIGURES, macro_in_words
from pages.ui.kit.controls import capitalised
from pages.ui.words import N_, _

COUNTED = {  # a page has room to say what these count
    "subset_accuracy": N_("rows exactly right (subset accuracy)"),
    "hamming_loss": N_("cells wrong (Hamming loss)"),
}


def figure_title(key: str) -> str:
    """A figure's name within a sentence or a table, in the reader's language."""
    return _(COUNTED[key]) if key in COUNTED else FIGURES[key].in_words(_)


def macro_note(support: np.ndarray | None = None) -> str:
    """Which labels macro averages are over, in a sentence.

    Args:
        support: True rows of each label, or whether there is one, shape (k,), to say how many
            labels these are.
    """
    if support is None:
        return macro_in_words(_)
    return _(
        "Macro averages are over the labels that occur: {n:,} of {total:,} have a true row here."
    ).format(n=np.count_nonzero(support), total=len(support))


def ranking_note() -> str:
    """What mAP and LRAP are, in two sentences."""
    return _(
        "mAP: how well rows that have a label are ranked before those that do not, a mean over "
        "labels. LRAP: how well a row's true labels are ranked before its others, a mean over rows."
    )


def figure_heading(key: str) -> str:
    """The same where it stands alone; mAP and LRAP are written so everywhere."""
    title = figure_title(key)
    return capitalised(title) if FIGURES[key].is_cut else title
