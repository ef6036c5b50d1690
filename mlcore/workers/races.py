"""Races that train in worker processes while the process that shows them stays quick.

This side needs no torch. A run's records arrive in the background; whoever watches reads them.
"""

import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from mlcore.datasets import Dataset
from mlcore.datasets.source import Data, resolve
from mlcore.training import EpochRecord, TrainConfig
from mlcore.workers.memory import give_back, on_disk
from mlcore.workers.pool import Pool, Share, Task, seconds_until_room, shared

ACTIVE = ("queued", "starting", "running", "paused")
RESIDENTS = 4  # races for each worker whose state is in memory
KEPT_BYTES = 2**26  # of predictions and figures of runs that have ended, in memory
RUN_RACE = "mlcore.workers.racing:run_race"


class Figures(Mapping[str, np.ndarray]):
    """`EpochRecord.scores` as the rows of a table."""

    def __init__(self, names: tuple[str, ...], table: np.ndarray) -> None:
        self._names, self._table = names, table

    def __getitem__(self, name: str) -> np.ndarray:
        try:
            return self._table[self._names.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(eq=False)
class Run:
    """One race, as seen from outside. Fields are replaced or appended to, never rewritten.

    Attributes:
        id: Cannot be guessed: who knows it may watch.
        configs: One for each contender.
        dataset: What it trains on.
        data: Name and options of the same, if it has any: a worker loads it itself then.
        state: "queued" (see `Races.place`), "starting" (no record yet), "running", "paused" (at
            `last_step`), "finished", "stopped" or "failed".
        last_step: It trains up to this optimizer step; see `Races.allow`.
        records: One list of all contenders' records for each recorded step.
        pulses: Between records: the step, and each contender's mean loss since the last record.
        predictions: For "validation" and "test" each contender's probabilities on those rows,
            (rows, k), as they were lately.
        predictions_step: The optimizer step that they are of.
        seconds: Time spent training.
        error: Why it failed, for people to read.
        version: Grows whenever something above changes.
        seen: When somebody last watched (monotonic seconds).
        is_on_disk: Whether figures and predictions are; they look the same.
    """

    id: str
    configs: tuple[TrainConfig, ...]
    dataset: Dataset
    data: Data | None = None
    state: str = "queued"
    last_step: float = math.inf
    records: list[list[EpochRecord]] = field(default_factory=list)
    pulses: list[tuple[int, list[float]]] = field(default_factory=list)
    predictions: dict[str, list[np.ndarray]] = field(default_factory=dict)
    predictions_step: int = -1
    seconds: float = 0.0
    error: str = ""
    version: int = 0
    seen: float = field(default_factory=time.monotonic)
    is_on_disk: bool = False

    @property
    def active(self) -> bool:
        """Whether it can still train."""
        return self.state in ACTIVE

    @property
    def size(self) -> int:
        """Bytes of `arrays`."""
        scores = self.records[0][0].scores.values() if self.records else ()
        figures = len(self.records) * len(self.configs) * sum(own.nbytes for own in scores)
        return figures + sum(own.nbytes for parts in self.predictions.values() for own in parts)

    @property
    def arrays(self) -> list[np.ndarray]:
        """What takes memory: predictions, and for each record (contenders, figures, thresholds)."""
        figures = [np.array([[*own.scores.values()] for own in each]) for each in self.records]
        return [*figures, *(own for parts in self.predictions.values() for own in parts)]

    def take(self, arrays: Iterator[np.ndarray]) -> None:
        """Have the same arrays from elsewhere."""
        if self.records:
            first = self.records[0][0]
            thresholds, names = first.thresholds, tuple(first.scores)
            self.records = [
                [
                    replace(own, scores=Figures(names, table), thresholds=thresholds)
                    for own, table in zip(each, next(arrays), strict=True)
                ]
                for each in self.records
            ]
        self.predictions = {
            split: [next(arrays) for _ in parts] for split, parts in self.predictions.items()
        }
        self.is_on_disk = True

    @property
    def steps(self) -> int:
        """Optimizer steps in the whole run."""
        return self.steps_per_epoch * self.configs[0].epochs

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in a pass over the training rows."""
        return -(-len(self.dataset.train) // self.configs[0].batch_size)

    @property
    def step(self) -> int:
        """Optimizer steps taken, as far as known."""
        recorded = self.records[-1][0].step if self.records else 0
        # Where it stands there may be no record and no pulse, but then there are predictions.
        return max(recorded, self.pulses[-1][0] if self.pulses else 0, self.predictions_step)

    @property
    def epoch(self) -> float:
        """Passes over the training rows, as far as known."""
        return self.step / self.steps * self.configs[0].epochs

    @cached_property
    def true_labels(self) -> float:
        """Mean number of labels that are true for a validation row."""
        return float(self.dataset.y[self.dataset.validation].sum(axis=1).mean())

    @property
    def rows_per_second(self) -> float:
        """Training rows that went through each contender, per second of training; 0 if unknown."""
        rows = self.epoch * len(self.dataset.train)
        return rows / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated training time still to go; None before the first step."""
        return self.seconds * (self.steps / self.step - 1) if self.step else None

    def receive(self, kind: str, content: tuple | dict) -> None:
        """Take in what the worker told."""
        if kind == "records":
            records, self.seconds = content
            self.records.extend(records)
        elif kind == "pulse":
            step, losses, self.seconds = content
            self.pulses.append((step, losses))
        else:
            self.predictions_step, self.predictions = content
        self.version += 1

    def become(self, state: str, error: str = "") -> None:
        """Change the state."""
        self.state, self.error = state, error
        self.version += 1


class Races:
    """Starts races, lets them train as far as they may, and keeps what they report.

    Each trains in turns with the others, in one of the pool's workers. Of those that have begun
    and have not ended so many are kept in the workers' memory; later ones wait in their order,
    and one that is paused makes room for them. It is then trained again from its start when it is
    to go on, which gives the same figures, and what is known already is not told twice. The same
    is done when a worker dies.

    Args:
        pool: Where they train; the one of this process when None.
        residents: How many may be in the workers' memory at one time; four for each worker when
            None.
        max_kept: Most runs remembered; of those that have ended and nobody watches the one seen
            longest ago is forgotten first.
        unwatched_seconds: A run that nobody watched for so long is stopped.
        is_watched: Tells whether somebody watches a run; without it only `watch` counts.
    """

    def __init__(
        self,
        pool: Pool | None = None,
        *,
        residents: int | None = None,
        max_kept: int = 64,
        unwatched_seconds: float = 30.0,
        is_watched: Callable[[str], bool] | None = None,
    ) -> None:
        self.pool = pool or shared()
        self.residents = residents or RESIDENTS * self.pool.workers
        self.max_kept, self.unwatched_seconds = max_kept, unwatched_seconds
        self.is_watched = is_watched or (lambda run_id: False)
        self._runs: dict[str, Run] = {}
        self._queue: list[_Training] = []
        self._inside: dict[str, _Training] = {}  # by run id: those in the workers' memory
        self._lock = threading.RLock()
        self._closed = threading.Event()
        threading.Thread(target=self._look_after, daemon=True).start()

    def start(
        self,
        configs: Sequence[TrainConfig],
        data: Data,
        *,
        last_step: float = math.inf,
        share: Share | None = None,
    ) -> Run:
        """Begin a race, or let it wait for its turn, and return when its data are loaded.

        Args:
            configs: One for each contender, as in `mlcore.training.race`.
            data: Name and options of a built-in data set, or a Dataset.
            last_step: As in `allow`.
            share: Whose time it takes: a visitor's, who gets no more of it by several runs.

        Raises:
            ValueError: If there is no such data set.
        """
        run = Run(
            id=secrets.token_urlsafe(16),
            configs=tuple(configs),
            dataset=resolve(data),
            data=data,
            last_step=last_step,
        )
        with self._lock:
            self._runs[run.id] = run
            self._forget_oldest()
            self._queue.append(_Training(self, run, share))
            self._let_in()
        return run

    def get(self, run_id: str) -> Run | None:
        """The run of that id, if it is still known."""
        return self._runs.get(run_id)

    @property
    def runs(self) -> list[Run]:
        """Those that are known, in the order in which they came."""
        return list(self._runs.values())

    def watch(self, run_id: str) -> None:
        """Say that somebody looks at a run, which keeps it going."""
        if run := self.get(run_id):
            run.seen = time.monotonic()

    def allow(self, run: Run, last_step: float) -> None:
        """Let a run train up to an optimizer step and pause there; no wait.

        A step that it has reached pauses it at once, and `math.inf` lets it go on to its end.

        Args:
            run: Any; one that was stopped goes on too, one that has finished or failed does not.
            last_step: Counted from its start.
        """
        with self._lock:
            if run.state in ("finished", "failed"):
                return
            run.last_step = last_step
            if (training := self._inside.get(run.id)) is not None:
                training.goes_on = run.step < last_step
                if run.state == "paused" and training.goes_on:
                    run.become("running")
                self.pool.wake(training)
            elif run.state in ("paused", "stopped") and run.step < last_step:
                run.become("queued")
                self._queue.append(_Training(self, run, None))
                self._let_in()
            elif run.state == "queued" and run.step >= last_step:
                self._leave_queue(run)
                run.become("paused")

    def stop(self, run: Run) -> None:
        """Have a run end, keeping what it did; no wait."""
        with self._lock:
            training = self._inside.get(run.id)
            if training is not None and training.used:
                training.is_stopping, training.goes_on = True, False
                self.pool.wake(training)
            elif run.active:
                if training is not None:  # its data are being loaded, or a process is started
                    self.pool.drop(self._inside.pop(run.id))
                self._leave_queue(run)
                run.become("stopped")
                self._let_in()

    def place(self, run: Run) -> int:
        """How many runs are let in before this one, itself included; 0 when it does not wait."""
        waiting = [training.run for training in self._queue]
        return waiting.index(run) + 1 if run in waiting else 0

    def seconds_until_in(self, run: Run) -> float | None:
        """How long a run will wait until it is let in, as far as known.

        Those of whom nothing is known yet count like the others on average.
        """
        if run.state != "queued":
            return 0.0
        inside = [training.run for training in self._inside.values()]
        ahead = [training.run for training in self._queue][: max(0, self.place(run) - 1)]
        training = [other for other in inside if other.state != "paused"]
        left = {other: other.seconds_left for other in (*training, *ahead)}
        known = [seconds for seconds in left.values() if seconds is not None]
        if not known:
            return None
        mean = sum(known) / len(known)
        seconds = {other: mean if own is None else own for other, own in left.items()}
        return seconds_until_room(
            [seconds[other] for other in training],
            [seconds[other] for other in ahead],
            room=self.residents,
            workers=self.pool.workers,
        )

    def forget(self, run: Run) -> None:
        """Know no more of a run, which has ended or does so now."""
        self.stop(run)
        self._runs.pop(run.id, None)

    def warm_up(self) -> None:
        """Have a worker started, so that the first run need not wait for it."""
        self.pool.warm_up()

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that runs can use, as far as known: "cpu" until a worker has reported."""
        return self.pool.prepared or ("cpu",)

    def close(self) -> None:
        """Stop all runs."""
        self._closed.set()
        for run in self.runs:
            self.stop(run)

    def _let_in(self) -> None:
        """Give the next ones to the pool while there is room, or somebody to make it."""
        while self._queue:
            if len(self._inside) >= self.residents:
                paused = [t for t in self._inside.values() if t.run.state == "paused"]
                if not paused:
                    return
                self.pool.drop(self._inside.pop(paused[0].run.id))
            training = self._queue.pop(0)
            self._inside[training.run.id] = training
            training.run.become("running" if training.run.records else "starting")
            self.pool.add(training)

    def _leave_queue(self, run: Run) -> None:
        self._queue = [training for training in self._queue if training.run is not run]

    def _leave(self, training: "_Training", state: str, error: str = "") -> None:
        """A run has ended."""
        with self._lock:
            self._inside.pop(training.run.id, None)
            training.run.become(state, error)
            if state == "stopped" and training.goes_on:  # it was wanted again meanwhile
                self.allow(training.run, training.run.last_step)
            self._let_in()

    def _forget_oldest(self) -> None:
        ended = sorted((run for run in self.runs if not run.active), key=lambda run: run.seen)
        unseen = [run for run in ended if not self.is_watched(run.id)]
        for run in unseen[: max(0, len(self._runs) - self.max_kept)]:
            del self._runs[run.id]

    def _look_after(self) -> None:
        """Every second: stop what nobody watches, and put aside what takes too much memory."""
        while not self._closed.wait(min(1.0, self.unwatched_seconds / 4)):
            for run in self.runs:
                if self.is_watched(run.id):
                    run.seen = time.monotonic()
                elif run.active and time.monotonic() - run.seen > self.unwatched_seconds:
                    self.stop(run)
            with suppress(OSError):  # a full disk; all stays in memory
                self._put_aside()

    def _put_aside(self) -> None:
        """Past a budget, have runs that ended on disk: those first that were seen longest ago."""
        ended = [run for run in self.runs if not run.active and not run.is_on_disk]
        left, chosen = sum(run.size for run in ended), []
        if left > KEPT_BYTES:
            for run in sorted(ended, key=lambda run: run.seen):
                if left > KEPT_BYTES / 2:  # some at a time, for each file is one that is open
                    chosen.append(run)
                    left -= run.size
            arrays = iter(on_disk([array for run in chosen for array in run.arrays]))
            for run in chosen:
                run.take(arrays)
            give_back()


class _Training(Task):
    """A run's turns."""

    name = RUN_RACE

    def __init__(self, races: Races, run: Run, share: Share | None) -> None:
        super().__init__(share)
        self.races, self.run = races, run
        self.is_stopping = self.goes_on = False

    def begin(self):
        known = len(self.run.records), self.run.step
        data = self.run.data or self.run.dataset
        return RUN_RACE, (self.run.configs, data, self.run.last_step, known), {}

    def say(self) -> float | None:
        return None if self.is_stopping else self.run.last_step

    def hear(self, message) -> None:
        self.run.receive(*message)
        if self.run.state == "starting":
            self.run.become("running")

    def rest(self) -> None:
        with self.races._lock:
            if self.run.step >= self.run.last_step:
                self.run.become("paused")

    def end(self, result, error) -> None:
        if error is None:
            self.races._leave(self, "stopped" if self.is_stopping else "finished")
        else:
            self.races._leave(self, "failed", str(error))
