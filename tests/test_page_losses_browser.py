"""The Losses page in a browser: curves follow a dragged parameter without a script run."""

from itertools import product

import pytest

from mlcore.learn.response import POINTS, Scene, curves
from tests.conftest import check_fits, settle

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
LINK = "losses?losses=bce.focal.softmax"


def open_lab(visit, link: str = LINK, **options):
    page = visit(link, **options)
    page.wait_for_selector(".loss-lab[data-moves]")
    settle(page)
    return page


def slider(page, name: str):
    return page.get_by_role("slider", name=name, exact=True).first


def answers(page) -> int:
    return int(page.locator(".loss-lab").get_attribute("data-answers"))


def readout(page) -> dict[str, list[float]]:
    """The table at the cursor, by loss."""
    table = page.locator(".loss-lab .tables > .readout")
    rows = {}
    for line in table.locator("tbody tr").all():
        texts = [text.replace("−", "-") for text in line.locator("td").all_inner_texts()]
        rows[line.locator("th").inner_text()] = [float(text) for text in texts]
    return rows


def in_link(page, key: str, value: str) -> None:
    page.wait_for_function(
        "([key, value]) => new URLSearchParams(location.search).get(key) === value",
        arg=[key, value],
    )


def wait_for_focal(page, gamma: float, z: float = 0.0) -> None:
    """Until the table says what the library says for this gamma."""
    place = round((z + 8) / 16 * (POINTS - 1))
    loss = curves("focal", {"gamma": gamma}, Scene())[0, place]
    wait_for_lab(
        page,
        """([lab, loss]) => {
            const body = lab.querySelector(".tables > .readout tbody");
            return Math.abs(Number(body.rows[1]?.cells[1].textContent) - loss) <= 0.006 * loss;
        }""",
        float(loss),
    )


def wait_for_lab(page, condition: str, arg=None) -> None:
    """Until a condition on [the component, an argument] holds; it stands in a shadow root."""
    page.wait_for_function(condition, arg=[page.locator(".loss-lab").element_handle(), arg])


def test_curves_follow_a_dragged_parameter_before_it_is_let_go(visit):
    page = open_lab(visit)
    wait_for_focal(page, 2.0)
    handle = slider(page, "Focusing γ")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    middle = box["y"] + box["height"] / 2
    before = answers(page)
    page.mouse.move(box["x"] + box["width"] / 5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle, steps=8)
    wait_for_lab(page, "([lab, n]) => Number(lab.dataset.answers) > n", before + 1)
    gamma = float(handle.input_value())
    assert 4 < gamma < 6
    wait_for_focal(page, gamma)
    assert "focal.gamma" not in page.url, "the server's script has not been told"
    notes = "getComputedStyle(document.querySelector('.st-key-notes > *')).opacity"
    assert page.evaluate(notes) == "0.3", "they are of before"
    page.mouse.up()
    page.wait_for_function(f"{notes} === '1'")
    in_link(page, "focal.gamma", str(gamma))
    settle(page)
    wait_for_focal(page, gamma)
    said = "Loss of a true label (nats). At logit 0: Sigmoid BCE 0.693; Focal loss "
    wait_for_lab(
        page, "([lab, said]) => lab.querySelector('.holder').ariaLabel?.startsWith(said)", said
    )


def test_sliders_and_cursor_work_by_keyboard_and_by_typing(visit):
    page = open_lab(visit, "losses?losses=bce_pos_weight.focal")
    gamma = slider(page, "Focusing γ")
    gamma.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for_focal(page, 2.3)
    in_link(page, "focal.gamma", "2.3")
    weight = page.get_by_role("spinbutton", name="Positive weight: number", exact=True).first
    weight.fill("9")
    weight.press("Enter")
    in_link(page, "bce_pos_weight.pos_weight.number", "9.0")
    said = "BCE with pos_weight 6.24;"  # 9 log 2
    wait_for_lab(
        page, "([lab, said]) => lab.querySelector('.holder').ariaLabel?.includes(said)", said
    )
    cursor = slider(page, "Logit that moves")
    cursor.focus()
    page.keyboard.press("Home")
    in_link(page, "z", "-8.0")
    wait_for_focal(page, 2.3, -8.0)
    assert readout(page)["Focal loss"][1] == pytest.approx(
        curves("focal", {"gamma": 2.3}, Scene())[1, 0], rel=0.005
    )
    over = page.locator(".loss-lab .u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('z')) > 3")
    assert float(cursor.input_value()) == pytest.approx(4.0, abs=0.2)


def test_the_balance_opens_with_the_prediction_and_follows_its_slider(visit):
    page = open_lab(visit)
    assert page.locator(".balance").count() == 0
    number = page.get_by_label("Your prediction").first
    number.fill("100.9")
    number.press("Enter")
    page.get_by_role("button", name="Check").first.click()
    page.get_by_text("Right.").wait_for()
    page.locator(".balance .readout").first.wait_for()
    page.get_by_text("507 negatives and 5 positives pull").wait_for()
    start = page.locator(".balance .readout").first.locator("tbody tr").first.locator("td")
    assert start.all_inner_texts() == ["254", "2.50", "101"]
    page.get_by_text("More settings").click()
    positives = page.get_by_role("spinbutton", name="Cells that are true", exact=True).first
    positives.fill("64")
    positives.press("Enter")
    page.get_by_text("448 negatives and 64 positives").wait_for()
    assert start.all_inner_texts() == ["224", "32.0", "7.00"]
    in_link(page, "positives", "64")


def test_the_page_fits_its_window(visit):
    page = open_lab(visit, viewport={"width": 400, "height": 900})
    for scheme, width in product(("light", "dark"), (400, 1440)):
        page.emulate_media(color_scheme=scheme)
        check_fits(page, ".loss-lab, .loss-lab figure", width=width)
    assert page.get_by_test_id("stException").count() == 0
