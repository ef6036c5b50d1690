"""Rows in words: all of the one picked, and a gallery of those that are pictures."""

import re

import numpy as np
from streamlit.testing.v1 import AppTest

from mlcore.datasets import load
from tests.app_pages import QUICK, button, newest_run, open_page, wait_for


def many() -> None:
    """A row with forty tags that nothing found, and one with a wrong tag."""
    from mlcore.metrics import row_table
    from pages.ui.kit.report import draw_rows

    targets = [[1] * 40, [0] * 39 + [1]]
    predictions = [[0] * 40, [1] + [0] * 39]
    names = [f"tag::{n}" for n in range(40)]
    draw_rows(row_table(targets, predictions, names, ["<a>", "b"]), key="rows")


def card(app) -> str:
    (found,) = (each.proto.body for each in app.get("html") if "row-card" in each.proto.body)
    return found


def test_the_row_picked_is_shown_with_all_of_its_labels():
    app = AppTest.from_function(many).run()
    assert "<b>&lt;a&gt;</b>" in card(app)
    missed = card(app).partition("true, not predicted")[2].partition("predicted, not true")[0]
    assert re.findall("<span>(.*?)</span>", missed) == [f"tag::{n}" for n in range(40)]
    for place, name in ((1, "<b>b</b>"), (7, "<b>b</b>"), (0, "<b>&lt;a&gt;</b>")):
        cells = [[place, "row"]]
        app.session_state["rows"] = {"selection": {"rows": [], "columns": [], "cells": cells}}
        app.run()
        assert not app.exception
        assert name in card(app)


def test_rows_of_pictures_are_a_gallery_that_says_what_was_found():
    app = open_page("train", **{**QUICK, "data": "digits", "digits.rows": "300"}, threshold="0.2")
    button(app, "run_button").click().run()
    run = newest_run(app)
    wait_for(run, "finished")
    app.run()
    (gallery,) = (each.proto.body for each in app.get("html") if "gallery" in each.proto.body)
    said = re.findall(
        '<img src="data:image/png;base64,[^"]+" alt="row ([0-9]+)">(.*?)</fig', gallery
    )
    test = run.dataset.test
    assert [int(row) for row, _labels in said] == test.tolist()
    predicted = run.predictions["test"][0] >= 0.2
    marks = {(1, True): "✓", (1, False): "○", (0, True): "✗"}
    for row, (_name, labels), theirs in zip(test, said, predicted, strict=True):
        expected = {
            f"{marks[truth, guess]} {digit}"
            for digit, (truth, guess) in enumerate(
                zip(run.dataset.y[row].tolist(), theirs.tolist(), strict=True)
            )
            if truth or guess
        }
        assert set(re.findall("<span>(.*?)</span>", labels)) == expected
    app.switch_page("../thresholds.py").run()
    assert not app.exception
    assert any("gallery" in each.proto.body for each in app.get("html"))


def test_a_picture_of_a_row_has_its_pixels_dark_on_light():
    import base64
    import io

    from PIL import Image

    from pages.ui.kit.data_set import data_picture

    digits = load("digits", rows=300)
    link = data_picture(digits, 3)
    file = io.BytesIO(base64.b64decode(link.partition("base64,")[2]))
    pixels = np.asarray(Image.open(file), float)
    # A byte for each pixel: a level is 1 / 255.
    np.testing.assert_allclose(1 - pixels / 255, digits.x[3].reshape(16, 16), atol=1 / 255)
