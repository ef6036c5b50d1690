"""What the pages say, in the reader's language. The code has it in English; catalogues translate.

Mark text where it is drawn, `_("Run")`, and fill it in after that, `_("{n} rows").format(n=n)`.
Constants are marked by `N_` where they stand and translated by `_` where they are drawn.
"""

import gettext
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LOCALES = Path(__file__).parents[1] / "locale"
LANGUAGES = {"en": "English", "zh": "中文"}
LANGUAGE = "lang"  # its key in the link and in the session
NAMED = "lang.named"
COOKIE = "lab-language"
_spoken: ContextVar[str | None] = ContextVar("language", default=None)


def N_(message: str) -> str:
    """The message itself; marks it for the catalogue."""
    return message


def _(message: str) -> str:
    """A message in the language of this session."""
    return catalogue(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """One of two messages, by number, in the language of this session."""
    return catalogue(language()).ngettext(singular, plural, n)


def paragraph(parts: Iterable[str]) -> str:
    """Sentences one after the other, with a space between them where the language writes one."""
    return _("{one} {next}").format(one="", next="").join(parts)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Words made in here are in this language: for those that no script of a session makes."""
    token = _spoken.set(name if name in LANGUAGES else "en")
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """The language of this session, "en" outside of one."""
    if spoken := _spoken.get():
        return spoken
    if get_script_run_ctx() is None:
        return "en"
    return st.session_state.get(LANGUAGE) or choose_language()


def choose_language() -> str:
    """The language that the link asks for, else the session's, else the browser's; kept."""
    asked = st.query_params.get(LANGUAGE)
    if asked in LANGUAGES:
        st.session_state[NAMED] = True
    else:
        asked = st.session_state.get(LANGUAGE) or default_language()
    st.session_state[LANGUAGE] = asked
    return asked


def is_language_named() -> bool:
    """Whether a link of this session has named its language, so that all its links go on doing so.

    What a link without one means can change: the browser keeps the language that was chosen last.
    """
    return st.session_state.get(NAMED, False)


def default_language() -> str:
    """The language chosen last in this browser, else the one that it asks for, else English."""
    return language_of(None, st.context.cookies.get(COOKIE), st.context.locale)


def language_of(asked: str | None, chosen: str | None, locale: str | None) -> str:
    """The language of a link, else the one chosen last, else the first that a browser asks for.

    >>> language_of(None, None, "zh-CN,zh;q=0.9,en;q=0.8"), language_of("en", "zh", None)
    ('zh', 'en')
    """
    for name in (asked, chosen):
        if name in LANGUAGES:
            return name
    wanted = re.split("[-,;]", locale or "en")[0].strip().lower()
    return wanted if wanted in LANGUAGES else "en"


def read_words(key: str, options: Iterable, titles: Callable[[object], str]) -> None:
    """Take what the browser calls a choice, or several, for the options meant, in any language.

    Streamlit sends a choice by its words and knows those that it drew last. A browser that has not
    drawn them yet still sends those of the language before, as does a run that it asked for.

    Args:
        key: The name of a widget in the session; call this before the widget is drawn.
        options: What it offers.
        titles: The words for an option, in the language that is spoken.
    """
    named = st.session_state.get(key)
    if isinstance(named, list):
        meant = [_option(each, options, titles) for each in named]
    else:
        meant = _option(named, options, titles)
    if meant != named:
        st.session_state[key] = meant


def _option(named: object, options: Iterable, titles: Callable[[object], str]) -> object:
    if not isinstance(named, str) or named in options:
        return named
    for name in LANGUAGES:
        with speaking(name):
            for option in options:
                if titles(option) == named:
                    return option
    return named


@cache
def catalogue(name: str) -> gettext.NullTranslations:
    """The messages of a language; English needs none."""
    path = LOCALES / name / "LC_MESSAGES" / "lab.po"
    if not path.exists():
        return gettext.NullTranslations()
    # The text file is the only one kept: compiling it takes a moment, once for a server.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
