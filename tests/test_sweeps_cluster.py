"""Sweeps on a real scheduler and real workers of Dask, each a process; some of them are killed."""

import os
import signal
import socket
import sys
import time

import pandas as pd
import pytest

from mlcore.datasets import load
from mlcore.sweeps import ClusterError, cluster, epoch_frame, stream, sweep
from mlcore.training.config import TrainConfig
from tests.dask_cluster import Cluster
from tests.sweep_stand_ins import GUILTY, deadly_work

pytest.importorskip("distributed")
pytestmark = [
    # A client whose scheduler was killed leaves its socket and its waiting coroutines behind.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    # Told by the client of its own accord; the check of ours says the same and more.
    pytest.mark.filterwarnings("ignore::distributed.versions.VersionMismatchWarning"),
]
BASE = TrainConfig(model="linear", epochs=30, batch_size=64)
DATA = "synthetic", {"labels": 12, "rows": 600, "cardinality": 2.0, "features": 8}
GRID = {"loss": ["bce", "focal"], "learning_rate": [1e-3, 1e-2, 1e-1, 1e38]}


def test_a_worker_killed_in_the_middle_costs_no_result(tmp_path):
    from distributed import Client

    dataset = load(DATA[0], **DATA[1])
    with Cluster(2, tmp_path) as dask:
        results, killed = [], None
        running = stream(BASE, GRID, dataset, seeds=(0, 1), engine="dask", address=dask.address)
        for result in running:
            results.append(result)
            if killed is None:
                with Client(dask.address, set_as_default=False) as watcher:
                    busy = watcher.processing()
                    killed = next(worker for worker, keys in busy.items() if keys)
                    os.kill(watcher.run(os.getpid)[killed], signal.SIGKILL)
        assert any(process.poll() == -signal.SIGKILL for process in dask.processes[1:])
        assert f"Remove worker addr: {killed}" in dask.logs[0].read_text()
    results.sort(key=lambda r: (r.config.loss, r.config.learning_rate, r.config.seed))
    wanted = sweep(BASE, GRID, DATA, seeds=(0, 1), engine="inline")
    pd.testing.assert_frame_equal(epoch_frame(results), wanted, check_exact=True)


def test_a_run_that_always_kills_its_worker_fails_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "train_part", deadly_work)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    rates = [0.1, 0.2, GUILTY, 0.3, 0.4, 0.5, 0.6]
    with Cluster(3, tmp_path) as dask:  # the group takes one worker with it, its run another
        results = list(
            stream(BASE, {"learning_rate": rates}, DATA, engine="dask", address=dask.address)
        )
        errors = {result.config.learning_rate: result.error for result in results}
        assert "ended without a word" in errors.pop(GUILTY)
        assert errors == dict.fromkeys(set(rates) - {GUILTY}, "")
        # And a cluster that goes away altogether is told of.
        rest = stream(BASE, {"epochs": [1, 2]}, DATA, engine="dask", address=dask.address)
        next(rest)
        dask.kill(0)
        with pytest.raises(ClusterError, match=r"scheduler at tcp://\S+ went away"):
            list(rest)


def test_other_versions_on_a_worker_are_told_before_the_start(tmp_path):
    for name, version in (("torch", "0.4.1"), ("multilabel_loss_lab", "0.0.1")):
        folder = tmp_path / "other" / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n"
        )
    with Cluster(1, tmp_path, paths=(tmp_path / "other",)) as dask:
        start = time.monotonic()
        with pytest.raises(ClusterError) as caught:
            list(stream(BASE, GRID, DATA, engine="dask", address=dask.address))
        assert time.monotonic() - start < 30
    message = str(caught.value)
    assert dask.scheduler_address in message
    assert "torch: here 2." in message
    assert "there 0.4.1 (tcp://" in message
    assert "multilabel-loss-lab: here" in message
    assert "there 0.0.1" in message


def test_differences_name_package_and_workers():
    here = {"python": "3.12", "torch": "2.8.0", "multilabel-loss-lab": "0.1.0"}
    assert cluster.differences(here, {"a": here, "b": here}) == []
    there = {"a": here | {"multilabel-loss-lab": "none"}, "b": here, "c": {"python": "3.11"}}
    assert cluster.differences(here, there) == [
        "multilabel-loss-lab: here 0.1.0, there none (a)",
        "python: here 3.12, there 3.11 (c)",
    ]


def test_a_cluster_that_is_not_there_is_told_with_its_address(monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.5)
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 "):
        list(stream(BASE, GRID, DATA, engine="dask", address="tcp://127.0.0.1:1"))
    with pytest.raises(ClusterError, match="no Dask scheduler answers at nonsense://a:1"):
        list(stream(BASE, GRID, DATA, engine="dask", address="nonsense://a:1"))
    for address in ("tcp://127.0.0.1", "host", "http://127.0.0.1/"):
        with pytest.raises(ValueError, match=r"must have a port, as in tcp://host:8786, got '"):
            stream(BASE, GRID, DATA, engine="dask", address=address)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # listens, and never says a word
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}"):
            list(stream(BASE, GRID, DATA, engine="dask", address=address))
    with (
        Cluster(0, tmp_path) as dask,
        pytest.raises(
            ClusterError, match=r"has no worker \(waited 0\.5 s\); start one: dask worker"
        ),
    ):
        list(stream(BASE, GRID, DATA, engine="dask", address=dask.address))


def test_without_distributed_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r'pip install "multilabel-loss-lab\[cluster\]"'):
        list(stream(BASE, GRID, DATA, engine="dask", address="tcp://127.0.0.1:8786"))
