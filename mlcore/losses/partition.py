"""Partition × distribution: a softmax says which labels, one more output says how many.

The network has k + 1 outputs. Its first k are logits of a softmax s; the last, u, gives the count
c, so that c s_j is what label j gets of it. The probability that a label is true is read from that:
min(1, c s_j), and 1 - exp(-c s_j) where counts are Poisson. In the kernels m is the sum of a row of
targets, of which there are k; values have shape (..., n), derivatives (..., n, k + 1).
"""

from __future__ import annotations

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses.clipped import EPSILON, divergence
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import NOT_NEGATIVE, evaluate, number

COUNT_FLOOR = 0.01  # the least count that u itself can say
# From here on e^u is followed by its tangent: 4.9e8 labels are more than any row has.
EXACT_UP_TO = 20.0


def partition_kl_mse_kernel(logits, targets, *, count_weight=1.0):
    """KL of softmax from targets / row sum, plus count_weight (m - c)^2 with c = max(0.01, u)."""
    log_s, u, m = _parts(logits, targets)
    filled = (m > 0).to(m.dtype)
    share = targets / (m + (1 - filled))
    missing = m - u.clamp(min=COUNT_FLOOR)
    value = (torch.xlogy(share, share) - share * log_s).sum(-1)
    weighted = count_weight * missing  # before it is squared: 0 times what overflows is NaN
    value += (weighted * missing).squeeze(-1)
    slope = weighted.mul_(-2).mul_(_above_floor(u))
    return value, torch.cat([log_s.exp_().mul_(filled).sub_(share), slope], -1)


def partition_kl_mse(
    logits: Tensor, targets, *, count_weight: float = 1.0, reduction: str = "mean"
) -> Tensor:
    r"""KL divergence for which labels, plus squared error for how many: two losses side by side.

    .. math:: \mathrm{KL}(q \,\|\, s) + w \, (m - c)^2, \quad q = y / m, \quad m = \textstyle\sum_j
        y_j, \quad s = \operatorname{softmax}(z), \quad c = \max(0.01, u)

    A row without labels gives 0 for which and still its squared error for how many. As with
    torch.clamp, the derivative along u is 0 below the floor of 0.01: a count that has fallen under
    it for every row is not pulled up again.

    Args:
        logits: k scores before the softmax and then u, any real numbers, shape (n, k + 1).
        targets: From 0 to 1 for each label, shape (n, k).
        count_weight: The weight w of the squared error, >= 0, in nats per squared label.
        reduction: "none", "mean" or "sum" over rows; "batchmean" is "mean" here.

    Returns:
        Loss in nats: shape (n,) for "none", else a scalar.

    Raises:
        ValueError: If logits do not have the rows of targets and one column more, a target is not
            in [0, 1], count_weight is negative, a logit is not finite, or the reduction is unknown.

    Source:
        Which: Kullback and Leibler 1951, On Information and Sufficiency,
        doi:10.1214/aoms/1177729694. How many, learned beside it: Tang et al. 2009, Large Scale
        Multi-Label Classification via MetaLabeler, WWW 2009.

    Example:
        >>> import torch
        >>> partition_kl_mse(torch.tensor([[0.0, 0.0, 2.0]]), torch.tensor([[1.0, 0.0]]))
        tensor(1.6931)
    """
    return evaluate(PARTITION_KL_MSE, **locals())


PARTITION_KL_MSE = LossInfo(
    key="partition_kl_mse",
    title="Partition: KL + MSE",
    formula=r"\sum_j q_j \log \frac{q_j}{s_j} + w \, (m - c)^2, \quad q = \frac{y}{m}, \quad "
    r"m = \sum_j y_j, \quad s = \operatorname{softmax}(z), \quad c = \max(0.01, u)",
    function=partition_kl_mse,
    kernel=partition_kl_mse_kernel,
    parameters=(
        Parameter(
            name="count_weight",
            title="weight of the count",
            default=1.0,
            range=(0.0, 100.0),
            step=0.1,
            help="How much the squared error of the number of labels counts beside the "
            "divergence that says which.",
        ),
    ),
    checks={"count_weight": NOT_NEGATIVE},
    source="Kullback and Leibler 1951, doi:10.1214/aoms/1177729694; the number of labels "
    "learned beside them: Tang et al. 2009, MetaLabeler, WWW 2009",
    when_not="Do not use it where the number of labels varies much from row to row, because "
    "the squared error then drowns which labels they are, and a count that has fallen below "
    "0.01 is no longer pulled up.",
    unit="row",
    probabilities="partition",
    extra_outputs=1,
)


