"""A race's figures straight to the browser, without running a script for each of them.

These routes stand outside of Streamlit's own checks, so they check for themselves: the origin of
the request, an id that cannot be guessed, the size of what comes in, the number of connections.
"""

import asyncio
import json
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from mlcore.runs import Run
from pages.ui.pool import run_pool
from pages.ui.race_frame import race_frame, race_words

PERIOD = 0.05  # seconds between updates at the least
LARGEST_MESSAGE = 200  # characters
MOST_CONNECTIONS = 512
POLICY_VIOLATION, NOT_FOUND, TRY_LATER = 1008, 4404, 1013  # WebSocket close codes
_connections: set[WebSocket] = set()


async def watch_race(websocket: WebSocket) -> None:
    """Send a race's figures as they come, for every threshold: all at first, then what is new.

    The browser may send {"threshold": t} at any time; it is answered by the words at that
    threshold, and all words that follow are for it. Of several such wishes the newest counts.
    """
    if not _is_same_origin(websocket):
        await websocket.close(POLICY_VIOLATION)
        return
    run = run_pool().get(websocket.path_params["run_id"])
    if run is None or len(_connections) >= MOST_CONNECTIONS:
        await websocket.close(NOT_FOUND if run is None else TRY_LATER)
        return
    await websocket.accept()
    _connections.add(websocket)
    wishes: asyncio.Queue[float] = asyncio.Queue(maxsize=1)
    listener = asyncio.create_task(_listen(websocket, wishes))
    try:
        threshold = await wishes.get()
        sent, version, asked = 0, -1, True
        while not listener.done():
            if not wishes.empty():
                threshold, asked = wishes.get_nowait(), True
            is_newer, version = run.version != version, run.version
            if is_newer or asked:
                first = sent if is_newer else None
                text, count = await asyncio.to_thread(_news, run, threshold, first)
                sent, asked = sent + count, False
                await websocket.send_text(text)
            await asyncio.sleep(PERIOD)
    except (WebSocketDisconnect, RuntimeError):
        return  # the browser left while something was being sent
    finally:
        listener.cancel()
        _connections.discard(websocket)


def _news(run: Run, threshold: float, first: int | None) -> tuple[str, int]:
    """The words at a threshold, and with a `first` what is new from there on; and how much is."""
    frame = {} if first is None else race_frame(run, first)
    message = frame | race_words(run, threshold)
    return json.dumps(message, separators=(",", ":")), len(frame.get("step", ()))


async def _listen(websocket: WebSocket, wishes: asyncio.Queue) -> None:
    """Put the newest threshold that the browser asks for into the queue; end when it leaves."""
    while True:
        try:
            text = await websocket.receive_text()
            threshold = float(json.loads(text[:LARGEST_MESSAGE])["threshold"])
        except WebSocketDisconnect:
            _replace(wishes, 0.5)  # whoever waits for a first wish must see that none will come
            return
        except (ValueError, TypeError, KeyError):
            continue
        if 0 <= threshold <= 1:
            _replace(wishes, threshold)


def _replace(wishes: asyncio.Queue, threshold: float) -> None:
    if wishes.full():
        wishes.get_nowait()
    wishes.put_nowait(threshold)


def _is_same_origin(websocket: WebSocket) -> bool:
    """Whether the page that asks came from this server; other sites' pages may not listen."""
    origin = urlsplit(websocket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == websocket.headers.get("host")


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
