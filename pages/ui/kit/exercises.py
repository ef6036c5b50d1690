"""The exercises of all pages, and how many are solved."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module

import streamlit as st

from pages.ui.carried import seen, solved
from pages.ui.frame import FOLDER, PAGES
from pages.ui.kit.attempts import draw_exercise
from pages.ui.kit.exercise import Exercise
from pages.ui.words import N_, _


@cache
def exercises() -> dict[str, tuple[Exercise, ...]]:
    """The exercises of every page that has some."""
    return {
        name: import_module(f"pages.ui.{name}.exercises").EXERCISES
        for name, _title, _icon in _pages()
    }


def _pages() -> list[tuple[str, str, str]]:
    pages = PAGES[N_("Learn")] + PAGES[N_("Lab")]
    return [page for page in pages if (FOLDER / "ui" / page[0] / "exercises.py").exists()]


def draw_exercises(page: str, group: Iterable[Exercise]) -> None:
    """Exercises of a page, and the progress over all pages.

    Args:
        page: Its file's name.
        group: Those that do not stand elsewhere on the page.
    """
    st.subheader(_("Exercises"), anchor=False)
    progress = st.container()  # filled last: a guess may be found right on the way
    for exercise in group:
        draw_exercise(exercise)
    with progress:
        draw_progress(page)


def draw_progress(page: str) -> None:
    """How many are solved and seen of how many, page by page; read when the page is drawn."""
    groups = exercises()
    right = {name: sum(one.key in solved() for one in group) for name, group in groups.items()}
    told = sum(one.key in seen() for group in groups.values() for one in group)
    done, total = sum(right.values()), sum(map(len, groups.values()))
    text = _("{done} of {total} exercises solved, {seen} seen. The link keeps count.")
    st.progress(done / total, text=text.format(done=done, total=total, seen=told))
    with st.container(horizontal=True):
        for name, title, icon in _pages():
            st.page_link(
                FOLDER / f"{name}.py",
                label=_("{page}: {right} of {count}").format(
                    page=_(title), right=right[name], count=len(groups[name])
                ),
                icon=icon,
                disabled=name == page,
            )
