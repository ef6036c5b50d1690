"""Every threshold at once: choose one, or one for each label, on any race, truth or file."""

import streamlit as st

from pages.ui.frame import start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.server import jobs
from pages.ui.settings import part
from pages.ui.thresholds import calibration, labels, rules, sources, theorems, view
from pages.ui.thresholds.exercises import EXERCISES
from pages.ui.thresholds.settings import SETTINGS

start_page(
    "Choose the threshold",
    "Half of the imbalance problem is the cut at 0.5. **Predict where F1 is best, then drag "
    "the cursor**, in a chart or below, and watch what is found, what is missed, what stays "
    "empty.",
    sidebar=True,
)
jobs.warm_up()
SETTINGS.begin()
missing = st.container()
with st.sidebar:
    evidence = sources.choose_source(missing)
    view.choose_view()
    settings = rules.choose_settings()
if evidence is not None:
    view.draw_charts(evidence)
    choices = rules.choices_of(evidence, settings)
    part(view.draw_decision, evidence, choices)
    rules.draw_rules(evidence, choices)
    part(labels.draw_labels, evidence, choices)
    part(calibration.draw_calibration, evidence)
part(theorems.draw_theorems)
draw_exercises("thresholds", EXERCISES)
SETTINGS.end(run=st.session_state.get("run"))
