"""Compiled loops that look for the best threshold of each label; see `per_label`."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def lowest_true(targets, scores, low, high):
    """The lowest score of a true cell in [low, high) of each label, inf without one, (k,)."""
    n, k = scores.shape
    lowest = np.full(k, np.inf, scores.dtype)
    for i in range(n):
        for j in range(k):
            if targets[i, j]:
                p = scores[i, j]
                if low[j] <= p < min(high[j], lowest[j]):
                    lowest[j] = p
    return lowest


@njit(nogil=True, cache=True)
def gather(targets, scores, bits, low, high):
    """The cells in [low, high) of each label, as keys that sort by score, then target.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: In [0, 1], shape (n, k).
        bits: The same read as unsigned integers, whose order is that of floats >= 0, (n, k).
        low: The lowest score of each label to keep, shape (k,).
        high: The lowest score above those, shape (k,).

    Returns:
        Where the keys of each label begin, shape (k + 1,), and the keys: bits times two, plus 1
        for a true cell. The sign goes, even of -0.0, and scores up to 1 leave another bit free.
    """
    n, k = bits.shape
    ends = np.zeros(k + 1, np.int64)
    for i in range(n):
        for j in range(k):
            ends[j + 1] += (scores[i, j] >= low[j]) & (scores[i, j] < high[j])
    starts = ends.cumsum()
    place = starts[:-1].copy()
    keys = np.empty(starts[-1], bits.dtype)
    one = bits.dtype.type(1)
    for i in range(n):
        for j in range(k):
            if (scores[i, j] >= low[j]) & (scores[i, j] < high[j]):
                keys[place[j]] = (bits[i, j] << one) | bits.dtype.type(targets[i, j])
                place[j] += 1
    return starts, keys


@njit(nogil=True, cache=True)
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
