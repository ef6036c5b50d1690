"""What a race recorded, as a table, and the collapse in it. Needs no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.figures import RANKINGS, lower_is_better
from mlcore.training.config import EpochRecord

RECORDED = (
    "step",
    "epoch",
    "train_loss",
    "validation_loss",
    "positive_gradient_share",
    *RANKINGS,
    "diverged",
)


def history_frame(
    records: Sequence[Sequence[EpochRecord]], names: Sequence[str], threshold: float = 0.5
) -> pd.DataFrame:
    """The records of a race at one threshold, tidy: a row for each record of each contender.

    Args:
        records: What `race` yielded, one list of all contenders' records at a time.
        names: One for each contender.
        threshold: The nearest of the thresholds that were recorded is taken.

    Returns:
        Columns contender, step, epoch, train_loss, validation_loss (nats),
        positive_gradient_share, diverged, and `mlcore.figures.FIGURES`.
    """
    flat = [record for at_step in records for record in at_step]
    names = list(names)
    if any(len(at_step) != len(names) for at_step in records):
        raise ValueError(f"names must have one for each contender, got {len(names)}")
    columns: dict[str, object] = {
        "contender": pd.Categorical.from_codes(
            np.tile(np.arange(len(names)), len(records)), names, ordered=True
        )
    }
    for name in RECORDED:
        columns[name] = np.array([getattr(record, name) for record in flat])
    for name in flat[0].scores if flat else ():
        place = int(np.abs(flat[0].thresholds - threshold).argmin())
        columns[name] = np.array([record.scores[name][place] for record in flat])
    return pd.DataFrame(columns)


def best_record(records: Sequence[EpochRecord], figure: str, place: int = 0) -> EpochRecord | None:
    """The first record in which a figure of the validation rows is best; None without a number.

    Args:
        records: Of one contender.
        figure: "validation_loss", or a key of `mlcore.figures.FIGURES`.
        place: The number of the threshold, for a figure that depends on one.
    """
    if figure == "validation_loss":
        values = np.array([record.validation_loss for record in records])
    else:
        values = np.array([record.figure(figure, place) for record in records])
    is_low = figure == "validation_loss" or lower_is_better(figure)
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return None
    return records[known[(values[known] * (1 if is_low else -1)).argmin()]]


@dataclass(frozen=True, kw_only=True)
class Collapse:
    """A stretch of training in which next to no row has a label predicted.

    Attributes:
        first_step: Its first recorded step.
        last_step: Its last recorded step.
        ongoing: Whether it holds at the newest record.
        empty_share: Smallest share of rows with nothing predicted within it.
        zeros_gradient_share: Mean share of the gradient that came from labels that are not true,
            in the records before it (or at its first, if it began at once).
    """

    first_step: int
    last_step: int
    ongoing: bool
    empty_share: float
    zeros_gradient_share: float


def find_collapse(history: pd.DataFrame, *, level: float = 0.99) -> Collapse | None:
    """The longest stretch of records with `empty_share` >= level, if there is one.

    Args:
        history: From `history_frame`, of one contender.
        level: Share of rows with nothing predicted from which on it counts.
    """
    empty = history["empty_share"].to_numpy() >= level  # NaN, after divergence, is not
    edges = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]])))
    if not len(edges):
        return None
    starts, ends = edges[::2], edges[1::2]
    steps = history["step"].to_numpy()
    longest = np.argmax(steps[ends - 1] - steps[starts])
    first, last = starts[longest], ends[longest] - 1
    before = history["positive_gradient_share"].iloc[: max(first, 1)]
    return Collapse(
        first_step=int(steps[first]),
        last_step=int(steps[last]),
        ongoing=bool(last == len(history) - 1),
        empty_share=float(history["empty_share"].iloc[first : last + 1].min()),
        zeros_gradient_share=1 - float(before.mean()),
    )


def threshold_frame(records: Sequence[EpochRecord], names: Sequence[str]) -> pd.DataFrame:
    """The newest records' figures at every recorded threshold, tidy.

    Args:
        records: One for each contender, at one step.
        names: One for each contender.

    Returns:
        A row for each contender and threshold: contender, threshold, and the figures of
        `mlcore.thresholds.ThresholdSweep` on the validation rows.
    """
    return pd.concat(
        [
            pd.DataFrame({"contender": name, "threshold": record.thresholds, **record.scores})
            for name, record in zip(names, records, strict=True)
        ],
        ignore_index=True,
    )
