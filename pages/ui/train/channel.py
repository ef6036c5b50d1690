"""A race's figures straight to the browser, without running a script for each of them.

Beside what `pages.ui.server.routes` checks, a race has an id that cannot be guessed.
"""

import asyncio
import json

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from mlcore.workers.races import Run
from pages.ui.server.pool import run_pool
from pages.ui.server.routes import counted, refusal
from pages.ui.train.message import race_frame, race_words
from pages.ui.words import speaking

PERIOD = 0.05  # seconds between updates at the least
LARGEST_MESSAGE = 200  # characters
NOT_FOUND = 4404  # WebSocket close code


async def watch_race(websocket: WebSocket) -> None:
    """Send a race's figures as they come, for every threshold: all at first, then what is new.

    The browser may send {"threshold": t, "language": name} at any time; it is answered by the words
    at that threshold in that language, and all words that follow are for them. Of several such
    wishes the newest counts.
    """
    if (code := refusal(websocket)) is not None:
        await websocket.close(code)
        return
    run = run_pool().get(websocket.path_params["run_id"])
    await websocket.accept()
    if run is None:  # a browser is told why only of a connection that was there
        await websocket.close(NOT_FOUND)
        return
    with counted(websocket):
        await _tell(websocket, run)


async def _tell(websocket: WebSocket, run: Run) -> None:
    """What is new, until the browser leaves."""
    wishes: asyncio.Queue[tuple[float, str]] = asyncio.Queue(maxsize=1)
    listener = asyncio.create_task(_listen(websocket, wishes))
    try:
        wish = await wishes.get()
        sent, version, asked = 0, -1, True
        while not listener.done():
            if not wishes.empty():
                wish, asked = wishes.get_nowait(), True
            is_newer, version = run.version != version, run.version
            if is_newer or asked:
                first = sent if is_newer else None
                text, count = await asyncio.to_thread(_news, run, *wish, first)
                sent, asked = sent + count, False
                try:
                    await websocket.send_text(text)
                except (WebSocketDisconnect, RuntimeError):
                    return  # the browser left meanwhile
            await asyncio.sleep(PERIOD)
    finally:
        listener.cancel()


def _news(run: Run, threshold: float, language: str, first: int | None) -> tuple[str, int]:
    """The words at a threshold, and with a `first` what is new from there on; and how much is."""
    with speaking(language):
        frame = {} if first is None else race_frame(run, first)
        message = frame | race_words(run, threshold)
    return json.dumps(message, separators=(",", ":")), len(frame.get("step", ()))


async def _listen(websocket: WebSocket, wishes: asyncio.Queue) -> None:
    """Put the newest threshold that the browser asks for into the queue; end when it leaves."""
    while True:
        try:
            text = await websocket.receive_text()
            wish = json.loads(text[:LARGEST_MESSAGE])
            threshold, language = float(wish["threshold"]), str(wish.get("language"))
        except WebSocketDisconnect:
            # Whoever waits for a first wish must see that none will come.
            _replace(wishes, (0.5, "en"))
            return
        except (ValueError, TypeError, KeyError):
            continue
        if 0 <= threshold <= 1:
            _replace(wishes, (threshold, language))


def _replace(wishes: asyncio.Queue, wish: tuple[float, str]) -> None:
    if wishes.full():
        wishes.get_nowait()
    wishes.put_nowait(wish)


# Other sites may not frame the lab, browsers do not guess types, a run's id in the link stays here.
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'; object-src 'none'; base-uri 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Middleware that adds `HEADERS` to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the headers on its way back."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


ROUTES = [WebSocketRoute("/live/race/{run_id}", watch_race)]
MIDDLEWARE = [Middleware(SecurityHeaders)]
