"""From a grid to results: which runs there are, who trains them, and what is there already."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pandas as pd

from mlcore.checks import check_choice, check_number
from mlcore.datasets.source import Data, check_data
from mlcore.lazy import torch
from mlcore.sweeps import plan
from mlcore.sweeps.cluster import run_on_cluster
from mlcore.sweeps.processes import run_in_processes
from mlcore.sweeps.results import RunResult, epoch_frame
from mlcore.sweeps.run import Parts, train_part
from mlcore.sweeps.store import Store, fingerprint
from mlcore.training.config import TrainConfig

ENGINES = ("inline", "processes", "dask")
NAMED_ERRORS = 3


class SweepWarning(UserWarning):
    """Some runs of a sweep failed."""


def stream(
    base: TrainConfig,
    grid: plan.Grid,
    dataset: Data,
    *,
    seeds: Sequence[int] = (0,),
    engine: str = "processes",
    workers: int | None = None,
    address: str | None = None,
    store: str | Path | None = None,
    most_runs: int = plan.MOST_RUNS,
) -> Iterator[RunResult]:
    """Train every configuration of a grid with every seed; yields results as they come.

    A run that diverges or fails is a result like the others and says so. Closing the iterator
    ends what trains. What trains together, on one thread, depends on the runs alone, so that all
    engines give the same figures on the same kind of processor.

    Args:
        base: What all configurations have where the grid says nothing; its seed counts for
            nothing.
        grid: Lists of values by name, or a list of settings, as in `expand`.
        dataset: A Dataset, or (name, options) of a built-in one, which each worker loads.
        seeds: Each configuration is trained with each.
        engine: "inline" (in this process), "processes" (of this machine) or "dask" (a
            cluster of Dask at `address`, whose workers have this package too).
        workers: How many processes; None for one a core.
        address: Of the scheduler, such as "tcp://host:8786".
        store: A folder that keeps what is finished; what it has already is not trained again.
            Failed runs are not kept.
        most_runs: More runs than that are refused.

    Raises:
        TooManyRuns: If there are more than `most_runs`.
        ValueError: If the grid, the data set or another argument is not as said above.
        ClusterError: With the first result, if the cluster cannot be used.

    Example:
        >>> base = TrainConfig(model="linear", epochs=2)
        >>> data = "synthetic", {"labels": 8, "rows": 200, "cardinality": 2.0}
        >>> results = stream(base, {"learning_rate": [0.01, 0.1]}, data, engine="inline")
        >>> [result.config.learning_rate for result in results]
        [0.01, 0.1]
    """
    check_choice("engine", engine, ENGINES)
    if workers is not None:
        check_number("workers", workers, low=1, integer=True)
        if engine != "processes":
            raise ValueError(f"workers is for engine 'processes' only, got engine {engine!r}")
    _check_address(engine, address)
    check_number("most_runs", most_runs, low=0, integer=True)
    grid, seeds = plan.check_grid(base, grid), plan.check_seeds(seeds)
    plan.check_size(plan.count_runs(base, grid, seeds), most_runs)
    check_data(dataset)
    configs = plan.with_seeds(plan.expand(base, grid), seeds)
    kept = None if store is None else Store(store, fingerprint(dataset))
    run = {
        "inline": _inline,
        "processes": partial(run_in_processes, workers=workers),
        "dask": partial(run_on_cluster, address=address),
    }[engine]
    return _stream(configs, dataset, run, kept)


def _check_address(engine: str, address: str | None) -> None:
    """Raise ValueError unless there is an address of a scheduler for Dask, and none otherwise."""
    if engine != "dask":
        if address is not None:
            raise ValueError(f"address is for engine 'dask' only, got engine {engine!r}")
    elif address is None:
        raise ValueError("engine 'dask' needs the address of a scheduler, as in tcp://host:8786")
    elif not isinstance(address, str) or not address.rpartition(":")[2].isdecimal():
        raise ValueError(f"address must have a port, as in tcp://host:8786, got {address!r}")


def sweep(
    base: TrainConfig,
    grid: plan.Grid,
    dataset: Data,
    *,
    seeds: Sequence[int] = (0,),
    engine: str = "processes",
    workers: int | None = None,
    address: str | None = None,
    store: str | Path | None = None,
    most_runs: int = plan.MOST_RUNS,
) -> pd.DataFrame:
    """Train every configuration of a grid with every seed.

    Args:
        base, grid, dataset, seeds, engine, workers, address, store, most_runs: As in `stream`.

    Returns:
        `epoch_frame` of all results, in the order of the grid, with a column for each name in it:
        a row for each configuration, seed and epoch. Runs that failed are missing, with a
        SweepWarning.

    Raises:
        RuntimeError: If every run failed.

    Example:
        >>> base = TrainConfig(model="linear", epochs=2)
        >>> data = "synthetic", {"labels": 8, "rows": 200, "cardinality": 2.0}
        >>> frame = sweep(base, {"loss": ["bce", "softmax"]}, data, seeds=(0, 1), engine="inline")
        >>> frame.shape[0], list(frame)[:4]
        (12, ['loss', 'seed', 'epoch', 'train_loss'])
    """
    grid, seeds = plan.check_grid(base, grid), plan.check_seeds(seeds)
    where = {"engine": engine, "workers": workers, "address": address, "store": store}
    found = stream(base, grid, dataset, seeds=seeds, most_runs=most_runs, **where)
    with closing(found) as finished:
        results = {plan.config_key(result.config): result for result in finished}
    ordered = [results[plan.config_key(c)] for c in plan.with_seeds(plan.expand(base, grid), seeds)]
    _tell_failures(ordered)
    settings = [grid] if isinstance(grid, Mapping) else grid
    return epoch_frame(ordered, {name for setting in settings for name in setting})


def _stream(
    configs: Sequence[TrainConfig],
    dataset: Data,
    run: Callable[[Data, Parts], Iterator[list[RunResult]]],
    kept: Store | None,
) -> Iterator[RunResult]:
    there = kept.read(configs) if kept else {}
    yield from there.values()
    # Grouped before what is there is left out, so that a resumed sweep trains the same groups.
    parts = [
        [config for config in part if plan.config_key(config) not in there]
        for part in plan.groups(configs, plan.group_size(len(configs)))
    ]
    parts = [part for part in parts if part]
    if not parts:
        return
    with closing(run(dataset, parts)) as finished:
        for results in finished:
            if kept:
                kept.write([result for result in results if not result.error])
            yield from results


def _inline(dataset: Data, parts: Parts) -> Iterator[list[RunResult]]:
    for part in parts:
        threads = torch.get_num_threads()
        try:
            results = train_part(dataset, part)
        finally:
            torch.set_num_threads(threads)
        yield results


def _tell_failures(results: Sequence[RunResult]) -> None:
    failed = [result for result in results if result.error]
    if not failed:
        return
    reasons = "; ".join(list(dict.fromkeys(result.error for result in failed))[:NAMED_ERRORS])
    message = f"{len(failed)} of {len(results)} runs failed: {reasons}"
    if len(failed) == len(results):
        raise RuntimeError(message)
    warnings.warn(message, SweepWarning, stacklevel=3)
