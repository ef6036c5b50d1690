"""Famous mistakes that run: the real error or the silently wrong number, and the repair."""

import streamlit as st

from pages.ui import link, pitfalls_figure, pitfalls_notes, pitfalls_view, pool
from pages.ui.exercises.kit import draw_exercise
from pages.ui.exercises.pitfalls import FIRST
from pages.ui.exercises.progress import draw_exercises
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("Does a mistake say that it is one?"),
    _(
        "Well-known mistakes with multi-label losses, each as code that really runs here. **Say "
        "what will happen, then run it**: the error or the wrong number is real, and so is the "
        "repair."
    ),
)
pool.warm_up()
link.begin()
draw_exercise(FIRST)
link.part(pitfalls_view.draw_specimens)
figure = st.container()  # filled last: it may have to wait for torch
pitfalls_notes.draw_notes()
pitfalls_notes.draw_sources()
draw_exercises("pitfalls", leave_out=(FIRST.key,))
with figure:
    link.part(pitfalls_figure.draw_variant)
link.end()
