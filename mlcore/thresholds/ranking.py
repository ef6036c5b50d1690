"""How well scores order the rows of a label and the labels of a row: mAP and LRAP.

The average precision of a label counts, at each of its true rows, the share of true rows among
those scored at least as high. LRAP is the same with rows and labels exchanged.
"""

import numpy as np

from mlcore.figures import RANKINGS
from mlcore.thresholds.compiling import compiled

FEW = 24  # up to so many true cells it is quicker to compare each with all cells of its line


def ranking_of(targets: np.ndarray, scores: np.ndarray, macro_over: str) -> dict[str, float]:
    """mAP and LRAP.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: In [0, 1], shape (n, k).
        macro_over: Which labels mAP is the mean over, as in `ThresholdSweep`. A label without a
            true row counts 0 where it is among them, as in scikit-learn.

    Returns:
        A value for each of `mlcore.figures.RANKINGS`. For LRAP a row without a true label counts
        1, as in scikit-learn.

    Source:
        scikit-learn's `average_precision_score` and `label_ranking_average_precision_score`.

    Example:
        >>> ranking_of(np.array([[1, 0, 1]], np.uint8), np.array([[0.9, 0.7, 0.2]]), "occurring")
        {'mean_average_precision': 1.0, 'lrap': 0.8333333333333333}
    """
    of_labels = average_precisions(*(np.ascontiguousarray(table.T) for table in (targets, scores)))
    of_rows = average_precisions(targets, scores)
    known = of_labels[of_labels > 0]
    over = len(known) if macro_over == "occurring" and len(known) else len(of_labels)
    of_rows[of_rows == 0] = 1
    figures = known.sum() / over, of_rows.mean()
    return dict(zip(RANKINGS, map(float, figures), strict=True))


@compiled
def average_precisions(targets, scores):
    """The average precision of each line, > 0; 0 where nothing is true.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: Finite numbers, shape (n, k).
    """
    n, k = scores.shape
    out, true, cells = np.zeros(n), np.empty(k, scores.dtype), np.empty(k, np.int64)
    for i in range(n):
        size = 0
        for j in range(k):
            if targets[i, j]:
                true[size] = scores[i, j]
                size += 1
        if size:
            rising = true[:size]
            if size > 1:
                rising.sort()
            _count_reaching(scores[i], rising, cells)
            out[i] = _mean_precision(rising, cells)
    return out


@compiled
def _count_reaching(line, rising, cells):
    """Count the scores of a line that reach each of some rising ones."""
    size = len(rising)
    if size <= FEW:
        for t in range(size):
            lowest, reached = rising[t], 0  # a sum that stays in a register
            for score in line:
                reached += score >= lowest
            cells[t] = reached
        return
    cells[:size] = 0
    for score in line:
        if score >= rising[0]:
            last, left = 0, size
            while left > 1:  # without a branch, which would be a coin toss
                half = left >> 1
                last += half * (score >= rising[last + half])
                left -= half
            cells[last] += 1
    for t in range(size - 1, 0, -1):
        cells[t - 1] += cells[t]


@compiled
def _mean_precision(rising, cells):
    """The mean over true scores of the share of true ones among the cells that reach each."""
    size, first, total = len(rising), 0, 0.0
    for t in range(size):
        if rising[t] > rising[first]:
            first = t
        total += (size - first) / cells[first]
    return total / size
