"""One threshold for each label: the best ones, and moving one of them."""

from typing import TYPE_CHECKING

import numpy as np

from mlcore.checks import check_number
from mlcore.thresholds import counting, searching
from mlcore.thresholds.counts import Counts, over_blocks
from mlcore.thresholds.decisions import check_threshold

if TYPE_CHECKING:
    from mlcore.thresholds.sweep import ThresholdSweep


def best_per_label(
    targets: np.ndarray, scores: np.ndarray, limits: np.ndarray, counts: Counts, beta2: float
) -> np.ndarray:
    """The highest threshold with the best F-beta of each label, over all its scores.

    The counts at a grid of limits say between which two of them the best can lie; only scores
    there are sorted.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: In [0, 1], shape (n, k).
        limits: A grid, increasing, shape (t,).
        counts: What was counted at the limits.
        beta2: Square of beta.

    Returns:
        Shape (k,), float64; 1.0 for a label without a true row.
    """
    n, k = scores.shape
    # From below all scores to above all: everything predicted at first, nothing at last.
    edges = np.concatenate([[-np.inf], limits, [np.inf]]).astype(scores.dtype)
    nothing = np.zeros((1, k), np.int64)
    found = np.concatenate([counts.support[None], counts.found, nothing])
    predicted = np.concatenate([np.full((1, k), n), counts.predicted, nothing])
    support = np.maximum(counts.support, 1)

    def f_beta(found, predicted):
        return (1 + beta2) * found / (beta2 * support + predicted)

    # At best, of the cells between two limits all true ones come first.
    inside = found[:-1] - found[1:]
    bound = f_beta(found[:-1], predicted[1:] + inside)
    reached = f_beta(found, predicted).max(axis=0)
    can_win = (inside > 0) & (bound >= reached * (1 - 1e-12))
    from_here = edges[:-1][can_win.argmax(axis=0)]
    above = len(can_win) - can_win[::-1].argmax(axis=0)
    high = np.where(can_win.any(axis=0), edges[above], 0).astype(scores.dtype)
    # The best threshold is the score of a true row: below it, only false ones would be added.
    true_cells = np.flatnonzero(targets.view(np.bool_))
    label, score = true_cells % k, scores.ravel()[true_cells]
    inside = (score >= from_here[label]) & (score < high[label])
    low = np.full(k, np.inf, scores.dtype)
    np.minimum.at(low, label[inside], score[inside])
    starts, keys = _gather(targets, scores, low, high)
    best = np.ones(k, scores.dtype)
    for label in np.flatnonzero(np.diff(starts)):
        best.view(keys.dtype)[label] = searching.best_of_label(
            np.sort(keys[starts[label] : starts[label + 1]]),
            found[above[label], label],
            predicted[above[label], label],
            support[label],
            beta2,
        )
    return best.astype(np.float64)


def _gather(targets, scores, low, high) -> tuple[np.ndarray, np.ndarray]:
    """The keys of `searching.gather_between`, label after label, and where each label begins."""
    n, k = scores.shape
    counts = over_blocks(lambda rows: searching.count_between(scores[rows], low, high), n)
    ends = np.cumsum(list(counts), axis=0, dtype=np.int64)  # within a label, block after block
    starts = np.concatenate([[0], ends[-1].cumsum()])
    places = starts[:-1] + np.concatenate([np.zeros((1, k), np.int64), ends[:-1]])
    bits = scores.view(f"u{scores.itemsize}")
    keys = np.empty(starts[-1], bits.dtype)

    def write(rows: slice) -> None:
        place = places[rows.start // (rows.stop - rows.start)]
        cells = targets[rows], scores[rows], bits[rows]
        searching.gather_between(*cells, low, high, place, keys)

    for _ in over_blocks(write, n):
        pass
    return starts, keys


class MovingThresholds:
    """Thresholds, one for each label, and the figures with them; made by `ThresholdSweep.moving`.

    Moving one label's threshold costs one pass over that label's scores, not over the table.
    Sums are carried along, so figures may differ from `ThresholdSweep.at` in the last digits.

    Args:
        sweep: What was swept.
        thresholds: Where to begin: a number, or one for each label.

    Attributes:
        thresholds: Shape (k,), float64.

    Example:
        >>> from mlcore.thresholds import ThresholdSweep
        >>> sweep = ThresholdSweep(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.4], [0.6, 0.2]]))
        >>> sweep.moving(0.5).move(1, 0.2)["macro_recall"]
        1.0
    """

    def __init__(self, sweep: "ThresholdSweep", thresholds) -> None:
        n_labels = len(sweep.support)
        self.thresholds = np.array(
            np.broadcast_to(check_threshold(thresholds, n_labels), n_labels), np.float64
        )
        self._sweep = sweep
        targets, scores = sweep._on_cpu
        self._targets, self._scores = (np.ascontiguousarray(table.T) for table in (targets, scores))
        self._labels, self._rows = sweep._count_once(thresholds)
        self._tallies = counting.tally_all(self._labels, self._rows, sweep._beta2)
        self._pooled = self._labels[:, :2].sum(axis=0)

    def figures(self) -> dict[str, float]:
        """The figures of `ThresholdSweep.at` with these thresholds."""
        return self._sweep._finish(self._tallies, self._pooled)

    def move(self, label: int, threshold: float) -> dict[str, float]:
        """Give one label another threshold; returns the figures with it.

        Args:
            label: Its number, 0 to k - 1.
            threshold: In [0, 1].
        """
        check_number("label", label, low=0, high=len(self.thresholds) - 1, integer=True)
        label = int(label)
        check_number("threshold", threshold, low=0.0, high=1.0)
        limit = self._scores.dtype.type
        counting.move_label(
            self._targets[label],
            self._scores[label],
            limit(self.thresholds[label]),
            limit(threshold),
            self._sweep._beta2,
            self._rows,
            self._labels[label],
            self._tallies,
            self._pooled,
        )
        self.thresholds[label] = threshold
        return self.figures()
