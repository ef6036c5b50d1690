"""What the pool asks of a worker process: work in turns, so that none waits for another's end."""

import gc
import os
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

from mlcore.workers.memory import tidy
from mlcore.workers.worker import function_named, sendable

TURN_SECONDS = 0.05
REST = "rest"  # what a generator yields that has nothing to do until it is told more
GOING, RESTING, DONE, FAILED = "going", "resting", "done", "failed"
Call = tuple[str, tuple, dict]  # name of a function, arguments, arguments by name
Outcome = tuple[list, str, object]
_generators: dict[int, Generator] = {}


def _step_back() -> None:
    """Have this thread wait for others that want its core; on Linux, where a thread can do so."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


_aside = ThreadPoolExecutor(1, initializer=_step_back)  # its thread starts with its first work


def turn(task: int, begin: Call | None, said: object, background: bool) -> Outcome:
    """Work on one task for a turn, or a little more: control comes back when it yields.

    Args:
        task: Its number.
        begin: What to call first. A function that is no generator has its whole work done.
        said: What is sent into the generator wherever it yields.
        background: Whether to leave the core to whoever else wants it.

    Returns:
        What it yielded, but for Nones; one of the four words above; its result, or its error.
    """
    if background:
        return _aside.submit(_turn, task, begin, said).result()
    return _turn(task, begin, said)


def _turn(task: int, begin: Call | None, said: object) -> Outcome:
    end = time.monotonic() + TURN_SECONDS
    told = []
    try:
        if begin is not None:
            name, args, kwargs = begin
            work = function_named(name)(*args, **kwargs)
            if not isinstance(work, Generator):
                return told, DONE, work
            _generators[task] = work
            message = next(work)
        else:
            message = _generators[task].send(said)
        while True:
            if message is REST:
                return told, RESTING, None
            if message is not None:
                told.append(message)
            if time.monotonic() >= end:
                return told, GOING, None
            message = _generators[task].send(said)
    except StopIteration as stop:
        _generators.pop(task, None)
        return told, DONE, stop.value
    except Exception as error:
        _generators.pop(task, None)
        return told, FAILED, sendable(error)


def drop(tasks: list[int]) -> None:
    """Forget tasks that nobody wants any more, and give their memory back."""
    for task in tasks:
        if (work := _generators.pop(task, None)) is not None:
            work.close()
    work = None
    tidy()


def prepare() -> tuple[str, ...]:
    """Train for one step on nothing, so that what torch loads late is there before work is.

    Returns:
        The devices that can be trained on.
    """
    import torch

    from mlcore.datasets import load, source
    from mlcore.training import Race, TrainConfig, available_devices

    torch.set_num_threads(1)
    source.borrow()
    for _ in Race([TrainConfig(epochs=1, hidden=(2,))], load("synthetic", rows=100, labels=20)):
        pass
    gc.freeze()  # libraries stay; later collections need not look at them again
    return available_devices()
