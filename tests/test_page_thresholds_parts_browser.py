"""The parts of the Thresholds page in a browser: what is seen at first, lights up, is clicked."""

import numpy as np
import pytest

from tests.conftest import settle, wait_until
from tests.test_looks_browser import check_still, watch
from tests.thresholds_browser import (
    CALIBRATION,
    LINK,
    RULES,
    chart,
    choose_option,
    decided,
    in_link,
    no_exception,
    rule,
    show,
    slider,
)
from tests.thresholds_page import CHOSEN, all_choices, parts

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
SIZES = [(1440, 900), (400, 900), (400, 800)]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_chart_and_slider_are_on_the_first_screen(visit, width, height, lang):
    size = {"width": width, "height": height}
    page = visit(f"{LINK}&lang={lang}", viewport=size, apart=True, prepare=watch)
    plot, range = chart(page).locator(".u-over").bounding_box(), slider(page).bounding_box()
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    assert 0 < plot["y"] < plot["y"] + plot["height"] < range["y"]
    assert range["y"] + range["height"] <= height
    assert plot["height"] >= 0.2 * height
    check_still(page)


def lit(page) -> list[list[str]]:
    """The state of each label of each row."""
    return page.locator(".rows").evaluate(
        """rows => [...rows.querySelectorAll(".line")].map((line) =>
            [...line.querySelectorAll(".chip")].map((chip) => chip.classList[1]))"""
    )


def states(predicted: np.ndarray) -> list[list[str]]:
    """What they should be, of the first rows to report on."""
    targets, probabilities = parts()["report"]
    names = np.array([["neither", "wrong"], ["missed", "found"]])
    order = np.argsort(-probabilities[:8], axis=1, kind="stable")
    shown = names[targets[:8].astype(int), predicted[:8].astype(int)]
    return np.take_along_axis(shown, order, 1).tolist()


def test_rows_light_up_while_the_slider_is_dragged(visit):
    page = visit(LINK)
    _targets, probabilities = parts()["report"]
    page.evaluate("document.addEventListener('change', (e) => e.stopPropagation(), true)")
    for value in ("0.5", "0.2", "0.05", "0.8"):
        slider(page).evaluate(
            "(it, value) => { it.value = value; it.dispatchEvent(new Event('input')); }", value
        )
        wait_until(lambda v=value: lit(page) == states(probabilities >= float(v)), value)
    in_link(page, "t", None)


def test_rows_show_what_a_rule_decides_until_the_cursor_moves(visit):
    page = visit(f"{LINK}&rule=top_k")
    known = parts()
    choice = all_choices(known)["top_k"]
    _targets, probabilities = known["report"]
    wait_until(lambda: lit(page) == states(choice.predict(probabilities)), "the rule")
    slider(page).press("ArrowRight")
    wait_until(lambda: lit(page) == states(probabilities >= 0.501), "the cursor")


def test_a_click_on_a_row_of_the_rules_decides_by_that_rule_and_pills_mark_the_row(visit):
    page = visit(RULES)
    assert page.locator("[class*=st-key-rules_table]").count() == 0
    page.get_by_role("button", name="Skip").click()
    settle(page)
    table = page.locator("[class*=st-key-rules_table]")
    table.locator("canvas").first.wait_for()
    table.scroll_into_view_if_needed()
    box = table.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 120, box["y"] + 35 * 2.5)  # the second rule, anywhere in its row
    in_link(page, "rule", "global")
    choice = all_choices(parts())["global"]
    decided(page, choice)
    assert rule(page, "One threshold").get_attribute("aria-checked") == "true"
    rule(page, "From costs").click()
    in_link(page, "rule", "cost")
    picked = table.locator("[role=row][aria-selected=true]")
    wait_until(lambda: "From costs" in "".join(picked.all_text_contents()), "the row")
    no_exception(page)


def test_calibration_follows_the_selected_label(visit):
    page = visit(f"{CALIBRATION}&label=label+3&cells=the+selected+label")
    page.get_by_text("cells: label 3").wait_for()
    choose_option(page, "Selected label", "label 5")
    page.get_by_text("cells: label 5").wait_for()
    show(page, "Rules")
    page.get_by_text("Threshold of label 5 alone").wait_for()


def test_settings_of_the_calibration_survive_a_reload(visit):
    page = visit(CALIBRATION)
    choose_option(page, "Cells", "the selected label")
    in_link(page, "cells", "the selected label")
    choose_option(page, "Selected label", "label 5")
    in_link(page, "label", "label 5")
    choose_option(page, "Bins", "uniform")
    in_link(page, "bins", "uniform")
    page.get_by_text("Logarithmic axes").click()
    in_link(page, "logc", "False")
    page.reload()
    settle(page)
    page.get_by_text("cells: label 5").wait_for()
    for key in ("cells", "label", "bins", "logc"):
        in_link(page, key, CHOSEN["calibration"][key])
    no_exception(page)
