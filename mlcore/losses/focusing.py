"""Losses that fade out on labels already predicted well."""

from torch import Tensor

from mlcore.checks import check_number
from mlcore.losses import kernels
from mlcore.losses.shared import evaluate, prepare, prepare_weight


def focal(
    logits: Tensor,
    targets: Tensor,
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
    logits, targets = prepare(logits, targets, reduction, binary=True)
    check_number("gamma", gamma, low=0)
    if alpha is not None:
        check_number("alpha", alpha, low=0, high=1)
    check_number("poly", poly, low=-1)
    return evaluate(
        kernels.focal,
        logits,
        targets,
        reduction,
        gamma=gamma,
        alpha=alpha,
        pos_weight=prepare_weight("pos_weight", pos_weight, logits, per_label=True),
        poly=poly,
    )


def asymmetric(
    logits: Tensor,
    targets: Tensor,
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
    logits, targets = prepare(logits, targets, reduction, binary=True)
    check_number("gamma_pos", gamma_pos, low=0)
    check_number("gamma_neg", gamma_neg, low=0)
    check_number("margin", margin, low=0, high=1)
    if not isinstance(detach_focusing, bool):
        raise TypeError(f"detach_focusing must be True or False, got {detach_focusing!r}")
    return evaluate(
        kernels.asymmetric,
        logits,
        targets,
        reduction,
        gamma_pos=gamma_pos,
        gamma_neg=gamma_neg,
        margin=margin,
        detach_focusing=detach_focusing,
    )


def hill(
    logits: Tensor,
    targets: Tensor,
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
    logits, targets = prepare(logits, targets, reduction, binary=True)
    check_number("lam", lam, low=1)
    check_number("margin", margin, low=0)
    check_number("gamma", gamma, low=0)
    return evaluate(kernels.hill, logits, targets, reduction, lam=lam, margin=margin, gamma=gamma)
