"""Runs in a real worker process: what they report, and how they follow commands."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from mlcore.datasets import load
from mlcore.thresholds import ThresholdSweep
from mlcore.training import TrainConfig, available_devices, race
from mlcore.workers.race_worker import THRESHOLDS
from mlcore.workers.races import COMMANDS, RunPool
from tests.conftest import PATIENCE

SHORT = TrainConfig(hidden=(16,), batch_size=64, epochs=6)
ENDLESS = replace(SHORT, model="linear", epochs=10**6)


@pytest.fixture(scope="module")
def dataset():
    """280 training rows: five steps of 64 rows an epoch."""
    return load("synthetic", labels=20, rows=400, cardinality=2.0)


@pytest.fixture(scope="module")
def pool():
    pool = RunPool(workers=1)
    yield pool
    pool.close()


@pytest.fixture(autouse=True)
def nothing_goes_on(pool):
    """Stop what a test left running, so that the next one has the worker to itself."""
    yield
    stop_all(pool)


def wait_for(what, *, keep_watching=()):
    """Wait until what() is true; the runs to watch are given as (pool, run)."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        for pool, run in keep_watching:
            pool.watch(run.id)
        time.sleep(0.005)


def wait_for_state(run, *states):
    wait_for(lambda: run.state in states or not run.active)
    assert run.state in states, run.error


def stop_all(pool):
    active = [run for run in list(pool._runs.values()) if run.active]
    for run in active:
        pool.send(run.id, "stop")
    wait_for(lambda: not any(run.active for run in active))


def steps(run):
    return [records[0].step for records in run.records]


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


def test_a_run_has_the_records_of_a_race_in_this_process(pool, dataset, configs, expected):
    run = pool.start(configs, dataset)
    assert run.active
    assert run.state == "starting"
    assert run.steps == 30
    wait_for_state(run, "finished")
    assert_same_figures(run.records, expected)
    assert not run.active
    assert (run.step, run.epoch, run.error) == (30, 6.0, "")
    assert run.seconds > 0
    assert run.seconds_left == 0
    assert run.rows_per_second == pytest.approx(6 * 280 / run.seconds)
    assert pool.get(run.id) is run


def test_predictions_are_those_of_the_end_for_validation_and_test_rows(pool, dataset, configs):
    run = pool.start(configs, dataset)
    assert run.predictions == {}
    wait_for_state(run, "finished")
    for split in ("validation", "test"):
        assert len(run.predictions[split]) == 3
        for predictions in run.predictions[split]:
            assert predictions.shape == (len(getattr(dataset, split)), 20)
            assert predictions.dtype == np.float32
            assert ((predictions > 0) & (predictions < 1)).all()
    assert run.predictions_version > 0
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


def test_the_version_grows_with_every_message_and_the_true_labels_are_counted(pool, dataset):
    run = pool.start([SHORT], dataset)
    assert run.version == 0
    assert (run.step, run.epoch, run.rows_per_second, run.seconds_left) == (0, 0.0, 0.0, None)
    versions = []
    wait_for(lambda: versions.append(run.version) or not run.active)
    assert versions == sorted(versions)
    assert run.version >= 4  # running, records, predictions, finished
    expected = dataset.y[dataset.validation].sum() / len(dataset.validation)
    assert run.true_labels == pytest.approx(expected)


def test_a_run_that_cannot_begin_fails_with_the_reason(pool, dataset):
    configs = [SHORT, replace(SHORT, batch_size=1)]
    run = pool.start(configs, dataset)
    wait_for_state(run, "failed")
    sizes = [SHORT.batch_size, 1]
    assert run.error == f"configs of one race must have the same batch_size, got {sizes}"
    assert run.records == []


def test_a_run_in_which_all_diverge_ends_early(pool, dataset):
    wild = replace(SHORT, optimizer="sgd", learning_rate=1e30, epochs=10**6)
    run = pool.start([wild, wild], dataset)
    wait_for_state(run, "finished")
    assert all(record.diverged for record in run.records[-1])
    assert run.step < run.steps


