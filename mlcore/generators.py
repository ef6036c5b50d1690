"""Work that stops now and then, so that others have their turn; and its own time."""

import time
from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

Item, Result = TypeVar("Item"), TypeVar("Result")


def completed(work: Generator[object, None, Result]) -> Result:
    """What a generator returns when it is gone through without a stop.

    >>> def work():
    ...     yield
    ...     return 3
    >>> completed(work())
    3
    """
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value


class Timed(Iterator[Item]):
    """The same items, with the time that they took to come; what is done between does not count.

    Args:
        items: Any.

    Attributes:
        seconds: For all that came so far.

    Example:
        >>> items = Timed("ab")
        >>> list(items), items.seconds < 60
        (['a', 'b'], True)
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.seconds = 0.0
        self._items = iter(items)

    def __next__(self) -> Item:
        start = time.perf_counter()
        try:
            return next(self._items)
        finally:
            self.seconds += time.perf_counter() - start
