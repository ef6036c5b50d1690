"""Sweeps that share worker processes: fair, bounded, and none is lost with a process."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mlcore.sweeps import config_key
from mlcore.training import TrainConfig
from mlcore.workers.pool import Pool
from mlcore.workers.task import Share
from pages.ui.server import sweep_queue
from pages.ui.server.sweep_queue import SweepQueue, kind_of
from tests.conftest import ROOT, wait_until
from tests.sweep_stand_in import SECONDS, Made

SOURCE = "synthetic", {"rows": 100, "labels": 4, "cardinality": 1.0, "features": 4}
BASE = TrainConfig(model="linear", epochs=1)
NOTHING = "os:getpid", (), {}  # what the stand-ins do needs no preparation
WAIT = "tests.sweep_stand_in:wait"


def runs(count: int, first: int = 100, **changes) -> list[TrainConfig]:
    """Configurations that differ in their seed."""
    return [replace(BASE, seed=first + seed, **changes) for seed in range(count)]


def ended(*jobs) -> None:
    wait_until(lambda: not any(job.active for job in jobs))


@pytest.fixture
def make_queue():
    """Queues that end with the test."""
    made = []

    def make(workers: int = 1, **options) -> SweepQueue:
        made.append(SweepQueue(Pool(workers, prepare=NOTHING), **{"run": WAIT, **options}))
        return made[-1]

    yield make
    for queue in made:
        for job in (*queue.inside, *queue.waiting):
            queue.stop(job)
        queue.pool.close()


def test_workers_are_shared_in_turn(make_queue):
    queue = make_queue()
    long, short = queue.start(SOURCE, runs(40)), queue.start(SOURCE, runs(8, first=900))
    ended(long, short)
    assert long.done == 40
    assert short.done == 8
    of_long, of_short = ([r.ended for r in job.results.values()] for job in (long, short))
    assert max(of_short) < sorted(of_long)[24], "it had not to wait for the long one"
    assert min(of_long) < max(of_short)


def test_sweeps_wait_in_their_order_and_know_their_place(make_queue):
    queue = make_queue(room=1)
    first, second, third = (queue.start(SOURCE, runs(12, first=100 * n)) for n in (1, 2, 3))
    assert [job.state for job in (first, second, third)] == ["running", "queued", "queued"]
    assert [queue.place(job) for job in (first, second, third)] == [0, 1, 2]
    wait_until(lambda: first.done > 0)
    waits = queue.seconds_until_in(second), queue.seconds_until_in(third)
    assert 0 < waits[0] < waits[1]
    queue.stop(second)
    assert queue.place(third) == 1
    ended(first, second, third)
    assert [job.done for job in (first, second, third)] == [12, 0, 12]
    assert third.began >= first.ended


def test_who_has_several_inside_makes_room_for_who_has_none(make_queue):
    queue, mine = make_queue(room=2), Share()
    own = [queue.start(SOURCE, runs(40, first=1000 * n), share=mine) for n in (1, 2)]
    wait_until(lambda: own[1].done >= 4)
    theirs = queue.start(SOURCE, runs(12))
    assert [job.state for job in (*own, theirs)] == ["running", "queued", "running"]
    assert queue.start(SOURCE, runs(1)).state == "queued", "nobody has two inside"
    done, took = own[1].done, own[1].seconds
    wait_until(lambda: theirs.done >= 4)
    assert (own[1].done, own[1].seconds, own[1].working) == (done, took, set()), "it waits"
    ended(*own)
    assert [len(job.results) for job in own] == [40, 40]


def test_waiting_time_follows_from_what_is_ahead(make_queue):
    queue = make_queue(room=2)
    queue._note_rate(kind_of(SOURCE, BASE), 1.0)
    # With this momentum the stand-in never comes to an end.
    jobs = [queue.start(SOURCE, runs(n, first=1000 * n, momentum=0.25)) for n in (4, 10, 6, 1)]
    # 4 and 10 seconds share one worker: the first ends after 8, the other has 6 left. Then 6 and
    # 6 do, for 12 seconds, until the last is let in.
    assert queue.seconds_until_in(jobs[2]) == pytest.approx(8)
    assert queue.seconds_until_in(jobs[3]) == pytest.approx(20)


def test_time_left_is_what_runs_took_lately_shared_with_the_others_that_are_in(make_queue):
    queue = make_queue(room=2)
    job = queue.start(SOURCE, runs(21, momentum=0.25))  # never comes to an end
    assert queue.seconds_left(job) is None
    queue._note_rate(kind_of(SOURCE, BASE), 1.0)
    assert queue.seconds_left(job) == pytest.approx(21)
    other = queue.start(SOURCE, runs(3, first=900, momentum=0.25))
    assert queue.seconds_left(job) == pytest.approx(42), "the other takes every second turn"
    queue.stop(other)
    assert queue.seconds_left(job) == pytest.approx(21)


def test_time_left_is_by_the_pace_of_a_sweep_itself_once_it_has_one(make_queue):
    queue = make_queue(room=2)
    queue._note_rate(kind_of(SOURCE, BASE), 1.0)
    job = queue.start(SOURCE, runs(22, momentum=0.25))
    job.results = dict.fromkeys(list(job.configs)[:2], Made(BASE, ended=0.0))
    job.began, job.heard = time.monotonic() - 17.0, time.monotonic() - 11.0
    assert queue.seconds_left(job) == pytest.approx(20 * 3, abs=0.1), "two runs took six seconds"
    assert queue.pace(job) == pytest.approx(1 / 3, rel=0.01), "which is what is told, too"


def test_measurements_take_turns_with_groups_and_old_ones_are_dropped(make_queue):
    queue = make_queue()
    endless = queue.start(SOURCE, runs(1, momentum=0.25))
    wait_until(lambda: endless.working)
    queue.pool._changed.acquire()  # nothing begins while we ask
    kinds = [runs(2, model="mlp", hidden=(width,)) for width in (1, 2, 3, 4, 5, 6)]
    for configs in kinds:
        assert queue.seconds_per_run(SOURCE, configs) is None
    assert len(queue._rates) == sweep_queue.MOST_PROBES
    queue.pool._changed.release()
    assert kind_of(SOURCE, kinds[0][0]) not in queue._rates, "so it is measured when asked again"
    wait_until(lambda: (queue.seconds_per_run(SOURCE, kinds[-1]) or 0) > 0)
    assert endless.active


def test_a_measurement_that_nobody_needs_any_more_ends(make_queue, monkeypatch):
    queue = make_queue(room=0)
    job = queue.start(SOURCE, runs(1))
    with queue.pool._changed:  # none begins meanwhile
        queue.seconds_per_run(SOURCE, runs(1))
        learnt, _ = queue._rates[kind_of(SOURCE, BASE)]
        queue._learn_rate(job, [Made(BASE, ended=0.0)])
        monkeypatch.setattr(sweep_queue, "MOST_RATES", 1)
        others = [replace(BASE, epochs=epochs) for epochs in (2, 3)]
        queue.seconds_per_run(SOURCE, others[:1])
        pushed_out, _ = queue._rates[kind_of(SOURCE, others[0])]
        queue.seconds_per_run(SOURCE, others[1:])
        assert (learnt.cancelled(), pushed_out.cancelled()) == (True, True)


def test_stop_keeps_what_is_done_and_a_new_sweep_reuses_it(make_queue):
    queue = make_queue()
    configs = runs(60)
    job = queue.start(SOURCE, configs)
    wait_until(lambda: job.done >= 4)
    queue.stop(job)
    wait_until(lambda: not job.working)
    assert job.state == "stopped"
    assert 4 <= job.done < 60
    again = queue.start(SOURCE, configs[:20], known=job.results)
    known = {config_key(config) for config in configs[:20]} & job.results.keys()
    assert again.reused == len(known) >= 4
    ended(again)
    assert again.state == "finished"
    assert again.done == 20
    assert all(again.results[key] is job.results[key] for key in known)


def test_a_stopped_group_makes_room_at_once(make_queue):
    queue = make_queue()
    endless = queue.start(SOURCE, runs(1, momentum=0.25))
    wait_until(lambda: endless.working)
    queue.stop(endless)
    assert not endless.working
    after = queue.start(SOURCE, runs(2))
    ended(after)
    assert after.done == 2
    assert endless.done == 0


def test_runs_of_a_process_that_died_are_tried_again(make_queue, monkeypatch, tmp_path):
    monkeypatch.setenv("SWEEP_TEST_FOLDER", str(tmp_path))
    queue = make_queue(run="tests.sweep_stand_in:die_at_seven")
    job, bystander = queue.start(SOURCE, runs(9, first=0)), queue.start(SOURCE, runs(6))
    ended(job, bystander)
    assert bystander.done == 6
    assert not bystander.errors
    assert job.state == "finished"
    assert len(job.results) == 8
    assert job.errors == {config_key(replace(BASE, seed=7)): ""}, "only the one that kills"


def test_errors_of_all_runs_are_told(make_queue):
    queue = make_queue(run="tests.sweep_stand_in:refuse")
    job = queue.start(SOURCE, runs(3))
    ended(job)
    assert set(job.errors.values()) == {"ValueError: nothing can be trained here"}
    contradictory = queue.start(("synthetic", {"labels": 2, "cardinality": 50.0}), runs(1))
    ended(contradictory)
    assert "cardinality must be <=" in next(iter(contradictory.errors.values()))


def is_gone(process: int) -> bool:
    """Whether it has ended, even if nobody asked how; the latter only Linux tells."""
    try:
        os.kill(process, 0)
        if not Path("/proc/self/stat").exists():
            return False
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


HOLDER = """
import sys, time
from mlcore.workers.pool import Pool
from pages.ui.server.sweep_queue import SweepQueue
from tests.test_sweep_queue import NOTHING, SOURCE, WAIT, ended, runs

