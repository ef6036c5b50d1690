"""Presenter mode by its keys, charts made large and saved, and a lesson led by a clicker."""

import pytest

from tests.conftest import settle, wait_until
from tests.playground_browser import Stage, link_of, open_stage
from tests.test_browser import LONG

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
LARGE = ":popover-open:not(#chart-tools)"


def is_on(page) -> bool:
    return page.locator("html[data-present]").count() == 1


def press(page, key: str) -> None:
    page.locator("h1").click()  # nothing has the focus
    page.keyboard.press(key)


def test_p_turns_it_on_and_off_and_the_link_says_so(visit):
    page = visit("losses")
    size = page.locator("h1").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert page.locator(".stAppHeader").is_visible()
    press(page, "p")
    wait_until(lambda: link_of(page).get("present") == "1", "it in the link")
    assert is_on(page)
    assert not page.locator(".stAppHeader").is_visible()
    larger = page.locator("h1").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert larger > 1.2 * size
    page.reload()
    settle(page)
    assert is_on(page)
    page.get_by_role("button", name="Leave presenter mode (P)").click()
    wait_until(lambda: "present" not in link_of(page), "it no longer in the link")
    assert not is_on(page)


def test_keys_that_are_typed_do_nothing_else(visit):
    page = visit("losses")
    field = page.get_by_role("spinbutton").first
    field.focus()
    field.press("p")
    page.locator("[role=combobox]").first.focus()
    page.keyboard.press("p")
    assert not is_on(page)
    press(page, "b")
    assert not page.locator(".blank").is_visible(), "only in presenter mode"
    press(page, "2")
    assert page.locator(LARGE).count() == 0


def test_a_page_is_scrolled_by_keys_only_where_they_lead_nothing(visit):
    page = visit("losses")

    def top() -> float:
        page.wait_for_timeout(300)
        return page.get_by_test_id("stMain").evaluate("node => node.scrollTop")

    press(page, "PageDown")
    assert top() > 100
    press(page, "Home")
    press(page, "p")
    wait_until(lambda: is_on(page), "presenter mode")
    press(page, "Home")
    start = top()
    press(page, "PageDown")
    assert top() == start
    page.keyboard.press("Escape")
    wait_until(lambda: not is_on(page), "Esc to end it")


def test_digits_choose_a_chart_and_b_blanks(visit):
    page = visit("losses?present=1")
    press(page, "2")
    large = page.locator(f"figure{LARGE}")
    large.wait_for()
    title = large.locator("figcaption").inner_text()
    box = large.bounding_box()
    assert box["width"] >= 1440
    canvas = large.locator("canvas")
    wait_until(lambda: canvas.bounding_box()["height"] > 0.7 * box["height"], "it to be as large")
    page.keyboard.press("1")
    wait_until(lambda: page.locator(f"figure{LARGE} figcaption").inner_text() != title, "another")
    page.keyboard.press("Escape")
    wait_until(lambda: page.locator(LARGE).count() == 0, "none of them large")
    page.keyboard.press("b")
    page.locator(".blank").wait_for()
    page.keyboard.press(".")
    page.locator(".blank").wait_for(state="hidden")


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
@pytest.mark.parametrize(
    ("link", "chart"),
    [
        ("playground", "canvas.picture"),
        ("losses", "figure"),
        ("imbalance", "[data-testid=stVegaLiteChart]"),
    ],
)
def test_any_chart_is_enlarged_and_saved(visit, tmp_path, link, chart, kind):
    page = visit(link)
    page.locator(chart).first.hover()
    tools = page.locator("#chart-tools:popover-open")
    tools.get_by_title("Enlarge (Esc closes)").click()
    page.locator(LARGE).wait_for()
    with page.expect_download() as download:
        tools.get_by_role("button", name=kind).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    content = path.read_bytes()
    assert path.suffix == f".{kind.lower()}"
    assert len(content) > 5_000
    assert content.startswith(b"\x89PNG" if kind == "PNG" else b"<svg")
    page.keyboard.press("Escape")
    wait_until(lambda: page.locator(LARGE).count() == 0, "none of them large")


def test_a_clicker_leads_through_a_lesson(visit):
    page = visit("playground?lesson=nothing&at=1&present=1")
    page.get_by_text("1 of 8").wait_for()
    for at in range(2, 9):
        page.keyboard.press("PageDown")
        page.get_by_text(f"{at} of 8", exact=True).wait_for()
        settle(page)
        assert is_on(page)
    page.keyboard.press("PageDown")  # there is no further one
    for at in (7, 6):
        page.keyboard.press("PageUp")
        page.get_by_text(f"{at} of 8", exact=True).wait_for()
        settle(page)
    assert link_of(page)["t"] == "0.2"


def test_without_a_lesson_arrows_step_through_time_and_space_runs(visit):
    stage: Stage = open_stage(visit, "playground?step=8&rate=0.02&present=1", live=True)
    stage.wait_step(8)
    press(stage.page, "ArrowRight")
    stage.wait_step(9)
    press(stage.page, "PageUp")
    stage.wait_step(8)
    press(stage.page, " ")
    wait_until(lambda: stage.data("place") > 8, "time to run")


@pytest.mark.parametrize("link", ["train", "sweep"])
def test_what_is_pressed_stays_where_question_marks_go(visit, link):
    page = visit(f"{link}?present=1")
    assert page.get_by_role("button", name="Run", exact=True).is_visible()
    assert not page.locator(".stMain [data-testid=stTooltipIcon] svg").filter(visible=True).count()


def test_space_starts_a_race_and_pauses_it(visit):
    page = visit(f"train?{LONG}&present=1")
    press(page, " ")
    page.locator(".st-key-pause_button button:not(:disabled)").wait_for()
    press(page, " ")
    page.get_by_role("button", name="Resume").wait_for()


@pytest.mark.parametrize("size", [(800, 600), (1280, 720), (1440, 900)])
def test_a_projector_shows_all_of_the_playground_s_picture(visit, size):
    width, height = size
    stage = open_stage(
        visit,
        "playground?present=1&rate=0.02",
        live=True,
        viewport={"width": width, "height": height},
    )
    box = stage.root.locator("canvas.picture").bounding_box()
    assert box["y"] < height / 2
    assert box["x"] + box["width"] <= width
