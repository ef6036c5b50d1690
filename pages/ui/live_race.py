"""A race on screen, redrawn ten times a second and more: one component, one message an update.

Figures and words are made here; the browser draws what it is sent, curves with uPlot.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from mlcore.palette import DASHES, PALETTE

if TYPE_CHECKING:  # a first page is painted before pandas is imported
    import pandas as pd

HERE = Path(__file__).parent
HTML = """<div class="race"><div class="progress"></div><div class="cards"></div>
<div class="story" aria-live="polite"></div><div class="charts"></div></div>"""
CSS = """
.race {color: var(--st-text-color); font-family: var(--st-font); line-height: 1.5}
.bar {height: 6px; border-radius: 3px; background: var(--st-secondary-background-color);
  box-shadow: inset 0 0 0 1px var(--st-border-color-light)}
.filled {height: 100%; border-radius: 3px; background: var(--st-primary-color)}
.cards {display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 0.75rem;
  margin: 0.75rem 0}
.card {border: 1px solid var(--st-border-color); border-radius: 6px; padding: 0.75rem;
  display: flex; flex-direction: column; gap: 0.35rem}
.title {font-weight: 600}
.title svg {margin-right: 0.5rem; vertical-align: middle}
.story p {margin: 0.25rem 0; padding-left: 0.75rem; border-left: 4px solid #E69F00}
.charts {display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 0.75rem;
  margin-top: 0.75rem}
figure {margin: 0; min-width: 0}
figcaption {font-weight: 600; font-size: 0.875rem; margin-bottom: 0.25rem}
figure > div:focus-visible {outline: 2px solid var(--st-primary-color)}
.tooltip {position: absolute; top: 4px; padding: 2px 6px; white-space: pre; font-size: 12px;
  pointer-events: none; z-index: 2; border-radius: 4px; opacity: 0.92;
  background: var(--st-secondary-background-color)}
.tooltip[hidden] {display: none}
"""


class Panel(NamedTuple):
    """One small chart.

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


class Card(NamedTuple):
    """What is told of one contender: lines of words, each with a share in [0, 1] for a bar."""

    lines: tuple[tuple[str, float | None], ...]


def live_race(
    histories: "Sequence[pd.DataFrame]",
    names: Sequence[str],
    *,
    progress: tuple[float, str],
    cards: Sequence[Card],
    story: Sequence[str],
    panels: Sequence[Panel],
    steps: int,
    log_steps: bool,
    key: str,
) -> None:
    """Draw a race as it is now.

    Args:
        histories: For each contender its rows of `mlcore.training.history_frame`, with the
            reference columns; all at the same steps.
        names: The contenders in their order, which decides colour and dashes.
        progress: How much is done, in [0, 1], and the words for it.
        cards: One for each contender.
        story: Sentences on what happened.
        panels: The charts.
        steps: Steps in the whole race: the axis stands still while lines grow.
        log_steps: Whether the step axis is logarithmic; it then starts at step 1.
        key: Tells one race from another: charts are built once for each.
    """
    parts = [history.iloc[1:] if log_steps else history for history in histories]  # no step 0

    def lines(column: str | None) -> list[list[float | None]]:
        return [_numbers(part[column]) for part in parts] if column else []

    data = {
        "key": f"{key} {log_steps}",
        "names": list(names),
        "colours": PALETTE,
        "dashes": DASHES,
        "progress": {"share": progress[0], "text": progress[1]},
        "cards": [card.lines for card in cards],
        "story": list(story),
        "log": log_steps,
        "steps": steps,
        "step": parts[0]["step"].tolist(),
        "panels": [
            {
                "title": panel.title,
                "scale": panel.scale,
                "lines": lines(panel.value),
                "faint": lines(panel.faint),
                "reference": lines(panel.reference)[0] if panel.reference else None,
                "summary": _summary(panel, parts, names),
            }
            for panel in panels
        ],
    }
    _race()(data=data, key="live race")


def load_library() -> None:
    """Send uPlot to the browser; call once in a page, outside what is redrawn often."""
    _uplot()(key="uplot")


@st.cache_resource(show_spinner=False)
def _race():
    css = (HERE / "uplot" / "uPlot.min.css").read_text(encoding="utf-8") + CSS
    js = (HERE / "live_race.js").read_text(encoding="utf-8")
    return st.components.v2.component("live race", html=HTML, css=css, js=js)


@st.cache_resource(show_spinner=False)
def _uplot():
    source = (HERE / "uplot" / "uPlot.iife.min.js").read_text(encoding="utf-8")
    js = f"{source}\nwindow.uPlot ??= uPlot;\nexport default function () {{}}"
    return st.components.v2.component("uplot", js=js)


def _numbers(column: "pd.Series") -> list[float | None]:
    """Six digits are more than a screen shows; what is not finite becomes a gap."""
    values = column.to_numpy(np.float64)
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def _summary(panel: Panel, parts: "Sequence[pd.DataFrame]", names: Sequence[str]) -> str:
    """The newest values in words, for those who do not see the picture."""
    if parts[0].empty:
        return ""
    newest = (part[panel.value].iloc[-1] for part in parts)
    return "; ".join(f"{name}: {value:.4g}" for name, value in zip(names, newest, strict=True))
