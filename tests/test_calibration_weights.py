"""Undoing a positive weight against exact arithmetic; a weight as a threshold on known truth."""

import mpmath
import numpy as np
import pytest
import torch
from scipy.special import expit, logit

from mlcore.calibration import (
    calibrated_threshold,
    reweighted_threshold,
    undo_pos_weight,
    weight_is_a_threshold,
)
from mlcore.losses import binary_cross_entropy
from mlcore.thresholds import decide
from tests.test_calibration import NAN, SEEDS, problem, truth

# Undoing a weight.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight", [0.01, 1.0, 7.5, 1e4])
def test_undoing_on_logits_and_on_probabilities_is_one_thing(dtype, weight):
    logits = np.random.default_rng(0).normal(0, 4, (50, 6)).astype(dtype)
    from_logits = undo_pos_weight(logits, weight, kind="logits")
    from_probabilities = undo_pos_weight(expit(logits), weight, kind="probabilities")
    assert from_logits.dtype == from_probabilities.dtype == dtype
    # A probability near 1 has lost digits: half an ulp of p is that times e^logit of its odds.
    rtol = 4 * np.finfo(dtype).eps * (np.abs(logits) + np.log(weight) ** 2 + np.exp(logits))
    expected = expit(from_logits)
    assert (np.abs(from_probabilities - expected) <= rtol * expected).all()


