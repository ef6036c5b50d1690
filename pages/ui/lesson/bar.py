"""The step of a lesson that is on: what is to be seen, what is asked, and the way on."""

import streamlit as st

from pages.ui.carried import AT, CARRIED, LESSON, carried, carry
from pages.ui.frame import FOLDER, PAGES
from pages.ui.lesson.reading import Lesson, Step, in_language, read_lessons
from pages.ui.settings import leave_for_whole
from pages.ui.words import N_, _, language

GOING, OPENED = "lesson.going", "lesson.opened"


def draw_lesson() -> None:
    """Draw the bar above a page, where a lesson is on; go where its buttons lead."""
    key = carried(LESSON)
    if not key:
        return
    lesson = read_lessons()[0].get(key)
    if lesson is None:
        carry(LESSON, ""), carry(AT, "")
        st.warning(
            _(
                "The link asks for a lesson that does not exist. The playground lists those "
                "there are."
            ),
            icon=":material/link_off:",
        )
        return
    at = place_of(lesson)
    is_new = OPENED not in st.session_state and not set(st.query_params) - set(CARRIED)
    st.session_state[OPENED] = True
    if st.session_state.pop(GOING, is_new):
        _open(lesson, at)
    _draw(lesson, at)


def place_of(lesson: Lesson) -> int:
    """Which step is on, counted from 0: the nearest there is to what the link says."""
    text = carried(AT)
    wanted = int(text) if text.isdecimal() and len(text) < 9 else 1
    return min(max(1, wanted), len(lesson.steps)) - 1


def begin_lesson(key: str) -> None:
    """Begin one, at its first step; call from a callback."""
    carry(LESSON, key)
    _go(0)


def _draw(lesson: Lesson, at: int) -> None:
    step = lesson.steps[at]
    with st.container(border=True, key="lesson"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                _("**{at} of {count}**").format(at=at + 1, count=len(lesson.steps)), width="content"
            )
            st.markdown(in_language(step.sentence, language()), width="stretch")
            _draw_buttons(lesson, at)
        st.markdown(f":material/help: **{in_language(step.question, language())}**")


def _draw_buttons(lesson: Lesson, at: int) -> None:
    last = at == len(lesson.steps) - 1
    ways = (
        ("back", N_("Back"), ":material/arrow_back:", at - 1, at == 0),
        ("again", N_("Set up again"), ":material/replay:", at, False),
        ("next", N_("Next"), ":material/arrow_forward:", at + 1, last),
    )
    for name, title, icon, to, disabled in ways:
        st.button(
            _(title),
            key=f"lesson_{name}",
            icon=icon,
            type="primary" if name == "next" else "tertiary",
            on_click=_go,
            args=(to,),
            disabled=disabled,
        )
    st.button(
        _("End the lesson"),
        key="lesson_end",
        icon=":material/close:",
        type="tertiary",
        on_click=_end,
    )


def _go(to: int) -> None:
    carry(AT, str(to + 1))
    st.session_state[GOING] = True


def _end() -> None:
    carry(LESSON, "")
    carry(AT, "")


def _open(lesson: Lesson, at: int) -> None:
    """Open the page of a step, set up as the lesson says."""
    step = lesson.steps[at]
    leave_for_whole()
    st.switch_page(
        FOLDER / f"{step.page}.py", query_params=step.query | {LESSON: lesson.key, AT: str(at + 1)}
    )


def title_of(step: Step) -> str:
    """The title of the page of a step."""
    return next(
        _(title) for group in PAGES.values() for name, title, _icon in group if name == step.page
    )
