"""Train a grid of settings and read the response surface."""

import streamlit as st

from pages.ui.frame import FOLDER, start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.server import jobs
from pages.ui.settings import part
from pages.ui.sweep import details, predictions
from pages.ui.sweep import view as live
from pages.ui.sweep.exercises import EXERCISES
from pages.ui.sweep.settings import SETTINGS, choose_plan, choose_view
from pages.ui.words import _

start_page(
    "Sweep the settings",
    "Which positive weight? Which learning rate? **Predict where the surface is best**, then "
    "press Run.",
    sidebar=True,
)
jobs.warm_up()
SETTINGS.begin()
job = live.choose_job()
with st.sidebar:
    plan = choose_plan(jobs.jobs().races.devices)
figure, shown = choose_view(plan)
live.draw_start(job, plan)
predictions.draw_question(plan, job)
live.draw_job(job, plan, figure, shown)
if job is not None and job.results:
    part(details.draw_details, job, figure)
    details.draw_downloads(job, figure)
st.page_link(
    FOLDER / "playground.py",
    label=_("In the playground, drag a setting and watch the model retrain"),
    icon=":material/play_circle:",
)
draw_exercises("sweep", EXERCISES)
SETTINGS.end(sweep=job and job.id)
