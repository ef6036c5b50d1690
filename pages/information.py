"""Surprise, entropy, cross entropy and KL, in bars that are dragged."""

import streamlit as st

from pages.ui.frame import start_page
from pages.ui.information import labels, notes, outcomes
from pages.ui.information.exercises import EXERCISES
from pages.ui.information.settings import SETTINGS
from pages.ui.kit.attempts import draw_question
from pages.ui.kit.exercises import draw_exercises
from pages.ui.kit.notes import draw_sources
from pages.ui.settings import part
from pages.ui.words import _

start_page(
    "What does it cost to expect the wrong thing?",
    "p is what happens, q is what a model expects. **Drag the bars**: the mean surprise H(p, q) is "
    "always the sum of what cannot be avoided, H(p), and what the model is to blame for, KL(p‖q).",
)
SETTINGS.begin()
picture = st.container()
unit = SETTINGS.draw("unit")
with picture:
    part(outcomes.draw_outcomes, unit)
with st.container(border=True):
    answered = draw_question(EXERCISES[0])
st.subheader(_("One label"), anchor=False)
st.markdown(
    _(
        "A label is a distribution over two outcomes: true with η, predicted with σ. Its cross "
        "entropy is BCE. Bars are spaced by logits, so that 0.01 and 0.99 can be told apart."
    )
)
part(labels.draw_one, unit)
st.subheader(_("Many labels"), anchor=False)
st.markdown(
    _(
        "Each label has a distribution of its own, and their losses add up. Lower the σ of the "
        "many first, and see what is left: **why does a network learn to answer nothing?**"
    )
)
part(labels.draw_many, unit, answered)
st.subheader(_("What to notice"), anchor=False)
notes.draw_notice()
draw_sources(notes.SOURCES)
draw_exercises("information", EXERCISES[1:])
SETTINGS.end()