@pytest.mark.parametrize("weight", [5e-324, 1e-300, 0.3, 1.0, 17.0, 1e300, 1.7e308])
def test_undoing_on_probabilities_equals_exact_arithmetic(weight):
    values = np.array([0.0, 5e-324, 1e-300, 1e-17, 0.1, 0.5, 0.9, 1 - 2**-53, 1.0])
    actual = undo_pos_weight(values, weight, kind="probabilities")
    with mpmath.workdps(700):  # holds 1e-300 beside 1e300 with digits to spare
        p, w = [mpmath.mpf(value) for value in values.tolist()], mpmath.mpf(weight)
        expected = [float(value / (value + w * (1 - value))) for value in p]
    # Four operations of half an ulp each; below 1e-307 numbers have fewer digits.
    np.testing.assert_allclose(actual, expected, rtol=1e-15, atol=1e-323)
    assert (actual[0], actual[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("weight", [1e-300, 1e300])
def test_a_float32_probability_survives_a_weight_that_float32_cannot_hold(weight):
    actual = undo_pos_weight(np.float32([[0, 0.5, 1]]), weight, kind="probabilities")
    assert actual.dtype == np.float32
    assert actual.tolist() == [[0.0, 0.0 if weight > 1 else 1.0, 1.0]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_undoing_is_done_in_float64_and_rounded_once(dtype):
    p = np.array([[1e-4, 0.3, 0.9995]], dtype)
    for weight in (0.001, 7.0, 1000.0):
        exact = p.astype(np.float64)
        expected = (exact / (exact + weight * (1 - exact))).astype(dtype)
        np.testing.assert_array_equal(undo_pos_weight(p, weight, kind="probabilities"), expected)


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_undoing_takes_a_weight_for_each_label(kind):
    _, scores = problem(labels=3)
    weights = [0.5, 1.0, 20.0]
    actual = undo_pos_weight(scores, weights, kind=kind)
    for label, weight in enumerate(weights):
        alone = undo_pos_weight(scores[:, label], weight, kind=kind)
        np.testing.assert_array_equal(actual[:, label], alone)
    np.testing.assert_array_equal(actual[:, 1], scores[:, 1])
    as_tensors = undo_pos_weight(torch.tensor(scores), torch.tensor(weights), kind=kind)
    np.testing.assert_allclose(as_tensors, actual, rtol=1e-12)  # torch makes 20.0 a float32


def test_logits_in_the_unit_interval_are_still_logits():
    actual = undo_pos_weight(np.array([[0.25]]), np.e, kind="logits")
    np.testing.assert_allclose(actual, [[-0.75]], rtol=1e-15)


@pytest.mark.parametrize(
    ("scores", "weight", "kind", "message"),
    [
        ([[0.5]], 1.0, "scores", "kind must be one of logits, probabilities; got 'scores'"),
        ([[1.5]], 1.0, "probabilities", r"probabilities must be in \[0, 1\], got 1.5"),
        ([[NAN]], 1.0, "probabilities", r"probabilities must be in \[0, 1\], got nan"),
        ([[np.inf]], 1.0, "logits", "logits must be finite, got inf"),
        ([[0.5]], 0.0, "logits", "pos_weight must be > 0, got 0.0"),
        ([[0.5]], -2.0, "logits", "pos_weight must be > 0, got -2.0"),
        ([[0.5]], np.inf, "logits", "pos_weight must be finite, got inf"),
        ([[0.5, 0.5]], [1.0, NAN], "logits", "pos_weight must be finite, got nan"),
        ([[0.5, 0.5]], [1.0] * 3, "logits", r"each label, shape \(2,\); got shape \(3,\)"),
    ],
)
def test_undoing_refuses_bad_input(scores, weight, kind, message):
    with pytest.raises(ValueError, match=message):
        undo_pos_weight(np.array(scores), weight, kind=kind)


# A weight is a threshold.


@pytest.mark.parametrize("weight", [1e-3, 0.2, 1.0, 9.0, 1e3])
def test_moved_thresholds_decide_alike(weight):
    rng = np.random.default_rng(0)
    weighted, thresholds = rng.random((400, 30)), rng.random(30)
    calibrated = undo_pos_weight(weighted, weight, kind="probabilities")
    # Random values are nowhere within rounding of the threshold, where decisions may differ.
    moved = calibrated_threshold(thresholds, weight)
    np.testing.assert_array_equal(decide(weighted, thresholds), decide(calibrated, moved))
    moved = reweighted_threshold(thresholds, weight)
    np.testing.assert_array_equal(decide(weighted, moved), decide(calibrated, thresholds))


@pytest.mark.parametrize("weight", [1e-300, 0.01, 1.0, 50.0, 1e300])
def test_moved_thresholds_have_their_closed_form_and_ends(weight):
    assert calibrated_threshold(0.5, weight) == pytest.approx(1 / (1 + weight), rel=1e-15)
    for move in (calibrated_threshold, reweighted_threshold):
        assert [move(0.0, weight), move(1.0, weight)] == [0.0, 1.0]
        assert type(move(0.5, weight)) is float


def test_moving_a_threshold_there_and_back_returns_it():
    thresholds = np.random.default_rng(0).uniform(0.01, 0.99, 1000)
    weights = 10.0 ** np.random.default_rng(1).uniform(-3, 3, 1000)
    back = reweighted_threshold(calibrated_threshold(thresholds, weights), weights)
    # A threshold within 1e-5 of 1 in between has lost five of its sixteen digits.
    np.testing.assert_allclose(back, thresholds, rtol=1e-10)
    assert calibrated_threshold([0.1, 0.5], 4).shape == (2,)
    assert calibrated_threshold(0.5, [4.0, 9.0]).tolist() == [0.2, 0.1]


@pytest.mark.parametrize("move", [calibrated_threshold, reweighted_threshold])
@pytest.mark.parametrize(
    ("threshold", "weight", "message"),
    [
        (1.1, 1.0, r"threshold must be in \[0, 1\], got 1.1"),
        ([0.5, NAN], 1.0, r"threshold must be in \[0, 1\], got nan"),
        ([[0.5]], 1.0, r"threshold must be a number or one for each label, got shape \(1, 1\)"),
        (0.5, 0.0, "pos_weight must be > 0, got 0.0"),
        (0.5, [[1.0, 2.0]], r"pos_weight must be .* got shape \(1, 2\)"),
        ([0.5, 0.5], [1.0, 2.0, 3.0], r"shape \(2,\); got shape \(3,\)"),
    ],
)
def test_moving_a_threshold_refuses_bad_input(move, threshold, weight, message):
    with pytest.raises(ValueError, match=message):
        move(threshold, weight)


@pytest.mark.parametrize("weight", [0.1, 3.0, 200.0])
def test_the_weighted_loss_of_the_lab_is_least_where_the_theorem_says(weight):
    p = np.random.default_rng(0).uniform(0.001, 0.999, (20, 3))
    least = torch.tensor(logit(p) + np.log(weight), requires_grad=True)
    yes, no = (
        binary_cross_entropy(
            least, torch.full_like(least, y), pos_weight=torch.tensor(weight), reduction="none"
        )
        for y in (1.0, 0.0)
    )
    risk = torch.tensor(p) * yes + torch.tensor(1 - p) * no
    (slope,) = torch.autograd.grad(risk.sum(), least)
    # The risk is convex in the logit, so a slope of 0 is its minimum.
    np.testing.assert_allclose(slope, 0, atol=1e-6 * max(1, weight) / weight)
    q = expit(least.detach().numpy())
    np.testing.assert_allclose(undo_pos_weight(q, weight, kind="probabilities"), p, rtol=1e-11)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_weight_decides_as_a_threshold_on_the_true_probabilities(seed):
    p = truth(seed).probabilities
    for weight in (0.05, 1.0, 19.0, 300.0, np.random.default_rng(seed).uniform(0.1, 99, 40)):
        for threshold in (0.5, 0.3):
            result = weight_is_a_threshold(p, weight, threshold=threshold)
            assert result["cells"] == p.size
            assert result["differing"] == 0
            assert result["positive"] == decide(p, result["threshold"]).sum()
            # q near 1 is rounded to 1e-16, and undoing multiplies that by up to w.
            assert result["largest_error"] < 2e-16 * (1 + np.max(weight))
    assert weight_is_a_threshold(p, 19.0)["threshold"] == 0.05


def test_a_weight_on_a_tensor_and_at_the_ends():
    p = torch.tensor([[0.0, 1.0], [0.25, 0.75]])
    result = weight_is_a_threshold(p, 1.0)
    assert (result["differing"], result["positive"], result["largest_error"]) == (0, 2, 0.0)
    # So large a weight makes every q that is not 0 round to 1, and 1 is undone to 1.
    result = weight_is_a_threshold(p, 1e300)
    assert (result["differing"], result["positive"], result["largest_error"]) == (0, 3, 0.75)


@pytest.mark.parametrize(
    ("probabilities", "weight", "threshold", "message"),
    [
        ([0.5, 0.5], 1.0, 0.5, r"shape \(n_samples, n_labels\), got \(2,\)"),
        ([[1.5]], 1.0, 0.5, r"probabilities must be in \[0, 1\], got 1.5"),
        ([[0.5]], -1.0, 0.5, "pos_weight must be > 0, got -1.0"),
        ([[0.5]], 1.0, 2.0, r"threshold must be in \[0, 1\], got 2.0"),
    ],
)
def test_comparing_refuses_bad_input(probabilities, weight, threshold, message):
    with pytest.raises(ValueError, match=message):
        weight_is_a_threshold(probabilities, weight, threshold=threshold)
