"""Shapes, the bias that a model starts from, and what its outputs say about labels."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import nn

from mlcore.losses import LOSSES
from mlcore.training.models import (
    READINGS,
    add_count_output,
    build_model,
    first_count,
    set_prior_bias,
    to_probabilities,
)


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


@pytest.mark.parametrize("hidden", [(), (8,), (8, 5, 3)])
@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_the_weights_are_those_of_pytorch_after_its_seed(seed, hidden):
    torch.manual_seed(seed)
    layers = [nn.Linear(*widths) for widths in pairwise([4, *hidden, 6])]
    nn.init.zeros_(layers[-1].bias)
    state = torch.random.get_rng_state()
    model = build_model(4, 6, hidden, seed=seed)
    assert torch.equal(torch.random.get_rng_state(), state)
    expected = [parameter for layer in layers for parameter in layer.parameters()]
    for actual, wanted in zip(model.parameters(), expected, strict=True):
        assert torch.equal(actual, wanted)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.uint8])
def test_labels_are_counted_in_no_dtype_of_theirs(dtype):
    targets = torch.ones(70_001, 1, dtype=dtype)
    assert first_count(targets, "partition") == 1


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


@pytest.mark.parametrize("hidden", [(), (8,)])
def test_a_count_output_changes_no_other_and_draws_no_number(hidden):
    model = build_model(4, 6, hidden)
    x = torch.randn(9, 4)
    before = model(x)
    state = torch.random.get_rng_state()
    add_count_output(model, 1.5)
    assert torch.equal(torch.random.get_rng_state(), state)
    after = model(x)
    # Another width for the matmul may add up in another order.
    torch.testing.assert_close(after[:, :-1], before, rtol=1e-6, atol=1e-6)
    assert (after[:, -1] == 1.5).all()
    assert all(parameter.requires_grad for parameter in model.parameters())
    after[:, -1].sum().backward()
    assert (model[-1].bias.grad == torch.tensor([0.0] * 6 + [9])).all()
    if hidden:
        assert (model[0].weight.grad == 0).all()


def test_the_first_count_is_one_or_the_mean_of_the_rows():
    targets = torch.tensor([[1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 1, 0]], dtype=torch.uint8)
    assert first_count(None, "partition") == 1.0
    assert first_count(None, "poisson") == 0.0
    assert first_count(targets, "partition") == 1.75
    assert first_count(targets, "poisson") == pytest.approx(np.log(1.75), rel=1e-15)
    # No labels at all: where u would be -inf, or have no slope, it starts at the floor.
    assert first_count(targets * 0, "partition") == 0.01
    assert first_count(targets * 0, "poisson") == pytest.approx(np.log(0.01), rel=1e-15)
    with pytest.raises(ValueError, match="reading must be one of partition, poisson; got 'soft"):
        first_count(targets, "softmax")


def test_readings_are_those_of_scipy():
    logits = 3 * torch.randn((50, 6), dtype=torch.float64)
    z, u = logits[:, :-1], logits[:, -1:]
    share = special.softmax(z.numpy(), axis=1)
    expected = {
        "sigmoid": special.expit(logits.numpy()),
        "softmax": special.softmax(logits.numpy(), axis=1),
        "partition": np.minimum(1, np.maximum(0.01, u.numpy()) * share),
        "poisson": stats.poisson.sf(0, np.exp(u.numpy()) * share),
    }
    assert expected.keys() == set(READINGS) == {info.probabilities for info in LOSSES.values()}
    for reading, probabilities in expected.items():
        actual = to_probabilities(logits, reading)
        np.testing.assert_allclose(actual, probabilities, rtol=1e-12)
    with pytest.raises(ValueError, match="reading must be one of sigmoid, softmax"):
        to_probabilities(logits, "linear")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("reading", READINGS)
def test_extreme_outputs_are_read_as_probabilities(reading, dtype):
    rows = [[a, b, 0, u] for a in (-1e4, 0, 1e4) for b in (-1e4, 1e4) for u in (-1e4, 100, 1e4)]
    probabilities = to_probabilities(torch.tensor(rows, dtype=dtype), reading)
    assert probabilities.dtype == dtype
    assert (probabilities >= 0).all()
    assert (probabilities <= 1).all()
