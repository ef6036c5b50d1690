"""What losses refuse, and how they say so."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from mlcore.losses import (
    LOSSES,
    absolute_kl,
    asymmetric,
    bce_on_probabilities,
    binary_cross_entropy,
    class_balanced,
    dice,
    focal,
    hill,
    logit_adjusted,
    soft_f1,
    softmax_cross_entropy,
    tversky,
    two_way,
    weighted_binary_cross_entropy,
    zlpr,
)
from tests.test_losses import problem_for, random_problem

PUBLIC = [
    softmax_cross_entropy,
    binary_cross_entropy,
    weighted_binary_cross_entropy,
    focal,
    asymmetric,
    hill,
    zlpr,
    two_way,
    soft_f1,
    dice,
    tversky,
    bce_on_probabilities,
    absolute_kl,
    partial(class_balanced, counts=torch.ones(2)),
    partial(logit_adjusted, priors=torch.full((2,), 0.5)),
]
balanced, adjusted = PUBLIC[-2:]


@pytest.mark.parametrize("function", PUBLIC)
@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        (
            torch.zeros(4, 3),
            torch.zeros(4, 2),
            ValueError,
            r"same shape, got \(4, 3\) and \(4, 2\)",
        ),
        (torch.zeros(3), torch.zeros(3), ValueError, r"shape \(n_samples, n_labels\), got \(3,\)"),
        (
            torch.zeros(0, 3),
            torch.zeros(0, 3),
            ValueError,
            r"at least one row and one label, got \(0, 3\)",
        ),
        (
            torch.full((1, 2), float("nan")),
            torch.zeros(1, 2),
            ValueError,
            "logits.*finite, got nan",
        ),
        (
            torch.full((1, 2), float("inf")),
            torch.zeros(1, 2),
            ValueError,
            "logits.*finite, got inf",
        ),
        (
            torch.zeros(1, 2),
            torch.full((1, 2), 2.0),
            ValueError,
            r"targets must be .*1\]?, got 2.0",
        ),
        (
            torch.zeros(1, 2),
            torch.full((1, 2), -1),
            ValueError,
            r"targets must be .*1\]?, got -1.0",
        ),
        (torch.zeros(1, 2), torch.full((1, 2), float("nan")), ValueError, "targets must be .*nan"),
        (torch.zeros(1, 2).int(), torch.zeros(1, 2), TypeError, "floating point.*torch.int32"),
        (np.zeros((1, 2)), torch.zeros(1, 2), TypeError, "logits must be a torch tensor, got nda"),
        (torch.zeros(1, 2), [["a", "b"]], TypeError, "targets must be numbers"),
        (torch.zeros(2, 2), [[0, 1], [1]], ValueError, "targets must be a table"),
        ([[0.0]], torch.zeros(1, 1), TypeError, "logits must be a torch tensor, got list"),
    ],
)
def test_every_loss_refuses_bad_logits_and_targets(function, logits, targets, error, message):
    with pytest.raises(error, match=message):
        function(logits, targets)


@pytest.mark.parametrize("function", PUBLIC)
def test_every_loss_refuses_an_unknown_reduction(function):
    with pytest.raises(
        ValueError, match="reduction must be one of none, mean, sum, batchmean; got"
    ):
        function(torch.zeros(1, 2), torch.zeros(1, 2), reduction="average")


@pytest.mark.parametrize("function", [focal, asymmetric, hill, two_way, balanced])
def test_losses_that_must_know_which_side_a_label_is_on_refuse_soft_targets(function):
    with pytest.raises(ValueError, match=r"targets must be 0 or 1, got 0.5"):
        function(torch.zeros(1, 2), torch.tensor([[0.0, 0.5]]))


@pytest.mark.parametrize(
    ("function", "parameters", "error", "message"),
    [
        (softmax_cross_entropy, {"label_smoothing": 1.5}, ValueError, "label_smoothing .* <= 1"),
        (binary_cross_entropy, {"label_smoothing": -0.1}, ValueError, "label_smoothing .* >= 0"),
        (binary_cross_entropy, {"pos_weight": -1}, ValueError, "pos_weight must be >= 0, got -1"),
        (
            binary_cross_entropy,
            {"pos_weight": torch.tensor([1.0, -2.0])},
            ValueError,
            "pos_weight must be >= 0, got -2.0",
        ),
        (
            binary_cross_entropy,
            {"pos_weight": torch.ones(3)},
            ValueError,
            r"pos_weight must be a number or have shape \(2,\), got \(3,\)",
        ),
        (
            binary_cross_entropy,
            {"pos_weight": "sqrt"},
            TypeError,
            "pos_weight must be numbers, got str",
        ),
        (binary_cross_entropy, {"pos_weight": [1, 2, 3]}, ValueError, r"or have shape \(2,\), got"),
        (binary_cross_entropy, {"pos_weight": True}, TypeError, "pos_weight must be a number"),
        (
            binary_cross_entropy,
            {"weight": torch.ones(5, 2)},
            ValueError,
            r"weight must broadcast to shape \(1, 2\), got \(5, 2\)",
        ),
        (
            binary_cross_entropy,
            {"weight": torch.tensor(float("nan"))},
            ValueError,
            "weight must be finite, got nan",
        ),
        (
            weighted_binary_cross_entropy,
            {"positive_weight": -1.0},
            ValueError,
            "positive_weight must be >= 0, got -1.0",
        ),
        (
            weighted_binary_cross_entropy,
            {"negative_weight": float("inf")},
            ValueError,
            "negative_weight must be finite, got inf",
        ),
        (weighted_binary_cross_entropy, {"label_smoothing": 2}, ValueError, "label_smoothing"),
        (focal, {"gamma": -0.5}, ValueError, "gamma must be >= 0, got -0.5"),
        (focal, {"gamma": "2"}, TypeError, "gamma must be a number, got str '2'"),
        (focal, {"alpha": 1.1}, ValueError, "alpha must be <= 1, got 1.1"),
        (focal, {"pos_weight": float("nan")}, ValueError, "pos_weight must be finite, got nan"),
        (asymmetric, {"gamma_pos": -1}, ValueError, "gamma_pos must be >= 0, got -1"),
        (asymmetric, {"gamma_neg": -1}, ValueError, "gamma_neg must be >= 0, got -1"),
        (asymmetric, {"margin": -0.1}, ValueError, "margin must be >= 0, got -0.1"),
        (asymmetric, {"margin": 1.1}, ValueError, "margin must be <= 1, got 1.1"),
        (asymmetric, {"detach_focusing": 1}, TypeError, "detach_focusing must be True or False"),
        *(
            (function, {"poly": -1.1}, ValueError, "poly must be >= -1, got -1.1")
            for function in (softmax_cross_entropy, binary_cross_entropy, focal)
        ),
        (hill, {"lam": 0.9}, ValueError, "lam must be >= 1, got 0.9"),
        (hill, {"margin": -1}, ValueError, "margin must be >= 0, got -1"),
        (hill, {"gamma": -1}, ValueError, "gamma must be >= 0, got -1"),
        *(
            (function, {"smoothing": -1}, ValueError, "smoothing must be >= 0, got -1")
            for function in (soft_f1, dice, tversky)
        ),
        (tversky, {"alpha": -0.1}, ValueError, "alpha must be >= 0, got -0.1"),
        (tversky, {"beta": "high"}, TypeError, "beta must be a number, got str 'high'"),
        (two_way, {"positive_temperature": 0}, ValueError, "positive_temperature must be > 0"),
        (two_way, {"negative_temperature": 0}, ValueError, "negative_temperature must be > 0"),
        (absolute_kl, {"epsilon": 0.0}, ValueError, "epsilon must be > 0, got 0.0"),
        (absolute_kl, {"epsilon": 1.0}, ValueError, "epsilon must be < 1, got 1.0"),
        (balanced, {"volume": 0.5}, ValueError, "volume must be >= 1, got 0.5"),
        (balanced, {"gamma": -1}, ValueError, "gamma must be >= 0, got -1"),
        (balanced, {"counts": 3.0}, ValueError, r"counts must have shape \(2,\), got \(\)"),
        (balanced, {"counts": torch.ones(3)}, ValueError, r"counts must have shape \(2,\), got"),
        (balanced, {"counts": np.array([1, -1])}, ValueError, "counts must be >= 0, got -1.0"),
        (adjusted, {"tau": float("nan")}, ValueError, "tau must be finite, got nan"),
        (adjusted, {"priors": torch.tensor([0.0, 0.5])}, ValueError, "priors must be > 0, got 0.0"),
        (adjusted, {"priors": torch.tensor([0.5, 1.0])}, ValueError, "priors must be < 1, got 1.0"),
        (
            adjusted,
            {"priors": torch.tensor([0.5, float("nan")])},
            ValueError,
            "priors must be finite, got nan",
        ),
    ],
)
def test_a_loss_refuses_a_bad_parameter(function, parameters, error, message):
    with pytest.raises(error, match=message):
        function(torch.zeros(1, 2), torch.zeros(1, 2), **parameters)


HUGE = [  # all is well in float64, but not in float32
    (binary_cross_entropy, "pos_weight", 1e39),
    (binary_cross_entropy, "pos_weight", np.array([1.0, 1e39])),
    (binary_cross_entropy, "pos_weight", [1.0, 1e39]),
    (binary_cross_entropy, "pos_weight", torch.tensor([1.0, 1e39], dtype=torch.float64)),
    (binary_cross_entropy, "weight", 1e39),
    (binary_cross_entropy, "weight", [[1e39], [1.0]]),
    (binary_cross_entropy, "poly", 1e39),
    (weighted_binary_cross_entropy, "positive_weight", 1e39),
    (weighted_binary_cross_entropy, "negative_weight", 1e39),
    (focal, "pos_weight", 1e39),
    (focal, "gamma", 1e39),
    (tversky, "smoothing", 1e39),
    (balanced, "counts", [1.0, 1e39]),
    (adjusted, "tau", 1e39),
]


@pytest.mark.parametrize(("function", "name", "value"), HUGE)
def test_a_number_that_float32_cannot_hold_is_refused_there(function, name, value):
    logits, targets = torch.tensor([[0.5, -1.0], [2.0, 0.0]]), torch.tensor([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match=rf"{name} must be at most 3.4e\+30 .*float32, got 1e\+39"):
        function(logits, targets, **{name: value})
    assert not function(logits.double(), targets, **{name: value}).isnan()


@pytest.mark.parametrize("value", [1e-46, 1e-40])
def test_a_number_that_float32_rounds_to_nothing_is_refused_there(value):
    logits, targets = torch.tensor([[0.5, -1.0]]), torch.tensor([[1, 0]])
    with pytest.raises(ValueError, match=r"must be 0 or at least 1\.2e-38 .*float32"):
        two_way(logits, targets, positive_temperature=value)
    assert two_way(logits.double(), targets, positive_temperature=value).isfinite()


@pytest.mark.parametrize("name", ["targets", "pos_weight"])
def test_complex_tensors_are_no_numbers(name):
    given = {"targets": torch.ones(1, 2), "pos_weight": torch.ones(2)}
    given[name] = given[name] + 5j
    with pytest.raises(TypeError, match=f"{name} must be numbers, got dtype torch.complex64"):
        binary_cross_entropy(torch.zeros(1, 2), **given)


@pytest.mark.parametrize("volume", [1e18, 3e30])
def test_a_volume_without_end_weighs_by_one_over_the_count(volume):
    logits, targets = torch.randn(5, 2), torch.ones(5, 2)
    plain = binary_cross_entropy(logits, targets, weight=torch.tensor([1.5, 0.5]))
    # Weights 1 and 1/3, brought to mean 1.
    actual = class_balanced(logits, targets, counts=[1, 3], volume=volume)
    torch.testing.assert_close(actual, plain)


def test_focal_says_which_two_readings_soft_targets_have():
    with pytest.raises(ValueError, match=r"got 0.5. Between them .* two readings: y times .*y - p"):
        focal(torch.zeros(1, 2), [[0.0, 0.5]])


def kinds(table):
    """A table of numbers in all the ways in which people have it."""
    frame = pd.DataFrame(table, columns=[f"label {place}" for place in range(table.shape[1])])
    fixed = table.copy()
    fixed.flags.writeable = False
    return {
        "array": table,
        "turned": table[::-1][::-1].T.copy().T,
        "read-only": fixed,
        "half": table.astype(np.float16),
        "whole": table.astype(int),
        "yes or no": table.astype(bool),
        "list": table.tolist(),
        "frame": frame,
        "csr": sparse.csr_matrix(table),
        "coo array": sparse.coo_array(table),
        "torch sparse": torch.tensor(table).to_sparse(),
    }


@pytest.mark.parametrize("key", LOSSES)
def test_targets_are_of_any_kind(key):
    info = LOSSES[key]
    logits, targets = problem_for(info)
    bound = info.bind({}, targets)
    for dtype in (torch.float32, torch.float64):
        expected = info.function(logits.to(dtype), targets, **bound)
        for name, kind in kinds(targets.numpy()).items():
            assert torch.equal(info.function(logits.to(dtype), kind, **bound), expected), name


def test_numbers_for_each_label_are_of_any_kind():
    logits, targets = random_problem()
    numbers = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    for function, name, values in (
        (binary_cross_entropy, "pos_weight", numbers),
        (binary_cross_entropy, "weight", numbers),
        (focal, "pos_weight", numbers),
        (class_balanced, "counts", numbers),
        (logit_adjusted, "priors", numbers / 8),
    ):
        expected = function(logits, targets, **{name: torch.tensor(values)})
        for kind in (values, values.tolist(), tuple(values), pd.Series(values)):
            assert torch.equal(function(logits, targets, **{name: kind}), expected)


@pytest.mark.parametrize("name", ["weight", "pos_weight"])
def test_weights_may_say_yes_or_no(name):
    logits, targets = random_problem()
    chosen = np.array([True, False, True, True, False, True])
    expected = binary_cross_entropy(logits, targets, **{name: chosen.astype(float)})
    for kind in (chosen, chosen.tolist(), torch.tensor(chosen)):
        assert torch.equal(binary_cross_entropy(logits, targets, **{name: kind}), expected)
