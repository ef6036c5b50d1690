"""What the surface of a sweep says in words. Draws nothing."""

from math import isnan

from mlcore.figures import FIGURES, lower_is_better
from mlcore.sweeps.surface import Surface
from pages.ui.kit.numbers import filled
from pages.ui.server.jobs import Sweep
from pages.ui.words import N_, _

CELLS, ALONE, SEEDS = "cells", "alone", "seeds"
OF_CUTS = {
    CELLS: N_(
        "**On test rows the cells differ by {half:.3f} at 0.5, and by {tuned:.3f} at their "
        "tuned thresholds.**"
    ),
    ALONE: N_(
        "{parameter} alone: by {half:.3f} at 0.5, by {tuned:.3f} tuned, averaged over the "
        "values of {other}."
    ),
    SEEDS: N_(
        "Chance: the seeds of one cell differ by {half:.3f} at 0.5 and by {tuned:.3f} "
        "tuned, averaged over the cells."
    ),
    "half": N_(
        "★ at 0.5: {x} **{x_value:g}**, {y} **{y_value:g}**: {figure} {validation:.3f} on "
        "validation rows, **{test:.3f}** on test rows."
    ),
    "tuned": N_(
        "★ tuned: {x} **{x_value:g}**, {y} **{y_value:g}**: {figure} {validation:.3f} on "
        "validation rows, **{test:.3f}** on test rows."
    ),
}
OF_RANKINGS = {  # which are the same by both readings
    CELLS: N_("**On test rows the cells differ by {tuned:.3f}, whatever the threshold.**"),
    ALONE: N_("{parameter} alone: by {tuned:.3f}, averaged over the values of {other}."),
    SEEDS: N_("Chance: the seeds of one cell differ by {tuned:.3f}, averaged over the cells."),
    "tuned": N_(
        "★: {x} **{x_value:g}**, {y} **{y_value:g}**: {figure} {validation:.3f} on "
        "validation rows, **{test:.3f}** on test rows."
    ),
}


def sentences(job: Sweep, surface: Surface, title: str) -> list[str]:
    """What the surface teaches, in figures; nothing before there is something to compare."""
    if isnan(surface.difference("half")):
        return []
    is_cut = FIGURES[surface.figure].is_cut
    texts = OF_CUTS if is_cut else OF_RANKINGS

    def both(read, *more) -> dict[str, float]:
        return {reading: read(reading, *more) for reading in ("half", "tuned")}

    others = []
    for axis, parameter in ((1, job.about.x), (0, job.about.y)):
        alone = both(surface.difference_along, axis)
        if isnan(alone["half"]):  # not two cells yet that differ in this alone
            continue
        other = (job.about.y if axis else job.about.x).title
        others.append(_(texts[ALONE]).format(parameter=parameter.title, other=other, **alone))
    others.append(chance_of(surface))
    if is_cut:
        low, high = surface.tuned_range()
        told = _("Tuned thresholds lie between {low:.2f} and {high:.2f}.")
        others.append(told.format(low=low, high=high))
    first = _(texts[CELLS]).format(**both(surface.difference))
    return [
        first + "\n" + "".join(f"\n- {line}" for line in others),
        _best_sentences(job, surface, title, texts),
    ]


def chance_of(surface: Surface) -> str:
    """How far the seeds of a cell differ."""
    texts = OF_CUTS if FIGURES[surface.figure].is_cut else OF_RANKINGS
    seeds = {reading: surface.seed_difference(reading) for reading in ("half", "tuned")}
    if isnan(seeds["tuned"]):
        return _("How much of that is chance is not known: no cell has two seeds yet.")
    return _(texts[SEEDS]).format(**seeds)


def _best_sentences(job: Sweep, surface: Surface, title: str, texts: dict[str, str]) -> str:
    """The best cell by each reading, with what it has on the test rows."""
    lines = []
    for reading in ("half", "tuned"):
        if reading in texts and (best := surface.best(reading)) is not None:
            parts = {"validation": surface.validation, "test": surface.test}
            figures = {name: part[reading][best].mean() for name, part in parts.items()}
            fields = job.about.fields(*best) | figures
            lines.append(filled(_(texts[reading]), figure=title, **fields))
    if lower_is_better(surface.figure):
        lines.append(_("The lower this figure, the better."))
    return "  \n".join(lines)
