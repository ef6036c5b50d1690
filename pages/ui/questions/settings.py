"""What can be set on the Questions page."""

from dataclasses import dataclass

import streamlit as st

from mlcore.checks import check_number
from pages.ui.kit.controls import Choice, Setting
from pages.ui.questions.table import GROUPS, QUESTIONS
from pages.ui.settings import Settings

LONGEST = 100  # characters of a search


@dataclass(frozen=True, kw_only=True)
class LineOfText(Setting):
    """Words that are typed."""

    default: str = ""

    def read(self, text: str) -> str:
        check_number(f"characters of {self.short}", len(text), high=LONGEST)
        return text

    def draw(self, key: str, **more) -> str:
        return st.text_input(key=key, max_chars=LONGEST, **self.words, **more)


def _by_the_list(*, key: str, **_options) -> str | None:
    """No widget: a click in the list of questions sets it."""
    return st.session_state[key]


SETTINGS = Settings(
    "questions",
    Choice(
        "q",
        {key: each.asked for key, each in QUESTIONS.items()},
        default=None,
        listed=False,
        widget=_by_the_list,
    ),
    LineOfText(
        "find",
        title="Search",
        help="All of the words must occur in a question or its answer, in either language.",
    ),
    Choice(
        "group",
        {key: group.title for key, group in GROUPS.items()},
        widget=st.pills,
        title="Where it shows",
        help="Which questions are listed.",
    ),
)
