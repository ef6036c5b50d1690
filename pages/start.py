"""The problem in one sentence, the collapse as it happens, and where to go next."""

from pages.ui.frame import start_page
from pages.ui.server import jobs
from pages.ui.settings import Settings
from pages.ui.start import view
from pages.ui.train import view as train

SETTINGS = Settings("start")

start_page(
    "Why does my network predict nothing?",
    "Give a network **512 labels of which about 5 are true**, and within a few steps it learns "
    "that the answer *nothing* is right 99 % of the time. Here you watch that happen, and race "
    "what repairs it.",
)
jobs.warm_up()
SETTINGS.begin()
run = view.ask()
SETTINGS.end(run=run and run.id)
train.draw_race(run, None, threshold=0.5, log_steps=True)
view.draw_ways()
