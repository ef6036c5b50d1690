"""Losses that fade out on labels already predicted well."""

from __future__ import annotations

from dataclasses import replace

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses import shared
from mlcore.losses.cross_entropy import POLY
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import LINEAR_FROM, by_target, evaluate, is_plainly, softplus

GAMMA = Parameter(
    name="gamma",
    title="focusing γ",
    default=2.0,
    range=(0.0, 10.0),
    step=0.1,
    help="The larger it is, the less a label that is already predicted well counts; 0 is plain "
    "BCE.",
)
GAMMA_OF_POSITIVES = replace(
    GAMMA,
    title="focusing of positives γ",
    help="The larger it is, the less a true label that is already predicted well counts.",
)

# Both are in use, and differ: at y = p the second is 0 and the first is not.
TWO_READINGS = (
    "Between them the formula has two readings: y times the loss of a true label plus 1 - y times "
    "that of a false one, or |y - p|^gamma times the cross entropy of y (Li et al. 2020, "
    "arXiv:2006.04388); weigh the losses of 0 and 1, or write the other out"
)


def focal_kernel(logits, targets, *, gamma=2.0, alpha=None, pos_weight=None, poly=0.0):
    """Focal loss q^gamma (u + poly q) with q = 1 - p_t and u = -log p_t; targets are 0 or 1.

    With x = -z for a positive and z for a negative, du/dx = q and dq/dx = q p_t, so the derivative
    is q^gamma (p_t (gamma u + poly (gamma + 1) q) + q): nothing is divided by q, so gamma < 1 is
    safe.
    """
    away = torch.rsub(targets, 1, alpha=2)  # dx/dz: -1 for a positive, 1 for a negative
    x = away * logits
    u = softplus(x)
    p_t = x.neg().sigmoid_()  # not 1 - q, which float32 rounds to 0 where gamma p_t u is not
    q = x.sigmoid_()
    faded = _power(q, gamma)
    if is_plainly(poly, 0):
        steeper = p_t.mul_(u).mul_(gamma)
    else:
        steeper = p_t.mul_(gamma * u + poly * (gamma + 1) * q)
        u = u + poly * q
    derivative = steeper.add_(q).mul_(faded).mul_(away)
    value = faded.mul_(u)
    if alpha is not None or not (pos_weight is None or is_plainly(pos_weight, 1)):
        positive, negative = (1.0, 1.0) if alpha is None else (alpha, 1 - alpha)
        weight = by_target(targets, positive * (1 if pos_weight is None else pos_weight), negative)
        value.mul_(weight)
        derivative.mul_(weight)
    return value, derivative


