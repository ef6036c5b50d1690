"""The Probabilities page in a browser: what follows the pointer and the keyboard."""

import json
import re

import numpy as np
import pytest
from scipy.special import expit, softmax

from pages.ui.kit.numbers import four, six
from tests.conftest import check_fits, settle

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def board(page):
    page.locator(".board tr.all").wait_for()
    settle(page)
    return page.locator(".board")


def slider(page, place: int):
    return page.locator("tr.line input[type=range]").nth(place)


def field(page, place: int):
    return page.locator("tr.line input[type=text]").nth(place)


# The texts of both probabilities, of each label.
TEXTS = """board => JSON.stringify([...board.querySelectorAll("tr.line")].map(
    row => [...row.querySelectorAll("td.bar .text")].map(text => text.textContent)))"""


def expected(logits) -> str:
    pairs = zip(softmax(logits), expit(np.array(logits)), strict=True)
    texts = [[four(p) for p in pair] for pair in pairs]
    return json.dumps(texts, separators=(",", ":"), ensure_ascii=False)


def shows(page, logits) -> None:
    """Wait until the board shows the probabilities of these logits."""
    page.wait_for_function(
        f"([board, wanted]) => ({TEXTS})(board) === wanted",
        arg=[page.locator(".board").element_handle(), expected(logits)],
    )


def in_link(page, text: str) -> None:
    page.wait_for_function(
        "text => new URLSearchParams(location.search).get('z') === text", arg=text
    )


def test_the_table_of_rows_is_edited_where_it_stands(visit):
    page = visit("probabilities?z=1~-1_10__0~2_01")
    board(page)
    page.get_by_role("button", name="Label 2 of row 1 is 0", exact=True).click()
    in_link(page, "1~-1_11__0~2_01")
    typed = page.get_by_role("textbox", name="Logit of label 1, row 2", exact=True)
    typed.fill("-3.5")
    typed.press("Enter")
    in_link(page, "1~-1_11__-3.5~2_01")
    page.get_by_role("button", name="Show row 2 above", exact=True).click()
    shows(page, [-3.5, 2])


def test_a_row_is_dragged_typed_and_toggled(visit):
    page = visit("probabilities")
    root = board(page)
    shows(page, [2, 1, 0.5, -1])
    # A drag is answered before it is let go: the server's Python has not heard of it.
    thumb = slider(page, 3)
    thumb.scroll_into_view_if_needed()
    box = thumb.bounding_box()
    page.mouse.move(box["x"] + 0.44 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2, steps=5)
    logit = float(thumb.input_value())
    assert logit > 3
    shows(page, [2, 1, 0.5, logit])
    assert "z=" not in page.url
    page.mouse.up()
    in_link(page, f"2~1~0.5~{logit:g}_1010")
    shows(page, [2, 1, 0.5, logit])
    # By keyboard: an arrow key is a tenth, what is typed may be any number.
    thumb.press("Home")
    thumb.press("ArrowRight")
    shows(page, [2, 1, 0.5, -7.9])
    in_link(page, "2~1~0.5~-7.9_1010")
    field(page, 0).fill("1e30")
    field(page, 0).press("Enter")
    in_link(page, "1e+30~1~0.5~-7.9_1010")
    shows(page, [1e30, 1, 0.5, -7.9])
    field(page, 0).fill("<b>x")
    field(page, 0).press("Enter")
    page.get_by_text("Logit of label 1 must be a number from −1e30 to 1e30, got <b>x").wait_for()
    page.wait_for_function("field => field.value === '1e+30'", arg=field(page, 0).element_handle())
    toggle = root.locator("tr.line button").nth(1)
    toggle.press("Space")
    in_link(page, "1e+30~1~0.5~-7.9_1110")
    assert toggle.get_attribute("aria-pressed") == "true"
    root.get_by_role("button", name="Remove label").click()
    in_link(page, "1e+30~1~0.5_111")
    assert page.get_by_test_id("stException").count() == 0


