"""What all tests share."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

# Two threads on cores that others want too make small steps many times slower. Before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background has them, and what they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0  # seconds, for a busy machine; nothing here should take more than some
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
BROWSER_OPTIONS = (
    "--renderer-process-limit=1",  # what one page has read of the lab's code, the next need not
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FIT = """all => all.every((part) => part.scrollWidth <= part.clientWidth
    && part.getBoundingClientRect().right <= innerWidth)"""


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Every test starts from the same random state."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that still draw from the global state


def pytest_make_parametrize_id(val, argname):
    """A file is no name: some hold the time of day, and processes that share tests must agree."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test in the browser that fails says what its pages showed, and its server last said."""
    report = yield
    if call.when == "call" and report.failed and "browser" in item.fixturenames:
        for context in item.funcargs["browser"].contexts:
            for page in context.pages:
                report.sections.append((f"{page.url} showed", shown(page)))
        if (server := item.funcargs.get("server")) is not None:
            report.sections.append(("the server said", server.said()[-4000:]))
    return report


def shown(page) -> str:
    """The state of a page's script and the beginning of its text."""
    from playwright.sync_api import Error

    try:
        state = page.locator("[data-test-script-state]").get_attribute(
            "data-test-script-state", timeout=5_000
        )
        text = " ".join(page.locator("body").inner_text(timeout=5_000).split())
        return f"script {state}: {text[:1500]}"
    except Error as error:
        return str(error)


@pytest.fixture(scope="module")
def dataset():
    """280 training rows: with a batch size of 64 four full batches and one of 24."""
    from mlcore.datasets import load

    return load("synthetic", labels=20, rows=400, cardinality=2.0, features=12)


@pytest.fixture(scope="session", autouse=True)
def worker_processes_end():
    """All share one pool of workers in this process; it ends with the last test."""
    yield
    if (pool := sys.modules.get("mlcore.workers.pool")) is not None:
        pool.shared().close()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; without it browser tests are skipped, but in CI they fail."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = f"browser tests need one of {', '.join(BROWSERS)} on the PATH"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


class Server:
    """The lab as `streamlit run app.py` starts it, on a free port of this machine."""

    def __init__(self, *options: str, path: str = "") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}{path}"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
        self.command = [*command, f"--server.port={port}", *options]
        self.log = Path(tempfile.mkdtemp()) / "server.log"
        self.start()

    def start(self) -> None:
        """Start it, also again after it was ended; wait until it answers."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_until(self.answers, "the server to answer")
        except AssertionError:
            self.stop()
            raise

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).close()
        except OSError:
            return False
        return True

    def said(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def end(self) -> None:
        """End the server and wait for it; by force where it waits for a browser's connections."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=PATIENCE)

    def stop(self) -> None:
        """End the server for good."""
        self.end()
        shutil.rmtree(self.log.parent)


@pytest.fixture(scope="session")
def server():
    """One server for all tests in the browser; each visit is a new session of it."""
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def window(browser, server):
    """The window of the browser in which tests visit the lab, each as a new visitor.

    What it has loaded of the lab it keeps; the page that stays open keeps the process that draws.
    """
    context = browser.new_context(reduced_motion="reduce")
    context.new_page().goto(f"{server.url}/_stcore/health")
    yield context
    context.close()


@pytest.fixture
def visit(browser, server, window):
    """Open a page of the lab as a new visitor.

    Errors and warnings of its console fail the test, as does a request to another server.
    """
    window.clear_cookies()
    window.pages[0].evaluate("localStorage.clear()")
    contexts, errors = [], []

    def open_page(
        path: str = "",
        *,
        viewport: dict[str, int] | None = None,
        color_scheme: str = "light",
        apart: bool = False,
        prepare: Callable = lambda page: None,
        **options,
    ):
        """The first in the window that all tests share, unless it is to be apart.

        What is to be done to the page before it loads is done by `prepare`.
        """
        context = window
        if contexts or apart or options:
            context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(1000 * PATIENCE)
        page = context.new_page()
        page.set_viewport_size(viewport or {"width": 1440, "height": 1000})
        page.emulate_media(color_scheme=color_scheme)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.extend(complaint(message)))
        page.on("request", lambda request: errors.extend(outside(request.url, server.url)))
        prepare(page)
        page.goto(f"{server.url}/{path}")
        settle(page)
        return page

    yield open_page
    for page in window.pages[1:]:
        page.close()
    for context in contexts:
        if context is not window:
            context.close()
    assert errors == []


def complaint(message) -> list[str]:
    """A message of the console, if it is one.

    Not Streamlit's own: it looks for its server below a page first, and says when part of a page
    and the whole of it are asked for at once.
    """
    own = ("/_stcore/" in message.location["url"] and "404" in message.text) or (
        "Multiple different fragmentIds" in message.text
    )
    return [message.text] if message.type in ("warning", "error") and not own else []


def outside(url: str, home: str) -> list[str]:
    """The address of what is asked for, if it is not of the lab."""
    return [] if url.startswith((f"{home}/", "data:", "blob:")) else [url]


def settle(page) -> None:
    """Wait until the page is connected, its script has run and all it sent is drawn."""
    page.wait_for_selector('[data-test-connection-state="CONNECTED"]')
    page.wait_for_selector("h1")
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    # Elements whose code the browser still loads; without them, the first one found may be another.
    page.wait_for_function("!document.querySelector('#arriving, [data-testid=stSkeleton]')")
    # What has just come is shown a moment later, and takes no key before; see head.html.
    page.wait_for_function(
        """!document.getAnimations().some(({ transitionProperty, playState }) =>
            transitionProperty === "visibility" && playState === "running")"""
    )


def check_fits(page, parts: str = "h1", *, width: int | None = None) -> None:
    """Wait until neither the page nor what is named of it is wider than its place.

    Args:
        page: Of a browser.
        parts: A selector of elements; it finds one at least.
        width: Give the window this one first.
    """
    if width is not None:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(500)  # charts take their new width in the next frames
    page.locator(parts).first.wait_for()
    all_parts = page.locator(f"html, [data-testid=stMain], {parts}")
    wait_until(lambda: all_parts.evaluate_all(FIT), f"{parts} to fit the window")


def wait_until(
    condition: Callable[[], object], told: str = "", *, patience: float = PATIENCE
) -> None:
    """Wait until it is so; a test that waits too long (seconds) fails with what is told."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited too long for {told or condition}"
        time.sleep(0.02)
