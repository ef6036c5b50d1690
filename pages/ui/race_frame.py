"""What the browser is told of a race, at one moment and one threshold. Draws nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlcore import training
from mlcore.runs import Run
from pages.ui.controls import contender_names

if TYPE_CHECKING:  # a first page is painted before pandas is imported
    import pandas as pd

Line = tuple[str, float | None]  # words, and a share in [0, 1] for a bar below them


class Panel(NamedTuple):
    """One small chart over the steps.

    Attributes:
        value: The column of the history that it draws, a line for each contender.
        title: What it is, with its unit.
        scale: "linear" (from 0), "log", or "asinh" (linear near 0, logarithmic far from it).
        faint: A second column, drawn thin.
        reference: A column with the same values for all, drawn in grey.
    """

    value: str
    title: str
    scale: str = "linear"
    faint: str | None = None
    reference: str | None = None


STATES = {
    "starting": "Starting a worker process …",
    "running": "Training",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
}


PANELS = (
    Panel("validation_loss", "Loss in nats (thin: training)", "log", faint="train_loss"),
    Panel("samples_f1", "Samples F1"),
    Panel("micro_f1", "Micro F1"),
    Panel("macro_f1", "Macro F1"),
    Panel("labels_per_row", "Labels predicted per row (grey: true)", "asinh", None, "true_labels"),
    Panel("empty_share", "Share of rows with none predicted"),
    Panel("positive_gradient_share", "Share of gradient from true labels"),
    Panel("labels_predicted", "Different labels predicted at all", "asinh"),
)


def race_frame(run: Run, threshold: float, first: int) -> dict[str, object]:
    """A race as it is now, with the records from number `first` on; ready for JSON.

    Args:
        run: The race.
        threshold: A label is predicted from this probability on.
        first: How many records the browser has already.
    """
    records = list(run.records)
    frame: dict[str, object] = {
        "state": run.state,
        "progress": {"share": run.step / run.steps, "text": progress_text(run)},
        "cards": [],
        "story": [],
        "first": first,
        "step": [],
        "panels": [],
    }
    if not records:
        return frame
    names = contender_names(run.configs)
    history = training.history_frame(records, names, threshold)
    history["true_labels"] = run.true_labels
    # A record of every contender, then the next of every contender: slices need no comparing.
    histories = [history.iloc[place :: len(names)] for place in range(len(names))]
    frame["cards"] = [meter(history.iloc[-1]) for history in histories]
    frame["story"] = list(filter(None, map(collapse_sentence, histories, names)))
    steps, order = _merged_steps(histories[0]["step"].to_numpy(), run)
    frame["step"] = steps[first:].tolist()

    def lines(column: str | None) -> list[list[float | None]]:
        """A column for each contender from `first` on; between records only losses are known."""
        between = run.pulses[: len(order) - len(records)] if column == "train_loss" else ()
        return [
            _numbers(_merged(history[column].to_numpy(np.float64), between, place, order)[first:])
            for place, history in enumerate(histories)
            if column
        ]

    frame["panels"] = [
        {
            "lines": lines(panel.value),
            "faint": lines(panel.faint),
            "reference": lines(panel.reference)[:1],
            "summary": "; ".join(
                f"{name}: {history[panel.value].iloc[-1]:.4g}"
                for name, history in zip(names, histories, strict=True)
            ),
        }
        for panel in PANELS
    ]
    return frame


def _merged_steps(recorded: np.ndarray, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The steps of records and of pulses in one order, and that order."""
    steps = np.concatenate([recorded, [step for step, _ in list(run.pulses)]]).astype(np.int64)
    order = np.argsort(steps, kind="stable")
    return steps[order], order


def _merged(values: np.ndarray, pulses: Sequence, place: int, order: np.ndarray) -> np.ndarray:
    """Values at records, and between them those of the pulses, or nothing."""
    between = np.full(len(order) - len(values), np.nan)
    between[: len(pulses)] = [losses[place] for _, losses in pulses]
    return np.concatenate([values, between])[order]


def _numbers(values: np.ndarray) -> list[float | None]:
    """Six digits are more than a chart shows; what is not finite becomes a gap."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def progress_text(run: Run) -> str:
    """How far a race is, how fast, and how long it will still take."""
    parts = [STATES[run.state], f"epoch {run.epoch:.1f} of {run.configs[0].epochs}"]
    if run.rows_per_second:
        parts.append(f"{run.rows_per_second:,.0f} rows per second for each contender")
    if run.state == "running" and run.seconds_left is not None:
        parts.append(f"{run.seconds_left:.0f} s left")
    return " · ".join(parts)


def meter(now: "pd.Series") -> list[Line]:
    """The collapse meter of one contender: its newest figures on the validation rows."""
    if now["diverged"]:
        return [("Diverged: its loss is not a finite number.", None)]
    empty, share = now["empty_share"], now["positive_gradient_share"]
    per_row = f"{now['labels_per_row']:.2f} labels predicted per row"
    return [
        (f"{per_row}; {now['true_labels']:.2f} are true", None),
        (f"{empty:.1%} of rows with nothing predicted", 1 - empty),
        (f"{share:.1%} of the gradient comes from true labels", share),
        (
            f"F1 samples {now['samples_f1']:.3f} · micro {now['micro_f1']:.3f} · "
            f"macro {now['macro_f1']:.3f}",
            None,
        ),
    ]


def collapse_sentence(history: "pd.DataFrame", name: str) -> str | None:
    """What one contender's collapse was, in the race's own figures."""
    collapse = training.find_collapse(history)
    if collapse is None:
        return None
    until = "on" if collapse.ongoing else f"to step {collapse.last_step}"
    when = "Before that" if collapse.first_step else "There"
    return (
        f"From step {collapse.first_step} {until}, {name} predicts nothing for at least "
        f"{collapse.empty_share:.1%} of the rows. {when}, "
        f"{collapse.zeros_gradient_share:.1%} of its gradient came from labels that are not true."
    )
