"""One set of worker processes for everything: answers, and training in turns.

A worker does one piece of work at a time, for about `turns.TURN_SECONDS`. What is free next is
given to, in this order,

1. what somebody waits for: `Pool.call`, what usually takes least before the rest. It loses that
   place once it has had `URGENT_SECONDS`;
2. of all else that whose `Share` has had the least of the workers' time, and of one share the task
   that waits for longest. Who comes later is not ahead by what others had before.

So a function that may take longer than some tenths of a second must be a generator function that
yields now and then: it is then gone through in turns like a training, and ends between two of them
when nobody wants it any more. One that does not yield holds its worker, and all that is in training
there, until it is over.

A process that dies or hangs is replaced. What it held is begun anew elsewhere; what it was working
on is so `TRIES` times at most.
"""

import atexit
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import count

from mlcore.datasets.source import NotHere, resolve
from mlcore.lazy import once
from mlcore.workers.task import TRIES, Answer, Share, Task, Told
from mlcore.workers.turns import DONE, FAILED, GOING, RESTING, Call
from mlcore.workers.worker import Worker, WorkerDied

URGENT_SECONDS = 0.5
LOOK_SECONDS = 1.0
GRACE_LOOKS = 10  # that a turn may last which nobody wants any more
IDLE_SECONDS = 600.0  # after which a process ends, but for one; more work starts it again
POLL_SECONDS = 0.1
UNTIDY_SECONDS = 0.5  # of work, after which a process gives memory back
START_PAUSE = 0.2
LOST = "lost"
TURN, DROP = "mlcore.workers.turns:turn", "mlcore.workers.turns:drop"
HAND = "mlcore.datasets.source:hand"
PREPARE: Call = ("mlcore.workers.turns:prepare", (), {})


class Unwanted(Exception):
    """Nobody waits for this any more."""


