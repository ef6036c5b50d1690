"""Do probabilities mean what they say, and what that decides: weights, thresholds, F1."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mlcore.checks import (
    check_binary,
    check_choice,
    check_finite,
    check_number,
    check_range,
    check_same_shape,
)
from mlcore.thresholds import as_array, decide

KINDS = ("logits", "probabilities")
STRATEGIES = ("uniform", "quantile")
MOST_BINS = 100
CELLS_AT_ONCE = 2**17  # a block and what is computed from it stay in the processor's cache

# What a positive weight does, and how to undo it.


def undo_pos_weight(scores, pos_weight, *, kind: str) -> np.ndarray:
    r"""The scores a model would give had its BCE not been trained with a positive weight.

    .. math:: z - \log w \quad \text{or, the same for } p = \sigma(z), \quad
        \frac{p}{p + w (1 - p)}

    Weighted BCE is least in expectation at the log odds plus log w. The correction is exact for a
    model that reaches that, and only as good as the model otherwise.

    Args:
        scores: What the weighted model gives: finite logits, or probabilities in [0, 1], shape
            (n, k) or any other that ends in the k labels, NumPy or torch.
        pos_weight: w, > 0: a number, or one for each label, shape (k,).
        kind: What scores are, "logits" or "probabilities"; the result is the same.

    Returns:
        Corrected scores, an array with the shape and float dtype of `scores`. 0 and 1 stay.

    Raises:
        ValueError: If a score is not of its kind, a weight is not > 0 and finite, or there are
            not k of them.

    Source:
        Elkan 2001, The Foundations of Cost-Sensitive Learning, IJCAI, theorem 2.

    Example:
        >>> undo_pos_weight([[0.5, 0.9]], [4.0, 9.0], kind="probabilities")
        array([[0.2, 0.5]])
    """
    check_choice("kind", kind, KINDS)
    scores = as_array(scores)
    dtype = scores.dtype if scores.dtype.kind == "f" else np.float64
    weight = _checked_weight(pos_weight, scores.shape[-1:])
    wide = scores.astype(np.float64)  # a float32 cannot hold every weight
    if kind == "logits":
        check_finite("logits", scores)
        corrected = wide - np.log(weight)
    else:
        check_range("probabilities", scores, 0.0, 1.0)
        corrected = _divide_odds(wide, weight)
    return np.asarray(corrected, dtype)


def reweighted_threshold(threshold, pos_weight):
    r"""The threshold for a weighted model that decides as `threshold` does for a calibrated one.

    .. math:: \frac{t w}{t w + 1 - t}

    Decisions agree in exact arithmetic. In floating point a probability that lies on the threshold
    up to rounding (about 1e-16 of its size in float64) can fall to either side.

    Args:
        threshold: For calibrated probabilities, t in [0, 1]: a number or shape (k,).
        pos_weight: w that the other model was trained with, > 0: a number or shape (k,).

    Returns:
        A float, or an array of shape (k,) where either argument has k entries.

    Raises:
        ValueError: If a threshold is outside [0, 1], a weight is not > 0 and finite, or their
            numbers differ.

    Example:
        >>> reweighted_threshold(0.2, 4.0)
        0.5
    """
    t, w = _checked_pair(threshold, pos_weight)
    return _plain(t * w / (t * w + (1 - t)))


def calibrated_threshold(threshold, pos_weight):
    r"""The threshold for a calibrated model that decides as `threshold` does for a weighted one.

    .. math:: \frac{t}{t + w (1 - t)}, \quad \text{so } 0.5 \text{ becomes } \frac{1}{1 + w}

    The inverse of `reweighted_threshold`, with the same shapes, errors and rounding.

    Example:
        >>> calibrated_threshold(0.5, [1.0, 4.0])
        array([0.5, 0.2])
    """
    return _plain(_divide_odds(*_checked_pair(threshold, pos_weight)))


def weight_is_a_threshold(probabilities, pos_weight, *, threshold=0.5) -> dict:
    r"""Decide with a perfectly trained weighted model, and with the truth and a moved threshold.

    Where P(y = 1 | x) = p, expected BCE with positive weight w is least at the probability

    .. math:: q = \frac{w p}{w p + 1 - p}, \quad \text{and} \quad
        q \ge t \iff p \ge \frac{t}{t + w (1 - t)}

    so a perfect model gains nothing from w that a threshold does not give. Both sides are computed
    here and compared; see `reweighted_threshold` for what rounding can do to ties.

    Args:
        probabilities: The true p, in [0, 1], shape (n, k), NumPy or torch.
        pos_weight: w > 0: a number, or one for each label, shape (k,).
        threshold: t that cuts the weighted model's q, in [0, 1]: a number or shape (k,).

    Returns:
        `cells` (decisions made both ways, n * k), `differing` (how many differ), `positive` (how
        many the weighted model predicts), `threshold` (that on p, a float or shape (k,)) and
        `largest_error` (the largest difference between p and q with its weight undone: about
        1e-16 w, for a q near 1 is rounded by that much).

    Raises:
        ValueError: If a value is out of range, or shapes do not fit.

    Source:
        Elkan 2001, The Foundations of Cost-Sensitive Learning, IJCAI, theorem 1.

    Example:
        >>> weight_is_a_threshold([[0.0, 0.1, 1.0]], 7.0)
        {'cells': 3, 'differing': 0, 'positive': 1, 'threshold': 0.125, 'largest_error': 0.0}
    """
    p = as_array(probabilities).astype(np.float64)
    if p.ndim != 2:
        raise ValueError(f"probabilities must have shape (n_samples, n_labels), got {p.shape}")
    check_range("probabilities", p, 0.0, 1.0)
    weight = _checked_weight(pos_weight, p.shape[1:])
    moved = calibrated_threshold(threshold, weight)
    q = p * weight / (p * weight + (1 - p))
    weighted, calibrated = decide(q, threshold), decide(p, moved)
    return {
        "cells": p.size,
        "differing": int((weighted != calibrated).sum()),
        "positive": int(weighted.sum()),
        "threshold": moved,
        "largest_error": float(np.abs(_divide_odds(q, weight) - p).max(initial=0.0)),
    }


def _divide_odds(p, weight):
    """p / (p + w (1 - p)), in float64: no finite w overflows it, and 0 and 1 stay exact."""
    return p / (p + weight * (1 - p))


def _checked_weight(pos_weight, shape) -> np.ndarray:
    """The weights as float64, checked to be > 0 and either one or as many as there are labels."""
    weight = as_array(pos_weight).astype(np.float64)
    if weight.shape not in ((), shape):
        raise ValueError(
            f"pos_weight must be a number or one for each label, shape {shape}; "
            f"got shape {weight.shape}"
        )
    check_finite("pos_weight", np.atleast_1d(weight))
    if (weight <= 0).any():
        raise ValueError(f"pos_weight must be > 0, got {weight[weight <= 0][0]}")
    return weight


def _checked_pair(threshold, pos_weight):
    limits = as_array(threshold).astype(np.float64)
    check_range("threshold", np.atleast_1d(limits), 0.0, 1.0)
    if limits.ndim > 1:
        raise ValueError(
            f"threshold must be a number or one for each label, got shape {limits.shape}"
        )
    return limits, _checked_weight(pos_weight, limits.shape or as_array(pos_weight).shape[:1])


def _plain(values):
    return float(values) if np.ndim(values) == 0 else values


# Reliability: how often what is said to be 20 % likely is true.


def reliability(
    targets, probabilities, *, bins: int = 15, strategy: str = "uniform"
) -> dict[str, np.ndarray]:
    """Mean probability against share of true ones, bin by bin, over all cells together.

    A bin holds the probabilities in (lower, upper], the first also what equals its lower edge. They
    are compared in float64, so float32 0.2, a little above 0.2, is in the bin that starts there.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch; (n, 1) for one label.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        bins: How many bins, 1 to 100.
        strategy: "uniform" for bins of one width, "quantile" for about equally many cells in
            each, which shows more where labels are rare and nearly all probabilities are small.

    Returns:
        One entry for each bin with cells in it: its edges `lower` and `upper`, the mean
        `probability`, the `true_share` (targets that are 1) and the `count` of its cells.

    Raises:
        ValueError: If shapes differ or are empty, a target is not 0 or 1, a probability is
            outside [0, 1], or bins or strategy is out of range.

    Source:
        `sklearn.calibration.calibration_curve`, whose bins and points these are.

    Example:
        >>> diagram = reliability([[0, 0, 1, 1]], [[0.125, 0.5, 0.75, 0.75]], bins=2)
        >>> diagram["probability"], diagram["true_share"], diagram["count"]
        (array([0.3125, 0.75  ]), array([0., 1.]), array([2, 2]))
    """
    targets, probabilities = _checked_cells(targets, probabilities)
    edges = _edges(probabilities.reshape(-1, 1), bins, strategy)
    count = np.zeros(bins, np.int64)
    said, true = np.zeros(bins), np.zeros(bins)
    for y, p in _blocks(targets, probabilities):
        place = _place(p, edges).ravel()
        count += np.bincount(place, minlength=bins)
        said += np.bincount(place, p.ravel(), minlength=bins)
        true += np.bincount(place, y.ravel(), minlength=bins)
    kept = count > 0
    return {
        "lower": edges[:-1, 0][kept],
        "upper": edges[1:, 0][kept],
        "probability": said[kept] / count[kept],
        "true_share": true[kept] / count[kept],
        "count": count[kept],
    }


def expected_calibration_error(
    targets, probabilities, *, bins: int = 15, strategy: str = "uniform", per_label: bool = False
):
    r"""ECE: how far probability and share of true ones are apart, averaged over cells by bin.

    .. math:: \sum_b \frac{n_b}{n} \left| \bar p_b - \bar y_b \right|

    It depends on the bins, and is above 0 by chance even for the true probabilities, the more so
    the fewer rows there are. Where nearly all cells are far below 1 / bins, uniform bins see
    little; use "quantile".

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        bins: How many bins, 1 to 100.
        strategy: "uniform" or "quantile", the bins of `reliability`.
        per_label: Whether each label is binned for itself.

    Returns:
        In [0, 1]: a float over all cells together, or shape (k,) with `per_label`.

    Raises:
        ValueError: As `reliability`.

    Source:
        Naeini et al. 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI;
        Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599, with 15
        uniform bins.

    Example:
        >>> round(expected_calibration_error([[0, 0, 1, 1]], [[0.1, 0.5, 0.6, 0.8]], bins=2), 4)
        0.3
    """
    targets, probabilities = _checked_cells(targets, probabilities)
    n_labels = probabilities.shape[1] if per_label else 1
    grouped = probabilities if per_label else probabilities.reshape(-1, 1)
    edges = _edges(grouped, bins, strategy)
    first = np.arange(n_labels) * bins
    # n_b |mean p - mean y| is |sum of p - y|, so one sum for each bin is all there is to know.
    gap = np.zeros(n_labels * bins)
    for y, p in _blocks(targets, probabilities):
        place = _place(p, edges) + first
        gap += np.bincount(place.ravel(), (p - y).ravel(), minlength=len(gap))
    errors = np.abs(gap.reshape(n_labels, bins)).sum(axis=1) / len(grouped)
    return errors if per_label else float(errors[0])


def brier(targets, probabilities, *, per_label: bool = False):
    r"""Brier score: the mean squared difference of probability and target, 0 at best.

    .. math:: \frac{1}{n} \sum (p - y)^2

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        per_label: Whether the mean is taken for each label.

    Returns:
        In [0, 1]: a float over all cells, or shape (k,) with `per_label`.

    Raises:
        ValueError: If shapes differ or are empty, a target is not 0 or 1, or a probability is
            outside [0, 1].

    Source:
        Brier 1950, Verification of Forecasts Expressed in Terms of Probability; as
        `sklearn.metrics.brier_score_loss` has it.

    Example:
        >>> brier([[1, 0]], [[0.5, 0.0]])
        0.125
    """
    targets, probabilities = _checked_cells(targets, probabilities)
    total = sum(((p - y) ** 2).sum(axis=0) for y, p in _blocks(targets, probabilities))
    scores = total / len(targets)
    return scores if per_label else float(scores.mean())


def _checked_cells(targets, probabilities) -> tuple[np.ndarray, np.ndarray]:
    targets, probabilities = as_array(targets), as_array(probabilities)
    check_same_shape("targets", targets, "probabilities", probabilities)
    if 0 in targets.shape:
        raise ValueError(f"targets must have at least one row and one label, got {targets.shape}")
    check_binary("targets", targets)
    check_range("probabilities", probabilities, 0.0, 1.0)
    return targets, probabilities


def _blocks(targets, probabilities) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Some rows at a time, both as float64."""
    step = max(1, CELLS_AT_ONCE // targets.shape[1])
    for start in range(0, len(targets), step):
        part = slice(start, start + step)
        yield targets[part].astype(np.float64), probabilities[part].astype(np.float64)


def _edges(grouped, bins, strategy) -> np.ndarray:
    """The bins' edges for each column of (n, g): shape (bins + 1, g), or 1 where all agree."""
    check_choice("strategy", strategy, STRATEGIES)
    check_number("bins", bins, low=1, high=MOST_BINS, integer=True)
    if strategy == "uniform":
        return np.linspace(0.0, 1.0, bins + 1)[:, None]
    return np.percentile(grouped, np.linspace(0, 1, bins + 1) * 100, axis=0).astype(np.float64)


def _place(p, edges) -> np.ndarray:
    """The bin of every cell: how many inner edges are below it. Faster than a search."""
    place = np.zeros(p.shape, np.uint8)
    for edge in edges[1:-1]:
        place += (p > edge).view(np.uint8)
    return place


# The threshold that maximises F1.


@dataclass(frozen=True, kw_only=True, eq=False)
class BestF1:
    """Where F1 is largest, for each label.

    Attributes:
        f1: The largest F1, float64, shape (k,).
        predicted: How many rows are predicted there, int64, shape (k,).
        lowest: The smallest threshold in [0, 1] that predicts just these rows, shape (k,), in the
            dtype of the probabilities.
        highest: The largest one: the smallest probability that is predicted.
    """

    f1: np.ndarray
    predicted: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray

    @property
    def half_f1(self) -> np.ndarray:
        """What theory says the best threshold is, f1 / 2."""
        return self.f1 / 2


def lipton_threshold(probabilities, targets=None) -> BestF1:
    r"""Try every threshold; with the true probabilities the best one is half of the best F1.

    .. math:: F(t) = \frac{2 \sum_{p_i \ge t} p_i}{\sum_i p_i + |\{i : p_i \ge t\}|}

    is F1 with expected counts in place of counts. One more row of probability p makes it larger
    exactly when p > F / 2, so at its maximum all rows with p > F / 2 are predicted, and no others:
    `lowest` <= f1 / 2 <= `highest`. Sums of floats can miss that by rounding, where a probability
    is f1 / 2 itself. Where several thresholds are best, the one that predicts most is taken.

    Args:
        probabilities: In [0, 1], shape (n, k), NumPy or torch; (n, 1) for one label.
        targets: 0 or 1, shape (n, k), to count true ones instead; then F1 is that of
            scikit-learn, 0 for a label that is never true, and half of it is only near the best
            threshold. None for the expected counts.

    Raises:
        ValueError: If shapes differ or are empty, a target is not 0 or 1, or a probability is
            outside [0, 1].

    Source:
        Lipton, Elkan and Narayanaswamy 2014, Thresholding Classifiers to Maximize F1 Score,
        arXiv:1402.1892.

    Example:
        >>> best = lipton_threshold([[0.5], [0.375], [0.125]])
        >>> best.f1, best.half_f1, best.predicted, best.lowest.round(4), best.highest
        (array([0.58333333]), array([0.29166667]), array([2]), array([0.125]), array([0.375]))
    """
    p = as_array(probabilities)
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    y, p = _checked_cells(np.zeros(p.shape) if targets is None else targets, p)
    if targets is None:
        true = p = np.sort(p, axis=0)[::-1]
    else:
        order = np.argsort(-p, axis=0)
        p, true = (np.take_along_axis(table, order, axis=0) for table in (p, y))
    true = true.cumsum(axis=0, dtype=np.float64)
    predicted = np.arange(1, len(p) + 1)[:, None]
    f1 = 2 * true / (true[-1] + predicted)
    f1[:-1][p[:-1] == p[1:]] = -1.0  # rows of one probability are predicted together
    last = len(p) - 1 - f1[::-1].argmax(axis=0)

    label = np.arange(p.shape[1])
    next_lower = p[np.minimum(last + 1, len(p) - 1), label]
    above = np.nextafter(next_lower, p.dtype.type(1))
    return BestF1(
        f1=f1[last, label],
        predicted=last + 1,
        lowest=np.where(last + 1 < len(p), above, p.dtype.type(0)),
        highest=p[last, label],
    )
