"""The table of the Metrics page: its text in the link, its presets, and what is drawn of it."""

import re

import numpy as np

from mlcore.checks import check_choice
from mlcore.figures import RATIOS
from mlcore.metrics.averages import Counts, Ratio, average, cells, counts
from pages.ui.kit.cell_table import STATES, cell, head
from pages.ui.kit.numbers import two
from pages.ui.words import N_, _

MOST_ROWS, MOST_LABELS, WIDEST = 8, 12, 512
FIGURES = tuple(RATIOS)
AVERAGED = FIGURES[:3]
AVERAGES = ("samples", "macro", "weighted", "micro")  # as the table has them
PICK = re.compile(
    rf"({'|'.join(AVERAGES)}|row[1-9]\d*|label[1-9]\d*)\.({'|'.join(FIGURES)})", re.ASCII
)


def _wide_zeros() -> str:
    targets = np.zeros(WIDEST, dtype=int)
    targets[np.linspace(40, WIDEST - 60, 5).astype(int)] = 1
    return write_table(targets[None], np.zeros((1, WIDEST), dtype=int))


def read_table(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions, both (n, k) booleans, from "10101-11001.00100-00110" or a preset.

    Raises:
        ValueError: If it is neither, or too large to edit.
    """
    rows = [row.split("-") for row in PRESETS.get(text, text).split(".")]
    n_labels = len(rows[0][0])
    most = WIDEST if len(rows) == 1 else MOST_LABELS
    half = f"[01]{{{n_labels}}}"
    if not all(len(row) == 2 and re.fullmatch(f"{half}-{half}", "-".join(row)) for row in rows) or (
        len(rows) > MOST_ROWS or not 1 <= n_labels <= most
    ):
        raise ValueError(
            _(
                "table must be one of {presets}, or true and predicted labels of 0 and 1, as many "
                "in each row, as in 101-110.001-011: at most {rows} rows and {labels} labels, or "
                "one row of {widest}"
            ).format(presets=", ".join(PRESETS), rows=MOST_ROWS, labels=MOST_LABELS, widest=WIDEST)
        )
    table = np.array([[[mark == "1" for mark in half] for half in row] for row in rows])
    return table[:, 0], table[:, 1]


def write_table(targets: np.ndarray, predictions: np.ndarray) -> str:
    """The text that `read_table` reads; a preset's name where it is one."""

    def half(row):
        return "".join("01"[int(mark)] for mark in row)

    rows = zip(targets, predictions, strict=True)
    text = ".".join(f"{half(true)}-{half(predicted)}" for true, predicted in rows)
    return next((name for name, preset in PRESETS.items() if preset == text), text)


def check_table(text: str) -> str:
    """The table that a link asks for; raises ValueError if it is none."""
    return write_table(*read_table(text))


def check_pick(text: str) -> str:
    """The figure that a link asks for; raises ValueError if there is no such figure."""
    found = PICK.fullmatch(text)
    if not found:
        raise ValueError(
            _(
                "figure must be one of samples, macro, weighted, micro, row1, label1 and so on, "
                "with one of {figures} behind a dot"
            ).format(figures=", ".join(FIGURES))
        )
    if found[1] in AVERAGES[1:]:
        check_choice("figure of an average over labels", found[2], AVERAGED)
    return text


def split_pick(pick: str) -> tuple[str, int | None, int | None, str]:
    """(average or "", row, label, figure); row and label count from 0."""
    whose, figure = pick.split(".")
    if whose in AVERAGES:
        return whose, None, None, figure
    place = int(re.search(r"\d+", whose)[0]) - 1
    return ("", place, None, figure) if whose.startswith("row") else ("", None, place, figure)


def label_name(label: int, n_labels: int) -> str:
    """A letter while the alphabet lasts that a table can show, then a number."""
    return "ABCDEFGHIJKL"[label] if n_labels <= MOST_LABELS else str(label + 1)


PRESETS: dict[str, str] = {}
PRESETS |= {
    "sample": "10101-11001",
    "empty-row": "10101-11001.00000-00000.01010-01000",
    "never": "10101-11000.00110-00110.10001-10000.01001-11000",
    "zeros": _wide_zeros(),
}
PRESET_TITLES = {
    "sample": N_("One sample"),
    "empty-row": N_("A row without labels"),
    "never": N_("A label never predicted"),
    "zeros": N_("All zeros on 512 labels"),
}


class Sheet:
    """What the component draws of a table: its cells, and every figure with its place to click.

    Args:
        targets: True labels, (n, k) booleans.
        predictions: Predicted labels, (n, k) booleans.
        pick: The figure whose cells are lit, as in `check_pick`.
        zero_division: The value of 0/0.
        hidden: Whether figures are question marks, until the reader has said what they expect.
    """

    def __init__(self, targets, predictions, pick: str, zero_division: float, hidden: bool):
        self.targets, self.predictions = targets, predictions
        self.pick, self.zero_division, self.hidden = pick, zero_division, hidden
        self.n_rows, self.n_labels = targets.shape
        self.name, row, label, self.figure = split_pick(pick)
        self.below, self.above = cells(targets, predictions, self.figure, row=row, label=label)
        self.in_macro = np.array(average(targets, predictions, "macro").weights, bool)
        if self.name == "macro":
            self.below, self.above = self.below & self.in_macro, self.above & self.in_macro
        if hidden:
            self.below = self.above = np.zeros_like(targets)

    @property
    def lines(self) -> list[list[dict]]:
        """All lines; a wide table has its cells wrapped and no figures for single labels."""
        return self._wide() if self.n_labels > MOST_LABELS else self._small()

    def _small(self):
        heads = [head(label_name(k, self.n_labels), "strong") for k in range(self.n_labels)]
        lines = [[head("", cols=2), *heads, *self._figure_heads()]]
        for row, of_row in enumerate(counts(self.targets, self.predictions, "row")):
            name = head(row_name(row), "row strong", kind="head row", rows=2)
            lines += [
                [
                    name,
                    head(_("true"), "end"),
                    *self._halves("true", row),
                    *self._of_row(row, of_row),
                ],
                [head(_("predicted"), "end"), *self._halves("predicted", row)],
                [head("", "gap", cols=2 + self.n_labels + len(FIGURES))],
            ]
        lines.append(
            [
                head(_("mean of the rows: samples average"), "end", cols=2 + self.n_labels),
                *(self._average("samples", figure) for figure in FIGURES),
            ]
        )
        of_label = counts(self.targets, self.predictions, "label")
        means = [head(_(name)) for name in AVERAGES[1:]]
        lines.append([head(_("of each label"), "end", cols=2), *[cell("")] * self.n_labels, *means])
        for figure in AVERAGED:
            lines.append(
                [
                    head(_(RATIOS[figure]), "row end", kind="head row", cols=2),
                    *(
                        self._ratio(f"label{k + 1}", figure, found)
                        for k, found in enumerate(of_label)
                    ),
                    *(self._average(name, figure) for name in AVERAGES[1:]),
                ]
            )
        look = "part" if self.name == "weighted" and not self.hidden else ""
        supports = [cell(str(found.support), look) for found in of_label]
        lines.append([head(_("support"), "row end", kind="head row", cols=2), *supports])
        lines.append([self._sizes()])
        return lines

    def _sizes(self):
        """Buttons that add and remove rows and labels."""
        return {
            "kind": "actions",
            "cols": 2 + self.n_labels + len(FIGURES),
            "cells": [
                ["size.1.0", _("+ row"), self.n_rows >= MOST_ROWS],
                ["size.-1.0", _("− row"), self.n_rows <= 1],
                ["size.0.1", _("+ label"), self.n_labels >= MOST_LABELS],
                ["size.0.-1", _("− label"), self.n_labels <= 1],
            ],
        }

    def _wide(self):
        lines = [[head(""), *self._figure_heads()]]
        for row, of_row in enumerate(counts(self.targets, self.predictions, "row")):
            lines += [
                [
                    head(row_name(row), "row strong", kind="head row"),
                    *self._of_row(row, of_row),
                ],
                [self._wrap(row)],
            ]
        for name in AVERAGES:
            shown = FIGURES if name == "samples" else AVERAGED
            averages = [self._average(name, figure) for figure in shown]
            lines.append([head(_(name), "row end", kind="head row"), *averages])
        return lines

    def _figure_heads(self):
        return [head(_(RATIOS[figure]).replace(" ", "\n")) for figure in FIGURES]

    def _halves(self, half: str, row: int):
        is_true = half == "true"
        table = self.targets if is_true else self.predictions
        label = (
            _("row {row}, label {label}, true: {mark} ({state})")
            if is_true
            else _("row {row}, label {label}, predicted: {mark} ({state})")
        )
        states = zip(self.targets[row].tolist(), self.predictions[row].tolist(), strict=True)
        for k, pair in enumerate(states):
            state, sign, words = STATES[pair]
            on, name = bool(table[row, k]), label_name(k, self.n_labels)
            yield {
                "kind": "button",
                "look": f"{half} {'on' if on else ''} {'' if is_true else state} "
                + self._lit(row, k),
                "text": str(int(on)) if is_true else f"{int(on)} {sign}",
                "id": f"{half}.{row}.{k}",
                "on": on,
                "label": label.format(row=row + 1, label=name, mark=int(on), state=_(words)),
            }

    def _wrap(self, row: int):
        states = [
            STATES[pair]
            for pair in zip(self.targets[row].tolist(), self.predictions[row].tolist(), strict=True)
        ]
        return {
            "kind": "wrap",
            "cols": 1 + len(FIGURES),
            "id": f"predicted.{row}",
            "other": f"true.{row}",
            # The browser fills in the rest, for one cell of many.
            "label": _("row {row}, label {label}: {state}").format(
                row=row + 1, label="{label}", state="{state}"
            ),
            "words": {name: _(words) for name, _mark, words in STATES.values()},
            "cells": [
                f"{mark} {name} {self._lit(row, k)}"
                for k, (name, mark, _words) in enumerate(states)
            ],
        }

    def _lit(self, row: int, label: int) -> str:
        if self.above[row, label]:
            return "above"
        return "below" if self.below[row, label] else ""

    def _of_row(self, row: int, found: Counts):
        return [
            self._ratio(f"row{row + 1}", figure, found)
            | {"rows": 2 - (self.n_labels > MOST_LABELS)}
            for figure in FIGURES
        ]

    def _ratio(self, whose: str, figure: str, found: Counts):
        ratio = found.ratio(figure, self.zero_division)
        part_of = ("samples",) if whose.startswith("row") else ("macro", "weighted")
        if part_of[0] == "macro" and not self.in_macro[int(whose.removeprefix("label")) - 1]:
            part_of = ("weighted",)
        looks = ["undefined"] if ratio.undefined else []
        if self.name in part_of and figure == self.figure:
            looks.append("part")
        return self._figure(whose, figure, *shown_ratio(ratio), looks)

    def _average(self, name: str, figure: str):
        found = average(
            self.targets, self.predictions, name, figure, zero_division=self.zero_division
        )
        small = str(found.pooled) if name == "micro" else ""
        undefined = name == "micro" and found.pooled.undefined
        looks = ["average", *(["undefined"] if undefined else [])]
        return self._figure(name, figure, two(found.value), small, looks)

    def _figure(self, whose: str, figure: str, text: str, small: str, looks: list[str]):
        pick = f"{whose}.{figure}"
        picked = pick == self.pick and not self.hidden
        name = whose_figure(pick, self.n_labels)
        return {
            "kind": "button",
            "look": " ".join(["figure", *([] if self.hidden else looks), "picked" * picked]),
            "text": "?" if self.hidden else text,
            "small": "" if self.hidden else small,
            "id": pick,
            "on": picked,
            "off": self.hidden,
            "label": _("{figure}: answer the question first").format(figure=name)
            if self.hidden
            else f"{name}: {text} {small}".strip(),
        }


def shown_ratio(ratio: Ratio) -> tuple[str, str]:
    """A ratio in two lines: the counts, and their value."""
    if ratio.undefined:
        return str(ratio), f"→ {ratio.value:g}"
    return str(ratio), two(ratio.value)


def whose_figure(pick: str, n_labels: int) -> str:
    """A figure in words: "precision of row 1", "macro F1"."""
    name, row, label, figure = split_pick(pick)
    title = _(RATIOS[figure])
    if name:
        return _("{average} {figure}").format(average=_(name), figure=title)
    if label is None:
        return _("{figure} of row {row}").format(figure=title, row=row + 1)
    return _("{figure} of label {label}").format(figure=title, label=label_name(label, n_labels))


def row_name(row: int) -> str:
    """What a row is called; rows count from 0 here and from 1 there."""
    return _("row {n}").format(n=row + 1)
