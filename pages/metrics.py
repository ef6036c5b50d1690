"""Where each number comes from: averages built up cell by cell, and what a ranking is worth."""

from pages.ui import link, metrics_notes, metrics_view, ranking_view
from pages.ui.exercises.progress import draw_exercises
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("Where does each number come from?"),
    _(
        "Precision, recall and F1 have four averages, and they disagree. **Answer the question**, "
        "then click cells and figures in the table: a figure lights up the cells it is made of."
    ),
)
link.begin()
answered = metrics_view.ask() is not None
zero_division = metrics_view.choose()
link.part(metrics_view.draw_play, answered, zero_division)
link.part(ranking_view.draw_ranking)
draw_exercises("metrics")
metrics_notes.draw_sources()
link.end()
