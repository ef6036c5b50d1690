"""The surface of a sweep: two heat maps, and what they say in words."""

from math import floor, isfinite, isnan, log10

import numpy as np
import streamlit as st

from mlcore.figures import lower_is_better
from mlcore.sweeps.surface import Surface, make_surface
from pages.ui.kit.figures import figure_heading
from pages.ui.kit.heat_map import colours_of, heat_maps
from pages.ui.kit.numbers import filled
from pages.ui.server.jobs import Sweep
from pages.ui.server.sweep_queue import TRIES
from pages.ui.sweep.plan import Plan
from pages.ui.sweep.settings import BEST, PICKED, SETTINGS, SHOWN
from pages.ui.words import _, ngettext


def surface_of(job: Sweep, figure: str) -> Surface:
    """The figure of all runs that are there."""
    keys = job.about.keys
    results = [[[job.results.get(key) for key in cell] for cell in row] for row in keys]
    return make_surface(figure, results)


def draw_surface(job: Sweep, figure: str, shown: str) -> None:
    """Two heat maps on one scale, and what they say."""
    plan, surface = job.about, surface_of(job, figure)
    tables = {
        reading: surface.mean(reading) if shown == "mean" else surface.spread(reading)
        for reading in ("half", "tuned")
    }
    low, high = colour_ends(list(tables.values()))
    titles = {"half": _("At threshold 0.5"), "tuned": _("At the tuned threshold of each run")}
    scale = [figure_heading(figure)]
    if shown == "spread":
        scale.append(_(SHOWN["spread"]))
    elif lower_is_better(figure):
        scale.append(_("lower is better"))
    heat_maps(
        "surface",
        {
            titles[reading]: cells_of(job, surface, reading, table, low, high)
            for reading, table in tables.items()
        },
        x=(plan.x.title, plan.x.texts),
        y=(plan.y.title, plan.y.texts),
        scale=(" · ".join(scale), *((f"{low:.3g}", f"{high:.3g}") if isfinite(low) else ("", ""))),
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


def sentences(job: Sweep, surface: Surface, title: str) -> list[str]:
    """What the surface teaches, in figures; nothing before there is something to compare."""
    half, tuned = (surface.difference(reading) for reading in ("half", "tuned"))
    if isnan(half):
        return []
    told = [
        _(
            "**On test rows the cells differ by {half:.3f} at 0.5, and by {tuned:.3f} at their "
            "tuned thresholds.**"
        ).format(half=half, tuned=tuned)
    ]
    for axis, parameter in ((1, job.about.x), (0, job.about.y)):
        alone = [surface.difference_along(reading, axis) for reading in ("half", "tuned")]
        if isnan(alone[0]):  # not two cells yet that differ in this alone
            continue
        told.append(
            _(
                "{parameter} alone: by {half:.3f} at 0.5, by {tuned:.3f} tuned, averaged over the "
                "values of {other}."
            ).format(
                parameter=parameter.title,
                half=alone[0],
                tuned=alone[1],
                other=(job.about.y if axis else job.about.x).title,
            )
        )
    seeds = surface.seed_difference("tuned")
    if isnan(seeds):
        told.append(_("How much of that is chance is not known: no cell has two seeds yet."))
    else:
        told.append(
            _(
                "Chance: the seeds of one cell differ by {half:.3f} at 0.5 and by {tuned:.3f} "
                "tuned, averaged over the cells."
            ).format(half=surface.seed_difference("half"), tuned=seeds)
        )
    low, high = surface.tuned_range()
    told.append(
        _("Tuned thresholds lie between {low:.2f} and {high:.2f}.").format(low=low, high=high)
    )
    first, *others = told
    return [
        first + "\n" + "".join(f"\n- {line}" for line in others),
        *_best_sentences(job, surface, title),
    ]


def _best_sentences(job: Sweep, surface: Surface, title: str) -> list[str]:
    """The best cell at 0.5 and at tuned thresholds, with what it has on the test rows."""
    lines = []
    words = {
        "half": _(
            "★ at 0.5: {x} **{x_value:g}**, {y} **{y_value:g}**: {figure} {validation:.3f} on "
            "validation rows, **{test:.3f}** on test rows."
        ),
        "tuned": _(
            "★ tuned: {x} **{x_value:g}**, {y} **{y_value:g}**: {figure} {validation:.3f} on "
            "validation rows, **{test:.3f}** on test rows."
        ),
    }
    for reading, text in words.items():
        if (best := surface.best(reading)) is not None:
            parts = {"validation": surface.validation, "test": surface.test}
            figures = {name: part[reading][best].mean() for name, part in parts.items()}
            lines.append(filled(text, **job.about.fields(*best), figure=title, **figures))
    if lower_is_better(surface.figure):
        lines.append(_("The lower this figure, the better."))
    return ["  \n".join(lines)]


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
