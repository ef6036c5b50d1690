"""Poisson counts as how many times which, in numbers for a page. Needs no torch."""

from dataclasses import dataclass
from math import exp, lgamma

import numpy as np

from mlcore.checks import as_array, check_finite

LARGEST = 700.0  # exp(709) is the last that a float64 holds


@dataclass(frozen=True, kw_only=True)
class PoissonFactorisation:
    """The negative log likelihood of one row of counts, whole and in its two parts (nats).

    Attributes:
        joint: Every count an independent Poisson with its own rate.
        count: Their sum, a Poisson with rate e^u.
        which: The counts given their sum, a multinomial with probabilities softmax(z).
        difference: joint - count - which, 0 but for rounding.
    """

    joint: float
    count: float
    which: float
    difference: float


def poisson_factorisation(logits, targets) -> PoissonFactorisation:
    r"""Negative log likelihoods of one row under rates \( \lambda_j = e^u s_j \), s = softmax(z).

    .. math:: \prod_j \operatorname{Poisson}(y_j; \lambda_j) = \operatorname{Poisson}(m; e^u) \,
        \operatorname{Multinomial}(y; m, s), \quad m = \textstyle\sum_j y_j

    Each of the three is computed from its own density, so that the difference is a finding.

    Args:
        logits: z_1, ..., z_k and then u <= 700, shape (k + 1,).
        targets: Whole numbers >= 0, shape (k,); 0 or 1 where they are labels.

    Raises:
        ValueError: If a shape is wrong, a logit is not finite, u > 700, or a target is not a whole
            number >= 0.

    Source:
        McCullagh and Nelder 1989, Generalized Linear Models, 2nd edition, chapter 6.

    Example:
        >>> parts = poisson_factorisation([0.0, 0.0, 0.0], [1, 0])
        >>> round(parts.joint, 4), round(parts.count, 4), round(parts.which, 4)
        (1.6931, 1.0, 0.6931)
    """
    logits = as_array("logits", logits).astype(np.float64)
    targets = as_array("targets", targets).astype(np.float64)
    if targets.ndim != 1 or not targets.size or logits.shape != (targets.size + 1,):
        raise ValueError(
            "logits must have shape (k + 1,) and targets shape (k,) with k >= 1, "
            f"got {logits.shape} and {targets.shape}"
        )
    check_finite("logits", logits)
    check_finite("targets", targets)
    wrong = (targets < 0) | (targets != np.floor(targets))
    if wrong.any():
        raise ValueError(f"targets must be whole numbers >= 0, got {targets[wrong][0]}")
    z, u = logits[:-1], float(logits[-1])
    if u > LARGEST:
        raise ValueError(f"the last of logits must be <= {LARGEST:g}, got {u}")
    shifted = z - z.max()
    log_share = shifted - np.log(np.exp(shifted).sum())
    log_rate = u + log_share
    m = float(targets.sum())
    log_factorials = sum(lgamma(count + 1) for count in targets)
    joint = float((np.exp(log_rate) - targets * log_rate).sum()) + log_factorials
    count = exp(u) - m * u + lgamma(m + 1)
    which = log_factorials - lgamma(m + 1) - float((targets * log_share).sum())
    return PoissonFactorisation(
        joint=joint, count=count, which=which, difference=joint - count - which
    )
