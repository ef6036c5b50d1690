"""The Probabilities page at work: presets, the row that is dragged, the table, what is pasted."""

import numpy as np
import streamlit as st

from mlcore.learn.comparison import LARGEST_LOGIT, Comparison
from pages.ui.kit.attempts import draw_question
from pages.ui.kit.cell_table import cell, cell_table, draw_examples, head
from pages.ui.kit.notes import as_let_go
from pages.ui.kit.numbers import exact, six
from pages.ui.probabilities import notes
from pages.ui.probabilities.board import board, rest_mean, shown_labels
from pages.ui.probabilities.exercises import EXERCISES
from pages.ui.probabilities.settings import SETTINGS
from pages.ui.probabilities.table import (
    MOST_LABELS,
    PRESET_TITLES,
    check_size,
    parse_number,
    paste_table,
    read_table,
    write_table,
)
from pages.ui.server.compute import compute
from pages.ui.words import N_, _

TABLE, SAMPLE = "z", "sample"
PROBLEM, PASTE_PROBLEM = "z.problem", "paste.problem"  # what was refused, and why
WIDEST_TABLE = 12  # labels of a table that has a cell for each
FIVE = N_(
    "The example of a much-read answer on TensorFlow's `sigmoid_cross_entropy_with_logits`, to the "
    "last digit: it prints these 25 losses, and cuts at 0.5. All but the logits below 0 are then "
    "predicted, true or not."
)
SOURCES = N_("""
- PyTorch: [CrossEntropyLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html),
  [BCEWithLogitsLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html)
- TensorFlow: [sigmoid_cross_entropy_with_logits](https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits)
- Bridle 1990, *Probabilistic Interpretation of Feedforward Classification Network Outputs*
- Mahajan et al. 2018, [Exploring the Limits of Weakly Supervised Pretraining](https://arxiv.org/abs/1805.00932),
  for softmax with several true labels
- [What loss function for multi-class, multi-label classification tasks in neural
  networks?](https://stats.stackexchange.com/questions/207794), where much of what is asked here was
  first asked
""")


def draw_play() -> None:
    """The row and its bars, what sets them, the table it belongs to, and what it teaches."""
    logits, labels = read_table(SETTINGS.draw(TABLE))
    found = compute("mlcore.learn.comparison:compare", logits, labels)
    bars = st.container()
    left, right = st.columns(2, gap="medium")
    threshold, top = SETTINGS.draw("cut", left), SETTINGS.draw("top", right)
    detail = SETTINGS.draw("detail")
    draw_examples(SETTINGS, TABLE, PRESET_TITLES)
    with st.container():
        if len(logits) == 1:
            SETTINGS[SAMPLE] = 1
        else:
            SETTINGS.draw(SAMPLE, options=range(1, len(logits) + 1))
    sample = _sample()
    with bars:
        _draw_board(logits, labels, found, threshold=threshold, top=top, detail=detail)
    with st.container(border=True):
        answered = draw_question(EXERCISES[0])
    with as_let_go("rows", but=("cut", "top")):
        if SETTINGS[TABLE] == "five":
            st.caption(_(FIVE))
        if len(logits) > 1 and logits.shape[1] <= WIDEST_TABLE:
            _draw_table(logits, labels, found, sample)
    _draw_paste()
    with as_let_go("notes", but=("cut", "top")):
        notes.draw_notes(logits, labels, sample, answered)


def _draw_board(logits: np.ndarray, labels: np.ndarray, found: Comparison, **cuts) -> None:
    """The row on show, with the settings that `board` takes."""
    sample, n_labels = _sample(), logits.shape[1]
    losses = found.sigmoid_loss, found.softmax_loss
    board(
        "logits board",
        Comparison(**{name: table[[sample]] for name, table in vars(found).items()}),
        logits[sample],
        labels[sample],
        others=[float(np.delete(loss, sample, 0).sum()) for loss in losses],
        rows=len(logits),
        **cuts,
        controls=[
            ("more", _("Add label"), n_labels >= MOST_LABELS),
            ("fewer", _("Remove label"), n_labels <= 1),
        ],
        on_event=_obey,
    )
    _draw_problem(PROBLEM)


def _draw_problem(key: str) -> None:
    """What was just refused; always one element, so that what follows it stays as it is."""
    with st.container():
        if problem := st.session_state.pop(key, None):
            message = _("{problem} What was there before is still there.").format(problem=problem)
            st.error(message, icon=":material/error:")


