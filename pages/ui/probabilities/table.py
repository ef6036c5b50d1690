"""The table of the Probabilities page: logits and labels as text, in the link and as presets."""

import re
from contextlib import suppress

import numpy as np

from mlcore.learn.comparison import LARGEST_LOGIT, logits_of
from pages.ui.kit.controls import as_text
from pages.ui.kit.numbers import exact
from pages.ui.words import N_, _

MOST_ROWS, MOST_LABELS, MOST_CELLS = 16, 512, 1024
LONGEST = 20_000  # characters of a table in the link
PROBABILITIES = (0.6, 0.7, 0.3, 0.4)


def parse_number(text: str, place: str) -> float:
    """A logit, or a ValueError in the reader's language.

    Args:
        text: As it was typed.
        place: What to call it in the error.
    """
    text = text.strip().replace("−", "-")
    if not text:
        raise ValueError(_("{place} is empty.").format(place=place))
    with suppress(ValueError):
        if abs(value := float(text)) <= LARGEST_LOGIT:  # NaN is not
            return value
    message = _("{place} must be a number from −1e30 to 1e30, got {text}.")
    raise ValueError(message.format(place=place, text=as_text(text[:40])))


def parse_table(text: str, name: str) -> np.ndarray:
    """Numbers as they are pasted: a row a line, split by tabs, commas, semicolons or spaces.

    Args:
        text: From a spreadsheet, a CSV file or a Python list.
        name: What to call the table in an error.

    Returns:
        Shape (n, k), float64.

    Raises:
        ValueError: In the reader's language, if a cell is empty or no number, the rows are not
            equally long, or the table is too large.
    """
    text = re.sub(r"\b(array|tensor)\(|\bdtype=[\w.]+", "", text)  # as NumPy and PyTorch print
    lines = [_cells(line) for line in text.splitlines() if line.strip(" \r,;[]()")]
    if not lines:
        raise ValueError(_("{name}: there are no numbers.").format(name=name))
    lengths = sorted({len(line) for line in lines})
    if len(lengths) > 1:
        message = _("{name}: every row must have the same number of cells, got {first} and {last}.")
        raise ValueError(message.format(name=name, first=lengths[0], last=lengths[-1]))
    check_size(len(lines), lengths[0])
    place = _("{name}, row {row}, number {column}")
    return np.array(
        [
            [
                parse_number(cell, place.format(name=name, row=row, column=column))
                for column, cell in enumerate(line, 1)
            ]
            for row, line in enumerate(lines, 1)
        ]
    )


def _cells(line: str) -> list[str]:
    """The cells of a line; brackets of a Python list and the comma behind them are no cells."""
    bare = re.sub(r"[\[\]()]", " ", line)
    if bare != line:
        bare = bare.strip().strip(",")
    for mark in ("\t", ";", ","):
        if mark in bare:
            return [cell.strip() for cell in bare.strip("\r\n").split(mark)]
    return bare.split()


def check_size(n_rows: int, n_labels: int) -> None:
    """Raise ValueError, in the reader's language, if a table is too large or empty."""
    if n_labels > MOST_LABELS:
        message = _("A row must have at most {most} labels, got {count}.")
        raise ValueError(message.format(most=MOST_LABELS, count=n_labels))
    if n_rows > MOST_ROWS or n_rows * n_labels > MOST_CELLS:
        message = _("A table must have at most {rows} rows and {cells} cells, got {count} rows.")
        raise ValueError(message.format(rows=MOST_ROWS, cells=MOST_CELLS, count=n_rows))
    if not n_rows or not n_labels:
        raise ValueError(_("A table must have at least one row and one label."))


def check_labels(labels: np.ndarray) -> np.ndarray:
    """The labels themselves; raises ValueError, in the reader's language, outside of [0, 1]."""
    wrong = ~((labels >= 0) & (labels <= 1))
    if wrong.any():
        message = _("Labels must be from 0 to 1, got {value}.")
        raise ValueError(message.format(value=f"{labels[wrong][0]:g}"))
    return labels


