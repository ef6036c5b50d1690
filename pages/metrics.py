"""Where each number comes from: averages built up cell by cell, and what a ranking is worth."""

from pages.ui.frame import start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.kit.notes import draw_sources
from pages.ui.metrics import notes, ranking, view
from pages.ui.metrics.exercises import EXERCISES
from pages.ui.metrics.settings import SETTINGS
from pages.ui.settings import part

start_page(
    "Where does each number come from?",
    "Precision, recall and F1 have four averages, and they disagree. **Answer the question**, "
    "then click cells and figures in the table: a figure lights up the cells it is made of.",
)
SETTINGS.begin()
answered = view.ask() is not None
zero_division = view.choose()
part(view.draw_play, answered, zero_division)
part(ranking.draw_ranking)
draw_exercises("metrics", EXERCISES)
draw_sources(notes.SOURCES)
SETTINGS.end()
