"""Losses that measure how a label's predicted rows overlap its true rows, over the batch.

Each gives one value a label, from 0 (the same rows) to 1 (no row in common), which has no unit.
What is counted are probabilities: p = 0.3 is three tenths of a prediction. A batch is part of the
definition: the mean over batches is not the loss of all rows together.
"""

from torch import Tensor

from mlcore.checks import check_number
from mlcore.losses import overlap_kernels
from mlcore.losses.shared import evaluate, prepare


def soft_f1(
    logits: Tensor, targets: Tensor, *, smoothing: float = 1.0, reduction: str = "mean"
) -> Tensor:
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
    logits, targets = prepare(logits, targets, reduction)
    check_number("smoothing", smoothing, low=0)
    return evaluate(
        overlap_kernels.soft_f1, logits, targets, reduction, unit="column", smoothing=smoothing
    )


def dice(
    logits: Tensor, targets: Tensor, *, smoothing: float = 1.0, reduction: str = "mean"
) -> Tensor:
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
    logits, targets = prepare(logits, targets, reduction)
    check_number("smoothing", smoothing, low=0)
    return evaluate(
        overlap_kernels.dice, logits, targets, reduction, unit="column", smoothing=smoothing
    )


def tversky(
    logits: Tensor,
    targets: Tensor,
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
    logits, targets = prepare(logits, targets, reduction)
    parameters = {"alpha": alpha, "beta": beta, "smoothing": smoothing}
    for name, value in parameters.items():
        check_number(name, value, low=0)
    return evaluate(
        overlap_kernels.tversky, logits, targets, reduction, unit="column", **parameters
    )
