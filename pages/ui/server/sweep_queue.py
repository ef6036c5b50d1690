"""Sweeps of many visitors on the cores of one machine, in turn. Draws nothing, needs no torch."""

import atexit
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass
from math import isnan, nan

from mlcore.sweeps import config_key, groups
from mlcore.training import TrainConfig
from pages.ui.server.sweep_job import SweepJob, kind_of
from pages.ui.server.sweep_worker import PROBE, RUN, Source, SweepWorker, Unwanted

# Runs of a group train as one stacked model, which for small ones is twice as quick as one by one.
LEAST_SIZE, MOST_SIZE = 4, 16
GROUP_SECONDS = 0.5  # how long a group of more should take: so often a surface gains cells
LONG_SECONDS = 10.0  # how long it may take at most, if it has more than one run
GRACE = 2.0  # seconds that a group may still take after its sweep was stopped
TRIES = 3
MOST_RATES, MOST_PROBES = 512, 4
PROBE_SECONDS = 15.0  # that a measurement may take, the start of a process included
FIRST_SHARE = 10  # when a sweep has done one for so many that are left, its own pace counts


@dataclass(frozen=True)
class _Group:
    """Runs that one worker trains together."""

    job: SweepJob
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Probe:
    """A measurement that a worker makes when it is free."""

    kind: tuple
    source: Source
    configs: tuple[TrainConfig, ...]


