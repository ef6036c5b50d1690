"""One row of logits read twice: as one distribution by softmax, label by label by sigmoid."""

from pages.ui.frame import start_page
from pages.ui.kit.exercises import draw_exercises
from pages.ui.kit.notes import draw_sources
from pages.ui.probabilities import view
from pages.ui.probabilities.exercises import EXERCISES
from pages.ui.probabilities.settings import SETTINGS
from pages.ui.settings import part

start_page(
    "One label or many?",
    "A network gives you one number per label, its logit. **Softmax** makes the labels share one "
    "probability, **sigmoid** gives each its own. **Drag the logits**.",
)
SETTINGS.begin()
part(view.draw_play)
draw_exercises("probabilities", EXERCISES[1:])
draw_sources(view.SOURCES)
SETTINGS.end()
