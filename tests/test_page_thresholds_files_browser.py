"""Files of the Thresholds page in a browser: downloaded as on screen, brought and refused."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from mlcore.files import example_csv
from mlcore.metrics import classification_report
from mlcore.thresholds import choose, from_json
from tests.conftest import settle
from tests.thresholds_browser import (
    LINK,
    chart,
    decided,
    download,
    downloaded_report,
    moves,
    no_exception,
    rule,
    show,
    slider,
)
from tests.thresholds_page import (
    LOGITS,
    NAME,
    TARGETS,
    dataset,
    npz,
    parquet,
    parts,
)

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_thresholds_and_report_are_downloaded_as_they_are_on_screen(visit):
    known, names = parts(), dataset().label_names
    targets, probabilities = known["report"]
    page = visit(LINK)
    for title, key in (("One for each label", "per_label"), ("The k most likely", "top_k")):
        rule(page, title).click()
        choice = choose(key, *known["tuning"], cardinality=known["cardinality"])
        decided(page, choice)
        predictions = choice.predict(probabilities)
        text = download(page, "Thresholds as JSON").decode()
        assert json.loads(text)["rule"] == key
        read = from_json(text, names)
        assert read.top == choice.top
        np.testing.assert_array_equal(read.predict(probabilities), predictions)
        space = {"probabilities": probabilities}
        exec(download(page, "Thresholds as Python").decode(), space)
        np.testing.assert_array_equal(space["predictions"], predictions)
        options = {"label_names": names, "macro_over": "occurring"}
        expected = classification_report(targets, predictions, **options)
        pd.testing.assert_frame_equal(
            downloaded_report(page), expected, check_names=False, check_dtype=False
        )
    no_exception(page)


def give(page, name: str, content: bytes) -> None:
    page.locator('input[type="file"]').first.set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_files_are_read_and_bad_ones_leave_what_was_there(visit):
    page = visit("thresholds?source=file&t=0.3")
    names = [f"<img src=x id={letter}>" for letter in "abcde"]
    text = example_csv(TARGETS, LOGITS, names)
    give(page, NAME, npz(targets=TARGETS, scores=LOGITS))
    page.get_by_text("Say what the scores are: logits or probabilities.").wait_for()
    assert page.locator(".curves").count() == 0
    page.get_by_role("radio", name="logits", exact=True).click()
    page.get_by_text("The file scores.npz: 30 rows drawn at random").wait_for()
    assert len(downloaded_report(page)) == 5 + 4
    give(page, "b.parquet", parquet(text))
    page.get_by_text("The file b.parquet: 30 rows").wait_for()
    give(page, "c.csv", text.encode())
    page.get_by_text("The file c.csv: 30 rows").wait_for()
    settle(page)
    assert page.locator("img[src=x]").count() == 0
    show(page, "Rules")
    page.get_by_text(re.compile("^Threshold of <img src=x id=.> alone")).wait_for()
    show(page, "Drag")
    before = downloaded_report(page)
    assert list(before.index[:5]) == names
    for name, content, message in (
        ("two.npz", npz(targets=TARGETS + 1, scores=LOGITS), "got 2"),
        ("nan.npz", npz(targets=TARGETS, scores=LOGITS * np.nan), "nan"),
        ("shapes.npz", npz(targets=TARGETS[1:], scores=LOGITS), "same shape"),
        ("page.csv", b"<html><script>alert(1)</script>", "<html><script>alert(1)</script>"),
    ):
        give(page, name, content)
        page.get_by_test_id("stText").filter(has_text=message).wait_for()
        page.get_by_text("What was read before is still below").wait_for()
        assert page.get_by_text("The file c.csv: 30 rows").count() == 1
        no_exception(page)
    give(page, "logits.npz", npz(targets=TARGETS, scores=LOGITS))
    page.get_by_text("The file logits.npz: 30 rows").wait_for()
    page.get_by_role("radio", name="probabilities", exact=True).click()
    page.get_by_text("This file was not read").wait_for()
    assert page.get_by_text("The file logits.npz: 30 rows").count() == 1
    no_exception(page)


def test_files_with_one_row_or_nothing_true_are_drawn(visit):
    page = visit("thresholds?source=file")
    page.get_by_role("radio", name="logits", exact=True).click()
    for rows in (1, 40):
        give(page, f"{rows}.npz", npz(targets=np.zeros((rows, 1), int), scores=LOGITS[:rows, :1]))
        page.get_by_text(f"The file {rows}.npz:").wait_for()
        settle(page)
        for part in ("Drag", "Rules"):
            show(page, part)
            sweep = chart(page)
            before = moves(sweep)
            slider(page).press("ArrowRight")
            page.wait_for_function(
                "([sweep, n]) => Number(sweep.dataset.moves) > n",
                arg=[sweep.element_handle(), before],
            )
        page.get_by_text("Moved by hand: 1 of 1 labels.").wait_for()
        no_exception(page)


def test_streamlits_own_words_for_an_upload_are_in_the_readers_language(visit):
    page = visit("thresholds?source=file&lang=zh")
    page.get_by_role("button", name="上传文件", exact=True).wait_for()
    for words in (re.compile("^Upload$"), "per file"):
        assert not page.get_by_text(words).filter(visible=True).count()
    page.evaluate(
        """() => {
            const moved = new DataTransfer();
            moved.items.add(new File(["1"], "scores.csv"));
            const zone = document.querySelector("[data-testid=stFileUploaderDropzone]");
            const options = { dataTransfer: moved, bubbles: true };
            zone.dispatchEvent(new DragEvent("dragenter", options));
        }"""
    )
    english = page.get_by_text("Drag and drop a file here")
    assert english.evaluate("it => getComputedStyle(it).fontSize") == "0px"
    assert "把文件拖放到这里" in english.evaluate("it => getComputedStyle(it, '::after').content")
