"""One small model, trained again from the same start while one of its settings is dragged.

Thresholds are tuned on validation rows and reported on test rows. Torch is imported by `retrain`.
"""

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, nan

import numpy as np

from mlcore import training
from mlcore.checks import check_choice
from mlcore.datasets import DATASETS
from mlcore.datasets.source import resolve
from mlcore.figures import F1S
from mlcore.generators import Timed, completed
from mlcore.training import EpochRecord, TrainConfig

LIVE_SECONDS = 0.06  # what may pass before something no longer follows a drag
LONGEST_SECONDS = 20.0  # more is for a run of its own, not for a slider
HEARTBEAT = 0.01
PROBE_SECONDS = 0.5  # of training, from which the rest is foreseen
MOST_CELLS = 2 * 10**8  # rows × labels × epochs
MOST_WEIGHTS = 5 * 10**6
AT_HALF = (*F1S, "labels_per_row", "empty_share")
CURVES = ("train_loss", "validation_loss", *F1S)


class TooLong(ValueError):
    """Raised where a run would take too long for a slider.

    Attributes:
        seconds: How long it would take, as foreseen from its first steps.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"a retraining must take at most {LONGEST_SECONDS:g} s, this one would take about "
            f"{ceil(self.seconds)} s"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Retraining:
    """One run, as it is drawn.

    Attributes:
        curves: The rows of CURVES after each epoch from 0, the start, on, float64, (5, epochs + 1):
            both losses as `EpochRecord` has them (nats), and the F1s on the validation rows at
            threshold 0.5. nan once the run has diverged.
        at_half: For each of AT_HALF the figure on the test rows at threshold 0.5; nan if the run
            diverged, as is all that follows.
        tuned: For each of F1S the threshold that is best for it on the validation rows, of 101,
            and its value on the test rows.
        true_labels_per_row: Of the test rows.
        label_f1: F1 of each label on the test rows at threshold 0.5, shape (k,), in the order of
            `labels`. 0 for a label without a true row there, which macro F1 is not over.
        labels: Columns of y, those most often true in training rows first, shape (k,).
        diverged: Whether a loss was no longer finite.
        seconds: What training and scoring took.
    """

    curves: np.ndarray
    at_half: Mapping[str, float]
    tuned: Mapping[str, tuple[float, float]]
    true_labels_per_row: float
    label_f1: np.ndarray
    labels: np.ndarray
    diverged: bool
    seconds: float


def check_size(data: str, options: Mapping[str, float], epochs: int) -> None:
    """Raise ValueError or TypeError unless there is such a data set, small enough to retrain on.

    Looks at what is known before anything is loaded.

    Args:
        data: A key of `mlcore.datasets.DATASETS`.
        options: What `mlcore.datasets.load` takes with it.
        epochs: Passes over the training rows.

    Example:
        >>> check_size("synthetic", {"rows": 2000, "labels": 20}, epochs=20)
    """
    check_choice("data", data, DATASETS)
    values = DATASETS[data].check(options)
    cells = values.get("rows", 1) * values.get("labels", 1) * epochs
    if cells > MOST_CELLS:
        raise ValueError(
            f"rows × labels × epochs must be at most {MOST_CELLS:,} to retrain, got {cells:,}"
        )


def retrain(data: str, options: Mapping[str, float], config: TrainConfig) -> Retraining:
    """Train from the start and score; data sets are kept for the next call.

    Args:
        data: A key of `mlcore.datasets.DATASETS`.
        options: What `mlcore.datasets.load` takes with it.
        config: What to train. Equal ones give equal results, those of `mlcore.training.train`.

    Raises:
        TooLong: If it would take more than `LONGEST_SECONDS`.
        ValueError: If the data set or the model is too large for this, or does not exist.

    Example:
        >>> config = TrainConfig(model="linear", epochs=2)
        >>> retrain("digits", {"rows": 300}, config).curves.shape
        (5, 3)
    """
    return completed(retrain_in_turns(data, options, config))


def retrain_in_turns(
    data: str, options: Mapping[str, float], config: TrainConfig
) -> Generator[None, None, Retraining]:
    """`retrain`, which stops now and then."""
    check_size(data, options, config.epochs)
    dataset = resolve((data, options))
    widths = (dataset.x.shape[1], *config.layers, dataset.n_labels)
    weights = sum(below * above for below, above in pairwise(widths))
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"a model must have at most {MOST_WEIGHTS:,} weights to retrain, got {weights:,}"
        )
    start = time.perf_counter()
    race = training.Race([config], dataset, record="epoch", thresholds=(0.5,), heartbeat=HEARTBEAT)
    built = time.perf_counter() - start
    records, first, timed = [], None, Timed(race)
    for found in timed:
        records += found
        if first is None:  # what is done once only, such as compiling, lies before it
            first = timed.seconds
        elif race.step and (elapsed := timed.seconds - first) > PROBE_SECONDS:
            expected = elapsed / race.step * race.steps
            if expected > LONGEST_SECONDS:
                raise TooLong(expected)
        yield
    start = time.perf_counter()
    order = np.argsort(-dataset.y[dataset.train].sum(axis=0, dtype=np.int64), kind="stable")
    diverged = records[-1].diverged
    return Retraining(
        curves=np.array([_figures(record) for record in records]).T,
        true_labels_per_row=float(dataset.y[dataset.test].sum(axis=1).mean()),
        labels=order,
        diverged=diverged,
        seconds=built + timed.seconds + time.perf_counter() - start,
        **_scored(race, order, diverged),
    )


def _figures(record: EpochRecord) -> list[float]:
    losses = (nan, nan) if record.diverged else (record.train_loss, record.validation_loss)
    return [*losses, *(float(record.scores[name][0]) for name in F1S)]


def _scored(race, order: np.ndarray, diverged: bool) -> dict[str, object]:
    """Figures on the test rows, at one half and where the validation rows are best."""
    if diverged:
        at_half, tuned = dict.fromkeys(AT_HALF, nan), dict.fromkeys(F1S, (nan, nan))
        return {"at_half": at_half, "tuned": tuned, "label_f1": np.full(len(order), nan)}
    validation, test = race.sweeps(0)
    best = {name: validation.best(name)[0] for name in F1S}
    figures = test.at(0.5)
    return {
        "at_half": {name: figures[name] for name in AT_HALF},
        "tuned": {name: (place, test.at(place)[name]) for name, place in best.items()},
        "label_f1": test.labels_at(0.5)["f1"][order],
    }
