"""What a positive weight does, and how to undo it."""

import numpy as np

from mlcore.checks import as_array, check_choice, check_finite, check_probabilities, check_range
from mlcore.thresholds import decide

KINDS = ("logits", "probabilities")


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
    scores = as_array("scores", scores)
    dtype = scores.dtype if scores.dtype.kind == "f" else np.float64
    weight = _checked_weight(pos_weight, scores.shape[-1:])
    if kind == "logits":
        check_finite("logits", scores)
        corrected = scores.astype(np.float64) - np.log(weight)
    else:
        check_probabilities("probabilities", scores)
        corrected = _divide_odds(scores.astype(np.float64), weight)
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

    Args:
        threshold: In [0, 1], for the probabilities of the weighted model: one, or shape (k,).
        pos_weight: What the positives were weighted by, > 0: one, or shape (k,).

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
    p = as_array("probabilities", probabilities).astype(np.float64)
    if p.ndim != 2:
        raise ValueError(f"probabilities must have shape (n_samples, n_labels), got {p.shape}")
    check_probabilities("probabilities", p)
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
    weight = as_array("pos_weight", pos_weight).astype(np.float64)
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
    limits = as_array("threshold", threshold).astype(np.float64)
    check_range("threshold", np.atleast_1d(limits), 0.0, 1.0)
    if limits.ndim > 1:
        raise ValueError(
            f"threshold must be a number or one for each label, got shape {limits.shape}"
        )
    shape = limits.shape or as_array("pos_weight", pos_weight).shape[:1]
    return limits, _checked_weight(pos_weight, shape)


def _plain(values):
    return float(values) if np.ndim(values) == 0 else values