def paste_table(logits_text: str, labels_text: str, *, probabilities: bool) -> str:
    """The text of a pasted table.

    Args:
        logits_text: See `parse_table`.
        labels_text: The same; empty where no label is true.
        probabilities: Whether the first is probabilities, to be turned into logits.
    """
    name = _("Probabilities") if probabilities else _("Logits")
    logits = parse_table(logits_text, name)
    if probabilities:
        outside = ~((logits > 0) & (logits < 1))
        if outside.any():
            message = _("Probabilities must be above 0 and below 1, got {value}.")
            raise ValueError(message.format(value=f"{logits[outside][0]:g}"))
        logits = logits_of(logits)
    labels = np.zeros_like(logits)
    if labels_text.strip():
        labels = check_labels(parse_table(labels_text, _("Labels")))
    if labels.shape != logits.shape:
        message = _("There must be a label for each logit: got {logits} logits, {labels} labels.")
        shapes = (" × ".join(map(str, table.shape)) for table in (logits, labels))
        raise ValueError(message.format(logits=next(shapes), labels=next(shapes)))
    return write_table(logits, labels)


def read_table(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels, both (n, k), from "2~-1_10__0.5~3_01" or the name of a preset.

    Between numbers stands what a link need not escape.

    Raises:
        ValueError: In the reader's language, if it is neither, or too large.
    """
    text = PRESETS.get(text, text)
    if len(text) > LONGEST:
        message = _("A table must have at most {most} characters, got {count}.")
        raise ValueError(message.format(most=LONGEST, count=len(text)))
    pairs = [row.split("_") for row in text.replace("~", ",").split("__")]
    if any(len(pair) != 2 for pair in pairs):
        message = _("A table must be one of {names}, or logits and labels as in 2~-1_10__0.5~3_01.")
        raise ValueError(message.format(names=", ".join(PRESETS)))
    logits = parse_table("\n".join(logits for logits, _labels in pairs), _("Logits"))
    spread = [",".join(half) if re.fullmatch("[01]+", half) else half for _logits, half in pairs]
    labels = check_labels(parse_table("\n".join(spread), _("Labels")))
    if logits.shape != labels.shape:
        raise ValueError(_("A table must have a label for each logit."))
    return logits, labels


def write_table(logits: np.ndarray, labels: np.ndarray) -> str:
    """The text that `read_table` reads, to the last digit; a preset's name where it is one."""

    def row(values: np.ndarray, marks: np.ndarray) -> str:
        if np.isin(marks, (0, 1)).all():
            return f"{_numbers(values)}_{''.join('01'[int(mark)] for mark in marks)}"
        return f"{_numbers(values)}_{_numbers(marks)}"

    text = "__".join(map(row, logits, labels))
    return next((name for name, preset in PRESETS.items() if preset == text), text)


def check_table(text: str) -> str:
    """The text of a table, in the one way to write it."""
    return write_table(*read_table(text))


def _numbers(values: np.ndarray) -> str:
    return "~".join(map(exact, values))


def _wide_row() -> str:
    """512 labels as a network scores them half-way through: five true, three of them found."""
    rng = np.random.default_rng(5)
    logits = np.round(rng.normal(-4.5, 1.2, MOST_LABELS), 1)
    labels = np.zeros(MOST_LABELS)
    true = [40, 137, 256, 301, 488]
    labels[true] = 1
    logits[true] = (2.5, 1.2, 0.4, -0.9, -3.1)
    logits[[77, 420]] = (0.8, 0.1)
    return write_table(logits[None], labels[None])


# From the answer on TensorFlow's sigmoid_cross_entropy_with_logits at
# https://stats.stackexchange.com/questions/207794.
FIVE_BY_FIVE = (
    "1.4397182~-0.7993438~4.113389~3.2199187~4.5777845_11000__"
    "0.30619335~0.10168511~4.253479~2.3782277~4.7390924_01001__"
    "1.124632~1.6056736~2.9778094~2.0808482~2.0735667_11110__"
    "0.7051575~-0.10341895~4.990803~3.7019827~3.8265839_00101__"
    "0.6333333~-0.76601076~3.2255085~2.7842572~5.3817415_11111"
)
PRESETS: dict[str, str] = {}
PRESETS["first"] = "2~1~0.5~-1_1010"
PRESETS["probabilities"] = write_table(logits_of([PROBABILITIES]), np.array([[1.0, 1, 0, 0]]))
PRESETS["mistaken"] = write_table(np.array([PROBABILITIES]), np.array([[1.0, 1, 0, 0]]))
PRESETS["five"] = FIVE_BY_FIVE
PRESETS["wide"] = _wide_row()
PRESET_TITLES = {
    "first": N_("Four labels, two true"),
    "probabilities": N_("Probabilities 0.6, 0.7, 0.3, 0.4"),
    "mistaken": N_("The same taken for logits"),
    "five": N_("Five rows of five"),
    "wide": N_("512 labels, five true"),
}
