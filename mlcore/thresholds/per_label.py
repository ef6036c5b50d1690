"""The best threshold of each label, with the compiled loops that look for it."""

import numpy as np

from mlcore.thresholds.compiling import compiled
from mlcore.thresholds.counts import Counts, over_blocks


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
    can_win = (inside > 0) & (bound >= reached)
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
        best.view(keys.dtype)[label] = best_of_label(
            np.sort(keys[starts[label] : starts[label + 1]]),
            found[above[label], label],
            predicted[above[label], label],
            support[label],
            beta2,
        )
    return best.astype(np.float64)


def _gather(targets, scores, low, high) -> tuple[np.ndarray, np.ndarray]:
    """The keys of `gather_between`, label after label, and where each label begins."""
    n, k = scores.shape
    counts = over_blocks(lambda rows: count_between(scores[rows], low, high), n)
    ends = np.cumsum(list(counts), axis=0, dtype=np.int64)  # within a label, block after block
    starts = np.concatenate([[0], ends[-1].cumsum()])
    places = starts[:-1] + np.concatenate([np.zeros((1, k), np.int64), ends[:-1]])
    bits = scores.view(f"u{scores.itemsize}")
    keys = np.empty(starts[-1], bits.dtype)

    def write(rows: slice) -> None:
        place = places[rows.start // (rows.stop - rows.start)]
        cells = targets[rows], scores[rows], bits[rows]
        gather_between(*cells, low, high, place, keys)

    for _ in over_blocks(write, n):
        pass
    return starts, keys


@compiled
def count_between(scores, low, high):
    """How many cells of each label lie in [low, high), shape (k,)."""
    n, k = scores.shape
    count = np.zeros(k, np.int32)
    for i in range(n):
        for j in range(k):
            count[j] += (scores[i, j] >= low[j]) & (scores[i, j] < high[j])
    return count


@compiled
def gather_between(targets, scores, bits, low, high, place, keys):
    """Write the cells in [low, high) of each label as keys that sort by score, then target.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: In [0, 1], shape (n, k).
        bits: The same read as unsigned integers, whose order is that of floats >= 0, (n, k).
        low: The lowest score of each label to keep, shape (k,).
        high: The lowest score above those, shape (k,).
        place: Where each label's next key goes, shape (k,); used up.
        keys: Bits times two, plus 1 for a true cell, are written here. The sign goes, even of
            -0.0, and scores up to 1 leave another bit free.
    """
    n, k = scores.shape
    one = bits.dtype.type(1)
    for i in range(n):
        for j in range(k):
            if (scores[i, j] >= low[j]) & (scores[i, j] < high[j]):
                keys[place[j]] = (bits[i, j] << one) | bits.dtype.type(targets[i, j])
                place[j] += 1


@compiled
def best_of_label(keys, true, predicted, support, beta2):
    """The highest score with the best F-beta, among some cells of one label.

    Args:
        keys: Of the cells to choose among, sorted, shape (m,), m >= 1.
        true: True cells with higher scores than those.
        predicted: All cells with higher scores than those.
        support: All true cells.
        beta2: Square of beta.

    Returns:
        Its bits.
    """
    best, best_bits = -1.0, keys[0] >> 1
    for c in range(len(keys) - 1, -1, -1):
        true += keys[c] & 1
        predicted += 1
        score = keys[c] >> 1
        if c and keys[c - 1] >> 1 == score:
            continue
        value = (1 + beta2) * true / (beta2 * support + predicted)
        if value > best:
            best, best_bits = value, score
    return best_bits
