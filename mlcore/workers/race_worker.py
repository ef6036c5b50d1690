"""The process that trains: `races` starts it, sends it commands and reads its records.

It takes turns between all runs it was given, so that nobody waits for somebody else's run to end.
"""

import math
import os
import pickle
import queue
import sys
import threading
import time

import numpy as np
import torch

from mlcore.datasets import Dataset
from mlcore.training import Race, TrainConfig, available_devices
from mlcore.workers.races import Channel

TURN_SECONDS = 0.05  # a run trains this long before commands and other runs get their turn
PREDICTION_SECONDS = 2.0  # how old the predictions on show may get while a run trains
PULSE_GROWTH = 1.005  # a pulse at most every so many steps, so that long runs stay small
THRESHOLDS = tuple(percent / 100 for percent in range(1, 100))


def main() -> None:
    """Serve the process that started this one until it goes away."""
    channel = Channel(sys.stdin.buffer, os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what anything prints, compiled libraries too, may not come between messages
    # Half of the cores: two threads on cores that a browser also wants wait for each other, and
    # training is then many times slower, not a little.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))
    inbox: queue.SimpleQueue = queue.SimpleQueue()
    outbox: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=read, args=(channel, inbox), daemon=True).start()
    threading.Thread(target=write, args=(channel, outbox), daemon=True).start()
    rehearse()
    outbox.put(("ready", None, {"devices": available_devices()}))
    serve(inbox, outbox)


def rehearse() -> None:
    """Train for one step on nothing, so that what torch loads late is there before a run is."""
    table, rows = np.eye(3), [np.array([row]) for row in range(3)]
    dataset = Dataset(
        name="rehearsal",
        x=table,
        y=table,
        label_names=("a", "b", "c"),
        train=rows[0],
        validation=rows[1],
        test=rows[2],
        description="",
        source="",
        licence="",
    )
    for _ in Race([TrainConfig(epochs=1, hidden=(2,))], dataset):
        pass


def read(channel: Channel, inbox: queue.SimpleQueue) -> None:
    """Put every command into the inbox; end the process when there is nobody to command it."""
    try:
        while True:
            inbox.put(channel.receive())
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)


def write(channel: Channel, outbox: queue.SimpleQueue) -> None:
    """Send what is in the outbox, so that training need not wait until it is read."""
    while True:
        channel.send(*outbox.get())


def serve(inbox: queue.SimpleQueue, outbox: queue.SimpleQueue) -> None:
    """Follow commands and train, turn by turn."""
    jobs: dict[str, Job] = {}
    while True:
        training = any(job.state == "running" for job in jobs.values())
        while not training or not inbox.empty():
            command, run_id, content = inbox.get()
            if command == "start":
                jobs[run_id] = Job(outbox, run_id, **content)
            elif run_id in jobs:
                jobs[run_id].obey(command)
            training = any(job.state == "running" for job in jobs.values())
        for job in jobs.values():
            if job.state == "running":
                job.advance()
        jobs = {run_id: job for run_id, job in jobs.items() if job.state not in ENDED}


ENDED = ("finished", "stopped", "failed")


class Job:
    """One race and what has been asked of it.

    Args:
        outbox: Where records go.
        run_id: Which run they belong to.
        configs: As in `mlcore.training.race`.
        dataset: As in `mlcore.training.race`.
        one_epoch: Whether to pause after the first epoch.
    """

    def __init__(
        self, outbox: queue.SimpleQueue, run_id: str, configs, dataset, one_epoch: bool
    ) -> None:
        self.outbox, self.run_id = outbox, run_id
        self.state = "running"
        self.last_epoch = 1 if one_epoch else None  # where to pause; None for nowhere
        self.predicted_at = 0.0
        self.pulsed_step = 0
        self.seconds = 0.0
        try:
            self.race = Race(
                configs, dataset, record="dense", thresholds=THRESHOLDS, heartbeat=TURN_SECONDS
            )
        except (ValueError, RuntimeError) as error:
            self.fail(error)
            return
        self.records = iter(self.race)
        self.epoch = 0
        self.send("state", state="running")

    def obey(self, command: str) -> None:
        """Pause, resume, stop, or step to the end of the epoch."""
        if self.state in ENDED:
            return
        if command == "stop":
            self.finish("stopped")
        elif command == "pause" and self.state == "running":
            self.pause()
        elif command in ("resume", "step"):
            self.last_epoch = self.epoch + 1 if command == "step" else None
            self.state = "running"
            self.send("state", state="running")

    def advance(self) -> None:
        """Train for one turn and send what was recorded."""
        began = time.monotonic()
        batch = []
        while self.state == "running" and time.monotonic() - began < TURN_SECONDS:
            try:
                records = next(self.records, None)
            except RuntimeError as error:  # out of memory on the device, most often
                self.fail(error)
                return
            if records is None:
                break
            if records:
                batch.append(records)
                self.epoch = int(records[0].epoch)
                if self.last_epoch is not None and records[0].epoch >= self.last_epoch:
                    break
        self.seconds += time.monotonic() - began
        if batch:
            self.send("records", records=batch, seconds=self.seconds)
            last = batch[-1]
            if last[0].step == self.race.steps or all(record.diverged for record in last):
                self.finish("finished")
            elif self.last_epoch is not None and last[0].epoch >= self.last_epoch:
                self.pause()
        if self.state == "running":
            self.pulse()
        if self.state == "running" and time.monotonic() - self.predicted_at > PREDICTION_SECONDS:
            self.send_predictions()

    def pulse(self) -> None:
        """Between two records, say how far it is and what the training loss is."""
        step = self.race.step
        losses = self.race.running_losses()
        if step >= self.pulsed_step * PULSE_GROWTH and any(map(math.isfinite, losses)):
            self.pulsed_step = step
            self.send("pulse", step=step, losses=losses, seconds=self.seconds)

    def pause(self) -> None:
        self.state = "paused"
        self.send("state", state="paused")  # at once; who pauses waits for that
        self.send_predictions()

    def finish(self, state: str) -> None:
        self.state = state
        self.send_predictions()
        self.send("state", state=state)

    def fail(self, error: Exception) -> None:
        self.state = "failed"
        self.send("state", state="failed", error=str(error))

    def send_predictions(self) -> None:
        """Send every contender's probabilities for the rows that it was not trained on."""
        contenders = range(len(self.race.configs))
        rows = {"validation": self.race.dataset.validation, "test": self.race.dataset.test}
        predictions = {
            split: [self.race.probabilities(contender, part) for contender in contenders]
            for split, part in rows.items()
        }
        self.send("predictions", predictions=predictions)
        self.predicted_at = time.monotonic()

    def send(self, kind: str, **content) -> None:
        self.outbox.put((kind, self.run_id, content))


if __name__ == "__main__":
    main()
