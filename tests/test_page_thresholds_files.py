"""Files that people bring to the Thresholds page: good, bad, odd and large ones."""

import re

import numpy as np
import pytest

from mlcore.files import example_csv
from mlcore.thresholds import choose
from tests.app_pages import open_page
from tests.thresholds_page import (
    LOGITS,
    NAME,
    TARGETS,
    Drawn,
    captions,
    choose_value,
    halves,
    npz,
    open_file,
    parquet,
    report,
    same,
    same_report,
    scored,
    show,
    table,
    upload,
)


@pytest.fixture(scope="module")
def app():
    """One opened page that takes many files, one after the other."""
    return open_page("thresholds", source="file", t="0.3")


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_a_file_is_read_and_shown_as_scikit_learn_sees_it(app, ending, kind):
    targets, scores = scored()
    names = ["a", "b,c", "δ", "<i>e</i>", "f"]
    probabilities = 1 / (1 + np.exp(-scores))
    if kind == "probabilities":
        scores = probabilities
    text = example_csv(targets, scores, names)
    content = {
        "npz": lambda: npz(targets=targets, scores=scores, label_names=np.array(names)),
        "csv": text.encode,
        "parquet": lambda: parquet(text),
    }[ending]()
    app.session_state["thresholds.rule"], app.session_state["thresholds.t"] = "hand", 0.3
    upload(app, f"scores.{ending}", content, kind)
    assert not app.error
    _, rows = halves(60)
    same_report(app, targets[rows], probabilities[rows] >= 0.3, names)
    assert table(app, "missed")["row"].tolist() == [f"row {row + 1}" for row in rows]
    assert "30 rows drawn at random to tune on, 30 to report on" in captions(app)


def test_what_the_scores_are_must_be_said():
    targets, scores = scored()
    app = open_file(NAME, npz(targets=targets, scores=scores), kind=None)
    assert "Say what the scores are" in app.warning[0].value
    assert not app.dataframe
    choose_value(app, "button_group", "scores_kind", "logits")
    assert not app.warning
    assert len(report(app)) == 5 + 4


BAD = {
    "above one": (npz(targets=TARGETS, scores=LOGITS), NAME, "probabilities", "probabilities"),
    "nan": (npz(targets=TARGETS, scores=LOGITS * np.nan), NAME, "logits", "nan"),
    "target two": (npz(targets=TARGETS + 1, scores=LOGITS), NAME, "logits", "got 2"),
    "shapes": (npz(targets=TARGETS[1:], scores=LOGITS), NAME, "logits", "same shape"),
    "no scores": (npz(targets=TARGETS), NAME, "logits", "targets and scores"),
    "not an npz": (b"PK\x03\x04 no zip at all", NAME, "logits", "npz"),
    "no csv": (b"\x00\x01\x02", "a.csv", "logits", "comma-separated text"),
    "a page": (b"<html><script>alert(1)</script>", "a.csv", "logits", "comma-separated text"),
    "ragged": (b"true:a,score:a\n1,2\n1\n", "a.csv", "logits", "line 3"),
    "words": (b"true:a,score:a\n1,high\n", "a.csv", "logits", "must hold numbers"),
    "no pair": (b"true:a,score:b\n1,2\n", "a.csv", "logits", "score:a"),
    "header alone": (b"true:a,score:a\n", "a.csv", "logits", "row"),
    "empty": (b"", "a.csv", "logits", "empty"),
    "no parquet": (b"PAR1", "a.parquet", "logits", "parquet"),
    "pickle": (
        npz(targets=np.array([[{}]], object), scores=LOGITS),
        NAME,
        "logits",
        "pickled",
    ),
}


@pytest.fixture(scope="module")
def good():
    """A page that has read a file, and the report on it."""
    app = open_file(NAME, npz(targets=TARGETS, scores=LOGITS))
    return app, report(app)


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_a_message_and_what_was_read_before_stays(good, case):
    app, before = good
    content, name, kind, message = BAD[case]
    upload(app, name, content, kind)
    assert "What was read before is still below" in app.error[0].value
    assert message in app.text[0].value
    same(report(app), before)
    assert not re.search("Traceback|Error:", app.text[0].value)


