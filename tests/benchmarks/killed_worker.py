"""A sweep on a cluster of Dask of which one worker is killed, told step by step.

    python -m tests.benchmarks.killed_worker

Starts a scheduler and two workers of one thread, each a process of this machine, and sends SIGKILL
to a worker that is in the middle of a group. The table must equal that of the same sweep without
a cluster to the last bit.
"""

import os
import re
import signal
import tempfile
import time
from pathlib import Path

from distributed import Client

from mlcore.datasets import load
from mlcore.sweeps import config_key, epoch_frame, expand, stream, sweep, with_seeds
from mlcore.training.config import TrainConfig
from tests.dask_cluster import Cluster

BASE = TrainConfig(model="linear", epochs=60)
GRID = {"loss": ["bce", "focal"], "learning_rate": [0.001, 0.003, 0.01, 0.03, 0.1]}
SEEDS = range(5)
TOLD = re.compile(r"worker|Removing|lost|fail", re.IGNORECASE)


def main() -> None:
    start = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - start:6.2f} s  {text}", flush=True)

    dataset = load("synthetic", labels=20, rows=1000, cardinality=2.0, features=16)
    with tempfile.TemporaryDirectory() as folder, Cluster(2, Path(folder)) as dask:
        say(f"scheduler {dask.address}, process {dask.processes[0].pid}")
        with Client(dask.address, set_as_default=False) as watcher:
            pids = watcher.run(os.getpid)
            for address, pid in pids.items():
                say(f"worker {address}, process {pid}")
            results = []
            runs = stream(BASE, GRID, dataset, seeds=SEEDS, engine="dask", address=dask.address)
            for result in runs:
                results.append(result)
                if len(results) == 1:
                    killed, lost = kill_a_busy_one(watcher, pids, say)
                elif lost and (there := where(watcher, lost, killed)):
                    say(f"tried again on {', '.join(sorted(set(there.values())))}: {len(there)}")
                    lost -= set(there)
        say(f"{len(results)} results, {sum(bool(result.error) for result in results)} failed")
        log = dask.logs[0].read_text().splitlines()
        print("\nThe scheduler's log\n" + "\n".join(f"    {x}" for x in log if TOLD.search(x)))
        for process, path in zip(dask.processes[1:], dask.logs[1:], strict=True):
            state = process.poll()
            ended = "still there" if state is None else signal.Signals(-state).name
            print(f"\nThe log of worker process {process.pid} ({ended})")
            print("\n".join(f"    {line}" for line in path.read_text().splitlines()))
    order = [config_key(config) for config in with_seeds(expand(BASE, GRID), SEEDS)]
    results.sort(key=lambda result: order.index(config_key(result.config)))
    wanted = sweep(BASE, GRID, dataset, seeds=SEEDS, engine="inline")
    frame = epoch_frame(results)
    print(f"\n{len(frame)} rows; equal to an undisturbed sweep: {frame.equals(wanted)}")


def kill_a_busy_one(watcher: Client, pids: dict[str, int], say) -> tuple[str, set[str]]:
    """SIGKILL a worker with groups in work; gives its address and what these are called."""
    busy = {worker: keys for worker, keys in watcher.processing().items() if keys}
    worker, keys = next(iter(busy.items()))
    os.kill(pids[worker], signal.SIGKILL)
    say(f"SIGKILL to worker {worker}, process {pids[worker]}, with {len(keys)} groups:")
    for key in keys:
        say(f"    {key}")
    return worker, set(map(str, keys))


def where(watcher: Client, keys: set[str], killed: str) -> dict[str, str]:
    """On which worker each of some groups is now, as far as it is on one that lives."""
    return {
        str(key): worker
        for worker, there in watcher.processing().items()
        for key in there
        if str(key) in keys and worker != killed
    }


if __name__ == "__main__":
    main()
