"""Training a group of configurations to the end; this is what a worker does.

Torch is imported where it trains: who sends work and reads results needs none.
"""

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlcore import training
from mlcore.datasets import Dataset
from mlcore.datasets.source import Data, resolve
from mlcore.figures import FIGURES
from mlcore.generators import Timed, completed
from mlcore.lazy import torch
from mlcore.sweeps.plan import group_size, groups
from mlcore.sweeps.results import THRESHOLDS, RunResult, as_table, nothing
from mlcore.training.config import EpochRecord, TrainConfig

Parts = list[list[TrainConfig]]
HEARTBEAT = 0.01
PROBE_SECONDS = 3.0  # when so much was spent on measuring, the rest is taken as what was measured
# First weights are drawn from the random numbers of the process, which its threads share.
_drawing = threading.Lock()


def run_group(dataset: Data, configs: Sequence[TrainConfig]) -> list[RunResult]:
    """Train configurations in one race, and see how well they do on the test rows.

    If the race fails, out of memory for instance, each is tried once more on its own.

    Args:
        dataset: Rows to train on, to tune thresholds on and to test on; or (name, options) of a
            built-in one.
        configs: One for each run, alike in what `Race` asks for.

    Returns:
        One for each configuration, in their order; what failed has an `error`.
    """
    return completed(run_in_turns(dataset, configs))


def run_in_turns(
    dataset: Data, configs: Sequence[TrainConfig]
) -> Generator[None, None, list[RunResult]]:
    """`run_group`, which stops now and then."""
    dataset = resolve(dataset)
    start = time.perf_counter()
    try:
        return (yield from _run(dataset, configs))
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}"
    # Outside of the handler, whose exception keeps alive what the race held.
    if len(configs) == 1:
        seconds = time.perf_counter() - start
        return [RunResult(config=configs[0], error=error, seconds=seconds)]
    alone = []
    for config in configs:
        alone += yield from run_in_turns(dataset, [config])
    return alone


def train_part(data: Data, configs: Sequence[TrainConfig]) -> list[RunResult]:
    """Train a group on one thread, in whatever process this is."""
    torch.set_num_threads(1)
    return run_group(data, configs)


def gone(config: TrainConfig) -> RunResult:
    """The result of a run that took the process that trained it with it, however often."""
    return RunResult(
        config=config,
        error="the process that trained this run ended without a word, each time it was tried; "
        "it may have run out of memory",
    )


def expected_seconds(configs: Sequence[TrainConfig], dataset: Data) -> float:
    """How long runs will take on one core, from one epoch of one group of each kind.

    Args:
        configs: One for each run.
        dataset: What they train on; or (name, options) of a built-in one.
    """
    return completed(measure_in_turns(configs, dataset))


def measure_in_turns(configs: Sequence[TrainConfig], dataset: Data) -> Generator[None, None, float]:
    """`expected_seconds`, which stops now and then."""
    dataset = resolve(dataset)
    kinds: dict[tuple, list[list[TrainConfig]]] = {}
    for part in groups(configs, group_size(len(configs))):
        kinds.setdefault((part[0].layers, part[0].batch_size, part[0].device), []).append(part)
    spent, measured, known, total = 0.0, 0.0, 0, 0
    for alike in kinds.values():
        epochs = sum(len(part) * (part[0].epochs + 1) for part in alike)  # the start is scored too
        total += epochs
        if not known or spent < PROBE_SECONDS:
            epoch, end, whole = yield from _measure(alike[0], dataset)
            measured += epochs * epoch / len(alike[0]) + sum(map(len, alike)) * end
            known += epochs
            spent += whole
    return measured * total / known if known else 0.0


def _measure(
    configs: Sequence[TrainConfig], dataset: Dataset
) -> Generator[None, None, tuple[float, float, float]]:
    """What an epoch of a group takes, what is done at the end for one of its runs, and this."""
    begun = time.perf_counter()
    race = training.Race(
        [replace(config, epochs=1) for config in configs], dataset, heartbeat=HEARTBEAT
    )
    building, first = time.perf_counter() - begun, None
    timed = Timed(race)
    for records in timed:
        if records:
            newest = records
        if first is None:  # the start, in which libraries get ready
            first = timed.seconds
            _figures_of(race, 0)
        yield
        if timed.seconds - first > PROBE_SECONDS:
            break
    epoch = (timed.seconds - first) / race.step * race.steps
    known = [place for place, record in enumerate(newest) if not record.diverged]
    scoring = Timed(_figures_of(race, place) for place in known[:1])
    list(scoring)
    return epoch, scoring.seconds, building + timed.seconds + scoring.seconds


def _run(
    dataset: Dataset, configs: Sequence[TrainConfig]
) -> Generator[None, None, list[RunResult]]:
    begun = time.perf_counter()
    with _drawing:
        race = training.Race(configs, dataset, heartbeat=HEARTBEAT)
    building = time.perf_counter() - begun
    rows, figures = [[] for _ in configs], []
    timed = Timed(race)
    for records in timed:
        if records:
            newest = records
            for row, record in zip(rows, records, strict=True):
                row.append(_epoch_row(record))
        yield
    # Every threshold is looked at once only, for it takes longer than an epoch of a small model.
    scoring = Timed(_final_figures(race, newest))
    for both in scoring:
        figures.append(both)
        yield
    return [
        RunResult(
            config=config,
            table=as_table(own),
            validation=validation,
            test=test,
            seconds=(building + timed.seconds + scoring.seconds) / len(configs),
        )
        for config, own, (validation, test) in zip(configs, rows, figures, strict=True)
    ]


def _final_figures(
    race: "training.Race", records: Sequence[EpochRecord]
) -> Iterator[tuple[dict[str, np.ndarray], ...]]:
    """For each contender what `_figures_of` gives, or nan where it diverged."""
    for place, record in enumerate(records):
        yield (nothing(), nothing()) if record.diverged else _figures_of(race, place)


def _epoch_row(record: EpochRecord) -> tuple:
    """What an epoch gave, in the order of `result_columns`."""
    return (
        round(record.epoch),
        record.train_loss,
        record.validation_loss,
        record.diverged,
        *map(record.figure, FIGURES),
    )


def _figures_of(race: "training.Race", contender: int) -> tuple[dict[str, np.ndarray], ...]:
    """What a contender has at every threshold on validation rows, and on test rows."""
    return tuple(
        sweep.figures
        | {name: np.full(len(THRESHOLDS), value) for name, value in sweep.ranking.items()}
        for sweep in race.sweeps(contender)
    )
