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


def bce_on_probabilities(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
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


def absolute_kl_kernel(logits, targets, *, epsilon=1e-6):
    """|y log(y / p)| + |p log(p / y)| with y and p at least epsilon.

    That is (y + p) |g| with g = log p - log y, so the derivative is
    (1 - p) (p |g| + (y + p) sign g) where p is not clipped, and 0 where it is.
    """
    least = epsilon.log() if isinstance(epsilon, torch.Tensor) else math.log(epsilon)
    log_p = softplus(-logits).neg_()
    free = (log_p > least).to(log_p.dtype)
    y, p = targets.clamp(min=epsilon), logits.sigmoid().clamp(min=epsilon)
    gap = log_p.clamp(min=least) - y.log()
    size, both = gap.abs(), y + p
    derivative = p.mul_(size).addcmul_(both, gap.sign_())
    derivative.mul_(logits.neg().sigmoid_()).mul_(free)
    return both.mul_(size), derivative


def absolute_kl(
    logits: Tensor, targets: Tensor, *, epsilon: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    r"""Both directions of KL divergence, term by term and without sign, on what is no distribution.

    .. math:: \Bigl| y \log \frac{y}{p} \Bigr| + \Bigl| p \log \frac{p}{y} \Bigr|
        = (y + p) \, \Bigl| \log \frac{p}{y} \Bigr|, \quad
        y, p \text{ each at least } \varepsilon, \quad p = \sigma(z)

    A KL divergence is >= 0 because both sides sum to one. Multi-hot targets and sigmoids do not,
    its terms come out with either sign, and taking their size is the usual patch. This definition
    clips as Keras does for its KL divergence, where epsilon is 1e-7. What it costs:

    - The value depends on epsilon: a false label at p = 1/2 costs log(1 / (2 epsilon)) / 2.
    - A false label predicted with certainty has almost no gradient, 1 - p times log(1 / epsilon)
      and a little, so it is not put right; nor is a true label with p below epsilon.
    - The best p for a label that is true in a share of the rows is not that share.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        epsilon: The least that a target or probability counts as, > 0 and < 1, no unit.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], epsilon is not between 0 and 1,
            a logit is not finite, or the reduction is unknown.

    Source:
        The symmetric divergence: Kullback and Leibler 1951, On Information and Sufficiency,
        doi:10.1214/aoms/1177729694. Clipping: documentation of keras.losses.KLDivergence. That a
        divergence of multi-hot targets belongs to each label's yes and no on its own:
        https://discuss.pytorch.org/t/kl-divergence-for-multi-label-classification/118884

    Example:
        >>> import torch
        >>> absolute_kl(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), reduction="none")
        tensor([[1.0397, 6.5612]])
    """
    return evaluate(ABSOLUTE_KL, **locals())


ABSOLUTE_KL = LossInfo(
    key="absolute_kl",
    title="Symmetric |KL|",
    formula=r"\Bigl| y \log \frac{y}{p} \Bigr| + \Bigl| p \log \frac{p}{y} \Bigr|, \quad "
    r"y, p \ge \varepsilon",
    function=absolute_kl,
    kernel=absolute_kl_kernel,
    parameters=(
        Parameter(
            name="epsilon",
            title="clip ε",
            default=1e-6,
            range=(1e-6, 0.1),
            log=True,
            help="The least that a target or a probability counts as; the smaller it is, the "
            "more false labels cost.",
        ),
    ),
    checks={"epsilon": number(above=0, below=1)},
    source="Kullback and Leibler 1951, On Information and Sufficiency, clipped as in "
    "keras.losses.KLDivergence",
    when_not="Do not use it to learn probabilities, because sigmoids and multi-hot targets are "
    "no distributions: it pulls to other probabilities than the true ones, and lets go of what "
    "is entirely wrong.",
)
