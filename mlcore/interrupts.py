"""Ctrl-C at moments at which it would do harm."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[None]:
    """Let a Ctrl-C that comes meanwhile come afterwards; for what takes a moment only.

    Processes that are started meanwhile never get one: who started them is to end them.
    """
    if not _is_ours():
        yield
        return
    came: list[tuple] = []
    before = signal.signal(signal.SIGINT, lambda *given: came.append(given))
    try:
        with _blocked():
            yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])


@contextmanager
def _blocked() -> Iterator[None]:
    """Block the signal in this thread, which those started by it inherit; not on Windows."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def restored() -> Iterator[None]:
    """Afterwards Ctrl-C does what it did before, whatever was done to it meanwhile."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if _is_ours():
            signal.signal(signal.SIGINT, before)


def ignore() -> None:
    """From now on Ctrl-C does nothing."""
    if _is_ours():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _is_ours() -> bool:
    """Whether this is the thread that signals are for."""
    return threading.current_thread() is threading.main_thread()
