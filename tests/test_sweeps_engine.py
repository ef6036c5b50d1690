"""Whoever trains a sweep, the figures are the same; what dies or is stopped leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import replace

import pandas as pd
import psutil
import pytest

from mlcore.datasets import load
from mlcore.sweeps import (
    SweepWarning,
    TooManyRuns,
    config_key,
    engine,
    epoch_frame,
    expand,
    processes,
    run_group,
    stream,
    sweep,
    with_seeds,
)
from mlcore.sweeps.results import RunResult
from mlcore.training import TrainConfig
from tests.conftest import PATIENCE, ROOT, wait_until
from tests.sweep_stand_ins import GUILTY

BASE = TrainConfig(model="linear", epochs=3, batch_size=64)
DATA = "synthetic", {"labels": 12, "rows": 600, "cardinality": 2.0, "features": 8}
DEADLY, ENDLESS = "tests.sweep_stand_ins:deadly_part", "tests.sweep_stand_ins:endless_part"
GRID = {"loss": ["bce", "focal", "soft_f1"], "learning_rate": [1e-3, 1e-2, 1e-1, 1e38]}


def workers_of(
    process: psutil.Process, besides: Collection[psutil.Process] = ()
) -> list[psutil.Process]:
    """The processes that train.

    Tests of pages leave workers of their own to this process; those are to be named in `besides`.
    """
    return [
        child
        for child in process.children(recursive=True)
        if child not in besides and trains(child)
    ]


def trains(process: psutil.Process) -> bool:
    try:
        return any("mlcore.workers" in word for word in process.cmdline())
    except psutil.NoSuchProcess:  # one that has just ended
        return False


def test_a_sweep_is_tidy_and_in_the_order_of_the_grid():
    frame = sweep(BASE, GRID, DATA, seeds=(1, 0), engine="inline")
    configs = with_seeds(expand(BASE, GRID), (1, 0))
    wanted = [(c.loss, c.learning_rate, c.seed, e) for c in configs for e in range(4)]
    names = ["loss", "learning_rate", "seed", "epoch"]
    assert list(frame[names].itertuples(index=False, name=None)) == wanted
    assert frame.groupby("learning_rate")["diverged"].any().to_dict() == {
        rate: rate == 1e38 for rate in GRID["learning_rate"]
    }


def test_results_come_one_by_one_and_equal_those_of_a_group_alone():
    results = list(stream(BASE, GRID, DATA, engine="inline"))
    dataset = load(DATA[0], **DATA[1])
    for result in results:
        (alone,) = run_group(dataset, [result.config])
        if not result.diverged:
            # Another order of sums in float32.
            pd.testing.assert_frame_equal(result.epochs, alone.epochs, rtol=1e-5)


def test_processes_give_what_this_process_gives():
    large = load("synthetic", labels=100, rows=4000, features=64)  # 1 MB: shared through a file
    grid = {"loss": ["bce", "focal"]}
    frames = [sweep(BASE, grid, large, engine=name) for name in ("inline", "processes")]
    pd.testing.assert_frame_equal(*frames, check_exact=True)


def test_a_process_that_is_killed_costs_no_result():
    base = replace(BASE, epochs=40)
    wanted = sweep(base, GRID, DATA, seeds=(0, 1), engine="inline")
    results, others = [], workers_of(psutil.Process())
    for result in stream(base, GRID, DATA, seeds=(0, 1), workers=1):
        if not results:
            os.kill(workers_of(psutil.Process(), others)[0].pid, signal.SIGKILL)
        results.append(result)
    order = {config_key(c): place for place, c in enumerate(with_seeds(expand(base, GRID), (0, 1)))}
    results.sort(key=lambda result: order[config_key(result.config)])
    pd.testing.assert_frame_equal(epoch_frame(results), wanted, check_exact=True)


def test_a_run_that_always_kills_its_process_fails_alone(monkeypatch):
    monkeypatch.setattr(processes, "WORK", DEADLY)
    rates = [0.1, 0.2, GUILTY, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    results = list(stream(BASE, {"learning_rate": rates}, DATA, workers=2))
    errors = {result.config.learning_rate: result.error for result in results}
    assert "ended without a word" in errors.pop(GUILTY)
    assert errors == dict.fromkeys(set(rates) - {GUILTY}, "")


def test_a_stream_that_is_left_ends_its_processes(monkeypatch):
    monkeypatch.setattr(processes, "WORK", ENDLESS)
    others = workers_of(psutil.Process())
    results = stream(BASE, {"learning_rate": [0.1, 0.2, 0.3, 0.4]}, DATA, workers=2)
    next(results)
    wait_until(lambda: len(workers_of(psutil.Process(), others)) == 2, "the second process")
    working = workers_of(psutil.Process(), others)
    results.close()
    gone, alive = psutil.wait_procs(working, timeout=PATIENCE)
    assert len(gone) == 2
    assert not alive


INTERRUPTED = """
from mlcore.sweeps import processes, stream
from mlcore.training.config import TrainConfig

