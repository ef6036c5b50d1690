"""One threshold or one for each label: decisions, figures, the best ones, and moving them."""

import numpy as np
import pytest
import torch
from sklearn.metrics import multilabel_confusion_matrix, precision_recall_curve

from mlcore.thresholds import ThresholdSweep, decide, figure_names
from tests.threshold_definitions import (
    CASES,
    CLOSE,
    NAN,
    UNEVEN,
    assert_close,
    by_definition,
    changed,
    problem,
    reached,
)

LESS_IS_BETTER = ("hamming_loss", "empty_share")


def tensor(values):
    """A tensor of the type that NumPy gives the values, float64 for decimals."""
    return torch.tensor(np.asarray(values))


@pytest.mark.parametrize("make", [np.array, tensor])
def test_a_label_is_predicted_from_its_threshold_on(make):
    below = np.nextafter(0.5, 0)
    decided = decide(make([[0.5, below, 1.0, 0.0]]), 0.5)
    assert type(decided) is type(make([True]))
    assert decided.tolist() == [[True, False, True, False]]
    assert decide(make([[0.0, 1.0]]), 0.0).tolist() == [[True, True]]
    assert decide(make([[1 - 2**-53, 1.0]]), 1.0).tolist() == [[False, True]]


@pytest.mark.parametrize("make", [np.array, tensor])
def test_each_label_may_have_its_own_threshold(make):
    probabilities = make([[0.2, 0.2, 0.2], [0.9, 0.9, 0.9]])
    expected = [[True, False, True], [True, True, False]]
    for threshold in ([0.1, 0.5, 0.2], np.array([0.1, 0.5, 0.2]), torch.tensor([0.1, 0.5, 0.2])):
        decided = decide(probabilities[:1], threshold)
        assert decided.shape == (1, 3)
        assert decided[:, :2].tolist() == [expected[0][:2]]
    assert decide(probabilities, [0.1, 0.5, 1.0]).tolist()[1] == expected[1]
    assert decide(probabilities, [0.5]).tolist() == decide(probabilities, 0.5).tolist()


@pytest.mark.parametrize("make", [np.array, tensor])
def test_a_float32_probability_reaches_the_threshold_of_its_own_digits(make):
    # float32 0.3 is 0.30000001192 and float32 0.7 is 0.69999998807: in float64 one of the two
    # would be on the wrong side.
    for threshold in (0.3, 0.7):
        probabilities = make(np.float32([[threshold, np.nextafter(np.float32(threshold), 0)]]))
        assert decide(probabilities, threshold).tolist() == [[True, False]]
        assert decide(probabilities, np.float64([threshold] * 2)).tolist() == [[True, False]]


@pytest.mark.parametrize("make", [np.array, tensor])
def test_probabilities_may_be_whole_numbers(make):
    assert decide(make([[0, 1]]), 0.5).tolist() == [[False, True]]
    assert decide(make([[False, True]]), 0.5).tolist() == [[False, True]]
    sweep = ThresholdSweep(make([[0, 1]]), make([[0, 1]]), thresholds=[0.0, 0.25, 1.0])
    assert sweep.figures["labels_per_row"].tolist() == [2, 1, 1]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_sweep_decides_like_decide(dtype):
    thresholds = np.arange(101) / 100
    probabilities = np.stack([thresholds, thresholds]).astype(dtype)
    sweep = ThresholdSweep(np.ones((2, 101), int), probabilities, thresholds=thresholds)
    expected = [decide(probabilities, threshold).sum() / 2 for threshold in thresholds]
    assert sweep.figures["labels_per_row"].tolist() == expected
    assert [sweep.at(t)["labels_per_row"] for t in thresholds] == expected


@pytest.mark.parametrize("parts", [1000, 4095, 4096])
def test_a_score_just_below_a_threshold_does_not_reach_it(parts):
    thresholds = (np.arange(1, parts) / parts).astype(np.float32)
    scores = np.concatenate([thresholds, np.nextafter(thresholds, np.float32(0))])
    sweep = ThresholdSweep(np.ones((len(scores), 1), int), scores[:, None], thresholds=thresholds)
    reached = len(scores) - np.searchsorted(np.sort(scores), thresholds)
    np.testing.assert_array_equal(sweep.label_counts()[1][:, 0], reached)


