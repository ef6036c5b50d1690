"""Training a group of configurations to the end; this is what a worker does."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlcore.datasets import Dataset
from mlcore.sweeps.plan import group_size, groups
from mlcore.sweeps.results import (
    FIGURES,
    THRESHOLDS,
    RunResult,
    failed,
    make_epochs,
    nothing,
)
from mlcore.sweeps.work import Data, resolve
from mlcore.thresholds.sweep import ThresholdSweep
from mlcore.training.config import EpochRecord, TrainConfig
from mlcore.training.loop import Race

PROBE_SECONDS = 3.0  # when so much was spent on measuring, the rest is taken as what was measured
# First weights are drawn from the random numbers of the process, which its threads share.
_drawing = threading.Lock()


def run_group(dataset: Dataset, configs: Sequence[TrainConfig]) -> list[RunResult]:
    """Train configurations in one race, and see how well they do on the test rows.

    If the race fails, out of memory for instance, each is tried once more on its own.

    Args:
        dataset: Rows to train on, to tune thresholds on and to test on.
        configs: One for each run, alike in what `Race` asks for.

    Returns:
        One for each configuration, in their order; what failed has an `error`.
    """
    start = time.perf_counter()
    try:
        return _run(dataset, configs, start)
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}"
    # Outside of the handler, whose exception keeps alive what the race held.
    if len(configs) == 1:
        return [failed(configs[0], error, time.perf_counter() - start)]
    return [result for config in configs for result in run_group(dataset, [config])]


def expected_seconds(configs: Sequence[TrainConfig], dataset: Data) -> float:
    """How long runs will take on one core, from one epoch of one group of each kind.

    Args:
        configs: One for each run.
        dataset: What they train on; or (name, options) of a built-in one.
    """
    dataset = resolve(dataset)
    parts = groups(configs, group_size(len(configs)))
    kinds: dict[tuple, list[list[TrainConfig]]] = {}
    for part in parts:
        kinds.setdefault((part[0].layers, part[0].batch_size, part[0].device), []).append(part)
    start, measured, known, total = time.perf_counter(), 0.0, 0, 0
    for alike in kinds.values():
        epochs = sum(len(part) * (part[0].epochs + 1) for part in alike)  # the start is scored too
        total += epochs
        if not known or time.perf_counter() - start < PROBE_SECONDS:
            epoch, end = _seconds_an_epoch_and_at_the_end(alike[0], dataset)
            measured += epochs * epoch / len(alike[0]) + sum(map(len, alike)) * end
            known += epochs
    return measured * total / known if known else 0.0


def _seconds_an_epoch_and_at_the_end(
    configs: Sequence[TrainConfig], dataset: Dataset
) -> tuple[float, float]:
    """What an epoch of a group takes, and what is done at the end for one of its runs."""
    once = [replace(config, epochs=1) for config in configs]
    race = Race(once, dataset)
    records = iter(race)
    next(records)  # the start, in which libraries get ready
    _figures_of(race, 0)
    start = time.perf_counter()
    ended = next(records)
    epoch = time.perf_counter() - start
    known = [place for place, record in enumerate(ended) if not record.diverged]
    start = time.perf_counter()
    if known:
        _figures_of(race, known[0])
    return epoch, time.perf_counter() - start


def _run(dataset: Dataset, configs: Sequence[TrainConfig], start: float) -> list[RunResult]:
    with _drawing:
        race = Race(configs, dataset)
    rows: list[list[tuple]] = [[] for _ in configs]
    for records in race:
        for row, record in zip(rows, records, strict=True):
            row.append(_epoch_row(record))
    # Every threshold is looked at once only, for it takes longer than an epoch of a small model.
    figures = [
        (nothing(), nothing()) if record.diverged else _figures_of(race, place)
        for place, record in enumerate(records)
    ]
    seconds = (time.perf_counter() - start) / len(configs)
    return [
        RunResult(
            config=config,
            epochs=make_epochs(row),
            thresholds=THRESHOLDS,
            validation=validation,
            test=test,
            seconds=seconds,
        )
        for config, row, (validation, test) in zip(configs, rows, figures, strict=True)
    ]


def _epoch_row(record: EpochRecord) -> tuple:
    """What an epoch gave, in the order of `result_columns`."""
    return (
        round(record.epoch),
        record.train_loss,
        record.validation_loss,
        record.diverged,
        *(record.scores[figure][0] for figure in FIGURES),
    )


def _figures_of(race: Race, contender: int) -> tuple[dict[str, np.ndarray], ...]:
    """What a contender has at every threshold on validation rows, and on test rows."""
    parts = race.dataset.validation, race.dataset.test
    return tuple(
        ThresholdSweep(
            race.dataset.y[rows], race.probabilities(contender, rows), thresholds=THRESHOLDS
        ).figures
        for rows in parts
    )
