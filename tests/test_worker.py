"""One worker process: what is called there, and that it dies, hangs and ends as it should."""

import io
import os
import pickle
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from mlcore.workers import worker as module
from mlcore.workers.worker import MOST_SILENT, MOST_SILENT_AT_FIRST, Worker, WorkerDied
from tests.conftest import ROOT, wait_until

STAND_INS = "tests.worker_stand_ins"


@pytest.fixture(scope="module")
def shared():
    worker = Worker()
    worker.start()
    yield worker
    worker.end()


def test_a_function_is_called_by_name_in_another_process(shared):
    assert shared.call(f"{STAND_INS}:add", 1, second=2) == 3
    assert shared.call("os:getpid") == shared._process.pid != os.getpid()


def test_an_error_comes_as_it_was_raised_and_the_process_goes_on(shared):
    with pytest.raises(KeyError, match="no such thing") as caught:
        shared.call(f"{STAND_INS}:fail", "no such thing")
    assert "in fail" in caught.value.__notes__[0], "where it was raised"
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        shared.call("nowhere:add")
    with pytest.raises(Exception, match="pickle"):
        shared.call(f"{STAND_INS}:make_what_cannot_be_sent")
    assert shared.call("math:sqrt", 16.0) == 4


def test_an_error_that_cannot_be_sent_is_told_in_words():
    class Local(Exception):
        """Defined where no other process finds it."""

    sent = module.sendable(Local("too local"))
    assert (type(sent), str(sent)) == (RuntimeError, "Local: too local")


def test_what_is_printed_does_not_come_between_answers(shared, capfd):
    own = Worker()
    own.start()
    assert own.call(f"{STAND_INS}:print_much") == "quiet"
    own.end()
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "from Python" in printed.err
    assert "from a compiled library" in printed.err


def test_a_process_has_one_thread_for_its_work_and_dies_before_the_server(shared):
    assert shared.call("os:getenv", "OMP_NUM_THREADS") == "1"
    if sys.platform == "linux":
        assert shared.call(f"{STAND_INS}:oom_score_adjustment") >= 500


def test_a_process_that_was_killed_can_be_started_again():
    worker = Worker()
    with pytest.raises(WorkerDied):
        worker.call("os:getpid")  # there is none yet
    worker.start()
    with pytest.raises(WorkerDied, match="ended unexpectedly"):
        worker.call(f"{STAND_INS}:kill_own_process")
    worker.start()
    first = worker.call("os:getpid")
    os.kill(first, signal.SIGKILL)  # while it has nothing to do
    with pytest.raises(WorkerDied):
        worker.call("os:getpid")
    worker.start()
    assert worker.call("os:getpid") != first
    worker.end()
    assert worker._process is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that halts a process")
def test_a_halted_process_is_found_and_ended():
    worker, errors = Worker(), []

    def call() -> None:
        try:
            worker.call("time:sleep", 600)
        except WorkerDied as error:
            errors.append(error)

    worker.start()
    process = psutil.Process(worker.call("os:getpid"))
    process.suspend()
    thread = threading.Thread(target=call)
    thread.start()
    wait_until(lambda: worker._owes)
    for _ in range(MOST_SILENT + 1):
        worker.look()
    thread.join()
    assert len(errors) == 1
    assert not process.is_running()


class Talk:
    """Stands for a process and its pipes: before each message somebody looks so often."""

    pid = 1

    def __init__(self, worker: Worker, looks: int, messages: list) -> None:
        self.worker, self.looks, self.messages = worker, looks, messages
        self.stdin, self.stdout, self.current = io.BytesIO(), self, io.BytesIO()
        self.killed = 0

    def _next(self) -> None:
        if not self.current.getbuffer().nbytes - self.current.tell():
            for _ in range(self.looks):
                self.worker.look()
            self.current = io.BytesIO(pickle.dumps(self.messages.pop(0)))

    def read(self, count: int) -> bytes:
        self._next()
        return self.current.read(count)

    def readline(self) -> bytes:
        self._next()
        return self.current.readline()

    def kill(self) -> None:
        self.killed += 1

    def wait(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("calls", "looks", "killed"),
    [
        (0, MOST_SILENT_AT_FIRST, False),
        (0, MOST_SILENT_AT_FIRST + 1, True),
        (0, 45, True),
        (1, MOST_SILENT, False),
        (1, MOST_SILENT + 1, True),
    ],
)
def test_a_process_is_patiently_waited_for_while_it_says_that_it_is_busy(calls, looks, killed):
    worker = Worker()
    worker._calls = calls
    talk = worker._process = Talk(worker, looks, [None, None, pickle.dumps((True, "done"))])
    assert worker.call("it:does not matter") == "done"
    assert bool(talk.killed) == killed
    for _ in range(2 * MOST_SILENT_AT_FIRST):
        worker.look()
    assert bool(talk.killed) == killed, "it owes nothing"


HOLDER = """
import sys, threading, time
from mlcore.workers.worker import Worker

worker = Worker()
worker.start()
print(worker.call("os:getpid"), flush=True)
worker.call(*sys.argv[1:])
time.sleep(600)
"""


@pytest.mark.parametrize("call", [["os:getpid"], ["tests.worker_stand_ins:sleep_endlessly", "x"]])
def test_a_process_ends_with_the_one_that_started_it_idle_or_busy(call, tmp_path):
    call = [call[0], *(str(tmp_path / name) for name in call[1:])]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *call], cwd=ROOT, stdout=subprocess.PIPE
    )
    with holder:
        process = psutil.Process(int(holder.stdout.readline()))
        if len(call) > 1:
            wait_until((tmp_path / "x").exists)
        holder.kill()
    _gone, alive = psutil.wait_procs([process], timeout=60)
    assert not alive
