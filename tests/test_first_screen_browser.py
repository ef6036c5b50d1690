"""What a page is about is seen first, without scrolling: at a desk whole, on a phone its top."""

import pytest

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
# Of each page its main pictures, the one that is first on a phone first.
PICTURES = {
    "losses": [".loss-lab .panels"],
    "probabilities": [".board table"],
    "information": [".drag-bars"],
    "imbalance": [".stVegaLiteChart", ".matrix .plot"],
    "pitfalls": [".st-key-specimen"],
}
ENOUGH = 200  # pixels


@pytest.mark.parametrize(("name", "lang"), [*((name, "en") for name in PICTURES), ("losses", "zh")])
def test_the_picture_is_on_the_first_screen(visit, name, lang):
    page = visit(f"{name}?lang={lang}", viewport={"width": 1440, "height": 900})
    for picture in PICTURES[name]:
        box = page.locator(picture).first.bounding_box()
        assert box["height"] >= ENOUGH
        assert 0 <= box["y"] <= 900 - ENOUGH, picture
    page = visit(f"{name}?lang={lang}", viewport={"width": 400, "height": 800})
    box = page.locator(PICTURES[name][0]).first.bounding_box()
    assert 0 <= box["y"] < 800


def test_what_is_dragged_stands_above_the_curves_that_follow(visit):
    page = visit("losses", viewport={"width": 1440, "height": 900})
    page.locator(".loss-lab .u-over").first.wait_for()
    curves = page.locator(".loss-lab .panels").bounding_box()
    for slider in ("Positive weight: number", "Focusing γ"):
        box = page.get_by_role("slider", name=slider, exact=True).first.bounding_box()
        assert 0 < curves["y"] - box["y"] < 250, slider
    assert curves["x"] + curves["width"] > 1300, "nothing stands beside them"


def test_entropy_and_divergence_are_whole_on_the_first_screen(visit):
    for size in ({"width": 1440, "height": 900}, {"width": 400, "height": 800}):
        page = visit("information", viewport=size)
        box = page.locator(".drag-bars .sums").first.bounding_box()
        assert 0 <= box["y"] <= size["height"] - box["height"]
