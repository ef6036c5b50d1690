"""Every loss of the table against its definition in 60 digits, on one set of inputs."""

import mpmath as mp
import numpy as np
import pytest
import torch

from mlcore.losses import LOSSES
from tests.loss_definitions import DEFINITIONS, SETTINGS, define, define_bends, problems

# Targets between 0 and 1 mean something to these.
SOFT = ["softmax", "bce", "bce_pos_weight", "weighted_bce", "zlpr", "logit_adjusted", "soft_f1"]
SOFT += ["dice", "tversky", "absolute_kl"]
SOFT += ["partition_kl_mse", "partition_absolute_kl", "partition_poisson"]
CASES = [
    *((key, params, False) for key in DEFINITIONS for params in ({}, *SETTINGS.get(key, ()))),
    *((key, {}, True) for key in SOFT),
]
# Some thousand roundings in float64 and some hundred in float32, of a value above 1 or of 1.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}


def test_every_loss_has_a_definition():
    # The definition of the one left out is torch.nn.BCELoss, to the bit: test_losses_identities.
    assert set(LOSSES) == {*DEFINITIONS, "bce_on_probabilities"}


@pytest.mark.parametrize(("key", "params", "soft"), CASES, ids=str)
def test_value_and_gradient_match_the_definition(key, params, soft):
    info = LOSSES[key]
    for logits, targets in problems(key, soft):
        bound = info.bind(params, torch.tensor(targets))
        with mp.workdps(60):
            expected = define(key, logits.tolist(), targets.tolist(), bound)
        expected = [np.array(part, dtype=np.float64) for part in expected]
        for dtype, tolerance in TOLERANCE.items():
            z = torch.tensor(logits, dtype=dtype, requires_grad=True)
            y = torch.tensor(targets, dtype=dtype)
            value = info.function(z, y, reduction="none", **bound)
            value.sum().backward()
            for actual, right in zip((value.detach(), z.grad), expected, strict=True):
                assert actual.shape == right.shape
                size = np.fmax(1, np.abs(right))
                if key == "partition_absolute_kl" and actual is z.grad:
                    # A difference of slopes that a count of 1e4 makes as large as the value.
                    size = np.fmax(size, expected[0][:, None])
                error = np.abs(actual.double().numpy() - right) / size
                assert np.all(error <= tolerance), (logits, targets, actual, right)


def bent_problems(key, soft):
    """Logits and targets where a slope's slope may go wrong: ordinary, 0, and far on both sides."""
    rng = np.random.default_rng(3)
    y = np.array([[0.0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0]])
    y = rng.random(y.shape) * 0.9 + 0.05 if soft else y
    signs = rng.choice([-1.0, 1.0], y.shape)
    u = rng.normal(0, 3, (3, LOSSES[key].extra_outputs))
    for z in (rng.normal(0, 2, y.shape), 0 * signs, 40 * signs, [[20.0], [200.0], [1e4]] * signs):
        yield tuple(part.astype(np.float32).astype(float) for part in (np.hstack([z, u]), y))


@pytest.mark.parametrize(("key", "params", "soft"), CASES, ids=str)
def test_second_derivatives_match_the_definition(key, params, soft):
    info = LOSSES[key]
    for logits, targets in bent_problems(key, soft):
        bound = info.bind(params, torch.tensor(targets))
        direction = np.random.default_rng(0).normal(0, 1, logits.shape)
        with mp.workdps(60):
            tables = (table.tolist() for table in (logits, targets))
            right = define_bends(key, *tables, bound, direction.tolist())
        right = np.array(right, dtype=np.float64)
        for dtype, tolerance in TOLERANCE.items():
            z = torch.tensor(logits, dtype=dtype, requires_grad=True)
            value = info.function(z, torch.tensor(targets), reduction="sum", **bound)
            (slope,) = torch.autograd.grad(value, z, create_graph=True)
            slope.backward(torch.tensor(direction, dtype=dtype))
            error = np.abs(z.grad.double().numpy() - right) / np.fmax(1, np.abs(right))
            assert np.all(error <= tolerance), (logits, targets, z.grad, right)


# Digits cancel by the formula itself: in the whole loss, in its slope, or where a hill is highest.
LOST = {"softmax", "partition_kl_mse", "partition_absolute_kl", "partition_poisson"}
LOST_SLOPES = {("dice", "right"), ("tversky", "right")}
DIGITS = [
    (key, params, side)
    for key, params in (
        *((key, params) for key in DEFINITIONS for params in ({}, *SETTINGS.get(key, ()))),
        ("focal", {"gamma": 10.0}),
        ("focal", {"pos_weight": 1e-3}),
    )
    for side in ("right", "wrong")
    if key not in LOST and not (key == "hill" and side == "wrong" and params.get("lam", 1.5) < 3)
]
# In float32, 1 - p has few bits left at 16.5, and none from 17.33 on.
FAR = (8.0, 12.0, 16.5, 17.375, 25.0)


@pytest.mark.parametrize(("key", "params", "side"), DIGITS, ids=str)
def test_far_on_either_side_value_and_slope_keep_their_digits(key, params, side):
    info = LOSSES[key]
    targets = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    for size in FAR:
        logits = (2 * targets - 1) * (size if side == "right" else -size)
        bound = info.bind(params, torch.tensor(targets))
        with mp.workdps(60):
            expected = define(key, logits.tolist(), targets.tolist(), bound)
        for dtype in TOLERANCE:
            z = torch.tensor(logits, dtype=dtype, requires_grad=True)
            value = info.function(z, torch.tensor(targets), reduction="none", **bound)
            value.sum().backward()
            # Relative, whatever the size: 17 roundings at most were seen, of two_way.
            digits = {"rtol": 20 * torch.finfo(dtype).eps, "atol": 1e-37}
            shown = {"value": value.detach(), "slope": z.grad}
            for (name, actual), right in zip(shown.items(), expected, strict=True):
                if name == "value" or (key, side) not in LOST_SLOPES:
                    right = np.array(right, dtype=np.float64)
                    np.testing.assert_allclose(actual.double(), right, **digits)
