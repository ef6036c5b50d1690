"""`Choice`: a rule made ready to decide on any rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlcore.checks import check_number, check_range
from mlcore.thresholds.decisions import as_array, check_threshold, decide


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """A rule made ready to decide: a threshold, one for each label, or how many labels a row.

    Attributes:
        rule: A key of `RULES`, or another name for what was not chosen by one of them.
        threshold: In [0, 1]: a float, or a read-only float64 array of shape (k,); None where
            `top` decides.
        top: How many labels of each row are predicted, >= 1; None where a threshold decides.

    Raises:
        ValueError: If there is not exactly one of the two, or it is out of range.

    Example:
        >>> Choice(rule="top_k", top=1).predict([[0.2, 0.7, 0.7]])
        array([[False,  True, False]])
    """

    rule: str
    threshold: float | np.ndarray | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        if (self.threshold is None) == (self.top is None):
            raise ValueError(
                f"either threshold or top must be given, got {self.threshold} and {self.top}"
            )
        if self.top is not None:
            check_number("top", self.top, low=1, integer=True)
            object.__setattr__(self, "top", int(self.top))
            return
        limits = np.array(as_array(self.threshold), np.float64)
        check_threshold(limits, limits.size)
        limits.flags.writeable = False
        object.__setattr__(self, "threshold", limits if limits.ndim else float(limits))

    def predict(self, probabilities) -> np.ndarray:
        """The decision for each label of each row.

        Args:
            probabilities: In [0, 1], shape (n, k), NumPy or torch.

        Returns:
            bool, shape (n, k): as `decide` does; or the `top` labels of each row, the lower label
            number first where probabilities are equal, and all labels where `top` > k.

        Raises:
            ValueError: If a probability is outside [0, 1] or NaN, or there are not k of them.
        """
        p = as_array(probabilities)
        if p.ndim != 2:
            raise ValueError(f"probabilities must have shape (n_samples, n_labels), got {p.shape}")
        check_range("probabilities", p, 0.0, 1.0)
        if self.top is None:
            return decide(p, self.threshold)
        order = np.argsort(-p.astype(np.float64), axis=1, kind="stable")
        predictions = np.zeros(p.shape, bool)
        np.put_along_axis(predictions, order[:, : self.top], True, axis=1)
        return predictions

    def in_words(self, say: Callable[[str], str] = str) -> str:
        """The threshold as "0.184", "0.21 (0.02 to 0.87)", median and range, or "top 5".

        Args:
            say: Translates.
        """
        if self.top is not None:
            return say("top {k}").format(k=self.top)
        if np.ndim(self.threshold) == 0:
            return f"{self.threshold:.3g}"
        low, median, high = np.quantile(self.threshold, [0, 0.5, 1])
        return say("{median:.3g} ({low:.3g} to {high:.3g})").format(
            median=median, low=low, high=high
        )
