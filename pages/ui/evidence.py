"""What thresholds are chosen on: targets and probabilities of rows to tune on and to report on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlcore.thresholds import ThresholdSweep

Pair = tuple[np.ndarray, np.ndarray]
GRID = 1001  # thresholds that the browser holds: steps of 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Scored rows from a race, from a generator that knows the truth, or from a file.

    Attributes:
        key: Different for different contents.
        origin: The same for newer scores of the same thing; in no language.
        title: What it is, in the reader's language.
        label_names: k names.
        tuning: Targets and probabilities of the rows that thresholds are chosen on, each (n, k).
        report: The same of the rows that results are reported on.
        cardinality: Mean labels of a training row; of a tuning row where there are none.
        row_name: Of the report's row at a place, in the reader's language; None without names.
        pos_weight: The positive weight that the scores were trained with: 1, a number, or (k,).
        split: How rows were shared out, in the reader's language.
    """

    key: str
    origin: str
    title: Callable[[], str]
    label_names: tuple[str, ...]
    tuning: Pair
    report: Pair
    cardinality: float
    split: Callable[[], str]
    row_name: Callable[[int], str] | None = None
    pos_weight: float | np.ndarray = 1.0

    @cached_property
    def tuning_sweep(self) -> ThresholdSweep:
        """Every threshold on the tuning rows."""
        return ThresholdSweep(*self.tuning, thresholds=GRID)

    @cached_property
    def report_sweep(self) -> ThresholdSweep:
        """Every threshold on the report's rows."""
        return ThresholdSweep(*self.report, thresholds=GRID)
