"""Runs that go on in worker processes while the process that shows them stays quick.

This side needs no torch. A run's records arrive in the background; whoever watches reads them.
"""

import atexit
import os
import pickle
import queue
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from mlcore.datasets import Dataset
from mlcore.training import EpochRecord, TrainConfig

ACTIVE = ("starting", "running", "paused")
COMMANDS = ("pause", "resume", "step", "stop")
# What a message is made of beside numbers, text and containers.
HELD = {
    ("mlcore.datasets.base", "Dataset"),
    ("mlcore.training.config", "EpochRecord"),
    ("mlcore.training.config", "TrainConfig"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}


@dataclass(eq=False)
class Run:
    """One race, as seen from outside. Fields are replaced or appended to, never rewritten.

    Attributes:
        id: Cannot be guessed: who knows it may watch.
        configs: One for each contender.
        dataset: What it trains on.
        state: "starting", "running", "paused", "finished", "stopped" or "failed".
        records: One list of all contenders' records for each recorded step.
        pulses: Between records: the step, and each contender's mean loss since the last record.
        predictions: For "validation" and "test" each contender's probabilities on those rows,
            (rows, k), as they were lately.
        seconds: Time spent training.
        error: Why it failed, for people to read.
        version: Grows whenever something above changes.
        seen: When somebody last watched (monotonic seconds).
    """

    id: str
    configs: tuple[TrainConfig, ...]
    dataset: Dataset
    state: str = "starting"
    records: list[list[EpochRecord]] = field(default_factory=list)
    pulses: list[tuple[int, list[float]]] = field(default_factory=list)
    predictions: dict[str, list[np.ndarray]] = field(default_factory=dict)
    predictions_version: int = 0
    seconds: float = 0.0
    error: str = ""
    version: int = 0
    seen: float = field(default_factory=time.monotonic)

    @property
    def active(self) -> bool:
        """Whether it can still train."""
        return self.state in ACTIVE

    @property
    def steps(self) -> int:
        """Optimizer steps in the whole run."""
        per_epoch = -(-len(self.dataset.train) // self.configs[0].batch_size)
        return per_epoch * self.configs[0].epochs

    @property
    def step(self) -> int:
        """Optimizer steps taken, as far as known."""
        recorded = self.records[-1][0].step if self.records else 0
        return max(recorded, self.pulses[-1][0] if self.pulses else 0)

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

    def receive(self, kind: str, content: dict) -> None:
        """Take in what the worker sent."""
        if kind == "records":
            self.records.extend(content["records"])
            self.seconds = content["seconds"]
        elif kind == "pulse":
            self.pulses.append((content["step"], content["losses"]))
            self.seconds = content["seconds"]
        elif kind == "predictions":
            self.predictions = content["predictions"]
            self.predictions_version += 1
        else:
            self.error = content.get("error", "")
            self.state = content["state"]
        self.version += 1


class RunPool:
    """Starts runs in a bounded number of worker processes and keeps what they report.

    Args:
        workers: How many processes; runs beyond that take turns. As many as cores when None.
        max_active: Most runs in training or paused at one time.
        max_kept: Most runs remembered; the one seen longest ago is forgotten first.
        unwatched_seconds: A run that nobody watched for so long is stopped.
        is_watched: Tells whether somebody watches a run; without it only `watch` counts.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        max_active: int = 32,
        max_kept: int = 64,
        unwatched_seconds: float = 30.0,
        is_watched: Callable[[str], bool] | None = None,
    ) -> None:
        self.max_active, self.max_kept = max_active, max_kept
        self.unwatched_seconds = unwatched_seconds
        self.is_watched = is_watched or (lambda run_id: False)
        self._runs: dict[str, Run] = {}
        self._workers = [_Worker(self._runs) for _ in range(workers or os.cpu_count() or 1)]
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._end_unwatched, daemon=True).start()
        atexit.register(self.close)

    def start(
        self, configs: Sequence[TrainConfig], dataset: Dataset, *, one_epoch: bool = False
    ) -> Run:
        """Begin a race and return at once.

        Args:
            configs: One for each contender, as in `mlcore.training.race`.
            dataset: What to train on.
            one_epoch: Pause after the first epoch.

        Raises:
            RuntimeError: If too many runs are active.
        """
        with self._lock:
            active = [run for run in self._runs.values() if run.active]
            if len(active) >= self.max_active:
                raise RuntimeError(
                    f"{len(active)} runs are in training and no more fit; "
                    "try again when one has ended"
                )
            run = Run(id=secrets.token_urlsafe(16), configs=tuple(configs), dataset=dataset)
            self._runs[run.id] = run
            self._forget_oldest()
        min(self._workers, key=lambda worker: worker.load).start(run, one_epoch)
        return run

    def get(self, run_id: str) -> Run | None:
        """The run of that id, if it is still known."""
        return self._runs.get(run_id)

    def watch(self, run_id: str) -> None:
        """Say that somebody looks at a run, which keeps it going."""
        if run := self.get(run_id):
            run.seen = time.monotonic()

    def send(self, run_id: str, command: str) -> None:
        """Send "pause", "resume", "step" (to the end of the epoch) or "stop"; no wait."""
        if command not in COMMANDS:
            raise ValueError(f"command must be one of {', '.join(COMMANDS)}; got {command!r}")
        for worker in self._workers:
            worker.send(command, run_id)

    def warm_up(self) -> None:
        """Have a worker started, so that the first run need not wait for it."""
        self._workers[0].warm_up()

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that runs can use, as far as known: "cpu" until a worker has reported."""
        return self._workers[0].devices

    def close(self) -> None:
        """End all workers."""
        self._closed.set()
        for worker in self._workers:
            worker.close()

    def _forget_oldest(self) -> None:
        ended = sorted(
            (run for run in self._runs.values() if not run.active), key=lambda run: run.seen
        )
        for run in ended[: max(0, len(self._runs) - self.max_kept)]:
            del self._runs[run.id]

    def _end_unwatched(self) -> None:
        while not self._closed.wait(min(1.0, self.unwatched_seconds / 4)):
            for run in list(self._runs.values()):
                if not run.active:
                    continue
                if self.is_watched(run.id):
                    run.seen = time.monotonic()
                elif time.monotonic() - run.seen > self.unwatched_seconds:
                    self.send(run.id, "stop")


class _Reader(pickle.Unpickler):
    """Makes what messages hold and nothing else, whatever the bytes ask for.

    Source:
        https://docs.python.org/3/library/pickle.html#restricting-globals
    """

    def find_class(self, module: str, name: str):
        if (module, name) not in HELD:
            raise pickle.UnpicklingError(f"a message may not hold {module}.{name}")
        return super().find_class(module, name)


class Channel:
    """Pickled messages over a pair of pipes between two of our own processes."""

    def __init__(self, reader, writer) -> None:
        self._reader, self._writer = reader, writer

    def send(self, kind: str, run_id: str | None, content: dict | None = None) -> None:
        """Write one message; raises OSError when the other side is gone."""
        pickle.dump((kind, run_id, content), self._writer, protocol=pickle.HIGHEST_PROTOCOL)
        self._writer.flush()

    def receive(self) -> tuple[str, str | None, dict | None]:
        """Wait for one message.

        Raises:
            EOFError: When the other side is gone.
            pickle.UnpicklingError: If what came is no message.
        """
        try:
            kind, run_id, content = _Reader(self._reader).load()
        except (EOFError, OSError):
            raise
        except Exception as problem:  # bytes that are no pickle end in any of them
            raise pickle.UnpicklingError(f"what came is no message: {problem}") from problem
        return kind, run_id, content


class _Worker:
    """One worker process, started when first needed and again if it dies."""

    def __init__(self, runs: dict[str, Run]) -> None:
        self._runs = runs
        self._mine: set[str] = set()
        self._process: subprocess.Popen | None = None
        self._outbox: queue.SimpleQueue = queue.SimpleQueue()
        self.devices: tuple[str, ...] = ("cpu",)
        threading.Thread(target=self._write, daemon=True).start()

    @property
    def load(self) -> int:
        """Runs in training here; a paused one costs nothing."""
        return sum(
            run.state in ("starting", "running")
            for run_id in tuple(self._mine)
            if (run := self._runs.get(run_id))
        )

    def warm_up(self) -> None:
        """Have the process started before the first run needs it; no wait."""
        self._outbox.put(("hello", None, None))

    def start(self, run: Run, one_epoch: bool) -> None:
        """Hand a run to the process; no wait."""
        self._mine.add(run.id)
        content = {"configs": run.configs, "dataset": run.dataset, "one_epoch": one_epoch}
        self._outbox.put(("start", run.id, content))

    def send(self, command: str, run_id: str) -> None:
        """Pass a command on if the run is here; no wait."""
        if run_id in self._mine:
            self._outbox.put((command, run_id, None))

    def close(self) -> None:
        """End the process, and the thread that would start it again."""
        self._outbox.put(None)
        self._end_process()

    def _write(self) -> None:
        """Write what is in the outbox, in its order; a full pipe makes nobody else wait."""
        channel, given = None, set()
        while message := self._outbox.get():
            command, run_id, content = message
            if command == "ended":
                self._fail(content["given"])
                continue
            try:
                if self._process is None or self._process.poll() is not None:
                    channel, given = self._launch()
                try:
                    channel.send(*message)
                except BrokenPipeError:  # it died a moment ago and never got this
                    channel, given = self._launch()
                    channel.send(*message)
                if command == "start":
                    given.add(run_id)
            except OSError:
                self._fail([run_id])
        self._end_process()
        self._close_writer()
        self._fail(self._mine)

    def _launch(self) -> tuple[Channel, set[str]]:
        """Start the process; returns the way to it and the set of runs that it will be given."""
        # Not multiprocessing.Process: it would run the caller's main script again in the child.
        self._close_writer()
        root = str(Path(__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(
            [sys.executable, "-m", "mlcore.workers.race_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._process = process
        channel, given = Channel(process.stdout, process.stdin), set()
        threading.Thread(target=self._read, args=(process, channel, given), daemon=True).start()
        return channel, given

    def _read(self, process: subprocess.Popen, channel: Channel, given: set[str]) -> None:
        try:
            while True:
                kind, run_id, content = channel.receive()
                if kind == "ready":
                    self.devices = content["devices"]
                elif run := self._runs.get(run_id):
                    run.receive(kind, content)
        except (EOFError, OSError, pickle.UnpicklingError):
            process.stdout.close()
            process.wait()
            self._outbox.put(("ended", None, {"given": given}))

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _close_writer(self) -> None:
        if self._process is not None:
            with suppress(OSError):  # what it no longer took
                self._process.stdin.close()

    def _fail(self, run_ids: Iterable[str | None]) -> None:
        error = "The worker process ended unexpectedly; the records so far are kept."
        for run_id in tuple(run_ids):
            run = self._runs.get(run_id)
            if run and run.active:
                run.receive("state", {"state": "failed", "error": error})
