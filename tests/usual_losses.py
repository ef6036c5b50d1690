"""Losses as they are usually written, for autograd to differentiate: what ours are compared with.

Each gives the mean at the defaults of `LOSSES`; `bound` is what `LossInfo.bind` gave.
"""

import torch
from torch import Tensor
from torch.nn.functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    logsigmoid,
    softplus,
)


def focal(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    signed = logits * (2 * targets - 1)
    return (torch.exp(2 * logsigmoid(-signed)) * -logsigmoid(signed)).mean()


def asymmetric(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    p = torch.sigmoid(logits)
    p_m = (p - 0.05).clamp(min=0)
    entropy = targets * p.clamp(min=1e-8).log() + (1 - targets) * (1 - p_m).clamp(min=1e-8).log()
    p_t = targets * p + (1 - targets) * (1 - p_m)
    return -(entropy * (1 - p_t) ** (targets + 4 * (1 - targets))).mean()


def class_balanced(logits: Tensor, targets: Tensor, *, counts: Tensor, **_bound) -> Tensor:
    weight = 1 / (1 - 0.999**counts)
    return binary_cross_entropy_with_logits(logits, targets, weight=weight / weight.mean())


def zlpr(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    signed = (1 - 2 * targets) * logits
    zero = torch.zeros_like(logits[:, :1])
    above = torch.cat([signed - 1e12 * targets, zero], 1).logsumexp(1)
    below = torch.cat([signed - 1e12 * (1 - targets), zero], 1).logsumexp(1)
    return (above + below).mean()


def logit_adjusted(logits: Tensor, targets: Tensor, *, priors: Tensor, **_bound) -> Tensor:
    return binary_cross_entropy_with_logits(logits + torch.logit(priors), targets)


def hill(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    p, p_m = torch.sigmoid(logits), torch.sigmoid(logits - 1)
    positive = -((1 - p_m) ** 2) * torch.log(p_m)
    return (targets * positive + (1 - targets) * (1.5 - p) * p**2).mean()


def soft_f1(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    p = torch.sigmoid(logits)
    hits = (p * targets).sum(0)
    return (1 - (2 * hits + 2) / (p.sum(0) + targets.sum(0) + 2)).mean()


def dice(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    p = torch.sigmoid(logits)
    squares = p.square().sum(0) + targets.square().sum(0)
    return (1 - (2 * (p * targets).sum(0) + 1) / (squares + 1)).mean()


def tversky(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    p = torch.sigmoid(logits)
    hits = (p * targets).sum(0)
    errors = 0.3 * (p * (1 - targets)).sum(0) + 0.7 * ((1 - p) * targets).sum(0)
    return (1 - (hits + 1) / (hits + errors + 1)).mean()


def two_way(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    true = targets > 0
    loss = 0.0
    for axis in (0, 1):
        low = 4 * (-logits / 4).masked_fill(~true, -100).logsumexp(axis)
        high = logits.masked_fill(true, -100).logsumexp(axis)
        loss = loss + softplus(low + high)[true.any(axis)].mean()
    return loss


def bce_on_probabilities(logits: Tensor, targets: Tensor) -> Tensor:
    return binary_cross_entropy(torch.sigmoid(logits), targets)


def absolute_kl(logits: Tensor, targets: Tensor, **_bound) -> Tensor:
    p, y = torch.sigmoid(logits).clamp(min=1e-7), targets.clamp(min=1e-7)
    return ((y - p) * (y / p).log()).abs().mean()


USUAL = {
    function.__name__: function
    for function in (
        focal,
        asymmetric,
        class_balanced,
        zlpr,
        logit_adjusted,
        hill,
        soft_f1,
        dice,
        tversky,
        two_way,
        bce_on_probabilities,
        absolute_kl,
    )
}
