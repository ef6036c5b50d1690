"""The command `sweep`: a grid of settings over seeds, its epochs in a file, its best cells."""

import shlex
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from mlcore import interrupts, sweeps, training
from mlcore.checks import check_choice
from mlcore.command_line import output
from mlcore.command_line.options import check_effects, config_of, dataset_of
from mlcore.command_line.values import assignments, read_draw, read_grid
from mlcore.datasets import load
from mlcore.losses import LOSSES
from mlcore.training import TrainConfig

SAMPLE = 500  # settings from which the time of a large sweep is estimated
REASONS = 3  # of failed runs


def prepare(arguments: Namespace) -> Callable[[], int]:
    """Check everything that can be checked before training; raises ValueError or TypeError.

    Returns:
        What trains, writes and prints, and gives the exit code.
    """
    out = output.check_out(arguments.out, arguments.overwrite)
    tried = _tried(arguments)
    check_effects(arguments, tried)
    base = config_of(arguments)
    name, options = dataset = dataset_of(arguments)
    if options:
        load(name, **options)  # options that contradict each other show here
    _check_devices(arguments, tried)
    _check_size(arguments, base, tried, dataset)
    grid = tried
    if arguments.draws:
        grid = sweeps.draws(tried, arguments.draws, arguments.draw_seed or 0)
    different = sweeps.expand(base, grid)
    if arguments.draws and len(different) < arguments.draws:
        output.note(f"Of {arguments.draws:,} draws {len(different):,} are different.")
    configs = sweeps.with_seeds(different, arguments.seeds)
    results = sweeps.stream(
        base,
        grid,
        dataset,
        seeds=arguments.seeds,
        engine=arguments.engine,
        workers=arguments.workers,
        address=arguments.address,
        store=arguments.store,
        most_runs=arguments.most_runs,
    )
    if arguments.store is not None:
        output.check_folder("--store", Path(arguments.store))
    return partial(_run, arguments, tuple(tried), configs, results, out)


def _run(
    asked: Namespace,
    names: Sequence[str],
    configs: Sequence[TrainConfig],
    running: Iterator["sweeps.RunResult"],
    out: Path | None,
) -> int:
    from mlcore.command_line.table import cell_table

    results, code, stored = _train(configs, running, asked.quiet)
    failed = [result for result in results if result.error]
    written = True
    if (out or not stored) and len(failed) < len(results):
        written = output.keep(sweeps.epoch_frame(results, names), out)
    if results:
        table = cell_table(results, names, asked.metric, len(asked.seeds), asked.top)
        written &= output.show(table)
    if failed:
        output.note(f"error: {len(failed):,} of {len(configs):,} runs failed:")
        for reason in list(dict.fromkeys(result.error for result in failed))[:REASONS]:
            output.note(f"  {reason}")
    if code == 130:
        _tell_how_to_go_on(asked)
    return code or (1 if failed else 0) or (0 if written and stored else 3)


def _tried(arguments: Namespace) -> dict:
    """What is tried, by name: lists of values, or ranges to draw from."""
    texts = assignments(arguments.grid, "--grid")
    if "seed" in texts:
        raise ValueError("seed is not a setting of --grid: give --seeds 0-2")
    if arguments.draw_seed is not None and not arguments.draws:
        raise ValueError("--draw-seed fixes what --draws draws: give --draws N too")
    if arguments.draws and not texts:
        raise ValueError("--draws must have something to draw: give --grid name=low..high")
    losses = texts["loss"].split(",") if "loss" in texts else [arguments.loss]
    for loss in losses:
        check_choice("loss", loss, LOSSES)
    read = read_draw if arguments.draws else read_grid
    return {name: read(name, text, losses) for name, text in texts.items()}


def _check_devices(arguments: Namespace, tried: Mapping) -> None:
    """Raise ValueError for a device that this machine lacks; a cluster's may have it."""
    devices = set(tried.get("device", [arguments.device])) - {"cpu"}
    if devices and arguments.engine != "dask":
        for device in devices:
            check_choice("device", device, training.available_devices())


def _check_size(arguments: Namespace, base: TrainConfig, tried: Mapping, dataset: tuple) -> None:
    """Raise ValueError, with how long they would take, where there are too many runs."""
    cells = arguments.draws or sweeps.count_runs(base, tried)
    runs = cells * len(arguments.seeds)
    if runs > arguments.most_runs:
        some = [base]
        if tried:
            settings = sweeps.draws(tried, min(cells, SAMPLE), arguments.draw_seed or 0)
            some = sweeps.expand(base, settings)
        seconds = sweeps.expected_seconds(some, dataset) / len(some) * runs
        raise ValueError(
            f"the sweep has {runs:,} runs, about {output.duration(seconds)} on one core, which is "
            f"more than --most-runs {arguments.most_runs}; --most-runs {runs} trains them all"
        )


def _train(
    configs: Sequence[TrainConfig], running: Iterator["sweeps.RunResult"], quiet: bool
) -> tuple[list["sweeps.RunResult"], int, bool]:
    """The runs that ended, in the grid's order; the exit code so far; whether all are stored."""
    ended: dict[str, sweeps.RunResult] = {}
    total, code = len(configs), 0
    messages: list[str] = []

    def tell(message, *place, **more) -> None:
        if str(message) not in messages:
            messages.append(str(message))
            output.note(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", sweeps.StoreWarning)
        warnings.showwarning = tell
        try:
            with (
                output.progress(total, "run", quiet) as bar,
                closing(running) as results,
            ):
                for result in results:
                    ended[sweeps.config_key(result.config)] = result
                    bar.update()
            interrupts.ignore()  # what is finished is written, whatever is pressed
        except KeyboardInterrupt:
            interrupts.ignore()
            output.note(f"\nInterrupted: {len(ended):,} of {total:,} runs are finished.")
            code = 130
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            output.note(f"error: {error or 'no memory left'}")
            output.note(f"{len(ended):,} of {total:,} runs are finished.")
            code = 1
    stored = not any("cannot be stored" in message for message in messages)
    keys = map(sweeps.config_key, configs)
    return [ended[key] for key in keys if key in ended], code, stored


def _tell_how_to_go_on(arguments: Namespace) -> None:
    if arguments.store is None:
        output.note("With --store FOLDER a sweep can go on where it was left.")
        return
    words = ["python", "-m", "mlcore", *arguments.argv]
    if arguments.out is not None and not arguments.overwrite:
        words.append("--overwrite")
    output.note(f"To go on: {shlex.join(words)}")
