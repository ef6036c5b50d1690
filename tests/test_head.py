"""What stands in the head of every page that the server hands out."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pages.ui.server.head import HEAD, Head

PAGE = b"<html><head><title>Lab</title></head><body></body></html>"
BROWSER = {"accept": "text/html", "accept-encoding": "gzip", "if-none-match": "abc"}


def asked(headers: dict[str, str], kind: str = "text/html; charset=utf-8"):
    """An answer in two pieces through the middleware: what the app heard, what came back."""
    requests, sent = [], []

    async def app(scope, receive, send) -> None:
        requests.append(dict(scope["headers"]))
        length = (b"content-length", str(len(PAGE)).encode())
        start = [(b"content-type", kind.encode()), length, (b"etag", b"abc")]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[20:]})

    async def send(message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "headers": raw}
    with ThreadPoolExecutor() as thread:  # a browser of other tests may hold this one's event loop
        thread.submit(asyncio.run, Head(app)(scope, None, send)).result()
    start, *pieces = sent
    return requests[0], dict(start["headers"]), b"".join(piece["body"] for piece in pieces)


def test_a_page_has_the_style_at_the_end_of_its_head():
    request, headers, body = asked(BROWSER)
    assert body == PAGE.replace(b"</head>", HEAD + b"</head>")
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers
    assert set(request) == {b"accept"}, "it comes whole and unpacked"


def test_all_else_is_passed_on_as_it_is():
    for answer in (asked(BROWSER, "application/json"), asked({"accept": "*/*"})):
        _request, headers, body = answer
        assert body == PAGE
        assert headers[b"etag"] == b"abc"
