"""How rare and how entangled the labels are, and what each label's score became."""

import streamlit as st

from pages.ui.frame import start_page
from pages.ui.imbalance import notes, overview, pairs, scores
from pages.ui.imbalance.exercises import EXERCISES
from pages.ui.imbalance.settings import SETTINGS
from pages.ui.imbalance.subject import choose_subject
from pages.ui.kit.exercises import draw_exercises
from pages.ui.kit.notes import draw_sources
from pages.ui.server import jobs
from pages.ui.settings import part

start_page(
    "How rare, how entangled?",
    "A network learns what it sees often. See how rare the labels are, pick one to see which "
    "others it co-occurs with, and **predict whom a weight on true labels helps: head, middle or "
    "tail?** Then race two losses and read it off.",
    sidebar=True,
)
jobs.warm_up()
SETTINGS.begin()
with st.sidebar:
    subject = choose_subject()
if subject is not None:
    part(pairs.draw_labels, subject)
    absent = overview.draw_figures(subject)
    part(scores.draw_scores, subject)
    part(notes.draw_notes, subject, absent)
draw_exercises("imbalance", EXERCISES)
draw_sources(notes.SOURCES)
SETTINGS.end(run=st.session_state.get("run"))
