"""The Imbalance page in a browser: points and cells that are picked, a race, a narrow page."""

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.imbalance import Pairs
from pages.ui.kit.matrix import COLOURS
from tests.conftest import check_fits, settle
from tests.test_page_losses_browser import in_link

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
LINK = "imbalance?data=synthetic&synthetic.rows=400&synthetic.labels=12&synthetic.cardinality=2.0"


def open_imbalance(visit, link: str = LINK, **options):
    page = visit(link, **options)
    page.wait_for_selector(".matrix[data-drawn]")
    settle(page)
    return page


def shown_label(page) -> str:
    return page.get_by_role("combobox", name="Selected label").input_value()


def test_a_point_and_a_row_of_the_matrix_that_are_clicked_are_selected(visit):
    data = load("synthetic", rows=400, labels=12, cardinality=2.0)
    pairs = Pairs(data.y[data.train])
    page = open_imbalance(visit)
    matrix = page.locator(".matrix")
    together = (pairs.counts > 0) & ~np.eye(12, dtype=bool)
    assert int(matrix.get_attribute("data-drawn")) == together.sum()
    names = [data.label_names[place] for place in pairs.order]
    for side in (".rows", ".columns"):
        assert matrix.locator(f"{side} span").all_inner_texts() == names

    point = page.locator("[aria-roledescription=point][aria-label*='label: label 9;']")
    point.scroll_into_view_if_needed()
    point.click()
    in_link(page, "label", "label 9")
    page.get_by_text("label 9 is true in").wait_for()
    assert shown_label(page) == "label 9"

    canvas = matrix.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    row, column = 2, 7
    at = (
        box["x"] + (column + 0.5) / 12 * box["width"],
        box["y"] + (row + 0.5) / 12 * box["height"],
    )
    page.mouse.move(*at)
    a, b = (data.label_names[pairs.order[place]] for place in (row, column))
    pair = pairs.pair(int(pairs.order[row]), int(pairs.order[column]))
    told = f"a = {a}, b = {b}: " + (
        f"P(b | a) = {pair.given:.3f}" if pair.count else "never together"
    )
    assert matrix.locator(".readout").inner_text() == told
    page.mouse.click(*at)
    in_link(page, "label", a)
    page.get_by_text(f"{a} is true in").wait_for()
    assert shown_label(page) == a

    # From there with the keys: the picture has the focus since it was clicked.
    order = [data.label_names[label] for label in pairs.order]
    readout = matrix.locator(".readout")
    page.keyboard.press("ArrowRight")
    assert readout.inner_text().startswith(f"a = {order[row]}, b = {order[column + 1]}: ")
    for key in ["ArrowDown"] * 6:
        page.keyboard.press(key)
    assert readout.inner_text() == f"{order[column + 1]} and itself, not drawn"
    page.keyboard.press("Enter")
    in_link(page, "label", order[column + 1])
    page.get_by_text(f"{order[column + 1]} is true in").wait_for()


def test_colours_of_the_matrix_are_spread_logarithmically_where_it_says_so(visit):
    data = load("synthetic", rows=400, labels=12, cardinality=2.0)
    pairs = Pairs(data.y[data.train])
    page = open_imbalance(visit, f"{LINK}&pairs=count")
    page.get_by_text("rows together, log scale").wait_for()
    drawn = page.locator(".matrix canvas").evaluate("""canvas => [...canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data]""")
    counts = pairs.table("count")[np.ix_(pairs.order, pairs.order)]
    np.fill_diagonal(counts, 0)
    shown = counts > 0
    low, high = np.log(counts[shown].min()), np.log(counts.max())
    ends = np.array([list(bytes.fromhex(colour[1:])) for colour in COLOURS])
    share = (np.log(counts[shown]) - low) / (high - low) * (len(COLOURS) - 1)
    expected = [np.interp(share, range(len(COLOURS)), channel) for channel in ends.T]
    found = np.array(drawn).reshape(12, 12, 4)[shown]
    # There are 256 colours; between two of them a channel moves by at most 4.
    np.testing.assert_allclose(found[:, :3], np.transpose(expected), atol=4)
    assert not np.array(drawn).reshape(12, 12, 4)[~shown].any()


def test_a_click_picks_the_row_that_is_read_out_where_rows_are_thin(visit):
    page = open_imbalance(visit)
    canvas = page.locator(".matrix canvas")
    canvas.scroll_into_view_if_needed()
    # A pointer has parts of pixels and a click may have none: here the two lie in other rows.
    read = canvas.evaluate("""canvas => {
        const {left, top, height} = canvas.getBoundingClientRect();
        const at = (row) => ({clientX: left + 1, clientY: top + (row + 0.5) * height / 12});
        canvas.dispatchEvent(new PointerEvent("pointermove", at(2)));
        const told = canvas.getRootNode().querySelector(".readout").textContent;
        canvas.dispatchEvent(new MouseEvent("click", at(3)));
        return told;
    }""")
    in_link(page, "label", read.removeprefix("a = ").partition(", b = ")[0])


def test_a_short_race_starts_here_and_ends_in_a_sentence_on_a_narrow_page(visit):
    page = open_imbalance(visit, viewport={"width": 400, "height": 900}, color_scheme="dark")
    page.get_by_role("button", name="Race BCE against weighted BCE").click()
    page.get_by_role("combobox", name="Threshold").wait_for()
    page.get_by_text("mean F1, test rows", exact=True).first.wait_for()
    settle(page)
    check_fits(page)
    assert "run=" in page.url
