"""What losses share: checks before a kernel, autograd and reduction after it, and its tools.

A kernel is the arithmetic of a loss, unchecked: value and derivative in closed form. Training calls
it and then `logits.backward(derivative * scale)`; the public functions of `mlcore.losses` add
checks, autograd and a reduction. Parameters mean what they mean there.

It takes (logits, targets, **parameters) that need no gradient and returns (value, derivative): the
loss of each unit (a label of a row, a row, a label over all rows, or the batch) and the derivative
of the sum of all values with respect to each logit. Targets have the dtype of the logits.
Everything broadcasts to the logits: with logits of m models, shape (m, n, k), targets may be (n, k)
and a parameter a tensor of shape (m, 1, 1) or (m, 1, k).

Further derivatives are found by autograd in that arithmetic of the derivative, where a kernel may
write in place, but must not lean on a slope that autograd takes to be 0, as that of abs at 0.

In the derivations z is a logit, y its target, and p = 1 / (1 + exp(-z)). What is written in terms
of exp(-|z|) neither overflows nor rounds a small value to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from inspect import signature
from numbers import Real

from mlcore import checks
from mlcore.lazy import Tensor, np, torch
from mlcore.losses.info import LossInfo

# The axes of the logits that a value of each unit has summed up, in the order to put them back.
REDUCED = {"label": (), "row": (-1,), "column": (-2,), "batch": (-1, -1)}
ROWED = ("label", "row")  # units with one value or more for each row
# Where softplus(x) becomes x: exact in float64 from 37 on, and exp(60) is a finite float32.
# PyTorch's own threshold of 20 costs half of the digits.
LINEAR_FROM = 60


def evaluate(info: LossInfo, logits: Tensor, targets, reduction: str, **given) -> Tensor:
    """What a public function gives: arguments checked, its kernel with autograd, and a reduction.

    Args:
        info: The loss, which knows the checks.
        logits: Scores, any real number, shape (n, k), or with more columns where the loss has them.
        targets: In [0, 1], shape (n, k), of any kind and dtype that `mlcore.checks.as_array` takes.
        reduction: One of REDUCTIONS.
        given: Its other arguments.
    """
    checks.check_choice("reduction", reduction, checks.REDUCTIONS)
    if not isinstance(logits, torch.Tensor):
        raise TypeError(f"logits must be a torch tensor, got {type(logits).__name__}")
    targets = _tensor("targets", targets)
    labels = logits
    if info.extra_outputs:
        shape, expected = tuple(logits.shape), tuple(targets.shape)
        if len(shape) == len(expected) == 2:  # else what follows says what is wrong
            if shape != (expected[0], expected[1] + 1):
                raise ValueError(
                    "logits must have the rows of targets and one column more, for the count; "
                    f"got shapes {shape} and {expected}"
                )
            labels = logits[:, :-1]
    checks.check_same_shape("logits", labels, "targets", targets)
    if not logits.is_floating_point():
        raise TypeError(f"logits must be floating point numbers, got {logits.dtype}")
    # Half precision cannot hold exp(60); autograd casts the gradient back.
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    targets = targets.to(logits)
    # One quick pass tells whether all is well; the slower checks then find what to show.
    largest = torch.finfo(logits.dtype).max
    if not _all_within(logits.detach(), -largest, largest):
        checks.check_finite("logits", logits.detach())
    inside = _all_within(targets, 0, 1)
    if info.binary and not (inside and torch.equal(targets * targets, targets)):
        checks.check_binary("targets", targets, advice=info.soft_targets)
    if not inside:
        checks.check_range("targets", targets, 0, 1)
    parameters = {name: info.checks[name](name, value, targets) for name, value in given.items()}
    tensors = {name: value for name, value in parameters.items() if torch.is_tensor(value)}
    numbers = {name: value for name, value in parameters.items() if name not in tensors}

    def kernel(logits, targets, *constants):
        return info.kernel(logits, targets, **numbers, **dict(zip(tensors, constants, strict=True)))

    value, _ = _closed_form().apply(kernel, info.unit, logits, targets, *tensors.values())
    return reduce(value, reduction, info.unit)


def _tensor(name: str, values) -> Tensor:
    """Numbers of any kind as a tensor without a gradient, on the device where they lie."""
    if checks.is_tensor(values):
        return checks.dense(name, values)
    return torch.from_numpy(np.array(checks.as_array(name, values), dtype=np.float64, order="C"))


def _all_within(values: Tensor, low: float, high: float) -> bool:
    """Whether every entry is in [low, high]; NaN is not."""
    smallest, largest = values.aminmax()
    return smallest.item() >= low and largest.item() <= high


# What `LossInfo.checks` are made of. Each takes the argument's name, what came, and the targets,
# which give dtype, device and shape; it returns what the kernel is given.


def _number(name: str, value, targets: Tensor, *, optional: bool = False, **limits):
    if not (optional and value is None):
        checks.check_number(name, value, **limits)
        _check_fits(name, value, targets)
    return value


def _weight(name: str, value, targets: Tensor, *, per_label: bool = False):
    if value is None:
        return None
    if isinstance(value, Real):
        return NOT_NEGATIVE(name, value, targets)
    numbers = _tensor(name, value)
    shape, label_shape = tuple(numbers.shape), tuple(targets.shape[1:])
    if per_label and shape not in ((), label_shape):
        raise ValueError(f"{name} must be a number or have shape {label_shape}, got {shape}")
    try:
        numbers.expand(targets.shape)
    except RuntimeError:
        raise ValueError(
            f"{name} must broadcast to shape {tuple(targets.shape)}, got {shape}"
        ) from None
    return _within(name, numbers, targets, low=0)


def _per_label(name: str, value, targets: Tensor, **limits) -> Tensor:
    numbers = _tensor(name, value)
    shape, label_shape = tuple(numbers.shape), tuple(targets.shape[1:])
    if shape != label_shape:
        raise ValueError(f"{name} must have shape {label_shape}, got {shape}")
    return _within(name, numbers, targets, **limits)


def number(*, optional: bool = False, **limits) -> Callable:
    """A number within limits as `check_number` takes them, or perhaps None."""
    return partial(_number, optional=optional, **limits)


def per_label(**limits) -> Callable:
    """One number for each label, of any kind, within limits as `check_number` has them."""
    return partial(_per_label, **limits)


def switch(name: str, value, _targets: Tensor) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return value


NOT_NEGATIVE, SHARE = number(low=0), number(low=0, high=1)
# A weight >= 0: None, a number, or numbers that broadcast to (n, k), or of shape (k,).
WEIGHT, WEIGHT_OF_LABEL = _weight, partial(_weight, per_label=True)


def _within(name: str, numbers: Tensor, targets: Tensor, **limits) -> Tensor:
    """The numbers as the kernel has them, if all are finite there and within limits.

    Limits are those of `check_number`, and hold before and after rounding: a prior of 1 - 1e-12
    is 1 in float32.
    """
    numbers = numbers.double()
    checks.check_finite(name, numbers)
    for end in numbers.aminmax():
        _number(name, end.item(), targets, **limits)
    rounded = numbers.to(targets)
    for end in rounded.aminmax():
        checks.check_number(name, end.item(), **limits)
    return rounded


def _check_fits(name: str, number: float, targets: Tensor) -> None:
    """Raise ValueError if the loss would not be finite in its dtype, or the number would be 0."""
    least = torch.finfo(targets.dtype).tiny
    if 0 < abs(number) < least:
        raise ValueError(
            f"{name} must be 0 or at least {least:.2g} in size in {targets.dtype}, got {number}"
        )
    largest = 1e-8 * torch.finfo(targets.dtype).max  # room for logits, and sums over rows
    if abs(number) > largest:
        raise ValueError(
            f"{name} must be at most {largest:.2g} in size in {targets.dtype}, got {number}"
        )


def reduce(value: Tensor, reduction: str, unit: str = "label") -> Tensor:
    """Reduce losses of shape (n, k), (n,), (k,) or (), as the unit says.

    "batchmean" divides by the number of rows where there are rows; the sum over labels is all that
    it asks of a loss of shape (k,).

    Example:
        >>> import torch
        >>> reduce(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "batchmean")
        tensor(5.)
    """
    if reduction == "none":
        return value
    if reduction == "mean":
        return value.mean()
    total = value.sum()
    return total / value.shape[0] if reduction == "batchmean" and unit in ROWED else total


@cache
def _closed_form() -> type[torch.autograd.Function]:
    """The class that hands autograd a derivative which came along with the value.

    The derivative is an output like the value, so that who differentiates again comes to what
    depends on it, forward or backward, and only who does so pays for it.
    """

    class ClosedForm(torch.autograd.Function):
        generate_vmap_rule = True  # forward mode asks for it in torch.func.hessian

        @staticmethod
        def forward(kernel, unit, logits, *constants):
            return kernel(logits, *constants)

        @staticmethod
        def setup_context(ctx, inputs, outputs):
            ctx.kernel, ctx.unit, *tensors = inputs
            ctx.save_for_backward(outputs[1], *tensors)
            ctx.save_for_forward(outputs[1], *tensors)
            ctx.set_materialize_grads(False)

        @staticmethod
        def backward(ctx, upstream, upstream_of_derivative):
            derivative, logits, *constants = ctx.saved_tensors
            slope = None
            if upstream is not None:
                for axis in REDUCED[ctx.unit]:
                    upstream = upstream.unsqueeze(axis)
                slope = upstream * derivative
            if upstream_of_derivative is not None:
                bent = _bend(ctx.kernel, logits, constants, upstream_of_derivative)
                slope = bent if slope is None else slope + bent
            return None, None, slope, *(None for _ in constants)

        @staticmethod
        def jvp(ctx, _kernel, _unit, tangent, *_constants):
            _, logits, *constants = ctx.saved_tensors
            forward = torch.autograd.forward_ad
            # PyTorch turns forward mode off in here, and a jvp around this one would get 0.
            with forward._set_fwd_grad_enabled(True):
                logits = forward.unpack_dual(logits, level=0).primal
                moved = tangent * torch.func.functionalize(ctx.kernel)(logits, *constants)[1]
                for axis in reversed(REDUCED[ctx.unit]):
                    moved = moved.sum(axis)
                return moved, _bend(ctx.kernel, logits, constants, tangent)

    # Each call asks for it; found anew it costs 20 microseconds.
    ClosedForm.forward.__signature__ = signature(ClosedForm.forward)
    return ClosedForm


def _bend(kernel: Callable, logits: Tensor, constants: list[Tensor], along: Tensor) -> Tensor:
    """The second derivatives times a direction; their matrix is symmetric, so from either side.

    Autograd differentiates the kernel's own arithmetic, once what it writes in place is undone; in
    float64 where there is one, for autograd squares what float32 can only just hold.
    """
    undone = torch.func.functionalize(kernel)
    dtype = logits.dtype if logits.device.type == "mps" else torch.float64
    constants = [constant.to(dtype) for constant in constants]
    _, pull = torch.func.vjp(lambda z: undone(z.to(dtype), *constants)[1], logits)
    return pull(along.to(dtype))[0]


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)), with all its digits."""
    return torch.nn.functional.softplus(x, threshold=LINEAR_FROM)


def is_plainly(value: float | Tensor, number: float) -> bool:
    """Whether a parameter is plainly this number; a tensor never is."""
    return not isinstance(value, torch.Tensor) and value == number


def by_target(targets: Tensor, positive: float | Tensor, negative: float | Tensor) -> Tensor:
    """Positive where the target is 1 and negative where it is 0, to the bit; between them a mix."""
    rest = 1 - targets
    if not is_plainly(negative, 1):
        rest = rest * negative
    if not isinstance(positive, torch.Tensor):
        positive = targets.new_full((), positive)
    return torch.addcmul(rest, targets, positive)
