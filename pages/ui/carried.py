"""What stands in the link of every page: language, a step of a lesson, exercises, presenting."""

import re
from collections.abc import Mapping

import streamlit as st

from pages.ui.words import LANGUAGE, default_language, is_language_named, language

LESSON, AT, PRESENT = "lesson", "at", "present"
SOLVED, SEEN = "solved", "seen"  # keys of exercises
CARRIED = (LANGUAGE, LESSON, AT, PRESENT, SOLVED, SEEN)
EXERCISE, MOST = re.compile("[a-z0-9-]{1,40}"), 100


def carried(name: str) -> str:
    """A lesson, a step of it, or presenter mode, as the link has it; "" where there is none."""
    return _texts().get(name, "")


def carry(name: str, text: str) -> None:
    """Set one of these for the links of all pages; "" sets it no more."""
    _texts()[name] = text


def solved() -> set[str]:
    """Keys of the exercises that are solved in this visit."""
    return _keys(SOLVED)


def seen() -> set[str]:
    """Keys of the exercises whose answer was told in this visit, and that are not solved."""
    return _keys(SEEN) - _keys(SOLVED)


def mark_solved(*keys: str) -> None:
    """Note exercises as solved, for the session and for the link of every page."""
    _keys(SOLVED).update(keys)


def mark_seen(*keys: str) -> None:
    """Note exercises as seen, as `mark_solved` does."""
    _keys(SEEN).update(keys)


def read_carried(asked: Mapping[str, str], *, whole: bool) -> None:
    """Take what a link says of all this.

    Args:
        asked: The link.
        whole: Whether what it leaves out is set no more. Exercises stay solved.
    """
    for name in (LESSON, AT, PRESENT):
        if name in asked or whole:
            carry(name, asked.get(name, ""))
    for name, mark in ((SOLVED, mark_solved), (SEEN, mark_seen)):
        mark(*filter(EXERCISE.fullmatch, asked.get(name, "").split(".")[:MOST]))


def carried_link() -> dict[str, str]:
    """All of it, as the link says it."""
    link = {name: text for name, text in _texts().items() if text}
    link |= {
        name: ".".join(sorted(keys)) for name, keys in ((SOLVED, solved()), (SEEN, seen())) if keys
    }
    if is_language_named() or language() != default_language():
        link[LANGUAGE] = language()
    return link


def _texts() -> dict[str, str]:
    return st.session_state.setdefault("carried", {})


def _keys(name: str) -> set[str]:
    return st.session_state.setdefault(f"carried.{name}", set())
