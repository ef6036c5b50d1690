"""Ranking metrics on the Metrics page: a table of scores, ranked by logits or by probabilities."""

import re
from functools import lru_cache
from math import isfinite, isnan

import numpy as np
import streamlit as st

from mlcore.checks import check_choice
from pages.ui import link
from pages.ui.cell_table import cell_table, plain_table
from pages.ui.metrics_table import MOST_ROWS, label_name, number

MOST_SCORED = 8
RANK_BY = ("logits", "float32 probabilities")
PRESETS = {
    "saturated": "1010~25~20~2.5~-3_0100~20~25~-1~0.5_1001~3~18~-2~1_0110~1~22~19~-4",
    "undefined": "1000~2~1~0.5~-1_1010~1.5~-1~-2~0_1011~0.5~2~1~3",
    "one-row": "10010~2.5~1~-0.5~2~0",
    "one-label": "1~2_0~1_1~-1",
    "no-positives": "000~1~0.5~-2_000~0~2~1",
}
PRESET_TITLES = {
    "saturated": "Saturated logits",
    "undefined": "Labels true nowhere or everywhere",
    "one-row": "One row",
    "one-label": "One label",
    "no-positives": "No positives at all",
}


def read_scores(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets (n, k) and scores (n, k) from "10~2.5~-1_01~0~3" or the name of a preset.

    Raises:
        ValueError: If it is neither, or a score is no finite number.
    """
    rows = [row.split("~") for row in PRESETS.get(text, text).split("_")]
    if not all(re.fullmatch("[01]+", row[0]) for row in rows):
        raise ValueError(
            f"scores must be one of {', '.join(PRESETS)}, or for each row its targets and a score "
            "for each, as in 10~2.5~-1_01~0~3"
        )
    lengths = {len(row[0]) for row in rows} | {len(row) - 1 for row in rows}
    if len(lengths) > 1:
        raise ValueError(f"scores must be one for each label and row, got {sorted(lengths)}")
    (n_labels,) = lengths
    if len(rows) > MOST_ROWS or n_labels > MOST_SCORED:
        raise ValueError(
            f"scores must have at most {MOST_ROWS} rows and {MOST_SCORED} labels, "
            f"got {len(rows)} and {n_labels}"
        )
    targets = np.array([[mark == "1" for mark in row[0]] for row in rows])
    return targets, np.array([[read_score(score) for score in row[1:]] for row in rows])


def read_score(text: str) -> float:
    """A score as somebody types it; raises ValueError where it is no finite number."""
    try:
        value = float(text.strip().replace("−", "-"))
    except ValueError:
        raise ValueError(f"a score must be a number, got {text.strip()[:40]!r}") from None
    if not isfinite(value):
        raise ValueError(f"a score must be finite, got {value}")
    return value


def write_scores(targets, scores) -> str:
    """The text that `read_scores` reads; a preset's name where it is one."""
    text = "_".join(
        "~".join(["".join("01"[int(mark)] for mark in row), *map(_written, scored)])
        for row, scored in zip(targets, scores.tolist(), strict=True)
    )
    return next((name for name, preset in PRESETS.items() if preset == text), text)


def _written(score: float) -> str:
    return f"{score:.0f}" if score == int(score) and abs(score) < 1e6 else repr(score)


def draw_ranking() -> None:
    """The table of scores, what it is worth as a ranking, and what rounding takes away."""
    from mlcore.ranking import float32_probabilities

    st.subheader("Before any threshold: how good is the order?", anchor=False)
    st.markdown(
        "A ranking metric asks only whether true labels score higher than the others. **Change a "
        "score or a target**, then switch to float32 probabilities."
    )
    text = link.widget(
        lambda key: st.session_state[key],
        "scores",
        "saturated",
        lambda text: write_scores(*read_scores(text)),
    )
    targets, logits = read_scores(text)
    by_probability = _choose(text) == RANK_BY[1]
    probabilities = float32_probabilities(logits)
    by_logits = _ranking(text, False)
    shown = _ranking(text, True) if by_probability else by_logits
    left, right = st.columns([5, 3], gap="medium")
    with left:
        cell_table(
            "scored",
            _lines(targets, logits, probabilities if by_probability else None, shown),
            label=f"Targets and logits of {targets.shape[0]} rows and {targets.shape[1]} labels",
            legend=[
                ("#1", "", "place in its row"),
                ("#2 =", "missed", "shared with an equal score"),
            ],
            hint="A score is any finite number, such as 2.5, -3 or 1e30. Cells copied from a "
            "spreadsheet can be pasted.",
            on_event=_obey,
        )
        if problem := st.session_state.pop("scores.problem", None):
            st.error(f"{problem} The table keeps what it had.", icon=":material/error:")
    with right:
        _draw_row_metrics(targets, shown)
        if by_probability:
            _draw_rounding(logits, probabilities, by_logits, shown)
            with st.expander("Code: the same figures", icon=":material/code:"):
                st.code(code(targets, logits), language="python")
        else:
            st.markdown(
                "**Predict:** a network hands out probabilities, its logits through a float32 "
                "sigmoid. Which of these figures will be worse? Then switch."
            )


@lru_cache(maxsize=64)
def _ranking(text: str, rounded: bool):
    """What the scores in the text are worth; scikit-learn takes a while for it."""
    from mlcore.ranking import float32_probabilities, ranking_scores

    targets, logits = read_scores(text)
    return ranking_scores(targets, float32_probabilities(logits) if rounded else logits)


def _choose(text: str) -> str:
    st.session_state["scores_preset"] = text if text in PRESETS else None
    left, right = st.columns([5, 3], gap="medium", vertical_alignment="bottom")
    left.pills(
        "Scores",
        list(PRESETS),
        format_func=PRESET_TITLES.__getitem__,
        key="scores_preset",
        on_change=_apply_preset,
        help="Tables of targets and logits; every one can be changed.",
    )

    def parse(asked: str) -> str:
        check_choice("rank_by", asked, RANK_BY)
        return asked

    return link.widget(
        right.segmented_control,
        "rank_by",
        RANK_BY[0],
        parse,
        label="Rank by",
        options=RANK_BY,
        required=True,
        help="The same order in exact arithmetic; a float32 sigmoid rounds large logits to 1.",
    )


def _lines(targets, logits, probabilities, shown) -> list[list[dict]]:
    from mlcore.ranking import row_ranks

    n_rows, n_labels = targets.shape
    ranked_by = logits if probabilities is None else probabilities
    ranks = row_ranks(ranked_by)
    names = [label_name(k, n_labels) for k in range(n_labels)]
    lines = [[_head("", cols=2), *(_head(name, "strong") for name in names)]]
    for row in range(n_rows):
        tied = [(ranked_by[row] == score).sum() > 1 for score in ranked_by[row]]
        lines += [
            [
                _head(f"row {row + 1}", "row strong", kind="head row", rows=2),
                _head("true", "end"),
                *(_target(row, k, names[k], bool(targets[row, k])) for k in range(n_labels)),
            ],
            [
                _head("logit", "end"),
                *(
                    {
                        "kind": "input",
                        "look": "tied" if tied[k] else "",
                        "text": _written(logits[row, k].item()),
                        "small": f"#{ranks[row, k]}{' =' if tied[k] else ''}"
                        + (
                            "" if probabilities is None else f" · p {_share(probabilities[row, k])}"
                        ),
                        "id": f"score.{row}.{k}",
                        "label": f"row {row + 1}, label {names[k]}: logit",
                    }
                    for k in range(n_labels)
                ),
            ],
            [_head("", "gap", cols=2 + n_labels)],
        ]
    reasons = np.where(targets.any(axis=0), "true in every row", "true in no row")
    for title, mean_title, values, mean in (
        ("average precision", "mAP", shown.average_precision, shown.mean_average_precision),
        ("ROC AUC", "mean AUC", shown.roc_auc, shown.mean_roc_auc),
    ):
        defined = int((~np.isnan(values)).sum())
        lines.append(
            [
                _head(title, "row end", kind="head row", cols=2),
                *(_value(value, reason) for value, reason in zip(values, reasons, strict=True)),
                _value(mean, "no label has it", f"{mean_title}, {defined} of {n_labels} labels"),
            ]
        )
    return lines


def _share(probability: float) -> str:
    """A probability, with all its digits only where they tell it from 1."""
    return f"{probability:.7g}" if 0.999 < probability < 1 else f"{probability:.3g}"


def _target(row: int, label: int, name: str, on: bool) -> dict:
    return {
        "kind": "button",
        "look": f"true {'on' if on else ''}",
        "text": str(int(on)),
        "id": f"target.{row}.{label}",
        "on": on,
        "label": f"row {row + 1}, label {name}, target: {int(on)}",
    }


def _value(value: float, reason: str, small: str = "") -> dict:
    if isnan(value):
        return {"kind": "text", "look": "undefined", "text": "undefined", "small": small or reason}
    return {
        "kind": "text",
        "look": "strong" if small else "",
        "text": number(value),
        "small": small,
    }


def _head(text: str, look: str = "", kind: str = "head", **span) -> dict:
    return {"kind": kind, "look": look, "text": text, **span}


def _draw_row_metrics(targets, shown) -> None:
    """LRAP, coverage and ranking loss, and the rows that count by convention only."""
    n_rows, n_labels = targets.shape
    nothing = shown.unranked_rows == n_rows

    def value(figure: float) -> str:
        return "undefined" if nothing or isnan(figure) else number(figure)

    plain_table(
        "row_metrics",
        ("mean over the rows", "value", "best"),
        [
            ("LRAP: label ranking average precision", value(shown.lrap), "1"),
            (
                "coverage: labels down to the last true one",
                value(shown.coverage),
                number(targets.sum(axis=1).mean()),
            ),
            ("ranking loss: share of pairs in the wrong order", value(shown.ranking_loss), "0"),
        ],
        "Ranking metrics over the rows",
    )
    if shown.unranked_rows:
        kind = (
            "one label, so there is" if n_labels == 1 else "only true labels or none, so there is"
        )
        st.markdown(
            f":material/info: {shown.unranked_rows} of {n_rows} rows have {kind} nothing to rank. "
            "scikit-learn counts such a row as LRAP 1 and ranking loss 0"
            + ("; where all rows are such, we say *undefined*." if nothing else ".")
        )


def _draw_rounding(logits, probabilities, by_logits, by_rounded) -> None:
    """What is lost when logits become float32 probabilities."""
    lost = len(np.unique(logits)) - len(np.unique(probabilities))
    ones = int((probabilities == 1).sum())
    if not lost:
        st.markdown(
            "Here float32 keeps all logits apart, so both rankings are the same. Type two "
            "different logits above 20."
        )
        return
    change = [
        f"{name} {number(before)} becomes {number(after)}"
        for name, before, after in (
            ("LRAP", by_logits.lrap, by_rounded.lrap),
            ("ranking loss", by_logits.ranking_loss, by_rounded.ranking_loss),
            ("mAP", by_logits.mean_average_precision, by_rounded.mean_average_precision),
            ("mean AUC", by_logits.mean_roc_auc, by_rounded.mean_roc_auc),
        )
        if number(before) != number(after)
    ]
    st.markdown(
        f"{len(np.unique(logits))} different logits become {len(np.unique(probabilities))} "
        f"different float32 probabilities; {ones} of them are exactly 1. "
        + (f"So {', '.join(change)}. " if change else "")
        + "Rank by logits where you have them."
    )


def code(targets, logits) -> str:
    """A script that prints the ranking metrics of a table, by logits and by probabilities."""
    return f"""import numpy as np

from mlcore.ranking import float32_probabilities, ranking_scores

targets = np.array({targets.astype(int).tolist()})
logits = np.array({logits.tolist()})

for name, scores in (("logits", logits), ("float32", float32_probabilities(logits))):
    ranks = ranking_scores(targets, scores)  # by scikit-learn; nan where undefined
    print(f"{{name}}: LRAP {{ranks.lrap:.2f}}, coverage {{ranks.coverage:.2f}}, "
          f"ranking loss {{ranks.ranking_loss:.2f}}, mAP {{ranks.mean_average_precision:.2f}}, "
          f"mean AUC {{ranks.mean_roc_auc:.2f}}")
"""


# What the reader does.


def _obey(what: str, typed: str) -> None:
    """A target clicked, a score typed, or a block of scores pasted from there on."""
    kind, row, label = what.split(".")
    row, label = int(row), int(label)
    targets, scores = read_scores(st.session_state["scores"])
    if kind == "target":
        targets[row, label] ^= True
    else:
        try:
            _paste(scores, row, label, typed)
        except ValueError as error:
            message = str(error)
            st.session_state["scores.problem"] = f"{message[0].upper()}{message[1:]}."
            return
    st.session_state["scores"] = write_scores(targets, scores)


def _paste(scores: np.ndarray, row: int, label: int, typed: str) -> None:
    """Fill the table from a cell on; what does not fit is an error, and so is what is no number."""
    block = [line.split("\t") for line in typed.strip("\n\r").splitlines()] or [[""]]
    for down, line in enumerate(block):
        for right, text in enumerate(line):
            place = row + down, label + right
            if place[0] >= scores.shape[0] or place[1] >= scores.shape[1]:
                raise ValueError(
                    f"{len(block)} rows and {len(line)} columns do not fit into the table from "
                    f"row {row + 1} and label {label_name(label, scores.shape[1])} on"
                )
            try:
                scores[place] = read_score(text)
            except ValueError as error:
                name = f"row {place[0] + 1}, label {label_name(place[1], scores.shape[1])}"
                raise ValueError(f"{error} ({name})") from None


def _apply_preset() -> None:
    if name := st.session_state["scores_preset"]:
        st.session_state["scores"] = name
