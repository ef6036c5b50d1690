"""Questions that the reader commits to before the answer is computed, and how many are solved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

import streamlit as st

from pages.ui.frame import FOLDER, PAGES
from pages.ui.kit.numbers import filled
from pages.ui.settings import mark_solved, part, rerun_page, solved
from pages.ui.words import N_, _, read_words


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One question. Its texts are translated where drawn and may hold Markdown.

    Attributes:
        key: Its name in links and widgets: letters, digits and hyphens, different from all others.
        title: Two to five words.
        question: What is asked.
        answer: Computes the right answer by the library: an option's key, or a number.
        feedback: Says why, with the figures that show it, after right and after wrong guesses;
            its fields are the answer and `figures`.
        figures: Takes the reader's guess; computes what the feedback names beside the answer.
        hints: Each opens by itself.
        options: Key to text, for a choice; empty where a number is asked for.
        tolerance: How far from the answer a number may be.
        format: How the number's field writes it.
    """

    key: str
    title: str
    question: str
    answer: Callable[[], object]
    feedback: str
    hints: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    figures: Callable[[object], Mapping] = lambda guess: {}
    tolerance: float = 0.0
    format: str = "%.3f"

    def is_right(self, guess: object) -> bool:
        """Whether a guess is the answer, within the tolerance where it is a number."""
        answer = self.answer()
        return guess == answer if self.options else abs(guess - answer) <= self.tolerance

    def told(self, guess: object) -> str:
        """The feedback on a guess, in the reader's language."""
        return filled(_(self.feedback), answer=self.answer(), **self.figures(guess))


def draw_exercise(exercise: Exercise) -> None:
    """Draw it in a frame, as a fragment of its own.

    A page that shows the rest only after a guess draws `draw_question` outside of a fragment.
    """
    with st.container(border=True):
        part(draw_question, exercise)


def draw_question(exercise: Exercise) -> bool:
    """The question, its hints and, once a guess was made, what is right and why.

    Returns:
        Whether what tells the answer may show: there was a guess, or the link says it is solved.
    """
    key = exercise.key
    mark = " :green[:material/check_circle:]" if key in solved() else ""
    st.markdown(f"**{_(exercise.title)}**{mark}  \n{_(exercise.question)}")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        guess = _ask(exercise)
        for n, hint in enumerate(exercise.hints, start=1):
            title = _("Hint {n}").format(n=n)
            st.popover(title, type="tertiary", icon=":material/lightbulb:").markdown(_(hint))
    if guess is None:
        return key in solved()
    st.session_state[f"{key}.guess"] = guess
    right = exercise.is_right(guess)
    told = exercise.told(guess)
    if right:
        if key not in solved():
            mark_solved(key)
            rerun_page()  # the progress stands outside of this part
        st.success(_("**Right.** {why}").format(why=told), icon=":material/check:")
    else:
        st.warning(_("**Not quite.** {why}").format(why=told), icon=":material/close:")
    return True


def _ask(exercise: Exercise) -> object:
    """The guess that was committed last, or None."""
    key = exercise.key
    before = st.session_state.get(f"{key}.guess")  # kept when the reader was on another page
    if exercise.options:
        options = list(exercise.options)

        def title(option: str) -> str:
            return _(exercise.options[option])

        read_words(f"{key}.choice", options, title)
        return st.radio(
            _("Your prediction"),
            options,
            index=options.index(before) if before else None,
            format_func=title,
            key=f"{key}.choice",
            label_visibility="collapsed",
            horizontal=True,
        )
    number = st.number_input(
        _("Your prediction"), value=before, format=exercise.format, key=f"{key}.number", width=200
    )
    st.button(
        _("Check"), key=f"{key}.check", disabled=number is None, on_click=_commit, args=(key,)
    )
    return before


def _commit(key: str) -> None:
    number = st.session_state[f"{key}.number"]
    if number is not None:
        st.session_state[f"{key}.guess"] = number


@cache
def exercises() -> dict[str, tuple[Exercise, ...]]:
    """The exercises of every Learn page."""
    return {
        name: import_module(f"pages.ui.{name}.exercises").EXERCISES
        for name, _title, _icon in PAGES[N_("Learn")]
    }


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
    """How many are solved of how many, page by page; it is read when the page is drawn."""
    groups = exercises()
    right = {name: sum(one.key in solved() for one in group) for name, group in groups.items()}
    done, total = sum(right.values()), sum(map(len, groups.values()))
    st.progress(
        done / total,
        text=_(
            "{done} of {total} exercises solved. They stay solved in this visit and in the link."
        ).format(done=done, total=total),
    )
    with st.container(horizontal=True):
        for name, title, icon in PAGES[N_("Learn")]:
            st.page_link(
                FOLDER / f"{name}.py",
                label=_("{page}: {right} of {count}").format(
                    page=_(title), right=right[name], count=len(groups[name])
                ),
                icon=icon,
                disabled=name == page,
            )
