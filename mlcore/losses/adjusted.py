"""Losses that know how often each label occurs among the training rows."""

from __future__ import annotations

import math
from dataclasses import replace

from mlcore.checks import Parameter
from mlcore.lazy import Tensor, torch
from mlcore.losses.cross_entropy import bce_kernel, hard_bce_kernel
from mlcore.losses.focusing import GAMMA, TWO_READINGS, focal_kernel
from mlcore.losses.info import LossInfo
from mlcore.losses.shared import NOT_NEGATIVE, evaluate, is_plainly, number, per_label
from mlcore.losses.weights import label_counts, label_priors


def class_balanced_kernel(logits, targets, *, counts, volume=1000.0, gamma=0.0):
    """Focal loss times 1 / (1 - beta^count), beta = 1 - 1 / volume, at mean 1 over the labels."""
    if isinstance(volume, torch.Tensor):
        decay = torch.log1p(-1 / volume)
    else:
        decay = math.log1p(-1 / volume) if volume > 1 else -math.inf
    weight = -1 / torch.expm1(counts.to(logits.dtype).clamp(min=1) * decay)
    weight = weight / weight.mean(-1, keepdim=True)
    if is_plainly(gamma, 0):
        value, derivative = hard_bce_kernel(logits, targets)
    else:
        value, derivative = focal_kernel(logits, targets, gamma=gamma)
    return value.mul_(weight), derivative.mul_(weight)


def class_balanced(
    logits: Tensor,
    targets,
    *,
    counts: Tensor,
    volume: float = 1000.0,
    gamma: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Binary cross entropy, or focal loss, with one weight on everything a label says.

    .. math:: w_k \, (1 - p_t)^\gamma \, (-\log p_t), \quad
        w_k \propto \frac{1 - \beta}{1 - \beta^{n_k}}, \quad \beta = 1 - \frac{1}{N}

    The weights have mean 1 over the labels. They multiply both sides of a label alike, so each
    label's own best probability stays where it was; what changes is whose error counts more where
    labels share a network. (In softmax, where the weight goes with the true class of a row, it
    does move probabilities. `pos_weights` has the form of it that does so here.)

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: 0 or 1 for each label, shape (n, k).
        counts: True rows n_k of each label among all training rows, >= 0, shape (k,); fewer than
            one counts as one. `label_counts` gives them.
        volume: The number N >= 1 of samples after which a label has nothing new to show: with few
            true rows the weight goes as 1 / n_k, with many it is the same for all.
            beta = 0.999 is volume = 1000.
        gamma: Focusing strength, >= 0, no unit. 0 gives cross entropy.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not 0 or 1, counts are negative or do not fit,
            volume < 1, gamma < 0, a logit is not finite, or the reduction is unknown.

    Source:
        Cui et al. 2019, Class-Balanced Loss Based on Effective Number of Samples,
        arXiv:1901.05555, where a row has one true label, whose weight the whole row takes; here
        each label has its own.

    Example:
        >>> import torch
        >>> class_balanced(
        ...     torch.zeros(1, 2),
        ...     torch.tensor([[1.0, 0.0]]),
        ...     counts=torch.tensor([1.0, 3.0]),
        ...     reduction="none",
        ... )
        tensor([[1.0395, 0.3468]])
    """
    return evaluate(CLASS_BALANCED, **locals())


CLASS_BALANCED = LossInfo(
    key="class_balanced",
    title="Class-balanced loss",
    function=class_balanced,
    kernel=class_balanced_kernel,
    parameters=(
        Parameter(
            name="volume",
            title="volume N = 1/(1 − β)",
            default=1000.0,
            range=(1.0, 1e6),
            log=True,
            help="How many true rows a label needs until more of them show nothing new; the "
            "larger it is, the more rare labels outweigh frequent ones.",
        ),
        replace(
            GAMMA,
            default=0.0,
            help="The larger it is, the less a label that is already predicted well counts; 0 is "
            "weighted BCE.",
        ),
    ),
    checks={"counts": per_label(low=0), "volume": number(low=1), "gamma": NOT_NEGATIVE},
    binary=True,
    soft_targets=TWO_READINGS,
    source="Cui et al. 2019, Class-Balanced Loss Based on Effective Number of Samples, "
    "arXiv:1901.05555",
    when_not="Do not use it to get rare labels predicted more often, because a weight on a label's "
    "whole term leaves that label's best probability where it was and only settles which labels a "
    "shared network serves first.",
    from_targets={"counts": label_counts},
)


def logit_adjusted_kernel(logits, targets, *, priors, tau=1.0):
    """Sigmoid cross entropy of z + tau log(prior / (1 - prior))."""
    return bce_kernel(logits + tau * torch.logit(priors.to(logits.dtype)), targets)


def logit_adjusted(
    logits: Tensor,
    targets,
    *,
    priors: Tensor,
    tau: float = 1.0,
    reduction: str = "mean",
) -> Tensor:
    r"""Binary cross entropy in which the network need not learn how rare a label is.

    .. math:: -y \log p - (1 - y) \log(1 - p), \quad
        p = \sigma\Bigl(z + \tau \log \frac{\pi_k}{1 - \pi_k}\Bigr)

    The network is used without what is added here. At tau = 1 its best z is then > 0 wherever a
    label is likelier than over all rows: rare labels are predicted more often, and sigmoid(z) is
    not the probability.

    Args:
        logits: Scores, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        priors: The share of true rows of each label among all training rows, > 0 and < 1, shape
            (k,). `label_priors` gives them.
        tau: How much of the prior is taken off, any real number, no unit. 0 gives
            `binary_cross_entropy`.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], priors do not fit or are not
            strictly between 0 and 1, tau or a logit is not finite, or the reduction is unknown.

    Source:
        Menon et al. 2021, Long-Tail Learning via Logit Adjustment, arXiv:2007.07314, which has it
        for softmax; here each label is a yes or no, with its own log odds.

    Example:
        >>> import torch
        >>> logit_adjusted(torch.zeros(1, 1), torch.ones(1, 1), priors=torch.tensor([0.25]))
        tensor(1.3863)
    """
    return evaluate(LOGIT_ADJUSTED, **locals())


LOGIT_ADJUSTED = LossInfo(
    key="logit_adjusted",
    title="Logit-adjusted BCE",
    function=logit_adjusted,
    kernel=logit_adjusted_kernel,
    parameters=(
        Parameter(
            name="tau",
            title="adjustment τ",
            default=1.0,
            range=(0.0, 3.0),
            step=0.05,
            help="How much of a label's log odds is added in training and left out in use; 0 is "
            "plain BCE.",
        ),
    ),
    checks={"priors": per_label(above=0, below=1), "tau": number()},
    source="Menon et al. 2021, Long-Tail Learning via Logit Adjustment, arXiv:2007.07314, in "
    "sigmoid form",
    when_not="Do not use it where the probabilities themselves are read or where false alarms "
    "are costly, because a label of prior π is predicted as soon as it is likelier than π.",
    from_targets={"priors": label_priors},
)