@pytest.mark.parametrize("make", [np.array, tensor])
@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (-0.1, r"threshold must be in \[0, 1\], got -0.1"),
        (1.1, r"threshold must be in \[0, 1\], got 1.1"),
        (NAN, r"threshold must be in \[0, 1\], got nan"),
        ([0.5, 2.0, 0.5], r"threshold must be in \[0, 1\], got 2.0"),
        ([0.5, 0.5], r"a number or one for each label, got shape \(2,\) for 3 labels"),
        ([[0.5], [0.5]], r"one for each label, got shape \(2, 1\) for 3 labels"),
    ],
)
def test_decide_refuses_a_bad_threshold(make, threshold, message):
    with pytest.raises(ValueError, match=message):
        decide(make([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]), threshold)


# Figures at one threshold, or with one for each label.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("thresholds", [101, UNEVEN, "distinct"], ids=str)
@pytest.mark.parametrize("case", ["ties, on thresholds", "some of it all", "one label"])
def test_any_threshold_gives_its_figures_and_those_of_each_label(case, thresholds, dtype):
    targets, probabilities = CASES[case][0], CASES[case][1].astype(dtype)
    n_labels = targets.shape[1]
    options = {"beta": 2, "zero_division": 1.0}
    sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds, **options)
    each = np.random.default_rng(0).choice([0.0, 0.1, 0.3, 0.33, 1.0], n_labels)
    for threshold in (0, 0.0, 0.1, 0.3, 0.123, 0.5, 1, 1.0, np.float32(0.3), np.float64(0.3),
                      np.array(0.3), [0.3], each, each.tolist(), torch.tensor(each)):  # fmt: skip
        predicted = decide(probabilities, threshold)
        figures = sweep.at(threshold)
        assert all(type(value) is float for value in figures.values())
        assert tuple(figures) == tuple(sweep.figures)
        assert_close(figures, by_definition(targets, predicted, **options))

        counts = sweep.labels_at(threshold)
        cells = multilabel_confusion_matrix(
            *(np.pad(table, ((0, 0), (0, 1))) for table in (targets, predicted))
        )[:n_labels]  # one more label, as one alone would be read as two classes
        for name, (y, p) in {
            "true_positives": (1, 1), "false_positives": (0, 1), "false_negatives": (1, 0)
        }.items():  # fmt: skip
            assert counts[name].dtype == np.int64
            np.testing.assert_array_equal(counts[name], cells[:, y, p])
        for name in ("precision", "recall", "f2", "jaccard"):
            assert counts[name].shape == (n_labels,)
            of_occurring = counts[name][sweep.support > 0]
            np.testing.assert_allclose(of_occurring.mean(), figures[f"macro_{name}"], **CLOSE)
        assert len(counts) == 7


def test_a_threshold_on_the_grid_reads_nothing(monkeypatch):
    targets, probabilities = problem()
    sweep = ThresholdSweep(targets, probabilities)
    monkeypatch.delattr(ThresholdSweep, "_count_once")
    for i in range(101):
        sweep.at(i / 100)
        sweep.at(np.float64(i / 100))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (-1e-50, r"threshold must be in \[0, 1\], got -1e-50"),
        (1 + 1e-9, r"threshold must be in \[0, 1\], got 1.000000001"),
        (NAN, r"threshold must be in \[0, 1\], got nan"),
        ([0.5, 2.0], r"threshold must be in \[0, 1\], got 2.0"),
        ([0.5] * 3, r"one for each label, got shape \(3,\) for 2 labels"),
    ],
)
def test_a_sweep_refuses_a_bad_threshold(threshold, message, dtype):
    sweep = ThresholdSweep(np.array([[0, 1]]), np.array([[0.5, 0.5]], dtype))
    for ask in (sweep.at, sweep.labels_at, sweep.moving):
        with pytest.raises(ValueError, match=message):
            ask(threshold)


# The best threshold.


@pytest.mark.parametrize("zero_division", [0.0, NAN])
@pytest.mark.parametrize("case", ["random", "ties, on thresholds", "some of it all"])
def test_best_is_the_highest_of_the_best(case, zero_division):
    targets, probabilities = CASES[case]
    sweep = ThresholdSweep(targets, probabilities, zero_division=zero_division)
    every = [
        by_definition(targets, reached(probabilities, threshold), 1.0, zero_division)
        for threshold in sweep.thresholds
    ]
    for name in figure_names():
        values = np.array([figures[name] for figures in every])
        best = (np.nanmin if name in LESS_IS_BETTER else np.nanmax)(values)
        threshold, value = sweep.best(name)
        assert type(threshold) is type(value) is float
        assert value == pytest.approx(best, rel=0, abs=1e-12)
        # Different means of 60 ratios are further apart than that.
        tied = np.abs(values - best) < 1e-12
        assert threshold == sweep.thresholds[tied].max(), name


