"""The arithmetic of the partition losses, as in `mlcore.losses.kernels`.

A row of logits is (z_1, ..., z_k, u): s = softmax(z) says which labels, u how many. A row of
targets has k entries, whose sum is m. Values have shape (..., n), derivatives (..., n, k + 1).
"""

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from mlcore.losses.kernels import Number

COUNT_FLOOR = 0.01  # the least count that u itself can say
# From here on e^u is followed by its tangent: 4.9e8 labels are more than any row has.
EXACT_UP_TO = 20.0


@torch.no_grad()
def partition_kl_mse(
    logits: Tensor, targets: Tensor, *, count_weight: Number = 1.0
) -> tuple[Tensor, Tensor]:
    """KL of softmax from targets / row sum, plus count_weight (m - c)^2 with c = max(0.01, u)."""
    log_s, u, m = _parts(logits, targets)
    filled = (m > 0).to(m.dtype)
    share = targets / (m + (1 - filled))
    missing = m - u.clamp(min=COUNT_FLOOR)
    value = (torch.xlogy(share, share) - share * log_s).sum(-1)
    value += (count_weight * missing.square()).squeeze(-1)
    slope = count_weight * missing.mul(-2).mul_(_above_floor(u))
    return value, torch.cat([log_s.exp_().mul_(filled).sub_(share), slope], -1)


@torch.no_grad()
def partition_absolute_kl(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """|sum of y log(y / (c s))| with c = max(0.01, u); its slope at 0 counts as 0, as in torch.abs.

    Inside the bars, the derivative is m s - y along z and -m / c along u.
    """
    log_s, u, m = _parts(logits, targets)
    count = u.clamp(min=COUNT_FLOOR)
    inside = (torch.xlogy(targets, targets) - targets * log_s).sum(-1, keepdim=True)
    inside.sub_(m * count.log())
    sign = inside.sign()
    slope = (m / count).neg_().mul_(_above_floor(u))
    derivative = torch.cat([log_s.exp_().mul_(m).sub_(targets), slope], -1).mul_(sign)
    return inside.abs_().squeeze(-1), derivative


@torch.no_grad()
def partition_poisson(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of e^u s_j - y_j (u + log s_j), which is e^u - m u - sum of y log s."""
    log_s, u, m = _parts(logits, targets)
    beyond = (u - EXACT_UP_TO).clamp_(min=0)
    slope = u.clamp(max=EXACT_UP_TO).exp_()
    value = (slope * (1 + beyond) - m * u).squeeze(-1)
    value -= (targets * log_s).sum(-1)
    return value, torch.cat([log_s.exp_().mul_(m).sub_(targets), slope.sub_(m)], -1)


def _parts(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """log s of shape (..., k), and u and m of shape (..., 1)."""
    return log_softmax(logits[..., :-1], -1), logits[..., -1:], targets.sum(-1, keepdim=True)


def _above_floor(u: Tensor) -> Tensor:
    """The slope of max(0.01, u), as torch.clamp has it: 1 from the floor on, 0 below."""
    return (u >= COUNT_FLOOR).to(u.dtype)