def test_a_bad_file_that_comes_first_is_a_message():
    app = open_file(NAME, b"PK", "logits")
    assert app.error[0].value == "This file was not read."
    assert "npz" in app.text[0].value
    assert not app.dataframe


EDGES = {
    "one row": (np.array([[1, 0]]), np.array([[2.0, -1.0]])),
    "one true cell": (np.array([[1]]), np.array([[2.0]])),
    "one label": (TARGETS[:, :1], LOGITS[:, :1]),
    "two rows": (TARGETS[:2], LOGITS[:2]),
    "a label always true": (np.maximum(TARGETS, [1, 0, 0, 0, 0]), LOGITS),
    "a label never true": (np.minimum(TARGETS, [0, 1, 1, 1, 1]), LOGITS),
    "no positives": (np.zeros_like(TARGETS), LOGITS),
    "all true": (np.ones_like(TARGETS), LOGITS),
    "one score": (TARGETS, np.zeros_like(LOGITS)),
    "saturated": (TARGETS, LOGITS * 1e30),
    "five true cells": (np.eye(40, 5, dtype=np.uint8), LOGITS[:40]),
}


@pytest.mark.parametrize("case", EDGES)
def test_odd_tables_are_shown_with_the_figures_of_scikit_learn(app, case):
    targets, logits = EDGES[case]
    app.session_state["thresholds.rule"] = "half"
    upload(app, NAME, npz(targets=targets, scores=logits))
    with np.errstate(over="ignore"):
        probabilities = 1 / (1 + np.exp(-logits))
    rows = halves(len(targets)) if len(targets) > 1 else ([0], [0])
    tuning, reported = ((targets[part], probabilities[part]) for part in rows)
    names = [f"label {place + 1}" for place in range(targets.shape[1])]
    for rule in ("half", "per_label_guarded", "top_k", "cardinality"):
        if rule != "half":
            choose_value(app, "button_group", "rule", rule)
        choice = choose(rule, *tuning, cardinality=float(tuning[0].sum(axis=1).mean()))
        predictions = choice.predict(reported[1])
        same_report(app, reported[0], predictions, names)


def test_983_labels_are_shown():
    rng = np.random.default_rng(0)
    logits = rng.normal(-4, 2, (200, 983)).astype(np.float32)
    targets = (rng.random(logits.shape) < 0.01).astype(np.uint8)
    app = open_file(NAME, npz(targets=targets, scores=logits))
    _, rows = halves(200)
    predictions = 1 / (1 + np.exp(-logits[rows])) >= np.float32(0.3)
    names = [f"label {place + 1}" for place in range(983)]
    same_report(app, targets[rows], predictions, names)
    show(app, "rules")
    choose_value(app, "selectbox", "label", "label 983")
    assert Drawn(app, "own 982 chart").data["size"] == 1001


MARKED = "**a** :red[b] $c$ [d](http://e.example) <i>f</i>"


def words(app) -> str:
    """All that the page writes as Markdown."""
    kinds = (app.caption, app.markdown, app.error, app.warning, app.info)
    return "\n".join(text.value for kind in kinds for text in kind)


def test_the_name_of_a_label_is_text_and_not_markdown():
    content = example_csv(TARGETS[:, :1], LOGITS[:, :1], [MARKED]).encode()
    app = open_file("a.csv", content, part="calibration")
    choose_value(app, "selectbox", "cells", "the selected label")
    assert app.selectbox(key="thresholds.label").value == MARKED
    assert MARKED not in words(app)


def test_the_name_of_a_file_is_text_and_not_markdown():
    app = open_file("**a** :red[b].npz", npz(targets=TARGETS, scores=LOGITS))
    assert "**a** :red[b]" not in words(app)


def test_the_example_file_can_be_read():
    app = open_page("thresholds", source="file")
    assert app.download_button(key="scores_example").label == "A small example file"
    from pages.ui.thresholds.sources import example_file

    app = open_file("example-scores.csv", example_file().encode(), "probabilities")
    assert not app.error
    assert len(report(app)) == 4 + 4
