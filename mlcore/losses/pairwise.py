"""Losses that ask for every true label to score above every false one."""

from torch import Tensor

from mlcore.checks import check_number
from mlcore.losses import pairwise_kernels
from mlcore.losses.shared import evaluate, prepare


def zlpr(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    r"""Softmax cross entropy for any number of true labels: above 0 if true, below 0 if false.

    .. math:: \log\Bigl(1 + \sum_j (1 - y_j) e^{z_j}\Bigr)
        + \log\Bigl(1 + \sum_j y_j e^{-z_j}\Bigr)

    With targets of 0 and 1 it is the logarithm of 1, plus e^z for each false label, plus e^-z for
    each true one, plus e^(z_false - z_true) for each pair: a soft count of what is on the wrong
    side. With a single label it is `binary_cross_entropy`.

    Args:
        logits: Scores, any real number, shape (n, k). A label is predicted when its score is > 0.
        targets: From 0 to 1 for each label, shape (n, k).
        reduction: "none", "mean" or "sum" over rows; "batchmean" is "mean" here.

    Returns:
        Loss in nats: shape (n,) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], a logit is not finite, or the
            reduction is unknown.

    Source:
        Su et al. 2022, ZLPR: A Novel Loss for Multi-label Classification, arXiv:2208.02955.

    Example:
        >>> import torch
        >>> zlpr(torch.zeros(1, 4), torch.tensor([[1.0, 1.0, 0.0, 0.0]]))
        tensor(2.1972)
    """
    logits, targets = prepare(logits, targets, reduction)
    return evaluate(pairwise_kernels.zlpr, logits, targets, reduction, unit="row")


def two_way(
    logits: Tensor,
    targets: Tensor,
    *,
    positive_temperature: float = 4.0,
    negative_temperature: float = 1.0,
    reduction: str = "mean",
) -> Tensor:
    r"""True entries above false ones, within each row and within each label over the batch.

    .. math:: \operatorname*{mean}_{\text{rows}} \, \operatorname{softplus}\Bigl(
        T_- \log \sum_{y_j = 0} e^{z_j / T_-} + T_+ \log \sum_{y_j = 1} e^{-z_j / T_+} \Bigr)
        + \operatorname*{mean}_{\text{labels}} \, (\text{the same down a column})

    Rows and labels without a true entry are left out of their mean, as in the paper; where no
    entry of the batch is true, the loss is 0. A row or label that is true throughout counts, with
    a loss of 0. One number added to all logits changes nothing, so the loss sets scores apart
    without saying where zero is.

    Args:
        logits: Scores, any real number, shape (n, k).
        targets: 0 or 1 for each label, shape (n, k).
        positive_temperature: T_+, > 0, in units of a logit. The higher, the more the true entries
            are taken together; the lower, the more the worst one counts alone.
        negative_temperature: T_-, > 0, in units of a logit, likewise for false entries.
        reduction: Any of "none", "mean", "sum", "batchmean"; the means are part of the loss, so
            they all give the same.

    Returns:
        Loss in nats, a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not 0 or 1, a temperature is not positive, a
            logit is not finite, or the reduction is unknown.

    Source:
        Kobayashi 2023, Two-way Multi-Label Loss, CVPR 2023. The released code adds -100 to what
        is left out of a sum; here it is left out altogether.

    Example:
        >>> import torch
        >>> two_way(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]))
        tensor(0.6931)
    """
    logits, targets = prepare(logits, targets, reduction, binary=True)
    check_number("positive_temperature", positive_temperature, above=0)
    check_number("negative_temperature", negative_temperature, above=0)
    return evaluate(
        pairwise_kernels.two_way,
        logits,
        targets,
        reduction,
        unit="batch",
        positive_temperature=positive_temperature,
        negative_temperature=negative_temperature,
    )
