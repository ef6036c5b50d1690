"""Who started what, what each visitor sees of work that is shared, and what is forgotten."""

from dataclasses import replace

import pytest

from mlcore.datasets import load
from mlcore.training import TrainConfig, race
from mlcore.workers.pool import Pool
from mlcore.workers.races import Races
from pages.ui.kit.contenders import Setup
from pages.ui.server import jobs as jobs_module
from pages.ui.server.jobs import RACE, Jobs
from pages.ui.server.sweep_queue import SweepQueue
from tests.conftest import wait_until

OPTIONS = {"rows": 300, "labels": 8, "cardinality": 2.0}
LONG = TrainConfig(model="linear", epochs=20_000, batch_size=16)
SHORT = replace(LONG, epochs=4)
STEPS = 14  # of an epoch: 210 training rows in batches of 16


@pytest.fixture(scope="module")
def dataset():
    return load("synthetic", **OPTIONS)


@pytest.fixture(scope="module")
def jobs():
    pool = Pool(1)
    yield Jobs(Races(pool, is_watched=bool), SweepQueue(pool, is_watched=bool))
    pool.close()


@pytest.fixture
def start(jobs):
    """Start a race for somebody; all that were started end with the test."""
    started = []

    def start_race(config, owner="A", *, options=OPTIONS, one_epoch=False):
        setup = Setup(data="synthetic", options=options, configs=(config,))
        job = jobs.start_race(setup, owner=owner, one_epoch=one_epoch)
        job.sessions.add("somebody's")
        started.append(job)
        return job

    yield start_race
    for job in started:
        jobs.stop(job)


def seed(number: int, config=LONG) -> TrainConfig:
    """Another race than those of other tests."""
    return replace(config, seed=number)


def wait_for(job, *states: str) -> None:
    wait_until(lambda: job.state in states, f"{states}")


def steps(job) -> list[int]:
    return [at_step[0].step for at_step in job.records]


def test_the_same_race_asked_twice_is_trained_once_and_shows_what_is_there_at_once(start):
    first = start(seed(1))
    wait_until(lambda: first.step > 100)
    second = start(seed(1), "B")
    assert second.work is first.work
    assert second.id != first.id
    assert second.step > 100
    assert second.state == "running"


@pytest.mark.parametrize(
    ("config", "options", "is_same"),
    [
        (seed(2), {**OPTIONS, "labels": 9}, False),
        (replace(seed(2), learning_rate=2e-3), OPTIONS, False),
        (replace(seed(2), hidden=(7,)), OPTIONS, True),
        (replace(seed(2), loss_params={"poly": 0.0}), OPTIONS, True),
    ],
)
def test_races_are_the_same_where_nothing_differs_that_has_an_effect(
    start, config, options, is_same
):
    first, second = start(seed(2)), start(config, "B", options=options)
    assert (second.work is first.work) == is_same


def test_who_pauses_stands_still_while_the_race_goes_on_for_others(jobs, start):
    mine, theirs = start(seed(3)), start(seed(3), "B")
    wait_until(lambda: mine.step > 50 and mine.predictions)
    jobs.pause(mine)
    assert mine.state == "paused"
    here, recorded = mine.step, steps(mine)
    wait_until(lambda: theirs.step > here + 100)
    assert theirs.state == "running"
    assert (mine.step, steps(mine)) == (here, recorded)
    assert recorded == [step for step in steps(theirs) if step <= here]
    assert mine.predictions_step <= here
    jobs.resume(mine)
    assert mine.state == "running"
    assert mine.step == theirs.step >= here + 100


def test_the_race_stops_when_nobody_wants_more_and_each_sees_its_own_end(jobs, start):
    mine, theirs = start(seed(4)), start(seed(4), "B")
    wait_until(lambda: mine.step > 50)
    jobs.pause(mine)
    jobs.pause(theirs)
    wait_for(theirs, "paused")
    wait_until(lambda: mine.work.state == "paused")
    stood = theirs.step
    wait_until(lambda: theirs.predictions_step == stood, "the predictions of where it stands")
    jobs.resume(mine)
    wait_until(lambda: mine.step > stood + 100)
    assert (theirs.state, theirs.step, theirs.predictions_step) == ("paused", stood, stood)


