"""Work for the pool of workers: a client's own, or one function; and whose time it takes."""

from concurrent.futures import Future
from queue import Empty, SimpleQueue

from mlcore.workers.turns import Call

TRIES = 3


class Share:
    """The time of workers that somebody had, in seconds; tasks may have one in common."""

    def __init__(self) -> None:
        self.used = 0.0


class Task:
    """Work that a worker does in turns. A client says in a subclass what it is and what it gives.

    The methods are called in threads of the pool, one at a time for each task. What begins with an
    underscore is the pool's.

    Attributes:
        name: Of what it calls; its kind.
        urgent: Whether somebody waits for it.
        background: Whether it leaves the cores to whoever wants them. A worker that is at such a
            task takes on no second one.
        share: Whose time it takes.
        most_tries: How often a process may end under it before that is its error.
        deaths: How often one did.
        used: Seconds of workers that it had.
    """

    name = ""
    most_tries = TRIES
    urgent = False
    background = False

    def __init__(self, share: Share | None = None) -> None:
        self.share = share or Share()
        self.used = 0.0
        self._seat: object = None  # where its state is
        self._in_turn = self._resting = self._woken = self._dropped = False
        self._number = self.deaths = 0
        self._since = 0.0  # when it was added, or had its last turn
        self._began: float | None = None

    @property
    def _is_at_work(self) -> bool:
        return not (self._resting or self._dropped)

    @property
    def _is_ready(self) -> bool:
        """Whether it may be given a turn."""
        return self._is_at_work and not self._in_turn

    def begin(self) -> Call:
        """What is to be called in the worker; asked again when that died."""
        raise NotImplementedError  # all else has a default, and a subclass says what it is

    def say(self) -> object:
        """What is sent into a generator before each turn."""
        return None

    def hear(self, message: object) -> None:
        """One thing that a generator yielded."""

    def rest(self) -> None:
        """It yielded `turns.REST`, and gets no turn until `Pool.wake`."""

    def end(self, result: object, error: Exception | None) -> None:
        """It is over. Not called for one that was dropped."""


class Answer(Task):
    """A function and what will have become of it."""

    def __init__(self, call: Call, share: Share | None = None) -> None:
        super().__init__(share)
        self.call, self.name = call, call[0]
        self.future: Future = Future()

    def begin(self) -> Call:
        return self.call

    def end(self, result: object, error: Exception | None) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class Told(Answer):
    """The same, and what its generator yields on the way.

    Attributes:
        end_mark: The last message.
    """

    end_mark = object()

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        self._messages: SimpleQueue = SimpleQueue()

    def hear(self, message: object) -> None:
        self._messages.put(message)

    def end(self, result: object, error: Exception | None) -> None:
        super().end(result, error)
        self._messages.put(self.end_mark)

    def next_message(self, seconds: float) -> object:
        """The next one, waited for as long; None where none came."""
        try:
            return self._messages.get(timeout=seconds)
        except Empty:
            return None
