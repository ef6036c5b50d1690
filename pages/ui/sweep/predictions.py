"""What the reader expects of a preset's sweep, committed before it, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan

import streamlit as st

from mlcore.sweeps.surface import Surface
from pages.ui.kit.guess import committed, draw_guess, settle_guess
from pages.ui.server.jobs import Sweep
from pages.ui.settings import PRESETS as HIDDEN
from pages.ui.sweep.plan import Plan
from pages.ui.sweep.sentences import chance_of
from pages.ui.sweep.settings import SETTINGS, preset_of
from pages.ui.sweep.surface import surface_of
from pages.ui.words import N_, _, paragraph

FIGURE = "macro_f1"  # all questions are on it, whichever is on show
NEGLIGIBLE = 0.0005  # what rounds to a difference of 0.000


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question on a sweep.

    Attributes:
        question: Asked before.
        options: Key to text.
        answer: The key of what a whole surface shows; None where it decides nothing.
        figures: The figures of `figures_of` that decide it, in a sentence.
        reasons: What they mean, by that key.
    """

    question: str
    options: Mapping[str, str]
    answer: Callable[[Mapping[str, float]], str | None]
    figures: str
    reasons: Mapping[str | None, str]


def draw_question(plan: Plan, job: Sweep | None) -> None:
    """What to predict of the preset that is set up; once its sweep is over, what came of it."""
    preset = preset_of(plan)
    if preset is None or SETTINGS.is_hidden(HIDDEN):
        return
    asked, key = PREDICTIONS[preset], f"sweep.{preset}"
    options = {name: _(text) for name, text in asked.options.items()}
    is_swept = job is not None and preset_of(job.about) == preset
    guess = committed(key)
    if is_swept and (guess is None or guess.value is None):
        return
    if is_swept and not job.active:
        told = _("You predicted: **{predicted}**, and it was **{happened}**.")
        answer, why = outcome(asked, job)
        if answer is None:
            told = _("You predicted: **{predicted}**. This sweep does not decide it.")
        else:
            settle_guess(key, answer)
        told = told.format(predicted=options[guess.value], happened=options.get(answer))
        st.markdown(paragraph((told, why)))
    else:
        question = f":material/psychology_alt: **{_('Predict:')}** {_(asked.question)}"
        draw_guess(key, question, options)


def outcome(asked: Prediction, job: Sweep) -> tuple[str | None, str]:
    """The answer to a question that a sweep which is over gives, or None; and why."""
    surface = surface_of(job, FIGURE)
    lost = int(surface.lost.sum()) + len(job.errors)
    if lost:
        told = _("{n} of its runs diverged or failed, so the map has holes.")
        return None, told.format(n=lost)
    if not surface.there.all():
        return None, _("It was stopped before all of its cells were there; Run trains the others.")
    figures = figures_of(surface)
    answer = asked.answer(figures)
    told = [_(asked.figures).format(**figures), _(asked.reasons[answer]), chance_of(surface)]
    return answer, paragraph(told)


def figures_of(surface: Surface) -> dict[str, float]:
    """How far cells differ along x and along y, by both readings, and how far seeds do."""
    found = {}
    for reading in ("half", "tuned"):
        found[f"{reading}_x"] = surface.difference_along(reading, 1)
        found[f"{reading}_y"] = surface.difference_along(reading, 0)
        chance = surface.seed_difference(reading)
        found[f"{reading}_chance"] = NEGLIGIBLE if isnan(chance) else max(chance, NEGLIGIBLE)
    return found


def _left(figures: Mapping[str, float]) -> str | None:
    """How much of the difference between weights a threshold of its own leaves."""
    half, tuned = figures["half_x"], figures["tuned_x"]
    if not half > figures["half_chance"]:
        return None
    return "less" if tuned < half / 2 else "more" if tuned < half else "all"


def _stronger(figures: Mapping[str, float]) -> str | None:
    """Which axis does more at tuned thresholds, if by more than chance."""
    lead = figures["tuned_x"] - figures["tuned_y"]
    if isnan(lead):
        return None
    return "same" if abs(lead) <= figures["tuned_chance"] else "x" if lead > 0 else "y"


PREDICTIONS: dict[str, Prediction] = {
    "Positive weight × learning rate": Prediction(
        question=N_(
            "At threshold 0.5 macro F1 differs between positive weights. How much of that is left "
            "once each run has its own threshold?"
        ),
        options={
            "less": N_("less than half"),
            "more": N_("more than half"),
            "all": N_("all of it, or more"),
        },
        answer=_left,
        figures=N_(
            "Between positive weights macro F1 differs by {half_x:.3f} at 0.5 and by {tuned_x:.3f} "
            "at tuned thresholds, averaged over the learning rates."
        ),
        reasons={
            "less": N_(
                "Most of what a weight does is to raise or lower all probabilities, and a "
                "threshold can follow them."
            ),
            "more": N_(
                "A threshold follows where a weight raises or lowers all probabilities, but here "
                "that was the smaller part."
            ),
            "all": N_("So here the weights changed more than where the threshold has to lie."),
            None: N_("At 0.5 that is no more than chance, so there is nothing to take away."),
        },
    ),
    "Debian packages: positive weight × γ": Prediction(
        question=N_(
            "Once each run has its own threshold, which setting still changes macro F1 more?"
        ),
        options={
            "x": N_("the positive weight"),
            "y": N_("the focusing γ"),
            "same": N_("neither: they differ by no more than chance"),
        },
        answer=_stronger,
        figures=N_(
            "At tuned thresholds macro F1 differs by {tuned_x:.3f} between positive weights and by "
            "{tuned_y:.3f} between values of γ."
        ),
        reasons={
            "x": N_("So the weight is worth the search first."),
            "y": N_("So γ is worth the search first."),
            "same": N_("The lead of one over the other is no larger than chance."),
            None: N_("There are not two cells to compare."),
        },
    ),
}
