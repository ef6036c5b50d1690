"""Train a grid of settings and read the response surface."""

import streamlit as st

from pages.ui import link
from pages.ui.frame import start_page
from pages.ui.server import jobs
from pages.ui.sweep import details
from pages.ui.sweep import settings as controls
from pages.ui.sweep import view as live
from pages.ui.sweep.retrain import draw_retrain
from pages.ui.words import _

start_page(
    _("Sweep the settings"),
    _(
        "Which positive weight? Which learning rate? **Predict where the surface is best**, then "
        "press Run."
    ),
)
jobs.warm_up()
link.begin("sweep")
job = live.choose_job()
with st.sidebar:
    setup, seeds = controls.choose_base(jobs.jobs().races.devices)
controls.choose_preset()
plan = controls.choose_plan(setup, seeds)
live.draw_start(job, plan)
figure, shown = live.choose_view()
live.draw_job(job, plan, figure, shown)
if job is not None and job.results:
    link.part(details.draw_details, job, figure)
    details.draw_downloads(job, figure)
draw_retrain(setup.data, setup.options, setup.config)
link.end(sweep=job and job.id)
