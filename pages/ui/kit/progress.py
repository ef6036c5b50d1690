"""All exercises, and how many of them are solved."""

from functools import cache
from importlib import import_module

import streamlit as st

from pages.ui import link
from pages.ui.frame import FOLDER, PAGES
from pages.ui.kit.exercises import Exercise, draw_exercise
from pages.ui.words import N_, _


@cache
def exercises() -> dict[str, tuple[Exercise, ...]]:
    """The exercises of every Learn page."""
    return {
        name: import_module(f"pages.ui.{name}.exercises").EXERCISES
        for name, _title, _icon in PAGES[N_("Learn")]
    }


def draw_exercises(page: str, *, leave_out: tuple[str, ...] = ()) -> None:
    """A page's exercises, and the progress over all pages.

    Args:
        page: Its file's name.
        leave_out: Keys of those that stand elsewhere on the page.
    """
    st.subheader(_("Exercises"), anchor=False)
    progress = st.container()  # filled last: a guess may be found right on the way
    for exercise in exercises()[page]:
        if exercise.key not in leave_out:
            draw_exercise(exercise)
    with progress:
        draw_progress(page)


def draw_progress(page: str = "") -> None:
    """How many are solved of how many, page by page; it is read when the page is drawn."""
    solved = st.session_state.get(link.SOLVED, set())
    titles = {name: (title, icon) for name, title, icon in PAGES[N_("Learn")]}
    counts = {
        name: (sum(one.key in solved for one in group), len(group))
        for name, group in exercises().items()
    }
    done, total = map(sum, zip(*counts.values(), strict=True))
    st.progress(
        done / total,
        text=_(
            "{done} of {total} exercises solved. They stay solved in this visit and in the link."
        ).format(done=done, total=total),
    )
    with st.container(horizontal=True):
        for name, (right, count) in counts.items():
            title, icon = titles[name]
            st.page_link(
                FOLDER / f"{name}.py",
                label=_("{page}: {right} of {count}").format(
                    page=_(title), right=right, count=count
                ),
                icon=icon,
                disabled=name == page,
            )
