"""How rare and how entangled the labels are, and what each label's score became."""

import streamlit as st

from pages.ui import (
    imbalance_notes,
    imbalance_overview,
    imbalance_pairs,
    imbalance_scores,
    imbalance_source,
    link,
    pool,
)
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("How rare, how entangled?"),
    _(
        "A network learns what it sees often. **Predict how many of the labels share the rarest "
        "third of all true cells**, then read it off, pick a rare label to see who it comes with, "
        "and race two losses to see which of them helps it."
    ),
)
pool.warm_up()
link.begin()
with st.sidebar:
    subject = imbalance_source.choose_subject()
if subject is not None:
    imbalance_overview.draw_figures(subject)
    link.part(imbalance_pairs.draw_labels, subject)
    link.part(imbalance_scores.draw_scores, subject)
    link.part(imbalance_notes.draw_notes, subject)
imbalance_notes.draw_sources()
link.end(run=st.session_state.get("run"))