def _draw_table(logits: np.ndarray, labels: np.ndarray, found: Comparison, sample: int) -> None:
    """All rows, each cell with its label, its logit and its loss."""
    names = [_("label {n}").format(n=k + 1) for k in range(logits.shape[1])]
    lines = [[head(""), *map(head, names), head(_("BCE of the row"), "strong")]]
    for row, (scores, marks) in enumerate(zip(logits, labels, strict=True)):
        name, losses = _("row {n}").format(n=row + 1), found.sigmoid_loss[row]
        first = cell(
            name,
            look="figure picked" if row == sample else "figure",
            kind="button",
            id=f"row.{row + 1}",
            label=_("Show {row} above").format(row=name),
            on=row == sample,
            rows=2,
        )
        sums = cell(six(losses.sum()), "strong", rows=2)
        cells = list(zip(range(len(marks)), marks, scores, losses, strict=True))
        lines.append([first, *(_label_cell(row, k, mark, name) for k, mark, _z, _l in cells), sums])
        lines.append([_logit_cell(row, k, z, loss, name) for k, _y, z, loss in cells])
    cell_table(
        "logits table",
        lines,
        label=_("Labels, logits and binary cross entropies of all rows"),
        hint=_("Above: the label, click to change it. Below it: the logit, and its loss in nats."),
        on_event=_obey,
    )


def _label_cell(row: int, place: int, mark: float, name: str) -> dict:
    said = _("Label {n} of {row} is {value}").format(n=place + 1, row=name, value=exact(mark))
    on = bool(mark > 0.5)
    return cell(
        exact(mark),
        look="true on" if on else "true",
        kind="button",
        id=f"y.{row}.{place}",
        label=said,
        on=on,
    )


def _logit_cell(row: int, place: int, score: float, loss: float, name: str) -> dict:
    said = _("Logit of label {n}, {row}").format(n=place + 1, row=name)
    return cell(exact(score), kind="input", id=f"z.{row}.{place}", small=six(loss), label=said)


def _draw_paste() -> None:
    """A form for a whole table."""
    with (
        st.expander(_("Paste a table of your own"), icon=":material/content_paste:"),
        st.form("paste", border=False),
    ):
        left, right = st.columns(2, gap="medium")
        left.text_area(
            _("Numbers: one row per line, split by tabs, commas or spaces"),
            key="paste.numbers",
            placeholder="2, 1, 0.5, -1",
        )
        right.text_area(
            _("Labels from 0 to 1, the same way; empty where none is true"),
            key="paste.labels",
            placeholder="1, 0, 1, 0",
        )
        kinds = {"logits": _("logits"), "probabilities": _("probabilities")}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.segmented_control(
                _("The numbers are"),
                list(kinds),
                format_func=kinds.__getitem__,
                default="logits",
                required=True,
                key="paste.kind",
            )
            st.form_submit_button(_("Use this table"), on_click=_paste)
        _draw_problem(PASTE_PROBLEM)


# What the reader does. Each takes effect as a whole, or is refused with a message.


def _set_table(text: str) -> None:
    SETTINGS[TABLE] = text
    st.session_state.pop(PROBLEM, None)


def _paste() -> None:
    state = st.session_state
    try:
        _set_table(
            paste_table(
                state["paste.numbers"],
                state["paste.labels"],
                probabilities=state["paste.kind"] == "probabilities",
            )
        )
    except ValueError as error:
        state[PASTE_PROBLEM] = str(error)


def _obey(what: str, text: str) -> None:
    """A logit was dragged or typed, a label or a button clicked."""
    logits, labels = read_table(SETTINGS[TABLE])
    kind, *places = what.split(".")
    if kind == "row":
        SETTINGS[SAMPLE] = int(places[0])
        return
    # The board names a label of the row on show, the table its row too.
    row, place = (_sample(), *map(int, places))[-2:] if places else (_sample(), 0)
    try:
        if kind == "y":
            labels[row, place] = 0 if labels[row, place] > 0.5 else 1
        elif kind == "z":
            logits[row, place] = parse_number(text, _("Logit of label {n}").format(n=place + 1))
        elif kind == "rest":
            logits = _moved(logits, labels, row, parse_number(text, _("A logit")))
        else:
            logits, labels = _resize(logits, labels, 1 if kind == "more" else -1)
        _set_table(write_table(logits, labels))
    except ValueError as error:
        st.session_state[PROBLEM] = str(error)


def _sample() -> int:
    return SETTINGS[SAMPLE] - 1


def _moved(logits, labels, row: int, mean: float):
    """The labels without a line of their own moved together, to a mean."""
    shown = shown_labels(logits[row], labels[row])
    rest = np.setdiff1d(np.arange(logits.shape[1]), shown)
    way = mean - rest_mean(logits[row], shown)
    logits[row, rest] = np.clip((logits[row, rest] + way).round(6), -LARGEST_LOGIT, LARGEST_LOGIT)
    return logits


def _resize(logits, labels, by: int):
    check_size(len(logits), logits.shape[1] + by)
    if by < 0:
        return logits[:, :by], labels[:, :by]
    return tuple(np.pad(table, ((0, 0), (0, by))) for table in (logits, labels))
