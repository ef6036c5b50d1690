"""Who waits for room, in which order, who makes it, and how long that will take."""

from dataclasses import replace

import pytest

from mlcore.workers.pool import Pool
from mlcore.workers.races import Races
from mlcore.workers.task import Share
from mlcore.workers.worker import Worker
from tests.conftest import wait_until
from tests.small_races import (
    ENDLESS,
    SHORT,
    idle_races,
    races_made,
    small_data,
    steps,
    wait_for_state,
)


@pytest.fixture(scope="module")
def dataset():
    return small_data()


@pytest.fixture
def make_races():
    """Races with a pool of their own, which ends with the test."""
    with races_made() as make:
        yield make


def test_more_runs_than_fit_wait_in_their_order(make_races, dataset):
    races = make_races(residents=1)
    first, second, third = (races.start([ENDLESS], dataset) for _ in range(3))
    assert [run.state for run in (second, third)] == ["queued", "queued"]
    assert [races.place(run) for run in (first, second, third)] == [0, 1, 2]
    races.stop(second)
    assert (second.state, races.place(second), races.place(third)) == ("stopped", 0, 1)
    wait_until(lambda: first.step > 0)
    races.stop(first)
    wait_for_state(third, "running")
    assert races.place(third) == 0


def test_the_second_of_a_share_comes_after_the_first_of_all(make_races, dataset):
    races, mine = make_races(residents=1), Share()
    own = [races.start([ENDLESS], dataset, share=mine) for _ in range(3)]
    others = [races.start([ENDLESS], dataset) for _ in range(2)]
    assert [races.place(run) for run in (*own, *others)] == [0, 3, 4, 1, 2]


def test_who_has_several_inside_makes_room_for_who_has_none(make_races, dataset):
    races, mine = make_races(residents=2), Share()
    own = [races.start([ENDLESS], dataset, share=mine) for _ in range(3)]
    assert [races.place(run) for run in own] == [0, 0, 1]
    wait_until(lambda: own[1].step > 50)
    theirs = races.start([ENDLESS], dataset)
    assert [races.place(run) for run in (theirs, *own)] == [0, 0, 1, 2]
    third = races.start([ENDLESS], dataset)
    assert races.place(third) == 1, "nobody has two inside"
    wait_for_state(theirs, "running")
    races.stop(third)
    step = own[1].step
    races.stop(theirs)
    wait_until(lambda: own[1].step > step)
    assert steps(own[1]) == sorted(set(steps(own[1]))), "nothing is told twice"


def test_who_waits_is_let_in_by_what_its_share_has_inside_by_then(dataset):
    races, mine = idle_races(), Share()
    first, second, third = (races.start([SHORT], dataset, share=mine) for _ in range(3))
    theirs = [races.start([SHORT], dataset) for _ in range(3)]
    assert [races.place(run) for run in (first, second, third, *theirs)] == [0, 3, 4, 0, 1, 2]
    races.inside[first].end(None, None)
    assert second.state == "starting", "it has none inside and came before the others"


def test_what_was_to_stop_or_to_stand_does_not_come_back_when_it_is_put_out(dataset):
    races = idle_races()
    states = []
    for wanted in (lambda run: races.stop(run), lambda run: races.allow(run, 0)):
        mine = Share()
        own = [races.start([SHORT], dataset, share=mine) for _ in range(2)]
        races.inside[own[1]].used = 1.0
        wanted(own[1])
        late = races.inside[own[1]]
        other = races.start([SHORT], dataset)
        late.end(None, None)
        states.append((other.state, own[1].state))
        for run in (own[0], other):
            races.stop(run)
    assert states == [("starting", "stopped"), ("starting", "paused")]


class NeverReady(Worker):
    """A process that takes for ever to start."""

    def start(self) -> None:
        raise OSError("not yet")


def test_the_wait_is_estimated_from_what_is_known(dataset, monkeypatch):
    monkeypatch.setattr("mlcore.workers.pool.START_PAUSE", 600.0)
    races = Races(Pool(1, make_worker=NeverReady), residents=2)
    config = replace(SHORT, epochs=20)
    first, second, *waiting = (races.start([config], dataset) for _ in range(4))
    assert races.seconds_until_in(waiting[0]) is None, "nobody has begun"
    first.receive("pulse", (50, [0.7], 5.0))
    second.receive("pulse", (20, [0.7], 2.0))
    # Of 100 steps, so 5 and 8 seconds are left: the first ends after 10, as they share a worker,
    # and a third one, of 6.5 like the others on average, is beside the second's 3 for 6 more.
    assert races.seconds_until_in(waiting[0]) == pytest.approx(10)
    assert races.seconds_until_in(waiting[1]) == pytest.approx(16)
    assert races.seconds_until_in(first) == 0
    assert [races.seconds_left(run) for run in (first, second)] == pytest.approx([10, 16])
    first.state = "paused"  # it makes room at once, so only the second's time counts
    assert races.seconds_left(second) == pytest.approx(8)
    assert races.seconds_until_in(waiting[0]) == 0
    races.pool.close()
