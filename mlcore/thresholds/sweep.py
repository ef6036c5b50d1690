"""Every threshold at once: built once, then any threshold is a look-up."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from mlcore.checks import (
    as_array,
    check_binary,
    check_choice,
    check_number,
    check_probabilities,
    check_range,
)
from mlcore.figures import MACRO_OVER, figure_names, lower_is_better
from mlcore.lazy import pd
from mlcore.thresholds import counting
from mlcore.thresholds.counts import Counts, as_tables, count_grid, count_once
from mlcore.thresholds.decisions import check_threshold
from mlcore.thresholds.per_label import best_per_label
from mlcore.thresholds.ranking import ranking_of

ROUNDING = 1e-12  # figures closer than this are equal
MOST_DISTINCT = 4_000_000  # distinct scores to go through; each costs some 400 bytes


class ThresholdSweep:
    """What each of many thresholds predicts, how well, and which is best.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: In [0, 1], shape (n, k), of any kind that `mlcore.checks.as_array` takes.
            Tensors on a GPU are counted there.
        thresholds: How many evenly spaced ones from 0 to 1; or the thresholds themselves,
            increasing, in [0, 1]; or "distinct": every score that occurs.
        beta: Weight of recall against precision in F-beta, from 1e-6 to 1e6.
        zero_division: The value where a ratio is 0/0: 0.0, 1.0, or nan, which means leave out.
        macro_over: Which labels macro averages are over, a key of `mlcore.figures.MACRO_OVER`:

            - "occurring": those with a true row among these rows; all labels where there is none.
              What is predicted of the others says nothing on what was found. A perfect model has
              1, on any rows with something true. It is what scikit-learn gives with
              `labels=np.flatnonzero(targets.any(axis=0))`.
            - "all": every label, as scikit-learn does by itself. With zero_division 0, its default,
              a label without true rows counts 0 whatever is predicted, so a perfect model has less
              than 1. With nan there is a third convention: it is left out of F1 where it is not
              predicted, and counts 0 where it is.

    Attributes:
        thresholds: Shape (t,), float64.
        figures: For each of `figure_names(beta)` a float64 array of shape (t,): micro_, macro_,
            weighted_ and samples_ precision, recall, f1 (f2 or f0.5 for another beta) and
            jaccard; subset_accuracy, hamming_loss, labels_per_row, empty_share (share of rows
            with nothing predicted) and labels_predicted (labels predicted for any row).
        support: True rows of each label, shape (k,).

    Raises:
        ValueError: If shapes differ or are empty, a target is not 0 or 1, a probability or a
            threshold is outside [0, 1] or NaN, thresholds do not increase, or there are more than
            4 million distinct scores to go through.

    Source:
        The definitions of scikit-learn's `precision_recall_fscore_support`, `jaccard_score`,
        `accuracy_score` and `hamming_loss`, with p >= t compared as `decide` does.

    Example:
        >>> sweep = ThresholdSweep(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.4], [0.6, 0.2]]))
        >>> round(sweep.at(0.5)["micro_recall"], 4)
        0.6667
        >>> sweep.best("samples_f1")
        (0.6, 0.8333333333333333)
    """

    def __init__(
        self,
        targets,
        probabilities,
        *,
        thresholds: int | str | Sequence[float] = 101,
        beta: float = 1.0,
        zero_division: float = 0.0,
        macro_over: str = "occurring",
    ) -> None:
        check_number("beta", beta, low=1e-6, high=1e6)
        check_choice("macro_over", macro_over, MACRO_OVER)
        if zero_division == zero_division:  # it may be nan
            check_number("zero_division", zero_division, low=0.0, high=1.0)
        self.beta, self.zero_division = float(beta), float(zero_division)
        self.macro_over, self._beta2 = macro_over, self.beta**2
        self._targets, self._scores, self._precision = as_tables(targets, probabilities)
        self._dtype = np.dtype(str(self._scores.dtype).removeprefix("torch."))
        self._names = figure_names(self.beta)
        if isinstance(thresholds, str):
            check_choice("thresholds", thresholds, ("distinct",))
            table = self._count_distinct()
        else:
            table = self._count_grid(_check_grid(thresholds))
        self._table = table
        self._seen: dict[float, dict[str, float]] = {}  # thresholds that were looked up before
        self.figures = dict(zip(self._names, table.T, strict=True))

    def at(self, threshold) -> dict[str, float]:
        """The figures at one threshold, or with one for each label.

        Args:
            threshold: In [0, 1]: a number, or one for each label, shape (k,). One that was swept
                is a look-up; for any other the table is read once.
        """
        if isinstance(threshold, (int, float)) and 0 <= threshold <= 1:
            seen = self._seen.get(threshold)
            if (
                seen is None
                and (place := self._place.get(float(self._limits(threshold)))) is not None
            ):
                row = self._table[place].tolist()
                seen = self._seen[threshold] = dict(zip(self._names, row, strict=True))
            if seen is not None:
                return seen.copy()
        return self._report(*self._count_once(threshold))

    def labels_at(self, threshold) -> dict[str, np.ndarray]:
        """The counts and ratios of each label, at one threshold or with one for each label.

        Args:
            threshold: As in `at`.

        Returns:
            true_positives, false_positives, false_negatives (int64), precision, recall, f1 (or
            as beta says) and jaccard, each of shape (k,).
        """
        found, predicted, support = self._count_once(threshold)[0].T
        wholes = (
            (found, predicted),
            (found, support),
            ((1 + self._beta2) * found, self._beta2 * support + predicted),
            (found, predicted + support - found),
        )
        ratios = (name.removeprefix("micro_") for name in self._names[:4])
        return {
            "true_positives": found,
            "false_positives": predicted - found,
            "false_negatives": support - found,
            **{
                name: np.where(whole > 0, part / np.where(whole > 0, whole, 1), self.zero_division)
                for name, (part, whole) in zip(ratios, wholes, strict=True)
            },
        }

    def label_counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Found and predicted cells of each label at each swept threshold, int64, (t, k) both.

        Raises:
            ValueError: If every distinct score was swept; `labels_at` has the counts of one.
        """
        limits, counts = self._counts
        if len(limits) != len(self.thresholds):
            raise ValueError('label_counts needs a grid of thresholds, got "distinct"')
        return counts.found, counts.predicted

    def frame(self) -> "pd.DataFrame":
        """All figures, a row for each threshold, its threshold in the first column."""
        return pd.DataFrame({"threshold": self.thresholds, **self.figures})

    def best(self, metric: str) -> tuple[float, float]:
        """The swept threshold with the best value of a figure, and that value.

        Of equally good ones, up to rounding, the highest is taken; Hamming loss and the share of
        rows with nothing predicted are best where they are least; nan is never best.

        Args:
            metric: One of `figure_names(beta)`.
        """
        check_choice("metric", metric, self._names)
        place = best_place(metric, self.figures[metric])
        return float(self.thresholds[place]), float(self.figures[metric][place])

    def best_per_label(self, metric: str | None = None) -> np.ndarray:
        """The threshold with the best F-beta or Jaccard of each label, exact over all its scores.

        Of equally good ones it is the highest. A label without a true row gets 1.0.

        Args:
            metric: "f1" (or as beta says) or "jaccard", which is best at the same thresholds.

        Returns:
            Shape (k,), float64; each but the 1.0 is one of its label's scores.
        """
        own = self._names[2].removeprefix("micro_")
        check_choice("metric", metric or own, (own, "jaccard"))
        beta2 = 1.0 if metric == "jaccard" else self._beta2
        return best_per_label(*self._on_cpu, *self._counts, beta2)

    @cached_property
    def ranking(self) -> dict[str, float]:
        """mAP and LRAP, which need no threshold: a value for each of `mlcore.figures.RANKINGS`.

        mAP is a macro average, so it is over the labels that `macro_over` names.
        """
        return ranking_of(*self._on_cpu, self.macro_over)

    def moving(self, thresholds) -> "MovingThresholds":
        """Thresholds, one for each label, of which single ones can be moved at little cost.

        Args:
            thresholds: Where to begin: a number, or one for each label.
        """
        return MovingThresholds(self, thresholds)

    def _count_grid(self, thresholds: np.ndarray) -> np.ndarray:
        self.thresholds = thresholds
        limits = self._limits(thresholds)
        counts = count_grid(self._targets, self._scores, limits, self._beta2)
        self._counts = limits, counts
        self._keep_totals(counts.support, counts.untrue)
        tallies = np.empty((len(limits), 3, 7))
        tallies[:, 0] = counts.rows
        found, predicted, support = counts.found, counts.predicted, counts.support
        counting.tally_labels(found, predicted, support, self._beta2, tallies[:, 1:])
        pooled = np.stack([found.sum(axis=1), predicted.sum(axis=1)], axis=1)
        return self._figures(tallies, pooled)

    def _count_distinct(self) -> np.ndarray:
        targets, scores = self._on_cpu
        check_binary("targets", targets)
        check_probabilities("probabilities", scores)
        distinct = np.unique(scores)
        if len(distinct) > MOST_DISTINCT:
            raise ValueError(
                f'thresholds "distinct" takes at most {MOST_DISTINCT:,} different scores, got '
                f"{len(distinct):,}; sweep a grid instead, such as thresholds=1001"
            )
        self.thresholds = distinct.astype(np.float64)
        labels, rows = count_once(targets, scores, np.full(scores.shape[1], np.inf, self._dtype))
        self._keep_totals(labels[:, 2].copy(), int((rows[:, 2] == 0).sum()))
        tallies, pooled = np.empty((len(distinct), 3, 7)), np.empty((len(distinct), 2), np.int64)
        order = np.argsort(-scores, axis=None, kind="stable")
        counting.count_distinct(targets, scores, order, self._beta2, labels, rows, tallies, pooled)
        return self._figures(tallies[::-1], pooled[::-1])

    @cached_property
    def _counts(self) -> tuple[np.ndarray, Counts]:
        """A grid of limits and the counts at them, where all scores were swept instead."""
        limits = self._limits(even_grid(101))
        return limits, count_grid(self._targets, self._scores, limits, self._beta2)

    @cached_property
    def _place(self) -> dict[float, int]:
        """Where each swept threshold, in the precision of the scores, stands in the table."""
        limits = self._limits(self.thresholds).tolist()
        return dict(zip(limits, range(len(limits)), strict=True))

    @cached_property
    def _on_cpu(self) -> tuple[np.ndarray, np.ndarray]:
        """Targets and scores where compiled loops can read them."""
        return as_array("targets", self._targets), as_array("probabilities", self._scores)

    def _limits(self, thresholds):
        """Thresholds as the scores are compared with them, in the dtype that holds the scores."""
        return self._precision.rounded(thresholds).astype(self._dtype)

    def _count_once(self, threshold) -> tuple[np.ndarray, np.ndarray]:
        n_labels = len(self.support)
        limits = self._limits(np.broadcast_to(check_threshold(threshold, n_labels), n_labels))
        return count_once(self._targets, self._scores, limits)

    def _keep_totals(self, support: np.ndarray, untrue_rows: int) -> None:
        self.support = support
        untrue_labels = int((support == 0).sum())
        self._totals = (*self._scores.shape, int(support.sum()), untrue_rows, untrue_labels)

    def _report(self, labels: np.ndarray, rows: np.ndarray) -> dict[str, float]:
        tallies = counting.tally_all(labels, rows, self._beta2)
        return self._finish(tallies, labels[:, :2].sum(axis=0))

    def _finish(self, tallies: np.ndarray, pooled: np.ndarray) -> dict[str, float]:
        """The figures from what was counted at one threshold."""
        row = self._figures(tallies[None], pooled[None])[0]
        return dict(zip(self._names, row.tolist(), strict=True))

    def _figures(self, tallies: np.ndarray, pooled: np.ndarray) -> np.ndarray:
        over_all = self.macro_over == "all"
        options = self._beta2, self.zero_division, over_all
        return counting.figures(tallies, pooled, self._totals, *options)


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
        >>> sweep = ThresholdSweep(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.4], [0.6, 0.2]]))
        >>> sweep.moving(0.5).move(1, 0.2)["macro_recall"]
        1.0
    """

    def __init__(self, sweep: ThresholdSweep, thresholds) -> None:
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
        old, new = self._sweep._limits([self.thresholds[label], threshold])
        counting.move_label(
            self._targets[label],
            self._scores[label],
            old,
            new,
            self._sweep._beta2,
            self._rows,
            self._labels[label],
            self._tallies,
            self._pooled,
        )
        self.thresholds[label] = threshold
        return self.figures()


def best_place(metric: str, values: np.ndarray) -> int:
    """Where a figure is best over increasing thresholds, by the rule of `ThresholdSweep.best`."""
    sign = -1.0 if lower_is_better(metric) else 1.0
    merit = np.nan_to_num(sign * values, nan=-np.inf)
    return int(np.flatnonzero(merit >= merit.max() - ROUNDING)[-1])


def even_grid(count: int) -> np.ndarray:
    """Evenly spaced thresholds from 0 to 1, each the float nearest to its fraction."""
    return np.arange(count) / (count - 1)


def _check_grid(thresholds) -> np.ndarray:
    """The thresholds to sweep, float64; raises unless they increase within [0, 1]."""
    if np.ndim(thresholds) == 0:
        check_number("thresholds", thresholds, low=2, high=1_000_001, integer=True)
        return even_grid(int(thresholds))
    grid = as_array("thresholds", thresholds).astype(np.float64)
    check_range("thresholds", grid, 0.0, 1.0)
    if grid.ndim != 1 or not len(grid) or (np.diff(grid) <= 0).any():
        raise ValueError(f"thresholds must be one or more, increasing, got {thresholds}")
    return grid
