"""Cross entropy in its two readings: one distribution a row, or one yes or no a label."""

from __future__ import annotations

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses import shared
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import by_target, evaluate, is_plainly, softplus

POLY = Parameter(
    name="poly",
    title="poly-1 ε",
    default=0.0,
    range=(-1.0, 10.0),
    step=0.1,
    help="Adds ε times the missing probability, which keeps pulling a label for longer; below 0 it "
    "is let go sooner.",
)
BINARY_SMOOTHING = Parameter(
    name="label_smoothing",
    title="label smoothing",
    default=0.0,
    range=(0.0, 1.0),
    help="Pulls every target towards one half, which stops logits from growing without end.",
)


def softmax_kernel(logits, targets, *, label_smoothing=0.0, poly=0.0):
    """Cross entropy of softmax(logits) against targets / row sum; an empty row gives 0.

    With shares q and their miss M = sum q (1 - p), poly adds poly M, whose derivative along logit j
    is p_j (1 - M - q_j).
    """
    row_sum = targets.sum(-1, keepdim=True)
    filled = (row_sum > 0).to(row_sum.dtype)
    share = targets / (row_sum + (1 - filled))
    if not is_plainly(label_smoothing, 0):
        share = share * (1 - label_smoothing) + filled * (label_smoothing / logits.shape[-1])
    surprise = torch.log_softmax(logits, -1).neg_()
    value = (share * surprise).sum(-1, keepdim=True)
    p = surprise.neg_().exp_()
    derivative = (p * filled).sub_(share)
    if not is_plainly(poly, 0):
        missed = (share * (1 - p)).sum(-1, keepdim=True)
        value = value + poly * missed
        derivative.add_(poly * p.mul_(filled - missed - share))
    return value.squeeze(-1), derivative


