"""The arithmetic of the losses that are computed from probabilities and clipped, as in `kernels`.

They are here to be compared with, so they keep their flat parts: where a clip holds, the derivative
is 0.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, softplus

from mlcore.losses.kernels import LINEAR_FROM, Number

# PyTorch divides by p (1 - p), or by this, which its source has as the float32 nearest to 1e-12.
LEAST_VARIANCE = torch.tensor(1e-12, dtype=torch.float32).item()


@torch.no_grad()
def bce_on_probabilities(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """What torch.nn.BCELoss makes of sigmoid(logits), bit by bit: each logarithm at least -100.

    The derivative is that of its two backward passes, one after the other, roundings included.
    """
    p = logits.sigmoid()
    value = binary_cross_entropy(p, targets.expand_as(p), reduction="none")
    rest = 1 - p
    derivative = (p - targets).div_((rest * p).clamp_min_(LEAST_VARIANCE))
    return value, derivative.mul_(rest).mul_(p)


@torch.no_grad()
def absolute_kl(
    logits: Tensor, targets: Tensor, *, epsilon: Number = 1e-6
) -> tuple[Tensor, Tensor]:
    """|y log(y / p)| + |p log(p / y)| with y and p at least epsilon.

    That is (y + p) |g| with g = log p - log y, so the derivative is
    (1 - p) (p |g| + (y + p) sign g) where p is not clipped, and 0 where it is.
    """
    least = epsilon.log() if isinstance(epsilon, Tensor) else math.log(epsilon)
    log_p = softplus(-logits, threshold=LINEAR_FROM).neg_()
    free = (log_p > least).to(log_p.dtype)
    y, p = targets.clamp(min=epsilon), logits.sigmoid().clamp(min=epsilon)
    gap = log_p.clamp(min=least) - y.log()
    size, both = gap.abs(), y + p
    derivative = p.mul_(size).addcmul_(both, gap.sign_())
    derivative.mul_(logits.neg().sigmoid_()).mul_(free)
    return both.mul_(size), derivative
