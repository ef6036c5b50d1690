"""Calibration against scikit-learn, the best threshold for F1 against brute force."""

import numpy as np
import pytest
import sklearn.calibration
import sklearn.metrics
import torch

from mlcore.calibration import (
    brier,
    expected_calibration_error,
    lipton_threshold,
    reliability,
    undo_pos_weight,
)
from mlcore.datasets import load
from mlcore.thresholds import decide

NAN = float("nan")
SEEDS = [0, 1, 2, 3]


def problem(rows=200, labels=7, seed=0, dtype=np.float64):
    """Probabilities with many small ones, as rare labels have, and targets that follow them."""
    rng = np.random.default_rng(seed)
    probabilities = (rng.random((rows, labels)) ** 4).astype(dtype)
    return (rng.random((rows, labels)) < probabilities**1.3).astype(np.uint8), probabilities


def truth(seed):
    return load("synthetic", labels=40, rows=1500, seed=seed)


# Reliability, ECE, Brier.


def on_edges(dtype):
    """Probabilities on every fifteenth, and one step of the type to either side."""
    on = np.linspace(0, 1, 16).astype(dtype)
    values = np.concatenate([on, np.nextafter(on, dtype(0)), np.nextafter(on, dtype(1))])
    values = values.clip(0, 1).astype(dtype).reshape(-1, 4)
    return (np.random.default_rng(0).random(values.shape) < 0.5).astype(int), values


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("bins", [1, 2, 5, 15, 100])
def test_reliability_equals_scikit_learns_calibration_curve(bins, strategy, dtype):
    tables = [
        problem(dtype=dtype),
        problem(rows=400, labels=1, dtype=dtype),
        problem(rows=1, labels=1, dtype=dtype),
        problem(rows=900, labels=400, dtype=dtype),  # several blocks
        on_edges(dtype),
        tuple(table.round(1) for table in problem(dtype=dtype)),
    ]
    for targets, probabilities in tables:
        actual = reliability(targets, probabilities, bins=bins, strategy=strategy)
        true_share, mean = sklearn.calibration.calibration_curve(
            targets.ravel(), probabilities.ravel(), n_bins=bins, strategy=strategy
        )
        # Float64 sums of up to 360,000 cells, added up in another order.
        np.testing.assert_allclose(actual["true_share"], true_share, rtol=1e-12)
        np.testing.assert_allclose(actual["probability"], mean, rtol=1e-12)
        assert actual["count"].sum() == targets.size
        assert (actual["lower"] <= actual["probability"] * (1 + 1e-12)).all()
        assert (actual["probability"] <= actual["upper"] * (1 + 1e-12)).all()


def test_a_bin_holds_its_upper_edge_and_only_the_first_its_lower():
    probabilities = np.array([[0.0, 0.25, 0.5, np.nextafter(0.5, 1), 1.0]])
    diagram = reliability([[0, 1, 0, 1, 1]], probabilities, bins=4)
    assert diagram["lower"].tolist() == [0.0, 0.25, 0.5, 0.75]
    assert diagram["upper"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert diagram["count"].tolist() == [2, 1, 1, 1]
    assert diagram["true_share"].tolist() == [0.5, 0.0, 1.0, 1.0]
    # float32 0.2 is 0.200000003, above the edge at 0.2.
    assert reliability([[0]], np.float32([[0.2]]), bins=5)["lower"].tolist() == [0.2]


def ece_by_definition(targets, probabilities, bins, strategy="uniform"):
    """Cell by cell into bins, then the weighted gap."""
    values = probabilities.ravel()
    edges = np.linspace(0, 1, bins + 1)
    if strategy == "quantile":
        edges = np.percentile(values, edges * 100)
    total = 0.0
    for place in range(bins):
        lower = -1.0 if place == 0 else edges[place]
        upper = 2.0 if place == bins - 1 else edges[place + 1]
        chosen = (values > lower) & (values <= upper)
        if chosen.any():
            gap = values[chosen].astype(float).mean() - targets.ravel()[chosen].mean()
            total += chosen.mean() * abs(gap)
    return total


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("bins", [1, 10, 15, 100])
def test_ece_equals_its_definition(bins, strategy, dtype):
    for targets, probabilities in (problem(dtype=dtype), on_edges(dtype)):
        options = {"bins": bins, "strategy": strategy}
        actual = expected_calibration_error(targets, probabilities, **options)
        expected = ece_by_definition(targets, probabilities, **options)
        assert actual == pytest.approx(expected, abs=1e-13)
        actual = expected_calibration_error(targets, probabilities, **options, per_label=True)
        columns = range(targets.shape[1])
        expected = [
            ece_by_definition(targets[:, j], probabilities[:, j], **options) for j in columns
        ]
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-13)


