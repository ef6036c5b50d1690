"""The Sweep page in a browser: cells fill while it trains, and lead to their details."""

import re
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import check_fits, settle

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
SMALL = "sweep?s.synthetic.rows=500&s.epochs=3&s.x.values=4&s.y.values=3"


def run_sweep(page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text(re.compile("^Finished · ")).wait_for()
    settle(page)


def cells(page):
    return page.locator(".heat td")


def test_cells_fill_and_lead_to_details_and_to_a_race(visit):
    page = visit(SMALL)
    run_sweep(page)
    assert cells(page).count() == 24
    page.wait_for_selector('.heat[data-filled="24"]')
    assert "s.cell" not in page.url
    last = page.get_by_role("gridcell", name=re.compile("^Positive weight 100, Learning rate 0.3:"))
    last.first.click()
    page.get_by_text("Positive weight 100, Learning rate 0.3 (").wait_for()
    assert last.evaluate_all("all => all.map((cell) => cell.ariaSelected)") == ["true", "true"]
    last.first.focus()
    for key in ("ArrowLeft", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("Positive weight 20, Learning rate 0.05 (").wait_for()
    page.wait_for_function("location.search.includes('s.cell.x=20')")
    settle(page)
    link = page.url
    race = page.get_by_role("link", name="Race this one")
    race.scroll_into_view_if_needed()
    race.click()
    page.get_by_role("heading", name="Race losses").wait_for()
    settle(page)
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["B.bce_pos_weight.pos_weight.number"] == ["20.0"]
    assert asked["rate"] == ["0.05"]
    page.goto(link)
    settle(page)
    page.get_by_text("Positive weight 20, Learning rate 0.05 (").wait_for()
    page.wait_for_selector('.heat[data-filled="24"]')


def test_the_largest_grid_fits_its_window(visit):
    large = "sweep?s.synthetic.rows=200&s.epochs=1&s.x.values=12&s.y.values=12"
    page = visit(large, viewport={"width": 400, "height": 900})
    run_sweep(page)
    for scheme, width in product(("light", "dark"), (400, 1440)):
        page.emulate_media(color_scheme=scheme)
        check_fits(page, ".heat, .heat figure, .heat td", width=width)
    assert page.get_by_test_id("stException").count() == 0


def check_first_screen(page) -> None:
    """Both maps end above the lower edge of the window, of which nothing is scrolled."""
    ends = page.locator(".heat figure").evaluate_all(
        "all => all.map((map) => map.getBoundingClientRect().bottom)"
    )
    assert len(ends) == 2
    assert max(ends) <= 900
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0


def test_the_maps_stand_in_the_first_screen_before_and_after_a_sweep(visit):
    page = visit("sweep?s.synthetic.rows=500&s.epochs=3", viewport={"width": 1440, "height": 900})
    page.get_by_text("How much of that is left").wait_for()
    check_first_screen(page)
    page.get_by_role("radiogroup", name="Your prediction").get_by_text("less than half").click()
    settle(page)
    page.get_by_role("button", name="Commit", exact=True).click()
    page.get_by_text("You said: less than half").wait_for()
    check_first_screen(page)
    run_sweep(page)
    page.get_by_text(re.compile("^You predicted: less than half")).wait_for()
    settle(page)
    check_first_screen(page)
    page.get_by_role("radio", name="Debian packages: positive weight × γ").click()
    page.get_by_text("which setting still changes macro F1 more").wait_for()
    settle(page)
    check_first_screen(page)


def test_the_maps_of_the_larger_preset_stand_in_the_first_screen(visit):
    page = visit("sweep", viewport={"width": 1440, "height": 900})
    page.get_by_role("radio", name="Debian packages: positive weight × γ").click()
    page.get_by_text("which setting still changes macro F1 more").wait_for()
    settle(page)
    assert cells(page).count() == 2 * 8 * 8
    check_first_screen(page)
