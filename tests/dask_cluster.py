"""A real scheduler and real workers of Dask on this machine, each a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import wait_until

ROOT = Path(__file__).parents[1]
REGISTERED = "Registered to"  # in a worker's log


class Cluster:
    """A scheduler and workers of one thread; a context that leaves no process behind.

    Args:
        workers: How many.
        folder: Where logs and files go.
        paths: Put before the workers' Python path.
    """

    def __init__(self, workers: int, folder: Path, *, paths: tuple[Path, ...] = ()) -> None:
        self.folder = Path(folder)
        self.logs: list[Path] = []
        self.processes: list[subprocess.Popen] = []
        self._environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT))),
            "OMP_NUM_THREADS": "1",
            "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
        }
        self._file = self.folder / "scheduler.json"
        common = ("--scheduler-file", str(self._file))
        self._start("scheduler", *common, "--host=127.0.0.1", "--port=0", "--no-dashboard")
        for _ in range(workers):
            options = "--nthreads=1", "--no-nanny", "--no-dashboard", "--host=127.0.0.1"
            self._start("worker", *common, *options, f"--local-directory={self.folder}")

    @property
    def address(self) -> str:
        """Of the scheduler, once all workers have registered."""
        try:
            wait_until(self._is_complete)
        except AssertionError as error:
            raise TimeoutError("\n".join(log.read_text() for log in self.logs)) from error
        return self.scheduler_address

    def _is_complete(self) -> bool:
        return self._file.exists() and all(REGISTERED in log.read_text() for log in self.logs[1:])

    @property
    def scheduler_address(self) -> str:
        """Of the scheduler, which has started."""
        return json.loads(self._file.read_text())["address"]

    def kill(self, number: int) -> int:
        """SIGKILL a worker (1, 2, ...) or the scheduler (0); gives its process id."""
        process = self.processes[number]
        process.send_signal(signal.SIGKILL)
        process.wait()
        return process.pid

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_exception) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def _start(self, what: str, *options: str) -> None:
        log = self.folder / f"{what}-{len(self.processes)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *options],
                cwd=self.folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.logs.append(log)
        self.processes.append(process)
