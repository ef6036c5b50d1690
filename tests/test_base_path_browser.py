"""The lab below a path: by the server's own option, and behind nginx with TLS in both its ways."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.conftest import PATIENCE, Server, settle, wait_until
from tests.test_browser import SHORT, press, wait_for_state

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
KEEPS, TAKES_OFF = "nginx keeps the path", "nginx takes the path off, as JupyterHub does"
PAGES = ("losses", "information", "probabilities", "playground")
CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -keyout key.pem -out cert.pem"
)
CONFIGURATION = """
daemon off; pid {folder}/pid; error_log stderr;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location /lab/ {{
      proxy_pass {target};
      proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, target: str) -> Iterator[str]:
    """The address of a proxy with TLS whose /lab/ leads to the target."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run([*CERTIFICATE.split()], cwd=folder, check=True, capture_output=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, target=target))
    process = subprocess.Popen([NGINX, "-p", folder, "-e", "stderr", "-c", configuration])
    try:
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, "nginx")
        yield f"https://localhost:{port}/lab"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def below_lab():
    running = Server("--server.baseUrlPath=lab", path="/lab")
    yield running
    running.stop()


@pytest.fixture(scope="module", params=["the server's option", KEEPS, TAKES_OFF])
def lab(request, server, below_lab, tmp_path_factory) -> Iterator[str]:
    """Where the lab is found, without a slash at its end."""
    if not request.param.startswith("nginx"):
        yield below_lab.url
        return
    if NGINX is None or shutil.which("openssl") is None:
        reason = "a test with a proxy needs nginx and openssl"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    target = below_lab.url.removesuffix("lab") if request.param == KEEPS else f"{server.url}/"
    kept = target.removesuffix("/") if request.param == KEEPS else target
    with nginx(tmp_path_factory.mktemp("nginx"), kept) as url:
        yield url


def connection(url: str, **options):
    """A WebSocket of a page that came from there; nobody vouches for the certificate."""
    parts = urlsplit(url)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return connect(
        url.replace("http", "ws", 1),
        origin=f"{parts.scheme}://{parts.netloc}",
        ssl=trusting if parts.scheme == "https" else None,
        open_timeout=PATIENCE,
        max_size=None,
        **options,
    )


def channels(lab: str, page: str) -> list[str]:
    """The addresses that the components of a page are told to ask."""
    message, found = BackMsg(), []
    message.rerun_script.page_name = page
    with connection(f"{lab}/_stcore/stream", subprotocols=["streamlit"]) as stream:
        stream.send(message.SerializeToString())
        told = ForwardMsg()
        while told.WhichOneof("type") != "script_finished":
            told = ForwardMsg.FromString(stream.recv(PATIENCE))
            component = told.delta.new_element.bidi_component
            data = json.loads(component.json or "[]")
            if isinstance(data, list) and data and "channel" in data[0]:
                found.append(urljoin(f"{lab}/{page}", data[0]["channel"]["path"]))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_live_pages_are_answered(lab, page):
    asked = channels(lab, page)
    assert asked
    for url in asked:
        with connection(url) as line:
            line.send(json.dumps({"seq": 7}))
            told = json.loads(line.recv(PATIENCE))
            assert told["seq"] == 7
            assert "error" in told, "that was no question"


def test_races_are_looked_for(lab):
    url = channels(lab, "losses")[0].replace("live/losses", "live/race/guessed")
    with connection(url) as line:
        with pytest.raises(ConnectionClosed):
            line.recv(PATIENCE)
        assert line.close_code == 4404


def test_a_browser_walks_from_losses_to_a_race(browser, lab):
    page = browser.new_page(ignore_https_errors=True, viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(f"{lab}/losses")
    page.locator(".loss-lab[data-answers]").wait_for()
    settle(page)
    page.get_by_test_id("stTopNav").get_by_text("Playground").click()
    page.wait_for_url(re.compile("/lab/playground"))
    page.locator(".stage[data-draws]").wait_for()
    page.get_by_role("link", name=re.compile("Information")).first.click()
    page.locator(".drag-bars[data-connected=true]").first.wait_for()
    page.goto(f"{lab}/train?{SHORT}")
    settle(page)
    press(page, "Run")
    wait_for_state(page, "Finished")
    assert page.locator(".connection").inner_text() == ""
    page.close()