processes.WORK = "tests.sweep_stand_ins:endless_part"
print("ready", flush=True)
list(stream(TrainConfig(), {"learning_rate": [0.1, 0.2, 0.3, 0.4]}, ("digits", {}), workers=2))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to interrupt")
def test_an_interrupt_from_the_keyboard_leaves_no_process(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    process = subprocess.Popen(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        parent = psutil.Process(process.pid)
        wait_until(lambda: len(workers_of(parent)) == 2, "two workers")
        family = parent.children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)  # Ctrl-C goes to all of them
        _, errors = process.communicate(timeout=PATIENCE)
    assert "KeyboardInterrupt" in errors
    assert errors.count("Traceback") == 1, "only of the process that asked"
    assert "Fatal" not in errors
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert not alive


def test_the_process_that_asks_needs_no_torch():
    code = (
        "import sys; from mlcore.sweeps import *; import mlcore.sweeps.engine as engine;"
        "import mlcore.sweeps.processes, mlcore.sweeps.cluster, mlcore.sweeps.run;"
        "print('torch' in sys.modules, 'distributed' in sys.modules)"
    )
    code = code.replace("from mlcore.sweeps import *; ", "")
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False False\n"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"engine": "threads"}, ValueError, "engine must be one of inline, processes, dask"),
        ({"workers": 0}, ValueError, "workers must be >= 1"),
        ({"engine": "dask"}, ValueError, "engine 'dask' needs the address of a scheduler"),
        (
            {"workers": 2, "engine": "inline"},
            ValueError,
            "for engine 'processes' only, got .*inline",
        ),
        ({"store": ""}, ValueError, "store must be a folder, got ''"),
        ({"address": "tcp://a:1"}, ValueError, "for engine 'dask' only, got engine 'processes'"),
        ({"seeds": ()}, ValueError, "seeds must have at least one"),
        ({"dataset": ("nothing", {})}, ValueError, "dataset must be one of"),
        ({"dataset": ("digits", {"labels": 3})}, ValueError, "option of digits must be one of"),
        ({"dataset": ("digits", {"rows": 1})}, ValueError, "rows must be >="),
        (
            {"dataset": "digits"},
            TypeError,
            r"a Dataset or a tuple \(name, options\), got str digits",
        ),
        ({"most_runs": 0}, TooManyRuns, "1 runs; at most most_runs=0"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_start(options, error, words):
    with pytest.raises(error, match=words):
        stream(**{"base": BASE, "grid": {}, "dataset": DATA} | options)


def test_a_grid_of_a_million_is_refused_before_the_start():
    start = time.process_time()
    with pytest.raises(TooManyRuns) as caught:
        sweep(BASE, {"learning_rate": range(1, 1001), "batch_size": range(1, 1001)}, DATA)
    assert caught.value.runs == 10**6
    assert time.process_time() - start < 0.1


def test_failed_runs_are_told_of(monkeypatch):
    def train_part(data, configs):
        return [
            RunResult(config=c, error="MemoryError: full")
            if c.seed
            else run_group(load(data[0], **data[1]), [c])[0]
            for c in configs
        ]

    monkeypatch.setattr(engine, "train_part", train_part)
    with pytest.warns(SweepWarning, match="1 of 2 runs failed: MemoryError: full"):
        frame = sweep(BASE, {}, DATA, seeds=(0, 1), engine="inline")
    assert frame["seed"].unique().tolist() == [0]
    with pytest.raises(RuntimeError, match="2 of 2 runs failed: MemoryError: full"):
        sweep(BASE, {}, DATA, seeds=(1, 2), engine="inline")