def softmax_cross_entropy(
    logits: Tensor,
    targets,
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
    return evaluate(SOFTMAX, **locals())


SOFTMAX = LossInfo(
    key="softmax",
    title="Softmax cross entropy",
    formula=r"\sum_j q_j \left( -\log p_j + \epsilon (1 - p_j) \right), \quad "
    r"p_j = \frac{e^{z_j}}{\sum_i e^{z_i}}, \quad q_j = \frac{y_j}{\sum_i y_i}",
    function=softmax_cross_entropy,
    kernel=softmax_kernel,
    parameters=(
        Parameter(
            name="label_smoothing",
            title="label smoothing",
            default=0.0,
            range=(0.0, 1.0),
            help="Takes this share of the target from the true labels and spreads it evenly "
            "over all labels.",
        ),
        POLY,
    ),
    checks={"label_smoothing": shared.SHARE, "poly": shared.number(low=-1)},
    source="torch.nn.functional.cross_entropy with class probabilities; normalised multi-hot "
    "targets: Mahajan et al. 2018, arXiv:1805.00932; poly-1: Leng et al. 2022, "
    "arXiv:2204.12511",
    when_not="Do not use it where you need a probability for each label on its own or an "
    "answer of no label, because its probabilities compete and sum to one in every row.",
    unit="row",
    probabilities="softmax",
)


def bce_kernel(logits, targets, *, pos_weight=None, weight=None, label_smoothing=0.0, poly=0.0):
    """Sigmoid cross entropy, a softplus(z) + b softplus(-z) with a = 1 - y and b = pos_weight y.

    poly adds poly (a p + b (1 - p)), whose derivative is poly (a - b) p (1 - p).
    """
    # softplus(z) = max(z, 0) + log1p(exp(-|z|)): a part that is exact, and a tail that is small.
    above = torch.gt(logits, 0, out=torch.empty_like(logits))  # 1.0 where z > 0, else 0.0
    toward = torch.rsub(above, 1, alpha=2)  # -1 where z > 0, else 1; abs(z) has no slope at 0
    tail = (logits * toward).exp_()  # of -|z|
    value = tail.log1p()
    slope = tail.div_(1 + tail)  # sigmoid(-|z|), the slope of the tail up to its sign
    if pos_weight is None and is_plainly(label_smoothing, 0) and is_plainly(poly, 0):
        exact = above.sub_(targets)
    else:
        positive, negative = targets, 1 - targets
        if not is_plainly(label_smoothing, 0):  # each on its own: 1 - y rounds a small rest away
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
    if not is_plainly(poly, 0):
        p, rest = logits.sigmoid(), logits.neg().sigmoid_()
        value.add_(poly * (negative * p + positive * rest))
        derivative.add_(poly * p.mul_(rest).mul_(negative - positive))
    if weight is not None:
        value.mul_(weight)
        derivative.mul_(weight)
    return value, derivative


def hard_bce_kernel(logits, targets, *, pos_weight=None, label_smoothing=0.0, poly=0.0):
    """`bce_kernel` for targets that are 0 or 1, in half as many passes.

    With x as in `focal_kernel`, the value is softplus(x) and the derivative along x is sigmoid(x).
    """
    if not (is_plainly(label_smoothing, 0) and is_plainly(poly, 0)):
        return bce_kernel(
            logits, targets, pos_weight=pos_weight, label_smoothing=label_smoothing, poly=poly
        )
    away = torch.rsub(targets, 1, alpha=2)
    x = away * logits
    value = softplus(x)
    derivative = x.sigmoid_().mul_(away)
    if pos_weight is not None:
        weight = by_target(targets, pos_weight, 1.0)
        value.mul_(weight)
        derivative.mul_(weight)
    return value, derivative


def binary_cross_entropy(
    logits: Tensor,
    targets,
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
    return evaluate(BCE, **locals())


BCE = LossInfo(
    key="bce",
    title="Sigmoid BCE",
    formula=r"y \left( -\log p + \epsilon (1 - p) \right) + (1 - y) "
    r"\left( -\log(1 - p) + \epsilon \, p \right), \quad p = \frac{1}{1 + e^{-z}}",
    function=binary_cross_entropy,
    kernel=bce_kernel,
    hard=hard_bce_kernel,
    parameters=(BINARY_SMOOTHING, POLY),
    checks={
        "pos_weight": shared.WEIGHT_OF_LABEL,
        "weight": shared.WEIGHT,
        "label_smoothing": shared.SHARE,
        "poly": shared.number(low=-1),
    },
    source="torch.nn.functional.binary_cross_entropy_with_logits; poly-1: Leng et al. 2022, "
    "arXiv:2204.12511",
    when_not="Do not use it with a fixed threshold of 0.5 when labels are rare and training is "
    "short, because the many zeros then pull every probability down first.",
)


BCE_POS_WEIGHT = LossInfo(
    key="bce_pos_weight",
    title="BCE with pos_weight",
    formula=r"-w_+ \, y \log p - (1 - y) \log(1 - p)",
    function=binary_cross_entropy,
    kernel=bce_kernel,
    hard=hard_bce_kernel,
    parameters=(
        Parameter(
            name="pos_weight",
            title="positive weight",
            default="sqrt",
            range=(1e-3, 1e4),
            choices=("balanced", "sqrt", "effective", "none"),
            log=True,
            help="How many times a true label counts: one number for all labels, or a scheme "
            "that gives rarer labels more. balanced: false rows over true rows; sqrt: the square "
            "root of that; effective: near balanced for rare labels, near 1 for frequent ones.",
        ),
        Parameter(
            name="cap",
            title="largest weight",
            default=1e4,
            range=(1.0, 1e4),
            step=1.0,
            log=True,
            help="No label's positive weight is larger than this.",
        ),
        BINARY_SMOOTHING,
    ),
    source="torch.nn.BCEWithLogitsLoss, which suggests negatives / positives; effective "
    "numbers: Cui et al. 2019, arXiv:1901.05555",
    when_not="Do not use it where the probabilities themselves are read, because a weight w "
    "moves the best logit up by log w.",
)


def weighted_bce_kernel(
    logits, targets, *, positive_weight=1.0, negative_weight=1.0, label_smoothing=0.0
):
    """Sigmoid cross entropy, each label weighted by its target before smoothing."""
    weight = by_target(targets, positive_weight, negative_weight)
    return bce_kernel(logits, targets, weight=weight, label_smoothing=label_smoothing)


def weighted_binary_cross_entropy(
    logits: Tensor,
    targets,
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
    return evaluate(WEIGHTED_BCE, **locals())


WEIGHTED_BCE = LossInfo(
    key="weighted_bce",
    title="Weighted BCE",
    function=weighted_binary_cross_entropy,
    kernel=weighted_bce_kernel,
    parameters=(
        Parameter(
            name="positive_weight",
            title="weight of true labels",
            default=2.0,
            range=(1e-3, 1e4),
            log=True,
            help="Multiplies the whole term of each true label.",
        ),
        Parameter(
            name="negative_weight",
            title="weight of false labels",
            default=1.0,
            range=(1e-3, 1e4),
            log=True,
            help="Multiplies the whole term of each false label.",
        ),
        BINARY_SMOOTHING,
    ),
    checks={
        "positive_weight": shared.NOT_NEGATIVE,
        "negative_weight": shared.NOT_NEGATIVE,
        "label_smoothing": shared.SHARE,
    },
    source="Xie and Tu 2015, Holistically-Nested Edge Detection, arXiv:1504.06375",
    when_not="Do not use it where labels differ much in how rare they are, because all labels "
    "share the same two weights.",
)
