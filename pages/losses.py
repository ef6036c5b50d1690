"""Every loss as a curve over one logit: what it pulls, how hard, and to which probability."""

from pages.ui.frame import start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.kit.notes import draw_sources
from pages.ui.losses import theorems, view
from pages.ui.losses.exercises import EXERCISES
from pages.ui.losses.settings import SETTINGS
from pages.ui.settings import part

start_page(
    "What does a loss pull at?",
    "A loss moves a logit by its gradient, up or down, until the probability is where the loss "
    "wants it. Choose losses and **drag their sliders**: the curves follow.",
)
SETTINGS.begin()
part(view.draw_lab)
theorems.draw_theorems()
draw_exercises("losses", EXERCISES[1:])
draw_sources(theorems.SOURCES)
SETTINGS.end()
