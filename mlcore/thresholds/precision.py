"""What is compared with what: scores, and thresholds in the precision that the scores came in.

A threshold of 0.7 is met by what a dtype makes of 0.7, be it a little less, as in bfloat16, or a
little more. So a threshold is rounded to the precision of the scores before they are compared, and
that is done here and nowhere else.
"""

from typing import NamedTuple

import numpy as np

from mlcore.checks import as_array, dense, is_tensor

BELOW_BFLOAT16 = 16  # bits that a float32 has and a bfloat16 has not


class Precision(NamedTuple):
    """The numbers that scores can be.

    Attributes:
        dtype: Its name, such as "bfloat16"; NumPy has no such dtype, so its scores are kept in
            another.
    """

    dtype: str

    def rounded(self, thresholds) -> np.ndarray:
        """The numbers of this precision that are nearest to thresholds, float64.

        Of whole numbers and booleans those that reach a threshold are meant: the next above.

        Example:
            >>> Precision("bfloat16").rounded(0.7).item(), Precision("float64").rounded(0.7).item()
            (0.69921875, 0.7)
        """
        thresholds = np.asarray(thresholds, np.float64)
        if self.dtype == "bfloat16":
            return _as_bfloat16(thresholds)
        if self.dtype in ("float16", "float32"):
            return thresholds.astype(self.dtype).astype(np.float64)
        return thresholds if self.dtype.startswith("float") else np.ceil(thresholds)

    def above(self, scores: np.ndarray) -> np.ndarray:
        """The next larger numbers of this precision, at most 1, float64.

        They are the least thresholds that the scores do not reach.

        Args:
            scores: Numbers of this precision, in [0, 1], of any shape.
        """
        if self.dtype == "bfloat16":
            bits = np.abs(scores, dtype=np.float32).view(np.uint32)
            higher = (bits + np.uint32(1 << BELOW_BFLOAT16)).view(np.float32)
        else:
            dtype = np.dtype(self.dtype if self.dtype.startswith("float") else np.float64).type
            higher = np.nextafter(scores.astype(dtype), dtype(1))
        return np.minimum(higher.astype(np.float64), 1)


def as_scores(probabilities):
    """Scores as a tensor if they are one, else as an array, and the precision they came in.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If they are no table, shape (n, k).
    """
    if is_tensor(probabilities):
        scores = dense("probabilities", probabilities)
        dtype = str(scores.dtype).removeprefix("torch.")
    else:
        scores = as_array("probabilities", probabilities)
        dtype = scores.dtype.name
    if scores.ndim != 2:
        raise ValueError(
            f"probabilities must have shape (n_samples, n_labels), got {tuple(scores.shape)}"
        )
    return scores, Precision(dtype)


def _as_bfloat16(values: np.ndarray) -> np.ndarray:
    """What torch makes of values: the bfloat16 nearest to their float32, the even one of two."""
    bits = values.astype(np.float32).view(np.uint32)
    odd = (bits >> BELOW_BFLOAT16) & 1
    almost_half = np.uint32((1 << (BELOW_BFLOAT16 - 1)) - 1)
    bits = (bits + almost_half + odd) >> BELOW_BFLOAT16 << BELOW_BFLOAT16
    return bits.view(np.float32).astype(np.float64)
