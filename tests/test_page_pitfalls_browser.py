"""The Pitfalls page in a browser: a specimen by keyboard, the live figure, a narrow screen."""

import pytest

from tests.conftest import check_fits, settle

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_a_specimen_and_the_figure_on_a_narrow_screen(visit):
    page = visit(
        "pitfalls?seen=pitfalls-turn&specimen=bce-inside", viewport={"width": 400, "height": 900}
    )
    run = page.get_by_role("button", name="Run", exact=True)
    assert run.is_disabled()
    guesses = page.get_by_role("radiogroup", name="What will happen?")
    guesses.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "() => [...document.querySelectorAll('button')]"
        ".some((button) => button.innerText.includes('Run') && !button.disabled)"
    )
    run.focus()
    page.keyboard.press("Enter")
    page.get_by_text("tensor(0.1643)").wait_for()
    page.get_by_text("tensor(0.5696)").wait_for()
    page.get_by_text("Right.", exact=True).wait_for()

    figure = page.locator(".curves")
    figure.locator("canvas").wait_for()
    slider = page.get_by_role("slider", name="γ, the focusing strength")
    before = figure.locator(".mark").bounding_box()["x"]
    for _press in range(5):
        slider.press("ArrowRight")
    figure.get_by_text("At γ = 2.5 the variant turns at σ = 1 − e^(−1/γ) = 0.3297").wait_for()
    assert figure.locator(".mark").bounding_box()["x"] < before
    page.wait_for_function("location.search.includes('gamma=2.5')")
    settle(page)
    check_fits(page)
    page.reload()
    settle(page)
    figure.get_by_text("At γ = 2.5").wait_for()
    assert "specimen=bce-inside" in page.url
