"""The languages to choose from. The browser remembers the choice, and tells screen readers."""

import streamlit as st

from pages.ui.kit.component import alone, component
from pages.ui.settings import switch_language
from pages.ui.words import COOKIE, LANGUAGES, _, language

KEY = "language switch"


def draw_language_switch() -> None:
    """A button for each language; the one that is spoken is pressed."""
    data = {
        "language": language(),
        "languages": LANGUAGES,
        "label": _("Language"),
        "cookie": COOKIE,
        "path": f"/{st.get_option('server.baseUrlPath').strip('/')}",
    }
    component("language_switch", '<div class="languages" role="group"></div>')(
        data=alone(data), key=KEY, width="content", on_language_change=_take
    )


def _take() -> None:
    chosen = st.session_state[KEY].get("language")
    if chosen in LANGUAGES:  # it comes from outside
        switch_language(chosen)
