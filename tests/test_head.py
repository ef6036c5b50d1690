"""What stands in the head of every page that the server hands out."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from pages.ui.server.head import HEAD, Head, loading_sign
from tests.test_frame import THEMES

PAGE = b'<html><head><title>Lab</title></head><body><div id="root"></div></body></html>'
SIGN = loading_sign(Request({"type": "http", "headers": [], "query_string": b""}))
BROWSER = {"accept": "text/html", "accept-encoding": "gzip", "if-none-match": "abc"}


def asked(
    headers: dict[str, str],
    kind: str = "text/html; charset=utf-8",
    query: str = "",
    method: str = "GET",
):
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
    scope = {"type": "http", "method": method, "headers": raw, "query_string": query.encode()}
    with ThreadPoolExecutor() as thread:  # a browser of other tests may hold this one's event loop
        thread.submit(asyncio.run, Head(app)(scope, None, send)).result()
    start, *pieces = sent
    return requests[0], dict(start["headers"]), b"".join(piece["body"] for piece in pieces)


def test_a_page_has_the_style_at_the_end_of_its_head():
    request, headers, body = asked(BROWSER)
    assert body.replace(SIGN, b"") == PAGE.replace(b"</head>", HEAD + b"</head>")
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers
    assert set(request) == {b"accept"}, "it comes whole and unpacked"


def test_what_is_asked_of_its_length_alone_or_of_a_part_is_not_that_of_the_file():
    request, _headers, body = asked(BROWSER | {"range": "bytes=0-50", "if-range": "abc"})
    assert set(request) == {b"accept"}
    assert len(body) > len(PAGE)
    _request, headers, _body = asked(BROWSER, method="HEAD")
    assert b"content-length" not in headers


def test_the_style_has_the_grounds_of_both_themes():
    light, dark = (THEMES[name]["backgroundColor"] for name in ("light", "dark"))
    assert f"--ground: light-dark({light}, {dark})".encode() in HEAD


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("", {}, "en"),
        ("", {"accept-language": "fr-FR,zh;q=0.5"}, "en"),
        ("", {"accept-language": "zh-CN,zh;q=0.9"}, "zh"),
        ("", {"accept-language": "zh-CN", "cookie": "lab-language=en"}, "en"),
        ("lang=zh&z=1", {"cookie": "lab-language=en"}, "zh"),
        ('lang="><script>', {"cookie": 'lab-language="><script>'}, "en"),
    ],
)
def test_a_page_says_that_it_is_loading_in_the_language_that_it_will_have(query, headers, language):
    _request, answered, body = asked(BROWSER | headers, query=query)
    sign = body.partition(b"<body>")[2].partition(b'<div id="root">')[0].decode()
    assert f'lang="{language}"' in sign
    assert {"en": "Loading …", "zh": "正在加载"}[language] in sign
    assert "script" not in sign
    assert answered[b"content-length"] == str(len(body)).encode()


def test_all_else_is_passed_on_as_it_is():
    for answer in (asked(BROWSER, "application/json"), asked({"accept": "*/*"})):
        _request, headers, body = answer
        assert body == PAGE
        assert headers[b"etag"] == b"abc"
