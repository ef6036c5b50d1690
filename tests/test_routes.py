"""The live routes under real WebSocket connections: who is let in, what is answered, what ends."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from streamlit import config
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pages.ui.server import routes
from pages.ui.server.routes import Guard, Line, as_json, asking, at_base, streaming
from tests.conftest import PATIENCE, wait_until

LARGEST = 1_000


class Served:
    """An app on a port of this machine, on the server that Streamlit runs, with its limit."""

    def __init__(self, app: Starlette) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.socket.getsockname()[1]}"
        options = uvicorn.Config(
            app, ws="websockets-sansio", ws_max_size=200_000_000, lifespan="off", log_config=None
        )
        self.server = uvicorn.Server(options)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()
        self.lines = ExitStack()

    def connect(self, path: str, *, origin: str = "", client: str = ""):
        """A connection of a page of this server, or of another, as a proxy may hand it on."""
        line = connect(
            f"ws://{self.host}/live{path}",
            origin=origin or f"http://{self.host}",
            additional_headers={"X-Forwarded-For": client} if client else None,
            open_timeout=PATIENCE,
        )
        return self.lines.enter_context(line)

    def end(self) -> None:
        self.lines.close()
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


@contextmanager
def serving(*served) -> Iterator[Served]:
    running = Served(Starlette(routes=at_base(*served), middleware=[Middleware(Guard)]))
    try:
        yield running
    finally:
        running.end()


def ask(line: ClientConnection, seq: int, **question) -> None:
    line.send(json.dumps({"seq": seq, **question}))


def hear(line: ClientConnection) -> dict:
    return json.loads(line.recv(PATIENCE))


def status_of(served: Served, path: str = "/double", **options) -> int:
    """What one who may not come in is told; 101 for one who may."""
    try:
        served.connect(path, **options).close()
    except InvalidStatus as refused:
        return refused.response.status_code
    return 101


def close_code(line: ClientConnection) -> int:
    with suppress(ConnectionClosed):
        while True:
            line.recv(PATIENCE)
    return line.close_code


def double(question: dict) -> dict:
    return {"twice": 2 * question["n"]}


class Slow:
    """An answer that takes until it is let go; it remembers what it began with."""

    def __init__(self) -> None:
        self.begun, self.go = [], threading.Event()

    def __call__(self, question: dict) -> dict:
        self.begun.append(question["seq"])
        self.go.wait(PATIENCE)
        return {}


@pytest.fixture
def served():
    with serving(asking("/double", double, largest_message=LARGEST)) as running:
        yield running


def test_questions_are_answered_and_mistakes_are_told(served):
    line = served.connect("/double")
    ask(line, 1, n=21)
    assert hear(line) == {"twice": 42, "seq": 1}
    ask(line, 2)
    assert hear(line) == {"error": "'n'", "seq": 2}
    line.send("[")
    assert hear(line)["seq"] is None
    ask(line, 3, n=1)
    assert hear(line)["twice"] == 2


def test_only_a_page_of_this_server_comes_in(served):
    assert status_of(served) == 101
    assert status_of(served, origin="https://elsewhere.example") == 403
    assert status_of(served, origin="null") == 403
    assert status_of(served, origin="http://[") == 403
    assert status_of(served, "/treble") == 403


def test_whom_streamlit_lets_in_from_elsewhere_may_listen_too(served):
    config.set_option("server.corsAllowedOrigins", ["https://lab.example"])
    try:
        assert status_of(served, origin="https://lab.example") == 101
        assert status_of(served, origin="https://lab.example.net") == 403
    finally:
        config.set_option("server.corsAllowedOrigins", [])


def test_idle_connections_lock_nobody_out(served, monkeypatch):
    monkeypatch.setattr(routes, "MOST_CONNECTIONS", 3)
    held = [served.connect("/double") for _ in range(3)]
    for line in (held[0], held[2], held[1]):
        ask(line, 1, n=1)
        hear(line)
    for silent in (held[0], held[2]):
        late = served.connect("/double")
        ask(late, 1, n=2)
        assert hear(late)["twice"] == 4
        assert close_code(silent) == routes.ASLEEP, "who was silent for longest sleeps"
    ask(held[1], 2, n=3)
    assert hear(held[1])["twice"] == 6


def test_the_client_with_most_connections_makes_room(monkeypatch):
    monkeypatch.setattr(routes, "MOST_CONNECTIONS", 4)
    with serving(asking("/double", double)) as served:
        alone = served.connect("/double", client="192.0.2.1")
        greedy = [served.connect("/double", client="192.0.2.2") for _ in range(4)]
        assert close_code(greedy[0]) == routes.ASLEEP
        for line in (alone, *greedy[1:]):
            ask(line, 1, n=1)
            assert hear(line)["twice"] == 2


def test_of_the_questions_that_wait_the_newest_counts():
    slow = Slow()
    with serving(asking("/slow", slow)) as served:
        line = served.connect("/slow")
        ask(line, 1)
        wait_until(lambda: slow.begun == [1])
        for seq in range(2, 20):
            ask(line, seq)
        line.ping().wait(PATIENCE)  # the server has read all of them
        slow.go.set()
        assert [hear(line)["seq"], hear(line)["seq"]] == [1, 19]
    assert slow.begun == [1, 19]


def test_what_waits_for_a_thread_is_replaced_or_dropped():
    slow = Slow()
    with serving(asking("/slow", slow)) as served:
        busy = [served.connect("/slow") for _ in range(routes.THREADS)]
        for line in busy:
            ask(line, 1)
        wait_until(lambda: slow.begun == [1] * routes.THREADS)
        stays, leaves = served.connect("/slow"), served.connect("/slow")
        for line in (leaves, stays):
            for seq in (2, 3) if line is leaves else (4, 5):
                ask(line, seq)
                line.ping().wait(PATIENCE)
        leaves.close()
        wait_until(lambda: len(routes.lines) == len((*busy, stays)))
        slow.go.set()
        assert hear(stays)["seq"] == 5
        assert slow.begun == [1] * routes.THREADS + [5]


def test_an_answer_may_come_in_parts_until_a_newer_question_comes():
    closed, more = threading.Event(), threading.Event()

    def count(question):
        try:
            for number in range(question["n"]):
                yield {"number": number, "more": number + 1 < question["n"]}
                more.wait(PATIENCE if number == 1 else 0)
            if question.get("fails"):
                raise ValueError("no more")
        except GeneratorExit:
            closed.set()
            raise

    with serving(asking("/count", count)) as running:
        line = running.connect("/count")
        ask(line, 1, n=3)
        more.set()
        assert [hear(line)["number"] for _ in range(3)] == [0, 1, 2]
        more.clear()
        ask(line, 2, n=10**6)
        assert [hear(line)["seq"] for _ in range(2)] == [2, 2]
        ask(line, 3, n=1)
        time.sleep(0.2)
        more.set()
        told = hear(line)
        while told["seq"] == 2:
            told = hear(line)
        assert told == {"number": 0, "more": False, "seq": 3}
        assert closed.wait(PATIENCE)
        ask(line, 4, n=0, fails=True)
        assert hear(line) == {"error": "no more", "seq": 4}


def test_an_answer_hears_that_nobody_waits_for_it_any_more():
    wanted = []

    def patient(question: dict) -> dict:
        wait_until(lambda: wanted.append(routes.is_wanted()) or not wanted[-1])
        return {}

    with serving(asking("/patient", patient)) as served:
        line = served.connect("/patient")
        ask(line, 1)
        wait_until(lambda: len(wanted) > 2)
        assert all(wanted)
        line.close()
        wait_until(lambda: not wanted[-1])


def send_without_end(line: ClientConnection) -> None:
    for _ in range(10_000):
        line.send("x")


def test_who_sends_without_end_is_hung_up_on(served, monkeypatch):
    patient, flood = served.connect("/double"), served.connect("/double")
    monkeypatch.setattr(routes, "MOST_MESSAGES", 100)  # which a slow machine can send, too
    for seq in range(50):
        ask(patient, seq, n=1)
    assert hear(patient)["twice"] == 2
    with pytest.raises((ConnectionClosed, OSError)):
        send_without_end(flood)
    ask(patient, 50, n=2)
    wait_until(lambda: hear(patient)["twice"] == 4)


def test_a_route_whose_threads_are_busy_holds_up_no_other():
    slow = Slow()
    with serving(asking("/slow", slow), asking("/double", double)) as served:
        busy = [served.connect("/slow") for _ in range(3 * routes.THREADS)]
        for line in busy:
            ask(line, 1)
        wait_until(lambda: len(slow.begun) == routes.THREADS)
        line = served.connect("/double")
        ask(line, 1, n=1)
        assert hear(line)["twice"] == 2
        assert len(slow.begun) == routes.THREADS
        slow.go.set()
        for line in busy:
            assert hear(line)["seq"] == 1


def test_a_message_that_is_too_large_is_refused_before_it_is_whole(served):
    line = served.connect("/double")
    line.send(" " * LARGEST)
    assert "error" in hear(line)
    line.send(" " * (LARGEST + 1))
    assert close_code(line) == 1009
    sent = 0

    def fragments() -> Iterator[str]:
        nonlocal sent
        while sent < 10_000_000:
            sent += 500
            yield "x" * 500

    line = served.connect("/double")
    with suppress(ConnectionClosed):
        line.send(fragments())
    assert line.close_code in (1009, 1006), "what is still on its way may hide the code"
    assert sent < 5_000_000, "it was read to its end"


def test_no_other_route_takes_more_than_streamlit_does():
    taken = []

    async def take(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            taken.append(len(await websocket.receive_bytes()))

    most = config.get_option("server.maxWidgetStateSize") * 1_000_000
    with serving(WebSocketRoute("/take", take)) as served:
        line = served.connect("/take")
        line.send(bytes(most))
        line.send(bytes(most + 1))
        assert close_code(line) in (1009, 1006)
    assert taken == [most]


def test_bytes_end_a_connection(served):
    line = served.connect("/double")
    line.send(b"123")
    assert close_code(line) in (1000, 1005, 1006)


def test_who_asks_nothing_is_sent_to_sleep(served, monkeypatch):
    monkeypatch.setattr(routes, "IDLE_SECONDS", 0.2)
    line = served.connect("/double")
    ask(line, 1, n=1)
    assert hear(line)["seq"] == 1
    assert close_code(line) == routes.ASLEEP


class Count:
    """News for those who listen: how far it has come."""

    def __init__(self, params) -> None:
        self.version, self.is_over, self.scale = 0, False, None
        counts.append(self)

    def hear(self, wish: object) -> None:
        self.scale = int(wish)

    def news(self) -> str | None:
        return None if self.scale is None else as_json({"at": self.scale * self.version})


counts: list[Count] = []


def test_news_come_when_there_are_some_and_for_the_newest_wish(monkeypatch):
    counts.clear()
    stream = streaming("/count/{n}", lambda params: Count(params) if params["n"] == "1" else None)
    with serving(stream) as served:
        line = served.connect("/count/2")
        assert close_code(line) == routes.NOT_FOUND
        line = served.connect("/count/1")
        line.send("nonsense")
        line.send("10")
        assert hear(line) == {"at": 0}
        counts[0].version = 3
        assert hear(line) == {"at": 30}
        line.send("2")
        assert hear(line) == {"at": 6}
        line.send('"x"')  # passed over
        assert hear(line) == {"at": 6}
        counts[0].version = 4
        assert hear(line) == {"at": 8}
        monkeypatch.setattr(routes, "IDLE_SECONDS", 0.2)
        counts[0].version, counts[0].is_over = 5, True
        assert hear(line) == {"at": 10}
        assert close_code(line) == routes.ASLEEP


@pytest.mark.parametrize("ticks", range(5))
def test_who_leaves_as_a_message_comes_is_not_waited_for(ticks):
    async def leave() -> bool:
        line = Line(SimpleNamespace(path_params={}, client=None))
        waiting = asyncio.create_task(line.waits(60.0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        line._came.set()
        for _ in range(ticks):
            await asyncio.sleep(0)
        if not waiting.cancel():
            return True  # it had heard the message before
        with suppress(asyncio.CancelledError):
            await waiting
        return waiting.cancelled()

    with ThreadPoolExecutor(1) as own_thread:  # a browser of another test may hold this one's loop
        assert own_thread.submit(lambda: asyncio.run(leave())).result()
