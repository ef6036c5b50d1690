"""Races in real worker processes: what they report, how far they go, and that none is lost."""

import copy
import math
import os
import signal
from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch

from mlcore.thresholds import ThresholdSweep
from mlcore.training import available_devices, race
from mlcore.workers.pool import Pool
from mlcore.workers.races import Races, Run, put_on_disk
from mlcore.workers.racing import THRESHOLDS
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


@pytest.fixture(scope="module")
def races():
    races = Races(Pool(2))
    yield races
    races.pool.close()


@pytest.fixture(autouse=True)
def nothing_goes_on(races):
    """Stop what a test left running, so that the next one has the workers to itself."""
    yield
    active = [*races.inside, *races.waiting]
    for run in active:
        races.stop(run)
    wait_until(lambda: not any(run.active for run in active))


def assert_same_figures(actual, expected):
    """The worker may use more threads than this process, which adds up in another order."""
    assert len(actual) == len(expected)
    for one, other in zip(actual, expected, strict=True):
        assert len(one) == len(other)
        for mine, yours in zip(one, other, strict=True):
            assert (mine.step, mine.epoch, mine.diverged) == (yours.step, yours.epoch, False)
            np.testing.assert_allclose(
                [mine.train_loss, mine.validation_loss, mine.positive_gradient_share],
                [yours.train_loss, yours.validation_loss, yours.positive_gradient_share],
                rtol=1e-6,
            )
            np.testing.assert_array_equal(mine.thresholds, THRESHOLDS)
            assert mine.scores.keys() == yours.scores.keys()
            for name, figure in mine.scores.items():
                np.testing.assert_allclose(figure, yours.scores[name], rtol=1e-6, err_msg=name)


@pytest.fixture(scope="module")
def configs():
    return [SHORT, replace(SHORT, loss="focal"), replace(SHORT, loss="softmax")]


