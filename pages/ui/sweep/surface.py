"""The surface of a sweep: two heat maps, and what they say in words."""

from math import floor, isfinite, isnan, log10

import numpy as np
import streamlit as st

from mlcore.figures import FIGURES, lower_is_better
from mlcore.sweeps.surface import Surface, make_surface
from pages.ui.kit.figures import figure_heading
from pages.ui.kit.heat_map import colours_of, heat_maps
from pages.ui.kit.numbers import filled
from pages.ui.server.jobs import Sweep
from pages.ui.server.sweep_queue import TRIES
from pages.ui.sweep.plan import Plan
from pages.ui.sweep.sentences import sentences
from pages.ui.sweep.settings import BEST, PICKED, SETTINGS, SHOWN
from pages.ui.words import _, ngettext


def surface_of(job: Sweep, figure: str) -> Surface:
    """The figure of all runs that are there."""
    keys = job.about.keys
    results = [[[job.results.get(key) for key in cell] for cell in row] for row in keys]
    return make_surface(figure, results)


def draw_surface(job: Sweep, figure: str, shown: str) -> None:
    """Two heat maps on one scale, and what they say."""
    plan, surface, titles = job.about, surface_of(job, figure), titles_of(figure)
    tables = {
        reading: surface.mean(reading) if shown == "mean" else surface.spread(reading)
        for reading in titles
    }
    low, high = colour_ends(list(tables.values()))
    heat_maps(
        "surface",
        {
            titles[reading]: cells_of(job, surface, reading, table, low, high)
            for reading, table in tables.items()
        },
        x=(plan.x.title, plan.x.texts),
        y=(plan.y.title, plan.y.texts),
        scale=(
            scale_of(figure, shown),
            *((f"{low:.3g}", f"{high:.3g}") if isfinite(low) else ("", "")),
        ),
        legend=[
            ("★", "best", _("best mean on validation rows")),
            ("×", "lost", _("diverged")),
            ("!", "lost", _("failed")),
            ("…", "", _("in training")),
            ("", "empty", _("not there yet")),
            ("", "picked", _("its details are below")),
            *([("–", "empty", _("one seed has no spread"))] if shown == "spread" else []),
        ],
        hint=_(
            "Values are of test rows; thresholds are tuned on validation rows, where ★ is chosen "
            "too. Click a cell, or move there with the arrow keys and press Enter; once more, and "
            "it is the best one again."
        ),
        picked=picked_cell(job, surface),
        on_pick=lambda row, column: _pick(plan, row, column),
    )
    for sentence in sentences(job, surface, figure_heading(figure)):
        st.markdown(sentence)
    draw_errors(job)


def titles_of(figure: str) -> dict[str, str]:
    """What each map shows, by reading."""
    if not FIGURES[figure].is_cut:
        return {"tuned": _("At any threshold: it judges the order of the scores")}
    return {"half": _("At threshold 0.5"), "tuned": _("At the tuned threshold of each run")}


def scale_of(figure: str, shown: str) -> str:
    """What the colours stand for."""
    parts = [figure_heading(figure)]
    if shown == "spread":
        parts.append(_(SHOWN["spread"]))
    elif lower_is_better(figure):
        parts.append(_("lower is better"))
    return " · ".join(parts)


def draw_preview(plan: Plan, figure: str, shown: str) -> None:
    """The same maps before anything is trained: what there will be a cell for."""

    def cell(row: int, column: int) -> dict:
        where = filled(_("{x} {x_value:g}, {y} {y_value:g}"), **plan.fields(row, column))
        return {"look": "empty", "label": f"{where}: {_('not there yet')}"}

    columns, rows = range(len(plan.x.values)), range(len(plan.y.values))
    empty = [[cell(row, column) for column in columns] for row in rows]
    heat_maps(
        "surface",
        dict.fromkeys(titles_of(figure).values(), empty),
        x=(plan.x.title, plan.x.texts),
        y=(plan.y.title, plan.y.texts),
        scale=(scale_of(figure, shown), "", ""),
        legend=[("", "empty", _("not there yet"))],
        hint=_("Nothing has run yet: the cells fill once you press Run."),
        picked=None,
        on_pick=lambda row, column: None,
    )


