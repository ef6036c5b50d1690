"""What the server does for itself: enough open files for a class, and garbage when nobody waits."""

import gc
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mlcore.workers.memory import tidy

OPEN_FILES = 16_384  # a connection is one; often no more than 1,024 are allowed until asked for
LOOK_SECONDS = 2.0  # how long nothing may be asked before it is collected
IDLE_SHARE = 0.05  # of a core; who uses more is at work
LEAST_WORK = 0.5  # seconds of a core since the last time, that it is worth it
LONGEST_SECONDS = 120.0  # between two times while the server is always at work
NEVER = 2**31 - 1  # collections of the middle generation before one of the oldest


@asynccontextmanager
async def upkeep(app: object = None) -> AsyncIterator[None]:
    """For as long as the server runs: see this module.

    A collection of the oldest generation looks at every object there is, which holds up all that
    300 sessions ask for by a quarter of a second; by itself Python does that every few seconds.

    Args:
        app: What Streamlit gives to whatever goes along with the server.
    """
    _allow_files()
    before, ended = gc.get_threshold(), threading.Event()
    gc.set_threshold(*before[:2], NEVER)
    collector = threading.Thread(target=_collect_when_idle, args=(ended,), daemon=True)
    collector.start()
    try:
        yield
    finally:
        ended.set()
        collector.join()
        gc.set_threshold(*before)


def is_due(share: float, worked: float, waited: float) -> bool:
    """Whether to collect now.

    Args:
        share: Of a core that was used lately.
        worked: Seconds of a core that were used since the last time.
        waited: Seconds since then.

    >>> is_due(0.01, worked=9.0, waited=5.0), is_due(0.8, worked=9.0, waited=5.0)
    (True, False)
    >>> is_due(0.01, worked=0.1, waited=500.0), is_due(0.8, worked=9.0, waited=500.0)
    (False, True)
    """
    return worked >= LEAST_WORK and (share < IDLE_SHARE or waited >= LONGEST_SECONDS)


def _collect_when_idle(ended: threading.Event) -> None:
    looked = collected = (time.monotonic(), time.process_time())
    while not ended.wait(LOOK_SECONDS):
        now = (time.monotonic(), time.process_time())
        share = (now[1] - looked[1]) / (now[0] - looked[0])
        if is_due(share, worked=now[1] - collected[1], waited=now[0] - collected[0]):
            tidy()
            now = collected = (time.monotonic(), time.process_time())
        looked = now


def _allow_files() -> None:
    """Raise what this process may open to what the system lets it."""
    with suppress(ImportError, ValueError, OSError):  # no such thing on Windows
        import resource

        least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
        if least != resource.RLIM_INFINITY and least < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
