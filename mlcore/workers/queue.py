"""Work that waits in its order until there is room for it, and how long it will wait."""

import threading
from bisect import insort
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mlcore.workers.pool import Pool, Share, shared

ACTIVE = ("queued", "starting", "running", "paused")


@dataclass(eq=False, kw_only=True)
class Work:
    """What waits, is worked on and ends.

    Attributes:
        state: "queued" (see `Queue.place`), "starting", "running", "paused", "finished", "stopped"
            or "failed", as far as there is such a thing.
        error: Why it failed, for people to read.
        version: Grows whenever something has changed.
        share: Whose time it takes.
        rank: How many others of its share were waiting or inside when it came.
    """

    state: str = "queued"
    error: str = ""
    version: int = 0
    share: Share = field(default_factory=Share)
    rank: int = 0

    @property
    def active(self) -> bool:
        """Whether it waits or is worked on."""
        return self.state in ACTIVE

    def become(self, state: str, error: str = "") -> None:
        """Change the state."""
        self.state, self.error = state, error
        self.version += 1


Kind = TypeVar("Kind", bound=Work)


class Queue(Generic[Kind]):
    """Lets work in while there is room. A client says in a subclass what that means.

    Who comes first is let in first, but the second of a share comes after the first of all shares.

    Args:
        pool: Of the workers that those inside share evenly; the one of this process when None.
        room: How many may be inside, for each worker.
        most: How many workers one can use at a time; all when None.

    Attributes:
        waiting: Those that are let in next, in their order.
        inside: By what is inside, what the pool does for it.
    """

    def __init__(self, pool: Pool | None, *, room: int, most: int | None = None) -> None:
        self.pool = pool or shared()
        self.workers = self.pool.workers
        self.room, self.most = room * self.workers, most or self.workers
        self.waiting: list[Kind] = []
        self.inside: dict[Kind, object] = {}
        self.lock = threading.RLock()

    def begin(self, work: Kind) -> None:
        """Have it inside."""
        raise NotImplementedError

    def make_room(self) -> bool:
        """Have one that is inside wait no longer there; whether there was one."""
        return False

    def seconds_of(self, work: Kind) -> float | None:
        """Seconds of one worker that it still takes, as far as known."""
        raise NotImplementedError

    def enter(self, work: Kind) -> None:
        """Begin it, or let it wait."""
        work.become("queued")
        work.rank = sum(own.share is work.share for own in (*self.inside, *self.waiting))
        insort(self.waiting, work, key=lambda own: own.rank)
        self.let_in()

    def let_in(self) -> None:
        """Begin those that come next while there is room."""
        while self.waiting and not self.pool.is_closed:
            if len(self.inside) >= self.room and not self.make_room():
                return
            self.begin(self.waiting.pop(0))

    def place(self, work: Kind) -> int:
        """How many are let in before this one, itself included; 0 when it does not wait."""
        waiting = self.waiting.copy()
        return waiting.index(work) + 1 if work in waiting else 0

    def seconds_until_in(self, work: Kind) -> float | None:
        """How long it will wait, as far as known.

        Those of whom nothing is known count like the others on average.
        """
        with self.lock:
            place = self.place(work)
            inside = [self.seconds_of(own) for own in self.inside if own.state != "paused"]
            ahead = [self.seconds_of(own) for own in self.waiting[: max(0, place - 1)]]
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
