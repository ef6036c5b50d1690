"""From a symptom to the page that answers it."""

from pages.ui.frame import start_page
from pages.ui.questions import view
from pages.ui.questions.settings import SETTINGS
from pages.ui.server import jobs
from pages.ui.settings import part

start_page(
    "What is wrong with my model?",
    "**Find your symptom** among questions that people really ask. Each has a short answer, a "
    "figure computed here, and a way to the page that shows it, already set up.",
)
jobs.warm_up()
SETTINGS.begin()
part(view.draw_questions)
SETTINGS.end()
