"""The arithmetic of the losses that measure a label's overlap over the batch, as in `kernels`.

Values have shape (..., k). Each loss is written as what is wrong over what there is, not as one
minus an overlap, so that a small loss keeps its digits. Where a denominator rounds to 0, nothing is
true and all but nothing is predicted: the loss there is 1 and flat, as it is just before.
"""

import torch
from torch import Tensor

from mlcore.losses.kernels import Number


@torch.no_grad()
def soft_f1(logits: Tensor, targets: Tensor, *, smoothing: Number = 1.0) -> tuple[Tensor, Tensor]:
    """The Tversky loss in which both kinds of error count one half."""
    return tversky(logits, targets, alpha=0.5, beta=0.5, smoothing=smoothing)


@torch.no_grad()
def tversky(
    logits: Tensor,
    targets: Tensor,
    *,
    alpha: Number = 0.3,
    beta: Number = 0.7,
    smoothing: Number = 1.0,
) -> tuple[Tensor, Tensor]:
    """E / (H + E) with errors E = alpha sum (1 - y) p + beta sum y (1 - p), hits H = sum y p + s.

    With D = H + E, the derivative along p is (alpha H - y (alpha H + beta H + E)) / D^2.
    """
    p, rest = logits.sigmoid(), logits.neg().sigmoid_()
    found = targets * p
    hits = found.sum(-2, keepdim=True) + smoothing
    errors = alpha * (p - found).sum(-2, keepdim=True)
    errors = errors + beta * (targets * rest).sum(-2, keepdim=True)
    whole = hits + errors
    hits, value, whole = hits / _filled(whole), _share(errors, whole), _filled(whole)
    slope = torch.addcmul(alpha * hits, targets, (alpha + beta) * hits + value, value=-1)
    return value.squeeze(-2), p.mul_(rest).div_(whole).mul_(slope)


@torch.no_grad()
def dice(logits: Tensor, targets: Tensor, *, smoothing: Number = 1.0) -> tuple[Tensor, Tensor]:
    """E / D with errors E = sum (p - y)^2 and D = sum p^2 + sum y^2 + s.

    With I = (2 sum y p + s) / D, which is 1 - E / D, the derivative along p is 2 (p I - y) / D.
    """
    p, rest = logits.sigmoid(), logits.neg().sigmoid_()
    # p - y, from 1 - p where y is 1: lerp is exact at weights 0 and 1.
    errors = torch.lerp(p, -rest, targets).square_().sum(-2, keepdim=True)
    whole = p.square().sum(-2, keepdim=True) + targets.square().sum(-2, keepdim=True) + smoothing
    overlap = 2 * (targets * p).sum(-2, keepdim=True) + smoothing
    value, whole = _share(errors, whole), _filled(whole)
    slope = (p * (overlap / whole)).sub_(targets)
    return value.squeeze(-2), p.mul_(rest).div_(whole).mul_(slope).mul_(2)


def _filled(whole: Tensor) -> Tensor:
    """A denominator, or 1 in place of 0; what stands over it is 0 there too."""
    return whole.masked_fill(whole == 0, 1)


def _share(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, or 1 where the whole is 0."""
    return (part / _filled(whole)).masked_fill_(whole == 0, 1)
