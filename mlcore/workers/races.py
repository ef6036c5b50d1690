"""Races that train in worker processes while the process that shows them stays quick.

This side needs no torch. A run's records arrive in the background; whoever watches reads them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

import numpy as np

from mlcore.datasets import Dataset
from mlcore.datasets.source import Data, resolve
from mlcore.training import EpochRecord, TrainConfig
from mlcore.workers.memory import on_disk
from mlcore.workers.pool import Pool
from mlcore.workers.queue import Queue, Work
from mlcore.workers.task import Share, Task

RESIDENTS = 4  # races for each worker whose state is in memory
RUN_RACE = "mlcore.workers.racing:run_race"


class Table(Mapping[str, np.ndarray]):
    """Parts of one array by name. It may be put on disk: all who hold it see no difference.

    Args:
        array: Any.
        parts: Where in it each part is.
        step: The optimizer step that it is of.
    """

    __eq__, __hash__ = object.__eq__, object.__hash__  # each is one of its own

    def __init__(self, array: np.ndarray, parts: Mapping[str, object], step: int) -> None:
        self.array, self.parts, self.step = array, parts, step
        self.is_on_disk = False

    def __getitem__(self, name: str) -> np.ndarray:
        return self.array[self.parts[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


NO_PREDICTIONS = Table(np.empty(0), {}, step=-1)


def put_on_disk(tables: Sequence[Table]) -> None:
    """Have tables in memory no more.

    Raises:
        OSError: If the disk does not take them.
    """
    for table, array in zip(tables, on_disk([table.array for table in tables]), strict=True):
        table.array, table.is_on_disk = array, True


@dataclass(eq=False)
class Run(Work):
    """One race, as seen from outside. Fields are replaced or appended to, never rewritten.

    Attributes:
        configs: One for each contender.
        dataset: What it trains on.
        data: The same as a worker is given it: its name and options, or all of it.
        last_step: It trains up to this optimizer step; see `Races.allow`.
        records: One list of all contenders' records for each recorded step.
        pulses: Between records: the step, and each contender's mean loss since the last record.
        predictions: For "validation" and "test" the contenders' probabilities on those rows,
            (contenders, rows, k), as they were at its `step`; empty, of step -1, before the first.
        seconds: Time spent training.
        catches_up: Whether what is known of it is trained again, so that nothing new comes.
        id: Its number.
    """

    configs: tuple[TrainConfig, ...]
    dataset: Dataset
    data: Data | None = None
    last_step: float = math.inf
    records: list[list[EpochRecord]] = field(default_factory=list)
    pulses: list[tuple[int, list[float]]] = field(default_factory=list)
    predictions: Table = NO_PREDICTIONS
    seconds: float = 0.0
    catches_up: bool = False
    id: int = field(default_factory=count().__next__)

    @property
    def is_training(self) -> bool:
        """Whether a worker is at it."""
        return self.state in ("starting", "running")

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
        return max(recorded, self.pulses[-1][0] if self.pulses else 0, self.predictions.step)

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
        """Estimated training time still to go; None before the first step, and on the way back."""
        is_known = self.step and not self.catches_up
        return self.seconds * (self.steps / self.step - 1) if is_known else None

    @property
    def tables(self) -> list[Table]:
        """All that takes much memory."""
        return [*(record.scores for each in self.records for record in each), self.predictions]

    def begin_again(self) -> None:
        """It is trained from its start, to where it was first."""
        self.catches_up = self.step > 0
        self.change()

    def receive(self, kind: str, content: tuple) -> None:
        """Take in what the worker told."""
        self.catches_up = False
        if kind == "records":
            records, self.seconds = content
            self.records += [[self._taken(record) for record in each] for each in records]
        elif kind == "pulse":
            step, losses, self.seconds = content
            self.pulses.append((step, losses))
        else:
            step, probabilities = content
            rows = len(self.dataset.validation)
            parts = {"validation": np.s_[:, :rows], "test": np.s_[:, rows:]}
            self.predictions = Table(probabilities, parts, step)
        self.change()

    def _taken(self, record: EpochRecord) -> EpochRecord:
        """A record whose scores are a table."""
        parts, thresholds = dict(zip(record.scores, count())), record.thresholds
        if self.records:  # what is the same for all is there once
            first = self.records[0][0]
            parts, thresholds = first.scores.parts, first.thresholds
        scores = Table(np.array([*record.scores.values()]), parts, record.step)
        return replace(record, scores=scores, thresholds=thresholds)


class Races(Queue[Run]):
    """Trains races as far as they may, each in turns with the others, in one of the pool's workers.

    Of those that have begun and have not ended so many are kept in the workers' memory; later ones
    wait in their order, and one that is paused makes room for them, or one of who has several. It
    is then trained again from its start when it is to go on, which gives the same figures, and what
    is known already is not told twice. The same is done when a worker dies.

    Args:
        pool: Where they train; the one of this process when None.
        residents: How many may be in the workers' memory at one time, for each worker.
    """

    def __init__(self, pool: Pool | None = None, *, residents: int = RESIDENTS) -> None:
        super().__init__(pool, room=residents, most=1)

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
            share: Whose time it takes; a share of its own when None.

        Raises:
            ValueError: If there is no such data set.
        """
        run = Run(tuple(configs), resolve(data), data, last_step=last_step, share=share or Share())
        with self.lock:
            self.enter(run)
        return run

    def allow(self, run: Run, last_step: float, share: Share | None = None) -> None:
        """Let a run train up to an optimizer step and pause there; no wait.

        A step that it has reached pauses it at once, and `math.inf` lets it go on to its end.

        Args:
            run: Any; one that was stopped goes on too, one that has finished or failed does not.
            last_step: Counted from its start.
            share: Whose time it takes from now on; the same as before when None.
        """
        with self.lock:
            if run.state in ("finished", "failed"):
                return
            run.last_step, run.share = last_step, share or run.share
            goes_on = run.step < last_step
            if (training := self.inside.get(run)) is not None:
                training.goes_on, training.share = goes_on, run.share
                if run.state == "paused" and goes_on:
                    run.become("running")
                self.pool.wake(training)
            elif run.state in ("paused", "stopped") and goes_on:
                self.enter(run)
            elif run.state == "queued" and not goes_on:
                self.waiting.remove(run)
                run.become("paused")

    def stop(self, run: Run) -> None:
        """Have a run end, keeping what it did; no wait."""
        with self.lock:
            training = self.inside.get(run)
            if training is not None and training.used:
                training.is_stopping, training.goes_on = True, False
                self.pool.wake(training)
            elif run.active:
                if training is not None:  # its data are being loaded, or a process is started
                    self.pool.drop(self.inside.pop(run))
                elif run.state == "queued":
                    self.waiting.remove(run)
                run.become("stopped")
                self.let_in()

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that runs can use, as far as known: "cpu" until a worker has reported."""
        return self.pool.prepared or ("cpu",)

    def begin(self, work: Run) -> None:
        """Give it to the pool."""
        work.become("running" if work.records else "starting")
        work.begin_again()
        self.inside[work] = _Training(self, work)
        self.pool.add(self.inside[work])

    def put_out(self, work: Run) -> None:
        """Have it no longer in memory; if it is to go on, it waits in front of who came later."""
        training = self.inside.pop(work)
        self.pool.drop(training)
        if training.is_stopping and not training.goes_on:
            work.become("stopped")
        elif work.step < work.last_step:
            work.become("queued")
            self.waiting.insert(0, work)
        else:
            work.become("paused")

    def seconds_of(self, work: Run) -> float | None:
        """Seconds of training that it still takes, as far as known."""
        return work.seconds_left

    def _end(self, training: "_Training", state: str, error: str = "") -> None:
        """A run has ended."""
        with self.lock:
            if not training._is_inside:  # it was put out this very moment, to begin anew
                return
            del self.inside[training.run]
            training.run.become(state, error)
            if state == "stopped" and training.goes_on:  # it was wanted again meanwhile
                self.enter(training.run)
            self.let_in()


class _Training(Task):
    """A run's turns."""

    name = RUN_RACE

    def __init__(self, races: Races, run: Run) -> None:
        super().__init__(run.share)
        self.races, self.run = races, run
        self.is_stopping = self.goes_on = False

    def begin(self):
        self.run.begin_again()  # a process may have died with all that was trained
        known = len(self.run.records), self.run.step
        return RUN_RACE, (self.run.configs, self.run.data, self.run.last_step, known), {}

    def say(self) -> float | None:
        return None if self.is_stopping else self.run.last_step

    @property
    def _is_inside(self) -> bool:
        """False once it was dropped, though its last turn may not be over: another may be at it."""
        return self.races.inside.get(self.run) is self

    def hear(self, message) -> None:
        with self.races.lock:
            if self._is_inside:
                self.run.receive(*message)
                if self.run.state == "starting":
                    self.run.become("running")

    def rest(self) -> None:
        with self.races.lock:
            if self._is_inside and self.run.step >= self.run.last_step:
                self.run.become("paused")

    def end(self, result, error) -> None:
        if error is None:
            self.races._end(self, "stopped" if self.is_stopping else "finished")
        else:
            self.races._end(self, "failed", str(error))
