"""Curves that follow a race ten times a second and more, drawn by uPlot in the browser.

Everything is computed here; the browser draws the numbers it is sent.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.charts import PALETTE

HERE = Path(__file__).parent
CSS = """
.charts {display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 0.75rem}
figure {margin: 0; min-width: 0; color: var(--st-text-color); font-family: var(--st-font)}
figcaption {font-weight: 600; font-size: 0.875rem; margin-bottom: 0.25rem}
figure > div:focus-visible {outline: 2px solid var(--st-primary-color)}
.tooltip {position: absolute; top: 4px; padding: 2px 6px; white-space: pre; font-size: 12px;
  pointer-events: none; z-index: 2; border-radius: 4px; color: var(--st-text-color);
  background: var(--st-secondary-background-color); opacity: 0.92}
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


def live_charts(
    history: pd.DataFrame,
    panels: Sequence[Panel],
    names: Sequence[str],
    *,
    steps: int,
    log_steps: bool,
    key: str,
) -> None:
    """Draw panels over the steps of a race.

    Args:
        history: From `mlcore.training.history_frame`, and the reference columns.
        panels: What to draw.
        names: The contenders in their order, which decides colour and dashes.
        steps: Steps in the whole race: the axis stands still while lines grow.
        log_steps: Whether the step axis is logarithmic; it then starts at step 1.
        key: Tells one race from another: charts are built once for each.
    """
    if log_steps:
        history = history[history["step"] > 0]
    parts = [part for _, part in history.groupby("contender", sort=False)]

    def lines(column: str | None) -> list[list[float | None]]:
        return [_numbers(part[column]) for part in parts] if column else []

    data = {
        "key": f"{key} {log_steps}",
        "names": list(names),
        "colours": list(PALETTE[: len(names)]),
        "log": log_steps,
        "steps": steps,
        "step": parts[0]["step"].tolist() if parts else [],
        "panels": [
            {
                "title": panel.title,
                "scale": panel.scale,
                "lines": lines(panel.value),
                "faint": lines(panel.faint),
                "reference": lines(panel.reference)[0] if panel.reference and parts else None,
                "summary": _summary(panel, parts, names),
            }
            for panel in panels
        ],
    }
    _component("live charts", "live_charts.js")(data=data, key="live charts")


def load_library() -> None:
    """Send uPlot to the browser; call once in a page, outside what is redrawn often."""
    _component("uplot", None)(key="uplot")


@st.cache_resource(show_spinner=False)
def _component(name: str, script: str | None):
    library = HERE / "uplot"
    if script is None:
        source = (library / "uPlot.iife.min.js").read_text(encoding="utf-8")
        js = f"{source}\nwindow.uPlot ??= uPlot;\nexport default function () {{}}"
        return st.components.v2.component(name, js=js)
    css = (library / "uPlot.min.css").read_text(encoding="utf-8") + CSS
    js = (HERE / script).read_text(encoding="utf-8")
    return st.components.v2.component(name, html='<div class="charts"></div>', css=css, js=js)


def _numbers(column: pd.Series) -> list[float | None]:
    """Six digits are more than a screen shows; what is not finite becomes a gap."""
    values = column.to_numpy(np.float64)
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def _summary(panel: Panel, parts: Sequence[pd.DataFrame], names: Sequence[str]) -> str:
    """The newest values in words, for those who do not see the picture."""
    newest = [
        f"{name}: {part[panel.value].iloc[-1]:.4g}"
        for name, part in zip(names, parts, strict=False)
    ]
    return "Newest values: " + "; ".join(newest)
