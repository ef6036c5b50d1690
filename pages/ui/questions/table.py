"""All questions, in their groups, and the search among them."""

import re
from dataclasses import dataclass
from functools import cache

from pages.ui.questions import averages, data, focal, output, thresholds, weights, zeros
from pages.ui.questions.question import Question
from pages.ui.words import LANGUAGES, N_, catalogue


@dataclass(frozen=True)
class Group:
    """Questions of one kind; the title is marked for translation."""

    title: str
    questions: tuple[Question, ...]


GROUPS = {
    "zeros": Group(N_("All zeros and tiny losses"), zeros.QUESTIONS),
    "weights": Group(N_("Weights"), weights.QUESTIONS),
    "focal": Group(N_("Focal loss and ASL"), focal.QUESTIONS),
    "thresholds": Group(N_("Thresholds"), thresholds.QUESTIONS),
    "averages": Group(N_("Averages and stopping"), averages.QUESTIONS),
    "output": Group(N_("Output layer and production"), output.QUESTIONS),
    "data": Group(N_("Data"), data.QUESTIONS),
}
QUESTIONS = {each.key: each for group in GROUPS.values() for each in group.questions}
GROUP_OF = {each.key: key for key, group in GROUPS.items() for each in group.questions}


def found(words: str) -> list[str]:
    """Keys of the questions in which all words occur, in any language; of all for no word."""
    wanted = words.casefold().split()
    return [key for key in QUESTIONS if all(word in _searched(key) for word in wanted)]


@cache
def _searched(key: str) -> str:
    """What is searched of a question, in every language."""
    question = QUESTIONS[key]
    texts = (GROUPS[GROUP_OF[key]].title, question.asked, question.answer, question.shown)
    told = [catalogue(name).gettext(text) for name in LANGUAGES for text in texts]
    return re.sub(r"\{[^}]*\}|\*\*|`", "", " ".join([key, *told])).casefold()
