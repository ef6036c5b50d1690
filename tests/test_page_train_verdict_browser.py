"""The marks at the best records, the verdict and the rows, in a real browser."""

import re

import pytest

from tests.conftest import check_fits, settle, wait_until
from tests.test_browser import SHORT, press, wait_for_state

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    if (!entry.hadRecentInput) window.shifted += entry.value;
  })).observe({ type: "layout-shift" });
}"""


def marks(page, title: str) -> list[dict]:
    """Where the marks of a chart stand that are shown."""
    chart = page.locator("figure").filter(has=page.get_by_text(title, exact=True))
    return [mark.bounding_box() for mark in chart.locator(".best:visible").all()]


def test_the_best_record_is_marked_and_follows_the_threshold(visit):
    page = visit(f"train?{SHORT}&log=False")
    press(page, "Run")
    wait_for_state(page, "Finished")
    wait_until(lambda: len(marks(page, "Samples F1")) == 2, "a mark for each contender")
    assert len(marks(page, "mAP (needs no threshold)")) == 2
    assert not marks(page, "Share of gradient from true labels")
    chart = page.get_by_role("img", name=re.compile(r"^Samples F1\. "))
    best = re.findall(r"best ([\d.]+) at epoch", chart.get_attribute("aria-label"))
    chart.press("ArrowLeft")
    read = re.findall(r"\(best ([\d.]+)\)", chart.locator(".tooltip").inner_text())
    assert read == best
    assert len(best) == 2
    before = marks(page, "Samples F1"), marks(page, "mAP (needs no threshold)")
    slider = page.get_by_role("slider", name=re.compile("^Threshold"))
    slider.press("ArrowLeft")
    for _ in range(20):
        slider.press("ArrowLeft")
    wait_until(lambda: marks(page, "Samples F1") != before[0], "the marks to move")
    assert marks(page, "mAP (needs no threshold)") == before[1]


@pytest.mark.parametrize("width", [1440, 400])
def test_the_verdict_comes_below_what_was_there_and_fits(visit, width):
    page = visit(f"train?{SHORT}&epochs=20", viewport={"width": width, "height": 900})
    press(page, "Run")
    page.locator(".card").first.wait_for()
    wait_until(lambda: page.locator(".charts canvas").count() == 10)
    page.evaluate(SHIFTS)
    page.get_by_role("heading", name="Verdict").wait_for()
    page.get_by_text("Next:").wait_for()
    settle(page)
    assert page.evaluate("window.shifted") < 0.1  # what Web Vitals calls good
    check_fits(page, "h1, h2, h3")


def test_a_cell_of_the_rows_is_clicked_to_see_all_of_its_row(visit):
    page = visit("train?data=debtags&model=linear&epochs=1")
    press(page, "Run")
    wait_for_state(page, "Finished")
    card = page.locator(".row-card")
    card.wait_for()
    settle(page)
    first = card.inner_text()
    table = page.locator(".st-key-rows_table")
    table.scroll_into_view_if_needed()
    table.locator(".dvn-scroller").click(position={"x": 60, "y": 90})
    changed = "first => document.querySelector('.row-card').innerText !== first"
    page.wait_for_function(changed, arg=first)
    check_fits(page, ".row-card", width=400)
