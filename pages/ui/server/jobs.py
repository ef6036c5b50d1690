"""Races and sweeps of all visitors: who started each, who watches, what is forgotten.

What is trained and who asked for it are two things. The same race asked by many is trained once,
as far as the one of them wants who wants most; each has a job of their own, which shows as much of
it as they let it go.
"""

import gc
import logging
import secrets
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import accumulate
from math import ceil, inf
from weakref import WeakValueDictionary

import streamlit as st

from mlcore.datasets import DATASETS, load
from mlcore.datasets.source import resolve
from mlcore.lazy import once
from mlcore.sweeps import config_key
from mlcore.workers.memory import give_back
from mlcore.workers.queue import ACTIVE
from mlcore.workers.races import NO_PREDICTIONS, Races, Run, put_on_disk
from mlcore.workers.task import Share
from pages.ui.server import visitors
from pages.ui.server.sweep_queue import Source, SweepJob, SweepQueue
from pages.ui.settings import asked

LOOK_SECONDS = 1.0  # how often it is looked who is connected
WARM_UP_AFTER = 2.5  # seconds: the first page is painted before heavy imports begin
UNWATCHED_SECONDS = 30.0  # a job that nobody is connected to for so long is stopped
RACE, SWEEP = "run", "sweep"  # keys of the job on show, in the link and in the session
# Of what ended so much is kept that no connected visitor has; what one has is never forgotten.
MOST_KEPT = {RACE: 64, SWEEP: 32}
MOST_RESULTS = 5_000  # of those sweeps
KEPT_BYTES = 2**26  # of figures and predictions of races that do not train, in memory
LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """What one visitor asked for, as they see it. It reads like the work behind it.

    Attributes:
        owner: Who started it and so controls it: see `visitors.me`.
        about: The settings that it was started with.
        work: What trains; it may stand behind the jobs of others too.
        key: Its kind, and all that decides its figures: the same work can do those of one key.
        share: Of the workers' time, the one of its owner.
        id: Cannot be guessed: who knows it may watch.
        sessions: Those that show or list it.
        seen: When one of them was last connected (monotonic seconds).
        ended: "stopped" by its owner, "left" by everybody, or "" while it is neither.
        frozen: The work as it was when its owner let it go no further, though it went on.
    """

    owner: str
    about: object
    work: Run | SweepJob
    key: tuple
    share: Share
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    sessions: set[str] = field(default_factory=set)
    seen: float = field(default_factory=time.monotonic)
    ended: str = ""
    frozen: Run | SweepJob | None = None

    @property
    def kind(self) -> str:
        """`RACE` or `SWEEP`."""
        return self.key[0]

    def now(self) -> Run | SweepJob:
        """The work as far as it belongs to this job."""
        return self.frozen or self.work

    def __getattr__(self, name: str) -> object:
        return getattr(self.now(), name)

    @property
    def is_watched(self) -> bool:
        """Whether somebody is connected who shows or lists it."""
        return any(map(visitors.is_connected, tuple(self.sessions)))


@dataclass(eq=False)
class Race(Job):
    """One visitor's view of a run.

    Attributes:
        limit: The optimizer step that it may go to.
        holds: Whether it stands wherever the run stands, until that goes on for somebody else.
        known_steps: How many steps its run had taken before it was asked for.
    """

    limit: float = inf
    holds: bool = False
    known_steps: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)  # what is read may freeze it

    @property
    def wish(self) -> float:
        """The step that its run is to go to for it."""
        return 0.0 if self.ended or self.holds else self.limit

    def now(self) -> Run:
        """The run up to the limit."""
        with self._lock:
            if self.frozen is None and not self.holds and self.work.step > self.limit:
                self.frozen = _until(self.work, int(self.limit))
            return self.frozen or self.work

    def let(self, limit: float) -> None:
        """Have it go on with its run, up to a step."""
        with self._lock:
            self.limit, self.holds, self.frozen, self.ended = limit, False, None, ""

    @property
    def state(self) -> str:
        """As of a run: what its owner let it do."""
        run, has_gone_on = self.work, self.now() is not self.work
        if run.state in ("finished", "failed") and not has_gone_on:
            return run.state
        stands = run.state in ("paused", "stopped")
        if has_gone_on or run.step >= self.limit or (self.holds and stands):
            return "stopped" if self.ended else "paused"
        return "running" if stands else run.state  # it is on its way to go on

    @property
    def active(self) -> bool:
        """Whether it can still train."""
        return self.state in ACTIVE


def _until(run: Run, step: int) -> Run:
    """A run as it was at a step; predictions of later steps say nothing of it."""
    cut = replace(
        run,
        state="paused",
        records=run.records[: bisect_right(run.records, step, key=lambda each: each[0].step)],
        pulses=run.pulses[: bisect_right(run.pulses, step, key=lambda pulse: pulse[0])],
        seconds=run.seconds * step / max(1, run.step),
    )
    if run.predictions.step > step:
        cut.predictions = NO_PREDICTIONS
    return cut