class SweepQueue:
    """Trains sweeps in a bounded number of worker processes, group by group, in turn.

    A free worker takes a group of the sweep that has the fewest workers at that moment, of equals
    the one that had the least of their time. Who comes later is not ahead by what others had.
    Measurements of how long runs take are short and take turns with groups.

    Args:
        workers: How many processes; as many as there are cores for this process when None.
        max_active: Most sweeps in training at one time, twice the workers when None; later ones
            wait in their order.
        max_kept: Most sweeps remembered; the one seen longest ago is forgotten first.
        max_results: Most runs remembered, of all sweeps together.
        unwatched_seconds: A sweep that nobody watched for so long is stopped.
        is_watched: Tells whether somebody watches a sweep; without it only `watch` counts.
        run: The function that trains a group, "module:function".
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        max_active: int | None = None,
        max_kept: int = 32,
        max_results: int = 5_000,
        unwatched_seconds: float = 30.0,
        is_watched: Callable[[str], bool] | None = None,
        run: str = RUN,
    ) -> None:
        from loky import cpu_count

        self.workers = workers or cpu_count()
        self.max_active = max_active or 2 * self.workers
        self.max_kept, self.max_results = max_kept, max_results
        self.unwatched_seconds = unwatched_seconds
        self.is_watched = is_watched or (lambda job_id: False)
        self.run = run
        self._jobs: dict[str, SweepJob] = {}  # in the order in which they came
        self._probes: deque[_Probe] = deque()
        self._rates: dict[tuple, float | None] = {}  # seconds a run on one core; None: measuring
        self._measured_last = False  # whether the last piece of work was a measurement
        self._closed = False
        self._changed = threading.Condition()
        self._workers = [SweepWorker() for _ in range(self.workers)]
        for worker in self._workers:
            threading.Thread(target=self._serve, args=(worker,), daemon=True).start()
        threading.Thread(target=self._end_unwatched, daemon=True).start()
        atexit.register(self.close)

    def start(
        self,
        source: Source,
        configs: Sequence[TrainConfig],
        *,
        about: object = None,
        instead_of: str | None = None,
    ) -> SweepJob:
        """Begin a sweep, or let it wait for its turn, and return at once.

        Runs that another remembered sweep has trained on the same data are not trained again.

        Args:
            source: Name and options of a built-in data set.
            configs: One for each run, in the order in which they are to be trained.
            about: Anything to remember with it.
            instead_of: The id of a sweep to stop.
        """
        if instead_of is not None:
            self.stop(instead_of)
        job = SweepJob(
            id=secrets.token_urlsafe(16),
            source=source,
            configs={config_key(config): config for config in configs},
            about=about,
        )
        with self._changed:
            known = self._known(source)
            job.results = {key: known[key] for key in job.configs if key in known}
            job.reused = len(job.results)
            job.pending.extend(key for key in job.configs if key not in job.results)
            self._jobs[job.id] = job
            self._forget_oldest()
            self._let_in()
            self._changed.notify_all()
        return job

    def count_unknown(self, source: Source, configs: Sequence[TrainConfig]) -> int:
        """How many of these runs no remembered sweep has trained on the same data."""
        known = self._known(source)
        return sum(config_key(config) not in known for config in configs)

    def _known(self, source: Source) -> dict[str, object]:
        """What runs on some data gave; what failed is tried again, for memory may have been short.

        Copies, because workers go on writing.
        """
        return {
            key: result
            for job in list(self._jobs.values())
            if job.source == source
            for key, result in job.results.copy().items()
            if not result.error
        }

    def get(self, job_id: str) -> SweepJob | None:
        """The sweep of that id, if it is still known."""
        return self._jobs.get(job_id)

    def watch(self, job_id: str) -> None:
        """Say that somebody looks at a sweep, which keeps it going."""
        if job := self.get(job_id):
            job.seen = time.monotonic()

    def stop(self, job_id: str) -> None:
        """Stop a sweep; what it has stays. Groups in work have a moment to end."""
        with self._changed:
            job = self.get(job_id)
            if job is not None and job.active:
                self._end(job, "stopped")

    def place(self, job: SweepJob) -> int:
        """How many sweeps are let in before this one, itself included; 0 when it is in."""
        waiting = [other for other in list(self._jobs.values()) if other.state == "queued"]
        return waiting.index(job) + 1 if job in waiting else 0

    def seconds_per_run(
        self, source: Source, configs: Sequence[TrainConfig], *, measure: bool = True
    ) -> float | None:
        """What such a run took on one core lately.

        Args:
            source: Of the data.
            configs: Runs that differ in nothing that makes them slower or quicker.
            measure: Whether to have it measured when it is not known; then it is known soon.

        Returns:
            Seconds; None where it is not known yet, nan where it could not be measured.
        """
        kind = kind_of(source, configs[0])
        with self._changed:
            if kind not in self._rates and measure:
                self._note_rate(kind, None)
                self._probes.append(_Probe(kind, source, tuple(configs)))
                if len(self._probes) > MOST_PROBES:  # who asked for the oldest has moved on
                    self._rates.pop(self._probes.popleft().kind)
                self._changed.notify_all()
            return self._rates.get(kind)

    def seconds_left(self, job: SweepJob) -> float | None:
        """How long a sweep will still take once it is in, as far as known."""
        fresh, left = job.done - job.reused, len(job.configs) - job.done
        alone = self._seconds_alone(job)
        # The first groups wait for processes and compilers; what they took says little of others.
        if job.began is not None and fresh and (alone is None or fresh * FIRST_SHARE > left):
            return job.seconds / fresh * left
        others = sum(o.state == "running" and o is not job for o in list(self._jobs.values()))
        return alone and alone * (1 + others)

    def seconds_until_in(self, job: SweepJob) -> float | None:
        """How long a waiting sweep will wait, as far as known.

        Sweeps that are in share the workers evenly, so the one with the least to do ends first.
        """
        jobs = list(self._jobs.values())
        ahead = [other for other in jobs if other.state == "queued"][: max(0, self.place(job) - 1)]
        inside = [self._seconds_alone(other) for other in jobs if other.state == "running"]
        waiting = [self._seconds_alone(other) for other in ahead]
        if None in (*inside, *waiting):
            return None
        left, passed = sorted(inside), 0.0
        for entering in (*waiting, 0.0):
            if left:
                least = left.pop(0)
                passed += least * (len(left) + 1)
                left = [seconds - least for seconds in left]
            left = sorted([*left, entering])
        return passed

    def _seconds_alone(self, job: SweepJob) -> float | None:
        """What a sweep would still take if it had all workers."""
        config = next(iter(job.configs.values()))
        rate = self._rates.get(kind_of(job.source, config))
        return rate and rate * (len(job.configs) - job.done) / self.workers

    def warm_up(self) -> None:
        """Have the processes started and torch loaded before the first sweep needs them."""
        for worker in self._workers:
            worker.warm_up()

    def close(self) -> None:
        """Stop all sweeps and end the processes."""
        with self._changed:
            self._closed = True
            for job in self._jobs.values():
                if job.active:
                    self._end(job, "stopped")
            self._changed.notify_all()
        for worker in self._workers:
            worker.end()

    def _serve(self, worker: SweepWorker) -> None:
        """What the thread of a worker does: one piece of work after another."""
        while (work := self._next()) is not None:
            if isinstance(work, _Probe):
                self._measure(worker, work)
            else:
                self._train(worker, work)

    def _next(self) -> "_Group | _Probe | None":
        """Wait for a piece of work; None at the end."""
        with self._changed:
            while not self._closed:
                open_jobs = [
                    job for job in self._jobs.values() if job.state == "running" and job.pending
                ]
                if self._probes and not (open_jobs and self._measured_last):
                    self._measured_last = True
                    return self._probes.popleft()
                if open_jobs:
                    self._measured_last = False
                    return self._take(min(open_jobs, key=lambda job: (job.hands, job.used)))
                self._changed.wait()
            return None

    def _take(self, job: SweepJob) -> _Group:
        rate = self._rates.get(kind_of(job.source, job.configs[job.pending[0]]))
        share = -(-len(job.pending) // self.workers)  # so that all are busy to the end
        # Those with a try behind them go alone, so that one of them cannot spoil the others.
        size = 1 if job.tries.get(job.pending[0]) else min(share, group_size(rate))
        first = [job.configs[key] for key in list(job.pending)[: 4 * size]]
        keys = tuple(config_key(config) for config in groups(first, size)[0])
        for key in keys:
            job.pending.remove(key)
        job.working.update(keys)
        job.hands += 1
        job.version += 1
        return _Group(job, keys)

    def _train(self, worker: SweepWorker, group: _Group) -> None:
        job = group.job
        configs = [job.configs[key] for key in group.keys]
        results, error, died, began = [], "", False, time.monotonic()
        try:
            results = worker.call(
                self.run, job.source, configs, is_wanted=lambda: self._is_wanted(job)
            )
        except Unwanted:
            pass
        except BrokenExecutor:
            died = True
        except Exception as problem:  # of the data set, or of the group as a whole
            error = f"{type(problem).__name__}: {problem}"
        with self._changed:
            job.hands -= 1
            job.used += time.monotonic() - began
            job.working.difference_update(group.keys)
            job.results |= dict(zip(group.keys, results, strict=False))
            if results and not any(result.error for result in results):
                self._learn_rate(job, configs[0], sum(r.seconds for r in results) / len(results))
            if error:
                job.errors |= dict.fromkeys(group.keys, error)
            if died and job.active:
                self._try_again(group)
            job.version += 1
            if job.active and not job.pending and not job.working:
                self._end(job, "finished")
            self._changed.notify_all()

    def _is_wanted(self, job: SweepJob) -> bool:
        return not self._closed and (
            job.active or (job.ended is not None and time.monotonic() - job.ended < GRACE)
        )

    def _try_again(self, group: _Group) -> None:
        """Give runs whose process ended to another; after some tries that is their error."""
        for key in group.keys:
            tries = group.job.tries[key] = group.job.tries.get(key, 0) + 1
            if tries < TRIES:
                group.job.pending.append(key)
            else:
                group.job.errors[key] = ""

    def _measure(self, worker: SweepWorker, probe: _Probe) -> None:
        seconds, deadline = nan, time.monotonic() + PROBE_SECONDS

        def is_wanted() -> bool:
            return not self._closed and time.monotonic() < deadline

        with suppress(Exception):  # whoever presses Run is told what is wrong
            seconds = worker.call(PROBE, probe.source, list(probe.configs), is_wanted=is_wanted)
        with self._changed:
            if self._rates.get(probe.kind) is None:
                self._note_rate(probe.kind, seconds / len(probe.configs))
            self._changed.notify_all()

    def _learn_rate(self, job: SweepJob, config: TrainConfig, seconds: float) -> None:
        """Keep a moving average of what a run takes."""
        kind = kind_of(job.source, config)
        known = self._rates.get(kind) or nan
        self._note_rate(kind, seconds if isnan(known) else 0.7 * known + 0.3 * seconds)

    def _note_rate(self, kind: tuple, seconds: float | None) -> None:
        self._rates.pop(kind, None)
        self._rates[kind] = seconds
        while len(self._rates) > MOST_RATES:
            self._rates.pop(next(iter(self._rates)))

    def _let_in(self) -> None:
        """Let waiting sweeps in while there is room."""
        inside = [job for job in self._jobs.values() if job.state == "running"]
        room = self.max_active - len(inside)
        for job in list(self._jobs.values()):
            if job.state == "queued" and room > 0:
                job.state, job.began = "running", time.monotonic()
                job.used = min((other.used for other in inside), default=0.0)
                job.version += 1
                room -= 1
                if not job.pending:
                    self._end(job, "finished")

    def _end(self, job: SweepJob, state: str) -> None:
        job.state, job.ended = state, time.monotonic()
        job.pending.clear()
        job.version += 1
        self._let_in()

    def _forget_oldest(self) -> None:
        """Keep so many sweeps and so many results; what is in work always stays."""
        ended = sorted(
            (job for job in self._jobs.values() if not job.active), key=lambda job: job.seen
        )
        kept = sum(len(job.results) for job in self._jobs.values())
        for job in ended:
            if len(self._jobs) <= self.max_kept and kept <= self.max_results:
                break
            kept -= len(job.results)
            del self._jobs[job.id]

    def _end_unwatched(self) -> None:
        pause = min(1.0, self.unwatched_seconds / 4)
        while not self._closed:
            time.sleep(pause)
            for job in list(self._jobs.values()):
                if not job.active:
                    continue
                if self.is_watched(job.id):
                    job.seen = time.monotonic()
                elif time.monotonic() - job.seen > self.unwatched_seconds:
                    self.stop(job.id)


def group_size(seconds_per_run: float | None) -> int:
    """How many runs to train together when one takes so long; None or nan where nobody knows.

    >>> group_size(None), group_size(0.02), group_size(0.1), group_size(1.0), group_size(4.0)
    (4, 16, 5, 4, 2)
    """
    if not seconds_per_run or isnan(seconds_per_run):
        return LEAST_SIZE
    least = min(LEAST_SIZE, LONG_SECONDS / seconds_per_run)
    return int(max(1, min(MOST_SIZE, max(least, GROUP_SECONDS / seconds_per_run))))
