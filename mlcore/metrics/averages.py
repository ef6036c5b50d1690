"""Precision, recall, F1 and their averages step by step: the counts, the parts, the cells.

`mlcore.metrics` gives the same figures at once; here every one of them can be taken apart.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

import numpy as np

from mlcore.checks import as_array, check_binary, check_choice, check_same_shape
from mlcore.figures import AVERAGES, MACRO_OVER, RATIOS

MANY_PARTS = 12  # from here on a formula counts equal parts instead of listing them


@dataclass(frozen=True)
class Ratio:
    """A share of cells as two counts; 0/0 has the value that `zero_division` says.

    Attributes:
        numerator: The cells that count above the line.
        denominator: The cells that count below it.
        zero_division: The value of 0/0: 0.0, 1.0 or nan.
    """

    numerator: int
    denominator: int
    zero_division: float = 0.0

    @property
    def undefined(self) -> bool:
        """Whether it is 0/0."""
        return self.denominator == 0

    @property
    def value(self) -> float:
        """The share, in [0, 1], or nan."""
        return self.zero_division if self.undefined else self.numerator / self.denominator

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


class Counts(NamedTuple):
    """How the cells of one row, one label or a whole table fell out.

    Attributes:
        found: True and predicted (true positives, ✓).
        missed: True, not predicted (false negatives, ○).
        wrong: Predicted, not true (false positives, ✗).
        neither: Neither true nor predicted (true negatives, ·).
    """

    found: int
    missed: int
    wrong: int
    neither: int

    @property
    def support(self) -> int:
        """How many are true."""
        return self.found + self.missed

    @property
    def predicted(self) -> int:
        """How many are predicted."""
        return self.found + self.wrong

    def ratio(self, figure: str, zero_division: float = 0.0) -> Ratio:
        """One of `RATIOS` of these cells; accuracy is Hamming's, the share of right cells."""
        found, missed, wrong, neither = self
        parts = {
            "precision": (found, found + wrong),
            "recall": (found, found + missed),
            "f1": (2 * found, 2 * found + missed + wrong),
            "jaccard": (found, found + missed + wrong),
            "accuracy": (found + neither, sum(self)),
        }
        check_choice("figure", figure, parts)
        return Ratio(*parts[figure], zero_division)


@dataclass(frozen=True, kw_only=True)
class Average:
    """One average of one figure, with all that it is made of.

    Attributes:
        name: One of `AVERAGES`.
        figure: One of `RATIOS`.
        parts: The figure of every row (samples, micro) or of every label (macro, weighted).
        weights: What each part counts for: its support in the weighted average, 0 for a label that
            the macro average is not over, else 1.
        zero_division: The value of 0/0: 0.0, 1.0 or nan.
    """

    name: str
    figure: str
    parts: tuple[Ratio, ...]
    weights: tuple[int, ...]
    zero_division: float

    @property
    def pooled(self) -> Ratio:
        """The counts of all parts, added up above and below the line: what micro is."""
        return Ratio(
            sum(part.numerator for part in self.parts),
            sum(part.denominator for part in self.parts),
            self.zero_division,
        )

    @property
    def kept(self) -> tuple[tuple[int, Ratio], ...]:
        """(weight, part) of the parts that count: those that are not nan, nor outside of macro.

        Where all weights are 0 they are all 1 instead, as in scikit-learn.
        """
        kept = [
            (weight, part)
            for weight, part in zip(self.weights, self.parts, strict=True)
            if (weight or self.name != "macro")
            and (part.denominator or not isnan(part.zero_division))
        ]
        if not any(weight for weight, _ in kept):
            kept = [(1, part) for _, part in kept]
        return tuple(kept)

    @property
    def value(self) -> float:
        """The average, in [0, 1], or nan."""
        if self.name == "micro":
            return self.pooled.value
        kept = self.kept
        if not kept:
            return float("nan")
        weights, parts = zip(*kept, strict=True)
        return float(np.average([part.value for part in parts], weights=weights))

    def formula(self, say: Callable[[str], str] = str) -> str:
        """The average as a calculation on its counts, before the equals sign.

        Args:
            say: Translates what is words and not numbers.

        Example:
            >>> average([[1, 0], [0, 0]], [[1, 1], [0, 0]], "samples", "f1").formula()
            '(2/3 + [0/0 → 0]) / 2'
        """
        if self.name == "micro":
            if len(self.parts) == 1:
                return str(self.pooled)
            above = " + ".join(_many(str(part.numerator) for part in self.parts))
            below = " + ".join(_many(str(part.denominator) for part in self.parts))
            return f"({above}) / ({below})"
        if not self.kept:
            return say("nothing to average")
        weighted = self.name == "weighted" and any(self.weights)
        terms = _many(
            f"{weight} × {_written(part)}" if weighted else _written(part)
            for weight, part in self.kept
        )
        return f"({' + '.join(terms)}) / {sum(weight for weight, _ in self.kept)}"


