"""The lab's own WebSocket routes: who is let in, how a question is answered, what is told as news.

They stand outside of Streamlit's own checks, so they check for themselves: the origin of the
request, the number of connections, the size of what comes in. Here are also the headers that all
answers of the server have.
"""

import asyncio
import json
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.server_util import is_url_from_allowed_origins
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.ui.server.visitors import cookie_for

MOST_CONNECTIONS = 2_048  # at once: a class of 300 with several live views each
IDLE_SECONDS = 300.0  # without a word; the browser connects again when it has something to ask
MOST_MESSAGES = 1_000  # in a second: a mouse moves some hundred times at most
PERIOD = 0.05  # seconds between news at the least
THREADS = max(2, min(8, os.cpu_count() or 1))  # of each route: some answers wait for a worker
POLICY_VIOLATION, TOO_LARGE, TRY_LATER = 1008, 1009, 1013  # WebSocket close codes
NOT_FOUND, ASLEEP = 4404, 4408  # the same, of our own; socket.js knows them
# What a question that is not as it must be may raise where it is read.
REFUSALS = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)
Result = TypeVar("Result")
LEFT = (WebSocketDisconnect, RuntimeError, KeyError)  # the browser did, or it sent no text


class Source(Protocol):
    """What a browser listens to: one for each browser, which remembers what it was told.

    Attributes:
        version: Changes when there is news.
        is_over: Whether there will be no more.
    """

    version: object
    is_over: bool

    def hear(self, wish: object) -> None:
        """Take in the newest wish of the browser; one of `REFUSALS` that it raises is passed over.

        Args:
            wish: What its JSON says.
        """

    def news(self) -> str | None:
        """What to tell now in JSON, if anything; run in a thread, as `hear` is."""


def asking(
    path: str, answer: Callable[[dict], dict | Iterator[dict]], *, largest_message: int = 2_000
) -> WebSocketRoute:
    """A route that answers questions of the browser in JSON.

    Of those that come while one is being answered, or waits for a thread, the newest counts.

    Args:
        path: Where it listens.
        answer: From a question to its answer, or to an iterator of its parts, of which all but the
            last have a true "more"; run in a thread. One of `REFUSALS` that it raises is sent as
            {"error": its text}. What a question has as "seq" comes back as it is. After a part, a
            newer question ends the answer.
        largest_message: How many bytes a question may have; a longer one ends the connection.
    """
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix=path)

    async def talk(line: Line) -> int:
        while await line.waits(IDLE_SECONDS):
            # Only when a thread begins is the question taken: a newer one may replace it till then.
            reply, part = await in_thread(threads, lambda: begun(answer, line))
            await line.send(part)
            while not reply.is_over and not line.newest:
                await line.send(await in_thread(threads, reply.next_part))
            if not reply.is_over:
                await in_thread(threads, reply.close)
        return ASLEEP

    return WebSocketRoute(path, Door(talk, largest_message, dismissal=ASLEEP))


def streaming(
    path: str, source: Callable[[Mapping[str, str]], Source | None], *, largest_message: int = 200
) -> WebSocketRoute:
    """A route that tells the browser what is new, once it has sent a first wish.

    Args:
        path: Where it listens.
        source: From the path's parameters to what is listened to, None where there is nothing.
        largest_message: How many bytes a wish may have; a longer one ends the connection.
    """
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix=path)

    async def talk(line: Line) -> int:
        found = source(line.params)
        if found is None:
            return NOT_FOUND
        version = None
        await line.waits(IDLE_SECONDS)
        while not found.is_over or found.version != version or await line.waits(IDLE_SECONDS):
            if line.newest or found.version != version:
                version = found.version
                if told := await in_thread(threads, lambda: news(found, line.take())):
                    await line.send(told)
            await asyncio.sleep(PERIOD)
        return ASLEEP

    return WebSocketRoute(path, Door(talk, largest_message, dismissal=TRY_LATER))


