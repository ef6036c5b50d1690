"""What a run of a sweep gives, and many of them as tables. Needs no torch.

Thresholds are tuned on validation rows and reported on test rows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import nan

import numpy as np

from mlcore.checks import check_choice
from mlcore.figures import FIGURES
from mlcore.lazy import pd
from mlcore.sweeps.plan import effective_settings
from mlcore.thresholds.sweep import best_place, even_grid
from mlcore.training.config import TrainConfig

THRESHOLDS = even_grid(101)
HALF = 50  # where 0.5 stands in them
READINGS = ("validation", "test", "tuned_threshold", "tuned_validation", "tuned_test")


@dataclass(frozen=True, kw_only=True, eq=False)
class RunResult:
    """One finished run.

    Attributes:
        config: What was trained.
        table: A row for each epoch from 0, the start, on, and a column for each of
            `result_columns()`, float64. No rows if the run failed.
        thresholds: 101 evenly spaced from 0 to 1, float64, shape (t,).
        validation: Each figure at every threshold after the last epoch, float64, shape (t,), on
            the validation rows; nan if the run diverged or failed. Figures that need no threshold,
            mAP and LRAP, are the same at each.
        test: The same on the test rows.
        seconds: Its share of the time that its group took.
        error: Why it failed; empty if it did not.
    """

    config: TrainConfig
    table: np.ndarray = field(default_factory=lambda: as_table([]))
    thresholds: np.ndarray = field(default_factory=lambda: THRESHOLDS)
    validation: Mapping[str, np.ndarray] = field(default_factory=lambda: nothing())
    test: Mapping[str, np.ndarray] = field(default_factory=lambda: nothing())
    seconds: float = 0.0
    error: str = ""

    @cached_property
    def epochs(self) -> "pd.DataFrame":
        """The table with names: epoch, train_loss, validation_loss (nats), diverged; and each of
        `mlcore.figures.FIGURES` on the validation rows at threshold 0.5.
        """
        frame = pd.DataFrame(dict(zip(result_columns(), self.table.T.copy(), strict=True)))
        return frame.astype({"epoch": np.int64, "diverged": bool})

    @cached_property
    def diverged(self) -> bool:
        """Whether a loss was no longer finite."""
        return bool(self.table[:, result_columns().index("diverged")].any())

    def at_half(self, figure: str) -> float:
        """A figure on the test rows at threshold 0.5.

        Args:
            figure: A key of `mlcore.figures.FIGURES`.
        """
        check_choice("figure", figure, self.test)
        return float(self.test[figure][HALF])

    def tuned(self, figure: str) -> tuple[float, float]:
        """The best threshold on the validation rows, and the figure there on the test rows.

        Precision and recall are read where F1 is best, see `FigureInfo.tuned_by`. Both are nan
        if the run diverged or failed; of a figure that needs no threshold, only that is.

        Args:
            figure: A key of `mlcore.figures.FIGURES`.
        """
        check_choice("figure", figure, self.test)
        found = self.readings(figure)
        return found["tuned_threshold"], found["tuned_test"]

    def readings(self, figure: str) -> dict[str, float]:
        """A figure by each of READINGS: at 0.5 and at the threshold of `tuned`, and that one.

        Args:
            figure: As in `tuned`.
        """
        validation, test, place = self.validation[figure], self.test[figure], self._best[figure]
        is_tuned = FIGURES[figure].is_cut and not np.isnan(validation[place])
        threshold = self.thresholds[place] if is_tuned else nan
        figures = validation[HALF], test[HALF], threshold, validation[place], test[place]
        return dict(zip(READINGS, map(float, figures), strict=True))

    @cached_property
    def _best(self) -> dict[str, int]:
        """Where the threshold stands that is best on the validation rows, for each figure."""
        places = {figure: best_place(figure, values) for figure, values in self.validation.items()}
        return {figure: places[FIGURES[figure].tuned_by] for figure in places}


def nothing() -> dict[str, np.ndarray]:
    """The figures of a run that has none."""
    return {figure: np.full(len(THRESHOLDS), nan) for figure in FIGURES}


def summary_frame(results: Sequence[RunResult], tried: Collection[str] = ()) -> "pd.DataFrame":
    """A row for each run.

    Args:
        results: The runs.
        tried: Settings that have a column even if they are alike in all runs.

    Returns:
        What varies between configurations (parameters of losses in columns of their own), seed,
        seconds, diverged, error, and for each figure f: validation_f and test_f at threshold 0.5;
        tuned_threshold_f, that of `RunResult.tuned`, and at it tuned_validation_f and
        tuned_test_f (of mAP and LRAP there is no such threshold, and what is tuned is as at 0.5).
        Numbers where a column has only numbers, words where it has any; widths of
        hidden layers as "64-32".
    """
    columns: dict[str, object] = dict(_varying([result.config for result in results], tried))
    columns["seed"] = np.array([result.config.seed for result in results], np.int64)
    columns["seconds"] = np.array([result.seconds for result in results], np.float64)
    columns["diverged"] = np.array([result.diverged for result in results], bool)
    columns["error"] = [result.error for result in results]
    for figure in FIGURES:
        found = [result.readings(figure) for result in results]
        for name in READINGS:
            columns[f"{name}_{figure}"] = np.array([each[name] for each in found], np.float64)
    return pd.DataFrame(columns)


def epoch_frame(results: Sequence[RunResult], tried: Collection[str] = ()) -> "pd.DataFrame":
    """A row for each configuration, seed and epoch; runs that failed have none.

    Args:
        results: The runs.
        tried: Settings that have a column even if they are alike in all runs.

    Returns:
        What varies between configurations, seed, the columns of `RunResult.epochs`, and at the
        last epoch, nan before, test_f for each figure f at threshold 0.5 and tuned_test_f, both
        on the test rows.
    """
    results = list(results)
    lengths = np.array([len(result.epochs) for result in results], np.int64)
    columns: dict[str, object] = {
        name: values.repeat(lengths).reset_index(drop=True)
        for name, values in _varying([result.config for result in results], tried).items()
    }
    columns["seed"] = np.repeat(
        np.array([result.config.seed for result in results], np.int64), lengths
    )
    for name in result_columns():
        parts = [result.epochs[name].to_numpy() for result in results]
        columns[name] = np.concatenate(parts) if parts else np.empty(0)
    last = np.cumsum(lengths) - 1
    ended = lengths > 0
    for figure in FIGURES:
        for name, value in (
            (f"test_{figure}", [result.at_half(figure) for result in results]),
            (f"tuned_test_{figure}", [result.tuned(figure)[1] for result in results]),
        ):
            columns[name] = np.full(lengths.sum(), nan)
            columns[name][last[ended]] = np.array(value, float)[ended]
    return pd.DataFrame(columns)


def result_columns() -> tuple[str, ...]:
    """The columns of `RunResult.epochs`."""
    return ("epoch", "train_loss", "validation_loss", "diverged", *FIGURES)


def as_table(rows: Sequence[Sequence]) -> np.ndarray:
    """`RunResult.table` from rows in the order of `result_columns`."""
    return np.array(list(rows), np.float64).reshape(-1, len(result_columns()))


def _varying(configs: Sequence[TrainConfig], tried: Collection[str]) -> "dict[str, pd.Series]":
    """A column for each setting that was tried, or in which configurations differ, seeds aside."""
    rows = [effective_settings(config) for config in configs]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return {
        name: _column(values)
        for name, values in columns.items()
        if name in tried or len({*values} - {None}) > 1  # a loss may lack a parameter
    }


def _column(values: list) -> "pd.Series":
    """Numbers as numbers; with a word or a tuple among them all as text, so that they sort."""
    are_bool = all(isinstance(value, bool) for value in values)
    if are_bool or not any(isinstance(value, bool | str | tuple) for value in values):
        return pd.Series(values)
    return pd.Series([_as_text(value) for value in values])


def _as_text(value: object) -> str | None:
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    if isinstance(value, bool | str) or value is None:
        return value if value is None else str(value)
    return str(float(value))  # 1 and 1.0 are one setting
