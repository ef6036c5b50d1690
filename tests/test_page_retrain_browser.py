"""Retraining in a browser: curves follow a dragged setting, or wait until it is let go."""

import json

import numpy as np
import pytest

from mlcore.training import TrainConfig
from mlcore.training.retraining import F1S, retrain
from tests.conftest import check_fits, settle

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
SMALL = (
    "sweep?s.data=synthetic&s.synthetic.rows=500&s.synthetic.labels=10&s.epochs=5"
    "&s.loss=bce_pos_weight&s.bce_pos_weight.pos_weight=balanced"
)
OPTIONS = {"rows": 500, "labels": 10, "cardinality": 2.0}
CONFIG = {"loss": "bce_pos_weight", "model": "linear", "epochs": 5}
KEY = "r.bce_pos_weight.pos_weight"


def open_panel(visit, link: str = SMALL, **options):
    page = visit(link, **options)
    page.locator(".retrain").scroll_into_view_if_needed()
    wait_for_panel(page, "(panel) => Number(panel.dataset.draws) >= 1")
    settle(page)
    return page


def wait_for_panel(page, condition: str, arg=None) -> None:
    """Until a condition on the component and an argument holds; it stands in a shadow root."""
    panel = page.locator(".retrain").element_handle()
    page.wait_for_function(f"([panel, arg]) => ({condition})(panel, arg)", arg=[panel, arg])


def weight(page):
    return page.get_by_role("slider", name="Positive weight", exact=True)


def draws(page) -> int:
    return int(page.locator(".retrain").get_attribute("data-draws"))


def figures(page) -> np.ndarray:
    """The table of F1s: at 0.5 and tuned, each beside that of the sidebar's setting."""
    lines = page.locator(".retrain tbody tr").all()[: len(F1S)]
    return np.array(
        [[float(text) for text in line.locator("td").all_inner_texts()] for line in lines]
    )


def expected(pos_weight) -> tuple[np.ndarray, np.ndarray]:
    config = TrainConfig(**CONFIG, loss_params={"pos_weight": pos_weight}, learning_rate=0.03)
    outcome = retrain("synthetic", OPTIONS, config)
    return (
        np.array([outcome.at_half[name] for name in F1S]),
        np.array([outcome.tuned[name][1] for name in F1S]),
    )


def wait_for_value(page, value: float) -> None:
    wait_for_panel(
        page, "(panel, value) => JSON.parse(panel.dataset.values).pos_weight === value", value
    )


def in_link(page, value: str) -> None:
    page.wait_for_function(
        "([key, value]) => new URLSearchParams(location.search).get(key) === value",
        arg=[KEY, value],
    )


def test_a_drag_retrains_before_it_is_let_go_and_the_keyboard_does_too(visit):
    page = open_panel(visit)
    handle = weight(page)
    box = handle.bounding_box()
    middle = box["y"] + box["height"] / 2
    before = draws(page)
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    for share in np.linspace(0.4, 0.8, 12):
        page.mouse.move(box["x"] + box["width"] * share, middle)
        page.wait_for_timeout(30)
    wait_for_panel(page, "(panel, n) => Number(panel.dataset.draws) > n", before + 1)
    value = float(page.get_by_role("spinbutton", name="Positive weight", exact=True).input_value())
    wait_for_value(page, value)
    assert KEY not in page.url, "the server's script has not been told"
    at_half, tuned = expected(value)
    base_half, base_tuned = expected("balanced")
    columns = np.column_stack([at_half, base_half, tuned, base_tuned])
    np.testing.assert_allclose(figures(page)[:, :4], columns, atol=0.00051)
    page.mouse.up()
    in_link(page, str(value))
    said = f"macro F1 {at_half[1]:.3f} at 0.5 and {tuned[1]:.3f} tuned"
    wait_for_panel(
        page, "(panel, said) => panel.querySelector('.said').textContent.includes(said)", said
    )
    handle.focus()
    page.keyboard.press("End")
    wait_for_value(page, 100.0)
    in_link(page, "100.0")
    np.testing.assert_allclose(figures(page)[:, 0], expected(100.0)[0], atol=0.00051)


def test_what_is_too_large_is_retrained_when_let_go(visit):
    page = open_panel(
        visit, SMALL.replace("rows=500", "rows=4000").replace("epochs=5", "epochs=200")
    )
    page.get_by_text("it is retrained when you let go").wait_for()
    status = page.locator(".retrain .status").inner_text()
    assert "times too long to follow a drag (60 ms)" in status
    box = weight(page).bounding_box()
    middle = box["y"] + box["height"] / 2
    before = draws(page)
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.wait_for_timeout(1000)
    assert draws(page) == before
    page.mouse.up()
    wait_for_panel(page, "(panel, n) => Number(panel.dataset.draws) > n", before)
    dragged = json.loads(page.locator(".retrain").get_attribute("data-values"))
    in_link(page, str(dragged["pos_weight"]))


def test_nothing_is_shown_as_the_sliders_before_it_is_there(visit):
    page = open_panel(visit)
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    assert draws(page) == 1, "the sidebar's run alone is not drawn"
    # A setting of the sidebar while the reader's sentence on the run before is still to come.
    weight(page).focus()
    page.keyboard.press("ArrowRight")
    wait_for_panel(page, "(panel) => Number(panel.dataset.draws) >= 2")
    panel = page.locator(".retrain")
    panel.evaluate("""panel => new MutationObserver(() => {
        panel.dataset.waited ||= panel.classList.contains("waiting") || "";
    }).observe(panel, {attributeFilter: ["class"]})""")
    epochs = page.get_by_role("slider", name="Epochs")
    epochs.focus()
    page.keyboard.press("ArrowRight")
    said = "(panel) => panel.querySelector('.said').textContent.includes('after epoch 6')"
    wait_for_panel(page, said)
    assert not errors
    assert panel.get_attribute("data-waited") == "true", "what was drawn was of 5 epochs"
    assert "waiting" not in panel.get_attribute("class")
    assert panel.locator(".status").inner_text().startswith("Trained 6 epochs")


def test_the_panel_fits_its_window(visit):
    page = open_panel(visit, viewport={"width": 400, "height": 900}, color_scheme="dark")
    for width in (400, 1440):
        check_fits(page, ".retrain, .retrain figure, .retrain table", width=width)
    assert page.get_by_test_id("stException").count() == 0
