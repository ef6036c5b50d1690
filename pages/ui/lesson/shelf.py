"""All lessons, to begin one or to print what its teacher needs."""

from functools import partial
from html import escape
from urllib.parse import urlencode

import streamlit as st

from pages.ui.lesson.bar import AT, LESSON, begin_lesson, title_of
from pages.ui.lesson.reading import Lesson, in_language, read_lessons
from pages.ui.words import LANGUAGE, _, language, speaking

STYLE = """
body {font: 11pt/1.4 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em}
table {border-collapse: collapse; width: 100%}
th, td {border-bottom: 1px solid #999; padding: 0.5em; text-align: left; vertical-align: top}
tr {break-inside: avoid} th {white-space: nowrap} em {display: block; margin: 0.3em 0}
"""


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
    return (
        f'<!doctype html><html lang="{name}"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style><h1>{title}</h1><table><tr>{head}</tr>{''.join(rows)}</table></html>"
    )
