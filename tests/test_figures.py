"""The table of all figures against figures of predictions."""

import numpy as np
import pytest

from mlcore.figures import FIGURES, lower_is_better
from mlcore.thresholds import ThresholdSweep
from pages.ui.kit.figures import figure_title
from pages.ui.words import LANGUAGES, speaking


def figures_of(targets, predictions):
    """Every figure of 0/1 predictions, as decisions and as an order."""
    sweep = ThresholdSweep(targets, predictions.astype(float), thresholds=[0.5])
    return sweep.at(0.5) | sweep.ranking


TRUE = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]])


@pytest.mark.parametrize("key", FIGURES)
def test_what_is_better_is_what_a_perfect_prediction_has(key):
    info = FIGURES[key]
    perfect, all_wrong = (figures_of(TRUE, table)[key] for table in (TRUE, 1 - TRUE))
    nothing = figures_of(TRUE, np.zeros_like(TRUE))[key]
    if info.judges:
        assert (perfect < all_wrong) if lower_is_better(key) else (perfect > all_wrong)
    else:  # it is blind to what is true: all true labels moved to other rows change nothing
        assert figures_of(TRUE[::-1], TRUE)[key] == perfect
        assert (nothing > perfect) if lower_is_better(key) else (nothing < perfect)


def test_only_what_is_best_with_everything_or_one_cell_predicted_is_tuned_by_f1():
    true = TRUE[:, :1]  # of one label all averages over labels are the same
    everything, one_cell = (
        figures_of(true, table) for table in (np.ones_like(true), true * [[1], [0], [0], [0]])
    )
    for key in ("precision", "recall", "f1", "jaccard"):
        blind = max(everything[f"macro_{key}"], one_cell[f"macro_{key}"]) == 1
        assert FIGURES[f"macro_{key}"].tuned_by == ("macro_f1" if blind else f"macro_{key}")
    assert FIGURES["hamming_loss"].tuned_by == "hamming_loss"


def test_names_are_the_words_of_the_keys():
    assert FIGURES["weighted_jaccard"].in_words() == "weighted Jaccard"
    assert FIGURES["samples_f1"].in_words() == "samples F1"
    swapped = {"{average} recall": "rappel {average}", "macro": "moyen"}
    assert FIGURES["macro_recall"].in_words(swapped.__getitem__) == "rappel moyen"


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_are_told_apart_by_their_titles_in_every_language(language):
    with speaking(language):
        titles = {figure_title(key) for key in FIGURES}
    assert len(titles) == len(FIGURES)
    named = titles - {"mAP", "LRAP"}  # which are called so everywhere
    assert all(title.isascii() == (language == "en") for title in named)
    assert not any("{" in title or "_" in title for title in titles)


def test_only_figures_that_count_labels_are_shown_without_decimals():
    found = figures_of(TRUE, TRUE[::-1])
    whole = {key for key, value in found.items() if value == int(value) and value > 1}
    assert whole == {key for key, info in FIGURES.items() if info.digits == 0}
    # A hundredth of a label per row, a thousandth of all rows or cells.
    assert {FIGURES[key].digits for key, value in found.items() if value <= 1} == {3}