def at_base(*routes: Route | WebSocketRoute) -> list[Route | WebSocketRoute]:
    """The routes where browsers find them: below /live, with the server's base path and without.

    Without, because a proxy may take the path off that it has put before.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    return [
        type(route)(f"{start}/live{route.path}", route.endpoint)
        for start in dict.fromkeys(("", base and f"/{base}"))
        for route in routes
    ]


_answering = threading.local()  # for whom


def is_wanted() -> bool:
    """Whether the browser whose question this thread answers is still connected."""
    line = getattr(_answering, "line", None)
    return line is None or line in lines


class Reply:
    """What goes back for the text of one question; see `asking`.

    Args:
        answer: As there.
        text: The question.
        line: For whom.

    Attributes:
        is_over: Whether all parts were taken.
    """

    def __init__(
        self,
        answer: Callable[[dict], dict | Iterator[dict]],
        text: str,
        line: "Line | None" = None,
    ) -> None:
        self.is_over = False
        self._line, self._seq = line, None
        self._parts = self._all(answer, text)

    def next_part(self) -> str:
        """The next one; run in the thread that makes it."""
        _answering.line = self._line
        self.is_over = True
        try:
            part = next(self._parts)
            text = as_json(part | {"seq": self._seq})
            self.is_over = not part.get("more")
            return text
        except REFUSALS as error:
            return as_json({"error": f"{error}"[:200], "seq": self._seq})

    def close(self) -> None:
        """Have no more of it."""
        self._parts.close()

    def _all(self, answer: Callable, text: str) -> Iterator[dict]:
        question = json.loads(text)
        self._seq = question["seq"] if isinstance(question["seq"], int) else None
        told = answer(question | {"seq": self._seq})
        yield from [told] if isinstance(told, dict) else told


def begun(answer: Callable, line: "Line") -> tuple[Reply, str]:
    """The reply to a line's newest question, and its first part."""
    reply = Reply(answer, line.take(), line)
    return reply, reply.next_part()


def news(source: Source, text: str | None) -> str | None:
    """What goes to a browser that listens, if anything; see `streaming`."""
    with suppress(*REFUSALS):
        if text is not None:
            source.hear(json.loads(text))
    return source.news()


def as_json(told: dict) -> str:
    """A message in JSON."""
    return json.dumps(told, separators=(",", ":"), allow_nan=False)


