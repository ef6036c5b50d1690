"""A row of logits to drag: softmax and sigmoid, losses, gradients and decisions follow at once.

While a logit is dragged the browser asks over a WebSocket, and `mlcore.learn` answers; there
is no formula in the browser. What is let go or typed goes to Python, which owns the row.
"""

from collections.abc import Callable, Sequence

import numpy as np

from mlcore.checks import check_number
from mlcore.learn.comparison import Comparison, compare, decisions, reductions_with
from mlcore.workers import pool
from pages.ui.kit.cell_table import STATES, marks
from pages.ui.kit.component import component
from pages.ui.kit.numbers import exact, four, six, told, total
from pages.ui.kit.socket import SOCKET, channel
from pages.ui.probabilities.table import MOST_LABELS
from pages.ui.words import _

PATH = "/probabilities"
SHOWN = 10  # labels that have a line of their own; the rest share one
LARGEST_MESSAGE = 40_000  # bytes: 512 logits with all their digits
COMPARE = f"{compare.__module__}:{compare.__name__}"


def shown_labels(logits: np.ndarray, labels: np.ndarray) -> list[int]:
    """Which labels of a row have a line of their own: all of a few, else true and highest ones.

    Args:
        logits: Shape (k,).
        labels: Shape (k,).
    """
    if len(logits) <= SHOWN:
        return list(range(len(logits)))
    order = np.lexsort((-logits, labels == 0))
    return sorted(order[:SHOWN].tolist())


def rest_mean(logits: np.ndarray, shown: list[int]) -> float:
    """The mean logit of the labels that share a line, to a tenth; 0 where there are none."""
    rest = np.delete(logits, shown)
    return round(float(np.clip(rest, -1e6, 1e6).mean()), 1) if len(rest) else 0.0


def figures(
    row: Comparison,
    logits: np.ndarray,
    labels: np.ndarray,
    shown: list[int],
    threshold: float,
    top: int,
    *,
    others: Sequence[float],
    rows: int,
) -> dict:
    """What the board draws of a row: a line for each label shown, for the rest, and for all.

    Args:
        row: Of this one row of logits, all of its arrays (1, k).
        logits: Shape (k,).
        labels: Shape (k,).
        shown: Places of the labels that have a line.
        threshold: Labels are predicted from this probability on.
        top: How many labels the top-k rule predicts.
        others: What the other rows of its table add to both losses.
        rows: How many the table has.

    Returns:
        "lines", one for each label shown, and "rest" and "all", the sums over the labels that are
        not shown and over all: {"p": both probabilities, "g": both gradients, "text": what is
        written, "marks": what each rule decided, as looks and signs}; and "reductions", what the
        table's losses come to, as written.
    """
    rules = decisions(row, logits[None], threshold=threshold, top=top)
    kinds = ("", "_loss", "_gradient")
    names = [f"{reading}{kind}" for reading in ("softmax", "sigmoid") for kind in kinds]
    columns = np.stack([getattr(row, name)[0] for name in names])
    decided = np.stack([rules.argmax[0], rules.softmax[0], rules.sigmoid[0], rules.top[0]])
    rest = np.setdiff1d(np.arange(len(logits)), shown)
    return {
        "lines": [
            _line(columns[:, k])
            | {"marks": [STATES[labels[k] > 0.5, bool(mark)][:2] for mark in decided[:, k]]}
            for k in shown
        ],
        "rest": _sums(columns[:, rest], decided[:, rest]) if len(rest) else None,
        "all": _sums(columns, decided),
        "reductions": {
            name: six(value) for name, value in reductions_with(row, others, rows).items()
        },
    }


def _line(column: np.ndarray) -> dict:
    return {
        "p": [float(column[0]), float(column[3])],
        "g": [float(column[2]), float(column[5])],
        "text": [four(value) for value in column],
    }


def _sums(columns: np.ndarray, decided: np.ndarray) -> dict:
    return {"text": [four(total(column)) for column in columns], "marks": decided.sum(1).tolist()}


