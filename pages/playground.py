"""The whole matter alive on one screen: weight, focusing, rate, rarity, time and threshold."""

from pages.ui.frame import start_page
from pages.ui.lesson.shelf import draw_lessons
from pages.ui.playground import view
from pages.ui.playground.settings import SETTINGS
from pages.ui.server import jobs

start_page("Why does my network predict nothing?")
jobs.warm_up()
SETTINGS.begin()
view.draw_playground()
draw_lessons()
SETTINGS.end()
