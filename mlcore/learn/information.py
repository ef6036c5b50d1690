"""Surprise, entropy, cross entropy and KL divergence, of distributions and of labels on their own.

Everything is in nats (natural logarithm) or in bits (logarithm to base 2). 0 log 0 counts as 0, and
what is impossible under q but not under p costs infinitely much. A distribution runs along the last
axis of an array; NumPy arrays, nested lists and torch tensors are taken, and float64 is given.
"""

from math import log

import numpy as np

from mlcore.checks import as_array, check_choice, check_number, check_probabilities
from mlcore.lazy import special

UNITS = {"nats": 1.0, "bits": log(2)}  # how many nats one of it is
TOLERANCE = 1e-6  # how far from 1 a distribution may sum: what float32 leaves of 512 outcomes


def surprise(p, *, unit: str = "nats"):
    r"""How much is learned when something of probability p happens.

    .. math:: -\log p

    Args:
        p: Probabilities in [0, 1], any shape.
        unit: "nats" or "bits".

    Returns:
        The surprise of each, >= 0, inf where p is 0, of the same shape.

    Raises:
        ValueError: If a probability is outside [0, 1] or nan, or the unit is unknown.

    Source:
        Shannon 1948, A Mathematical Theory of Communication; Cover and Thomas 2006, chapter 2.

    Example:
        >>> surprise([1.0, 0.5, 0.25], unit="bits").tolist()
        [0.0, 1.0, 2.0]
    """
    with np.errstate(divide="ignore"):
        return _given(-np.log(_probabilities("p", p)), unit)


def entropy(p, *, unit: str = "nats"):
    r"""The mean surprise of a distribution that is known.

    .. math:: H(p) = -\sum_i p_i \log p_i

    Args:
        p: Distributions, shape (..., k).
        unit: "nats" or "bits".

    Returns:
        Their entropies, in [0, log k], shape (...).

    Raises:
        ValueError: If p has no outcome, an entry outside [0, 1], or does not sum to one.

    Source:
        Shannon 1948, section 6.

    Example:
        >>> float(entropy([0.5, 0.25, 0.25, 0.0], unit="bits"))
        1.5
    """
    return _given(special.entr(_distribution("p", p)).sum(axis=-1), unit)


def cross_entropy(p, q, *, unit: str = "nats"):
    r"""The mean surprise of one who expects q while p is true: the loss of a classifier.

    .. math:: H(p, q) = -\sum_i p_i \log q_i = H(p) + \mathrm{KL}(p \,\|\, q)

    Args:
        p: True distributions, shape (..., k).
        q: Expected distributions, of the same shape.
        unit: "nats" or "bits".

    Returns:
        Cross entropies, >= the entropies of p, inf where q rules out what p allows, shape (...).

    Raises:
        ValueError: If the shapes differ, or p or q is not a distribution; see `entropy`.

    Source:
        Cover and Thomas 2006, Elements of Information Theory, theorem 5.4.3.

    Example:
        >>> float(cross_entropy([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], unit="bits"))
        1.5
    """
    p, q = _pair(p, q)
    return _given(-special.xlogy(p, q).sum(axis=-1), unit)


def kl_divergence(p, q, *, unit: str = "nats"):
    r"""What expecting q costs on top of the entropy, while p is true.

    .. math:: \mathrm{KL}(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i} \ge 0

    Args:
        p: True distributions, shape (..., k).
        q: Expected distributions, of the same shape.
        unit: "nats" or "bits".

    Returns:
        Divergences, >= 0, 0 where q is p, inf where q rules out what p allows, shape (...).

    Raises:
        ValueError: If the shapes differ, or p or q is not a distribution; see `entropy`.

    Source:
        Kullback and Leibler 1951, On Information and Sufficiency.

    Example:
        >>> float(kl_divergence([0.5, 0.5, 0.0], [0.25, 0.5, 0.25], unit="bits"))
        0.5
    """
    p, q = _pair(p, q)
    # Below zero there is only rounding, or a sum that is not quite one.
    return _given(np.maximum(special.rel_entr(p, q).sum(axis=-1), 0.0), unit)


def bernoulli_entropy(p, *, unit: str = "nats", total: bool = False):
    r"""The entropy of labels that are each true with a probability of its own.

    .. math:: h(p) = -p \log p - (1 - p) \log(1 - p)

    Args:
        p: Probabilities in [0, 1], any shape.
        unit: "nats" or "bits".
        total: Whether to add up the labels, along the last axis. That is the entropy of all
            labels together where they are independent.

    Returns:
        One entropy for each label, in [0, log 2], or their sums.

    Raises:
        ValueError: If a probability is outside [0, 1] or nan.

    Source:
        Shannon 1948, section 6.

    Example:
        >>> bernoulli_entropy([0.5, 1.0], unit="bits").tolist()
        [1.0, 0.0]
    """
    p = _probabilities("p", p)
    return _given(_summed(special.entr(p) - special.xlog1py(1 - p, -p), total), unit)


def bernoulli_cross_entropy(p, q, *, unit: str = "nats", total: bool = False):
    r"""Binary cross entropy: the mean surprise of one who expects q of labels that are p.

    .. math:: -p \log q - (1 - p) \log(1 - q)

    Args:
        p: True probabilities in [0, 1], or 0 and 1 where the labels are known, any shape.
        q: Expected probabilities in [0, 1], of the same shape.
        unit: "nats" or "bits".
        total: Whether to add up the labels, along the last axis.

    Returns:
        One cross entropy for each label, or their sums; inf where q is sure and p is not.

    Raises:
        ValueError: If the shapes differ, or a probability is outside [0, 1] or nan.

    Source:
        Cover and Thomas 2006, theorem 5.4.3, for two outcomes.

    Example:
        >>> bernoulli_cross_entropy([1.0, 0.0], [0.5, 0.75], unit="bits").tolist()
        [1.0, 2.0]
    """
    p, q = _same_shape(_probabilities("p", p), _probabilities("q", q))
    return _given(_summed(-special.xlogy(p, q) - special.xlog1py(1 - p, -q), total), unit)


