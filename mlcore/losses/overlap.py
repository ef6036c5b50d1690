"""Losses that measure how a label's predicted rows overlap its true rows, over the batch.

Each gives one value a label, from 0 (the same rows) to 1 (no row in common), which has no unit.
What is counted are probabilities: p = 0.3 is three tenths of a prediction. A batch is part of the
definition: the mean over batches is not the loss of all rows together.

Each kernel is written as what is wrong over what there is, not as one minus an overlap, so that a
small loss keeps its digits. Where a denominator rounds to 0, nothing is true and all but nothing is
predicted: the loss there is 1 and flat, as it is just before.
"""

from __future__ import annotations

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import NOT_NEGATIVE, evaluate

SMOOTHING = Parameter(
    name="smoothing",
    title="smoothing s",
    default=1.0,
    range=(0.0, 10.0),
    step=0.1,
    help="Added to both parts of the fraction; with 0, a batch in which a label is never true "
    "teaches nothing about it.",
)


def soft_f1_kernel(logits, targets, *, smoothing=1.0):
    """The Tversky loss in which both kinds of error count one half."""
    return tversky_kernel(logits, targets, alpha=0.5, beta=0.5, smoothing=smoothing)


def soft_f1(logits: Tensor, targets, *, smoothing: float = 1.0, reduction: str = "mean") -> Tensor:
    r"""One minus F1 with probabilities counted in place of predictions, a label at a time.

    .. math:: 1 - \frac{\mathrm{TP} + s}{\mathrm{TP} + (\mathrm{FP} + \mathrm{FN}) / 2 + s}, \quad
        \mathrm{TP} = \sum_i y_i p_i, \; \mathrm{FP} = \sum_i (1 - y_i) p_i, \;
        \mathrm{FN} = \sum_i y_i (1 - p_i)

    The mean over labels is one minus a soft macro F1. It is `tversky` at one half and one half.
    With s = 0, a label without a true row in the batch costs 1 whatever is predicted, and has no
    gradient; s > 0 gives it one.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        smoothing: The number s of hits that every label is given, >= 0, in rows.
        reduction: "none", "mean" or "sum" over labels; "batchmean" is "sum" here.

    Returns:
        Loss without unit, from 0 to 1: shape (k,) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], smoothing is negative, a logit
            is not finite, or the reduction is unknown.

    Source:
        Bénédict et al. 2022, sigmoidF1: A Smooth F1 Score Surrogate Loss for Multilabel
        Classification, arXiv:2108.10566, with the plain sigmoid and a label at a time.

    Example:
        >>> import torch
        >>> soft_f1(torch.zeros(2, 1), torch.tensor([[1.0], [0.0]]), smoothing=0.0)
        tensor(0.5000)
    """
    return evaluate(SOFT_F1, **locals())


SOFT_F1 = LossInfo(
    key="soft_f1",
    title="Soft F1",
    function=soft_f1,
    kernel=soft_f1_kernel,
    parameters=(SMOOTHING,),
    checks={"smoothing": NOT_NEGATIVE},
    source="Bénédict et al. 2022, sigmoidF1, arXiv:2108.10566, with the plain sigmoid and one "
    "value for each label",
    when_not="Do not use it with batches that are small for how rare the labels are, because "
    "it compares rows of one batch, or where probabilities are read, because it drives them "
    "to 0 and 1.",
    unit="column",
    in_nats=False,
)


def dice_kernel(logits, targets, *, smoothing=1.0):
    """E / D with errors E = sum (p - y)^2 and D = sum p^2 + sum y^2 + s.

    With I = (2 sum y p + s) / D, which is 1 - E / D, the derivative along p is 2 (p I - y) / D.
    """
    p, rest = logits.sigmoid(), logits.neg().sigmoid_()
    # p - y, from 1 - p where y is 1: lerp is exact at weights 0 and 1.
    errors = torch.lerp(p, -rest, targets)
    errors = errors.mul_(errors).sum(-2, keepdim=True)
    whole = p.square().sum(-2, keepdim=True) + targets.square().sum(-2, keepdim=True) + smoothing
    overlap = 2 * (targets * p).sum(-2, keepdim=True) + smoothing
    value, whole = _share(errors, whole), _filled(whole)
    slope = (p * (overlap / whole)).sub_(targets)
    return value.squeeze(-2), p.mul_(rest).div_(whole).mul_(slope).mul_(2)