def average(
    targets,
    predictions,
    name: str,
    figure: str = "f1",
    *,
    zero_division: float = 0.0,
    macro_over: str = "occurring",
) -> Average:
    """An average of a figure, built up from the parts that it is made of.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy, torch or nested lists.
        predictions: 0 or 1 for each label, shape (n, k), the same.
        name: "samples" (mean over rows), "macro" (mean over labels), "weighted" (mean over labels,
            weighted by support) or "micro" (all counts pooled).
        figure: "precision", "recall", "f1", "jaccard" or "accuracy" (Hamming: 1 - Hamming loss).
        zero_division: The value where a ratio is 0/0: 0.0, 1.0 or nan; nan is left out of means.
        macro_over: Which labels the macro average is over: "occurring", those with a true row, all
            if there is none; or "all". `mlcore.thresholds.ThresholdSweep` says why.

    Returns:
        The average with its parts; its value equals that of scikit-learn (whose `jaccard_score`
        takes no nan), if it is given `labels=np.flatnonzero(targets.any(axis=0))` for the macro
        average of "occurring".

    Raises:
        ValueError: If shapes differ, an entry is not 0 or 1, there is no row or no label, or a
            name, zero_division or macro_over is none of those above.

    Source:
        `sklearn.metrics.precision_recall_fscore_support` and `jaccard_score`.

    Example:
        >>> average([[1, 0, 1], [0, 1, 0]], [[1, 1, 0], [0, 1, 0]], "micro", "recall").value
        0.6666666666666666
    """
    check_choice("name", name, AVERAGES)
    check_choice("figure", figure, RATIOS)
    check_choice("macro_over", macro_over, MACRO_OVER)
    check_zero_division(zero_division)
    axis = "row" if name in ("samples", "micro") else "label"
    groups = counts(targets, predictions, axis)
    weights = [1] * len(groups)
    if name == "weighted":
        weights = [group.support for group in groups]
    elif name == "macro" and macro_over == "occurring" and any(group.support for group in groups):
        weights = [min(group.support, 1) for group in groups]
    return Average(
        name=name,
        figure=figure,
        parts=tuple(group.ratio(figure, zero_division) for group in groups),
        weights=tuple(weights),
        zero_division=float(zero_division),
    )


def counts(targets, predictions, axis: str = "all") -> tuple[Counts, ...]:
    """Found, missed, wrong and neither for every row, every label, or the whole table.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k).
        axis: "row" (n counts), "label" (k counts) or "all" (one).

    Example:
        >>> counts([[1, 0, 1, 0, 1]], [[1, 1, 0, 0, 1]])
        (Counts(found=2, missed=1, wrong=1, neither=1),)
    """
    check_choice("axis", axis, ("row", "label", "all"))
    targets, predictions = check_tables(targets, predictions)
    over = {"row": 1, "label": 0, "all": None}[axis]
    table = [
        np.atleast_1d(mask.sum(axis=over)).tolist()
        for mask in (
            targets & predictions,
            targets & ~predictions,
            ~targets & predictions,
            ~targets & ~predictions,
        )
    ]
    return tuple(map(Counts, *table))


def cells(targets, predictions, figure: str, *, row: int | None = None, label: int | None = None):
    """The cells that a figure comes from.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k).
        figure: One of `RATIOS`.
        row: Only the figure of this row.
        label: Only the figure of this label.

    Returns:
        Two masks of shape (n, k): the cells that count below the line, and those of them that
        count above it too. F1 counts a found cell twice, above and below.

    Example:
        >>> below, above = cells([[1, 0, 1, 0, 1]], [[1, 1, 0, 0, 1]], "precision")
        >>> below.astype(int), above.astype(int)
        (array([[1, 1, 0, 0, 1]]), array([[1, 0, 0, 0, 1]]))
    """
    check_choice("figure", figure, RATIOS)
    targets, predictions = check_tables(targets, predictions)
    within = np.zeros(targets.shape, dtype=bool)
    within[slice(None) if row is None else row, slice(None) if label is None else label] = True
    below = {
        "precision": predictions,
        "recall": targets,
        "f1": targets | predictions,
        "jaccard": targets | predictions,
        "accuracy": np.ones_like(targets),
    }[figure]
    above = targets == predictions if figure == "accuracy" else targets & predictions
    return below & within, above & within


class F1OfMeans(NamedTuple):
    """The other macro F1: macro precision, macro recall, and the F1 of these two."""

    precision: float
    recall: float
    value: float


def f1_of_means(
    targets, predictions, *, zero_division: float = 0.0, macro_over: str = "occurring"
) -> F1OfMeans:
    """The F1 of macro precision and macro recall, which is not the mean of the labels' F1.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k).
        zero_division: The value where a ratio is 0/0: 0.0, 1.0 or nan.
        macro_over: As in `average`.

    Returns:
        The two means and their harmonic mean, 2PR / (P + R).

    Source:
        Opitz and Burst 2019, Macro F1 and Macro F1, arXiv:1911.03347.

    Example:
        >>> f1_of_means([[1, 1], [0, 1]], [[1, 0], [1, 1]])
        F1OfMeans(precision=0.75, recall=0.75, value=0.75)
    """
    options = {"zero_division": zero_division, "macro_over": macro_over}
    precision, recall = (
        average(targets, predictions, "macro", figure, **options).value
        for figure in ("precision", "recall")
    )
    total = precision + recall
    value = 2 * precision * recall / total if total else float(zero_division)
    return F1OfMeans(precision, recall, value)


def check_zero_division(value: object) -> None:
    """Raise ValueError unless value is 0, 1 or nan, the choices of scikit-learn."""
    if isinstance(value, str) or not (value in (0, 1) or value != value):
        raise ValueError(f"zero_division must be 0, 1 or nan, got {value!r}")


def check_tables(targets, predictions) -> tuple[np.ndarray, np.ndarray]:
    """Both tables as booleans; raises unless they are 0/1, of one shape, and not empty."""
    targets, predictions = as_array("targets", targets), as_array("predictions", predictions)
    check_same_shape("targets", targets, "predictions", predictions)
    check_binary("targets", targets)
    check_binary("predictions", predictions)
    return targets.astype(bool), predictions.astype(bool)


def _written(part: Ratio) -> str:
    return f"[{part} → {part.value:g}]" if part.undefined else str(part)


def _many(terms) -> Sequence[str]:
    """The terms as they are, or, where there are many, each different one with its number."""
    terms = list(terms)
    if len(terms) <= MANY_PARTS:
        return terms
    return [f"{number} × {term}" if number > 1 else term for term, number in Counter(terms).items()]
