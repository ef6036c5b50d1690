"""The list of questions, the search among them, and the answer to the one that is open."""

from itertools import groupby

import streamlit as st

from pages.ui.frame import FOLDER, PAGES
from pages.ui.kit.numbers import filled
from pages.ui.questions.question import Question
from pages.ui.questions.settings import SETTINGS
from pages.ui.questions.table import GROUP_OF, GROUPS, QUESTIONS, found
from pages.ui.server.compute import compute
from pages.ui.words import _

TITLES = {name: (title, icon) for pages in PAGES.values() for name, title, icon in pages}


def draw_questions() -> None:
    """Search, groups, and the questions of the group or those that were found."""
    opened, now = SETTINGS.draw("q"), {}
    if opened:  # it says the group, whatever the link does
        SETTINGS.take("group")
        SETTINGS["group"] = now["default"] = GROUP_OF[opened]
    words = SETTINGS.draw(
        "find", placeholder=_("predicts only zeros"), icon=":material/search:", on_change=_close
    )
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        group = SETTINGS.draw("group", wrap=True, on_change=_leave_search, **now)
    with right:
        keys = _listed(words, group)
        for shown, some in groupby(keys, GROUP_OF.get):
            st.subheader(_(GROUPS[shown].title), anchor=False)
            with st.container(gap="xxsmall"):
                for key in some:
                    _draw_question(QUESTIONS[key], is_open=key == opened)


def _listed(words: str, group: str) -> list[str]:
    """Keys of the questions to list; says so where a search finds none."""
    if not words.strip():
        return [each.key for each in GROUPS[group].questions]
    if hits := found(words):
        return hits
    st.info(
        _("No question has all of these words. Here are all that there are."),
        icon=":material/search_off:",
    )
    return list(QUESTIONS)


def _close() -> None:
    SETTINGS["q"] = None


def _leave_search() -> None:
    SETTINGS.put(q=None, find="")


def _turn(key: str) -> None:
    SETTINGS["q"] = None if SETTINGS["q"] == key else key


def _draw_question(question: Question, *, is_open: bool) -> None:
    """A question, which a click opens or closes."""
    st.button(
        _(question.asked),
        key=f"question.{question.key}",
        type="tertiary",
        icon=":material/expand_more:" if is_open else ":material/chevron_right:",
        on_click=_turn,
        args=(question.key,),
    )
    if is_open:
        with st.container(border=True):
            _draw_answer(question)


def _draw_answer(question: Question) -> None:
    """The answer, its figures, the way to the place, the source."""
    st.markdown(_(question.answer))
    name, *arguments = question.figures
    with st.spinner(_("Computing …")):
        figures = compute(f"mlcore.learn.{name}", *arguments)
    shown = filled(_(question.shown), **figures)
    st.markdown(f":material/calculate: **{_('Computed here:')}** {shown}")
    if not question.yet:
        st.markdown(f":material/construction: {_('The lab cannot show this yet.')}")
    title, icon = TITLES[question.page]
    words = _("Open {page}, set up for this") if question.yet else _("Nearest to it: {page}")
    with st.container(horizontal=True, vertical_alignment="center", key="way"):
        st.page_link(
            FOLDER / f"{question.page}.py",
            label=f"**{words.format(page=_(title))}**",
            icon=icon,
            query_params=question.settings,
        )
        st.markdown(_(question.look), width="content")
    st.markdown(_("Source: {source}").format(source=question.source))
