"""A finger on what can be dragged, on a phone: what scrolls the page changes nothing."""

import pytest

from tests.conftest import settle, wait_until
from tests.thresholds_browser import CALIBRATION, LINK, RULES

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
PHONE = {"viewport": {"width": 400, "height": 800}, "has_touch": True}
# The part that is touched, and the one that says where it is.
SLIDER = ".drag-slider .drag", ".drag-slider input[type=range]"
DRAGGED = {
    "a slider": (LINK, *SLIDER),
    "a chart": (LINK, ".curves .u-over", SLIDER[1]),
    "a bar": ("information", ".drag-bars .track", ".drag-bars .track"),
    "a row of the board": ("probabilities", ".board .drag", ".board input[type=range]"),
}
# A browser may find nothing to scroll, and then does not take the touch over.
UNTAKEN = """part => {
    const { left, top } = part.getBoundingClientRect();
    const way = [["down", 90, 5], ["move", 90, 45], ["move", 150, 45], ["up", 150, 45]];
    for (const [name, x, y] of way) {
        part.dispatchEvent(new PointerEvent(`pointer${name}`, { pointerId: 9, pointerType: "touch",
            isPrimary: true, clientX: left + x, clientY: top + y }));
    }
}"""

# The words that each table's buttons stand on; they do not hide where nothing can hover.
STOOD_ON = """() => {
    const main = document.querySelector(".stMain");
    const words = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    const bars = [...document.querySelectorAll(".stDataFrame .stElementToolbar > *")]
        .filter((one) => one.checkVisibility());
    const found = [], range = document.createRange();
    while (words.nextNode()) {
        range.selectNodeContents(words.currentNode);
        for (const line of range.getClientRects()) {
            for (const bar of bars.map((one) => one.getBoundingClientRect())) {
                if (line.right > bar.left && line.left < bar.right && line.bottom > bar.top &&
                    line.top < bar.bottom) found.push(words.currentNode.data);
            }
        }
    }
    return [bars.length, found];
}"""

# How far each table reaches out of the box that the page keeps for it.
CUT_SHORT = """() => [...document.querySelectorAll(".stElementContainer:has(.stDataFrame)")]
    .map((box) => box.querySelector("[data-testid=stDataFrameResizable]")
        .getBoundingClientRect().bottom - box.getBoundingClientRect().bottom)
    .filter((out) => out > 1)"""


class Finger:
    """One finger on a part of a page."""

    def __init__(self, page, part: str, told: str) -> None:
        self.page, self.part, self.told = page, page.locator(part).first, page.locator(told).first
        self.part.wait_for()
        settle(page)
        self.part.evaluate("part => part.scrollIntoView({ block: 'center' })")
        self.wire = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: dict) -> None:
        self.wire.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def press(self, share: float = 0.4) -> None:
        """Touch it at this share of its width."""
        box = self.part.bounding_box()
        self.x = box["x"] + share * box["width"]
        self.y = box["y"] + box["height"] / 2
        self.send("Start", {"x": self.x, "y": self.y})

    def move(self, across: float, down: float) -> None:
        for _ in range(8):
            self.x, self.y = self.x + across / 8, self.y + down / 8
            self.send("Move", {"x": self.x, "y": self.y})
        # What it moves is drawn in the next frames; a bar asks the server first.
        self.page.wait_for_timeout(150)

    def value(self) -> float:
        return float(self.told.evaluate("part => part.ariaValueNow ?? part.value"))

    def scrolled(self) -> float:
        return self.page.get_by_test_id("stMain").evaluate("part => part.scrollTop")


@pytest.mark.parametrize("name", DRAGGED)
def test_a_finger_that_goes_sideways_drags_and_one_that_goes_up_scrolls(visit, name):
    link, *parts = DRAGGED[name]
    page = visit(link, **PHONE)
    finger = Finger(page, *parts)
    before, there, written = finger.value(), finger.scrolled(), page.url

    finger.part.evaluate(UNTAKEN)
    page.wait_for_timeout(100)
    assert finger.value() == before

    finger.press()
    finger.move(0, -120)
    finger.move(60, 0)
    finger.send("End")
    assert finger.scrolled() > there + 50
    assert finger.value() == before

    finger.press()
    finger.move(60, 0)
    assert finger.value() != before
    finger.send("Cancel")
    page.wait_for_timeout(150)
    assert finger.value() == before
    assert page.url == written, "what was taken back is not sent"

    finger.press()
    finger.move(60, 2)
    dragged = finger.value()
    assert dragged != before
    finger.send("End")
    page.wait_for_function("written => location.href !== written", arg=written)
    settle(page)
    assert finger.value() == dragged


SWITCHES = ("losses", "train", CALIBRATION)


@pytest.mark.parametrize("link", SWITCHES)
def test_who_asks_for_help_flips_no_switch(visit, link):
    page = visit(link, **PHONE)
    if page.get_by_test_id("stSidebar").get_attribute("aria-expanded") == "true":
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").tap()
    beside = (
        page.get_by_test_id("stMain")
        .get_by_test_id("stHorizontalBlock")
        .filter(has=page.get_by_role("switch"))
    )
    switch, help = (beside.last.get_by_role(role) for role in ("switch", "button"))
    before, told = switch.is_checked(), page.get_by_test_id("stTooltipContent").first
    for ask in (help.tap, help.click, lambda: help.press("Enter"), lambda: help.press("Space")):
        page.get_by_test_id("stMain").evaluate("part => part.focus()")
        ask()
        told.wait_for()
        assert told.bounding_box()["width"] <= PHONE["viewport"]["width"]
        assert switch.is_checked() == before
    settle(page)
    assert switch.is_checked() == before
    switch.press("Space")
    wait_until(lambda: switch.is_checked() != before, "the switch")


def test_a_finger_that_scrolls_from_streamlits_own_slider_leaves_it(visit):
    page = visit("information", **PHONE)
    finger = Finger(page, ".stSlider [role=group] > div", ".stSlider input[type=range]")
    before, there, written = finger.value(), finger.scrolled(), page.url
    finger.press(0.8)
    finger.move(4, -160)
    finger.send("End")
    page.wait_for_timeout(300)
    assert finger.scrolled() > there + 50
    assert (finger.value(), page.url) == (before, written)

    finger.part.evaluate("part => part.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)
    finger.press(0.6)
    finger.move(60, 2)
    dragged = finger.value()
    assert dragged != before
    finger.send("End")
    settle(page)
    finger.press(0.3)
    finger.send("End")
    settle(page)
    assert finger.value() < dragged, "a tap sets it"


@pytest.mark.parametrize("link", [LINK, f"{RULES}&rule=global"], ids=["drag", "rules"])
def test_the_buttons_of_a_table_stand_on_no_words(visit, link):
    page = visit(link, **PHONE, is_mobile=True)
    if link != LINK:
        page.get_by_role("button", name="Skip").click()
        settle(page)
    page.locator(".stDataFrame").first.wait_for()
    bars, words = page.evaluate(STOOD_ON)
    assert bars > 0
    assert words == []
    assert page.evaluate(CUT_SHORT) == []