def test_best_by_hand():
    sweep = ThresholdSweep(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.4], [0.6, 0.2]]))
    assert sweep.best("micro_precision") == (0.9, 1.0)
    assert sweep.best("micro_recall") == (0.2, 1.0)
    assert sweep.best("hamming_loss") == (0.6, 0.25)
    assert sweep.best("empty_share") == (0.6, 0.0)
    assert sweep.best("labels_per_row") == (0.2, 2.0)
    with pytest.raises(ValueError, match=r"metric must be one of micro_precision, .*; got 'f1'"):
        sweep.best("f1")


@pytest.mark.parametrize("thresholds", [101, "distinct"])
def test_best_takes_no_rounding_for_a_difference(thresholds):
    for seed in range(20):
        targets, probabilities = problem(rows=28, labels=4, density=0.6, seed=seed)
        probabilities = 0.25 + 0.75 * probabilities
        sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds)
        # Every row has a recall of 1 up to the lowest score of a true label.
        lowest = probabilities[targets == 1].min()
        expected = sweep.thresholds[sweep.thresholds <= lowest].max()
        assert sweep.best("samples_recall")[0] == expected


def test_what_is_nan_everywhere_has_no_best():
    sweep = ThresholdSweep(np.zeros((2, 2)), np.full((2, 2), 0.5), zero_division=NAN)
    assert np.isnan(sweep.best("micro_recall")[1])


# The best threshold of each label.


def best_by_scikit_learn(targets, probabilities, beta=1.0):
    """The highest threshold with the best F-beta of each label; 1 for one without a true row."""
    best = np.ones(targets.shape[1])
    for label in np.flatnonzero(targets.any(axis=0)):
        precision, recall, scores = precision_recall_curve(
            targets[:, label], probabilities[:, label]
        )
        whole = beta**2 * precision + recall
        f_beta = (1 + beta**2) * precision * recall / np.where(whole > 0, whole, 1)
        # Different ratios of counts up to 10,000 are further apart than that.
        best[label] = scores[f_beta[:-1] >= f_beta.max() - 1e-12].max()
    return best


GRIDS = [101, 2, [0.3, 0.9], [0.5], [0.0], [1.0], "distinct"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("beta", [0.5, 1, 2])
@pytest.mark.parametrize("case", CASES)
def test_best_per_label_is_exact_on_any_grid(case, beta, dtype):
    targets, probabilities = CASES[case][0], CASES[case][1].astype(dtype)
    expected = best_by_scikit_learn(targets, probabilities, beta)
    for thresholds in GRIDS:
        sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds, beta=beta)
        best = sweep.best_per_label()
        assert best.dtype == np.float64
        np.testing.assert_array_equal(best, expected, err_msg=str(thresholds))
        np.testing.assert_array_equal(best, sweep.best_per_label(f"f{beta:g}"))
        for label in np.flatnonzero(targets.any(axis=0)):
            assert best[label] in probabilities[:, label]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_best_per_label_finds_rare_labels_whose_scores_are_all_tiny(dtype):
    rng = np.random.default_rng(0)
    targets = np.zeros((2_000, 30), np.uint8)
    for label in range(30):
        targets[rng.choice(2_000, label % 3 + 1, replace=False), label] = 1
    probabilities = rng.random(targets.shape).astype(dtype) * dtype(0.01)
    probabilities[targets == 1] *= 1 + rng.random(targets.sum()).astype(dtype) / 5
    best = ThresholdSweep(targets, probabilities).best_per_label()
    assert best.max() < 0.012
    np.testing.assert_array_equal(best, best_by_scikit_learn(targets, probabilities))


