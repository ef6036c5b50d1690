"""The table of scores on the Metrics page: its text in the link, its presets, and its cells."""

import re
from math import isfinite, isnan

import numpy as np

from mlcore.metrics.ranking import row_ranks
from pages.ui.kit.cell_table import cell, head
from pages.ui.kit.numbers import exact, two
from pages.ui.metrics.table import MOST_ROWS, label_name, row_name
from pages.ui.words import N_, _

MOST_SCORED = 8
PRESETS = {
    "saturated": "1010~25~20~2.5~-3_0100~20~25~-1~0.5_1001~3~18~-2~1_0110~1~22~19~-4",
    "undefined": "1000~2~1~0.5~-1_1010~1.5~-1~-2~0_1011~0.5~2~1~3",
    "one-row": "10010~2.5~1~-0.5~2~0",
    "one-label": "1~2_0~1_1~-1",
    "no-positives": "000~1~0.5~-2_000~0~2~1",
}
PRESET_TITLES = {
    "saturated": N_("Saturated logits"),
    "undefined": N_("Labels true nowhere or everywhere"),
    "one-row": N_("One row"),
    "one-label": N_("One label"),
    "no-positives": N_("No positives at all"),
}


def read_scores(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets (n, k) and scores (n, k) from "10~2.5~-1_01~0~3" or the name of a preset.

    Raises:
        ValueError: If it is neither, or a score is no finite number.
    """
    rows = [row.split("~") for row in PRESETS.get(text, text).split("_")]
    n_labels = len(rows[0]) - 1
    if len(rows) > MOST_ROWS or not (
        1 <= n_labels <= MOST_SCORED
        and all(
            re.fullmatch(f"[01]{{{n_labels}}}", row[0]) and len(row) - 1 == n_labels for row in rows
        )
    ):
        raise ValueError(
            _(
                "scores must be one of {presets}, or for each row its targets and a score for "
                "each, as in 10~2.5~-1_01~0~3: at most {rows} rows and {labels} labels"
            ).format(presets=", ".join(PRESETS), rows=MOST_ROWS, labels=MOST_SCORED)
        )
    targets = np.array([[mark == "1" for mark in row[0]] for row in rows])
    return targets, np.array([[read_score(score) for score in row[1:]] for row in rows])


def read_score(text: str) -> float:
    """A score as somebody types it; raises ValueError where it is no finite number."""
    try:
        value = float(text.strip().replace("−", "-"))
    except ValueError:
        raise ValueError(
            _("a score must be a number, got {text!r}").format(text=text.strip()[:40])
        ) from None
    if not isfinite(value):
        raise ValueError(_("a score must be finite, got {value}").format(value=value))
    return value


def write_scores(targets, scores) -> str:
    """The text that `read_scores` reads; a preset's name where it is one."""
    text = "_".join(
        "~".join(["".join("01"[int(mark)] for mark in row), *map(exact, scored)])
        for row, scored in zip(targets, scores.tolist(), strict=True)
    )
    return next((name for name, preset in PRESETS.items() if preset == text), text)


def score_lines(targets, logits, probabilities, shown) -> list[list[dict]]:
    """The cells of the table.

    Args:
        targets: 0 or 1 for each label, shape (n, k).
        logits: The scores that are typed, (n, k).
        probabilities: What the rows are ranked by; None where it is the logits.
        shown: What `mlcore.metrics.ranking.ranking_scores` says of them.
    """
    n_rows, n_labels = targets.shape
    ranked_by = logits if probabilities is None else probabilities
    ranks = row_ranks(ranked_by)
    names = [label_name(k, n_labels) for k in range(n_labels)]
    lines = [[head("", cols=2), *(head(name, "strong") for name in names)]]
    for row in range(n_rows):
        tied = [(ranked_by[row] == score).sum() > 1 for score in ranked_by[row]]
        lines += [
            [
                head(row_name(row), "row strong", kind="head row", rows=2),
                head(_("true"), "end"),
                *(_target(row, k, names[k], bool(targets[row, k])) for k in range(n_labels)),
            ],
            [
                head(_("logit"), "end"),
                *(
                    {
                        "kind": "input",
                        "look": "tied" if tied[k] else "",
                        "text": exact(logits[row, k]),
                        "small": f"#{ranks[row, k]}{' =' if tied[k] else ''}"
                        + (
                            "" if probabilities is None else f" · p {_share(probabilities[row, k])}"
                        ),
                        "id": f"score.{row}.{k}",
                        "label": _("row {row}, label {label}: logit").format(
                            row=row + 1, label=names[k]
                        ),
                    }
                    for k in range(n_labels)
                ),
            ],
            [head("", "gap", cols=2 + n_labels)],
        ]
    reasons = np.where(targets.any(axis=0), _("true in every row"), _("true in no row"))
    for title, of_labels, values, mean in (
        (
            _("average precision"),
            _("mAP, {n} of {total} labels"),
            shown.average_precision,
            shown.mean_average_precision,
        ),
        (_("ROC AUC"), _("mean AUC, {n} of {total} labels"), shown.roc_auc, shown.mean_roc_auc),
    ):
        defined = of_labels.format(n=int((~np.isnan(values)).sum()), total=n_labels)
        lines.append(
            [
                head(title, "row end", kind="head row", cols=2),
                *(_value(value, reason) for value, reason in zip(values, reasons, strict=True)),
                _value(mean, small=defined),
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
        "label": _("row {row}, label {label}, target: {target}").format(
            row=row + 1, label=name, target=int(on)
        ),
    }


def _value(value: float, reason: str = "", small: str = "") -> dict:
    if isnan(value):
        return cell(_("undefined"), "undefined", small=small or reason)
    return cell(two(value), "strong" if small else "", small=small)