def bernoulli_kl(p, q, *, unit: str = "nats", total: bool = False):
    r"""What expecting q costs on top of the entropy, of labels that are true with probability p.

    .. math:: p \log \frac{p}{q} + (1 - p) \log \frac{1 - p}{1 - q}

    Args:
        p: True probabilities in [0, 1], any shape.
        q: Expected probabilities in [0, 1], of the same shape.
        unit: "nats" or "bits".
        total: Whether to add up the labels, along the last axis.

    Returns:
        One divergence for each label, or their sums.

    Raises:
        ValueError: If the shapes differ, or a probability is outside [0, 1] or nan.

    Source:
        Kullback and Leibler 1951, for two outcomes.

    Example:
        >>> bernoulli_kl([1.0, 0.5], [0.5, 0.5], unit="bits").tolist()
        [1.0, 0.0]
    """
    p, q = _same_shape(_probabilities("p", p), _probabilities("q", q))
    with np.errstate(divide="ignore", invalid="ignore"):
        # 1 - p is 1 for every small p; its ratio to 1 - q keeps the digits that 1 - p has lost.
        excess = (q - p) / (1 - q)
        near = (1 - p) * np.log1p(excess)
        far = special.xlog1py(1 - p, -p) - special.xlog1py(1 - p, -q)
    false = np.where(abs(excess) < 0.5, near, far)
    return _given(_summed(np.maximum(special.rel_entr(p, q) + false, 0.0), total), unit)


def shared_out(k: int, m: int) -> np.ndarray:
    """A multi-hot row as a distribution: m of k outcomes have 1/m each, the others nothing.

    Args:
        k: Outcomes, >= 1.
        m: Those that share, the first ones, in 1..k; 1 is one-hot, k is uniform.

    Returns:
        Probabilities, shape (k,).

    Example:
        >>> shared_out(4, 2).tolist()
        [0.5, 0.5, 0.0, 0.0]
    """
    check_number("k", k, low=1, integer=True)
    check_number("m", m, low=1, high=k, integer=True)
    return np.where(np.arange(k) < m, 1 / m, 0.0)


def zipf(k: int, exponent: float = 1.0) -> np.ndarray:
    """Few frequent and many rare outcomes: the i-th has a probability in proportion to i^-exponent.

    Args:
        k: Outcomes, >= 1.
        exponent: >= 0; 0 is uniform.

    Returns:
        Probabilities, shape (k,), falling.

    Source:
        Zipf 1949, Human Behavior and the Principle of Least Effort.

    Example:
        >>> zipf(3).round(3).tolist()
        [0.545, 0.273, 0.182]
    """
    check_number("k", k, low=1, integer=True)
    check_number("exponent", exponent, low=0)
    weights = np.arange(1, k + 1, dtype=float) ** -exponent
    return weights / weights.sum()


def with_share(p, place: int, value: float) -> np.ndarray:
    """A distribution with one outcome changed, the others in the proportions that they had.

    Args:
        p: A distribution, shape (k,).
        place: The outcome that changes, 0..k - 1.
        value: Its new probability, in [0, 1]; the only outcome of a distribution keeps its 1.

    Returns:
        The new distribution, shape (k,). Others that were all 0 share what is left evenly.

    Raises:
        ValueError: If p is not a distribution, or place or value is out of range.

    Example:
        >>> with_share([0.5, 0.25, 0.25], 0, 0.0).tolist()
        [0.0, 0.5, 0.5]
    """
    p = _distribution("p", p)
    if p.ndim != 1:
        raise ValueError(f"p must have shape (k,), got {p.shape}")
    check_number("place", place, low=0, high=len(p) - 1, integer=True)
    check_number("value", value, low=0, high=1)
    if len(p) == 1:
        return np.ones(1)
    others = np.delete(p, place)
    if not others.any():
        others = np.ones(len(others))
    return np.insert(others / others.sum() * (1 - value), place, value)


def _probabilities(name: str, values) -> np.ndarray:
    values = as_array(name, values).astype(float)
    check_probabilities(name, values)
    return values


def _distribution(name: str, values) -> np.ndarray:
    values = _probabilities(name, values)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError(f"{name} must have shape (..., k) with k >= 1, got {values.shape}")
    sums = values.sum(axis=-1)
    if (wrong := abs(sums - 1) > TOLERANCE).any():
        raise ValueError(f"{name} must sum to 1 along the last axis, got {sums[wrong].flat[0]}")
    return values


def _pair(p, q) -> tuple[np.ndarray, np.ndarray]:
    return _same_shape(_distribution("p", p), _distribution("q", q))


def _same_shape(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if p.shape != q.shape:
        raise ValueError(f"p and q must have the same shape, got {p.shape} and {q.shape}")
    return p, q


def _summed(values: np.ndarray, total: bool) -> np.ndarray:
    if total and values.ndim == 0:
        raise ValueError("p must have shape (..., k) to be added up along it, got ()")
    return values.sum(axis=-1) if total else values


def _given(nats: np.ndarray, unit: str):
    """Nats in the unit asked for."""
    check_choice("unit", unit, UNITS)
    return nats / UNITS[unit] + 0.0  # which makes -0.0 a plain 0.0