def test_ece_is_the_mean_gap_of_the_reliability_diagram():
    targets, probabilities = problem(rows=900, labels=400)
    diagram = reliability(targets, probabilities)
    gap = np.abs(diagram["probability"] - diagram["true_share"])
    expected = (gap * diagram["count"]).sum() / targets.size
    assert expected_calibration_error(targets, probabilities) == pytest.approx(expected, abs=1e-13)


def test_ece_of_the_true_probabilities_shrinks_with_the_rows_and_that_of_weighted_ones_does_not():
    # With n cells in a bin the share of true ones is off by about 0.5 / sqrt(n) at most.
    data = load("synthetic", labels=40, rows=20_000)
    p, y = data.probabilities, data.y
    weighted = 20 * p / (20 * p + 1 - p)
    assert expected_calibration_error(y, p) < 0.005
    assert expected_calibration_error(y, weighted) > 0.2
    undone = undo_pos_weight(weighted, 20, kind="probabilities")
    assert expected_calibration_error(y, undone) < 0.005
    few = expected_calibration_error(y[:200], p[:200], per_label=True).mean()
    assert few > 5 * expected_calibration_error(y, p, per_label=True).mean()


def test_ece_and_brier_have_the_values_worked_out_by_hand():
    targets, probabilities = [[0, 1], [0, 1], [1, 1]], [[0.0, 1.0], [0.25, 0.75], [0.25, 0.75]]
    # Label 0, one bin: mean 1/6 against 1/3. Label 1: 5/6 against 1.
    actual = expected_calibration_error(targets, probabilities, bins=1, per_label=True)
    np.testing.assert_allclose(actual, [1 / 6, 1 / 6], rtol=1e-14)
    np.testing.assert_allclose(
        brier(targets, probabilities, per_label=True), [(1 + 9) / 48, 2 / 48], rtol=1e-14
    )
    assert brier(targets, probabilities) == pytest.approx(12 / 96, rel=1e-14)
    assert type(brier(targets, probabilities)) is float
    assert type(expected_calibration_error(targets, probabilities)) is float


@pytest.mark.parametrize("value", [0, 1])
def test_a_label_of_one_class_is_measured_like_any_other(value):
    targets = np.full((30, 2), value)
    right, wrong = np.full((30, 2), float(value)), np.full((30, 2), 1.0 - value)
    for probabilities, expected in ((right, 0.0), (wrong, 1.0)):
        ece = expected_calibration_error(targets, probabilities, per_label=True)
        assert ece.tolist() == [expected] * 2
        assert brier(targets, probabilities) == expected
        assert reliability(targets, probabilities)["true_share"].tolist() == [value]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_brier_equals_that_of_scikit_learn(dtype):
    for targets, probabilities in (problem(dtype=dtype), problem(900, 400, dtype=dtype)):
        expected = [
            sklearn.metrics.brier_score_loss(y, p.astype(float))
            for y, p in zip(targets.T[:20], probabilities.T[:20], strict=True)
        ]
        actual = brier(targets, probabilities, per_label=True)
        np.testing.assert_allclose(actual[:20], expected, rtol=1e-12)
        expected = sklearn.metrics.mean_squared_error(targets, probabilities.astype(float))
        assert brier(targets, probabilities) == pytest.approx(expected, rel=1e-12)


def test_calibration_takes_tensors_lists_and_booleans():
    targets, probabilities = problem()
    for measure in (expected_calibration_error, brier):
        expected = measure(targets, probabilities)
        model_output = torch.tensor(probabilities, requires_grad=True)
        assert measure(torch.tensor(targets), model_output) == expected
        assert measure(targets.tolist(), probabilities.tolist()) == expected
        assert measure(targets.astype(bool), probabilities) == expected


