"""What the Information page's bars ask while they are dragged: one change, and what follows."""

from collections.abc import Callable

from mlcore.checks import check_choice, check_number
from mlcore.learn.information import with_share
from pages.ui.information.answer import (
    MOST_LABELS,
    MOST_OUTCOMES,
    NOTCH,
    labels_frame,
    outcomes_frame,
    place_of,
    probability_at,
)

PATH = "/information"


def answer(question: dict) -> dict:
    """The frame after one change.

    Args:
        question: What was there before (`kind`, `unit`, `p`, `q`, with labels also `times`) and
            what changes: `series` ("p" or "q"), `place` (which bar), and one of `at` (where the
            bar shall end, 0 to 1), `value` (its probability) and `steps` (notches up or down).

    Raises:
        ValueError, TypeError, KeyError: If something is missing or not as it must be.
    """
    kind = question["kind"]
    check_choice("kind", kind, ("outcomes", "labels"))
    before = {name: _numbers(name, question[name]) for name in ("p", "q")}
    return (_outcomes if kind == "outcomes" else _labels)(question, before)


def _outcomes(question: dict, before: dict) -> dict:
    series, place, value = _changed(question, before, lambda place: round(place, 3), list)
    before[series] = with_share(before[series], place, value)
    return outcomes_frame(before["p"], before["q"], question["unit"])


def _labels(question: dict, before: dict) -> dict:
    times = _numbers("times", question["times"], MOST_LABELS)
    series, place, value = _changed(question, before, probability_at, place_of)
    before[series][place] = value
    return labels_frame(before["p"], before["q"], times, question["unit"])


def _changed(question: dict, before: dict, value_at: Callable, places_of: Callable):
    """Series, place and new value of the bar that was moved."""
    series, place = question["series"], question["place"]
    check_choice("series", series, before)
    check_number("place", place, low=0, high=len(before[series]) - 1, integer=True)
    if "value" in question:
        check_number("value", question["value"], low=0, high=1)
        return series, place, float(question["value"])
    if "steps" in question:
        check_number("steps", question["steps"], low=-1_000, high=1_000)
        to = places_of(before[series])[place] + NOTCH * question["steps"]
    else:
        check_number("at", question["at"])
        to = question["at"]
    return series, place, value_at(min(1.0, max(0.0, to)))


def _numbers(name: str, values: object, high: float = 1) -> list[float]:
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_OUTCOMES:
        raise ValueError(f"{name} must be a list of 1 to {MOST_OUTCOMES} numbers, got {values!r}")
    for value in values:
        check_number(name, value, low=0, high=high)
    return values
