"""What the Pitfalls page teaches as a whole, and where to read on."""

from collections import Counter

import streamlit as st

from mlcore.learn.pitfalls import SPECIMENS, turning_point
from pages.ui.kit.attempts import is_answered
from pages.ui.kit.notes import draw_points
from pages.ui.pitfalls.exercises import TURN
from pages.ui.pitfalls.texts import BCE, CROSS_ENTROPY, FOCAL, LINEAR, METRICS, WITH_LOGITS
from pages.ui.words import _

SOURCES = "\n".join(
    f"- {source}" for source in (LINEAR, BCE, WITH_LOGITS, CROSS_ENTROPY, FOCAL, METRICS)
)


def draw_notes() -> None:
    """What to notice, with figures that are counted or computed."""
    st.subheader(_("What to notice"), anchor=False)
    outcomes = Counter(specimen.outcome for specimen in SPECIMENS.values())
    points = [
        _(
            "Of {total} specimens {errors} stop with an error; {wrong} run and give a wrong number."
        ).format(errors=outcomes["error"], total=len(SPECIMENS), wrong=outcomes["wrong"]),
        _(
            "Almost every silent one comes from mixing up logits and probabilities, or two "
            "arguments with similar names. Test a loss on two values whose loss you know by hand."
        ),
        _(
            "A falling loss is no proof: the focal variant trains perfectly. At γ = 2 it rewards "
            "a wrong yes from σ = {turn:.3f} on, and training starts at 0.5."
        ).format(turn=turning_point(2.0)),
        _(
            "A figure without its average, its threshold and the rows that it was tuned on is not "
            "a figure yet."
        ),
    ]
    if not is_answered(TURN):
        del points[1:3]  # they tell what becomes of it, and of others
    draw_points(points)
