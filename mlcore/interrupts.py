"""Ctrl-C at moments at which it would do harm."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


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
