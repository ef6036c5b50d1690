"""Cross entropy in its two readings: one distribution a row, or one yes or no a label."""

from torch import Tensor

from mlcore.checks import check_number
from mlcore.losses import kernels
from mlcore.losses.shared import evaluate, prepare, prepare_weight


def softmax_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    label_smoothing: float = 0.0,
    poly: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Cross entropy of the softmax against the targets shared out over the row.

    .. math:: \sum_j q_j \left( -\log p_j + \epsilon (1 - p_j) \right), \quad
        p = \operatorname{softmax}(z), \quad q_j = y_j / \textstyle\sum_i y_i

    A row without labels gives 0, and no gradient. With m true labels and no poly, no logits give
    less than log m, which is reached at p = q.

    Args:
        logits: Scores before the softmax, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        label_smoothing: Share e of q that is spread evenly, q (1 - e) + e / k, from 0 to 1.
        poly: The epsilon of poly-1, >= -1, no unit: changes the weight of the first term in the
            series of -log p in 1 - p from 1 to 1 + epsilon. 0 gives plain cross entropy.
        reduction: "none", "mean" or "sum" over rows; "batchmean" is "mean" here.

    Returns:
        Loss in nats: shape (n,) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target or label_smoothing is not in [0, 1], poly < -1,
            a logit is not finite, or the reduction is unknown.

    Source:
        torch.nn.functional.cross_entropy with class probabilities. Normalised multi-hot targets:
        Mahajan et al. 2018, Exploring the Limits of Weakly Supervised Pretraining,
        arXiv:1805.00932. Poly-1: Leng et al. 2022, PolyLoss, arXiv:2204.12511.

    Example:
        >>> import torch
        >>> softmax_cross_entropy(torch.zeros(1, 4), torch.tensor([[1.0, 1.0, 0.0, 0.0]]))
        tensor(1.3863)
    """
    logits, targets = prepare(logits, targets, reduction)
    check_number("label_smoothing", label_smoothing, low=0, high=1)
    check_number("poly", poly, low=-1)
    return evaluate(
        kernels.softmax_cross_entropy,
        logits,
        targets,
        reduction,
        unit="row",
        label_smoothing=label_smoothing,
        poly=poly,
    )


def binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    pos_weight: float | Tensor | None = None,
    weight: float | Tensor | None = None,
    label_smoothing: float = 0.0,
    poly: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Cross entropy of a yes or no for each label, from the logit of yes.

    .. math:: w \left( w_+ \, y \left( -\log p + \epsilon (1 - p) \right)
        + (1 - y) \left( -\log(1 - p) + \epsilon \, p \right) \right), \quad p = \sigma(z)

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        pos_weight: The weight w_+ on the part of the positives, >= 0: a number or shape (k,).
        weight: The weight w on everything, >= 0: a number or a shape that broadcasts to (n, k).
        label_smoothing: Draws targets to a half, y (1 - e) + e / 2, from 0 to 1.
        poly: The epsilon of poly-1, >= -1, no unit; 0 gives plain cross entropy.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows). The
            mean is plain: it divides by the number of labels, not by the sum of weights.

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target or label_smoothing is not in [0, 1], a weight is
            negative or does not fit, poly < -1, a logit is not finite, or the reduction is unknown.

    Source:
        torch.nn.functional.binary_cross_entropy_with_logits, which has the same weights. Poly-1:
        Leng et al. 2022, PolyLoss, arXiv:2204.12511, here on each label's yes or no.

    Example:
        >>> import torch
        >>> binary_cross_entropy(torch.tensor([[0.0]]), torch.tensor([[1.0]]), pos_weight=3.0)
        tensor(2.0794)
    """
    logits, targets = prepare(logits, targets, reduction)
    check_number("label_smoothing", label_smoothing, low=0, high=1)
    check_number("poly", poly, low=-1)
    return evaluate(
        kernels.binary_cross_entropy,
        logits,
        targets,
        reduction,
        pos_weight=prepare_weight("pos_weight", pos_weight, logits, per_label=True),
        weight=prepare_weight("weight", weight, logits),
        label_smoothing=label_smoothing,
        poly=poly,
    )


def weighted_binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    positive_weight: float = 1.0,
    negative_weight: float = 1.0,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Binary cross entropy with one weight on true labels and another on false ones.

    .. math:: \left( w_+ y + w_- (1 - y) \right) \left( -y \log p - (1 - y) \log(1 - p) \right)

    It is `binary_cross_entropy` with the first factor as its weight. The factor comes from the
    target before smoothing, so it multiplies the whole term of a label, smoothed part and all;
    `pos_weight` multiplies only the part with log p.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        positive_weight: The weight w_+, >= 0, no unit.
        negative_weight: The weight w_-, >= 0, no unit.
        label_smoothing: Draws targets to a half, y (1 - e) + e / 2, from 0 to 1.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target or label_smoothing is not in [0, 1], a weight is
            negative, a logit is not finite, or the reduction is unknown.

    Source:
        Xie and Tu 2015, Holistically-Nested Edge Detection, arXiv:1504.06375.

    Example:
        >>> import torch
        >>> weighted_binary_cross_entropy(
        ...     torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), positive_weight=2.0, reduction="none"
        ... )
        tensor([[1.3863, 0.6931]])
    """
    logits, targets = prepare(logits, targets, reduction)
    check_number("positive_weight", positive_weight, low=0)
    check_number("negative_weight", negative_weight, low=0)
    check_number("label_smoothing", label_smoothing, low=0, high=1)
    return evaluate(
        kernels.weighted_binary_cross_entropy,
        logits,
        targets,
        reduction,
        positive_weight=positive_weight,
        negative_weight=negative_weight,
        label_smoothing=label_smoothing,
    )
