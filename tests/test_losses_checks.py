"""What losses refuse, and how they say so."""

import numpy as np
import pytest
import torch

from mlcore.losses import (
    asymmetric,
    binary_cross_entropy,
    focal,
    softmax_cross_entropy,
    weighted_binary_cross_entropy,
)

PUBLIC = [
    softmax_cross_entropy,
    binary_cross_entropy,
    weighted_binary_cross_entropy,
    focal,
    asymmetric,
]


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
        (torch.zeros(0, 3), torch.zeros(0, 3), ValueError, r"at least one sample.* \(0, 3\)"),
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
        (torch.zeros(1, 2), np.zeros((1, 2)), TypeError, "targets must be a torch tensor, got nda"),
        ([[0.0]], torch.zeros(1, 1), TypeError, "logits must be an array or tensor .* got list"),
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


@pytest.mark.parametrize("function", [focal, asymmetric])
def test_focusing_refuses_soft_targets(function):
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
        (binary_cross_entropy, {"pos_weight": "sqrt"}, TypeError, "pos_weight must be a number"),
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
    ],
)
def test_a_loss_refuses_a_bad_parameter(function, parameters, error, message):
    with pytest.raises(error, match=message):
        function(torch.zeros(1, 2), torch.zeros(1, 2), **parameters)
