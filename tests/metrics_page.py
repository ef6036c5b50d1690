"""What the tests of the Metrics page share: opening it, pressing, reading its tables."""

import contextlib
import io
import json

from tests.app_pages import name_of, open_page

ANSWERED = {"share_guess": "1/2"}


def open_metrics(**link: str):
    app = open_page("metrics", **{**ANSWERED, **link})
    assert not app.exception
    return app


def said(app) -> str:
    """All that the page writes in words."""
    return "\n".join(text.value for text in app.markdown)


def press(app, key: str) -> None:
    next(found for found in app.button if found.key == key).click().run()
    assert not app.exception


def group(app, key: str):
    return next(found for found in app.button_group if name_of(app, found.key) == key)


def component(app, key: str) -> dict:
    """What a component is given to draw, and what its first table is."""
    for block in app.get("bidi_component"):
        proto = block.proto
        if key in proto.id:
            (data,) = json.loads(proto.json)
            return data | data.get("tables", [{}])[0]
    raise AssertionError(f"no component {key}")


def figures_of(lines) -> dict:
    return {
        cell["id"]: cell
        for line in lines
        for cell in line
        if cell["kind"] == "button" and "figure" in cell["look"]
    }


def run_code(text: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(text, {})
    return out.getvalue()
