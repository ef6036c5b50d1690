"""What workers do in tests: nothing that needs torch, so that they start quickly."""

import os
import signal
import sys
import time
from pathlib import Path


def add(first, second=0):
    """The sum."""
    return first + second


def fail(words):
    """An error."""
    raise KeyError(words)


def make_what_cannot_be_sent():
    """A function that no pickle holds."""
    return lambda: None


def print_much():
    """Words on standard output, from Python and from below it."""
    print("from Python")
    sys.stdout.flush()
    os.write(1, b"from a compiled library\n")
    return "quiet"


def kill_own_process():
    """The end."""
    os.kill(os.getpid(), signal.SIGKILL)


def oom_score_adjustment():
    """How much sooner this process is ended than others when memory runs out."""
    return int(Path("/proc/self/oom_score_adj").read_text())


def niceness():
    """Of the thread that works, in turns."""
    yield
    return os.getpriority(os.PRIO_PROCESS, 0)


def count(until):
    """Numbers up to one, and how many they were."""
    yield from range(until)
    return until


def sleep_endlessly(begun):
    """Never give control back; a file says that it has begun."""
    Path(begun).touch()
    while True:
        time.sleep(0.05)


def wait_endlessly(begun, closed):
    """Give control back, but never end; files say that it has begun, and that it was closed."""
    Path(begun).touch()
    try:
        while True:
            yield
    finally:
        Path(closed).touch()


def tell_and_die_once(died):
    """Yields 0 and 1; the first process that does so dies between them."""
    yield 0
    if not Path(died).exists():
        Path(died).touch()
        os._exit(1)
    yield 1


def tell_endlessly(closed):
    """Yields numbers until it is closed, and notes that."""
    try:
        number = 0
        while True:
            time.sleep(0.01)
            yield number
            number += 1
    except GeneratorExit:
        Path(closed).touch()
        raise


def tell_and_fail():
    """Yields 1, then fails."""
    yield 1
    raise ValueError("no more")
