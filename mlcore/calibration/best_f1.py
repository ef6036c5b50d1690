"""The threshold that maximises F1."""

from dataclasses import dataclass

import numpy as np

from mlcore.calibration.diagram import checked_cells
from mlcore.checks import as_array
from mlcore.thresholds.precision import as_scores


@dataclass(frozen=True, kw_only=True, eq=False)
class BestF1:
    """Where F1 is largest, for each label.

    Attributes:
        f1: The largest F1, float64, shape (k,).
        predicted: How many rows are predicted there, int64, shape (k,).
        lowest: The smallest threshold in [0, 1] that predicts just these rows, shape (k,), in the
            dtype of the probabilities (float32 for bfloat16, which NumPy has not).
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
    scores, precision = as_scores(probabilities)
    p = as_array("probabilities", scores)
    p = p if p.dtype.kind == "f" else p.astype(np.float64)
    if 0 in p.shape:
        raise ValueError(f"probabilities must have at least one row and one label, got {p.shape}")
    y, p = checked_cells(np.zeros(p.shape) if targets is None else targets, p)
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
    above = precision.above(next_lower).astype(p.dtype)
    return BestF1(
        f1=f1[last, label],
        predicted=last + 1,
        lowest=np.where(last + 1 < len(p), above, p.dtype.type(0)),
        highest=p[last, label],
    )