class _Seat:
    """A worker, and what it is at."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.is_on = False  # or is being started
        self.task: Task | None = None  # that has its turn
        self.held: set[Task] = set()  # whose state is in the process
        self.dropped: list[int] = []  # what the process has not been told to forget yet
        self.unwanted_looks = self.failed_starts = 0

    @property
    def load(self) -> int:
        """Tasks that want turns here; one that rests costs nothing."""
        return sum(not task._resting for task in self.held)


class Pool:
    """Gives turns to tasks in a bounded number of worker processes.

    Args:
        workers: How many at most; None for as many as there are cores that this process may use.
            They are started one after the other as work asks for them.
        prepare: What a process is to call before it works.
        make_worker: Makes what stands for a process.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        prepare: Call = PREPARE,
        make_worker: Callable[[], Worker] = Worker,
    ) -> None:
        from loky import cpu_count  # those of the machine, of the affinity and of the cgroup

        self.workers = workers or cpu_count()
        self.prepare = prepare
        self.prepared: object = None
        self._seats = [_Seat(make_worker()) for _ in range(self.workers)]
        self._tasks: dict[int, Task] = {}
        self._numbers = count()
        self._means: dict[str, float] = {}  # seconds that a call takes, by its function
        self.is_closed = False
        self._changed = threading.Condition()
        self._over = threading.Event()
        for seat in self._seats:
            threading.Thread(target=self._serve, args=(seat,), daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()

    def call(
        self,
        name: str,
        *args,
        is_wanted: Callable[[], bool] | None = None,
        limit: float = math.inf,
        **kwargs,
    ):
        """What a function returns, or raises, in a worker; it goes before all training.

        Args:
            name: "package.module:function". A generator function is gone through in turns, and
                what it returns is the result.
            *args: What it takes, picklable.
            is_wanted: Asked now and then whether somebody still waits.
            limit: Seconds that it may take from its beginning on. With one, it is tried once only.
            **kwargs: The same as args, by name.

        Raises:
            Unwanted: If nobody does. A generator is closed then; what holds its worker for longer
                than a moment is ended with it.
            TimeoutError: If it reached its limit; what holds its worker is ended at once.
            WorkerDied: If it ended every process that it was tried in.
        """
        task = Answer((name, args, kwargs))
        is_limited = limit < math.inf
        task.urgent, task.most_tries = True, 1 if is_limited else TRIES
        self.add(task)
        while True:
            try:
                return task.future.result(POLL_SECONDS if is_wanted or is_limited else None)
            except TimeoutError:
                if task.future.done():  # it is the function's own, or came this very moment
                    return task.future.result()
                if is_wanted and not is_wanted():
                    self.drop(task)
                    raise Unwanted from None
                if task._began and time.monotonic() - task._began > limit:
                    self.drop(task, at_once=True)
                    raise

    def stream(
        self, name: str, *args, is_wanted: Callable[[], bool] | None = None, **kwargs
    ) -> Iterator:
        """What a generator function yields in a worker, but for Nones, as it comes.

        Where a process died it begins anew, with what came first. Whoever closes this ends it.

        Args:
            name, args, is_wanted, kwargs: As in `call`.

        Raises:
            Unwanted, WorkerDied: As in `call`.
        """
        task = Told((name, args, kwargs))
        task.urgent = True
        self.add(task)
        try:
            while (message := task.next_message(POLL_SECONDS)) is not task.end_mark:
                if is_wanted and not is_wanted():
                    raise Unwanted
                if message is not None:
                    yield message
            task.future.result()
        finally:
            if not task.future.done():
                self.drop(task)

    def submit(
        self,
        name: str,
        *args,
        tries: int = TRIES,
        share: Share | None = None,
        background: bool = False,
        **kwargs,
    ) -> Future:
        """Have a function called, as fairly as all training; its result or error comes with it.

        Whoever cancels it ends it. `tries`, `share` and `background` are as in `Task`.
        """
        task = Answer((name, args, kwargs), share)
        task.most_tries, task.background = tries, background
        task.future.add_done_callback(lambda future: future.cancelled() and self.drop(task))
        self.add(task)
        return task.future

    def add(self, task: Task) -> None:
        """Give turns to a task from now on, until it ends or is dropped."""
        with self._changed:
            if self.is_closed:
                raise RuntimeError("the pool is closed")
            task._number, task._since = next(self._numbers), time.monotonic()
            self._tasks[task._number] = task
            self._be_fair(task)
            self._changed.notify_all()

    def wake(self, task: Task) -> None:
        """Have a task told what it says now: it is given the next turn there is."""
        with self._changed:
            task._resting, task._woken = False, True
            self._be_fair(task)
            self._changed.notify_all()

    def drop(self, task: Task, *, at_once: bool = False) -> None:
        """Give no more turns to a task, and have what it holds forgotten.

        Args:
            task: One that was added.
            at_once: End the process if it is working on it.
        """
        with self._changed:
            task._dropped = True
            if not task._in_turn:
                self._remove(task)
            elif at_once:
                task._seat.worker.kill()
            self._changed.notify_all()

    def warm_up(self) -> None:
        """Have a process started before the first work needs it; no wait."""
        self.submit("os:getpid")

    def close(self) -> None:
        """End all processes; tasks end with an error."""
        with self._changed:
            self.is_closed = True
            left, self._tasks = list(self._tasks.values()), {}
            self._over.set()
            self._changed.notify_all()
        for seat in self._seats:
            seat.worker.kill()
        for task in left:
            if not task._dropped:
                task.end(None, WorkerDied())

    def _serve(self, seat: _Seat) -> None:
        """What the thread of a worker does: one piece of work after another."""
        while (work := self._next(seat)) is not None:
            work(seat)
        seat.worker.end()

    def _next(self, seat: _Seat) -> Callable[[_Seat], None] | None:
        """Wait for a piece of work; None at the end."""
        with self._changed:
            while not self.is_closed:
                if seat.is_on and not seat.worker.is_alive:  # no task's fault: it had none
                    self._lose(seat)
                if not seat.is_on and self._is_needed(seat):
                    seat.is_on = True
                    self._changed.notify_all()  # more may wait than this one will take
                    return self._start
                if seat.is_on:
                    task = self._choose(seat)
                    if seat.dropped and not (task and self._is_urgent(task)):
                        return self._forget
                    if task is not None:
                        seat.task, task._seat, task._in_turn = task, seat, True
                        return partial(self._turn, task=task)
                is_idle = not self._changed.wait(IDLE_SECONDS) and seat.is_on and not seat.held
                if is_idle and seat is not self._seats[0]:
                    seat.is_on = False
                    return lambda seat: seat.worker.end()
            return None

    def _is_needed(self, seat: _Seat) -> bool:
        """Whether this is the next process to start, because work waits for one."""
        others = [other for other in self._seats if other.is_on]
        if seat is not next(other for other in self._seats if not other.is_on):
            return False
        long_ago = time.monotonic() - LOOK_SECONDS if others else math.inf
        waiting = sum(
            task._is_ready and not task._seat and (not task.urgent or task._since < long_ago)
            for task in self._tasks.values()
        )
        idle = sum(other.task is None and not other.load for other in others)
        return waiting > idle

    def _choose(self, seat: _Seat) -> Task | None:
        """What a worker does next."""
        ready = [task for task in self._tasks.values() if task._is_ready]
        return min(
            (task for task in ready if self._may_have(seat, task)), key=self._order, default=None
        )

    def _may_have(self, seat: _Seat, task: Task) -> bool:
        """Whether a task is this worker's: the one that holds it, else the least loaded."""
        if task._seat is not None or self._is_urgent(task):
            return task._seat in (seat, None)
        loads = {
            other: other.load
            for other in self._seats
            if (other.is_on or other.failed_starts < TRIES)
            and not (task.background and any(held.background for held in other.held))
        }
        return seat in loads and loads[seat] == min(loads.values())

    def _is_urgent(self, task: Task) -> bool:
        return task._woken or (task.urgent and task.used < URGENT_SECONDS)

    def _order(self, task: Task) -> tuple:
        if self._is_urgent(task):
            return 0, 0.0 if task._woken else self._means.get(task.name, 0.0), task._number
        return 1, task.share.used, task._since, task._number

    def _be_fair(self, task: Task) -> None:
        """One that comes, or comes back, is not ahead by what others had meanwhile."""
        others = (other.share for other in self._tasks.values() if other._is_at_work)
        floor = min((share.used for share in others if share is not task.share), default=0.0)
        task.share.used = max(task.share.used, floor)

    def _start(self, seat: _Seat) -> None:
        """Start a process and prepare it; when none can be started, what waits ends with that."""
        problem, ended = None, []
        try:
            seat.worker.start()
            name, args, kwargs = self.prepare
            self.prepared = seat.worker.call(name, *args, **kwargs)
        except Exception as error:
            problem = error
            seat.worker.end()
            self._over.wait(START_PAUSE)
        with self._changed:
            seat.is_on = problem is None
            seat.failed_starts = 0 if seat.is_on else seat.failed_starts + 1
            if seat.failed_starts >= TRIES and not any(other.is_on for other in self._seats):
                ended, self._tasks = list(self._tasks.values()), {}
            self._changed.notify_all()
        for task in ended:
            task.end(None, problem)

    def _turn(self, seat: _Seat, task: Task) -> None:
        """Give one turn to a task."""
        began, told, content = time.monotonic(), [], None
        task._woken = False
        task._began = task._began or began
        try:
            told, state, content = self._work(seat, task)
        except WorkerDied as death:
            self._lose(seat, task)
            state, content = (LOST if task.deaths < task.most_tries else FAILED), death
        except Exception as problem:  # what begins it, or what it gave, cannot be sent
            state, content = FAILED, problem
        for message in told:
            task.hear(message)
        with self._changed:
            task._since = time.monotonic()
            seconds = task._since - began
            task.used += seconds
            task.share.used += seconds
            seat.task, task._in_turn = None, False
            is_over = self._settle(seat, task, state)
        if is_over:
            task.end(*((None, content) if state == FAILED else (content, None)))
        elif state == RESTING:
            task.rest()

    def _work(self, seat: _Seat, task: Task) -> tuple[list, str, object]:
        """What `turns.turn` gives; a data set that the process lacks is handed to it."""
        begin = None if task in seat.held else task.begin()
        turn = partial(seat.worker.call, TURN, task._number, begin, task.say(), task.background)
        answer = turn()
        if isinstance(missing := answer[2], NotHere):
            seat.worker.call(HAND, missing.data, resolve(missing.data))
            answer = turn()
        return answer

    def _settle(self, seat: _Seat, task: Task, state: str) -> bool:
        """Note what came of a turn; returns whether the task has ended by itself."""
        if state in (GOING, RESTING):
            seat.held.add(task)
            task._resting = state == RESTING and not task._woken
        if state == DONE:
            mean = self._means.get(task.name, task.used)
            self._means[task.name] = 0.7 * mean + 0.3 * task.used
        has_ended = state in (DONE, FAILED)
        if has_ended or task._dropped or task._resting:
            self._changed.notify_all()
        if not has_ended and not task._dropped:
            return False
        self._remove(task)
        return not task._dropped and not self.is_closed

    def _remove(self, task: Task) -> None:
        """Have a task no more; a process that worked for long is to give memory back."""
        self._tasks.pop(task._number, None)
        seat, task._seat = task._seat, None
        if seat is not None and (task in seat.held or task.used > UNTIDY_SECONDS):
            seat.held.discard(task)
            seat.dropped.append(task._number)

    def _lose(self, seat: _Seat, guilty: Task | None = None) -> None:
        """The process is gone: what it held is to be begun anew, wherever."""
        with self._changed:
            for task in seat.held:
                task._seat = None
            if guilty is not None:
                guilty._seat = None
                guilty.deaths += 1
            seat.held, seat.dropped, seat.is_on = set(), [], False
            self._changed.notify_all()

    def _forget(self, seat: _Seat) -> None:
        """Have the process forget what was dropped."""
        with self._changed:
            dropped, seat.dropped = seat.dropped, []
        try:
            seat.worker.call(DROP, dropped)
        except WorkerDied:
            self._lose(seat)

    def _watch(self) -> None:
        """Every second: end processes that hang, or that are kept by what nobody waits for."""
        while not self._over.wait(LOOK_SECONDS):
            for seat in self._seats:
                seat.worker.look()
                is_unwanted = (task := seat.task) is not None and task._dropped
                seat.unwanted_looks = seat.unwanted_looks + 1 if is_unwanted else 0
                if seat.unwanted_looks > GRACE_LOOKS:
                    seat.worker.kill()
            with self._changed:  # what waits for long may need another process
                self._changed.notify_all()


def call(name: str, *args, **kwargs):
    """`Pool.call` of the pool of this process."""
    return shared().call(name, *args, **kwargs)


def stream(name: str, *args, **kwargs) -> Iterator:
    """`Pool.stream` of the pool of this process."""
    return shared().stream(name, *args, **kwargs)


@once
def shared() -> Pool:
    """The pool of this process."""
    pool = Pool()
    atexit.register(pool.close)
    return pool
