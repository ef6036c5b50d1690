"""Every loss of the table against its definition in 60 digits, on one set of inputs."""

import mpmath as mp
import numpy as np
import pytest
import torch

from mlcore.losses import LOSSES
from tests.loss_definitions import DEFINITIONS, SETTINGS, define, problems

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
                error = np.abs(actual.double().numpy() - right) / np.fmax(1, np.abs(right))
                assert np.all(error <= tolerance), (logits, targets, actual, right)
