"""The languages to choose from. The browser remembers the choice, and tells screen readers."""

import streamlit as st

from pages.ui.kit.component import component
from pages.ui.settings import switch_language
from pages.ui.words import COOKIE, LANGUAGES, _, language


def draw_language_switch() -> None:
    """A button for each language; the one that is spoken is pressed."""
    data = {
        "language": language(),
        "languages": LANGUAGES,
        "label": _("Language"),
        "cookie": COOKIE,
        "path": f"/{st.get_option('server.baseUrlPath').strip('/')}",
    }
    component("language_switch", data, key="language switch", width="content", on_event=_take)


def _take(chosen: str, typed: str) -> None:
    if chosen in LANGUAGES:  # it comes from outside
        switch_language(chosen)
