"""Compiled loops that look for the best threshold of each label; see `per_label`."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def count_between(scores, low, high):
    """How many cells of each label lie in [low, high), shape (k,)."""
    n, k = scores.shape
    count = np.zeros(k, np.int32)
    for i in range(n):
        for j in range(k):
            count[j] += (scores[i, j] >= low[j]) & (scores[i, j] < high[j])
    return count


@njit(nogil=True, cache=True)
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
