"""Train a grid of settings and read the response surface."""

import streamlit as st

from pages.ui.frame import FOLDER, start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.server import jobs
from pages.ui.settings import part
from pages.ui.sweep import details
from pages.ui.sweep import view as live
from pages.ui.sweep.exercises import EXERCISES
from pages.ui.sweep.settings import SETTINGS, choose_base, choose_plan, choose_preset, choose_view
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
    setup, seeds = choose_base(jobs.jobs().races.devices)
choose_preset()
plan = choose_plan(setup, seeds)
live.draw_start(job, plan)
figure, shown = choose_view()
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
