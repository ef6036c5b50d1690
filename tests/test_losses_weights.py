"""What losses are told of the training targets: counts, priors and weights of positives."""

import numpy as np
import pytest
import torch

from mlcore.losses import label_counts, label_priors, pos_weights


@pytest.mark.parametrize("make", [torch.tensor, np.array])
def test_counts_and_priors_come_as_what_the_targets_are(make):
    targets = make([[1, 0], [1, 0], [0, 0], [0, 0]])
    for count, expected in ((label_counts, [2, 0]), (label_priors, [0.5, 0.125])):
        assert type(count(targets)) is type(targets)
        assert count(targets).tolist() == expected
    with pytest.raises(ValueError, match="at least one row, got none"):
        label_priors(targets[:0])
    with pytest.raises(ValueError, match=r"shape \(n_samples, n_labels\), got \(4,\)"):
        label_counts(targets[:, 0])
    # Whatever the number of rows, float32 can tell a prior from 0 and 1.
    everything = label_priors(np.ones((2, 1)).repeat(10**7, axis=0)).astype(np.float32)
    assert 0 < 1 - everything.item() < 1e-6


def test_pos_weights_follow_their_formulas():
    targets = np.zeros((1000, 4))
    targets[:10, 0] = targets[:500, 1] = targets[:, 3] = 1  # label 2 is never true, 3 always
    positives, negatives = np.array([10, 500, 1, 1000]), np.array([990, 500, 1000, 1])
    np.testing.assert_array_equal(pos_weights(targets, "none"), np.ones(4))
    np.testing.assert_array_equal(pos_weights(targets, "balanced"), negatives / positives)
    np.testing.assert_array_equal(pos_weights(targets, "sqrt"), np.sqrt(negatives / positives))
    for beta in (0.0, 0.9, 0.999999):
        # An effective number is the sum of a geometric series, one term a sample.
        effective = [sum(beta**i for i in range(n)) for n in (*negatives, *positives)]
        expected = np.divide(effective[:4], effective[4:])
        # 1 - 0.999999 ** n cancels all but ten digits.
        np.testing.assert_allclose(
            pos_weights(targets, "effective", beta=beta), expected, rtol=1e-9
        )
    np.testing.assert_array_equal(pos_weights(targets, "balanced", cap=50), [50, 1, 50, 0.001])
    assert pos_weights(targets, 3) == 3.0
    assert pos_weights(targets, 3, cap=2) == 2.0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bool, torch.int64])
def test_pos_weights_of_a_tensor_are_a_tensor(dtype):
    targets = torch.tensor([[1, 0], [0, 0], [0, 0]], dtype=dtype)
    weights = pos_weights(targets, "effective")
    assert weights.dtype == (dtype if dtype.is_floating_point else torch.float32)
    expected = pos_weights(targets.numpy(), "effective")
    torch.testing.assert_close(weights.double(), torch.tensor(expected), rtol=1e-6, atol=0)


@pytest.mark.parametrize("make", [np.float16, lambda y: torch.tensor(y, dtype=torch.float16),
                                  lambda y: torch.tensor(y, dtype=torch.bfloat16)])  # fmt: skip
def test_half_precision_counts_more_rows_than_it_has_numbers_for(make):
    targets = np.zeros((70_000, 2))
    targets[:1, 0] = targets[:66_001, 1] = 1
    made = make(targets)
    assert label_counts(made).tolist() == [1, 66_001]
    np.testing.assert_allclose(pos_weights(made, "balanced"), [69_999, 3_999 / 66_001], rtol=1e-6)
    np.testing.assert_allclose(label_priors(made), [1 / 70_000, 66_001 / 70_000], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((np.zeros((2, 3)), "cube"), {}, ValueError, "scheme must be one of none, balanced, sqrt"),
        ((np.zeros((2, 3)), -1), {}, ValueError, "scheme must be >= 0, got -1"),
        ((np.zeros((2, 3)), None), {}, TypeError, "scheme must be a number, got NoneType"),
        ((np.zeros((2, 3)), "sqrt"), {"cap": 0}, ValueError, "cap must be > 0, got 0"),
        ((np.zeros((2, 3)), "sqrt"), {"beta": 1.0}, ValueError, "beta must be <= 0.999999"),
        ((np.zeros(3), "sqrt"), {}, ValueError, r"shape \(n_samples, n_labels\), got \(3,\)"),
        ((torch.full((2, 3), 2.0), "sqrt"), {}, ValueError, r"in \[0, 1\], got 2.0"),
        ((["a"], "sqrt"), {}, TypeError, "targets must be numbers, got dtype <U1"),
    ],
)
def test_pos_weights_refuses_bad_input(arguments, options, error, message):
    with pytest.raises(error, match=message):
        pos_weights(*arguments, **options)