@pytest.fixture(scope="module")
def expected(configs, dataset):
    """The same race in this process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    records = list(race(configs, dataset, record="dense", thresholds=THRESHOLDS))
    torch.set_num_threads(before)
    return records


# One run from start to end.


def test_a_run_has_the_records_of_a_race_in_this_process(races, dataset, configs, expected):
    run = races.start(configs, dataset)
    assert run.active
    assert run.state in ("starting", "running")
    assert run.steps == 30
    wait_for_state(run, "finished")
    assert_same_figures(run.records, expected)
    assert not run.active
    assert (run.step, run.epoch, run.error) == (30, 6.0, "")
    assert run.seconds > 0
    assert run.seconds_left == 0
    assert run.rows_per_second == pytest.approx(6 * 280 / run.seconds)
    assert run not in races.inside


def test_predictions_are_those_of_the_end_for_validation_and_test_rows(races, dataset, configs):
    run = races.start(configs, dataset)
    assert not run.predictions
    wait_for_state(run, "finished")
    for split in ("validation", "test"):
        assert len(run.predictions[split]) == 3
        for predictions in run.predictions[split]:
            assert predictions.shape == (len(getattr(dataset, split)), 20)
            assert predictions.dtype == np.float32
            assert ((predictions > 0) & (predictions < 1)).all()
    assert run.predictions.step == run.steps
    at_half = ThresholdSweep(dataset.y[dataset.validation], run.predictions["validation"][0]).at(
        0.5
    )
    newest = run.records[-1][0]
    place = newest.thresholds.searchsorted(0.5)
    assert newest.scores["micro_f1"][place] == pytest.approx(at_half["micro_f1"], rel=1e-9)
    bce, _, softmax = run.predictions["test"]
    np.testing.assert_allclose(softmax.sum(axis=1), 1, rtol=1e-5)  # 20 float32 additions
    # The model has learnt: what is true is predicted higher than what is not.
    true = dataset.y[dataset.test] == 1
    assert bce[true].mean() > bce[~true].mean()


def test_the_version_grows_with_every_message_and_the_true_labels_are_counted(races, dataset):
    run = races.start([SHORT], dataset, last_step=0)
    assert (run.step, run.epoch, run.rows_per_second, run.seconds_left) == (0, 0.0, 0.0, None)
    races.allow(run, math.inf)
    versions = []
    wait_until(lambda: versions.append(run.version) or not run.active)
    assert versions == sorted(versions)
    assert run.version >= 4  # running, records, predictions, finished
    expected = dataset.y[dataset.validation].sum() / len(dataset.validation)
    assert run.true_labels == pytest.approx(expected)


def test_a_run_that_cannot_begin_fails_with_the_reason(races, dataset):
    configs = [SHORT, replace(SHORT, batch_size=1)]
    run = races.start(configs, dataset)
    wait_for_state(run, "failed")
    sizes = [SHORT.batch_size, 1]
    assert run.error == f"configs of one race must have the same batch_size, got {sizes}"
    assert run.records == []


def test_a_run_in_which_all_diverge_ends_early(races, dataset):
    wild = replace(SHORT, optimizer="sgd", learning_rate=1e30, epochs=10**6)
    run = races.start([wild, wild], dataset)
    wait_for_state(run, "finished")
    assert all(record.diverged for record in run.records[-1])
    assert run.step < run.steps


# How far it may go.


def test_a_run_pauses_at_the_step_that_it_may_reach_and_goes_on(races, dataset, configs, expected):
    run = races.start(configs, dataset, last_step=0)
    wait_for_state(run, "paused")
    assert (run.step, run.records) == (0, [])
    for last_step in (5, 5, 10, 17):
        races.allow(run, last_step)
        wait_until(lambda last_step=last_step: run.step == last_step and run.state == "paused")
    assert run.active
    assert steps(run)[-1] == 17, "the first thirty steps are all recorded"
    races.allow(run, math.inf)
    wait_for_state(run, "finished")
    assert_same_figures(run.records, expected)


def test_what_is_allowed_before_is_taken_back_by_a_smaller_step(races, dataset):
    run = races.start([ENDLESS], dataset)
    wait_until(lambda: run.step > 0)
    races.allow(run, 0)
    wait_for_state(run, "paused")
    step, records, seconds = run.step, len(run.records), run.seconds
    other = races.start([SHORT], dataset)
    wait_for_state(other, "finished")  # turns were given meanwhile
    assert (run.step, len(run.records), run.seconds) == (step, records, seconds)
    races.allow(run, math.inf)
    wait_for_state(run, "running")
    wait_until(lambda: run.step > step)


def test_a_paused_run_has_the_predictions_of_where_it_stands(races, dataset):
    run = races.start([SHORT], dataset, last_step=4)
    wait_for_state(run, "paused")
    wait_until(lambda: run.predictions)
    same = list(race([SHORT], dataset, record="step", thresholds=[0.5]))[4][0]
    at_half = ThresholdSweep(dataset.y[dataset.validation], run.predictions["validation"][0]).at(
        0.5
    )
    assert at_half["micro_f1"] == pytest.approx(same.scores["micro_f1"][0], rel=1e-9)


def test_the_last_step_of_a_run_finishes_it(races, dataset):
    run = races.start([replace(SHORT, epochs=1)], dataset, last_step=5)
    wait_for_state(run, "finished", "paused")
    races.allow(run, 6)
    wait_for_state(run, "finished")
    assert run.step == 5


def test_stop_ends_a_run_and_keeps_what_it_did(races, dataset):
    run = races.start([ENDLESS], dataset)
    wait_until(lambda: run.step > 10)
    races.stop(run)
    wait_for_state(run, "stopped")
    records = len(run.records)
    assert records > 1
    assert run.predictions["test"][0].shape == (len(dataset.test), 20)
    races.allow(run, run.step)
    races.stop(run)
    wait_for_state(races.start([SHORT], dataset), "finished")
    assert (run.state, len(run.records)) == ("stopped", records)


def test_a_stopped_run_goes_on_as_if_it_had_never_been(races, dataset, configs, expected):
    run = races.start(configs, dataset, last_step=12)
    wait_for_state(run, "paused")
    races.stop(run)
    wait_for_state(run, "stopped")
    races.allow(run, 20)
    races.stop(run)
    races.allow(run, math.inf)  # maybe before it has heard of the stop
    wait_until(lambda: run.state == "finished")
    assert_same_figures(run.records, expected)


def test_what_comes_of_a_turn_that_nobody_wanted_any_more_is_not_told(dataset):
    races = idle_races()
    races = races
    run = races.start([SHORT], dataset)
    late = races.inside[run]
    races.stop(run)
    races.allow(run, math.inf)
    late.hear(("pulse", (5, [0.7], 1.0)))
    assert (run.pulses, run.state) == ([], "starting"), "it is trained from its start again"
    races.inside[run].hear(("pulse", (5, [0.7], 1.0)))
    assert ([step for step, _ in run.pulses], run.state) == ([5], "running")
    races.allow(run, 0)
    late.rest()
    assert run.state == "running"
    races.inside[run].rest()
    assert run.state == "paused"


def test_a_run_says_while_it_is_trained_again_to_where_it_was(dataset):
    races = idle_races()
    run = races.start([SHORT], dataset)
    told = [run.catches_up]
    for step in (10, 15):
        races.inside[run].hear(("pulse", (step, [0.7], step / 10)))
        assert (run.catches_up, run.seconds_left) == (False, 3 - step / 10), "of 30 steps"
        version = run.version
        races.inside[run].begin()  # as when its process died
        told.append(run.catches_up)
        assert run.version > version
        assert run.seconds_left is None
    assert told == [False, True, True]
    races.stop(run)
    races.allow(run, math.inf)
    assert run.catches_up


def test_what_is_said_before_the_worker_is_there_is_followed(make_races, dataset):
    races = make_races()  # its process is started by the first run
    runs = [races.start([ENDLESS], dataset) for _ in range(3)]
    races.allow(runs[0], 0)
    races.stop(runs[1])
    races.allow(runs[2], 5)
    for run, state, step in zip(runs, ("paused", "stopped", "paused"), (0, 0, 5), strict=True):
        wait_for_state(run, state)
        assert run.step == step


# Several runs.


def test_runs_go_on_side_by_side(races, dataset):
    runs = [races.start([ENDLESS], dataset) for _ in range(3)]
    wait_until(lambda: all(run.step > 0 for run in runs))
    before = [run.step for run in runs]
    wait_until(lambda: all(run.step > step for run, step in zip(runs, before, strict=True)))
    assert {run.state for run in runs} == {"running"}


def test_a_paused_run_makes_room_and_goes_on_where_it_was(make_races, dataset, configs, expected):
    races = make_races(residents=1)
    run = races.start(configs, dataset, last_step=12)
    wait_for_state(run, "paused")
    other = races.start([ENDLESS], dataset)
    wait_for_state(other, "running")
    assert (run.state, run.step) == ("paused", 12)
    races.allow(run, math.inf)
    assert (run.state, races.place(run)) == ("queued", 1)
    races.allow(run, 0)
    assert (run.state, races.place(run)) == ("paused", 0)
    races.allow(run, math.inf)
    races.stop(other)
    wait_for_state(run, "finished")
    assert_same_figures(run.records, expected)


def test_figures_and_predictions_that_went_to_disk_are_the_same(races, dataset):
    run = races.start([SHORT, SHORT], dataset)
    wait_for_state(run, "finished")
    view = replace(run, records=run.records[:3])
    before = copy.deepcopy(run.records), copy.deepcopy(run.predictions)
    put_on_disk(run.tables)
    assert all(table.is_on_disk for table in run.tables)
    assert view.records[2][1].scores.is_on_disk, "a view has no copy of its own"
    assert_same_figures(run.records, before[0])
    for split, parts in before[1].items():
        np.testing.assert_array_equal(run.predictions[split], parts)
        assert run.predictions[split].dtype == parts.dtype
    with pytest.raises(KeyError, match="nothing"):
        run.records[0][0].scores["nothing"]


def test_predictions_and_their_step_come_as_one(dataset):
    run = Run((SHORT,), dataset)
    assert (run.predictions.step, dict(run.predictions)) == (-1, {})
    rows = len(dataset.validation) + len(dataset.test)
    for step in (3, 5):
        before = run.predictions
        run.receive("predictions", (step, np.full((1, rows, 20), step)))
        assert run.predictions.step == run.predictions["test"].max() == step
    assert before.step == before["validation"].max() == 3, "whoever reads still has those of then"


# A worker that dies.


def process_of(races, run) -> int:
    """The process that holds a run."""
    return races.inside[run]._seat.worker._process.pid


def test_a_killed_worker_costs_no_run(make_races, dataset, configs, expected):
    races = make_races(workers=2)
    ended = races.start([SHORT], dataset)
    wait_for_state(ended, "finished")
    endless = [races.start([ENDLESS], dataset) for _ in range(3)]
    run = races.start(configs, dataset, last_step=20)
    wait_for_state(run, "paused")
    wait_until(lambda: all(run.step > 0 for run in endless))
    for process in {process_of(races, run) for run in (*endless, run)}:
        os.kill(process, signal.SIGKILL)
    before = [run.step for run in endless]
    wait_until(lambda: all(run.step > step for run, step in zip(endless, before, strict=True)))
    races.allow(run, math.inf)
    wait_for_state(run, "finished")
    assert_same_figures(run.records, expected)
    for run in endless:
        assert steps(run) == sorted(set(steps(run))), "nothing is told twice"


def test_a_hanging_worker_is_replaced(make_races, dataset, monkeypatch):
    monkeypatch.setattr("mlcore.workers.worker.MOST_SILENT", 2)
    races = make_races()
    run = races.start([ENDLESS], dataset)
    wait_until(lambda: run.step > 0)
    process = process_of(races, run)
    os.kill(process, signal.SIGSTOP)
    wait_until(lambda: races.inside[run].deaths)  # what it had told before may still come
    step = run.step
    wait_until(lambda: run.step > step + 5)
    assert process_of(races, run) != process


def test_a_pool_that_is_warmed_up_has_its_process_before_the_first_run(make_races, dataset):
    races = make_races()
    assert races.devices == ("cpu",)  # all that is known before the process is there
    races.pool.warm_up()
    wait_until(lambda: races.pool.prepared)
    assert set(races.devices) == set(available_devices())
    process = races.pool._seats[0].worker._process.pid
    run = races.start([ENDLESS], dataset)
    wait_until(lambda: run.step > 0)
    assert process_of(races, run) == process


def test_with_the_pool_end_its_runs_and_its_processes(make_races, dataset):
    races = make_races()
    run = races.start([ENDLESS], dataset)
    wait_until(lambda: run.step > 0)
    process = process_of(races, run)
    races.pool.close()
    wait_for_state(run, "failed")
    wait_until(lambda: not psutil.pid_exists(process))
    races.pool.close()
