"""The Information page in a browser: bars that are dragged, stepped and typed."""

import re

import pytest

from tests.conftest import check_fits, settle

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
# Every sentence that is shown, as long as it is watched.
WATCH = """root => {
  window.said = [];
  const sentence = root.querySelector(".sentence");
  new MutationObserver(() => said.push(sentence.textContent))
    .observe(root, {attributes: true, attributeFilter: ["data-updates"]});
}"""


def bars(page, place: int = 0):
    found = page.locator(".drag-bars").nth(place)
    found.locator(".track").first.wait_for()
    found.locator("xpath=self::*[@data-connected='true']").wait_for()
    return found


def track(found, letter: str, place: int):
    return found.get_by_role("slider", name=re.compile(f"^{letter} of")).nth(place)


def values(found, letter: str) -> list[float]:
    tracks = found.get_by_role("slider", name=re.compile(f"^{letter} of")).all()
    return [float(each.get_attribute("aria-valuenow")) for each in tracks]


def figures(sentence: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+\.\d+", sentence)]


def in_link(page, key: str, value: str) -> None:
    page.wait_for_function(
        "([key, value]) => new URLSearchParams(location.search).get(key) === value",
        arg=[key, value],
    )


def test_the_sum_holds_at_every_moment_of_a_drag(visit):
    page = visit("information?p=0.5,0.25,0.25&q=0.25,0.25,0.5")
    found = bars(page)
    found.evaluate(WATCH)
    held = track(found, "q", 0)
    held.scroll_into_view_if_needed()
    box = held.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.25 * box["width"], middle)
    page.mouse.down()
    for step in range(1, 41):
        page.mouse.move(box["x"] + (0.25 + 0.01 * step) * box["width"], middle)
        page.wait_for_timeout(15)
    assert "q=0.25" in page.url.replace("%2C", ",")  # the script has not heard of it yet
    page.mouse.up()
    in_link(page, "q", "0.65,0.116667,0.233333")
    settle(page)
    said = page.evaluate("said")
    assert len(set(said)) > 10
    for sentence in said:
        cross, entropy, kl = figures(sentence)
        assert round(cross - entropy - kl, 4) == 0
        assert entropy == 1.0397  # p was not touched
    # The lengths say the same as the digits: both lines end at one place.
    ends = found.evaluate(
        """root => [".part:last-child", ".kl"].map(
            name => root.querySelector(name).getBoundingClientRect().right)"""
    )
    assert abs(ends[0] - ends[1]) < 1
    assert page.get_by_test_id("stException").count() == 0


def test_keys_typing_and_a_reload(visit):
    page = visit("information?p=0.5,0.25,0.25")
    found = bars(page)
    held = track(found, "p", 0)
    held.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    in_link(page, "p", "0.55,0.225,0.225")
    page.keyboard.press("End")
    in_link(page, "p", "1,0,0")
    page.keyboard.press("Shift+ArrowLeft")
    in_link(page, "p", "0.9,0.05,0.05")
    typed = found.get_by_role("spinbutton", name="q of outcome 2")
    typed.fill("0.8")
    typed.press("Enter")
    in_link(page, "q", "0.1,0.8,0.1")
    typed.fill("7")
    typed.press("Enter")
    found.get_by_role("alert").get_by_text("must be a number from 0 to 1").wait_for()
    assert typed.input_value() == "0.8"
    settle(page)
    page.reload()
    settle(page)
    found = bars(page)
    assert values(found, "p") == pytest.approx([0.9, 0.05, 0.05])
    assert values(found, "q") == pytest.approx([0.1, 0.8, 0.1])


def test_gradient_descent_is_played_and_ends_where_python_is(visit):
    page = visit("information?p=0.7,0.2,0.1&q=0.1,0.2,0.7")
    found = bars(page)
    found.evaluate(WATCH)
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_role("button", name="Gradient descent on q").click()
    page.get_by_text("as losses they are the same").wait_for()
    page.wait_for_function("said.length > 50")
    losses = [figures(sentence) for sentence in page.evaluate("said")]
    assert len({entropy for _, entropy, _ in losses}) == 1
    falls = [kl for *_, kl in losses]
    assert falls[0] > 1 > 0.01 > falls[-1]


def test_labels_and_a_narrow_window(visit):
    page = visit("information", viewport={"width": 400, "height": 900}, color_scheme="dark")
    check_fits(page)
    one, many = bars(page, 1), bars(page, 2)
    track(one, "σ", 0).press("Home")
    in_link(page, "sigma", "0.0003354")  # a logit of -8
    fixed = track(many, "η", 0)
    assert fixed.get_attribute("aria-disabled") == "true"
    others = many.get_by_role("spinbutton", name="σ of 507 others")
    others.fill("0.01")
    others.press("Enter")
    in_link(page, "off", "0.01")
    # 5 log 2 + 507 × -log 0.99
    assert figures(many.locator(".sentence").inner_text())[0] == pytest.approx(8.5612, abs=1e-4)
