"""The arithmetic of the losses that know how often each label occurs, as in `kernels`."""

import math

import torch
from torch import Tensor

from mlcore.losses import kernels
from mlcore.losses.kernels import Number


@torch.no_grad()
def class_balanced(
    logits: Tensor,
    targets: Tensor,
    *,
    counts: Tensor,
    volume: Number = 1000.0,
    gamma: Number = 0.0,
) -> tuple[Tensor, Tensor]:
    """Focal loss times 1 / (1 - beta^count), beta = 1 - 1 / volume, at mean 1 over the labels."""
    if isinstance(volume, Tensor):
        decay = torch.log1p(-1 / volume)
    else:
        decay = math.log1p(-1 / volume) if volume > 1 else -math.inf
    weight = -1 / torch.expm1(counts.to(logits.dtype).clamp(min=1) * decay)
    weight = weight / weight.mean(-1, keepdim=True)
    if not isinstance(gamma, Tensor) and gamma == 0:
        value, derivative = kernels.hard_binary_cross_entropy(logits, targets)
    else:
        value, derivative = kernels.focal(logits, targets, gamma=gamma)
    return value.mul_(weight), derivative.mul_(weight)


@torch.no_grad()
def logit_adjusted(
    logits: Tensor, targets: Tensor, *, priors: Tensor, tau: Number = 1.0
) -> tuple[Tensor, Tensor]:
    """Sigmoid cross entropy of z + tau log(prior / (1 - prior))."""
    return kernels.binary_cross_entropy(
        logits + tau * torch.logit(priors.to(logits.dtype)), targets
    )
