"""Losses that ask for every true label to score above every false one."""

from __future__ import annotations

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import evaluate, number, softplus


def zlpr_kernel(logits, targets):
    """log(1 + sum (1 - y) e^z) + log(1 + sum y e^-z) of each row."""
    above, push = _log_one_plus(logits, 1 - targets)
    below, pull = _log_one_plus(-logits, targets)
    return above.add_(below), push.sub_(pull)


def zlpr(logits: Tensor, targets, *, reduction: str = "mean") -> Tensor:
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
    return evaluate(ZLPR, **locals())


ZLPR = LossInfo(
    key="zlpr",
    title="ZLPR",
    function=zlpr,
    kernel=zlpr_kernel,
    parameters=(),
    source="Su et al. 2022, ZLPR: A Novel Loss for Multi-label Classification, arXiv:2208.02955",
    when_not="Do not use it where the probabilities themselves are read, because labels share "
    "one sum in each row, and the sigmoid of a logit is then not how likely its label is.",
    unit="row",
)


def two_way_kernel(logits, targets, *, positive_temperature=4.0, negative_temperature=1.0):
    """One value for the batch: the mean over its rows and the mean over its labels, added up."""
    temperatures = positive_temperature, negative_temperature
    by_row, row_slope = _one_way(logits, targets, *temperatures, axis=-1)
    by_label, label_slope = _one_way(logits, targets, *temperatures, axis=-2)
    return by_row + by_label, row_slope.add_(label_slope)


def two_way(
    logits: Tensor,
    targets,
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
    return evaluate(TWO_WAY, **locals())


TWO_WAY = LossInfo(
    key="two_way",
    title="Two-way loss",
    function=two_way,
    kernel=two_way_kernel,
    parameters=(
        Parameter(
            name="positive_temperature",
            title="temperature of positives T₊",
            default=4.0,
            range=(0.1, 10.0),
            step=0.1,
            help="If low, only the worst true entry of a row or column counts; if high, all of "
            "them count together.",
        ),
        Parameter(
            name="negative_temperature",
            title="temperature of negatives T₋",
            default=1.0,
            range=(0.1, 10.0),
            step=0.1,
            help="If low, only the worst false entry of a row or column counts; if high, all of "
            "them count together.",
        ),
    ),
    checks={"positive_temperature": number(above=0), "negative_temperature": number(above=0)},
    binary=True,
    source="Kobayashi 2023, Two-way Multi-Label Loss, CVPR 2023",
    when_not="Do not use it where many rows or labels have no true entry, because those are left "
    "out, or with a fixed threshold, because one number added to all logits leaves the loss "
    "unchanged.",
    unit="batch",
)


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


def _one_way(
    logits: Tensor,
    targets: Tensor,
    positive_temperature: float | Tensor,
    negative_temperature: float | Tensor,
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
    value = (softplus(gap) * share).sum((-2, -1))
    return value, push.sub_(pull).mul_(gap.sigmoid_().mul_(share))


def _soft_maximum(x: Tensor, kept: Tensor, temperature: float | Tensor, axis: int):
    """T log sum e^(x / T) over what is kept, and its derivative; -inf and 0 where nothing is."""
    x = x.masked_fill(~kept, -torch.inf)
    peak = x.amax(axis, keepdim=True)
    # Its peak is taken off before the division, which would round it.
    terms = x.sub_(peak.clamp_min(torch.finfo(x.dtype).min)).div_(temperature).exp_()
    total = terms.sum(axis, keepdim=True).clamp_min_(1)  # it is, unless nothing is kept
    return peak + temperature * total.log(), terms.div_(total)
