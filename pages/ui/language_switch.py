"""The languages to choose from. The browser remembers the choice, and tells screen readers."""

from pathlib import Path

import streamlit as st

from pages.ui import link
from pages.ui.component import alone
from pages.ui.words import COOKIE, LANGUAGES, _, language

HERE = Path(__file__).parent
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
    _switch()(data=alone(data), key=KEY, width="content", on_language_change=_take)


def _take() -> None:
    chosen = st.session_state[KEY].get("language")
    if chosen in LANGUAGES:  # it comes from outside
        link.switch_language(chosen)


@st.cache_resource(show_spinner=False)
def _switch():
    css, js = (
        (HERE / f"language_switch.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    return st.components.v2.component(
        "language switch", html='<div class="languages" role="group"></div>', css=css, js=js
    )