@pytest.mark.parametrize("levels", [20, 300, 10**9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_best_per_label_is_exact_where_scores_mean_something(levels, dtype):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (10_000, 20)) + np.linspace(-7, 1, 20)
    probabilities = ((1 / (1 + np.exp(-logits)) * levels).round() / levels).astype(dtype)
    targets = rng.random(logits.shape) < probabilities
    for beta in (0.5, 1):
        best = ThresholdSweep(targets, probabilities, beta=beta).best_per_label()
        expected = best_by_scikit_learn(targets, probabilities, beta)
        np.testing.assert_array_equal(best, expected)


@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_best_per_label_by_jaccard_is_best_by_jaccard(beta):
    targets, probabilities = problem()
    sweep = ThresholdSweep(targets, probabilities, beta=beta)
    every = np.array([sweep.labels_at(p)["jaccard"] for p in np.unique(probabilities)])
    actual = sweep.labels_at(sweep.best_per_label("jaccard"))["jaccard"]
    # The same ratios of whole numbers.
    np.testing.assert_array_equal(actual, every.max(axis=0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_best_per_label_by_hand(dtype):
    targets = np.array([[1, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 1]])
    probabilities = np.array(
        [[0.5, 0.9, 0.0, 0.75], [0.25, 0.9, 0.0, 0.75], [0.125, 0.9, 0.0, -0.0]], dtype
    )
    # All before any false one; nothing true; one score; a minus 0, which numbers take for 0.
    sweep = ThresholdSweep(targets, probabilities)
    assert sweep.best_per_label().tolist() == [0.25, 1.0, 0.0, 0.0]


def test_best_per_label_knows_the_f_beta_of_the_sweep_only():
    sweep = ThresholdSweep(*problem(), beta=0.5)
    with pytest.raises(ValueError, match=r"metric must be one of f0\.5, .*got 'f1'"):
        sweep.best_per_label("f1")


# Thresholds that move.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("beta", "zero_division"), [(1, 0.0), (2, 1.0), (0.5, NAN)])
@pytest.mark.parametrize("thresholds", [101, "distinct"])
def test_many_moves_end_where_the_figures_of_all_thresholds_are(
    thresholds, beta, zero_division, dtype
):
    targets, probabilities = changed(targets_rows=0, targets_labels=0)
    probabilities[:30] = probabilities[:30].round(1)
    options = {"thresholds": thresholds, "beta": beta, "zero_division": zero_division}
    sweep = ThresholdSweep(targets, probabilities.astype(dtype), **options)
    rng = np.random.default_rng(0)
    each = rng.random(9)
    moving = sweep.moving(each)
    assert_close(moving.figures(), sweep.at(each))
    for step in range(300):
        label = rng.integers(9)
        each[label] = rng.choice([0.0, 1.0, 0.1 * rng.integers(11), rng.random()])
        figures = moving.move(label, each[label])
        np.testing.assert_array_equal(moving.thresholds, each)
        assert_close(figures, sweep.at(each))
        if step % 50 == 0:
            predicted = decide(probabilities.astype(dtype), each)
            assert_close(figures, by_definition(targets, predicted, beta, zero_division))
    assert moving.figures() == figures


def test_moving_leaves_the_sweep_and_other_movers_alone():
    sweep = ThresholdSweep(*problem())
    thresholds = np.full(9, 0.3)
    first, second = sweep.moving(thresholds), sweep.moving(0.3)
    before = sweep.at(0.3), sweep.at(thresholds)
    assert first.move(2, 0.9) != before[0]
    assert second.figures() == before[1]
    assert (sweep.at(0.3), sweep.at(thresholds)) == before
    assert thresholds.tolist() == [0.3] * 9
    assert sweep.moving(torch.tensor(thresholds)).figures() == before[1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("label", "threshold", "error", "message"),
    [
        (9, 0.5, ValueError, "label must be <= 8, got 9"),
        (-1, 0.5, ValueError, "label must be >= 0, got -1"),
        (0.5, 0.5, ValueError, "label must be a whole number, got 0.5"),
        ("0", 0.5, TypeError, "label must be a number, got str '0'"),
        (0, 1.5, ValueError, r"threshold must be <= 1.0, got 1.5"),
        (0, -0.5, ValueError, r"threshold must be >= 0.0, got -0.5"),
        (0, NAN, ValueError, r"threshold must be finite, got nan"),
        (0, [0.5], TypeError, "threshold must be a number, got list"),
    ],
)
def test_a_bad_move_is_refused_and_changes_nothing(label, threshold, error, message, dtype):
    targets, probabilities = problem()
    moving = ThresholdSweep(targets, probabilities.astype(dtype)).moving(0.5)
    before = moving.figures()
    with pytest.raises(error, match=message):
        moving.move(label, threshold)
    assert moving.figures() == before


def test_a_label_may_be_any_whole_number():
    moving = ThresholdSweep(*problem()).moving(0.5)
    figures = [moving.move(label, 0.4) for label in (1, np.int64(1), 1.0)]
    assert figures[0] == figures[1] == figures[2]
