"""Ranking metrics against scikit-learn, what is undefined, and what rounding to float32 loses."""

import numpy as np
import pytest
import sklearn.metrics
import torch
from scipy.special import expit

from mlcore.metrics.ranking import float32_probabilities, ranking_scores, row_ranks

NAN = float("nan")


def random_scores(rows=30, labels=6):
    rng = np.random.default_rng(0)
    return (rng.random((rows, labels)) < 0.4).astype(int), rng.normal(0, 3, (rows, labels))


@pytest.mark.parametrize("ties", [False, True])
def test_every_figure_equals_that_of_scikit_learn(ties):
    targets, scores = random_scores()
    targets[0], targets[1] = 0, 1  # rows without an order to judge
    if ties:
        scores = scores.round()
    ranks = ranking_scores(targets, scores)
    assert ranks.lrap == sklearn.metrics.label_ranking_average_precision_score(targets, scores)
    assert ranks.coverage == sklearn.metrics.coverage_error(targets, scores)
    assert ranks.ranking_loss == sklearn.metrics.label_ranking_loss(targets, scores)
    assert ranks.unranked_rows == np.isin(targets.sum(axis=1), (0, 6)).sum() >= 2
    for each, mean, score in (
        (ranks.average_precision, ranks.mean_average_precision, "average_precision_score"),
        (ranks.roc_auc, ranks.mean_roc_auc, "roc_auc_score"),
    ):
        function = getattr(sklearn.metrics, score)
        np.testing.assert_array_equal(each, function(targets, scores, average=None))
        assert mean == pytest.approx(function(targets, scores, average="macro"), rel=1e-15)


def test_undefined_labels_are_nan_and_left_out_of_the_means():
    targets = np.array([[1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0]])
    scores = np.array([[3.0, 1.0, 2.0, 0.0], [1.0, 5.0, -1.0, 2.0], [0.0, 0.0, 0.5, 1.0]])
    ranks = ranking_scores(targets, scores)
    # Label 0 is true everywhere, label 1 nowhere.
    assert np.isnan(ranks.average_precision).tolist() == [False, True, False, False]
    assert np.isnan(ranks.roc_auc).tolist() == [True, True, False, False]
    assert ranks.average_precision[0] == 1
    assert ranks.mean_average_precision == np.mean(ranks.average_precision[[0, 2, 3]])
    assert ranks.mean_roc_auc == np.mean(ranks.roc_auc[2:])


def test_a_table_without_positives_has_nothing_to_rank():
    ranks = ranking_scores(np.zeros((3, 4)), np.arange(12.0).reshape(3, 4))
    assert ranks.unranked_rows == 3
    assert (ranks.lrap, ranks.coverage, ranks.ranking_loss) == (1, 0, 0)  # by convention
    assert np.isnan(ranks.average_precision).all()
    assert np.isnan([ranks.mean_average_precision, ranks.mean_roc_auc]).all()


def test_one_row_has_an_order_of_labels_but_not_of_rows():
    ranks = ranking_scores([[1, 0, 1]], [[2.0, 1.0, 0.0]])
    # Ranked 1, 2, 3; true at 1 and 3: (1/1 + 2/3) / 2, all found at 3, 1 of 2 pairs is wrong.
    assert ranks.lrap == pytest.approx(5 / 6)
    assert (ranks.coverage, ranks.ranking_loss) == (3, 0.5)
    assert np.isnan(ranks.roc_auc).all()


def test_one_label_has_an_order_of_rows_but_not_of_labels():
    ranks = ranking_scores([[1], [0], [1]], [[2.0], [1.0], [0.0]])
    assert np.isnan([ranks.coverage, ranks.ranking_loss]).all()
    assert ranks.lrap == 1
    assert ranks.unranked_rows == 3
    assert ranks.roc_auc.tolist() == [0.5]
    assert ranks.average_precision[0] == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("size", [1.0, 1e30, 1e300, 1.7e308])
def test_only_the_order_counts_however_large_the_scores(size):
    targets, scores = random_scores()
    expected = ranking_scores(targets, scores)
    actual = ranking_scores(targets, scores / np.abs(scores).max() * size)
    assert actual.lrap == expected.lrap
    np.testing.assert_array_equal(actual.roc_auc, expected.roc_auc)


def test_places_are_counted_from_the_highest_and_ties_share_the_worse():
    scores = np.array([[3.0, 1e30, -1e30, 3.0]])
    assert row_ranks(scores).tolist() == [[3, 1, 4, 3]]
    assert row_ranks(-scores).tolist() == [[3, 4, 1, 3]]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8])
def test_scores_without_a_minus_are_ranked(dtype):
    assert row_ranks(np.array([[0, 1, 1]], dtype)).tolist() == [[3, 2, 2]]


def test_float32_probabilities_are_those_of_torch():
    logits = np.concatenate([np.linspace(-120, 120, 4001), [1e30, -1e30, 1e300, -1e300]])
    actual = float32_probabilities(logits[None])
    assert actual.dtype == np.float32
    expected = torch.sigmoid(torch.tensor(np.clip(logits, -1000, 1000), dtype=torch.float32))
    # Both in float32, where a step is 1.2e-7 of the value; torch may flush the very smallest.
    np.testing.assert_allclose(actual[0], expected.numpy(), rtol=1e-6, atol=1e-37)
    np.testing.assert_allclose(actual[0], expit(logits), rtol=1e-5, atol=1e-37)
    assert float32_probabilities([[17.0]]) == 1
    assert float32_probabilities([[16.0]]) < 1


def test_saturated_probabilities_lose_the_order_that_logits_have():
    targets, logits = np.array([[1, 0], [0, 1]]), np.array([[25.0, 20.0], [20.0, 25.0]])
    assert ranking_scores(targets, logits).mean_roc_auc == 1
    by_probabilities = ranking_scores(targets, float32_probabilities(logits))
    assert by_probabilities.mean_roc_auc == 0.5
    assert by_probabilities.ranking_loss == 1


def test_tensors_and_whole_numbers_are_taken():
    targets, scores = random_scores()
    whole = (scores * 10).astype(int)
    expected = ranking_scores(targets, whole)
    actual = ranking_scores(torch.tensor(targets), torch.tensor(whole, dtype=torch.float32))
    assert actual.lrap == expected.lrap


@pytest.mark.parametrize(
    ("targets", "scores", "error", "message"),
    [
        ([[1, 0]], [[0.5, NAN]], ValueError, "scores must be finite, got nan"),
        ([[1, 0]], [[0.5, np.inf]], ValueError, "scores must be finite, got inf"),
        ([[1, 0]], [["a", "b"]], TypeError, "scores must be numbers, got dtype <U1"),
        ([[1, 0]], [[None, 1.0]], TypeError, "scores must be numbers, got dtype object"),
        ([[1, 2]], [[0.5, 0.5]], ValueError, "targets must be 0 or 1, got 2"),
        ([[0.5, 0]], [[0.5, 0.5]], ValueError, "targets must be 0 or 1, got 0.5"),
        ([[1, 0]], [[0.5]], ValueError, r"same shape, got \(1, 2\) and \(1, 1\)"),
        ([1, 0], [0.5, 0.2], ValueError, r"shape \(n_samples, n_labels\), got \(2,\)"),
        ([[]], [[]], ValueError, r"at least one row and one label, got \(1, 0\)"),
    ],
)
def test_ranking_scores_refuse_bad_input(targets, scores, error, message):
    with pytest.raises(error, match=message):
        ranking_scores(targets, scores)
