"""The arithmetic of every loss: value and derivative in closed form, unchecked, without autograd.

A kernel takes (logits, targets, **parameters) and returns (value, derivative): the loss of each
unit (a label of a row, a row, a label over all rows, or the batch) and the derivative of the sum of
all values with respect to each logit. Training calls it and then
`logits.backward(derivative * scale)`; the public functions of `mlcore.losses` add checks, autograd
and a reduction. Parameters mean what they mean there.

Targets have the dtype of the logits. Everything broadcasts to the logits: with logits of m models,
shape (m, n, k), targets may be (n, k) and a parameter a tensor of shape (m, 1, 1) or (m, 1, k).

In the derivations z is a logit, y its target, and p = 1 / (1 + exp(-z)). What is written in terms
of exp(-|z|) neither overflows nor rounds a small value to nothing.
"""

import torch
from torch import Tensor
from torch.nn.functional import log_softmax, softplus

Number = float | Tensor

# Where softplus(x) becomes x: exact in float64 from 37 on, and exp(60) is a finite float32.
# PyTorch's own threshold of 20 costs half of the digits.
LINEAR_FROM = 60


@torch.no_grad()
def softmax_cross_entropy(
    logits: Tensor, targets: Tensor, *, label_smoothing: Number = 0.0, poly: Number = 0.0
) -> tuple[Tensor, Tensor]:
    """Cross entropy of softmax(logits) against targets / row sum; an empty row gives 0.

    With shares q and their miss M = sum q (1 - p), poly adds poly M, whose derivative along logit j
    is p_j (1 - M - q_j).
    """
    row_sum = targets.sum(-1, keepdim=True)
    filled = (row_sum > 0).to(row_sum.dtype)
    share = targets / (row_sum + (1 - filled))
    if not _is(label_smoothing, 0):
        share = share * (1 - label_smoothing) + filled * (label_smoothing / logits.shape[-1])
    surprise = log_softmax(logits, -1).neg_()
    value = (share * surprise).sum(-1, keepdim=True)
    log_p = surprise.neg_()
    if not _is(poly, 0):
        missed = -(share * log_p.expm1()).sum(-1, keepdim=True)
        value = value + poly * missed
    p = log_p.exp_()
    derivative = (p * filled).sub_(share)
    if not _is(poly, 0):
        derivative.add_(poly * p.mul_(filled - missed - share))
    return value.squeeze(-1), derivative


@torch.no_grad()
def binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    pos_weight: Number | None = None,
    weight: Number | None = None,
    label_smoothing: Number = 0.0,
    poly: Number = 0.0,
) -> tuple[Tensor, Tensor]:
    """Sigmoid cross entropy, a softplus(z) + b softplus(-z) with a = 1 - y and b = pos_weight y.

    poly adds poly (a p + b (1 - p)), whose derivative is poly (a - b) p (1 - p).
    """
    # softplus(z) = max(z, 0) + log1p(exp(-|z|)): a part that is exact, and a tail that is small.
    tail = logits.abs().neg_().exp_()
    value = tail.log1p()
    slope = tail.div_(1 + tail)  # sigmoid(-|z|), the slope of the tail up to its sign
    above = torch.gt(logits, 0, out=torch.empty_like(logits))  # 1.0 where z > 0, else 0.0
    toward = torch.rsub(above, 1, alpha=2)  # the sign of that slope: -1 where z > 0, else 1
    if pos_weight is None and _is(label_smoothing, 0) and _is(poly, 0):
        exact = above.sub_(targets)
    else:
        positive, negative = targets, 1 - targets
        if not _is(label_smoothing, 0):  # each on its own: 1 - y would round a small rest away
            positive = positive * (1 - label_smoothing) + label_smoothing / 2
            negative = negative * (1 - label_smoothing) + label_smoothing / 2
        if pos_weight is not None:
            positive = positive * pos_weight
        total = positive + negative
        value.mul_(total)
        slope.mul_(total)
        exact = torch.lerp(-positive, negative, above)  # lerp is exact at weights 0 and 1
    value.addcmul_(exact, logits)
    derivative = exact.addcmul_(slope, toward)
    if not _is(poly, 0):
        p, rest = logits.sigmoid(), logits.neg().sigmoid_()
        value.add_(poly * (negative * p + positive * rest))
        derivative.add_(poly * p.mul_(rest).mul_(negative - positive))
    if weight is not None:
        value.mul_(weight)
        derivative.mul_(weight)
    return value, derivative


@torch.no_grad()
def hard_binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    pos_weight: Number | None = None,
    label_smoothing: Number = 0.0,
    poly: Number = 0.0,
) -> tuple[Tensor, Tensor]:
    """`binary_cross_entropy` for targets that are 0 or 1, in half as many passes.

    With x as in `focal`, the value is softplus(x) and the derivative along x is sigmoid(x).
    """
    if not (_is(label_smoothing, 0) and _is(poly, 0)):
        return binary_cross_entropy(
            logits, targets, pos_weight=pos_weight, label_smoothing=label_smoothing, poly=poly
        )
    away = torch.rsub(targets, 1, alpha=2)
    x = away * logits
    value = softplus(x, threshold=LINEAR_FROM)
    derivative = x.sigmoid_().mul_(away)
    if pos_weight is not None:
        weight = _by_target(targets, pos_weight, 1.0)
        value.mul_(weight)
        derivative.mul_(weight)
    return value, derivative


@torch.no_grad()
def weighted_binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    positive_weight: Number = 1.0,
    negative_weight: Number = 1.0,
    label_smoothing: Number = 0.0,
) -> tuple[Tensor, Tensor]:
    """Sigmoid cross entropy, each label weighted by its target before smoothing."""
    weight = _by_target(targets, positive_weight, negative_weight)
    return binary_cross_entropy(logits, targets, weight=weight, label_smoothing=label_smoothing)


