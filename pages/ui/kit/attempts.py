"""One exercise on screen: what was tried, what is told of it, and again with fresh numbers."""

from dataclasses import dataclass, field

import streamlit as st

from pages.ui.carried import mark_seen, mark_solved, seen, solved
from pages.ui.kit.exercise import Exercise
from pages.ui.kit.guess import choose, choose_confidence, keep, log, recall
from pages.ui.settings import part, rerun_page
from pages.ui.words import _, read_words

TRIES = 2  # then the answer is told
MARKS = {"solved": " :green[:material/check_circle:]", "seen": " :gray[:material/visibility:]"}


@dataclass
class Attempt:
    """What a reader did with one case of an exercise.

    Attributes:
        number: Of the case; 0 is the first.
        guesses: Those that were committed.
        right: Whether the last of them is.
        hints: How many are open.
        is_missing: Whether "Check" was pressed with nothing to check.
        is_news: Whether what stands outside of the exercise does not show yet how it ended.
    """

    number: int = 0
    guesses: list = field(default_factory=list)
    right: bool = False
    hints: int = 0
    is_missing: bool = False
    is_news: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the answer is told."""
        return self.right or len(self.guesses) >= TRIES


def draw_exercise(exercise: Exercise) -> None:
    """Draw it in a frame, as a fragment of its own.

    A page that shows the rest only after the answer draws `draw_question` outside of a fragment.
    """
    with st.container(border=True):
        part(draw_question, exercise)


def is_answered(exercise: Exercise) -> bool:
    """Whether it is solved or was seen, so that what tells its answer may show."""
    return exercise.key in solved() | seen()


def is_open(exercise: Exercise) -> bool:
    """The same; where what would be here may not show, it is said what opens it."""
    if is_answered(exercise):
        return True
    told = _("This opens once you have answered “{title}” among the exercises.")
    st.caption(f":material/lock: {told.format(title=_(exercise.title))}")
    return False


def draw_question(exercise: Exercise) -> bool:
    """The question, its hints and what is told of the tries.

    Returns:
        Whether what tells the answer may show: it is solved or was told, here or as the link says.
    """
    key = exercise.key
    attempt = _attempt(exercise)
    case = exercise.case(attempt.number)
    state = "solved" if key in solved() else "seen" if key in seen() else ""
    question = exercise.said(exercise.question, case)
    st.markdown(f"**{_(exercise.title)}**{MARKS.get(state, '')}  \n{question}")
    if state and not attempt.number and not attempt.guesses:
        st.caption(_("Answered before."))
    _ask(exercise, attempt)
    for hint in exercise.hints[: attempt.hints]:
        st.markdown(f":material/lightbulb: {exercise.said(hint, case)}")
    _tell(exercise, attempt)
    if attempt.is_news:
        attempt.is_news = False
        rerun_page()  # the progress stands outside of this part
    return bool(state)


def _attempt(exercise: Exercise) -> Attempt:
    return st.session_state.setdefault(f"{exercise.key}.attempt", Attempt())


def _name(exercise: Exercise, attempt: Attempt) -> str:
    """What begins the names of its widgets; each case has its own."""
    return f"{exercise.key}.{attempt.number}"


def _ask(exercise: Exercise, attempt: Attempt) -> None:
    """The widgets: a guess, how sure it is, and the buttons."""
    name, case = _name(exercise, attempt), exercise.case(attempt.number)
    if exercise.options:
        choose(
            name,
            exercise.options,
            lambda option: exercise.said(exercise.options[option], case),
            disabled=attempt.is_over,
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if not exercise.options:
            recall(f"{name}.choice")
            st.number_input(
                _("Your prediction"),
                value=None,
                format=exercise.format,
                key=f"{name}.choice",
                width=160,
                disabled=attempt.is_over,
            )
            keep(f"{name}.choice")
        choose_confidence(name, disabled=bool(attempt.guesses))
        _draw_buttons(exercise, attempt)


def _draw_buttons(exercise: Exercise, attempt: Attempt) -> None:
    key = exercise.key
    if not attempt.is_over:
        st.button(_("Check"), key=f"{key}.check", on_click=_commit, args=(exercise,))
        if attempt.hints < len(exercise.hints):
            st.button(
                _("Next hint") if attempt.hints else _("Hint"),
                key=f"{key}.hint",
                type="tertiary",
                icon=":material/lightbulb:",
                on_click=_open_hint,
                args=(exercise,),
            )
    if attempt.is_over or is_answered(exercise):
        st.button(
            _("Again, with fresh numbers"),
            key=f"{key}.again",
            icon=":material/casino:",
            on_click=_begin_again,
            args=(exercise,),
        )


def _tell(exercise: Exercise, attempt: Attempt) -> None:
    """What is said to the newest guess."""
    case = exercise.case(attempt.number)
    if attempt.is_missing:
        st.caption(_("Choose or type an answer first."))
    if attempt.right:
        why = exercise.told(case)
        st.success(_("**Right.** {why}").format(why=why), icon=":material/check:")
    elif attempt.guesses:
        why = exercise.told_wrong(attempt.guesses[-1], case)
        st.warning(_("**Not quite.** {why}").format(why=why), icon=":material/close:")
        if attempt.is_over:
            told = _("**The answer: {answer}.** {why}")
            told = told.format(answer=exercise.written(case), why=exercise.told(case))
            st.info(told, icon=":material/visibility:")


def _commit(exercise: Exercise) -> None:
    """Judge what is chosen; the first try is logged with its confidence."""
    attempt = _attempt(exercise)
    name, case = _name(exercise, attempt), exercise.case(attempt.number)
    if exercise.options:
        read_words(
            f"{name}.choice",
            exercise.options,
            lambda option: exercise.said(exercise.options[option], case),
        )
    guess = st.session_state.get(f"{name}.choice")
    attempt.is_missing = guess is None
    if guess is None or attempt.is_over or guess in attempt.guesses:  # two quick clicks are one try
        return
    attempt.right = exercise.is_right(guess, case)
    if not attempt.guesses:
        log(name, st.session_state.get(f"{name}.confidence") or "", attempt.right)
    attempt.guesses.append(guess)
    if attempt.right:
        mark_solved(exercise.key)
    elif attempt.is_over:
        mark_seen(exercise.key)
    attempt.is_news = attempt.is_over


def _open_hint(exercise: Exercise) -> None:
    _attempt(exercise).hints += 1


def _begin_again(exercise: Exercise) -> None:
    st.session_state[f"{exercise.key}.attempt"] = Attempt(number=_attempt(exercise).number + 1)