def dice(logits: Tensor, targets, *, smoothing: float = 1.0, reduction: str = "mean") -> Tensor:
    r"""One minus the Dice coefficient with squares in the denominator, a label at a time.

    .. math:: 1 - \frac{2 \sum_i y_i p_i + s}{\sum_i p_i^2 + \sum_i y_i^2 + s}
        = \frac{\sum_i (p_i - y_i)^2}{\sum_i p_i^2 + \sum_i y_i^2 + s}

    On predictions of 0 and 1 it is one minus F1, like `soft_f1`; between them it is a squared
    error shared out by label.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        smoothing: Added to both parts of the fraction, >= 0, in rows. With 0, a label without a
            true row in the batch costs 1 whatever is predicted, and has no gradient.
        reduction: "none", "mean" or "sum" over labels; "batchmean" is "sum" here.

    Returns:
        Loss without unit, from 0 to 1: shape (k,) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], smoothing is negative, a logit
            is not finite, or the reduction is unknown.

    Source:
        Milletari et al. 2016, V-Net, arXiv:1606.04797; smoothing: Li et al. 2020, Dice Loss for
        Data-imbalanced NLP Tasks, arXiv:1911.02855.

    Example:
        >>> import torch
        >>> dice(torch.zeros(2, 1), torch.tensor([[1.0], [0.0]]), smoothing=0.0)
        tensor(0.3333)
    """
    return evaluate(DICE, **locals())


DICE = LossInfo(
    key="dice",
    title="Dice loss",
    formula=r"1 - \frac{2 \sum_i y_i p_i + s}{\sum_i p_i^2 + \sum_i y_i^2 + s}",
    function=dice,
    kernel=dice_kernel,
    parameters=(SMOOTHING,),
    checks={"smoothing": NOT_NEGATIVE},
    source="Milletari et al. 2016, V-Net, arXiv:1606.04797; smoothing: Li et al. 2020, "
    "arXiv:1911.02855",
    when_not="Do not use it with batches that are small for how rare the labels are, because "
    "a label's loss is a share of what is true and predicted in one batch.",
    unit="column",
    in_nats=False,
)


def tversky_kernel(logits, targets, *, alpha=0.3, beta=0.7, smoothing=1.0):
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


def tversky(
    logits: Tensor,
    targets,
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    smoothing: float = 1.0,
    reduction: str = "mean",
) -> Tensor:
    r"""`soft_f1` with a price for each kind of error.

    .. math:: 1 - \frac{\mathrm{TP} + s}
        {\mathrm{TP} + \alpha \, \mathrm{FP} + \beta \, \mathrm{FN} + s}

    with the sums of `soft_f1`. At alpha = beta = 1 it is one minus a soft Jaccard index.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        alpha: What a false positive costs, >= 0, in hits.
        beta: What a false negative costs, >= 0, in hits. Above alpha, recall counts more.
        smoothing: The number s of hits that every label is given, >= 0, in rows.
        reduction: "none", "mean" or "sum" over labels; "batchmean" is "sum" here.

    Returns:
        Loss without unit, from 0 to 1: shape (k,) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], a parameter is negative, a
            logit is not finite, or the reduction is unknown.

    Source:
        Salehi et al. 2017, Tversky Loss Function for Image Segmentation Using 3D Fully
        Convolutional Deep Networks, arXiv:1706.05721.

    Example:
        >>> import torch
        >>> tversky(torch.zeros(2, 1), torch.tensor([[1.0], [0.0]]), alpha=1, beta=1, smoothing=0)
        tensor(0.6667)
    """
    return evaluate(TVERSKY, **locals())


TVERSKY = LossInfo(
    key="tversky",
    title="Tversky loss",
    function=tversky,
    kernel=tversky_kernel,
    parameters=(
        Parameter(
            name="alpha",
            title="cost of false positives α",
            default=0.3,
            range=(0.0, 1.0),
            help="What a false positive costs, measured in hits.",
        ),
        Parameter(
            name="beta",
            title="cost of false negatives β",
            default=0.7,
            range=(0.0, 1.0),
            help="What a false negative costs, measured in hits; above α, recall counts more.",
        ),
        SMOOTHING,
    ),
    checks=dict.fromkeys(("alpha", "beta", "smoothing"), NOT_NEGATIVE),
    source="Salehi et al. 2017, Tversky Loss Function for Image Segmentation, arXiv:1706.05721",
    when_not="Do not use it with batches that are small for how rare the labels are, or without "
    "knowing what a miss costs compared with a false alarm, because α and β say just that.",
    unit="column",
    in_nats=False,
)


def _filled(whole: Tensor) -> Tensor:
    """A denominator, or 1 in place of 0; what stands over it is 0 there too."""
    return whole.masked_fill(whole == 0, 1)


def _share(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, or 1 where the whole is 0."""
    return (part / _filled(whole)).masked_fill_(whole == 0, 1)
