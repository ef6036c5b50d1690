"""Every threshold at once: choose one, or one for each label, on any race, truth or file."""

import streamlit as st

from pages.ui import (
    calibration_view,
    labels_view,
    link,
    pool,
    rules_view,
    sources,
    theorems_view,
    workshop,
)
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("Choose the threshold"),
    _(
        "Half of the imbalance problem is the cut at 0.5. **Predict where F1 is best, then drag "
        "the cursor**, in a chart or below, and watch what is found, what is missed, what stays "
        "empty."
    ),
)
pool.warm_up()
link.begin()
with st.sidebar:
    evidence = sources.choose_source()
    view = workshop.choose_view()
    settings = rules_view.choose_settings()
if evidence is not None:
    workshop.draw_charts(evidence, view)
    choices = rules_view.choices_of(evidence, settings)
    workshop.draw_decision(evidence, choices)
    rules_view.draw_rules(evidence, choices, view.average)
    labels_view.draw_labels(evidence, choices)
    calibration_view.draw_calibration(evidence)
theorems_view.draw_theorems()
link.end(run=st.session_state.get("run"))
