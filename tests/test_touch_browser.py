"""What is dragged, by touch: a touch that scrolls changes nothing, a cancelled one is undone."""

import pytest

from tests.conftest import settle, wait_until
from tests.thresholds_browser import LINK

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
PHONE = {"viewport": {"width": 400, "height": 800}, "has_touch": True}
# A link, what a finger moves there, and what shows the value.
DRAGGED = {
    "slider": (LINK, ".drag-slider .drag", ".drag-slider input[type=number]"),
    "curves": (LINK, ".curves .u-over", ".drag-slider input[type=number]"),
    "bars": ("information", ".track", ".track + input"),
    "board": ("probabilities", "tr.line .drag", "tr.line input[type=text]"),
    "lab": ("losses", ".loss-lab .u-over", "input[type=number][aria-label='Logit that moves']"),
}


class Finger:
    """One finger on a page's screen."""

    def __init__(self, page) -> None:
        self.devices = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def scroll(self, x: float, y: float, by: float) -> None:
        options = {"x": x, "y": y, "yDistance": by, "gestureSourceType": "touch", "speed": 600}
        self.devices.send("Input.synthesizeScrollGesture", options)


@pytest.mark.parametrize("name", DRAGGED)
def test_a_touch_drags_sideways_only_and_what_is_cancelled_is_undone(visit, name):
    link, area, shown = DRAGGED[name]
    page = visit(link, **PHONE)
    finger, held, value = Finger(page), page.locator(area).first, page.locator(shown).first
    held.wait_for()
    settle(page)
    held.evaluate("held => held.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(300)
    before, address = value.input_value(), page.url
    box = held.bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2

    finger.scroll(x, y, -150)
    wait_until(lambda: held.bounding_box()["y"] < box["y"] - 100, "the page to scroll")
    assert value.input_value() == before

    y = held.bounding_box()["y"] + box["height"] / 2
    finger.send("touchStart", (x, y))
    assert value.input_value() == before
    for step in range(1, 11):
        finger.send("touchMove", (x - 4 * step, y))
    wait_until(lambda: value.input_value() != before, "the value to follow")
    finger.send("touchCancel")
    wait_until(lambda: value.input_value() == before, "the value to be as before")
    page.wait_for_timeout(500)
    assert page.url == address, "the script has heard of nothing"

    finger.send("touchStart", (x, y))
    for step in range(1, 11):
        finger.send("touchMove", (x - 4 * step, y))
    finger.send("touchEnd")
    wait_until(lambda: page.url != address, "the script to hear of it")
    assert value.input_value() != before
    dragged = value.input_value()
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], y)
    wait_until(lambda: value.input_value() != dragged, "a tap to set it")
