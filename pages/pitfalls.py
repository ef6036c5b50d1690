"""Famous mistakes that run: the real error or the silently wrong number, and the repair."""

import streamlit as st

from pages.ui.frame import start_page
from pages.ui.kit.attempts import draw_exercise
from pages.ui.kit.exercises import draw_exercises
from pages.ui.kit.notes import draw_sources
from pages.ui.pitfalls import figure as pitfalls_figure
from pages.ui.pitfalls import notes, view
from pages.ui.pitfalls.exercises import EXERCISES
from pages.ui.pitfalls.settings import SETTINGS
from pages.ui.server import jobs
from pages.ui.settings import part

start_page(
    "Does a mistake announce itself?",
    "Well-known mistakes with multi-label losses, each as code that really runs here. **Say "
    "what will happen, then run it**: the error or the wrong number is real, and so is the "
    "repair.",
)
jobs.warm_up()
SETTINGS.begin()
part(view.draw_specimens)
draw_exercise(EXERCISES[0])
figure = st.container()  # filled last: it may have to wait for torch
notes.draw_notes()
draw_sources(notes.SOURCES)
draw_exercises("pitfalls", EXERCISES[1:])
with figure:
    part(pitfalls_figure.draw_variant)
SETTINGS.end()