def _pick(plan: Plan, row: int, column: int) -> None:
    place = {PICKED["x"]: plan.x.texts[column], PICKED["y"]: plan.y.texts[row]}
    again = all(SETTINGS[name] == text for name, text in place.items())
    for name, text in place.items():
        SETTINGS[name] = BEST if again else text
    st.session_state["sweep.picked"] = True


def picked_cell(job: Sweep, surface: Surface) -> tuple[int, int] | None:
    """Row and column of the cell whose details are shown: the one picked, else the best."""
    best = surface.best("tuned") or (None, None)
    place = []
    for side, axis, first in (("y", job.about.y, best[0]), ("x", job.about.x, best[1])):
        picked = SETTINGS[PICKED[side]]
        place.append(axis.texts.index(picked) if picked in axis.texts else first)
    return None if None in place else (place[0], place[1])


def cells_of(
    job: Sweep, surface: Surface, reading: str, values: np.ndarray, low: float, high: float
) -> list[list[dict]]:
    """What each cell says, as to its state and its value."""
    plan, best = job.about, surface.best(reading)
    working, errors = job.working.copy(), job.errors.copy()

    def cell(row: int, column: int) -> dict:
        keys, value = plan.keys[row, column], values[row, column]
        where = filled(_("{x} {x_value:g}, {y} {y_value:g}"), **plan.fields(row, column))
        there = [job.results[key] for key in keys if key in job.results]

        def without(mark: str, look: str, said: str) -> dict:
            return {"mark": mark, "look": look, "label": f"{where}: {said}"}

        if any(key in errors for key in keys) or any(result.error for result in there):
            return without("!", "lost", _("failed"))
        if any(result.diverged for result in there):
            return without("×", "lost", _("diverged"))
        if isnan(value):
            if any(key in working for key in keys):
                return without("…", "empty", _("in training"))
            if there:
                return without("–", "empty", _("one seed has no spread"))
            return without("", "empty", _("not there yet"))
        fill, ink = colours_of(value, low, high)
        said = {
            "text": f"{value:.3f}",
            "short": f"{value:.2f}".removeprefix("0"),
            "label": f"{where}: {value:.4f}",
            "fill": fill,
            "ink": ink,
        }
        if best == (row, column):
            said |= {"mark": "★", "look": "best"}
            said["label"] = _(", ").join((said["label"], _("best on validation rows")))
        return said

    rows, columns = values.shape
    return [[cell(row, column) for column in range(columns)] for row in range(rows)]


def colour_ends(tables: list[np.ndarray]) -> tuple[float, float]:
    """Round ends of a scale for all tables, so that colours seldom change while they fill.

    >>> colour_ends([np.array([[0.31, np.nan]]), np.array([[0.42, 0.38]])])
    (0.3, 0.45)
    """
    values = np.concatenate([table[np.isfinite(table)] for table in tables])
    if not len(values):
        return float("nan"), float("nan")
    low, high = float(values.min()), float(values.max())
    step = 10.0 ** floor(log10(high - low)) / 2 if high > low else 0.1
    step = max(step, 0.001)
    first, last = floor(low / step + 1e-9), -floor(-high / step + 1e-9)
    return round(first * step, 6), round(max(last, first + 1) * step, 6)


def draw_errors(job: Sweep) -> None:
    """Which runs diverged, and which failed and why."""
    results = list(job.results.values())
    diverged = sum(result.diverged for result in results)
    if diverged:
        st.warning(
            ngettext(
                "{n} run diverged: its loss is no longer a finite number, so its cell (×) takes no "
                "part. A smaller learning rate helps most often.",
                "{n} runs diverged: their losses are no longer finite numbers, so their cells (×) "
                "take no part. A smaller learning rate helps most often.",
                diverged,
            ).format(n=diverged),
            icon=":material/trending_up:",
        )
    died = _("The worker process ended unexpectedly, {n} times; perhaps memory was short.")
    errors = [error or died.format(n=TRIES) for error in list(job.errors.values())]
    errors += [result.error for result in results if result.error]
    if errors:
        st.error(
            ngettext("{n} run failed (!).", "{n} runs failed (!).", len(errors)).format(
                n=len(errors)
            ),
            icon=":material/error:",
        )
        for error in dict.fromkeys(errors):
            st.text(error)
