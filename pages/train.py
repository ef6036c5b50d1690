"""Race two to four losses from one start on one data set, races."""

import streamlit as st

from pages.ui.frame import start_page
from pages.ui.kit import races
from pages.ui.kit.exercises import draw_exercises
from pages.ui.server import jobs
from pages.ui.train import cards, details, predictions, verdict, view
from pages.ui.train.exercises import EXERCISES
from pages.ui.train.presets import preset_of
from pages.ui.train.settings import SETTINGS, choose_setup, choose_view

start_page(
    "Race losses",
    "Choose a preset or your own contenders, **predict which one finds the rare labels**, then "
    "press Run.",
    sidebar=True,
)
jobs.warm_up()
SETTINGS.begin()
run = races.choose_run()
with st.sidebar:
    setup = choose_setup(jobs.jobs().races.devices)
chosen = preset_of(setup)
pictures = cards.draw_presets(run, chosen)
threshold, log_steps = choose_view()
told = st.container()  # what is wrong with the link, which is known last
view.draw_buttons(run, setup)
predictions.draw_question(chosen, run)
view.draw_race(run, setup, threshold=threshold, log_steps=log_steps)
if run is not None:
    verdict.draw_verdict(run, predictions.settled(run))
with told:
    SETTINGS.end(run=run and run.id)
if run is not None:
    details.draw_details(run, threshold)
draw_exercises("train", EXERCISES)
cards.draw_pictures(pictures)
