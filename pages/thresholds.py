"""Every threshold at once: drag one, or have a rule choose, on any race, truth or file."""

import streamlit as st

from pages.ui.frame import start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.server import jobs
from pages.ui.settings import part
from pages.ui.thresholds import calibration, labels, rules, sources, theorems, view
from pages.ui.thresholds.settings import SETTINGS

start_page(
    "Choose the threshold",
    "Half of the imbalance problem is the cut at 0.5. **Predict where F1 is best, then drag.**",
    sidebar=True,
)
jobs.warm_up()
SETTINGS.begin()
shown = SETTINGS.draw("part", label_visibility="collapsed")
missing = st.container()
with st.sidebar:
    evidence, contenders = sources.choose_source(missing)
    if shown != "calibration":
        SETTINGS.draw("average")
        if shown == "drag":
            view.choose_view()
        settings = rules.choose_settings()
if evidence is not None:
    if shown == "calibration":
        part(calibration.draw_calibration, evidence)
    else:
        choices = rules.choices_of(evidence, settings)
        if shown == "drag":
            part(view.draw_drag, evidence, contenders, choices)
        else:
            part(rules.draw_rules, evidence, choices)
            part(labels.draw_labels, evidence, choices)
if shown in theorems.THEOREMS:
    part(theorems.draw_theorem, shown)
    draw_exercises("thresholds", theorems.THEOREMS[shown][:1])
SETTINGS.end(run=st.session_state.get("run"))