async def in_thread(threads: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    """What some work gives; it is not begun for a browser that has left."""
    return await asyncio.get_running_loop().run_in_executor(threads, work)


class Line:
    """A connection of which only the newest message counts, and only until it is taken.

    Attributes:
        params: Those of the route's path.
        client: The address that it comes from, as far as proxies tell.
        newest: At most one message.
        used: When something was last said on it (monotonic seconds).
        dismissed: Done when its place is wanted for another.
    """

    def __init__(self, websocket: WebSocket) -> None:
        self.params: Mapping[str, str] = websocket.path_params
        self.client = websocket.client and websocket.client.host
        self.newest: deque[str] = deque(maxlen=1)
        self.used = time.monotonic()
        self.dismissed = asyncio.get_running_loop().create_future()
        self._websocket = websocket
        self._came = asyncio.Event()

    async def listen(self, largest: int) -> int | None:
        """Keep the newest message until the browser leaves, or sends too much."""
        second, heard = 0, 0
        with suppress(*LEFT):
            while len(text := await self._websocket.receive_text()) <= largest:
                self.newest.append(text)
                self.used = time.monotonic()
                self._came.set()
                second, heard = int(self.used), heard + 1 if second == int(self.used) else 1
                if heard > MOST_MESSAGES:
                    return POLICY_VIOLATION
            return TOO_LARGE
        return None

    async def waits(self, seconds: float) -> bool:
        """Whether there is a message, or comes within so many seconds."""
        self._came.clear()
        if not self.newest:
            # Before Python 3.12 wait_for may lose a cancellation that comes with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._came.wait()
        return bool(self.newest)

    def take(self) -> str | None:
        """The newest message, which is then no longer here."""
        return self.newest.pop() if self.newest else None

    async def send(self, text: str) -> None:
        """Send a text to the browser."""
        await self._websocket.send_text(text)
        self.used = time.monotonic()


lines: set[Line] = set()  # all that are open


def make_room() -> None:
    """Have a place for one more line, that nobody may lock others out with lines that are idle.

    The client with most of them gives one up: that which was silent for longest. Its component
    sleeps until it has something to ask, or tries again. A class behind one address loses nothing
    by it as long as there is room, and then no more than what is idle.
    """
    if len(lines) >= MOST_CONNECTIONS:
        held = Counter(line.client for line in lines)
        least = max(lines, key=lambda line: (held[line.client], -line.used))
        lines.discard(least)
        least.dismissed.set_result(None)


@dataclass(frozen=True)
class Door:
    """A WebSocket endpoint that lets in whoever may come, and takes no more than it can read.

    Attributes:
        talk: What is said on a line, until a code with which the server ends it.
        largest: How many bytes a message may have.
        dismissal: The code for a line whose place is wanted.
    """

    talk: Callable[[Line], Coroutine[None, None, int]]
    largest: int
    dismissal: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection from its beginning to its end."""
        limit_messages(receive, self.largest)
        websocket = WebSocket(scope, receive, send)
        if not await is_same_origin(websocket):
            await websocket.close(POLICY_VIOLATION)
            return
        await websocket.accept()
        make_room()
        line = Line(websocket)
        lines.add(line)
        sides = [
            asyncio.create_task(line.listen(self.largest)),
            asyncio.create_task(self.talk(line)),
        ]
        try:
            await asyncio.wait([*sides, line.dismissed], return_when=asyncio.FIRST_COMPLETED)
            ended = next((side for side in sides if side.done()), None)
            with suppress(*LEFT):
                if (code := ended.result() if ended else self.dismissal) is not None:
                    await websocket.close(code)
                if code == POLICY_VIOLATION:
                    hang_up(receive)
        finally:
            for side in sides:
                side.cancel()
            try:
                await asyncio.gather(*sides, return_exceptions=True)
            finally:
                lines.discard(line)


def limit_messages(receive: Receive, largest: int) -> None:
    """Have a message refused while it comes in, when it has more bytes than this.

    The server of Streamlit has one limit for all routes, of 200 MB, and gathers a message's
    fragments until then. Where another server is used, its own limit stands.
    """
    connection = getattr(getattr(receive, "__self__", None), "conn", None)
    if hasattr(connection, "max_message_size"):
        connection.max_message_size = largest


def hang_up(receive: Receive) -> None:
    """Read no more of a connection: who sends without end would not hear that it is closed."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is not None:
        transport.close()


async def is_same_origin(websocket: WebSocket) -> bool:
    """Whether the page that asks is this server's; other sites' pages may not listen.

    Where Streamlit lets a page connect its live parts connect, too: behind a proxy that does not
    forward the host, its address is named by `browser.serverAddress` or `corsAllowedOrigins`.
    """
    origin, host = websocket.headers.get("origin", ""), websocket.headers.get("host")
    name = ""
    with suppress(ValueError):  # of what is no address
        name = urlsplit(origin).netloc
    if not name or not is_host_allowed(host):
        return False
    # In a thread: for a strange origin it looks the server's own addresses up in the network.
    return name == host or await asyncio.to_thread(is_url_from_allowed_origins, origin)


# Other sites may not frame the lab nor serve its pictures, browsers do not guess types, a run's id
# in the link stays here.
HEADERS = {
    "Content-Security-Policy": (
        "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; img-src 'self' data: blob:"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Guard:
    """Middleware: `HEADERS` for every HTTP response, with a name for a browser that has none.

    No WebSocket message that is too large passes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the headers on its way back."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if (cookie := cookie_for(scope)) is not None:
                    headers.append("Set-Cookie", cookie)
            await send(message)

        if scope["type"] == "websocket":  # Streamlit refuses such a message once it is there
            limit_messages(receive, st.get_option("server.maxWidgetStateSize") * 1_000_000)
        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