class Sweep(Job):
    """One visitor's view of a sweep."""


class Jobs:
    """All jobs of a server.

    Args:
        races: Trains races.
        sweeps: Trains sweeps.
    """

    def __init__(self, races: Races, sweeps: SweepQueue) -> None:
        self.races, self.sweeps = races, sweeps
        self._jobs: dict[str, Job] = {}
        self._shares: WeakValueDictionary[str, Share] = WeakValueDictionary()  # by owner
        self._lock = threading.RLock()
        threading.Thread(target=self._look_after, daemon=True).start()

    def get(self, kind: str, job_id: str | None) -> Job | None:
        """The job of that kind and id, if it is still known."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.kind == kind else None

    def start_race(self, setup: object, *, owner: str, one_epoch: bool = False) -> Race:
        """Race what the settings say; those who race the same already share their run.

        Args:
            setup: With `data`, `options` and `configs`.
            owner: Who asks for it.
            one_epoch: Whether to pause after the first epoch.

        Raises:
            ValueError: If there is no such data set.
        """
        data = setup.data, dict(setup.options)
        key = race_key(setup)
        dataset, limit = resolve(data), inf  # before the lock, for it may take seconds
        if one_epoch:
            limit = ceil(len(dataset.train) / setup.configs[0].batch_size)
        with self._lock:
            share = self._shares.setdefault(owner, Share())
            run = self._shared(key, lambda run: run.state != "failed")
            run = run or self.races.start(setup.configs, data, last_step=limit, share=share)
            race = Race(
                owner, setup, run, key, share, limit=limit, known_steps=int(min(run.step, limit))
            )
            self._jobs[race.id] = race
            self._drive(race.work)
        return race

    def start_sweep(self, plan: object, *, owner: str) -> Sweep:
        """Train the grid of a plan; those who train the same now share their sweep.

        Args:
            plan: With `source` and `configs`.
            owner: Who asks for it.
        """
        key = (SWEEP, data_key(*plan.source), *map(config_key, plan.configs))
        with self._lock:
            share = self._shares.setdefault(owner, Share())
            work = self._shared(key, lambda work: work.active)
            if work is None:
                known = self.known(plan.source)
                work = self.sweeps.start(plan.source, plan.configs, known=known, share=share)
            sweep = Sweep(owner, plan, work, key, share)
            self._jobs[sweep.id] = sweep
        return sweep

    def known(self, source: Source) -> dict[str, object]:
        """What remembered sweeps know of runs on some data, by `config_key`.

        What failed is tried again, for memory may have been short.
        """
        return {
            key: result
            for job in list(self._jobs.values())
            if job.kind == SWEEP and job.work.source == source
            for key, result in job.work.results.copy().items()  # for workers go on writing
            if not result.error
        }

    def pause(self, race: Race) -> None:
        """Have a race stand where its run does, and that too if nobody else wants more; no wait."""
        with self._lock:
            race.holds = race.now() is race.work
            self._drive(race.work)

    def resume(self, race: Race) -> None:
        """Let a race go on, from where its owner or everybody left it; no wait."""
        self._let(race, inf)

    def step(self, race: Race) -> None:
        """Let a race go on to the end of its epoch; no wait."""
        self._let(race, (race.step // race.steps_per_epoch + 1) * race.steps_per_epoch)

    def stop(self, job: Job, *, why: str = "stopped") -> None:
        """End a job; no wait. What is trained for others too goes on for them."""
        with self._lock:
            if not job.active or job.ended:
                return
            job.ended = why
            others = [other for other in self._sharing(job.work) if not other.ended]
            if isinstance(job, Race):
                self.pause(job)
            elif others:
                job.frozen = replace(
                    job.work,
                    results=dict(job.results),
                    errors=dict(job.errors),
                    working=set(),
                    state="stopped",
                    ended=time.monotonic(),
                )
                job.work.share = others[0].share
            else:
                self.sweeps.stop(job.work)

    def _let(self, race: Race, limit: float) -> None:
        with self._lock:
            race.let(limit)
            self._drive(race.work)

    def _drive(self, run: Run) -> None:
        """Have a run go as far as the one wants who wants most; stop it if nobody wants it."""
        races = self._sharing(run)
        first = max(races, key=lambda race: race.wish)
        if first.wish > run.step:
            for race in races:
                if race.holds:
                    race.limit, race.holds = run.step, False
                    race.frozen = _until(run, run.step)
        if all(race.ended for race in races):
            self.races.stop(run)
        else:
            self.races.allow(run, first.wish, first.share)

    def _sharing(self, work: Run | SweepJob) -> list[Job]:
        return [job for job in self._jobs.values() if job.work is work]

    def _shared(self, key: tuple, fits: Callable) -> Run | SweepJob | None:
        """The work of others that a job of this key can share."""
        found = (job.work for job in self._jobs.values() if job.key == key and fits(job.work))
        return next(found, None)

    def _look_after(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            for look in (self._end_and_forget, self._put_aside):
                try:
                    look()
                except OSError:  # a full disk; all stays in memory
                    pass
                except Exception:
                    LOG.exception("jobs could not be looked after")

    def _end_and_forget(self) -> None:
        """Stop what nobody is connected to, and forget what ended so, that of long ago first."""
        kept = Counter()
        for job in self._newest_first():
            if job.is_watched:
                job.seen = time.monotonic()
            elif job.active:
                if time.monotonic() - job.seen > UNWATCHED_SECONDS:
                    self.stop(job, why="left")
            else:
                kept[job.kind] += 1
                kept["results"] += len(job.results) if job.kind == SWEEP else 0
                is_past = job.kind == SWEEP and kept["results"] > MOST_RESULTS
                if is_past or kept[job.kind] > MOST_KEPT[job.kind]:
                    self._forget(job)

    def _forget(self, job: Job) -> None:
        with self._lock:
            del self._jobs[job.id]
            if job.kind == RACE and not self._sharing(job.work):
                self.races.stop(job.work)

    def _put_aside(self) -> None:
        """Past a budget, have on disk what races hold that do not train, that of long ago first."""
        races = [job for job in self._newest_first() if job.kind == RACE]
        runs = dict.fromkeys(run for job in races for run in (job.now(), job.work))
        resting = (run for run in runs if not run.is_training)
        tables = dict.fromkeys(table for run in resting for table in run.tables)
        held = [table for table in tables if not table.is_on_disk]
        bytes_up_to = [*accumulate(table.array.nbytes for table in held)]
        if held and bytes_up_to[-1] > KEPT_BYTES:
            # Some at a time, for each file is one that is open.
            kept = bisect_right(bytes_up_to, KEPT_BYTES // 2)
            put_on_disk(held[kept:])
            give_back()

    def _newest_first(self) -> list[Job]:
        return sorted(self._jobs.values(), key=lambda job: job.seen, reverse=True)


def data_key(data: str, options: Mapping[str, object]) -> tuple:
    """A data set and all its settings, those that were not given at their defaults."""
    return data, *sorted((DATASETS[data].defaults | dict(options)).items())


def race_key(setup: object) -> tuple:
    """The key of the job that races what the settings say, with `data`, `options`, `configs`."""
    return RACE, data_key(setup.data, setup.options), *map(config_key, setup.configs)


@once
def jobs() -> Jobs:
    """Those of this server."""
    return Jobs(Races(), SweepQueue())


def show(job: Job) -> None:
    """Make a job the one on show in this session, and one that it lists."""
    known = st.session_state.setdefault(f"{job.kind}s", [])
    if job.id not in known:
        known.append(job.id)
    st.session_state[job.kind] = job.id
    job.sessions.add(visitors.session())


def listed(kind: str) -> list[Job]:
    """The jobs of a kind that this session started or opened by link, oldest first."""
    known = (jobs().get(kind, job_id) for job_id in st.session_state.get(f"{kind}s", []))
    return [job for job in known if job is not None]


def open_link(kind: str) -> bool:
    """Show the job that a new link names; returns whether it is no longer there.

    Who goes back to a link without one sees none.
    """
    job_id = asked(kind)
    if job_id is None:
        return False
    job = jobs().get(kind, job_id)
    if job is not None:
        show(job)
    elif not job_id:
        st.session_state[kind] = None
    return bool(job_id) and job is None


def is_mine(job: Job) -> bool:
    """Whether whoever this script runs for started a job, and so controls it."""
    return job.owner == visitors.me()


def steer(job: Job, command: str) -> None:
    """Have a job "pause", "resume", "step" (to the end of the epoch) or "stop", if it is theirs."""
    if is_mine(job):
        getattr(jobs(), command)(job)


@once
def warm_up() -> None:
    """Once for a server, in the background: what the first race would otherwise wait for."""

    def load_what_is_heavy() -> None:
        jobs().races.pool.warm_up()
        load("debtags")
        for module in (
            "mlcore.charts",
            "mlcore.sweeps.results",
            "mlcore.training.history",
            "mlcore.thresholds.bootstrap",
            "sklearn.metrics",
        ):
            import_module(module)
        gc.collect()
        gc.freeze()  # imports and data stay; later collections need not look at them again

    timer = threading.Timer(WARM_UP_AFTER, load_what_is_heavy)
    timer.daemon = True
    timer.start()
