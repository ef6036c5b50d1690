"""The arithmetic of the losses that set true labels against false ones, as in `kernels`."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

from mlcore.losses.kernels import LINEAR_FROM, Number


@torch.no_grad()
def zlpr(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """log(1 + sum (1 - y) e^z) + log(1 + sum y e^-z) of each row."""
    above, push = _log_one_plus(logits, 1 - targets)
    below, pull = _log_one_plus(-logits, targets)
    return above.add_(below), push.sub_(pull)


def _log_one_plus(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """log(1 + sum weight e^x) of each row, and its derivative along each x."""
    x = x.masked_fill(weight == 0, -torch.inf)
    peak = x.amax(-1, keepdim=True).clamp_min_(0)
    terms = x.sub_(peak).exp_().mul_(weight)
    total = terms.sum(-1, keepdim=True)
    one = peak.neg().exp_()
    # Where no x is above 0, log1p keeps the digits of a small sum.
    value = torch.where(peak > 0, torch.log(one + total) + peak, total.log1p())
    return value.squeeze(-1), terms.div_(one + total)


@torch.no_grad()
def two_way(
    logits: Tensor,
    targets: Tensor,
    *,
    positive_temperature: Number = 4.0,
    negative_temperature: Number = 1.0,
) -> tuple[Tensor, Tensor]:
    """One value for the batch: the mean over its rows and the mean over its labels, added up."""
    temperatures = positive_temperature, negative_temperature
    by_row, row_slope = _one_way(logits, targets, *temperatures, axis=-1)
    by_label, label_slope = _one_way(logits, targets, *temperatures, axis=-2)
    return by_row + by_label, row_slope.add_(label_slope)


def _one_way(
    logits: Tensor,
    targets: Tensor,
    positive_temperature: Number,
    negative_temperature: Number,
    *,
    axis: int,
) -> tuple[Tensor, Tensor]:
    """Mean softplus(largest negative - smallest positive) over the lines that have a positive.

    A line without negatives has -inf for the largest, so that its softplus is 0 and flat.
    """
    true = targets > 0
    has_positive = true.any(axis, keepdim=True).to(logits.dtype)
    share = has_positive / has_positive.sum((-2, -1), keepdim=True).clamp_min_(1)
    low, pull = _soft_maximum(-logits, true, positive_temperature, axis)
    high, push = _soft_maximum(logits, ~true, negative_temperature, axis)
    gap = low + high
    value = (softplus(gap, threshold=LINEAR_FROM) * share).sum((-2, -1))
    return value, push.sub_(pull).mul_(gap.sigmoid_().mul_(share))


def _soft_maximum(x: Tensor, kept: Tensor, temperature: Number, axis: int):
    """T log sum e^(x / T) over what is kept, and its derivative; -inf and 0 where nothing is."""
    x = x.masked_fill(~kept, -torch.inf)
    peak = x.amax(axis, keepdim=True)
    # Its peak is taken off before the division, which would round it.
    terms = x.sub_(peak.clamp_min(torch.finfo(x.dtype).min)).div_(temperature).exp_()
    total = terms.sum(axis, keepdim=True).clamp_min_(1)  # it is, unless nothing is kept
    return peak + temperature * total.log(), terms.div_(total)
