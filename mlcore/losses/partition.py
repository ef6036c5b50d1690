"""Partition × distribution: a softmax says which labels, one more output says how many.

The network has k + 1 outputs. Its first k are logits of a softmax s; the last, u, gives the count
c, so that c s_j is what label j gets of it. The probability that a label is true is read from that:
min(1, c s_j), and 1 - exp(-c s_j) where counts are Poisson.
"""

from torch import Tensor

from mlcore.checks import check_finite, check_number
from mlcore.losses import partition_kernels
from mlcore.losses.shared import evaluate, prepare


def partition_kl_mse(
    logits: Tensor, targets: Tensor, *, count_weight: float = 1.0, reduction: str = "mean"
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
    logits, targets = _prepare(logits, targets, reduction)
    check_number("count_weight", count_weight, low=0)
    return evaluate(
        partition_kernels.partition_kl_mse,
        logits,
        targets,
        reduction,
        unit="row",
        count_weight=count_weight,
    )


def partition_absolute_kl(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    r"""Size of the sum that would be a KL divergence if the product were a distribution.

    .. math:: \Bigl| \textstyle\sum_j y_j \log \frac{y_j}{c s_j} \Bigr|
        = m \, \Bigl| \mathrm{KL}(q \,\|\, s) - \log \frac{c}{m} \Bigr|

    with the names of `partition_kl_mse`. The right side shows what is wrong with it: a count that
    is too large makes up for labels that are wrong. It is 0 wherever KL(q || s) = log(c / m), for
    instance at equal shares and c = k, which claims every label. A row without labels gives 0 and
    no gradient, not even along u. The derivative is 0 at the kink, and along u also below 0.01.

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
        The KL divergence without its condition that both sides sum to one. The form that is never
        negative adds c - m: Csiszár 1991, Why Least Squares and Maximum Entropy?,
        Annals of Statistics 19. That form is, but for a constant, `partition_poisson`.

    Example:
        >>> import torch
        >>> partition_absolute_kl(torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[1.0, 0.0]]))
        tensor(0.6931)
    """
    logits, targets = _prepare(logits, targets, reduction)
    return evaluate(partition_kernels.partition_absolute_kl, logits, targets, reduction, unit="row")


def partition_poisson(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
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
    followed by its tangent e^20 (u - 19), so that no u overflows and the loss stays convex in u.

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
    logits, targets = _prepare(logits, targets, reduction)
    return evaluate(partition_kernels.partition_poisson, logits, targets, reduction, unit="row")


def _prepare(logits: Tensor, targets: Tensor, reduction: str) -> tuple[Tensor, Tensor]:
    """As `prepare`, for logits with one column more than the targets."""
    shape, expected = (tuple(getattr(value, "shape", ())) for value in (logits, targets))
    if len(shape) != 2 or len(expected) != 2:
        prepare(logits, targets, reduction)  # says what is wrong with them
    if shape != (expected[0], expected[1] + 1):
        raise ValueError(
            "logits must have the rows of targets and one column more, for the count; "
            f"got shapes {shape} and {expected}"
        )
    labels, targets = prepare(logits[:, :-1], targets, reduction)
    check_finite("logits", logits.detach()[:, -1])
    return logits.to(labels.dtype), targets
