"""Who started what, what each visitor sees of work that is shared, and what is forgotten."""

import math
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.sweeps import config_key
from mlcore.training import TrainConfig, race
from mlcore.workers.pool import Pool
from mlcore.workers.races import Races, Run
from mlcore.workers.task import Share
from pages.ui.kit.contenders import Setup
from pages.ui.server import jobs as jobs_module
from pages.ui.server.jobs import RACE, SWEEP, Jobs, Race, Sweep
from pages.ui.server.sweep_queue import SweepJob, SweepQueue
from tests.conftest import wait_until

OPTIONS = {"rows": 300, "labels": 8, "cardinality": 2.0}
LONG = TrainConfig(model="linear", epochs=20_000, batch_size=16)
SHORT = replace(LONG, epochs=4)
Plan = namedtuple("Plan", "source configs")
STEPS = 14  # of an epoch: 210 training rows in batches of 16


@pytest.fixture(scope="module")
def dataset():
    return load("synthetic", **OPTIONS)


@pytest.fixture(scope="module")
def jobs():
    pool = Pool(1)
    yield Jobs(Races(pool), SweepQueue(pool))
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
    assert mine.predictions.step <= here
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
    wait_until(lambda: theirs.predictions.step == stood, "the predictions of where it stands")
    jobs.resume(mine)
    wait_until(lambda: mine.step > stood + 100)
    assert (theirs.state, theirs.step, theirs.predictions.step) == ("paused", stood, stood)


def test_steps_lead_to_ends_of_epochs_however_far_others_are(jobs, start):
    ahead = start(seed(5))
    wait_until(lambda: ahead.step > 3 * STEPS)
    behind = start(seed(5), "B", one_epoch=True)
    wait_for(behind, "paused")
    for epoch in (1, 2, 3):
        assert behind.step == STEPS * epoch
        assert steps(behind)[-1] == STEPS * epoch
        jobs.step(behind)
    assert behind.predictions.step <= behind.step


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
    monkeypatch.setitem(jobs_module.MOST_KEPT, RACE, 1)
    made = [start(seed(number, replace(SHORT, epochs=1))) for number in range(20, 24)]
    for job in made:
        wait_for(job, "finished")
    start(seed(24, SHORT))
    assert all(jobs.get(RACE, job.id) is job for job in made)
    made[2].seen += 60.0
    connected.clear()
    wait_until(lambda: jobs.get(RACE, made[0].id) is None, "the oldest to be forgotten")
    assert [job for job in made if jobs.get(RACE, job.id)] == [made[2]]


def test_who_has_many_races_gets_no_more_time_than_who_has_one(jobs, start):
    mine = [start(seed(number)) for number in (30, 31, 32)]
    theirs = start(seed(33), "B")
    tasks = jobs.races.inside
    wait_until(lambda: all(job.step for job in (*mine, theirs)))

    def used(*of) -> float:
        return sum(tasks[job.work].used for job in of)

    before = used(*mine), used(theirs)
    wait_until(lambda: used(*mine) > before[0] + 4.0)
    # A turn of a busy machine may last half a second.
    assert used(theirs) - before[1] == pytest.approx(used(*mine) - before[0], rel=0.4)
    assert min(used(job) for job in mine) > 0.2, "all of them go on"


def test_work_takes_the_time_of_those_who_still_want_it(jobs, start):
    mine, theirs, also_mine = start(seed(34)), start(seed(34), "B"), start(seed(35))
    assert mine.share is also_mine.share is mine.work.share
    jobs.stop(mine)
    assert theirs.work.share is theirs.share is not mine.share
    plan = Plan(source=("synthetic", OPTIONS), configs=[seed(36)])
    sweeps = [jobs.start_sweep(plan, owner=owner) for owner in "AB"]
    assert sweeps[0].work is sweeps[1].work
    assert sweeps[0].work.share is mine.share
    jobs.stop(sweeps[0])
    assert sweeps[1].work.share is theirs.share
    took = sweeps[0].seconds
    sweeps[1].work.errors["a run that came later"] = "out of memory"
    assert (sweeps[0].seconds, sweeps[0].errors) == (took, {}), "it has ended"
    jobs.stop(sweeps[1])
    assert not sweeps[1].work.active


def test_what_views_hold_goes_to_disk_with_the_race(jobs, start, monkeypatch):
    ended, behind = (start(seed(40, SHORT), owner, one_epoch=True) for owner in "AB")
    wait_until(lambda: behind.predictions.step == STEPS)
    jobs.pause(behind)
    jobs.resume(ended)
    wait_for(ended, "finished")
    assert (behind.state, behind.predictions.step) == ("paused", STEPS)
    before = [at_step[0].scores["micro_f1"].copy() for at_step in behind.records]
    monkeypatch.setattr(jobs_module, "KEPT_BYTES", 0)
    assert behind.predictions is not ended.predictions
    wait_until(lambda: all(table.is_on_disk for job in (ended, behind) for table in job.tables))
    assert len(behind.tables) == len(behind.records) + 1
    for at_step, scores in zip(behind.records, before, strict=True):
        np.testing.assert_array_equal(at_step[0].scores["micro_f1"], scores)


