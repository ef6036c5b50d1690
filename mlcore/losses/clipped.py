"""Losses computed from probabilities and clipped, to show what that costs.

They keep their flat parts: where a clip holds, the derivative is 0.
"""

from __future__ import annotations

import math

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import evaluate, number, softplus

# PyTorch divides by p (1 - p), or by this, which its source has as the float32 nearest to 1e-12.
LEAST_VARIANCE = 9.999999960041972e-13


def bce_on_probabilities_kernel(logits, targets):
    """What torch.nn.BCELoss makes of sigmoid(logits), bit by bit: each logarithm at least -100.

    The derivative is that of its two backward passes, one after the other, roundings included.
    """
    p = logits.sigmoid()
    value = torch.nn.functional.binary_cross_entropy(p, targets.expand_as(p), reduction="none")
    rest = 1 - p
    derivative = (p - targets).div_((rest * p).clamp_min_(LEAST_VARIANCE))
    return value, derivative.mul_(rest).mul_(p)


def bce_on_probabilities(logits: Tensor, targets, *, reduction: str = "mean") -> Tensor:
    r"""What torch.nn.BCELoss gives for the sigmoid of the logits, bit by bit, gradient included.

    .. math:: -y \max(\log p, -100) - (1 - y) \max(\log(1 - p), -100), \quad p = \sigma(z)

    with p rounded to the dtype of the logits. From z = 17 on in float32, p is 1: a false label then
    costs 100 and its gradient is 0, so it is never put right. `binary_cross_entropy` costs z there,
    with gradient 1.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], a logit is not finite, or the
            reduction is unknown.

    Source:
        Documentation of torch.nn.BCELoss, which names the limit of -100. Its backward pass divides
        by p (1 - p), or by 1e-12 if that is larger.

    Example:
        >>> import torch
        >>> logits = torch.tensor([[20.0]], requires_grad=True)
        >>> loss = bce_on_probabilities(logits, torch.zeros(1, 1))
        >>> loss.backward()
        >>> loss.item(), logits.grad.item()
        (100.0, 0.0)
    """
    return evaluate(BCE_ON_PROBABILITIES, **locals())


BCE_ON_PROBABILITIES = LossInfo(
    key="bce_on_probabilities",
    title="BCE on probabilities",
    function=bce_on_probabilities,
    kernel=bce_on_probabilities_kernel,
    parameters=(),
    source="torch.nn.BCELoss of torch.sigmoid",
    when_not="Do not use it at all where you have logits, because above z = 17 float32 rounds the "
    "probability to 1, and a false label then has no gradient.",
)


def divergence(q, log_q, targets, epsilon):
    """|(q - y) log(q / y)| with q and y each at least epsilon, and its derivative along log q.

    With g = log(q / y) the derivative is q g + q - y, and 0 where q is clipped. q - y is
    y expm1(g), which keeps its digits where y is 1 and q nearly so.
    """
    least = epsilon.log() if isinstance(epsilon, torch.Tensor) else math.log(epsilon)
    y, q = targets.clamp(min=epsilon), q.clamp(min=epsilon)
    gap = log_q.clamp(min=least) - targets.log().clamp(min=least)
    excess = torch.where(targets > 0.5, gap.expm1().mul_(y), q - y)
    derivative = q.mul_(gap).add_(excess).mul_((log_q > least).to(q.dtype))
    return gap.mul_(excess).abs_(), derivative


def absolute_kl_kernel(logits, targets, *, epsilon=1e-7):
    """`divergence` of p; d log p / dz is 1 - p."""
    log_p = softplus(-logits).neg_()
    value, derivative = divergence(logits.sigmoid(), log_p, targets, epsilon)
    return value, derivative.mul_(logits.neg().sigmoid_())


def absolute_kl(
    logits: Tensor, targets, *, epsilon: float = 1e-7, reduction: str = "mean"
) -> Tensor:
    r"""The "modified KL divergence": targets and sigmoids compared as if they were distributions.

    .. math:: \Bigl| (y - p) \log \frac{y}{p} \Bigr| = y \log \frac{y}{p} + p \log \frac{p}{y},
        \quad y, p \text{ each at least } \varepsilon, \quad p = \sigma(z)

    Both factors have one sign, so the bars change nothing: it is Jeffreys' divergence, KL in both
    directions, whose terms are never negative even where sums are not one. It is 0 at p = y alone
    and stays the same when y and p change places, but not when yes and no do:

    - A false label costs by how small epsilon is, (p - epsilon) log(p / epsilon): at p = 0.1 it
      costs 131 times what a true label costs at p = 0.9.
    - The best p for a label that is true in a share h of the rows is A / W(e A / G) with Lambert's
      W, the mean A = h + (1 - h) epsilon and the geometric mean G = epsilon^(1 - h) of its clipped
      targets. That is less than h: 0.009 for 0.1, and above one half only for h > 0.906.
    - A false label predicted with certainty has almost no gradient, 1 - p times log(1 / epsilon)
      and a little, so it is not put right; nor is a true label with p below epsilon, which has
      none.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        epsilon: The least that a target or probability counts as, > 0 and < 1, no unit; by default
            that of Keras.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], epsilon is not between 0 and 1,
            a logit is not finite, or the reduction is unknown.

    Source:
        An answer to https://stats.stackexchange.com/questions/207794, which sums over the labels
        and reports that outputs still tended to one label a row. The divergence: Jeffreys 1946, An
        Invariant Form for the Prior Probability in Estimation Problems,
        doi:10.1098/rspa.1946.0056; its minimiser: Nielsen 2013, Jeffreys Centroids: A Closed-Form
        Expression for Positive Histograms, arXiv:1303.7286.

    Example:
        >>> import torch
        >>> absolute_kl(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), reduction="none")
        tensor([[0.3466, 7.7125]])
    """
    return evaluate(ABSOLUTE_KL, **locals())


EPSILON = Parameter(
    name="epsilon",
    title="clip ε",
    default=1e-7,
    range=(1e-7, 0.1),
    log=True,
    help="The least that a target or a prediction counts as; the smaller it is, the more false "
    "labels cost.",
)
ABSOLUTE_KL = LossInfo(
    key="absolute_kl",
    title="Modified KL",
    formula=r"\Bigl| (y - p) \log \frac{y}{p} \Bigr|, \quad y, p \ge \varepsilon, \quad "
    r"p = \frac{1}{1 + e^{-z}}",
    function=absolute_kl,
    kernel=absolute_kl_kernel,
    parameters=(EPSILON,),
    checks={"epsilon": number(above=0, below=1)},
    source="An answer on Cross Validated, stats.stackexchange.com/questions/207794: Jeffreys' "
    "divergence, clipped as in Keras",
    when_not="Do not use it to learn probabilities or to find several labels in a row, because it "
    "pulls every uncertain label far below its true probability: at ε = 10⁻⁷, only what is true in "
    "more than nine of ten cases is answered with more than one half.",
)
