"""Presenter mode, and what makes any chart large or saves it: a button of every page, and keys."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from pages.ui.carried import PRESENT, carried, carry
from pages.ui.kit.component import component
from pages.ui.words import _

PATH = "/html-to-image.js"
LIBRARY = Path(__file__).parent / "html-to-image" / "html-to-image.js"


def draw_present_button() -> None:
    """A button that turns presenter mode on and off, as does the key P."""
    data = {
        "on": carried(PRESENT) == "1",
        "library": f"live{PATH}",
        "words": {
            "present": _("Presenter mode: large, for a projector (P)"),
            "leave": _("Leave presenter mode (P)"),
            "enlarge": _("Enlarge (Esc closes)"),
            "close": _("Close"),
            "save": _("Save as {kind}"),
            "failed": _("This chart cannot be saved here."),
        },
    }
    parts = ("present/enlarge",)
    component("present/present", data, key="present", parts=parts, width="content", on_event=_take)


def _take(event: str, text: str) -> None:
    """What the button tells: it comes from outside."""
    carry(PRESENT, "1" if event == "on" else "")


def library() -> Route:
    """The route of the library that saves charts; a browser asks for it when one is saved."""

    async def send(request: Request) -> FileResponse:
        return FileResponse(LIBRARY, media_type="text/javascript")

    return Route(PATH, send)