@pytest.mark.parametrize("measure", [reliability, expected_calibration_error, brier])
@pytest.mark.parametrize(
    ("targets", "probabilities", "message"),
    [
        ([[0, 1]], [[0.5]], r"targets and probabilities .* got \(1, 2\) and \(1, 1\)"),
        ([0, 1], [0.5, 0.5], r"must have shape \(n_samples, n_labels\), got \(2,\)"),
        ([[0, 2]], [[0.5, 0.5]], "targets must be 0 or 1, got 2"),
        ([[0, 1]], [[0.5, NAN]], r"probabilities must be in \[0, 1\], got nan"),
        ([[0, 1]], [[0.5, -0.1]], r"probabilities must be in \[0, 1\], got -0.1"),
        (np.zeros((0, 2)), np.zeros((0, 2)), r"at least one row and one label, got \(0, 2\)"),
        (np.zeros((2, 0)), np.zeros((2, 0)), r"at least one row and one label, got \(2, 0\)"),
    ],
)
def test_calibration_refuses_bad_tables(measure, targets, probabilities, message):
    with pytest.raises(ValueError, match=message):
        measure(targets, probabilities)


@pytest.mark.parametrize("measure", [reliability, expected_calibration_error])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": 0}, "bins must be >= 1, got 0"),
        ({"bins": 101}, "bins must be <= 100, got 101"),
        ({"bins": 2.5}, "bins must be a whole number, got 2.5"),
        ({"strategy": "kmeans"}, "strategy must be one of uniform, quantile; got 'kmeans'"),
    ],
)
def test_calibration_refuses_bad_bins(measure, options, message):
    with pytest.raises(ValueError, match=message):
        measure([[0, 1]], [[0.5, 0.5]], **options)


# The threshold that maximises F1.


def expected_f1(probabilities, threshold):
    predicted = probabilities >= threshold
    return 2 * probabilities[predicted].sum() / max(probabilities.sum() + predicted.sum(), 1e-300)


@pytest.mark.parametrize("probabilities", [0.5, [0.5], np.array([0.5])])
def test_only_a_table_is_decided(probabilities):
    with pytest.raises(ValueError, match=r"probabilities must have shape .*, got"):
        decide(probabilities, 0.5)


def test_the_best_expected_f1_equals_brute_force_over_all_subsets():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 5, 9):
        subsets = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1
        p = rng.random((n, 20)) ** rng.choice([1, 6])
        # Not only thresholds: no set of rows at all has a larger F1.
        brute = 2 * (subsets @ p) / (p.sum(axis=0) + subsets.sum(axis=1, keepdims=True))
        best = lipton_threshold(p)
        np.testing.assert_allclose(best.f1, brute.max(axis=0), rtol=1e-14)
        chosen = p >= best.highest
        np.testing.assert_array_equal(chosen.sum(axis=0), best.predicted)
        np.testing.assert_array_equal(chosen, subsets[brute.argmax(axis=0)].T.astype(bool))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_threshold_is_half_of_the_best_f1_on_the_true_probabilities(seed, dtype):
    p = truth(seed).probabilities.astype(dtype)
    best = lipton_threshold(p)
    # Strict: in these draws no probability is within rounding of f1 / 2.
    assert (best.lowest <= best.half_f1).all()
    assert (best.half_f1 <= best.highest).all()
    assert best.lowest.dtype == best.highest.dtype == dtype
    expected = decide(p, best.highest)
    for threshold in (best.half_f1, best.lowest):
        np.testing.assert_array_equal(decide(p, threshold), expected)
    for label in range(0, 40, 13):
        column = p[:, label].astype(float)
        brute = max(expected_f1(column, threshold) for threshold in np.unique(column))
        assert best.f1[label] == pytest.approx(brute, rel=1e-12)
        assert expected_f1(column, best.half_f1[label]) == pytest.approx(brute, rel=1e-12)


