"""All lessons, to begin one or to print what its teacher needs."""

from functools import partial
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

import streamlit as st

from pages.ui.carried import AT, LESSON
from pages.ui.lesson.bar import begin_lesson, title_of
from pages.ui.lesson.reading import Lesson, in_language, read_lessons
from pages.ui.words import LANGUAGE, _, language, speaking

SHEET = Path(__file__).parent / "sheet.html"


def draw_lessons() -> None:
    """A card for each lesson."""
    lessons, problems = read_lessons()
    st.subheader(_("Lessons"), anchor=False)
    for column, lesson in zip(st.columns(max(3, len(lessons))), lessons.values(), strict=False):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{in_language(lesson.title, language())}**")
            st.caption(
                _("{minutes:g} minutes, {count} steps, each with a question for the class.").format(
                    minutes=lesson.minutes, count=len(lesson.steps)
                )
            )
            with st.container(horizontal=True):
                st.button(
                    _("Begin"),
                    key=f"begin_{lesson.key}",
                    icon=":material/play_arrow:",
                    on_click=begin_lesson,
                    args=(lesson.key,),
                )
                st.download_button(
                    _("Sheet to print"),
                    partial(sheet_of, lesson, language()),
                    file_name=f"{lesson.key}.html",
                    mime="text/html",
                    key=f"sheet_{lesson.key}",
                    icon=":material/print:",
                    type="tertiary",
                    on_click="ignore",
                )
    for problem in problems:
        st.warning(_("A lesson cannot be read: {problem}").format(problem=problem))


def sheet_of(lesson: Lesson, name: str) -> str:
    """What a teacher prints: all steps with their talking points, as a page of its own.

    Args:
        lesson: Whose.
        name: The language. Streamlit calls this outside of the session, which has one.
    """
    with speaking(name):
        return _sheet_of(lesson, name)


def _sheet_of(lesson: Lesson, name: str) -> str:
    title = escape(in_language(lesson.title, name))
    heads = (_("Step"), _("Minutes"), _("What is to be seen, and what to ask"), _("What to say"))
    rows, began = [], 0.0
    for place, step in enumerate(lesson.steps, start=1):
        link = f"/{step.page}?" + urlencode(
            {**step.query, LESSON: lesson.key, AT: place, LANGUAGE: name}
        )
        seen, asked, said = (
            escape(in_language(text, name)) for text in (step.sentence, step.question, step.talk)
        )
        time = f"{began:g}–{began + step.minutes:g}"
        rows.append(
            f"<tr><th>{place}<br>{escape(title_of(step))}</th><td>{time}</td><td>{seen}"
            f"<em>{asked}</em><small>{escape(link)}</small></td><td>{said}</td></tr>"
        )
        began += step.minutes
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    page = Template(SHEET.read_text(encoding="utf-8"))
    return page.substitute(language=name, title=title, head=head, rows="\n".join(rows))