# Commands.


def test_pause_stops_progress_and_resume_goes_on(pool, dataset):
    run = pool.start([ENDLESS], dataset)
    wait_for(lambda: run.step > 0)
    pool.send(run.id, "pause")
    wait_for_state(run, "paused")
    step, records, seconds = run.step, len(run.records), run.seconds
    time.sleep(0.3)  # six turns
    assert (run.step, len(run.records), run.seconds) == (step, records, seconds)
    assert run.active
    pool.send(run.id, "resume")
    wait_for_state(run, "running")
    wait_for(lambda: run.step > step)


def test_interruptions_do_not_change_the_figures(pool, dataset, configs, expected):
    run = pool.start(configs, dataset)
    pool.send(run.id, "step")
    wait_for_state(run, "paused")
    first = run.step  # the end of an epoch of five steps; which one, the machine's load decides
    pool.send(run.id, "step")
    wait_for(lambda: run.step == first + 5 and run.state == "paused")
    for command in ("resume", "pause", "resume"):
        pool.send(run.id, command)
    wait_for_state(run, "finished")
    assert_same_figures(run.records, expected)


def test_step_trains_to_the_end_of_the_epoch_and_pauses(pool, dataset):
    run = pool.start([ENDLESS], dataset)
    pool.send(run.id, "pause")
    wait_for_state(run, "paused")
    begun = run.step // 5  # whole epochs so far
    for epoch in range(begun + 1, begun + 4):
        pool.send(run.id, "step")
        wait_for(lambda epoch=epoch: run.step >= 5 * epoch and run.state == "paused")
        assert run.step == 5 * epoch
        assert run.records[-1][0].epoch == epoch
    assert len(run.predictions["test"]) == 1


def test_the_last_step_of_a_run_finishes_it(pool, dataset):
    run = pool.start([replace(SHORT, epochs=1)], dataset)
    pool.send(run.id, "step")
    wait_for_state(run, "finished")
    assert run.step == 5


def test_stop_ends_a_run_and_keeps_what_it_did(pool, dataset):
    run = pool.start([ENDLESS], dataset)
    wait_for(lambda: run.step > 10)
    pool.send(run.id, "stop")
    wait_for_state(run, "stopped")
    records = len(run.records)
    assert records > 1
    assert run.predictions["test"][0].shape == (len(dataset.test), 20)
    for command in ("resume", "step", "pause"):
        pool.send(run.id, command)
    other = pool.start([SHORT], dataset)
    wait_for_state(other, "finished")
    assert run.state == "stopped"
    assert len(run.records) == records


def test_a_command_sent_before_the_worker_is_there_is_followed(dataset):
    pool = RunPool(workers=1)  # its process is started by the first run
    try:
        runs = [pool.start([ENDLESS], dataset) for _ in range(3)]
        for run, command in zip(runs, ("pause", "stop", "step"), strict=True):
            pool.send(run.id, command)
        assert all(run.state == "starting" for run in runs)
        for run, state, step in zip(runs, ("paused", "stopped", "paused"), (0, 0, 5), strict=True):
            wait_for_state(run, state)
            assert run.step == step
    finally:
        pool.close()


def test_an_unknown_command_is_refused(pool, dataset):
    with pytest.raises(ValueError, match=r"one of pause, resume, step, stop; got 'restart'"):
        pool.send("whatever", "restart")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_to_an_unknown_run_does_nothing(pool, command):
    pool.send("nobody", command)
    assert pool.get("nobody") is None


# Several runs.


def test_two_runs_go_on_side_by_side(pool, dataset):
    first, second = (pool.start([ENDLESS], dataset) for _ in range(2))
    wait_for(lambda: first.step > 0 and second.step > 0)
    before = first.step, second.step
    wait_for(lambda: first.step > before[0] and second.step > before[1])
    assert first.state == second.state == "running"
    pool.send(first.id, "pause")
    wait_for_state(first, "paused")
    step = second.step
    wait_for(lambda: second.step > step)
    assert second.state == "running"