def test_steps_lead_to_ends_of_epochs_however_far_others_are(jobs, start):
    ahead = start(seed(5))
    wait_until(lambda: ahead.step > 3 * STEPS)
    behind = start(seed(5), "B", one_epoch=True)
    wait_for(behind, "paused")
    for epoch in (1, 2, 3):
        assert behind.step == STEPS * epoch
        assert steps(behind)[-1] == STEPS * epoch
        jobs.step(behind)
    assert behind.predictions_step <= behind.step


def test_a_race_is_trained_as_far_as_the_one_wants_who_wants_most(jobs, start):
    one, three = start(seed(6), one_epoch=True), start(seed(6), "B", one_epoch=True)
    for epoch in (2, 3):
        wait_for(three, "paused")
        jobs.step(three)
        wait_until(lambda epoch=epoch: three.step == epoch * STEPS)
    wait_for(three, "paused")
    wait_until(lambda: three.work.state == "paused")
    assert three.work.step == three.step == 3 * STEPS
    assert one.step == STEPS


def test_stop_ends_ones_own_and_the_race_when_it_was_the_last(jobs, start):
    mine, theirs = start(seed(7)), start(seed(7), "B")
    wait_until(lambda: mine.step > 50)
    jobs.stop(mine)
    wait_for(mine, "stopped")
    assert not mine.active
    stood = mine.step
    wait_until(lambda: theirs.step > stood + 100)
    assert mine.step == stood
    jobs.stop(theirs)
    wait_for(theirs, "stopped")
    wait_until(lambda: not theirs.work.active)
    assert mine.step == stood


def test_what_two_visitors_steer_has_the_figures_of_a_race_that_nobody_touched(
    jobs, start, dataset
):
    mine, theirs = start(seed(8, SHORT), one_epoch=True), start(seed(8, SHORT), "B", one_epoch=True)
    wait_for(mine, "paused")
    jobs.step(theirs)
    jobs.pause(mine)
    jobs.resume(mine)
    wait_for(mine, "finished")
    expected = list(race([seed(8, SHORT)], dataset, record="dense", thresholds=(0.5,)))
    assert steps(mine) == [at_step[0].step for at_step in expected]
    for (found,), (wanted,) in zip(mine.records, expected, strict=True):
        assert found.validation_loss == wanted.validation_loss


def test_a_finished_race_is_there_at_once(start):
    first = start(seed(9, SHORT))
    wait_for(first, "finished")
    again = start(seed(9, SHORT), "B")
    assert again.state == "finished"
    assert steps(again) == steps(first)
    stepping = start(seed(9, SHORT), "C", one_epoch=True)
    assert (stepping.state, stepping.epoch) == ("paused", 1)
    assert not stepping.predictions, "those of the end are not those of epoch 1"


def test_a_race_that_nobody_is_connected_to_is_left_and_goes_on_when_asked(
    jobs, start, monkeypatch
):
    monkeypatch.setattr(jobs_module, "UNWATCHED_SECONDS", 0.5)
    job = start(seed(10))
    wait_until(lambda: job.step > 50)
    monkeypatch.setattr(jobs_module.visitors, "is_connected", lambda session: False)
    wait_until(lambda: job.ended == "left")
    wait_for(job, "stopped")
    monkeypatch.undo()
    left = job.step
    jobs.resume(job)
    wait_until(lambda: job.step > left, "the race to go on")
    assert job.ended == ""


def test_what_a_connected_session_has_is_never_forgotten(jobs, start, monkeypatch):
    connected = {"somebody's"}
    monkeypatch.setattr(jobs_module.visitors, "is_connected", connected.__contains__)
    monkeypatch.setattr(jobs_module, "MOST_KEPT", 1)
    made = [start(seed(number, replace(SHORT, epochs=1))) for number in range(20, 24)]
    for job in made:
        wait_for(job, "finished")
    start(seed(24, SHORT))
    assert all(jobs.get(RACE, job.id) is job for job in made)
    made[2].seen += 60.0
    connected.clear()
    wait_until(lambda: jobs.get(RACE, made[0].id) is None, "the oldest to be forgotten")
    assert [job for job in made if jobs.get(RACE, job.id)] == [made[2]]