def test_what_is_written_follows_the_drag_or_says_that_it_is_of_before(visit):
    page = visit("probabilities?z=1~-1_10__0~2_01&detail=True")
    root = board(page)
    first = page.locator(".st-key-notes .stMarkdown").first
    before = first.inner_text()
    opacity = "notes => getComputedStyle(notes.querySelector('.st-key-notes > *')).opacity"
    words = "notes => getComputedStyle(notes.querySelector('.st-key-notes'), '::before').content"
    body = page.locator("body")
    assert (body.evaluate(opacity), body.evaluate(words)) == ("1", "none")
    thumb = slider(page, 0)
    thumb.scroll_into_view_if_needed()
    box = thumb.bounding_box()
    page.mouse.move(box["x"] + 0.56 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.2, 0.7, 0.35):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=3)
        logit = float(thumb.input_value())
        shows(page, [logit, -1])
        losses = np.logaddexp(0, [[-logit, -1], [0, -2]])
        sums = root.locator(".sums").inner_text()
        assert f"{six(losses.mean())} as the mean over all labels" in sums
        assert f"{six(losses.sum(1).mean())} as the sum over labels" in sums
        cross = (np.logaddexp(0, -1 - logit) + np.logaddexp(0, -2)) / 2
        assert f"{six(cross)}, mean over rows" in sums
        own = page.locator("tr.all td.loss.sigmoid .text").inner_text()
        assert own == four(losses[0].sum())
        assert body.evaluate(opacity) == "0.3"
        assert "As it was before you dragged" in body.evaluate(words)
        assert first.inner_text() == before
    page.mouse.up()
    in_link(page, f"{logit:g}~-1_10__0~2_01")
    page.wait_for_function(
        "before => document.querySelector('.st-key-notes .stMarkdown')"
        ".innerText !== before && !document.querySelector('[data-dragged]')",
        arg=before,
    )
    assert (body.evaluate(opacity), body.evaluate(words)) == ("1", "none")
    assert f"{six(losses.mean())} as the mean" in root.locator(".sums").inner_text()


def test_what_is_of_before_says_so_in_chinese(visit):
    page = visit("probabilities?lang=zh")
    board(page)
    page.evaluate("document.documentElement.dataset.dragged = 'board'")
    style = "getComputedStyle(document.querySelector('.st-key-notes'), '::before').content"
    page.wait_for_function(f"{style}.includes('松手')")


def test_threshold_and_top_k_are_followed_while_they_move(visit):
    page = visit("probabilities?z=wide&detail=True")
    board(page)
    sums = page.locator("tr.all td.mark .text")
    cut = page.locator(".drag-slider input[type=range]")
    cut.nth(0).press("Home")  # everything is predicted from probability 0 on
    page.wait_for_function("cell => cell.textContent === '512'", arg=sums.nth(2).element_handle())
    cut.nth(1).press("End")
    page.wait_for_function("cell => cell.textContent === '20'", arg=sums.nth(3).element_handle())
    rest = page.get_by_label("Move the logits of the other labels together")
    rest.press("Home")
    loss = page.locator("tr.rest td.loss.sigmoid .text")
    page.wait_for_function("cell => Number(cell.textContent) < 1", arg=loss.element_handle())
    page.wait_for_function(
        "() => ['0.0 20'].includes(['cut', 'top'].map("
        "key => new URLSearchParams(location.search).get(key)).join(' '))"
    )
    assert page.get_by_test_id("stException").count() == 0


def test_what_is_solved_counts_at_once_and_a_refused_table_stays_typed(visit):
    page = visit("probabilities")
    board(page)
    page.get_by_text("Answer the question above").wait_for()
    page.get_by_role("radio", name="all three").check(force=True)
    page.get_by_role("button", name="Check", exact=True).first.click()
    page.get_by_text(re.compile("^1 of .* exercises solved")).wait_for()
    page.get_by_text("Raise the logit of label 1 by 1").wait_for()
    page.get_by_text("Paste a table of your own").click()
    page.get_by_label("Numbers: one row per line").fill("1,,2")
    page.get_by_role("button", name="Use this table").click()
    page.get_by_text("row 1, number 2 is empty").wait_for()
    assert page.get_by_label("Numbers: one row per line").input_value() == "1,,2"  # and still open


def test_the_page_fits_a_phone_and_a_laptop(visit):
    for detail in (True, False):
        page = visit(
            f"probabilities?z=wide&note=sum&detail={detail}",
            viewport={"width": 400, "height": 900},
        )
        board(page)
        for width in (400, 1280):
            check_fits(page, ".board", width=width)


def test_figures_are_shown_when_asked_for_and_the_bars_give_them_room(visit):
    page = visit("probabilities")
    table = board(page).locator("table")
    assert not table.get_by_text("loss (BCE)", exact=True).is_visible()
    assert page.locator(".board .sums").count() == 0
    wide = table.locator("tr.line .track").first.bounding_box()["width"]
    page.get_by_text("Losses and gradients in figures").click()
    table.get_by_text("loss (BCE)", exact=True).wait_for()
    page.locator(".board .sums", has_text="2.227528").wait_for()
    assert table.locator("tr.line .track").first.bounding_box()["width"] < wide / 3
    page.wait_for_function("location.search.includes('detail=True')")
    shows(page, [2, 1, 0.5, -1])
