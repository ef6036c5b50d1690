"""Softmax beside sigmoid: against PyTorch's own functions, scipy and closed forms."""

import numpy as np
import pytest
import torch
from scipy.special import expit, log_softmax, softmax

from mlcore.learn.comparison import (
    compare,
    decisions,
    logits_of,
    one_step,
    reductions,
    reductions_with,
    two_way,
)
from mlcore.thresholds import Choice

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 3, (6, 7))
TARGETS = RNG.integers(0, 2, (6, 7)).astype(float)
TARGETS[0] = 0
SOFT = RNG.random((6, 7))


@pytest.mark.parametrize("targets", [TARGETS, SOFT], ids=["hard", "soft"])
def test_losses_and_gradients_are_those_of_pytorch_and_of_closed_forms(targets):
    found = compare(LOGITS, targets)
    share = targets / np.maximum(targets.sum(1, keepdims=True), 1e-300)
    filled = targets.sum(1, keepdims=True) > 0
    z = torch.tensor(LOGITS)
    rows = torch.nn.functional.cross_entropy(z, torch.tensor(share), reduction="none")
    cells = torch.nn.functional.binary_cross_entropy_with_logits(
        z, torch.tensor(targets), reduction="none"
    )
    # Float64 everywhere: only the order of additions differs.
    np.testing.assert_allclose(found.softmax, softmax(LOGITS, axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.sigmoid, expit(LOGITS), rtol=1e-12)
    np.testing.assert_allclose(found.softmax_loss.sum(1), rows, rtol=1e-12)
    np.testing.assert_allclose(found.softmax_loss, -share * log_softmax(LOGITS, axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.sigmoid_loss, cells, rtol=1e-12)
    expected = (softmax(LOGITS, axis=1) - share) * filled
    np.testing.assert_allclose(found.softmax_gradient, expected, atol=1e-15)
    np.testing.assert_allclose(found.sigmoid_gradient, expit(LOGITS) - targets, atol=1e-15)


def test_raising_a_logit_takes_from_all_others_under_softmax_and_from_none_under_sigmoid():
    before = compare(LOGITS, TARGETS)
    after = compare(LOGITS + np.eye(7)[2], TARGETS)
    others = np.arange(7) != 2
    assert (after.softmax[:, others] < before.softmax[:, others]).all()
    np.testing.assert_array_equal(after.sigmoid[:, others], before.sigmoid[:, others])
    np.testing.assert_allclose(after.softmax.sum(1), 1, rtol=1e-15)
    np.testing.assert_allclose(before.softmax_gradient.sum(1), 0, atol=1e-15)


def test_extreme_logits_are_computed_right():
    found = compare([[1e30, -1e30, 0.0]], [[0.0, 1.0, 0.0]])
    np.testing.assert_array_equal(found.softmax, [[1, 0, 0]])
    np.testing.assert_array_equal(found.sigmoid, [[1, 0, 0.5]])
    np.testing.assert_allclose(found.sigmoid_loss, [[1e30, 1e30, np.log(2)]], rtol=1e-15)
    np.testing.assert_allclose(found.softmax_loss, [[0, 2e30, 0]], rtol=1e-15)
    np.testing.assert_array_equal(found.sigmoid_gradient, [[1, -1, 0.5]])


@pytest.mark.parametrize("top", [1, 3, 9])
def test_decisions_are_those_of_numpy_and_of_the_library(top):
    found = compare(LOGITS, TARGETS)
    made = decisions(found, LOGITS, threshold=0.3, top=top)
    np.testing.assert_array_equal(made.argmax.argmax(1), LOGITS.argmax(1))
    np.testing.assert_array_equal(made.argmax.sum(1), 1)
    np.testing.assert_array_equal(made.top, Choice(rule="top_k", top=top).predict(found.sigmoid))
    np.testing.assert_array_equal(made.sigmoid, expit(LOGITS) >= 0.3)
    np.testing.assert_array_equal(made.softmax, softmax(LOGITS, axis=1) >= 0.3)


def test_probabilities_and_the_same_numbers_taken_for_logits():
    numbers = np.array([[0.6, 0.7, 0.3, 0.4]])
    for logits, expected in ((logits_of(numbers), [1, 1, 0, 0]), (numbers, [1, 1, 1, 1])):
        made = decisions(compare(logits, 0 * numbers), logits, threshold=0.5, top=1)
        np.testing.assert_array_equal(made.sigmoid[0], expected)
    np.testing.assert_allclose(expit(logits_of(numbers)), numbers, rtol=1e-15)


@pytest.mark.parametrize("pair", [(2.0, -1.0), (0.0, 0.0), (40.0, -3.5), (-700.0, 60.0)])
def test_a_two_way_softmax_is_a_sigmoid_of_the_difference(pair):
    found = two_way(*pair)
    expected = expit(pair[0] - pair[1])
    loss = np.logaddexp(0, pair[1] - pair[0])
    for by_softmax_and_sigmoid, value in (
        (found.probability, expected),
        (found.loss, loss),
        (found.gradient, -expit(pair[1] - pair[0])),
    ):
        # A few units in the last place; a softmax's loss is a difference, exact to 1e-14 of 40.
        np.testing.assert_allclose(by_softmax_and_sigmoid, value, rtol=1e-14, atol=1e-14)


def test_reductions_of_a_row_and_what_the_others_add_up_to_are_those_of_the_table():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(0, 3, (5, 7)), (rng.random((5, 7)) < 0.3).astype(float)
    targets[3] = 0
    whole = reductions(logits, targets)
    for place in range(5):
        rest = compare(np.delete(logits, place, 0), np.delete(targets, place, 0))
        others = rest.sigmoid_loss.sum(), rest.softmax_loss.sum()
        row = compare(logits[[place]], targets[[place]])
        assert reductions_with(row, others, 5) == pytest.approx(whole, rel=1e-12)
    alone = reductions_with(row, (0.0, 0.0), 1)
    assert alone == pytest.approx(reductions(logits[[4]], targets[[4]]), rel=1e-12)


def test_reductions_and_steps_differ_by_the_number_of_labels():
    found = reductions(LOGITS, TARGETS)
    cells = np.logaddexp(0, np.where(TARGETS == 1, -LOGITS, LOGITS))
    np.testing.assert_allclose(found["sum"], cells.sum(), rtol=1e-12)
    np.testing.assert_allclose(found["batchmean"], cells.sum(1).mean(), rtol=1e-12)
    np.testing.assert_allclose(found["mean"], cells.mean(), rtol=1e-12)
    steps = {
        name: one_step(LOGITS, TARGETS, learning_rate=0.5, reduction=name)
        for name in ("mean", "batchmean")
    }
    # What is moved is a difference of numbers near 10, so 1e-16 * 10 is lost.
    slope = (expit(LOGITS) - TARGETS) / 6
    np.testing.assert_allclose(steps["batchmean"].moved, -0.5 * slope, atol=1e-14)
    np.testing.assert_allclose(steps["mean"].moved, -0.5 * slope / 7, atol=1e-14)
    assert all(step.after < step.loss for step in steps.values())


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        ([[float("nan")]], [[1.0]], "logits must be finite, got nan"),
        ([[1e31]], [[1.0]], r"logits must be in \[-1e\+30, 1e\+30\], got 1e\+31"),
        ([[0.0]], [[1.5]], r"targets must be in \[0, 1\], got 1.5"),
        ([[0.0, 1.0]], [[1.0]], r"same shape, got \(1, 2\) and \(1, 1\)"),
        ([0.0], [1.0], r"must have shape \(n_samples, n_labels\)"),
        (np.zeros((0, 3)), np.zeros((0, 3)), "at least one row and one label"),
    ],
)
def test_bad_tables_are_refused(logits, targets, message):
    with pytest.raises(ValueError, match=message):
        compare(logits, targets)
    with pytest.raises(ValueError, match="probabilities must be above 0 and below 1"):
        logits_of([0.5, 1.0])
