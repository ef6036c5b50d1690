"""What holds of every kernel and its function: autograd, reductions, dtypes, stacked models."""

from itertools import product

import pytest
import torch
from torch import func
from torch.nn.functional import binary_cross_entropy_with_logits

from mlcore.losses import LOSSES, bce_on_probabilities, binary_cross_entropy, focal
from tests.test_losses import CLOSE, problem_for, random_problem, value_and_gradient


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


def test_second_derivatives_of_bce_are_those_of_the_sigmoid():
    targets = torch.tensor([[0.0, 1.0]])

    def loss(z):
        return binary_cross_entropy(z, targets, reduction="sum")

    logits = torch.tensor([[0.0, 1.0]])
    hessian = torch.autograd.functional.hessian(loss, logits).reshape(2, 2)
    # p (1 - p) at 0, where the slope of |z| is none, and at 1.
    torch.testing.assert_close(hessian, torch.diag(torch.tensor([0.25, 0.1966119])))


@pytest.mark.parametrize("weights", [{}, {"pos_weight": 1}, {"pos_weight": 1, "weight": 1}])
def test_a_gradient_penalty_has_the_gradient_that_pytorch_gives(weights):
    logits, targets = random_problem(rows=3, labels=4, soft=True)
    logits[0] = 0
    weights = {name: torch.rand(4, dtype=torch.float64) + at for name, at in weights.items()}
    gradients = []
    for function in (binary_cross_entropy, binary_cross_entropy_with_logits):
        z = logits.clone().requires_grad_()
        loss = function(z, targets, reduction="sum", **weights)
        (slope,) = torch.autograd.grad(loss, z, create_graph=True)
        (loss + slope.square().sum()).backward()
        gradients.append(z.grad)
    torch.testing.assert_close(*gradients, **CLOSE)


def test_bce_on_probabilities_bends_as_pytorchs_does():
    logits, targets = random_problem(soft=True)

    def theirs(z):
        return torch.nn.BCELoss(reduction="sum")(z.sigmoid(), targets)

    def ours(z):
        return bce_on_probabilities(z, targets, reduction="sum")

    # Theirs divides twice by p (1 - p).
    expected = torch.autograd.functional.hessian(theirs, logits / 4)
    actual = torch.autograd.functional.hessian(ours, logits / 4)
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-11)


def some_loss(info):
    """The sum of a loss as a function of the logits, and logits for it."""
    logits, targets = problem_for(info, rows=2, labels=2 + info.extra_outputs)
    bound = info.bind({}, targets)
    return lambda z: info.function(z, targets, reduction="sum", **bound), logits / 2


# PyTorch's own, when it is first asked for forward mode.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("key", LOSSES)
def test_torch_func_differentiates_forward_and_backward_in_any_order(key):
    loss, logits = some_loss(LOSSES[key])
    z = logits.clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss(z), z)
    for first in (func.grad, func.jacrev, func.jacfwd):
        torch.testing.assert_close(first(loss)(logits), slope, **CLOSE)
    hessian = torch.autograd.functional.hessian(loss, logits)
    assert hessian.abs().max() > 0
    for first, second in product((func.jacrev, func.jacfwd), repeat=2):
        torch.testing.assert_close(second(first(loss))(logits), hessian, **CLOSE)
    with torch.no_grad():
        torch.testing.assert_close(func.hessian(loss)(logits), hessian, **CLOSE)


@pytest.mark.parametrize("key", LOSSES)
def test_third_derivatives_are_the_slopes_of_the_second(key):
    loss, logits = some_loss(LOSSES[key])
    generator = torch.Generator().manual_seed(0)
    directions = torch.randn((3, *logits.shape), generator=generator, dtype=logits.dtype)

    def bent(z):
        along = torch.autograd.functional.vhp(loss, z, directions[0], create_graph=True)[1]
        return (along * directions[1]).sum()

    z = logits.clone().requires_grad_()
    (slope,) = torch.autograd.grad(bent(z), z)
    step = 1e-5 * directions[2]
    expected = (bent(logits + step) - bent(logits - step)) / 2e-5
    # A central difference with an error of a step squared, of numbers below 100.
    actual = (slope * directions[2]).sum()
    torch.testing.assert_close(actual, expected.detach(), rtol=1e-6, atol=1e-6)


def test_a_batch_made_by_vmap_is_refused():
    with pytest.raises(RuntimeError, match="vmap"):
        func.vmap(lambda z: focal(z[None], torch.ones(1, 2)))(torch.zeros(3, 2))


@pytest.mark.parametrize("logit", [-55.0, -45.0, 45.0, 55.0])
@pytest.mark.parametrize("key", LOSSES)
def test_second_derivatives_are_finite_where_float32_only_just_holds_the_first(key, logit):
    info = LOSSES[key]
    logits, targets = problem_for(info, rows=2, labels=3 + info.extra_outputs)
    targets = (torch.arange(6).reshape(2, 3) % 2).to(targets)
    logits = torch.full_like(logits, logit)
    bound = info.bind({}, targets)

    def curvature(dtype):
        z = logits.to(dtype)
        return func.hessian(lambda z: info.function(z, targets, reduction="sum", **bound))(z)

    torch.testing.assert_close(curvature(torch.float32).double(), curvature(torch.float64),
                               rtol=1e-4, atol=1e-6)  # fmt: skip
