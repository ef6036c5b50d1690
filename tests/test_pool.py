"""Turns of workers: what goes first, who has had how much, and what happens when one dies.

Where the order matters, what stands for a worker works in this process on a clock of the test.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import psutil
import pytest

from mlcore.datasets import load
from mlcore.workers import pool as module
from mlcore.workers import turns
from mlcore.workers.pool import Pool, Unwanted
from mlcore.workers.task import TRIES, Share
from mlcore.workers.worker import WorkerDied
from tests.conftest import PATIENCE, wait_until
from tests.pool_stand_ins import STEP, TOLD, TRAIN, Clock, StandIn, Training, turns_of

NOTHING = "os:getpid", (), {}  # for processes that need no preparation
STAND_INS = "tests.worker_stand_ins"


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for place in (module, turns):
        monkeypatch.setattr(place, "time", clock)
    return clock


@pytest.fixture
def make_pool():
    """Pools that end with the test; of stand-ins, or of real processes."""
    made = []

    def make(workers: int = 1, make_worker=StandIn) -> Pool:
        made.append(Pool(workers, prepare=NOTHING, make_worker=make_worker))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


@pytest.fixture(autouse=True)
def nothing_told():
    yield
    TOLD.clear()
    StandIn.deadly = set()


# One worker.


def test_turns_are_short_and_go_round(make_pool, clock):
    pool, log = make_pool(), []
    with pool._changed:  # none begins before all are there
        for name in "ABC":
            pool.add(Training(clock, log, name))
    wait_until(lambda: len(log) > 60)
    told = turns_of(log)[:11]
    assert [name for name, _steps in told] == [*"ABCABCABCAB"]
    assert {steps for _name, steps in told} == {5}, "50 ms"


def test_who_comes_later_is_not_ahead_by_what_others_had(make_pool, clock):
    pool, log = make_pool(), []
    pool.add(Training(clock, log, "early"))
    wait_until(lambda: len(log) > 500)
    with pool._changed:
        start = len(log)
        pool.add(Training(clock, log, "late"))
    wait_until(lambda: len(log) > start + 100)
    order = [name for name, _steps in turns_of(log[start + 5 :])][:10]
    assert order in (["early", "late"] * 5, ["late", "early"] * 5)


def test_who_comes_back_is_not_ahead_by_what_others_had_meanwhile(make_pool, clock):
    pool, log = make_pool(), []
    TOLD["lazy"] = "rest"
    lazy = Training(clock, log, "lazy")
    pool.add(lazy)
    wait_until(lambda: lazy.rested)
    pool.add(Training(clock, log, "busy"))
    wait_until(lambda: len(log) > 500)
    assert log.count("lazy") == 1, "it rests"
    TOLD.clear()
    with pool._changed:
        start = len(log)
        pool.wake(lazy)
    wait_until(lambda: len(log) > start + 100)
    order = [name for name, _steps in turns_of(log[start + 5 :])][:10]
    assert order in (["busy", "lazy"] * 5, ["lazy", "busy"] * 5)


def test_two_trainings_of_one_share_have_what_one_of_another_has(make_pool, clock):
    pool, log, share = make_pool(), [], Share()
    with pool._changed:
        pool.add(Training(clock, log, "A", share=share))
        pool.add(Training(clock, log, "B", share=share))
        pool.add(Training(clock, log, "other"))
    wait_until(lambda: len(log) > 400)
    assert log[:400].count("other") == pytest.approx(200, abs=10)
    assert all(log[:400].count(name) == pytest.approx(100, abs=10) for name in "AB")


def hold(until):
    until.wait()


def say(clock, log, name, seconds=STEP):
    clock.now += seconds
    log.append(name)
    return name


def test_an_answer_waits_for_one_turn_at_most(make_pool, clock):
    pool, log = make_pool(), []
    for name in "ABC":
        pool.add(Training(clock, log, name))
    wait_until(lambda: len(log) > 50)
    with ThreadPoolExecutor() as threads:
        with pool._changed:
            start = len(log)
            answer = threads.submit(pool.call, f"{__name__}:say", clock, log, "answer")
            wait_until(lambda: len(log) >= start)
        assert answer.result() == "answer"
    assert log[start:].index("answer") <= 10, "the turn in progress, and one that began meanwhile"


def test_of_answers_those_go_first_that_take_little(make_pool, clock):
    pool, log = make_pool(), []
    pool.call(f"{__name__}:say", clock, log, "known to be short")
    pool.call(TRAIN, clock, log, "known to be long", 20, TOLD)
    log.clear()
    there = threading.Event()
    with ThreadPoolExecutor() as threads:
        threads.submit(pool.call, f"{__name__}:hold", there)
        wait_until(lambda: len(pool._tasks) == 1)
        long = threads.submit(pool.call, TRAIN, clock, log, "long", 20, TOLD)
        wait_until(lambda: len(pool._tasks) == 2)
        short = threads.submit(pool.call, f"{__name__}:say", clock, log, "short")
        wait_until(lambda: len(pool._tasks) == 3)
        there.set()
    assert (long.result(), short.result()) == ("long", "short")
    assert log[0] == "short"


def test_an_answer_that_takes_long_goes_on_in_turns(make_pool, clock):
    pool, log = make_pool(), []
    pool.add(Training(clock, log, "training"))
    wait_until(lambda: len(log) > 50)
    start = len(log)
    pool.call(TRAIN, clock, log, "answer", 200, TOLD)
    first, *others, _last = (n for name, n in turns_of(log[start:]) if name == "answer")
    assert 50 <= first <= 55, "half a second on end, in which it is urgent"
    assert set(others) == {5}


def test_a_generator_that_nobody_waits_for_any_more_is_closed(make_pool, tmp_path):
    pool, wanted = make_pool(), threading.Event()
    wanted.set()
    begun, closed = tmp_path / "begun", tmp_path / "closed"
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(
            pool.call,
            f"{STAND_INS}:wait_endlessly",
            begun,
            closed,
            is_wanted=wanted.is_set,
        )
        wait_until(begun.exists)
        assert not answer.done()
        wanted.clear()
        with pytest.raises(Unwanted):
            answer.result()
    wait_until(closed.exists)
    assert pool.call(f"{STAND_INS}:add", 1) == 1


def test_what_a_generator_yields_comes_on_the_way(make_pool, tmp_path):
    pool = make_pool(make_worker=module.Worker)
    closed = tmp_path / "closed"
    told = pool.stream(f"{STAND_INS}:tell_endlessly", closed)
    assert [next(told) for _ in range(30)] == list(range(30))
    assert not closed.exists()
    told.close()
    wait_until(closed.exists)
    died = tmp_path / "died"
    assert [*pool.stream(f"{STAND_INS}:tell_and_die_once", died)] in ([0, 0, 1], [0, 1])
    told = pool.stream(f"{STAND_INS}:tell_and_fail")
    assert next(told) == 1
    with pytest.raises(ValueError, match="no more"):
        next(told)


def test_a_stream_that_nobody_waits_for_any_more_is_closed(make_pool, tmp_path):
    pool = make_pool(make_worker=module.Worker)
    closed, wanted = tmp_path / "closed", threading.Event()
    wanted.set()
    told = pool.stream(f"{STAND_INS}:tell_endlessly", closed, is_wanted=wanted.is_set)
    next(told)
    wanted.clear()
    with pytest.raises(Unwanted):
        for _ in told:
            pass
    wait_until(closed.exists)


def test_what_is_submitted_has_its_turns_as_a_training_has(make_pool, clock):
    pool, log = make_pool(), []
    with pool._changed:
        pool.add(Training(clock, log, "training"))
        future = pool.submit(TRAIN, clock, log, "submitted", 20, TOLD)
    assert future.result() == "submitted"
    assert [name for name, _ in turns_of(log)][:6] == ["training", "submitted"] * 3


def test_what_was_submitted_can_be_cancelled(make_pool, tmp_path):
    pool, begun, closed = make_pool(), tmp_path / "begun", tmp_path / "closed"
    future = pool.submit(f"{STAND_INS}:wait_endlessly", begun, closed)
    wait_until(begun.exists)
    assert future.cancel()
    wait_until(closed.exists)
    assert pool.call(f"{STAND_INS}:add", 1) == 1


def test_an_error_is_that_of_who_asked(make_pool):
    pool = make_pool()
    with pytest.raises(KeyError, match="nothing there"):
        pool.call(f"{STAND_INS}:fail", "nothing there")
    future = pool.submit("nowhere:nothing")
    assert isinstance(future.exception(), ModuleNotFoundError)
    assert pool.call(f"{STAND_INS}:add", 1, second=2) == 3


def test_a_process_that_cannot_load_a_data_set_is_handed_it(make_pool, monkeypatch):
    from mlcore.datasets import source

    monkeypatch.setattr(source, "_borrows", True)
    monkeypatch.setattr(source, "_kept", source.OrderedDict())
    monkeypatch.setattr(module, "resolve", lambda data: load(data[0], **data[1]))
    pool = make_pool()
    assert pool.call("mlcore.datasets.source:resolve", ("digits", {"rows": 120})).x.shape[0] == 120
    with pytest.raises(ValueError, match="rows must be"):
        pool.call("mlcore.datasets.source:resolve", ("digits", {"rows": 1}))


# Several workers.


def seats_of(pool, *tasks) -> list[int]:
    return [pool._seats.index(task._seat) for task in tasks]


def test_trainings_go_where_there_are_fewest_and_those_that_rest_count_for_none(make_pool, clock):
    pool, log = make_pool(3), []
    names = "ABC"
    first = [Training(clock, log, name) for name in names]
    for task in first:
        pool.add(task)
        wait_until(lambda task=task: task in task._seat.held if task._seat else False)
    assert sorted(seats_of(pool, *first)) == [0, 1, 2], "one for each"
    resting = first[1]
    TOLD["B"] = "rest"
    wait_until(lambda: resting.rested)
    for name in "DE":
        task = Training(clock, log, name)
        pool.add(task)
        wait_until(lambda task=task: task._seat is not None)
        if name == "D":
            assert task._seat is resting._seat, "there is nothing to do but rest"
        else:
            loads = [seat.load for seat in pool._seats]
            assert max(loads) == 2
    TOLD.clear()


def test_processes_are_started_as_work_asks_for_them(make_pool, clock):
    pool, log = make_pool(3), []

    def starts() -> list[int]:
        return [seat.worker.starts for seat in pool._seats]

    assert starts() == [0, 0, 0]
    pool.call(f"{STAND_INS}:add", 1)
    assert starts() == [1, 0, 0]
    pool.add(Training(clock, log, "A"))
    wait_until(lambda: "A" in log)
    pool.call(f"{STAND_INS}:add", 1)
    assert starts() == [1, 0, 0], "an answer waits for a turn, not for a process"
    pool.add(Training(clock, log, "B"))
    wait_until(lambda: "B" in log)
    assert starts() == [1, 1, 0]


def test_a_second_process_is_started_while_the_first_still_starts(make_pool, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 1000.0)  # nothing else calls the others
    both = threading.Barrier(2, timeout=PATIENCE)

    class Slow(StandIn):
        def start(self) -> None:
            super().start()
            both.wait()

    pool = make_pool(2, make_worker=Slow)
    with pool._changed:
        pool._seats.reverse()  # so that the one is asked first that is to be started second
        answers = [pool.submit(f"{STAND_INS}:add", number) for number in range(2)]
    wait(answers, timeout=PATIENCE)
    assert not both.broken
    assert [seat.worker.starts for seat in pool._seats] == [1, 1]


def test_a_pool_that_is_warmed_up_has_a_process_before_there_is_work(make_pool):
    pool = make_pool(2)
    pool.warm_up()
    wait_until(lambda: pool.prepared is not None)
    assert [seat.worker.starts for seat in pool._seats] == [1, 0]


def test_a_worker_is_at_one_piece_of_background_work_only(make_pool, clock):
    pool, log = make_pool(2), []
    tasks = [Training(clock, log, name, background=True) for name in "ABC"]
    for task in tasks:
        pool.add(task)
    wait_until(lambda: len(set(log)) == 2)
    pool.add(Training(clock, log, "race"))
    wait_until(lambda: "race" in log)
    assert len(set(log)) == 3, "two in the background and the race"
    assert all(sum(t.background for t in seat.held) == 1 for seat in pool._seats)


# Death.


def test_what_a_dead_worker_held_goes_on_elsewhere_and_only_the_guilty_fails(make_pool, clock):
    pool, log = make_pool(), []
    good = Training(clock, log, "good")
    pool.add(good)
    wait_until(lambda: len(log) > 20)
    bad = Training(clock, log, "bad")
    with pool._changed:
        pool.add(bad)
        StandIn.deadly = {bad._number}
    wait_until(lambda: bad.ended)
    (result, error) = bad.ended[0]
    assert result is None
    assert isinstance(error, WorkerDied)
    assert (bad.begun, bad.deaths, bad.ended) == (TRIES, TRIES, [(None, error)])
    assert pool._seats[0].worker.starts == 1 + TRIES
    steps = len(log)
    wait_until(lambda: len(log) > steps + 20)
    assert good.deaths == 0
    assert 2 <= good.begun <= 1 + TRIES, "anew after each death that it was there for"
    assert good.ended == []


def test_a_function_with_a_limit_is_tried_once(make_pool):
    pool = make_pool()
    StandIn.deadly = set(range(100))
    with pytest.raises(WorkerDied):
        pool.call(f"{STAND_INS}:add", 1, limit=60.0)
    assert pool._seats[0].worker.given == [0]
    with pytest.raises(WorkerDied):
        pool.call(f"{STAND_INS}:add", 1)
    assert pool._seats[0].worker.given == [0, *[1] * TRIES]


def test_a_process_that_died_with_nothing_to_do_is_no_task_s_fault(make_pool):
    pool = make_pool(make_worker=module.Worker)
    process = psutil.Process(pool.call("os:getpid"))
    process.kill()
    psutil.wait_procs([process], timeout=60)
    assert pool.call("os:getpid", limit=60.0) != process.pid


def test_when_no_process_can_be_started_whoever_waits_is_told(make_pool, monkeypatch):
    class Broken(StandIn):
        def start(self) -> None:
            super().start()
            raise OSError("cannot allocate memory")

    monkeypatch.setattr(module, "START_PAUSE", 0.0)
    pool = make_pool(make_worker=Broken)
    with pytest.raises(OSError, match="cannot allocate memory"):
        pool.call(f"{STAND_INS}:add", 1)
    assert pool._seats[0].worker.starts >= TRIES


def test_a_process_that_is_idle_for_long_ends_but_for_one(make_pool, clock, monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.05)
    pool, log = make_pool(2), []
    tasks = [Training(clock, log, name, 20) for name in "AB"]
    with pool._changed:
        for task in tasks:
            pool.add(task)
    wait_until(lambda: all(task.ended for task in tasks))
    wait_until(lambda: [seat.is_on for seat in pool._seats] == [True, False])


# Real processes.


def test_endless_work_is_ended_past_its_limit_or_unwanted(make_pool, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "GRACE_LOOKS", 0)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    pool = make_pool(make_worker=module.Worker)
    name, begun = f"{STAND_INS}:sleep_endlessly", tmp_path / "begun"
    with pytest.raises(TimeoutError):
        pool.call(name, begun, limit=0.1)
    with pytest.raises(Unwanted):
        pool.call(name, begun, is_wanted=lambda: False)
    assert pool.call(f"{STAND_INS}:add", 1, second=2) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness")
def test_background_work_leaves_the_core_to_others(make_pool):
    pool = make_pool(make_worker=module.Worker)
    assert pool.call(f"{STAND_INS}:niceness") == 0
    task = Training(None, None, "")
    task.call, task.background = (f"{STAND_INS}:niceness", (), {}), True
    pool.add(task)
    wait_until(lambda: task.ended)
    assert task.ended == [(10, None)]


def test_closing_ends_what_waits(make_pool):
    pool = make_pool()
    with ThreadPoolExecutor() as threads:
        endless = threads.submit(pool.call, f"{STAND_INS}:count", 10**12)
        wait_until(lambda: pool._seats[0].held)
        pool.close()
        assert isinstance(endless.exception(), WorkerDied)
    with pytest.raises(RuntimeError, match="closed"):
        pool.call(f"{STAND_INS}:add", 1)