def answer(question: dict) -> dict:
    """Figures for what is being dragged: {"z": logits, "y": labels, and what `figures` takes}.

    Raises:
        ValueError or TypeError or KeyError: If it is anything else.
    """
    logits, labels = (np.array(question[name], dtype=float) for name in ("z", "y"))
    shown = question["shown"]
    if logits.ndim != 1 or not 1 <= len(logits) <= MOST_LABELS:
        raise ValueError(f"z must be 1 to {MOST_LABELS} logits, got shape {logits.shape}")
    if not (
        isinstance(shown, list)
        and len(shown) <= SHOWN
        and all(isinstance(k, int) and 0 <= k < len(logits) for k in shown)
    ):
        raise ValueError(f"shown must be at most {SHOWN} labels of the row")
    rows, others = question["rows"], question["others"]
    check_number("rows", rows, low=1, integer=True)
    for loss in others:
        check_number("others", loss)
    row = pool.call(COMPARE, logits[None], labels[None])
    decided_by = float(question["t"]), int(question["k"])
    return figures(row, logits, labels, shown, *decided_by, others=others, rows=rows)


def board(
    key: str,
    row: Comparison,
    logits: np.ndarray,
    labels: np.ndarray,
    *,
    others: Sequence[float],
    rows: int,
    threshold: float,
    top: int,
    detail: bool,
    controls: list[tuple[str, str, bool]],
    on_event: Callable[[str, str], None],
) -> None:
    """Draw the row.

    Args:
        key: Its name in the session.
        row: As `figures` takes it.
        logits: Shape (k,).
        labels: Shape (k,).
        others, rows: As `figures` takes them.
        threshold: Of the slider whose key is "cut".
        top: Of the slider whose key is "top".
        detail: Whether losses and gradients are shown beside the bars.
        controls: (id, text, whether it is off) of buttons below.
        on_event: Called before the next run with the id of what was changed and its text: "z.3"
            for a logit, "y.3" for a label, "rest" for the mean of the labels that share a line,
            or that of a button.
    """
    shown = shown_labels(logits, labels)
    names = [_("label {n}").format(n=k + 1) for k in shown]
    data = {
        "channel": channel(PATH),
        "z": [exact(value) for value in logits],
        "y": labels.tolist(),
        "shown": shown,
        "t": threshold,
        "k": top,
        "others": list(others),
        "rows": rows,
        "detail": detail,
        "figures": figures(row, logits, labels, shown, threshold, top, others=others, rows=rows),
        "names": names,
        "logit_names": [_("Logit of {label}").format(label=name) for name in names],
        "label_names": [_("{label} is true").format(label=name) for name in names],
        "rest_name": _("the other {n} labels").format(n=len(logits) - len(shown)),
        "rest_slider": _("Move the logits of the other labels together"),
        "rest_mean": rest_mean(logits, shown),
        "rest_logits": _rest_words(logits, shown),
        "controls": controls,
        "words": _words(),
        "legend": marks(),
        "hint": _(
            "An arrow shows where a step of gradient descent moves the logit: against the gradient."
        ),
    }
    component("probabilities/board", data, key=key, parts=(SOCKET,), on_event=on_event)


def _rest_words(logits: np.ndarray, shown: list[int]) -> str:
    rest = np.delete(logits, shown)
    if not len(rest):
        return ""
    return _("from {low} to {high}").format(low=told(rest.min()), high=told(rest.max()))


def _words() -> dict:
    """The words of the board's head and of its screen reader texts."""
    return {
        "table": _("Logits and labels, with softmax and sigmoid beside each other"),
        "label": _("Label"),
        "logit": _("Logit: drag it, or type"),
        "groups": [
            _("Softmax: all labels share one"),
            _("Sigmoid: each label for itself"),
            _("Decision"),
        ],
        "columns": [
            _("probability"),
            _("loss (CE)"),
            _("gradient"),
            _("probability"),
            _("loss (BCE)"),
            _("gradient"),
            _("argmax"),
            _("softmax ≥ t"),
            _("sigmoid ≥ t"),
            _("top k"),
        ],
        "all": _("all together"),
        "sums": _(
            "Binary cross entropy: **{mean}** as the mean over all labels, **{batchmean}** as the "
            "sum over labels and mean over rows. Softmax cross entropy: **{softmax}**, mean over "
            "rows."
        ),
        "up": _("pushed up"),
        "down": _("pushed down"),
        "true": _("true"),
        "false": _("false"),
    }