def partition_absolute_kl_kernel(logits, targets, *, epsilon=1e-7):
    """`divergence` of c s with c = max(0.01, u), summed over the labels.

    With d_j its derivative along log c s_j and D their sum, that is d_j - s_j D along z and D / c
    along u.
    """
    log_s, u, _m = _parts(logits, targets)
    count = u.clamp(min=COUNT_FLOOR)
    s = log_s.exp()
    value, pull = divergence(s * count, log_s + count.log(), targets, epsilon)
    whole = pull.sum(-1, keepdim=True)
    slope = (whole / count).mul_(_above_floor(u))
    return value.sum(-1), torch.cat([pull.sub_(s * whole), slope], -1)


def partition_absolute_kl(
    logits: Tensor, targets, *, epsilon: float = 1e-7, reduction: str = "mean"
) -> Tensor:
    r"""`absolute_kl` of the product: one divergence for which labels and how many together.

    .. math:: \sum_j \Bigl| (y_j - c s_j) \log \frac{y_j}{c s_j} \Bigr|,
        \quad y_j, c s_j \text{ each at least } \varepsilon

    with the names of `partition_kl_mse`. It is 0 only where every c s_j is y_j, so a count cannot
    make up for labels that are wrong. But what it costs, `absolute_kl` tells: the best c s_j for a
    label that is true in a share of the rows is less than that share, so that the count, too,
    comes out less than how many labels there are. A row without labels pulls the count down. The
    derivative is 0 along c s_j below epsilon, and along u below 0.01.

    Args:
        logits: k scores before the softmax and then u, any real numbers, shape (n, k + 1).
        targets: From 0 to 1 for each label, shape (n, k).
        epsilon: The least that a target or c s_j counts as, > 0 and < 1, in labels.
        reduction: "none", "mean" or "sum" over rows; "batchmean" is "mean" here.

    Returns:
        Loss in nats: shape (n,) for "none", else a scalar.

    Raises:
        ValueError: If logits do not have the rows of targets and one column more, a target is not
            in [0, 1], epsilon is not between 0 and 1, a logit is not finite, or the reduction is
            unknown.

    Source:
        An answer to https://stats.stackexchange.com/questions/207794. The KL divergence that is
        never negative on what does not sum to one adds c - m: Csiszár 1991, Why Least Squares and
        Maximum Entropy?, Annals of Statistics 19. It is, but for a constant, `partition_poisson`.

    Example:
        >>> import torch
        >>> partition_absolute_kl(torch.tensor([[9.0, -9.0, 0.5]]), torch.tensor([[1.0, 0.0]]))
        tensor(0.3466)
    """
    return evaluate(PARTITION_ABSOLUTE_KL, **locals())


PARTITION_ABSOLUTE_KL = LossInfo(
    key="partition_absolute_kl",
    title="Partition: modified KL",
    formula=r"\sum_j \Bigl| (y_j - c s_j) \log \frac{y_j}{c s_j} \Bigr|, \quad "
    r"y_j, c s_j \ge \varepsilon, \quad s = \operatorname{softmax}(z), \quad c = \max(0.01, u)",
    function=partition_absolute_kl,
    kernel=partition_absolute_kl_kernel,
    parameters=(EPSILON,),
    checks={"epsilon": number(above=0, below=1)},
    source="An answer on Cross Validated, stats.stackexchange.com/questions/207794; the form that "
    "adds c − m instead: Csiszár 1991, Annals of Statistics 19",
    when_not="Do not use it to learn how many labels there are, because it pulls every uncertain "
    "label's part of the count far below how often the label is true, and their sum with it.",
    unit="row",
    probabilities="partition",
    extra_outputs=1,
)


