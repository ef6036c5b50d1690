"""One row of logits read twice: as one distribution by softmax, label by label by sigmoid."""

from pages.ui import link, probabilities_view
from pages.ui.exercises.kit import draw_exercise
from pages.ui.exercises.probabilities import EXERCISES
from pages.ui.exercises.progress import draw_exercises
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("One label or many?"),
    _(
        "A network hands you one number for each label. **Softmax** makes the labels share one "
        "probability, **sigmoid** asks each of them alone. Predict, then drag the logits."
    ),
)
link.begin()
draw_exercise(EXERCISES[0])
link.part(probabilities_view.draw_play)
draw_exercises("probabilities", leave_out=(EXERCISES[0].key,))
probabilities_view.draw_sources()
link.end()
