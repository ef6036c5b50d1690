"""Work that waits in its order until there is room for it, and how long it will wait."""

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mlcore.workers.pool import Pool, shared
from mlcore.workers.task import Share

ACTIVE = ("queued", "starting", "running", "paused")


@dataclass(eq=False, kw_only=True)
class Work:
    """What waits, is worked on and ends.

    Attributes:
        state: "queued" (see `Queue.place`), "starting", "running", "paused", "finished", "stopped"
            or "failed", as far as there is such a thing.
        error: Why it failed, for people to read.
        version: Grows whenever something has changed.
        heard: When it last did (monotonic seconds).
        share: Whose time it takes.
    """

    state: str = "queued"
    error: str = ""
    version: int = 0
    heard: float = field(default_factory=time.monotonic)
    share: Share = field(default_factory=Share)

    @property
    def active(self) -> bool:
        """Whether it waits or is worked on."""
        return self.state in ACTIVE

    def become(self, state: str, error: str = "") -> None:
        """Change the state."""
        self.state, self.error = state, error
        self.change()

    def change(self) -> None:
        """Note that something has changed."""
        self.version += 1
        self.heard = time.monotonic()


def counted_down(seconds: float, passed: float) -> float:
    """What is left of an estimate when some time has passed; more again where it was too short.

    >>> counted_down(10, 4), counted_down(10, 8), counted_down(10, 20)
    (6, 2, 5.0)
    """
    return max(seconds - passed, passed / 4)


Kind = TypeVar("Kind", bound=Work)


class Queue(ABC, Generic[Kind]):
    """Lets work in while there is room. A client says in a subclass what that means.

    Who comes first is let in first, but the second of a share comes after the first of all shares.
    When there is no room for the first of a share, what was let in last of the share that has most
    inside waits again, if those are two or more.

    Args:
        pool: Of the workers that those inside share evenly; the one of this process when None.
        room: How many may be inside, for each worker.
        most: How many workers one can use at a time; all when None.

    Attributes:
        waiting: Those that are to be let in, as they came.
        inside: By what is inside, what the pool does for it.
    """

    def __init__(self, pool: Pool | None, *, room: int, most: int | None = None) -> None:
        self.pool = pool or shared()
        self.workers = self.pool.workers
        self.room, self.most = room * self.workers, most or self.workers
        self.waiting: list[Kind] = []
        self.inside: dict[Kind, object] = {}
        self.lock = threading.RLock()

    @abstractmethod
    def begin(self, work: Kind) -> None:
        """Have it inside."""

    @abstractmethod
    def put_out(self, work: Kind) -> None:
        """Have it inside no more; it waits again if it is to go on."""

    @abstractmethod
    def seconds_of(self, work: Kind) -> float | None:
        """Seconds of one worker that it still takes, as far as known."""

    def enter(self, work: Kind) -> None:
        """Begin it, or let it wait."""
        work.become("queued")
        self.waiting.append(work)
        self.let_in()

    def let_in(self) -> None:
        """Begin those that come next while there is room."""
        while self.waiting and not self.pool.is_closed:
            work = self._in_order()[0]
            if len(self.inside) >= self.room and not self._make_room(work.share):
                return
            self.waiting.remove(work)
            self.begin(work)

    def _at_work(self) -> Counter[Share]:
        """How many of each share are inside and do not stand still."""
        return Counter(own.share for own in self.inside if own.state != "paused")

    def _in_order(self) -> list[Kind]:
        """Those that wait, the one that is let in next first."""
        before, ranks = self._at_work(), {}
        for work in self.waiting:
            ranks[work] = before[work.share]
            before[work.share] += 1
        return sorted(self.waiting, key=ranks.__getitem__)

    def _make_room(self, share: Share) -> bool:
        """Put out one that can wait rather than the next of a share; whether there was one."""
        leaving = next((own for own in self.inside if own.state == "paused"), None)
        if leaving is None:
            at_work = self._at_work()
            most = max(at_work, key=at_work.__getitem__, default=share)
            if share in at_work or at_work[most] < 2:
                return False
            leaving = [own for own in self.inside if own.share is most][-1]
        self.put_out(leaving)
        return True

    def seconds_left(self, work: Kind) -> float | None:
        """How long what is inside will still take beside the others, from when it last changed.

        None where that is not known.
        """
        with self.lock:  # what is inside changes in other threads
            seconds, at_work = self.seconds_of(work), sum(self._at_work().values())
        return seconds and seconds / min(self.most, self.workers / max(1, at_work))

    def place(self, work: Kind) -> int:
        """How many are let in before this one, itself included; 0 when it does not wait."""
        with self.lock:
            return self._in_order().index(work) + 1 if work in self.waiting else 0

    def seconds_until_in(self, work: Kind) -> float | None:
        """How long it will wait, as far as known.

        Those of whom nothing is known count like the others on average.
        """
        with self.lock:
            place = self.place(work)
            inside = [self.seconds_of(own) for own in self.inside if own.state != "paused"]
            ahead = [self.seconds_of(own) for own in self._in_order()[: max(0, place - 1)]]
        known = [seconds for seconds in (*inside, *ahead) if seconds is not None]
        if not place or not known:
            return None if place else 0.0
        mean, passed = sum(known) / len(known), 0.0
        left = sorted(mean if seconds is None else seconds for seconds in inside)
        for entering in (*ahead, 0.0):
            if len(left) >= self.room:
                least, *left = left
                passed += least / min(self.most, self.workers / (len(left) + 1))
                left = [seconds - least for seconds in left]
            left = sorted([*left, mean if entering is None else entering])
        return passed
