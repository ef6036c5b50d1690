"""What all tests share."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

# Two threads on cores that others want too make small steps many times slower. Before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Every test starts from the same random state."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for libraries that still draw from the global state


@pytest.fixture(scope="session", autouse=True)
def worker_processes_end():
    """Pages share one pool of workers in this process; it ends with the last test."""
    yield
    if (pool := sys.modules.get("pages.ui.pool")) is not None:
        pool.run_pool().close()


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

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
        self.process = subprocess.Popen(
            [*command, f"--server.port={port}"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError("the server did not answer within 60 seconds")

    def stop(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture(scope="session")
def server():
    """One server for all tests in the browser; each visit is a new session of it."""
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def visit(browser, server):
    """Open a page of the lab as a new visitor; console errors fail the test."""
    contexts, errors = [], []

    def open_page(path: str = "", **options):
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.url}/{path}")
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def settle(page) -> None:
    """Wait until the page is connected and its script has run."""
    page.wait_for_selector('[data-test-connection-state="CONNECTED"]', timeout=60_000)
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=60_000)


def handshake(server, path: str, origin: str) -> int:
    """The status with which the server answers one who asks to listen there."""
    import http.client

    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    headers = {
        "Host": host,
        "Origin": origin,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    connection.request("GET", f"/{path}", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status