def test_ids_differ_and_cannot_be_guessed(pool, dataset):
    runs = [pool.start([SHORT], dataset) for _ in range(5)]
    assert len({run.id for run in runs}) == 5
    assert all(len(run.id) >= 22 for run in runs)  # 16 random bytes
    for run in runs:
        wait_for_state(run, "finished")


def test_too_many_runs_are_refused_until_one_has_ended(pool, dataset, monkeypatch):
    monkeypatch.setattr(pool, "max_active", 1)
    run = pool.start([ENDLESS], dataset)
    with pytest.raises(RuntimeError, match="1 runs are in training and no more fit; try again"):
        pool.start([SHORT], dataset)
    pool.send(run.id, "pause")
    wait_for_state(run, "paused")
    with pytest.raises(RuntimeError, match="no more fit"):
        pool.start([SHORT], dataset)
    pool.send(run.id, "stop")
    wait_for_state(run, "stopped")
    wait_for_state(pool.start([SHORT], dataset), "finished")


def test_the_run_seen_longest_ago_is_forgotten_first(pool, dataset, monkeypatch):
    active = pool.start([ENDLESS], dataset)
    pool.send(active.id, "pause")
    ended = [pool.start([replace(SHORT, epochs=1)], dataset) for _ in range(3)]
    for run in ended:
        wait_for_state(run, "finished")
    pool.watch(ended[0].id)
    monkeypatch.setattr(pool, "max_kept", 4)
    newest = pool.start([SHORT], dataset)
    kept = [run for run in (active, *ended, newest) if pool.get(run.id) is run]
    assert kept == [active, ended[0], ended[2], newest]


# Nobody there, and a worker that dies.


def test_a_run_that_nobody_watches_is_stopped(dataset):
    seen_elsewhere = set()
    pool = RunPool(workers=1, unwatched_seconds=2.0, is_watched=seen_elsewhere.__contains__)
    try:
        left, watched, elsewhere = (pool.start([ENDLESS], dataset) for _ in range(3))
        seen_elsewhere.add(elsewhere.id)
        wait_for(lambda: not left.active, keep_watching=[(pool, watched)])
        assert left.state == "stopped"
        assert watched.active
        assert elsewhere.active
        step = watched.step, elsewhere.step
        wait_for(
            lambda: watched.step > step[0] and elsewhere.step > step[1],
            keep_watching=[(pool, watched)],
        )
        seen_elsewhere.clear()
        wait_for(lambda: not (watched.active or elsewhere.active))
        assert watched.state == elsewhere.state == "stopped"
    finally:
        pool.close()


def test_a_worker_that_dies_fails_its_runs_and_the_next_run_works(dataset):
    pool = RunPool(workers=1)
    try:
        ended = pool.start([SHORT], dataset)
        wait_for_state(ended, "finished")
        runs = [pool.start([ENDLESS], dataset) for _ in range(2)]
        wait_for(lambda: all(run.step > 0 for run in runs))
        pool._workers[0]._process.kill()
        for run in runs:
            wait_for_state(run, "failed")
            assert run.error == (
                "The worker process ended unexpectedly; the records so far are kept."
            )
            assert steps(run)[:2] == [0, 1]
        assert ended.state == "finished"
        following = pool.start([SHORT], dataset)
        wait_for_state(following, "finished")
        assert following.step == 30
    finally:
        pool.close()


def test_a_pool_that_is_warmed_up_has_its_process_before_the_first_run(dataset):
    pool = RunPool(workers=1)
    assert pool.devices == ("cpu",)  # all that is known before the process is there
    pool.warm_up()
    wait_for(lambda: pool._workers[0]._process is not None)
    process = pool._workers[0]._process
    run = pool.start([ENDLESS], dataset)
    wait_for(lambda: run.step > 0)
    assert pool._workers[0]._process is process
    assert set(pool.devices) == set(available_devices())
    pool.close()
    # A closed pool trains no more.
    wait_for_state(run, "failed")
    assert process.poll() is not None
    step = run.step
    time.sleep(0.2)  # four turns
    assert run.step == step
    pool.close()
