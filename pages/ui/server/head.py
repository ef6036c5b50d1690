"""What a browser has before a script runs, in the head of the page that Streamlit serves.

And a sign that it is loading, as the whole of Streamlit takes its time. `head.html` takes it away.
"""

from html import escape
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.words import COOKIE, LANGUAGE, _, language_of, speaking

ROOT = b'<div id="root">'  # where Streamlit draws
UI = Path(__file__).parents[1]
# A page's own style too: what a script sends comes when parts of the page stand already.
SCREENS = b"".join(path.read_bytes() for path in sorted(UI.glob("*/screen.css")))
HEAD = (UI / "head.html").read_bytes() + b"<style>\n" + SCREENS + b"</style>\n"
# What a browser says of packing, and of the copy that it has: it is to be sent all, unpacked.
ASIDE = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range", b"if-range")


class Head:
    """Middleware: `HEAD` at the end of every HTML page's head, and a sign in its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; a page is held back until all of it is there."""
        start, page = None, b""

        async def send_with_head(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start" and is_page(message):
                start = message
                return
            if start is not None:
                page += message.get("body", b"")
                if message.get("more_body"):
                    return
                page = page.replace(b"</head>", HEAD + b"</head>", 1)
                page = page.replace(ROOT, loading_sign(Request(scope)) + ROOT, 1)
                headers = MutableHeaders(scope=start)
                for name in ("ETag", "Last-Modified"):  # of the file, without `HEAD`
                    del headers[name]
                if scope["method"] == "HEAD":  # which says nothing of the page
                    del headers["Content-Length"]
                else:
                    headers["Content-Length"] = str(len(page))
                await send(start)
                message = {"type": "http.response.body", "body": page}
            await send(message)

        if is_page_asked(scope):
            kept = [header for header in scope["headers"] if header[0] not in ASIDE]
            await self.app(scope | {"headers": kept}, receive, send_with_head)
        else:
            await self.app(scope, receive, send)


def loading_sign(request: Request) -> bytes:
    """The lab's name, and that it is loading, in the language that the page will be in."""
    asked, chosen = request.query_params.get(LANGUAGE), request.cookies.get(COOKIE)
    language = language_of(asked, chosen, request.headers.get("accept-language"))
    with speaking(language):
        name, words = escape(_("Multi-Label Loss Lab")), escape(_("Loading …"))
    sign = f'<div id="loading" role="status" lang="{language}"><b>{name}</b>{words}</div>'
    return sign.encode()


def is_page_asked(scope: Scope) -> bool:
    """Whether a browser asks for something to show in its window."""
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def is_page(start: Message) -> bool:
    """Whether an answer that begins so is an HTML page."""
    kind = Headers(scope=start).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
