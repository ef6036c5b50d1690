"""Sweeps of many visitors on the workers of one machine, in turn. Draws nothing, needs no torch."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from math import isnan, nan

from mlcore.sweeps import config_key, groups
from mlcore.training import TrainConfig
from mlcore.workers.pool import Pool
from mlcore.workers.queue import Queue, Work
from mlcore.workers.task import Share
from mlcore.workers.worker import WorkerDied

RUN = "mlcore.sweeps.run:run_in_turns"
MEASURE = "mlcore.sweeps.run:measure_in_turns"
# Runs of a group train as one stacked model, which for small ones is twice as quick as one by one.
LEAST_SIZE, MOST_SIZE = 4, 16
GROUP_SECONDS = 0.5  # how long a group of more should take: so often a surface gains cells
LONG_SECONDS = 10.0  # how long it may take at most, if it has more than one run
ROOM = 2  # sweeps in training at one time, for each worker
TRIES = 3
MOST_RATES, MOST_PROBES = 512, 4

Probe = tuple[Future, int]  # a measurement, and of how many runs
Source = tuple[str, Mapping[str, object]]  # what `mlcore.datasets.load` takes


@dataclass(eq=False)
class SweepJob(Work):
    """One sweep, as seen from outside.

    Attributes:
        source: Name and options of the data set.
        configs: One for each run by its `config_key`, in the order in which they are trained.
        results: What the runs gave, by key.
        reused: How many results were there before it began.
        errors: Why runs have no result, by key; empty where their process ended each time.
        working: Keys of the runs that workers were given.
        pending: Keys of the runs that nobody has begun.
        alone: Keys of the runs of groups whose process ended: one of them may not spoil the others.
        began: When it was let in (monotonic seconds), or as much later as it was out meanwhile.
        ended: When it ended, by itself or not, or had to wait again.
    """

    source: Source
    configs: Mapping[str, TrainConfig]
    results: dict[str, object]
    reused: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    working: set[str] = field(default_factory=set)
    pending: deque[str] = field(default_factory=deque)
    alone: set[str] = field(default_factory=set)
    began: float | None = None
    ended: float | None = None

    @property
    def done(self) -> int:
        """Runs that have a result or an error."""
        return len(self.results) + len(self.errors)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began


class SweepQueue(Queue[SweepJob]):
    """Trains sweeps group by group in the turns that the pool of workers gives them.

    Each sweep that is in has as many groups in the pool as there are workers, of which each trains
    one group of one sweep at a time. Measurements of how long runs take have shares of their own.

    Args:
        pool: Of workers; the one of this process when None.
        room: Most sweeps in training at one time, for each worker; later ones wait in their order.
        run: The function that trains a group, "module:function".
    """

    def __init__(self, pool: Pool | None = None, *, room: int = ROOM, run: str = RUN) -> None:
        super().__init__(pool, room=room)
        self.run = run
        self._rates: dict[tuple, float | Probe] = {}  # seconds a run on one core

    def start(
        self,
        source: Source,
        configs: Sequence[TrainConfig],
        *,
        known: Mapping[str, object] | None = None,
        share: Share | None = None,
    ) -> SweepJob:
        """Begin a sweep, or let it wait for its turn, and return at once.

        Args:
            source: Name and options of a built-in data set.
            configs: One for each run, in the order in which they are to be trained.
            known: What runs on these data gave, by key; those are not trained again.
            share: Whose time it takes; a share of its own when None.
        """
        own = {config_key(config): config for config in configs}
        results = {key: known[key] for key in own if key in known} if known else {}
        job = SweepJob(source, own, results, len(results), share=share or Share())
        job.pending.extend(key for key in own if key not in results)
        with self.lock:
            self.enter(job)
        return job

    def stop(self, job: SweepJob, state: str = "stopped") -> None:
        """End a sweep, if it has not ended; what it has stays."""
        with self.lock:
            if not job.active:
                return
            job.ended = time.monotonic()
            job.become(state)
            job.pending.clear()
            if job in self.waiting:
                self.waiting.remove(job)
            for group in self.inside.pop(job, ()):
                group.cancel()
            self.let_in()

    def begin(self, work: SweepJob) -> None:
        """Have its first groups trained."""
        self.inside[work] = set()
        work.began, work.ended = time.monotonic() - work.seconds, None
        work.become("running")
        for _ in range(self.workers):
            self._train_group(work)

    def put_out(self, work: SweepJob) -> None:
        """Have its groups trained later; what it has stays."""
        work.ended = time.monotonic()
        work.become("queued")
        self.waiting.insert(0, work)
        for group in self.inside.pop(work):
            group.cancel()

    def seconds_of(self, work: SweepJob) -> float | None:
        """What is left of a sweep, on one worker."""
        rate = self._rate(kind_of(work.source, next(iter(work.configs.values()))))
        return rate and rate * (len(work.configs) - work.done)

    def seconds_left(self, work: SweepJob) -> float | None:
        """How long a sweep that is inside will still take, at its own pace once it has one."""
        if pace := self.pace(work):
            return (len(work.configs) - work.done) / pace
        return super().seconds_left(work)

    def pace(self, work: SweepJob) -> float | None:
        """Runs that a sweep trains per second, until its newest result while it goes on, if any."""
        took = work.seconds - (time.monotonic() - work.heard if work.active else 0)
        fresh = work.done - work.reused
        return fresh / took if fresh and took > 0 else None

    def seconds_per_run(self, source: Source, configs: Sequence[TrainConfig]) -> float | None:
        """What such a run took on one core lately; it is measured when nobody knows.

        Args:
            source: Of the data.
            configs: Runs that differ in nothing that makes them slower or quicker.

        Returns:
            Seconds; None where they are not known yet, nan where they could not be measured.
        """
        kind = kind_of(source, configs[0])
        with self.lock:
            if kind not in self._rates:
                probe = self.pool.submit(MEASURE, list(configs), source)
                self._note_rate(kind, (probe, len(configs)))
                probes = [each for each, rate in self._rates.items() if isinstance(rate, tuple)]
                going = [each for each in probes if not self._rates[each][0].done()]
                for oldest in going[:-MOST_PROBES]:  # who asked for it has moved on
                    self._forget_rate(oldest)
            return self._rate(kind)

    def _train_group(self, job: SweepJob) -> None:
        """Give the next group to the pool, if there is one; a sweep that has none has ended."""
        if job.pending:
            keys = self._next_group(job)
            for key in keys:
                job.pending.remove(key)
            job.working.update(keys)
            configs = [job.configs[key] for key in keys]
            tries = 1 if len(keys) > 1 else TRIES
            group = self.pool.submit(
                self.run, job.source, configs, tries=tries, share=job.share, background=True
            )
            self.inside[job].add(group)
            group.add_done_callback(partial(self._settle, job, keys))
        elif not job.working:
            self.stop(job, "finished")

    def _next_group(self, job: SweepJob) -> tuple[str, ...]:
        rate = self._rate(kind_of(job.source, job.configs[job.pending[0]]))
        share = -(-len(job.pending) // self.workers)  # so that all are busy to the end
        size = 1 if job.pending[0] in job.alone else min(share, group_size(rate))
        first = [job.configs[key] for key in list(job.pending)[: 4 * size]]
        return tuple(config_key(config) for config in groups(first, size)[0])

    def _settle(self, job: SweepJob, keys: Sequence[str], group: Future) -> None:
        """Take in what a group gave, and go on with the next."""
        with self.lock:
            job.working.difference_update(keys)
            job.change()
            if self.pool.is_closed:
                return
            if group.cancelled():
                if job.active:
                    job.pending.extendleft(reversed(keys))
                return
            if (error := group.exception()) is None:
                results = group.result()
                job.results |= dict(zip(keys, results, strict=True))
                if not any(result.error for result in results):
                    self._learn_rate(job, results)
            elif not isinstance(error, WorkerDied):  # of the data set, or of the group as a whole
                job.errors |= dict.fromkeys(keys, f"{type(error).__name__}: {error}")
            elif len(keys) > 1:
                job.pending.extend(keys)
                job.alone.update(keys)
            else:
                job.errors[keys[0]] = ""
            if job in self.inside:
                self.inside[job].discard(group)
                self._train_group(job)

    def _rate(self, kind: tuple) -> float | None:
        rate = self._rates.get(kind)
        if not isinstance(rate, tuple):
            return rate
        probe, runs = rate
        if not probe.done():
            return None
        # Whoever presses Run is told what is wrong.
        return nan if probe.exception() else probe.result() / runs

    def _learn_rate(self, job: SweepJob, results: Sequence) -> None:
        """Keep a moving average of what a run takes."""
        kind = kind_of(job.source, results[0].config)
        seconds = sum(result.seconds for result in results) / len(results)
        known = self._rate(kind) or nan
        self._note_rate(kind, seconds if isnan(known) else 0.7 * known + 0.3 * seconds)

    def _note_rate(self, kind: tuple, rate: float | Probe) -> None:
        self._forget_rate(kind)
        self._rates[kind] = rate
        while len(self._rates) > MOST_RATES:
            self._forget_rate(next(iter(self._rates)))

    def _forget_rate(self, kind: tuple) -> None:
        """Know no more what a run takes; nobody needs what measures it."""
        rate = self._rates.pop(kind, None)
        if isinstance(rate, tuple):
            rate[0].cancel()


def kind_of(source: Source, config: TrainConfig) -> tuple:
    """What decides how long a run takes, near enough."""
    name, options = source
    return (
        name,
        tuple(sorted(options.items())),
        *(config.loss, config.layers, config.optimizer),
        *(config.batch_size, config.epochs, config.device),
    )


def group_size(seconds_per_run: float | None) -> int:
    """How many runs to train together when one takes so long; None or nan where nobody knows.

    >>> group_size(None), group_size(0.02), group_size(0.1), group_size(1.0), group_size(4.0)
    (4, 16, 5, 4, 2)
    """
    if not seconds_per_run or isnan(seconds_per_run):
        return LEAST_SIZE
    least = min(LEAST_SIZE, LONG_SECONDS / seconds_per_run)
    return int(max(1, min(MOST_SIZE, max(least, GROUP_SECONDS / seconds_per_run))))