def make_ended(jobs, number: int, results: int | None = None):
    """A race, or a sweep of so many results, that has ended and was seen at that second."""
    if results is None:
        work = Run((SHORT,), load("synthetic", **OPTIONS), state="finished")
        job = Race("A", None, work, (RACE, number), Share())
    else:
        found = dict.fromkeys(map(str, range(results)))
        work = SweepJob(("synthetic", OPTIONS), found, found, state="finished")
        job = Sweep("A", None, work, (SWEEP, number), Share())
    job.seen = -float(number)
    jobs._jobs[job.id] = job
    return job


@pytest.fixture
def own_jobs(monkeypatch):
    """Jobs that only the test looks after."""
    monkeypatch.setattr(Jobs, "_look_after", lambda self: None)
    pool = Pool(1)
    yield Jobs(Races(pool), SweepQueue(pool))
    pool.close()


def test_so_much_is_remembered_beside_what_connected_sessions_have(own_jobs, monkeypatch):
    monkeypatch.setattr(jobs_module.visitors, "is_connected", "there".__eq__)
    races = [make_ended(own_jobs, number) for number in range(80)]
    sweeps = [make_ended(own_jobs, number, results=1) for number in range(40)]
    watched = races[70:73] + sweeps[36:39]
    for job in watched:
        job.sessions |= {"there", "gone"}
    own_jobs._end_and_forget()
    kept = set(own_jobs._jobs.values())
    assert kept == {*races[:64], *sweeps[:32], *watched}
    sweeps += [make_ended(own_jobs, number, results=2_000) for number in (-1, -2, -3)]
    own_jobs._end_and_forget()
    kept = set(own_jobs._jobs.values())
    assert kept >= {*races[:64], *watched}
    assert kept & set(sweeps) == {*sweeps[36:39], *sweeps[-2:]}, "the last two have 4,000 results"


def test_a_sweep_stops_when_all_have_left_who_asked_for_it(own_jobs, monkeypatch):
    monkeypatch.setattr(jobs_module, "UNWATCHED_SECONDS", 0.0)
    connected = {"B's"}
    monkeypatch.setattr(jobs_module.visitors, "is_connected", connected.__contains__)
    own_jobs.sweeps.room = 0  # it is not let in
    plan = Plan(source=("synthetic", OPTIONS), configs=[seed(1)])
    mine, theirs = (own_jobs.start_sweep(plan, owner=owner) for owner in "AB")
    mine.sessions.add("A's")
    theirs.sessions.add("B's")
    own_jobs._end_and_forget()
    assert (mine.ended, mine.active, theirs.ended, theirs.active) == ("left", False, "", True)
    connected.clear()
    own_jobs._end_and_forget()
    assert (theirs.ended, theirs.work.state) == ("left", "stopped")


def test_an_error_of_one_look_is_logged_and_the_next_look_comes(jobs, monkeypatch, caplog):
    looks = []

    def look() -> None:
        looks.append(len(looks))
        assert len(looks) > 1, "the first one fails"

    monkeypatch.setattr(jobs, "_end_and_forget", look)
    wait_until(lambda: len(looks) > 1)
    assert "the first one fails" in caplog.text


def test_who_resumes_while_the_race_is_read_is_not_held_at_the_step_before(own_jobs, monkeypatch):
    race = make_ended(own_jobs, 0)
    race.limit = -1.0
    with ThreadPoolExecutor() as threads:

        def cut(run: Run, step: int) -> Run:
            wait([threads.submit(own_jobs.resume, race)], timeout=0.2)
            return replace(run)

        monkeypatch.setattr(jobs_module, "_until", cut)
        assert race.now() is not race.work
    assert (race.limit, race.now()) == (math.inf, race.work)


def test_runs_that_remembered_sweeps_know_are_not_trained_again(own_jobs):
    work = make_ended(own_jobs, 0, results=0).work
    configs = [seed(number, SHORT) for number in range(3)]
    fine, failed = SimpleNamespace(error=""), SimpleNamespace(error="out of memory")
    work.results = dict(zip(map(config_key, configs), (fine, failed), strict=False))
    assert own_jobs.known(work.source) == {config_key(configs[0]): fine}
    assert own_jobs.known(("synthetic", {**OPTIONS, "seed": 5})) == {}
    own_jobs.sweeps.room = 0  # it is not let in
    again = own_jobs.start_sweep(Plan(work.source, configs), owner="B")
    assert (again.reused, again.results) == (1, {config_key(configs[0]): fine})


def test_ids_cannot_be_guessed(own_jobs):
    made = [make_ended(own_jobs, number) for number in range(5)]
    assert len({job.id for job in made}) == 5
    assert all(len(job.id) >= 22 for job in made), "16 random bytes"
