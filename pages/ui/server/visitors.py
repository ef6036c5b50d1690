"""Who a visitor is: a random name that their browser keeps, so that a reload is not a stranger."""

import re
import secrets

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

COOKIE = "lab-visitor"
NAME = re.compile(r"[\w-]{32,64}")
YEAR = 365 * 24 * 3600  # seconds


class NamedVisitors:
    """Middleware that gives a browser without a name one, with the first page that it asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with a cookie on the way back where one is due."""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; Max-Age={YEAR}"
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", f"{cookie}; HttpOnly; SameSite=Lax")
            await send(message)

        await self.app(scope, receive, send_with_cookie if _is_new(scope) else send)


def _is_new(scope: Scope) -> bool:
    """Whether it is a page that is asked for, by a browser without a name."""
    if scope["type"] != "http":
        return False
    asking = HTTPConnection(scope)
    return "text/html" in asking.headers.get("accept", "") and not NAME.fullmatch(
        asking.cookies.get(COOKIE, "")
    )


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
