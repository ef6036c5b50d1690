"""Who a visitor is: a random name that their browser keeps, so that a reload is not a stranger."""

import re
import secrets

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.types import Scope
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

COOKIE = "lab-visitor"
NAME = re.compile(r"[\w-]{32,64}")
YEAR = 365 * 24 * 3600  # seconds


def cookie_for(scope: Scope) -> str | None:
    """What names a browser that asks for a page and has no name yet; None for all others."""
    asking = HTTPConnection(scope)
    is_page = "text/html" in asking.headers.get("accept", "")
    if not is_page or NAME.fullmatch(asking.cookies.get(COOKIE, "")):
        return None
    name = secrets.token_urlsafe(24)
    return f"{COOKIE}={name}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"


def me() -> str:
    """The name of whoever this script runs for; without cookies, one for this session alone."""
    name = str(st.context.cookies.get(COOKIE))  # no text in a test
    if NAME.fullmatch(name):
        return name
    return st.session_state.setdefault("visitor", secrets.token_urlsafe(24))


def session() -> str | None:
    """The browser session that this script runs for."""
    context = get_script_run_ctx()
    return context and context.session_id


def is_connected(session: str) -> bool:
    """Whether a browser session is connected; outside of a server, as in tests, all are."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
