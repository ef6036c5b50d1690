"""What crosses between server and worker: messages whole, and nothing else whatever comes."""

import builtins
import io
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.training import TrainConfig, race
from mlcore.workers.races import Channel
from tests.conftest import ROOT

DATA = {"synthetic": {"rows": 200, "labels": 8, "cardinality": 2.0}, "digits": {"rows": 300}}


def received(content: bytes):
    return Channel(io.BytesIO(content), io.BytesIO()).receive()


def sent(*message) -> bytes:
    writer = io.BytesIO()
    Channel(io.BytesIO(), writer).send(*message)
    return writer.getvalue()


@pytest.mark.parametrize("name", [*DATA, "debtags"])
def test_a_start_and_its_records_come_as_they_were_sent(name):
    dataset = load(name, **DATA.get(name, {}))
    config = TrainConfig(
        loss="focal", loss_params={"gamma": np.float64(1.5)}, model="linear", epochs=1
    )
    start = {"configs": (config,), "dataset": dataset, "one_epoch": True}
    kind, run_id, content = received(sent("start", "x", start))
    assert (kind, run_id, content["configs"], content["one_epoch"]) == ("start", "x", (config,), 1)
    for field in ("x", "y", "train", "validation", "test"):
        np.testing.assert_array_equal(getattr(content["dataset"], field), getattr(dataset, field))
    records = list(race([config], dataset, thresholds=(0.25, 0.5)))
    _, _, again = received(sent("records", "x", {"records": records, "seconds": 0.5}))
    for (mine,), (theirs,) in zip(records, again["records"], strict=True):
        assert mine.train_loss == pytest.approx(theirs.train_loss, rel=0, nan_ok=True)
        np.testing.assert_equal(dict(mine.scores), dict(theirs.scores))
    assert received(sent("stop", "x")) == ("stop", "x", None)


class Call:
    """Pickled, it asks whoever reads it to call a function."""

    def __init__(self, function, *arguments):
        self.called = function, arguments

    def __reduce__(self):
        return self.called


@pytest.mark.parametrize("place", ["message", "content", "array"])
def test_a_message_that_asks_for_a_call_is_refused_and_nothing_is_called(place, tmp_path):
    folder = tmp_path / "made by the message"
    call = Call(os.mkdir, str(folder))
    message = {
        "message": call,
        "content": ("records", "x", {"records": call}),
        "array": ("records", "x", {"records": np.array([call], dtype=object)}),
    }[place]
    with pytest.raises(pickle.UnpicklingError, match=r"may not hold (posix|nt)\.mkdir"):
        received(pickle.dumps(message))
    assert not folder.exists()


@pytest.mark.parametrize("function", [builtins.eval, builtins.getattr, np.load, pickle.loads])
def test_no_function_can_be_asked_for(function):
    with pytest.raises(pickle.UnpicklingError, match="may not hold"):
        received(pickle.dumps(("records", "x", {"records": Call(function, "1")})))


@pytest.mark.parametrize(
    "content", [b"a stray line\n", pickle.dumps(None), pickle.dumps(("a", "b")), bytes(range(256))]
)
def test_bytes_that_are_no_message_are_told_apart(content):
    with pytest.raises(pickle.UnpicklingError, match="what came is no message"):
        received(content)


def test_a_pipe_that_ends_is_told_apart():
    with pytest.raises(EOFError):
        received(b"")


NOISY = """
import os
from mlcore import worker

worker.rehearse = lambda: [os.write(1, b"from a compiled library"), print("from Python")]
worker.main()
"""


def test_what_is_printed_in_the_worker_does_not_come_between_messages():
    command = [sys.executable, "-c", NOISY]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        kind, run_id, content = Channel(process.stdout, process.stdin).receive()
        assert (kind, run_id) == ("ready", None)
        assert "cpu" in content["devices"]
        process.stdin.close()
        assert process.wait(timeout=30) == 0
        told = process.stderr.read()
    assert b"from a compiled library" in told
    assert b"from Python" in told