queue = SweepQueue(Pool(1, prepare=NOTHING), run=WAIT)
ended(queue.start(SOURCE, runs(1)))
print(queue.pool.call("os:getpid"), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a process has no other parent later")
def test_workers_end_with_a_server_that_is_killed():
    server = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE)
    with server:
        worker = int(server.stdout.readline())
        os.kill(worker, 0)  # it is there
        server.kill()
    wait_until(lambda: is_gone(worker))


def test_what_a_run_takes_is_learned_and_decides_how_many_train_together(make_queue):
    queue = make_queue()
    assert queue._rate(kind_of(SOURCE, BASE)) is None
    ended(queue.start(SOURCE, runs(12)))
    seconds = queue.seconds_per_run(SOURCE, runs(2))
    assert seconds == pytest.approx(SECONDS), "as the workers report it"
    assert queue._rate(kind_of(SOURCE, replace(BASE, model="mlp"))) is None
    assert [sweep_queue.group_size(s) for s in (None, 0.01, 0.1, 60.0)] == [4, 16, 5, 1]


def test_what_runs_take_is_a_moving_average(make_queue):
    queue = make_queue()
    job = queue.start(SOURCE, runs(1, momentum=0.25))
    for seconds, expected in ((1.0, 1.0), (2.0, 1.3), (2.0, 1.51)):
        queue._learn_rate(job, [Made(BASE, ended=0.0, seconds=seconds)] * 2)
        known = queue.seconds_per_run(SOURCE, runs(1))
        assert known == pytest.approx(expected), "0.7 of before and 0.3 of what is new"