def partition_poisson_kernel(logits, targets):
    """Sum of e^u s_j - y_j (u + log s_j), which is e^u - m u - sum of y log s."""
    log_s, u, m = _parts(logits, targets)
    beyond = (u - EXACT_UP_TO).clamp_(min=0)
    slope = u.clamp(max=EXACT_UP_TO).exp_()
    # e^u - m u, with u beyond 20 taken once: the difference of two that overflow is NaN.
    value = (slope - m * u.clamp(max=EXACT_UP_TO) + (slope - m) * beyond).squeeze(-1)
    value -= (targets * log_s).sum(-1)
    return value, torch.cat([log_s.exp_().mul_(m).sub_(targets), slope.sub_(m)], -1)


def partition_poisson(logits: Tensor, targets, *, reduction: str = "mean") -> Tensor:
    r"""Poisson negative log likelihood of the labels, with rates that share out a common count.

    .. math:: \sum_j \left( \lambda_j - y_j \log \lambda_j \right), \quad \lambda_j = e^u s_j, \quad
        s = \operatorname{softmax}(z)

    It is exactly a Poisson loss for how many plus a multinomial loss for which, so neither disturbs
    the other (`poisson_factorisation` shows it in numbers):

    .. math:: \operatorname{Poisson}(y; \lambda) = \operatorname{Poisson}(m; e^u) \,
        \operatorname{Multinomial}(y; m, s)

    The constant log y! is left out; it is 0 for y in {0, 1}. A row without labels gives e^u: it has
    no say in which, and asks for fewer. On labels of 0 and 1 it is never below m, which rates of 1
    for true labels and 0 for others reach. From u = 20 on, a count of 485 million labels, e^u is
    followed by its tangent e^20 (u - 19): the loss stays convex in u, and finite in float32 for any
    u up to 7e29.

    Args:
        logits: k scores before the softmax and then u, any real numbers, shape (n, k + 1).
        targets: From 0 to 1 for each label, shape (n, k).
        reduction: "none", "mean" or "sum" over rows; "batchmean" is "mean" here.

    Returns:
        Loss in nats: shape (n,) for "none", else a scalar.

    Raises:
        ValueError: If logits do not have the rows of targets and one column more, a target is not
            in [0, 1], a logit is not finite, or the reduction is unknown.

    Source:
        McCullagh and Nelder 1989, Generalized Linear Models, 2nd edition, chapter 6: independent
        Poisson counts, given their sum, are multinomial.

    Example:
        >>> import torch
        >>> partition_poisson(torch.zeros(1, 3), torch.tensor([[1.0, 0.0]]))
        tensor(1.6931)
    """
    return evaluate(PARTITION_POISSON, **locals())


PARTITION_POISSON = LossInfo(
    key="partition_poisson",
    title="Partition: Poisson",
    formula=r"\sum_j \left( \lambda_j - y_j \log \lambda_j \right) "
    r"= \left( e^u - m u \right) - \sum_j y_j \log s_j, \quad \lambda_j = e^u s_j, \quad "
    r"s = \operatorname{softmax}(z)",
    function=partition_poisson,
    kernel=partition_poisson_kernel,
    parameters=(),
    source="Sum of independent Poisson counts, and multinomial given the sum: McCullagh and "
    "Nelder 1989, Generalized Linear Models, chapter 6",
    when_not="Do not use it for labels that are nearly certain, because a Poisson count of a "
    "label may be two or more, so that even a rate of one means a probability of only 1 − 1/e.",
    unit="row",
    probabilities="poisson",
    extra_outputs=1,
)


def _parts(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """log s of shape (..., k), and u and m of shape (..., 1)."""
    return torch.log_softmax(logits[..., :-1], -1), logits[..., -1:], targets.sum(-1, keepdim=True)


def _above_floor(u: Tensor) -> Tensor:
    """The slope of max(0.01, u), as torch.clamp has it: 1 from the floor on, 0 below."""
    return (u >= COUNT_FLOOR).to(u.dtype)
