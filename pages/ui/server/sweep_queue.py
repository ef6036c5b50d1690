"""Sweeps of many visitors on the workers of one machine, in turn. Draws nothing, needs no torch."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from math import inf, isnan, nan

from mlcore.sweeps import config_key, groups
from mlcore.training import TrainConfig
from mlcore.workers.pool import Pool, Task, seconds_until_room, shared
from pages.ui.server.sweep_job import SweepJob, kind_of

RUN = "mlcore.sweeps.run:run_in_turns"
MEASURE = "mlcore.sweeps.run:measure_in_turns"
# Runs of a group train as one stacked model, which for small ones is twice as quick as one by one.
LEAST_SIZE, MOST_SIZE = 4, 16
GROUP_SECONDS = 0.5  # how long a group of more should take: so often a surface gains cells
LONG_SECONDS = 10.0  # how long it may take at most, if it has more than one run
TRIES = 3
MOST_RATES, MOST_PROBES = 512, 4
FIRST_SHARE = 10  # when a sweep has done one for so many that are left, its own pace counts

Source = tuple[str, Mapping[str, object]]  # what `mlcore.datasets.load` takes


class SweepQueue:
    """Trains sweeps group by group in the turns that the pool of workers gives them.

    Each sweep that is in asks for as many workers as there are, of which each trains one group of
    one sweep at a time. All that a sweep takes counts as one share of their time. Measurements of
    how long runs take have shares of their own.

    Args:
        pool: Of workers; the one of this process when None.
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
        pool: Pool | None = None,
        *,
        max_active: int | None = None,
        max_kept: int = 32,
        max_results: int = 5_000,
        unwatched_seconds: float = 30.0,
        is_watched: Callable[[str], bool] | None = None,
        run: str = RUN,
    ) -> None:
        self.pool = pool or shared()
        self.workers = self.pool.workers
        self.max_active = max_active or 2 * self.workers
        self.max_kept, self.max_results = max_kept, max_results
        self.unwatched_seconds = unwatched_seconds
        self.is_watched = is_watched or (lambda job_id: False)
        self.run = run
        self._jobs: dict[str, SweepJob] = {}  # in the order in which they came
        self._slots: dict[str, set[_Slot]] = {}  # by the id of their job
        self._probes: dict[tuple, _Probe] = {}
        self._rates: dict[tuple, float | None] = {}  # seconds a run on one core; None: measuring
        self._lock = threading.RLock()
        self._closed = threading.Event()
        threading.Thread(target=self._end_unwatched, daemon=True).start()

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
        with self._lock:
            known = self._known(source)
            job.results = {key: known[key] for key in job.configs if key in known}
            job.reused = len(job.results)
            job.pending.extend(key for key in job.configs if key not in job.results)
            self._jobs[job.id] = job
            self._forget_oldest()
            self._let_in()
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
        """Stop a sweep; what it has stays."""
        with self._lock:
            job = self.get(job_id)
            if job is not None and job.active:
                self._end(job, "stopped")

    def forget(self, job: SweepJob) -> None:
        self._jobs.pop(job.id, None)

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
        with self._lock:
            if kind not in self._rates and measure:
                self._note_rate(kind, None)
                self._probes[kind] = _Probe(self, kind, source, configs)
                self.pool.add(self._probes[kind])
                if len(self._probes) > MOST_PROBES:  # who asked for the oldest has moved on
                    oldest = self._probes.pop(next(iter(self._probes)))
                    self._rates.pop(oldest.kind, None)
                    self.pool.drop(oldest)
            return self._rates.get(kind)

    def seconds_left(self, job: SweepJob) -> float | None:
        """How long a sweep will still take once it is in, as far as known."""
        fresh, left = job.done - job.reused, len(job.configs) - job.done
        work = self._seconds_of_work(job)
        alone = work and work / self.workers
        # The first groups wait for processes and compilers; what they took says little of others.
        if job.began is not None and fresh and (alone is None or fresh * FIRST_SHARE > left):
            return job.seconds / fresh * left
        others = sum(o.state == "running" and o is not job for o in list(self._jobs.values()))
        return alone and alone * (1 + others)

    def seconds_until_in(self, job: SweepJob) -> float | None:
        """How long a waiting sweep will wait, as far as known."""
        jobs = list(self._jobs.values())
        ahead = [other for other in jobs if other.state == "queued"][: max(0, self.place(job) - 1)]
        inside = [self._seconds_of_work(other) for other in jobs if other.state == "running"]
        waiting = [self._seconds_of_work(other) for other in ahead]
        if None in (*inside, *waiting):
            return None
        workers = self.workers
        return seconds_until_room(
            inside, waiting, room=self.max_active, workers=workers, most=workers
        )

    def _seconds_of_work(self, job: SweepJob) -> float | None:
        """What is left of a sweep, on one worker."""
        config = next(iter(job.configs.values()))
        rate = self._rates.get(kind_of(job.source, config))
        return rate and rate * (len(job.configs) - job.done)

    def warm_up(self) -> None:
        """Have a process started and torch loaded before the first sweep needs it."""
        self.pool.warm_up()

    def close(self) -> None:
        """Stop all sweeps."""
        self._closed.set()
        for job in list(self._jobs.values()):
            self.stop(job.id)

    def _take(self, slot: "_Slot", has_died: bool) -> list[TrainConfig]:
        """What a worker is to train: the group that it was at, or another; nothing at the end."""
        job = slot.job
        with self._lock:
            if has_died:
                self._try_again(job, slot.keys)
                slot.keys = ()
            if not slot.keys and job.pending:
                slot.keys = self._next_group(job)
                for key in slot.keys:
                    job.pending.remove(key)
                job.working.update(slot.keys)
            job.version += 1
            return [job.configs[key] for key in slot.keys]

    def _next_group(self, job: SweepJob) -> tuple[str, ...]:
        rate = self._rates.get(kind_of(job.source, job.configs[job.pending[0]]))
        share = -(-len(job.pending) // self.workers)  # so that all are busy to the end
        # Those with a try behind them go alone, so that one of them cannot spoil the others.
        size = 1 if job.tries.get(job.pending[0]) else min(share, group_size(rate))
        first = [job.configs[key] for key in list(job.pending)[: 4 * size]]
        return tuple(config_key(config) for config in groups(first, size)[0])

    def _try_again(self, job: SweepJob, keys: Sequence[str]) -> None:
        """Give runs whose process ended to another; after some tries that is their error."""
        job.working.difference_update(keys)
        for key in keys:
            tries = job.tries[key] = job.tries.get(key, 0) + 1
            if tries < TRIES:
                job.pending.append(key)
            else:
                job.errors[key] = ""

    def _settle(self, slot: "_Slot", results: Sequence, error: Exception | None) -> None:
        """Take in what a group gave, and ask for a worker for the next."""
        job = slot.job
        with self._lock:
            self._slots.get(job.id, set()).discard(slot)
            job.working.difference_update(slot.keys)
            job.results |= dict(zip(slot.keys, results, strict=False))
            if results and not any(result.error for result in results):
                self._learn_rate(job, results)
            if error is not None:  # of the data set, or of the group as a whole
                told = f"{type(error).__name__}: {error}"
                job.errors |= dict.fromkeys(slot.keys, told)
            job.version += 1
            if job.active and job.pending:
                self._add_slot(job)
            elif job.active and not job.working:
                self._end(job, "finished")

    def _add_slot(self, job: SweepJob) -> None:
        slot = _Slot(self, job)
        self._slots.setdefault(job.id, set()).add(slot)
        self.pool.add(slot)

    def _learn_rate(self, job: SweepJob, results: Sequence) -> None:
        """Keep a moving average of what a run takes."""
        kind = kind_of(job.source, results[0].config)
        seconds = sum(result.seconds for result in results) / len(results)
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
                job.version += 1
                room -= 1
                for _ in range(min(self.workers, len(job.pending))):
                    self._add_slot(job)
                if not job.pending:
                    self._end(job, "finished")

    def _end(self, job: SweepJob, state: str) -> None:
        job.state, job.ended = state, time.monotonic()
        job.pending.clear()
        job.working.clear()
        for slot in self._slots.pop(job.id, ()):
            self.pool.drop(slot)
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
        while not self._closed.wait(min(1.0, self.unwatched_seconds / 4)):
            for job in list(self._jobs.values()):
                if not job.active:
                    continue
                if self.is_watched(job.id):
                    job.seen = time.monotonic()
                elif time.monotonic() - job.seen > self.unwatched_seconds:
                    self.stop(job.id)


class _Slot(Task):
    """A worker's turns for one group of a sweep."""

    name, background, most_tries = RUN, True, inf

    def __init__(self, queue: SweepQueue, job: SweepJob) -> None:
        super().__init__(job.share)
        self.queue, self.job, self.keys, self._died = queue, job, (), 0

    def begin(self):
        has_died, self._died = self.deaths > self._died, self.deaths
        configs = self.queue._take(self, has_died)
        return (self.queue.run, (self.job.source, configs), {}) if configs else None

    def end(self, result, error) -> None:
        self.queue._settle(self, result or (), error)


class _Probe(Task):
    """The turns of a measurement; whoever presses Run is told what is wrong, if it fails."""

    name = MEASURE

    def __init__(self, queue: SweepQueue, kind: tuple, source: Source, configs) -> None:
        super().__init__()
        self.queue, self.kind, self.source, self.configs = queue, kind, source, list(configs)

    def begin(self):
        return MEASURE, (self.configs, self.source), {}

    def end(self, result, error) -> None:
        queue = self.queue
        with queue._lock:
            queue._probes.pop(self.kind, None)
            if queue._rates.get(self.kind) is None:
                queue._note_rate(self.kind, nan if error else result / len(self.configs))


def group_size(seconds_per_run: float | None) -> int:
    """How many runs to train together when one takes so long; None or nan where nobody knows.

    >>> group_size(None), group_size(0.02), group_size(0.1), group_size(1.0), group_size(4.0)
    (4, 16, 5, 4, 2)
    """
    if not seconds_per_run or isnan(seconds_per_run):
        return LEAST_SIZE
    least = min(LEAST_SIZE, LONG_SECONDS / seconds_per_run)
    return int(max(1, min(MOST_SIZE, max(least, GROUP_SECONDS / seconds_per_run))))