@torch.no_grad()
def focal(
    logits: Tensor,
    targets: Tensor,
    *,
    gamma: Number = 2.0,
    alpha: Number | None = None,
    pos_weight: Number | None = None,
    poly: Number = 0.0,
) -> tuple[Tensor, Tensor]:
    """Focal loss q^gamma (u + poly q) with q = 1 - p_t and u = -log p_t; targets are 0 or 1.

    With x = -z for a positive and z for a negative, du/dx = q and dq/dx = q p_t, so the derivative
    is q^gamma (p_t (gamma u + poly (gamma + 1) q) + q): nothing is divided by q, so gamma < 1 is
    safe.
    """
    away = torch.rsub(targets, 1, alpha=2)  # dx/dz: -1 for a positive, 1 for a negative
    x = away * logits
    u = softplus(x, threshold=LINEAR_FROM)
    p_t = x.neg().sigmoid_()  # not 1 - q, which float32 rounds to 0 where gamma p_t u is not
    q = x.sigmoid_()
    faded = _power(q, gamma)
    if _is(poly, 0):
        steeper = p_t.mul_(u).mul_(gamma)
    else:
        steeper = p_t.mul_(gamma * u + poly * (gamma + 1) * q)
        u = u + poly * q
    derivative = steeper.add_(q).mul_(faded).mul_(away)
    value = faded.mul_(u)
    if alpha is not None or not (pos_weight is None or _is(pos_weight, 1)):
        positive, negative = (1.0, 1.0) if alpha is None else (alpha, 1 - alpha)
        weight = _by_target(targets, positive * (1 if pos_weight is None else pos_weight), negative)
        value.mul_(weight)
        derivative.mul_(weight)
    return value, derivative


@torch.no_grad()
def asymmetric(
    logits: Tensor,
    targets: Tensor,
    *,
    gamma_pos: Number = 1.0,
    gamma_neg: Number = 4.0,
    margin: Number = 0.05,
    detach_focusing: bool = False,
) -> tuple[Tensor, Tensor]:
    """Focal loss with one gamma for each target and probabilities of negatives moved down.

    With x and q as in `focal`, and m = margin for a negative and 0 for a positive, the value is
    r^gamma u with r = max(q - m, 0) and u = -log(1 - r) = log1p(odds), odds = r / (1 - q + m).
    Then du/dx = q (1 - q) odds / r, and the whole derivative q (1 - q) r^gamma
    (gamma u + odds) / r, which is 0 at r = 0.
    """
    away = torch.rsub(targets, 1, alpha=2)
    x = away * logits
    near = x.clamp(max=LINEAR_FROM)  # 1 - q stays above 0; beyond, u grows with x where m = 0
    m = (targets * -margin).add_(margin)
    u = x.sub_(near).mul_(torch.eq(m, 0, out=torch.empty_like(m)))
    q = near.sigmoid()
    one_minus_q = near.neg_().sigmoid_()
    r = (q - m).clamp_min_(0)
    odds = one_minus_q + m
    torch.div(r, odds, out=odds)
    u.add_(odds.log1p())
    faded = torch.lerp(_power(r, gamma_neg), _power(r, gamma_pos), targets)
    if not detach_focusing:
        odds.addcmul_((targets * (gamma_pos - gamma_neg)).add_(gamma_neg), u)
    r.clamp_min_(torch.finfo(r.dtype).tiny)  # nothing is divided by 0, and 0 / tiny is 0
    derivative = odds.mul_(q).mul_(one_minus_q).mul_(faded).div_(r).mul_(away)
    return faded.mul_(u), derivative


@torch.no_grad()
def hill(
    logits: Tensor,
    targets: Tensor,
    *,
    lam: Number = 1.5,
    margin: Number = 1.0,
    gamma: Number = 2.0,
) -> tuple[Tensor, Tensor]:
    """Focal loss at z - margin for positives, (lam - p) p^2 for negatives; targets are 0 or 1.

    The derivative of the latter is (2 lam - 3 p) p^2 (1 - p).
    """
    positive, pull = focal(logits - margin, targets.new_ones(()), gamma=gamma)
    p, rest = logits.sigmoid(), logits.neg().sigmoid_()
    square = p.square()
    push = (2 * lam - 3 * p).mul_(square).mul_(rest)
    negative = square.mul_(lam - p)
    # lerp is exact at weights 0 and 1.
    return torch.lerp(negative, positive, targets), torch.lerp(push, pull, targets)


def _is(value: Number, number: float) -> bool:
    """Whether a parameter is plainly this number; a tensor never is."""
    return not isinstance(value, Tensor) and value == number


def _by_target(targets: Tensor, positive: Number, negative: Number) -> Tensor:
    """Positive where the target is 1 and negative where it is 0, to the bit; between them a mix."""
    rest = 1 - targets
    if not _is(negative, 1):
        rest = rest * negative
    if not isinstance(positive, Tensor):
        positive = targets.new_full((), positive)
    return torch.addcmul(rest, targets, positive)


def _power(base: Tensor, exponent: Number) -> Tensor:
    """base ** exponent; a whole exponent by products, since pow takes ten times as long."""
    if _is(exponent, 1):
        return base
    if isinstance(exponent, Tensor) or exponent <= 3 or exponent % 1:
        return base.pow(exponent)  # PyTorch has short cuts for 0, 0.5, 2 and 3
    square = _power(base, exponent // 2).square_()
    return square.mul_(base) if exponent % 2 else square
