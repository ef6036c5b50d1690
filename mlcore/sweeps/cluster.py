"""Groups trained on a cluster of Dask.

Straight on `distributed`: joblib's backend for it waits for ever when a task keeps killing its
worker, because that error never reaches joblib.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mlcore.datasets.source import Data
from mlcore.sweeps.results import RunResult
from mlcore.sweeps.run import Parts, gone, train_part

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 5
WORKER_SECONDS = 15  # without any worker for so long, nobody waits on
SAME = ("torch", "numpy", "pandas", "multilabel-loss-lab")
TRIES = 3


class ClusterError(RuntimeError):
    """The cluster is not there, or not fit for a sweep."""


def run_on_cluster(dataset: Data, parts: Parts, *, address: str) -> Iterator[list[RunResult]]:
    """Train groups on the workers of a cluster; yields each group's results as they come.

    A worker that dies costs its groups another try; that is Dask's doing. A group that Dask gives
    up is tried once more at the end, run by run, so that only the guilty one fails.

    Raises:
        ClusterError: If distributed is not installed, no scheduler answers at the address, there
            is no worker, one has other versions than this process, or the cluster goes away.
    """
    with _connected(address) as client:
        check_versions(client, address)
        given_up = []
        for part, results in _train(client, address, dataset, parts):
            if results is None:
                given_up += part
            else:
                yield results
        for config in given_up:
            for _, results in _train(client, address, dataset, [[config]]):
                yield results or [gone(config)]


def check_versions(client: "Client", address: str) -> None:
    """Raise ClusterError unless all workers have Python and packages as they are here."""
    found = client.get_versions(packages=SAME)
    there = {worker: _versions(told) for worker, told in found["workers"].items()}
    if lines := differences(_versions(found["client"]), there):
        raise ClusterError(
            f"the workers of the cluster at {address} must have the same versions as this "
            "machine:\n" + "\n".join(lines) + "\nInstall these there and start the workers again"
        )


def differences(here: Mapping[str, str], there: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What workers have otherwise, a line for each package and version.

    Args:
        here: Version of each package.
        there: For each worker the same, for all packages or some.

    Example:
        >>> differences({"torch": "2.8.0"}, {"tcp://a:1": {"torch": "2.6.0"}})
        ['torch: here 2.8.0, there 2.6.0 (tcp://a:1)']
    """
    other: dict[tuple[str, str], list[str]] = {}
    for worker, versions in there.items():
        for package, version in versions.items():
            if version != here[package]:
                other.setdefault((package, version), []).append(worker)
    return [
        f"{package}: here {here[package]}, there {version} ({', '.join(workers)})"
        for (package, version), workers in sorted(other.items())
    ]


@contextmanager
def _connected(address: str) -> Iterator["Client"]:
    try:
        from distributed import Client
    except ImportError as problem:
        raise ClusterError(
            "engine 'dask' needs the package distributed, which is not installed: "
            'pip install "multilabel-loss-lab[cluster]"'
        ) from problem
    try:
        _check_answers(address)
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise ClusterError(
            f"no Dask scheduler answers at {address} (waited {CONNECT_SECONDS} s): "
            f"{problem or type(problem).__name__}"
        ) from problem
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as problem:
            raise _no_worker(address) from problem
        yield client


def _check_answers(address: str) -> None:
    """Raise OSError or ValueError unless a scheduler is there and shakes hands.

    `Client` itself would wait for ever for one that listens and says nothing.
    """
    from distributed.core import connect
    from distributed.security import Security

    async def shake_hands() -> None:
        options = Security().get_connection_args("client")
        connection = await connect(address, timeout=CONNECT_SECONDS, **options)
        connection.abort()

    with ThreadPoolExecutor(1) as thread:  # in this one a notebook's loop may be running
        thread.submit(asyncio.run, asyncio.wait_for(shake_hands(), CONNECT_SECONDS)).result()


def _train(
    client: "Client", address: str, dataset: Data, parts: Parts
) -> Iterator[tuple[list, list[RunResult] | None]]:
    """Each part with its results, or None where Dask gave it up."""
    from distributed import KilledWorker

    by_name = isinstance(dataset, tuple)
    tries: Counter[int] = Counter()

    def submit(places) -> dict["Future", int]:
        data = dataset if by_name else client.scatter(dataset, broadcast=True, hash=False)
        tries.update(places)
        return {client.submit(train_part, data, parts[p], pure=False): p for p in places}

    futures = submit(range(len(parts)))
    try:
        while futures:
            lost = []
            for future in _ended(client, address, futures):
                place = futures.pop(future)
                if future.status == "finished":
                    yield parts[place], future.result()
                elif future.status == "error" and not isinstance(future.exception(), KilledWorker):
                    raise future.exception()
                elif future.status == "error" or tries[place] == TRIES:
                    yield parts[place], None
                else:
                    lost.append(place)  # all workers that had the data died
            if lost:
                futures |= submit(lost)
    finally:
        with suppress(Exception):  # the cluster may be gone, and there is nothing else to do
            client.cancel(list(futures))


def _ended(client: "Client", address: str, futures: Mapping["Future", int]) -> list["Future"]:
    """Waits for some to end; raises ClusterError when nothing is left that could end them."""
    from distributed import CancelledError, wait

    idle = False
    while True:
        with suppress(CancelledError, TimeoutError), client.as_current():
            wait(list(futures), timeout=WORKER_SECONDS, return_when="FIRST_COMPLETED")
        if client.status != "running":
            raise ClusterError(f"the Dask scheduler at {address} went away during the sweep")
        if ended := [future for future in futures if future.done()]:
            return ended
        if idle and not client.ncores():
            raise _no_worker(address)
        idle = not client.ncores()


def _no_worker(address: str) -> ClusterError:
    return ClusterError(
        f"the Dask scheduler at {address} has no worker (waited {WORKER_SECONDS} s); "
        f"start one: dask worker {address} --nthreads 1"
    )


def _versions(told: Mapping) -> dict[str, str]:
    """Of Python and the packages, without what says for which device one was built."""
    found = told["packages"]
    packages = {name: (found[name] or "none").partition("+")[0] for name in SAME}
    return {"python": ".".join(found["python"].split(".")[:2])} | packages
