"""What the lab's own WebSocket routes share: who is let in, and how a question is answered.

These routes stand outside of Streamlit's own checks, so they check for themselves: the origin of
the request, the number of connections, the size of what comes in.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

MOST_CONNECTIONS = 512
POLICY_VIOLATION, TOO_LARGE, TRY_LATER = 1008, 1009, 1013  # WebSocket close codes
# What a question that is not as it must be may raise where it is read.
REFUSALS = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)
_connections: set[WebSocket] = set()


def refusal(websocket: WebSocket) -> int | None:
    """The close code for a connection that may not come in, or None for one that may."""
    if not is_same_origin(websocket):
        return POLICY_VIOLATION
    return TRY_LATER if len(_connections) >= MOST_CONNECTIONS else None


@contextmanager
def counted(websocket: WebSocket) -> Iterator[None]:
    """Count a connection among those that are open."""
    _connections.add(websocket)
    try:
        yield
    finally:
        _connections.discard(websocket)


def is_same_origin(websocket: WebSocket) -> bool:
    """Whether the page that asks came from this server; other sites' pages may not listen."""
    origin = urlsplit(websocket.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == websocket.headers.get("host")


def answering(
    path: str, answer: Callable[[dict], dict], *, largest_message: int = 2_000
) -> WebSocketRoute:
    """A route that answers every question of the browser, one after the other, in JSON.

    Args:
        path: Where it listens.
        answer: From a question to its answer, run in a thread. One of `REFUSALS` that it raises
            is sent as {"error": its text}. What a question has as "seq" comes back as it is.
        largest_message: How many characters a question may have; a longer one ends the connection.
    """

    async def talk(websocket: WebSocket) -> None:
        if (code := refusal(websocket)) is not None:
            await websocket.close(code)
            return
        await websocket.accept()
        with counted(websocket):
            while True:
                try:
                    text = await websocket.receive_text()
                except (WebSocketDisconnect, RuntimeError, KeyError):
                    return  # the browser left, or sent bytes instead of text
                if len(text) > largest_message:
                    await websocket.close(TOO_LARGE)
                    return
                told = await asyncio.to_thread(answered, answer, text)
                try:
                    await websocket.send_text(told)
                except (WebSocketDisconnect, RuntimeError):
                    return  # the browser left meanwhile

    return WebSocketRoute(path, talk)


def answered(answer: Callable[[dict], dict], text: str) -> str:
    """What goes back for the text of one question; see `answering`."""
    seq = None
    try:
        question = json.loads(text)
        seq = question["seq"]
        told = json.dumps(answer(question) | {"seq": seq}, separators=(",", ":"), allow_nan=False)
    except REFUSALS as error:
        told = json.dumps({"error": f"{error}"[:200], "seq": seq if isinstance(seq, int) else None})
    return told
