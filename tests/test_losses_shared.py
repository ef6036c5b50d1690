"""What holds of every kernel and its function: autograd, reductions, dtypes, stacked models."""

import pytest
import torch

from mlcore.losses import LOSSES, focal
from tests.test_losses import CLOSE, problem_for, value_and_gradient


@pytest.mark.parametrize("key", LOSSES)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum", "batchmean"])
def test_gradients_and_reductions_are_what_autograd_finds(key, reduction):
    info = LOSSES[key]
    logits, targets = problem_for(info, rows=3, labels=4 + info.extra_outputs)
    targets[1] = 0
    bound = info.bind({}, targets)
    bound |= {"weight": 0.5} if key == "bce" else {}

    def loss(z):
        return info.function(z, targets, reduction=reduction, **bound)

    assert torch.autograd.gradcheck(loss, logits.requires_grad_())
    value = info.function(logits, targets, reduction="none", **bound)
    assert value.shape == {"label": (3, 4), "row": (3,), "column": (4,), "batch": ()}[info.unit]
    expected = {
        "none": value,
        "mean": value.sum() / value.numel(),
        "sum": value.sum(),
        "batchmean": value.sum() / (3 if info.unit in ("label", "row") else 1),
    }
    torch.testing.assert_close(loss(logits), expected[reduction], **CLOSE)


def between(parameter, share):
    """The number that is so far from the lowest to the highest of a parameter."""
    if parameter.log:
        return parameter.low * (parameter.high / parameter.low) ** share
    return parameter.low + share * (parameter.high - parameter.low)


@pytest.mark.parametrize("key", LOSSES)
def test_a_kernel_takes_many_models_at_once(key):
    info = LOSSES[key]
    logits, targets = problem_for(info)
    logits = torch.stack([logits, -logits, logits / 9])
    numbers = [p for p in info.parameters if p.name != "cap" and not isinstance(p.default, bool)]
    settings = [{p.name: between(p, share) for p in numbers} for share in (0.1, 0.3, 0.6)]
    together = {
        name: torch.tensor([s[name] for s in settings], dtype=torch.float64)[:, None, None]
        for name in settings[0]
    }
    counted = {name: info.bind({}, targets)[name] for name in info.from_targets}
    value, derivative = info.kernel(logits, targets, **together, **counted)
    for i, parameters in enumerate(settings):
        alone = info.kernel(logits[i], targets, **parameters, **counted)
        torch.testing.assert_close(value[i], alone[0], **CLOSE)
        torch.testing.assert_close(derivative[i], alone[1], **CLOSE)


@pytest.mark.parametrize("key", LOSSES)
def test_a_kernel_and_its_function_agree_and_leave_their_inputs_alone(key):
    info = LOSSES[key]
    logits, targets = problem_for(info)
    before = logits.clone(), targets.clone()
    bound = info.bind({}, targets)
    value, derivative = info.kernel(logits, targets, **bound)
    for actual, expected in zip(
        (value, derivative),
        value_and_gradient(info.function, logits, targets, **bound),
        strict=True,
    ):
        # A weight of shape (k,) is float32 in both.
        torch.testing.assert_close(actual, expected, **CLOSE)
        assert not actual.requires_grad
    assert torch.equal(logits, before[0])
    assert torch.equal(targets, before[1])


@pytest.mark.parametrize("key", LOSSES)
def test_targets_may_be_of_any_type_and_logits_of_half_precision(key):
    info = LOSSES[key]
    logits, targets = problem_for(info)
    bound = info.bind({}, targets)
    expected = info.function(logits, targets, **bound)
    for other in (targets.bool(), targets.int(), targets.half()):
        assert torch.equal(info.function(logits, other, **bound), expected)
    half = logits.half().requires_grad_()
    loss = info.function(half, targets, **bound)
    loss.backward()
    assert loss.dtype == torch.float32
    assert half.grad.dtype == torch.float16
    assert half.grad.isfinite().all()


def test_second_derivatives_are_refused_rather_than_wrong():
    logits = torch.zeros(1, 2, requires_grad=True)
    loss = focal(logits, torch.ones(1, 2)).square()
    (gradient,) = torch.autograd.grad(loss, logits, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()
