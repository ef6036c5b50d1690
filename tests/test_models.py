"""Shapes, and the bias that a model starts from."""

import numpy as np
import pytest
import torch
from torch import nn

from mlcore.models import build_model, set_prior_bias


@pytest.mark.parametrize("hidden", [(), (8,), (8, 5, 3)])
def test_a_model_gives_one_logit_for_each_label(hidden):
    model = build_model(4, 6, hidden)
    assert model(torch.zeros(2, 4)).shape == (2, 6)
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    assert [layer.in_features for layer in linear] == [4, *hidden]
    assert [layer.out_features for layer in linear] == [*hidden, 6]
    assert sum(isinstance(layer, nn.ReLU) for layer in model) == len(hidden)
    assert isinstance(model[-1], nn.Linear)  # a logit may be negative


@pytest.mark.parametrize("hidden", [(), (8,)])
def test_only_the_output_bias_starts_at_zero(hidden):
    model = build_model(4, 6, hidden)
    assert (model[-1].bias == 0).all()
    assert (model[-1].weight != 0).all()
    assert all((layer.bias != 0).all() for layer in model[:-1] if isinstance(layer, nn.Linear))


def test_the_torch_seed_decides_the_weights():
    models = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        models.append(build_model(4, 6, [8]))
    first, same, other = (torch.cat([p.flatten() for p in m.parameters()]) for m in models)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_the_prior_bias_makes_the_label_frequencies_the_first_probabilities(dtype):
    targets = np.zeros((40, 4), dtype=np.uint8)
    targets[:1, 0] = targets[:10, 1] = targets[:20, 2] = targets[:39, 3] = 1
    model = build_model(5, 4, [8])
    weights = [p.clone() for p in model.parameters()]
    set_prior_bias(model, torch.tensor(targets).to(dtype))
    frequency = np.array([1, 10, 20, 39]) / 40
    bias = model[-1].bias.detach().double().numpy()
    # The bias is stored in float32: 6e-8 relative, and 4 at most.
    np.testing.assert_allclose(bias, np.log(frequency / (1 - frequency)), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(1 / (1 + np.exp(-bias)), frequency, rtol=1e-6)
    for before, after in zip(weights[:-1], model.parameters(), strict=False):
        assert torch.equal(before, after)
    assert model[-1].bias.requires_grad


def test_a_label_never_or_always_true_counts_half_a_row():
    targets = torch.zeros(1000, 3)
    targets[:, 1] = 1
    targets[:500, 2] = 1
    model = build_model(5, 3)
    set_prior_bias(model, targets)
    expected = np.log([0.5 / 999.5, 999.5 / 0.5, 1.0])
    np.testing.assert_allclose(model[-1].bias.detach().numpy(), expected, rtol=1e-6)


def test_many_rows_are_counted_exactly():
    # In float32 the count of 2**24 + 1 rows would stop at 2**24.
    targets = torch.ones(2**24 + 3, 1, dtype=torch.uint8)
    targets[0] = 0
    model = build_model(1, 1)
    set_prior_bias(model, targets)
    assert model[-1].bias.item() == pytest.approx(np.log(2**24 + 2), rel=1e-7)
