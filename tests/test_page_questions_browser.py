"""The Questions page in a browser: from a symptom to the page that shows it, and back."""

import pytest

from pages.ui.questions.table import QUESTIONS
from tests.conftest import check_fits, settle
from tests.test_browser import press
from tests.test_looks_browser import NARROW, check_contrast, wait_for_background

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
WAY = ".st-key-way a"


def wait_for_link(page, part: str) -> None:
    page.wait_for_function("part => location.href.includes(part)", arg=part)
    settle(page)


def test_a_symptom_leads_by_search_and_answer_to_the_page_set_up_and_back(visit):
    page = visit("questions")
    assert page.locator("h1").inner_text().endswith("?")
    last = page.get_by_role("button", name="It predicts the same labels for every row")
    assert last.bounding_box()["y"] < page.viewport_size["height"], "on the first screen"
    search = page.get_by_label("Search", exact=True)
    search.fill("too many pos_weight")
    search.press("Enter")
    wait_for_link(page, "find=too+many+pos_weight")
    question = QUESTIONS["too-many-labels"]
    press(page, question.asked)
    wait_for_link(page, "q=too-many-labels")
    page.get_by_text("Computed here:").wait_for()
    page.get_by_text("decides as 0.020 does").wait_for()
    page.locator(WAY).click()
    wait_for_link(page, "/train?")
    assert "B.bce_pos_weight.pos_weight.number=50" in page.url
    page.get_by_role("heading", name="Race losses").wait_for()
    page.get_by_text("Positive weight: number").first.wait_for()
    page.go_back()
    wait_for_link(page, "q=too-many-labels")
    page.get_by_text("decides as 0.020 does").wait_for()
    assert page.get_by_label("Search", exact=True).input_value() == "too many pos_weight"
    page.go_back()
    page.wait_for_function("!location.search.includes('q=')")
    settle(page)
    page.get_by_text("Computed here:").wait_for(state="detached")


@pytest.mark.parametrize("key", ["too-many-labels", "unknown-labels"])
def test_an_open_question_fits_a_phone_and_can_be_read(visit, key):
    page = visit(f"questions?q={key}", viewport=NARROW)
    page.locator(WAY).wait_for()
    check_fits(page, f"h1, {WAY}, .stButton")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wait_for_background(page, scheme)
        check_contrast(page)
