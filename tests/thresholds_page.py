"""What the tests of the Thresholds page share: opening it, reading it, files for it."""

import base64
import io
import re

import numpy as np
import pandas as pd

from mlcore.datasets import load
from mlcore.metrics import classification_report
from mlcore.thresholds import RULES, Choice, choose
from tests.app_pages import name_of, open_page
from tests.metrics_page import component

SMALL = {"truth.labels": "8", "truth.rows": "400", "truth.cardinality": "2.0"}
CHOSEN = {  # by the part of the page, what a hand may choose there, each away from its default
    "drag": {
        "t": "0.3",
        "rule": "per_label",
        "beta": "2.0",
        "average": "micro",
        "logt": "True",
        "rule.global.metric": "micro_f1",
    },
    "rules": {
        "t": "0.3",
        "rule": "per_label",
        "average": "micro",
        "label": "label 5",
        "rule.cost.c_FN": "2.0",
    },
    "calibration": {
        "weight": "3.0",
        "cells": "the selected label",
        "label": "label 5",
        "bins": "uniform",
        "logc": "False",
        "theorem.weight": "30.0",
    },
}
SEEN = {"seen": "thresholds-half.thresholds-weight"}  # so that the theorems are open
AVERAGES = ("samples", "weighted", "macro", "micro")
METRICS = ("samples_f1", "micro_f1", "macro_f1", "weighted_f1")
GRID = np.linspace(0, 1, 1001)
FLOAT32 = {"rtol": 1e-6, "atol": 1e-7}  # the browser is sent float32
NAME = "scores.npz"


def open_thresholds(**link: str):
    app = open_page("thresholds", **{**SMALL, **SEEN, **link})
    assert not app.exception
    assert not app.warning
    return app


def open_rules(**link: str):
    """The rules, with their prediction skipped."""
    return skip(open_thresholds(part="rules", **link))


def skip(app):
    """Skip the prediction, if one is asked for."""
    for button in app.button:
        if button.key.endswith(".skip"):
            button.click()
    return run(app)


def show(app, part: str):
    """Another part of the page, with what it shows after a prediction."""
    return skip(choose_value(app, "button_group", "part", part))


def run(app):
    app.run()
    assert not app.exception
    return app


def choose_value(app, kind: str, key: str, value):
    """Choose in the widget that has this name in the link."""
    named = re.compile(re.escape(key) + r"(\.\d+)?")  # a box that follows others is numbered
    (widget,) = (one for one in getattr(app, kind) if named.fullmatch(name_of(app, one.key)))
    widget.set_value(value)
    return run(app)


def dataset():
    return load("synthetic", labels=8, rows=400, cardinality=2.0)


def parts(data=None) -> dict:
    """Targets and true probabilities of the rows to tune on and to report on, cardinality too."""
    data = data or dataset()
    return {
        "tuning": (data.y[data.validation], data.probabilities[data.validation]),
        "report": (data.y[data.test], data.probabilities[data.test]),
        "cardinality": float(data.y[data.train].sum(axis=1).mean()),
    }


def all_choices(known: dict, settings: dict | None = None) -> dict[str, Choice]:
    return {
        rule: choose(
            rule,
            *known["tuning"],
            cardinality=known["cardinality"],
            **(settings or {}).get(rule, {}),
        )
        for rule in RULES
    }


def table(app, column: str, *, without: str = "nothing") -> pd.DataFrame:
    """The table on screen that has this column, or a row of this name."""
    for frame in app.dataframe:
        names = {*frame.value.columns, *frame.value.index}
        if column in names and without not in names:
            return frame.value
    raise AssertionError(f"no table with {column}")


def report(app) -> pd.DataFrame:
    """What stands in the two tables of the classification report."""
    labels = table(app, "f1-score", without="micro avg")
    return pd.concat([labels, table(app, "micro avg")])


def same(actual: pd.DataFrame, expected: pd.DataFrame) -> None:
    # The library and the page divide whole numbers; only the order of sums differs.
    pd.testing.assert_frame_equal(actual, expected, check_dtype=False, rtol=1e-12, atol=1e-12)


def same_report(app, targets, predictions, names) -> None:
    """Whether the report is that of these rows, and says which labels macro is over."""
    options = {"label_names": names, "macro_over": "occurring"}
    same(report(app), classification_report(targets, predictions, **options))
    occurring = f"{targets.any(axis=0).sum():,} of {len(names):,} have a true row here"
    assert f"Macro averages are over the labels that occur: {occurring}" in captions(app)


def captions(app) -> str:
    return "\n".join(caption.value for caption in app.caption)


def markdown(app) -> str:
    return "\n".join(text.value for text in app.markdown)


class Drawn:
    """What a chart's component is given: its figures by name of row and by panel and line."""

    def __init__(self, app, key: str) -> None:
        self.data = component(app, key)
        numbers = np.frombuffer(base64.b64decode(self.data["columns"]), "<f4")
        self.columns = numbers.reshape(-1, self.data["size"])
        self.panels = {panel["title"]: panel for panel in self.data["panels"]}

    def row(self, name: str) -> dict[str, np.ndarray]:
        """The figures below each head of a row of the table."""
        columns = next(row["columns"] for row in self.data["rows"] if row["name"] == name)
        named = zip(self.data["heads"], columns, strict=True)
        return {head: self.columns[place] for head, place in named if place is not None}

    def line(self, panel: str, name: str) -> np.ndarray:
        lines = self.panels[panel]["lines"]
        return self.columns[next(line["column"] for line in lines if line["name"] == name)]


def scored() -> tuple[np.ndarray, np.ndarray]:
    """Targets and logits of a file."""
    rng = np.random.default_rng(1)
    logits = rng.normal(-1, 2, (60, 5))
    targets = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.uint8)
    return targets, logits


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def parquet(text: str) -> bytes:
    file = io.BytesIO()
    pd.read_csv(io.StringIO(text)).to_parquet(file)
    return file.getvalue()


def halves(rows: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(0).permutation(rows)
    return np.sort(order[: rows // 2]), np.sort(order[rows // 2 :])


def upload(app, name: str, content: bytes, kind: str | None = "logits"):
    app.file_uploader[0].set_value((name, content, "application/octet-stream"))
    if kind:
        app.button_group(key="thresholds.scores_kind").set_value(kind)
    return run(app)


def open_file(name: str, content: bytes, kind: str | None = "logits", **link: str):
    app = open_page("thresholds", source="file", t="0.3", **link)
    return skip(upload(app, name, content, kind))


TARGETS, LOGITS = scored()
