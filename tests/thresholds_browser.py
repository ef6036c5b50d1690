"""What the tests of the Thresholds page in a browser share: finding its parts, reading them."""

import io
import re

import pandas as pd

from mlcore.thresholds import Choice
from pages.ui.thresholds.decision import decided_by
from tests.conftest import settle
from tests.thresholds_page import SMALL

LINK = "thresholds?" + "&".join(f"{key}={value}" for key, value in SMALL.items())


RULES = f"{LINK}&part=rules"
CALIBRATION = f"{LINK}&part=calibration"


def show(page, part: str) -> None:
    """Go to another part of the page."""
    page.get_by_role("radio", name=part, exact=True).click()
    in_link(page, "part", None if part == "Drag" else part.lower())  # written at the end of a run
    settle(page)


def no_exception(page) -> None:
    assert page.get_by_test_id("stException").count() == 0


def chart(page, place: int = 0):
    """A component with curves: the first over all labels, the second of the one picked."""
    found = page.locator(".curves").nth(place)
    found.locator(".u-over").first.wait_for()
    return found


def slider(page, place: int = 0):
    return page.locator(".drag-slider").nth(place).locator("input[type=range]")


def number(page, place: int = 0):
    return page.locator(".drag-slider").nth(place).locator("input[type=number]")


def moves(sweep) -> int:
    return int(sweep.evaluate("sweep => sweep.dataset.moves ?? 0"))


def readout(sweep) -> tuple[float, dict[str, list[str]]]:
    """The threshold above the table at the cursor, and the texts of its rows."""
    lines = sweep.locator(".readout").evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    threshold = float(re.search(r"[\d.]+$", lines[0][0]).group())
    return threshold, {name: values for name, *values in lines[1:]}


def decided(page, choice: Choice | str) -> None:
    """Wait until Python has decided by a choice, or by the one threshold that is written so."""
    if isinstance(choice, str):
        choice = Choice(rule="by hand", threshold=float(choice))
    page.get_by_text(decided_by(choice, 60)).wait_for()


def in_link(page, key: str, value: str | None) -> None:
    page.wait_for_function(
        "([key, value]) => new URLSearchParams(location.search).get(key) === value",
        arg=[key, value],
    )


def point(over, share: float) -> tuple[float, float]:
    box = over.bounding_box()
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def download(page, name: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("button", name=name).click()
    with open(found.value.path(), "rb") as file:
        return file.read()


def downloaded_report(page) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(download(page, "Report as CSV")), index_col="label")


def rule(page, title: str):
    return page.get_by_test_id("stButtonGroup").get_by_role("radio", name=title, exact=True)


def choose_option(page, label: str, option: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)  # opens the list again if scrolling has closed it
    page.get_by_role("option", name=option, exact=True).click()