def focal(
    logits: Tensor,
    targets,
    *,
    gamma: float = 2.0,
    alpha: float | None = None,
    pos_weight: float | Tensor | None = None,
    poly: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Binary cross entropy that fades out on labels already predicted well.

    .. math:: w_t \, (1 - p_t)^\gamma \left( -\log p_t + \epsilon (1 - p_t) \right),
        \quad p_t = p \text{ if } y = 1 \text{ else } 1 - p

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: 0 or 1 for each label, shape (n, k).
        gamma: Focusing strength, >= 0, no unit. 0 gives plain cross entropy.
        alpha: The part alpha of w_t for positives, 1 - alpha for negatives, from 0 to 1; None
            leaves both at 1.
        pos_weight: A further factor of w_t for positives, >= 0: a number or shape (k,).
        poly: The epsilon of poly-1, >= -1, no unit; 0 gives the plain focal loss.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not 0 or 1, gamma or a weight is negative,
            alpha is not in [0, 1], poly < -1, a logit is not finite, or the reduction is unknown.

    Source:
        Lin et al. 2017, Focal Loss for Dense Object Detection, arXiv:1708.02002. The paper divides
        the sum by the number of positives; here the reduction does not. Poly-1: Leng et al. 2022,
        PolyLoss, arXiv:2204.12511, whose epsilon (1 - p_t)^(gamma + 1) is weighted by w_t here too.

    Example:
        >>> import torch
        >>> focal(torch.tensor([[0.0]]), torch.tensor([[1.0]]), gamma=2.0)
        tensor(0.1733)
    """
    return evaluate(FOCAL, **locals())


FOCAL = LossInfo(
    key="focal",
    title="Focal loss",
    function=focal,
    kernel=focal_kernel,
    parameters=(
        GAMMA,
        Parameter(
            name="alpha",
            title="α (positives), 1 − α (negatives)",
            default="none",
            range=(0.0, 1.0),
            choices=("none",),
            help="Multiplies the loss of positives by α and that of negatives by 1 − α, so a "
            "value below one half favours negatives.",
        ),
        Parameter(
            name="pos_weight",
            title="positive weight",
            default=1.0,
            range=(1e-3, 1e4),
            log=True,
            help="Multiplies the loss of positives alone.",
        ),
        POLY,
    ),
    checks={
        "gamma": shared.NOT_NEGATIVE,
        "alpha": shared.number(low=0, high=1, optional=True),
        "pos_weight": shared.WEIGHT_OF_LABEL,
        "poly": shared.number(low=-1),
    },
    binary=True,
    soft_targets=TWO_READINGS,
    source="Lin et al. 2017, Focal Loss for Dense Object Detection, arXiv:1708.02002; poly-1: "
    "Leng et al. 2022, arXiv:2204.12511",
    when_not="Do not use it where the probabilities themselves are read, because it pulls them "
    "towards one half, or where many targets are wrong, because it dwells on those.",
)


def asymmetric_kernel(
    logits, targets, *, gamma_pos=1.0, gamma_neg=4.0, margin=0.05, detach_focusing=False
):
    """Focal loss with one gamma for each target and probabilities of negatives moved down.

    With x and q as in `focal_kernel`, and m = margin for a negative and 0 for a positive, the value
    is r^gamma u with r = max(q - m, 0) and u = -log(1 - r) = log1p(odds), odds = r / (1 - q + m).
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


def asymmetric(
    logits: Tensor,
    targets,
    *,
    gamma_pos: float = 1.0,
    gamma_neg: float = 4.0,
    margin: float = 0.05,
    detach_focusing: bool = False,
    reduction: str = "mean",
) -> Tensor:
    r"""Focal loss with its own focusing for negatives, and easy negatives left out entirely.

    .. math:: -y \, (1 - p)^{\gamma_+} \log p - (1 - y) \, p_m^{\gamma_-} \log(1 - p_m),
        \quad p_m = \max(p - m, 0)

    A negative with p <= m has value 0 and gradient 0.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: 0 or 1 for each label, shape (n, k).
        gamma_pos: Focusing strength of positives, >= 0, no unit.
        gamma_neg: Focusing strength of negatives, >= 0, no unit.
        margin: The probability m by which negatives are moved down, from 0 to 1.
        detach_focusing: Whether the gradient treats the powers as constants, as the authors'
            training code does. The value stays the same.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not 0 or 1, a gamma is negative, margin is not
            in [0, 1], a logit is not finite, or the reduction is unknown.

    Source:
        Ridnik et al. 2021, Asymmetric Loss For Multi-Label Classification, arXiv:2009.14119. The
        authors' code sums over labels and rows: reduction="sum". It also clamps probabilities at
        1e-8, which cuts off the gradient of a badly missed label; this one does not.

    Example:
        >>> import torch
        >>> asymmetric(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), reduction="none")
        tensor([[0.3466, 0.0245]])
    """
    return evaluate(ASYMMETRIC, **locals())


ASYMMETRIC = LossInfo(
    key="asymmetric",
    title="Asymmetric loss",
    function=asymmetric,
    kernel=asymmetric_kernel,
    parameters=(
        replace(
            GAMMA_OF_POSITIVES, name="gamma_pos", title="focusing of positives γ₊", default=1.0
        ),
        replace(
            GAMMA,
            name="gamma_neg",
            title="focusing of negatives γ₋",
            default=4.0,
            help="The larger it is, the less a false label with an already low probability counts.",
        ),
        Parameter(
            name="margin",
            title="margin m",
            default=0.05,
            range=(0.0, 0.5),
            help="False labels with a probability up to this do not count at all.",
        ),
        Parameter(
            name="detach_focusing",
            title="focusing constant in the gradient",
            default=False,
            help="Leaves the slope of the focusing powers out of the gradient, as the "
            "authors' training code does; the loss itself stays the same.",
        ),
    ),
    checks={
        "gamma_pos": shared.NOT_NEGATIVE,
        "gamma_neg": shared.NOT_NEGATIVE,
        "margin": shared.SHARE,
        "detach_focusing": shared.switch,
    },
    binary=True,
    source="Ridnik et al. 2021, Asymmetric Loss For Multi-Label Classification, arXiv:2009.14119",
    when_not="Do not use it where the probabilities themselves are read, because negatives "
    "below the margin are no longer pushed down.",
)


def hill_kernel(logits, targets, *, lam=1.5, margin=1.0, gamma=2.0):
    """Focal loss at z - margin for positives, (lam - p) p^2 for negatives; targets are 0 or 1.

    The derivative of the latter is (2 lam - 3 p) p^2 (1 - p).
    """
    positive, pull = focal_kernel(logits - margin, targets.new_ones(()), gamma=gamma)
    p, rest = logits.sigmoid(), logits.neg().sigmoid_()
    square = p.square()
    push = (2 * lam - 3 * p).mul_(square).mul_(rest)
    negative = square.mul_(lam - p)
    # lerp is exact at weights 0 and 1.
    return torch.lerp(negative, positive, targets), torch.lerp(push, pull, targets)


def hill(
    logits: Tensor,
    targets,
    *,
    lam: float = 1.5,
    margin: float = 1.0,
    gamma: float = 2.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Focal loss for positives, and for negatives a hill that lets the least believable ones go.

    .. math:: -y \, (1 - p_m)^\gamma \log p_m + (1 - y) (\lambda - p) \, p^2, \quad
        p_m = \sigma(z - m), \quad p = \sigma(z)

    A false label predicted with near certainty may be a true one that nobody marked: its gradient
    goes to 0. The slope along p is 2 lam p - 3 p^2, so that the loss of a negative falls again for
    p above 2 lam / 3, which is 1 at the default.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: 0 or 1 for each label, shape (n, k).
        lam: The number lambda, >= 1 so that no negative has a loss below 0; no unit.
        margin: By how much the logit of a positive is moved down, m >= 0, in units of a logit.
        gamma: Focusing strength of positives, >= 0, no unit.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss, in nats for positives and without unit for negatives: shape (n, k) for "none", else a
        scalar.

    Raises:
        ValueError: If the shapes differ, a target is not 0 or 1, lam < 1, margin or gamma is
            negative, a logit is not finite, or the reduction is unknown.

    Source:
        Zhang et al. 2021, Simple and Robust Loss Design for Multi-Label Learning with Missing
        Labels, arXiv:2112.07368, with the numbers of the authors' code, which sums over labels and
        rows: reduction="sum".

    Example:
        >>> import torch
        >>> hill(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), reduction="none")
        tensor([[0.7019, 0.2500]])
    """
    return evaluate(HILL, **locals())


HILL = LossInfo(
    key="hill",
    title="Hill loss",
    function=hill,
    kernel=hill_kernel,
    parameters=(
        Parameter(
            name="lam",
            title="λ of negatives",
            default=1.5,
            range=(1.0, 3.0),
            step=0.05,
            help="Below 1.5, the loss of a false label falls again above a probability of "
            "2λ/3; from 1.5 on, it never falls.",
        ),
        Parameter(
            name="margin",
            title="margin of positives m",
            default=1.0,
            range=(0.0, 5.0),
            step=0.1,
            help="True labels count as if their logit were this much lower.",
        ),
        GAMMA_OF_POSITIVES,
    ),
    checks={
        "lam": shared.number(low=1),
        "margin": shared.NOT_NEGATIVE,
        "gamma": shared.NOT_NEGATIVE,
    },
    binary=True,
    source="Zhang et al. 2021, Simple and Robust Loss Design for Multi-Label Learning with "
    "Missing Labels, arXiv:2112.07368",
    when_not="Do not use it where negatives can be trusted, because a false label that is "
    "predicted with certainty is taken for a true one that was left unmarked.",
    in_nats=False,
)


def _power(base: Tensor, exponent: float | Tensor) -> Tensor:
    """base ** exponent; a whole exponent by products, since pow takes ten times as long."""
    if is_plainly(exponent, 1):
        return base
    if isinstance(exponent, torch.Tensor) or exponent <= 3 or exponent % 1:
        if not isinstance(exponent, torch.Tensor) and 0 < exponent < 1:
            # At 0 it has no slope. What stands beside it is 0 there, so nothing else changes.
            base = base.clamp(min=torch.finfo(base.dtype).tiny)
        return base.pow(exponent)  # PyTorch has short cuts for 0, 0.5, 2 and 3
    root = _power(base, exponent // 2)
    square = root.mul_(root)
    return square.mul_(base) if exponent % 2 else square
