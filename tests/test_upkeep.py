"""Garbage is collected while the server is idle, and files for a class are allowed."""

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from pages.ui.server import upkeep
from tests.conftest import wait_until


class Circle:
    """Refers to itself, so that only a collection can free it."""

    def __init__(self) -> None:
        self.itself = self


def old_circle() -> weakref.ref:
    """A circle that nobody needs any more, in the oldest generation."""
    circle = Circle()
    gc.collect()
    return weakref.ref(circle)


@pytest.fixture
def running(monkeypatch):
    """The server's upkeep, quick enough for a test, in a loop of its own."""
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(upkeep, "LEAST_WORK", 0.01)
    ended = threading.Event()

    async def run() -> None:
        async with upkeep.upkeep():
            await asyncio.to_thread(ended.wait)

    before = gc.get_threshold()
    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    wait_until(lambda: gc.get_threshold() != before)
    yield
    ended.set()
    thread.join()
    assert gc.get_threshold() == before


def work(until) -> None:
    """Make objects that stay for a while, as a server does."""
    kept = []
    while not until():
        kept.append([[] for _ in range(100_000)])
        del kept[:-20]


def collections() -> int:
    return gc.get_stats()[2]["collections"]


def test_nothing_old_is_collected_while_it_is_busy(running, monkeypatch):
    monkeypatch.setattr(upkeep, "IDLE_SHARE", 0.0)  # other work on this machine is none of its own
    circle, before = old_circle(), collections()
    rounds = iter(range(100))  # by itself Python would collect the oldest some times in these
    work(lambda: next(rounds, None) is None)
    assert collections() == before
    assert circle() is not None


def test_what_is_old_is_collected_once_it_is_idle(running, monkeypatch):
    monkeypatch.setattr(upkeep, "IDLE_SHARE", 0.9)  # others use this process, too
    circle = old_circle()
    rounds = iter(range(3))
    work(lambda: next(rounds, None) is None)
    wait_until(lambda: circle() is None, "a collection")


def test_what_is_old_is_collected_in_the_end_where_it_is_never_idle(running, monkeypatch):
    monkeypatch.setattr(upkeep, "IDLE_SHARE", 0.0)
    monkeypatch.setattr(upkeep, "LONGEST_SECONDS", 0.2)
    circle = old_circle()
    work(lambda: circle() is None)


def test_files_for_a_class_are_allowed():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(before[1], upkeep.OPEN_FILES) if before[1] > 0 else upkeep.OPEN_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, wanted), before[1]))
    try:

        async def run() -> None:
            async with upkeep.upkeep():
                assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == wanted

        # In a thread: a browser of other tests may have a loop in this one.
        with ThreadPoolExecutor(1) as executor:
            executor.submit(asyncio.run, run()).result()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
