"""A guess that is committed by a button, with how sure the reader is of it.

An exercise asks so, and so can a page that learns the right answer only later, as from a race:

    guess = draw_guess("race.who", _("Who is ahead at the end?"), {"A": "BCE", "B": "focal"})
    ...
    right = settle_guess("race.who", winner)  # once it is known; None where there is no guess

What was right or not is kept for the session, and comes back as the reader's own calibration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from mlcore.lazy import pd
from mlcore.learn.guesses import CONFIDENCES, by_confidence
from pages.ui.words import N_, _, language, read_words

TITLES = dict(zip(CONFIDENCES, (N_("sure"), N_("fairly sure"), N_("a guess")), strict=True))
LOG = "guesses"  # confidence and whether it was right, by key of the question
ENOUGH = 10  # answers until the reader's calibration is drawn


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What was committed.

    Attributes:
        value: The key of the option; None where the question was skipped.
        confidence: One of CONFIDENCES, or "" where none was chosen.
    """

    value: str | None = None
    confidence: str = ""


def draw_guess(key: str, question: str, options: Mapping[str, str]) -> Guess | None:
    """Ask in a frame of its own, with a way to skip; returns what was committed, or None.

    Args:
        key: Of the question, different from all others.
        question: What is asked, in the reader's language, as Markdown.
        options: Key to text in the reader's language.
    """
    name = f"guess.{key}"
    guess = st.session_state.get(name)
    with st.container(border=True):
        st.markdown(question)
        if guess is not None:
            if guess.value is not None:
                st.markdown(_("You said: **{guess}**").format(guess=options[guess.value]))
            return guess
        choose(name, options, options.get)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            choose_confidence(name)
            st.button(_("Commit"), key=f"{name}.commit", on_click=_commit, args=(name,))
            skip = {"on_click": _skip, "args": (name,), "type": "tertiary"}
            st.button(_("Skip"), key=f"{name}.skip", **skip)
    return None


def committed(key: str) -> Guess | None:
    """What was committed, if anything."""
    return st.session_state.get(f"guess.{key}")


def settle_guess(key: str, answer: str) -> bool | None:
    """Whether the guess was right, which is logged once; None where nobody guessed."""
    guess = committed(key)
    if guess is None or guess.value is None:
        return None
    log(key, guess.confidence, guess.value == answer)
    return guess.value == answer


def forget_guess(key: str) -> None:
    """Ask anew, as for another race; what was logged stays."""
    st.session_state.pop(f"guess.{key}", None)


def _commit(name: str) -> None:
    value = st.session_state.get(f"{name}.choice")
    if value is None:
        st.toast(_("Choose an answer first, or skip the question."))
        return
    confidence = st.session_state.get(f"{name}.confidence") or ""
    st.session_state[name] = Guess(value=value, confidence=confidence)


def _skip(name: str) -> None:
    st.session_state[name] = Guess()


def choose(
    key: str, options: Mapping[str, str], title: Callable[[str], str], *, disabled: bool = False
) -> None:
    """Options to choose from; what is chosen is `f"{key}.choice"` in the session."""
    name = f"{key}.choice"
    read_words(name, options, title)
    recall(name)
    st.radio(
        _("Your prediction"),
        list(options),
        index=None,
        format_func=title,
        key=name,
        label_visibility="collapsed",
        horizontal=True,
        disabled=disabled,
    )
    keep(name)


def choose_confidence(key: str, *, disabled: bool = False) -> None:
    """How sure is the reader? What is chosen is `f"{key}.confidence"` in the session."""
    name = f"{key}.confidence"

    def title(confidence: str) -> str:
        return _(TITLES[confidence])

    read_words(name, TITLES, title)
    recall(name)
    st.segmented_control(
        _("How sure are you?"), list(TITLES), format_func=title, key=name, disabled=disabled
    )
    keep(name)


def recall(name: str) -> None:
    """Have a widget's value from before, for a reader who comes back or changes the language."""
    value, spoken = st.session_state.get(f"{name}.kept", (None, language()))
    if spoken != language():  # with other words it is another widget to Streamlit
        value = st.session_state.get(name, value)
    elif name in st.session_state:
        return
    if value is not None:
        st.session_state[name] = value


def keep(name: str) -> None:
    """Remember what a widget was drawn with."""
    st.session_state[f"{name}.kept"] = st.session_state.get(name), language()


def log(key: str, confidence: str, right: bool) -> None:
    """Keep whether the first answer to a question was right; one without confidence is not kept."""
    if confidence:
        st.session_state.setdefault(LOG, {}).setdefault(key, (confidence, right))


def draw_calibration() -> None:
    """How often the reader was right, by how sure they were; once there are enough answers."""
    kept = list(st.session_state.get(LOG, {}).values())
    if not kept:
        return
    if len(kept) < ENOUGH:
        told = _("{n} of {enough} answers until your own calibration is drawn.")
        st.caption(told.format(n=len(kept), enough=ENOUGH))
        return
    found = by_confidence(kept)
    st.subheader(_("Your own calibration"), anchor=False)
    for each in found[:1]:
        st.markdown(_told(each.confidence, each.right, each.count))
    name = _("{confidence}: {right} of {count}")
    rows = [
        {
            "answers": name.format(
                confidence=_(TITLES[each.confidence]), right=each.right, count=each.count
            ),
            "share": each.share,
        }
        for each in found
    ]
    st.vega_lite_chart(
        _spec(pd.DataFrame(rows), language()),
        key="own_calibration",
        alt=_("The share of your answers that was right, by how sure you were"),
    )


def _told(confidence: str, right: int, count: int) -> str:
    text = {
        "sure": _("When you were **sure**, {right} of {n} answers were right."),
        "fairly": _("When you were **fairly sure**, {right} of {n} answers were right."),
        "guess": _("When you made **a guess**, {right} of {n} answers were right."),
    }[confidence]
    return text.format(right=right, n=count)


def _spec(table, _language: str) -> dict:
    from mlcore.charts import share_chart, whole_spec

    return whole_spec(share_chart(table, say=_))
