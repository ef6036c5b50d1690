"""The cells of a sweep, ranked by validation rows, with their figures on test rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlcore.command_line.output import aligned
from mlcore.command_line.values import as_text
from mlcore.figures import FIGURES, lower_is_better, macro_in_words
from mlcore.lazy import pd
from mlcore.sweeps import RunResult, config_key, summary_frame
from mlcore.sweeps.plan import effective_settings
from mlcore.training import TrainConfig

READINGS = ("tuned_validation", "tuned_threshold", "test", "tuned_test")
HEADER = ("validation, tuned", "threshold", "test at 0.5", "test, tuned", "")
LOST_SHOWN = 3  # cells that diverged or failed, below those that have figures


def rank_cells(
    results: Sequence[RunResult], names: Sequence[str], metric: str, seeds: int
) -> "pd.DataFrame":
    """A row for each cell, the best on validation rows first.

    Args:
        results: One for each run that ended.
        names: The settings that tell cells apart.
        metric: A key of `mlcore.figures.FIGURES`.
        seeds: How many runs a whole cell has.

    Returns:
        A column of words for each name; runs, diverged and failed, which are counts; and for each
        of `READINGS` its mean and half of its range (as half_<reading>) over the seeds. These are
        nan where a run diverged or failed. Cells that lack runs come after whole ones, and those
        with nan come last.

    Note:
        "tuned" is at the threshold that is best for the metric on each run's validation rows.
    """
    table = summary_frame(results)
    keys = [config_key(replace(result.config, seed=0)) for result in results]
    rows = []
    for places in table.groupby(keys, sort=False).indices.values():
        runs = table.iloc[places]
        failed, diverged = (runs["error"] != ""), runs["diverged"]
        row = {name: _setting(results[places[0]].config, name) for name in names}
        row |= {"runs": len(runs), "diverged": diverged.sum(), "failed": failed.sum()}
        for reading in READINGS:
            values = runs[f"{reading}_{metric}"].to_numpy()
            values = values if not (failed | diverged).any() else np.array([np.nan])
            row |= {reading: values.mean(), f"half_{reading}": np.ptp(values) / 2}
        rows.append(row)
    cells = pd.DataFrame(rows)
    merit = cells["tuned_validation"] * (1 if lower_is_better(metric) else -1)
    order = np.lexsort([merit, cells["runs"] < seeds, merit.isna()])
    return cells.iloc[order].reset_index(drop=True)


def cell_table(
    results: Sequence[RunResult], names: Sequence[str], metric: str, seeds: int, top: int
) -> str:
    """The best cells as text, with a word on what they were chosen by."""
    cells = rank_cells(results, names, metric, seeds).to_dict("records")
    lost = [cell for cell in cells if np.isnan(cell["tuned_validation"])]
    shown = cells[: len(cells) - len(lost)][:top]
    best = f"Best {len(shown):,} of {len(cells):,} cells by {FIGURES[metric].in_words()}"
    lines = [f"{best} on validation rows, where thresholds are tuned too."]
    if FIGURES[metric].average == "macro":
        lines.append(macro_in_words())
    if seeds > 1:
        lines.append(f"Means over {seeds} seeds ± half of their range.")
    ranked = [*enumerate(shown, 1), *(("-", cell) for cell in lost[:LOST_SHOWN])]
    rows = [_row(str(rank), cell, names, seeds) for rank, cell in ranked]
    lines.append(aligned(["", *names, *HEADER], rows))
    if left := len(lost[LOST_SHOWN:]):
        lines.append(f"and {left:,} more cells in which a run diverged or failed")
    return "\n".join(lines)


def _row(rank: str, cell: Mapping, names: Sequence[str], seeds: int) -> list[str]:
    figures = [
        _spread(cell[reading], cell[f"half_{reading}"], cell["runs"], 4 - 2 * ("thresh" in reading))
        for reading in READINGS
    ]
    return [rank, *(cell[name] for name in names), *figures, _remark(cell, seeds)]


def _spread(mean: float, half: float, runs: int, digits: int) -> str:
    if np.isnan(mean):
        return "-"
    return f"{mean:.{digits}f}" + (f" ± {half:.{digits}f}" if runs > 1 else "")


def _remark(cell: Mapping, seeds: int) -> str:
    """What is wrong with a cell, if anything."""
    remarks = [
        word if cell[word] == cell["runs"] == seeds else f"{cell[word]} of {seeds} {word}"
        for word in ("diverged", "failed")
        if cell[word]
    ]
    if cell["runs"] < seeds:
        remarks.append(f"{cell['runs']} of {seeds} seeds so far")
    return ", ".join(remarks)


def _setting(config: TrainConfig, name: str) -> str:
    """A setting in words; a dash where it has no effect, as a parameter of another loss."""
    values = effective_settings(config)
    return as_text(values[name]) if name in values else "-"
