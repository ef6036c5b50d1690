"""The command `train`: one run, its epochs in a file, its test figures in a table."""

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mlcore import interrupts, training
from mlcore.command_line import output
from mlcore.command_line.options import check_effects, config_of, dataset_of
from mlcore.datasets import load
from mlcore.figures import F1S, FIGURES, RANKINGS, macro_in_words
from mlcore.lazy import pd
from mlcore.training import EpochRecord, best_record, history_frame

SHOWN = (*F1S, *RANKINGS, "labels_per_row", "empty_share")


def prepare(arguments: Namespace) -> Callable[[], int]:
    """Check everything that can be checked before training; raises ValueError or TypeError.

    Returns:
        What trains, writes and prints, and gives the exit code.
    """
    out = output.check_out(arguments.out, arguments.overwrite)
    check_effects(arguments, {})
    config = config_of(arguments)
    name, options = dataset_of(arguments)
    dataset = load(name, **options)
    return partial(_run, training.Race([config], dataset), out, arguments.quiet)


def _run(race: "training.Race", out: Path | None, quiet: bool) -> int:
    records, code = _train(race, quiet)
    if not records:
        return code
    frame = history_frame([[record] for record in records], [race.config.loss])
    frame = frame.drop(columns="contender")
    finished = code == 0 and not records[-1].diverged
    if finished:
        figures = _figures_on_test_rows(race)
        _add_figures_on_test_rows(frame, figures)
    written = out is None or output.keep(frame, out)
    if finished:
        written &= output.show(_table(race, figures, records))
    elif records[-1].diverged:
        first = next(record.epoch for record in records if record.diverged)
        told = f"The run diverged by epoch {first:.0f}: a loss is no longer finite."
        written &= output.show(told)
    return code or (0 if written else 3)


def _figures_on_test_rows(race: "training.Race") -> dict[str, tuple[float, dict[str, float]]]:
    """For "half" and each figure in `F1S` its threshold, and the figures of the test rows there.

    Thresholds are tuned on the validation rows.
    """
    validation, test = race.sweeps(0)
    thresholds = {"half": 0.5} | {name: validation.best(name)[0] for name in F1S}
    return {
        name: (threshold, test.at(threshold) | test.ranking)
        for name, threshold in thresholds.items()
    }


def _train(race: "training.Race", quiet: bool) -> tuple[list[EpochRecord], int]:
    """The records that there are in the end, and the exit code so far."""
    records: list[EpochRecord] = []
    epochs = race.config.epochs
    try:
        with output.progress(epochs, "epoch", quiet) as bar:
            for (record,) in race:
                records.append(record)
                bar.set_postfix_str(f"validation loss {record.validation_loss:.4g}", refresh=False)
                bar.update(int(record.epoch) - bar.n)
        interrupts.ignore()  # what is finished is written, whatever is pressed
    except KeyboardInterrupt:
        interrupts.ignore()
        done = max(0, len(records) - 1)
        output.note(f"\nInterrupted after {done} of {epochs} epochs.")
        return records, 130
    except (RuntimeError, MemoryError) as error:
        output.note(f"error: the run failed: {error or 'no memory left'}")
        return records, 1
    return records, 0


def _add_figures_on_test_rows(frame: "pd.DataFrame", figures: dict) -> None:
    """To the last epoch, which is the only one whose test rows are looked at."""
    last = frame.index[-1]
    for name, value in figures["half"][1].items():
        frame.loc[last, f"test_{name}"] = value
    for name in F1S:
        threshold, at_threshold = figures[name]
        frame.loc[last, f"tuned_threshold_{name}"] = threshold
        frame.loc[last, f"tuned_test_{name}"] = at_threshold[name]


def _best_epochs(records: list[EpochRecord]) -> str:
    """After which epoch each figure of the table was best on the validation rows."""
    parts = []
    for name in (*F1S, *RANKINGS):
        best = best_record(records, name)
        parts.append(f"{FIGURES[name].in_words()} {best.figure(name):.4f} (epoch {best.epoch:.0f})")
    return f"Best on validation rows, at 0.5: {', '.join(parts)}."


def _table(race: "training.Race", figures: dict, records: list[EpochRecord]) -> str:
    dataset = race.dataset
    header = ["fixed", *(f"tuned for {FIGURES[name].in_words()}" for name in F1S)]
    rows = [["threshold", *(f"{threshold:.2f}" for threshold, _ in figures.values())]]
    rows += [
        [FIGURES[name].in_words(), *(f"{at[name]:.4f}" for _, at in figures.values())]
        for name in SHOWN
    ]
    return (
        f"{race.config.loss} on {dataset.name}: {len(dataset.test):,} test rows; thresholds are "
        f"tuned on {len(dataset.validation):,} validation rows.\n"
        + output.aligned(["", *header], rows)
        + f"\n{_best_epochs(records)}\n{macro_in_words()}"
    )
