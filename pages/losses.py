"""Every loss as a curve over one logit: what it pulls, how hard, and to which probability."""

import streamlit as st

from pages.ui import link, losses_theorems, losses_view
from pages.ui.exercises.kit import draw_question
from pages.ui.exercises.losses import START
from pages.ui.exercises.progress import draw_exercises
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("Losses"),
    _(
        "What does a loss do to one logit, and to which probability does it pull? **Answer the "
        "question**, then choose losses and drag their parameters: the curves follow."
    ),
)
link.begin()
with st.container(border=True):
    answered = draw_question(START)
link.part(losses_view.draw_lab, answered)
losses_theorems.draw_theorems()
draw_exercises("losses", leave_out=(START.key,))
losses_theorems.draw_sources()
link.end()
