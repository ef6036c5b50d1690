"""What stands for workers, for their clock and for trainings where the order of turns is tested."""

import time
from typing import ClassVar

from mlcore.workers import pool, turns
from mlcore.workers.task import Task
from mlcore.workers.turns import REST
from mlcore.workers.worker import WorkerDied, function_named

STEP = 0.01  # seconds on the test's clock that a step of a training takes
TRAIN = f"{__name__}:train"


class Clock:
    """Stands for the module `time`, and goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class StandIn:
    """Stands for a worker process: calls in this one, and dies before what is in `deadly`."""

    deadly: ClassVar[set[int]] = set()

    def __init__(self) -> None:
        self.given: list[int] = []  # the task of each turn
        self.starts = 0
        self.is_alive = False

    def start(self) -> None:
        self.starts += 1
        self.is_alive = True

    def call(self, name: str, *args):
        if name == pool.DROP:
            return turns.drop([(id(self), number) for number in args[0]])
        if name != pool.TURN:
            return function_named(name)(*args)
        number, begin, said, _background = args
        self.given.append(number)
        time.sleep(0.001)  # so that logs stay short
        if number in self.deadly:
            raise WorkerDied
        return turns.turn((id(self), number), begin, said, False)

    def look(self) -> None:
        pass

    def kill(self) -> None:
        pass

    def end(self) -> None:
        pass


def train(clock, log, name, steps, told):
    """Steps of a training: the log says in which order they were taken."""
    for _ in range(steps):
        clock.now += STEP
        log.append(name)
        if told.get(name) == "rest":
            yield REST
        else:
            yield
    return name


class Training(Task):
    """So many steps that write into a log."""

    def __init__(self, clock, log, name, steps=10**9, *, share=None, background=False):
        super().__init__(share)
        self.call = TRAIN, (clock, log, name, steps, TOLD), {}
        self.background = background
        self.begun, self.rested, self.ended = 0, 0, []

    def begin(self):
        self.begun += 1
        return self.call

    def rest(self):
        self.rested += 1

    def end(self, result, error):
        self.ended.append((result, error))


TOLD: dict[str, str] = {}  # what trainings are to do instead of going on


def turns_of(log: list[str]) -> list[tuple[str, int]]:
    """Who had a turn, one after the other, and of how many steps."""
    told: list[tuple[str, int]] = []
    for name in log.copy():
        if told and told[-1][0] == name:
            told[-1] = name, told[-1][1] + 1
        else:
            told.append((name, 1))
    return told
