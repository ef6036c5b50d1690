"""A figure over a grid of two settings, each cell trained with several seeds. Needs no torch.

Everything is read twice: at threshold 0.5, and at the threshold that is best for the figure, see
`FigureInfo.tuned_by`, on the validation rows. What is compared is measured on the test rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from mlcore import sweeps
from mlcore.checks import check_choice
from mlcore.figures import FIGURES, lower_is_better

READINGS = ("half", "tuned")


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """One figure of all runs of a grid; arrays are float64, shape (rows, columns, seeds).

    Attributes:
        figure: A key of `mlcore.figures.FIGURES`.
        test: For each of `READINGS` its value on the test rows; nan where there is no run yet, or
            where it diverged or failed.
        validation: The same on the validation rows.
        threshold: The tuned threshold.
        there: Whether a run has ended, bool.
        lost: Whether it diverged or failed, bool.
    """

    figure: str
    test: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]
    threshold: np.ndarray
    there: np.ndarray
    lost: np.ndarray

    def mean(self, reading: str) -> np.ndarray:
        """Each cell's mean over those seeds that are there, on test rows; (rows, columns).

        It is nan for a cell without a run, and for one with a run that diverged or failed.
        """
        return self._means(self.test[self._checked(reading)])

    def spread(self, reading: str) -> np.ndarray:
        """Half of the range over a cell's seeds, on test rows; nan with fewer than two of them."""
        values = self.test[self._checked(reading)]
        several = self._whole() & (self.there.sum(axis=2) > 1)
        return np.where(several, _range(values) / 2, nan)

    def best(self, reading: str) -> tuple[int, int] | None:
        """Row and column of the cell with the best mean on the validation rows.

        Only cells with all of their seeds take part; of equals the first is taken. None if there
        is no such cell.
        """
        means = self._means(self.validation[self._checked(reading)])
        sign = -1.0 if lower_is_better(self.figure) else 1.0
        complete = self._whole() & self.there.all(axis=2)
        merit = np.where(complete, sign * means, -np.inf)
        if not np.isfinite(merit).any():
            return None
        row, column = np.unravel_index(merit.argmax(), merit.shape)
        return int(row), int(column)

    def difference(self, reading: str) -> float:
        """Between the highest and the lowest cell's mean on test rows; nan with fewer than two."""
        means = self.mean(reading)
        means = means[np.isfinite(means)]
        return float(np.ptp(means)) if len(means) > 1 else nan

    def difference_along(self, reading: str, axis: int) -> float:
        """The same within a row (axis 1) or within a column (axis 0), the mean over all of them.

        So it says what one setting does while the other stays; nan where there is nothing to
        compare.
        """
        means = self.mean(reading)
        several = np.isfinite(means).sum(axis=axis) > 1
        ranges = _range(np.moveaxis(means, axis, -1))
        return float(ranges[several].mean()) if several.any() else nan

    def seed_difference(self, reading: str) -> float:
        """Between the highest and lowest seed of one cell on test rows, the mean over all cells.

        nan where no cell has two seeds.
        """
        halves = self.spread(reading)
        halves = halves[np.isfinite(halves)]
        return float(2 * halves.mean()) if len(halves) else nan

    def tuned_range(self) -> tuple[float, float]:
        """The lowest and the highest tuned threshold of all runs; nan if there is none."""
        known = self.threshold[np.isfinite(self.threshold)]
        return (float(known.min()), float(known.max())) if len(known) else (nan, nan)

    def _means(self, values: np.ndarray) -> np.ndarray:
        total = np.where(self.there, values, 0.0).sum(axis=2)
        return np.where(self._whole(), total / np.maximum(self.there.sum(axis=2), 1), nan)

    def _whole(self) -> np.ndarray:
        """Whether a cell has runs and none of them is lost, (rows, columns)."""
        return self.there.any(axis=2) & ~self.lost.any(axis=2)

    @staticmethod
    def _checked(reading: str) -> str:
        check_choice("reading", reading, READINGS)
        return reading


def make_surface(
    figure: str, results: "Sequence[Sequence[Sequence[sweeps.RunResult | None]]]"
) -> Surface:
    """The surface of a figure.

    Args:
        figure: A key of `mlcore.figures.FIGURES`.
        results: By row, column and seed what a run gave, None where there is nothing yet.

    Raises:
        ValueError: If the figure is unknown, or rows or cells are not equally long.

    Example:
        >>> make_surface("micro_f1", [[[None, None], [None, None]]]).there.shape
        (1, 2, 2)
    """
    check_choice("figure", figure, FIGURES)
    lengths = {len(row) for row in results}, {len(cell) for row in results for cell in row}
    if any(len(different) != 1 for different in lengths):
        raise ValueError(
            "results must have rows of one length and cells of one length, "
            f"got {sorted(lengths[0])} and {sorted(lengths[1])}"
        )
    shape = len(results), len(results[0]), len(results[0][0])
    read: dict[str, np.ndarray] = defaultdict(lambda: np.full(shape, nan))
    there, lost = np.zeros(shape, bool), np.zeros(shape, bool)
    for i, row in enumerate(results):
        for j, cell in enumerate(row):
            for k, result in enumerate(cell):
                if result is not None:
                    there[i, j, k] = True
                    lost[i, j, k] = bool(result.error) or result.diverged
                    for name, value in result.readings(figure).items():
                        read[name][i, j, k] = value
    return Surface(
        figure=figure,
        test={"half": read["test"], "tuned": read["tuned_test"]},
        validation={"half": read["validation"], "tuned": read["tuned_validation"]},
        threshold=read["tuned_threshold"],
        there=there,
        lost=lost,
    )


def _range(values: np.ndarray) -> np.ndarray:
    """The range along the last axis, without what is nan."""
    known = np.isfinite(values)
    highest = np.where(known, values, -np.inf).max(axis=-1)
    return np.where(known.any(axis=-1), highest - np.where(known, values, np.inf).min(axis=-1), nan)