@pytest.mark.parametrize("decimals", [16, 1])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_counted_f1_equals_scikit_learns_at_every_threshold(seed, decimals):
    targets, p = problem(rows=40, labels=3, seed=seed)
    p = p.round(decimals)  # one decimal: many rows of one probability
    best = lipton_threshold(p, targets)
    for label in range(p.shape[1]):
        y, column = targets[:, label], p[:, label]
        brute = [
            sklearn.metrics.f1_score(y, column >= threshold, zero_division=0)
            for threshold in np.unique(column)
        ]
        assert best.f1[label] == pytest.approx(max(brute), rel=1e-14)
        for threshold in (best.lowest[label], best.highest[label]):
            f1 = sklearn.metrics.f1_score(y, column >= threshold, zero_division=0)
            assert f1 == pytest.approx(max(brute), rel=1e-14)


def test_drawn_labels_have_their_best_threshold_near_half_of_the_best_f1():
    data = load("synthetic", labels=20, rows=20_000)
    counted, expected = (
        lipton_threshold(data.probabilities, data.y),
        lipton_threshold(data.probabilities),
    )
    # The F1 of 20,000 rows with 5,000 to 200 true ones is known to about 0.01 to 0.04.
    np.testing.assert_allclose(counted.f1, expected.f1, atol=0.04)
    # F1 is flat at its top: the threshold varies more than F1 itself.
    np.testing.assert_allclose(counted.half_f1, counted.highest, atol=0.1)


def test_the_interval_holds_every_threshold_that_decides_alike():
    p = np.array([[0.5], [0.125], [0.375], [0.375]])
    best = lipton_threshold(p)  # F1 is 2/3.75 .. 1, 5/8.75, 10/17.5: 0.364, 0.571, 0.512
    assert best.predicted.tolist() == [3]
    np.testing.assert_allclose(best.f1, [2 * 1.25 / (1.375 + 3)], rtol=1e-15)
    assert best.highest.tolist() == [0.375]
    assert best.lowest.tolist() == [np.nextafter(0.125, 1)]
    assert decide(p, best.lowest[0]).sum() == 3
    assert decide(p, np.nextafter(best.lowest[0], 0)).sum() == 4
    assert decide(p, np.nextafter(best.highest[0], 1)).sum() == 1


def test_a_tie_takes_the_threshold_that_predicts_most():
    # F1 is 0.5 with one row and with all three: 2 * 0.5 / (1 + 1) and 2 * 1 / (1 + 3).
    best = lipton_threshold([[0.5], [0.25], [0.25]])
    values = [best.f1, best.half_f1, best.predicted, best.lowest, best.highest]
    assert [value.item() for value in values] == [0.5, 0.25, 3, 0.0, 0.25]


@pytest.mark.parametrize(
    ("probabilities", "f1", "highest"),
    [
        ([[0.0], [0.0]], 0.0, 0.0),
        ([[1.0], [1.0]], 1.0, 1.0),
        ([[0.25], [0.25]], 0.4, 0.25),  # tells nothing: predict everything
        ([[0.3]], 0.6 / 1.3, 0.3),
        ([[0], [1]], 1.0, 1.0),
    ],
)
def test_labels_without_a_choice_have_the_f1_worked_out_by_hand(probabilities, f1, highest):
    best = lipton_threshold(probabilities)
    assert best.f1.item() == pytest.approx(f1, rel=1e-15)
    assert best.highest.item() == highest
    assert best.lowest.item() <= best.half_f1.item() <= highest


def test_a_label_that_is_never_true_has_an_f1_of_0():
    targets, p = problem()
    best = lipton_threshold(torch.tensor(p), torch.tensor(np.zeros_like(targets)))
    assert best.f1.tolist() == [0.0] * 7
    assert best.predicted.tolist() == [200] * 7


@pytest.mark.parametrize(
    ("probabilities", "targets", "message"),
    [
        ([0.5], None, r"must have shape \(n_samples, n_labels\), got \(1,\)"),
        ([[1.5]], None, r"probabilities must be in \[0, 1\], got 1.5"),
        (np.zeros((0, 2)), None, r"at least one row and one label, got \(0, 2\)"),
        ([[0.5]], [[2]], "targets must be 0 or 1, got 2"),
        ([[0.5]], [[1, 0]], r"got \(1, 2\) and \(1, 1\)"),
    ],
)
def test_the_best_f1_refuses_bad_input(probabilities, targets, message):
    with pytest.raises(ValueError, match=message):
        lipton_threshold(probabilities, targets)
