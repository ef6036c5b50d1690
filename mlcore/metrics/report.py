"""The classification report, flat figures, and rows in words."""

import numpy as np
import pandas as pd

from mlcore.figures import AVERAGES, MACRO_OVER
from mlcore.metrics.averages import check_tables, check_zero_division
from mlcore.thresholds import ThresholdSweep

LINES = tuple(f"{average} avg" for average in AVERAGES)
LINES_OVER_OCCURRING = (LINES[0], f"{LINES[1]} ({MACRO_OVER['occurring']})", *LINES[2:])


def classification_report(
    targets,
    predictions,
    *,
    label_names=None,
    zero_division: float = 0.0,
    macro_over: str = "all",
) -> pd.DataFrame:
    """Precision, recall, F1 and support of every label, then their four averages.

    By itself it is the report of scikit-learn, whose macro average is over all labels. Everything
    else here, from `ThresholdSweep` to every page, has macro averages over the labels that occur,
    which this one gives for `macro_over="occurring"`.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k), NumPy or torch.
        label_names: k names for the rows; the column numbers when None.
        zero_division: The value where a ratio is 0/0: 0.0, 1.0 or nan.
        macro_over: Which labels the macro average is over: "all", or "occurring", those with a true
            row among these. With zero_division 0 a label without one has F1 0 whatever is
            predicted; `mlcore.thresholds.ThresholdSweep` says more.

    Returns:
        k + 4 rows: the labels in their order, then "micro avg", "macro avg", "weighted avg" and
        "samples avg", where "macro avg" is called "macro avg (labels that occur)" if it is;
        columns precision, recall, f1-score (each in [0, 1]) and support (true rows).

    Raises:
        ValueError: If shapes differ, an entry is not 0 or 1, the names do not fit, or there is
            no row or no label.

    Source:
        `sklearn.metrics.precision_recall_fscore_support`, whose numbers these are; its
        `labels=np.flatnonzero(targets.any(axis=0))` gives the macro average of "occurring".

    Example:
        >>> report = classification_report(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))
        >>> report.loc["micro avg", "recall"].round(4).item()
        0.6667
    """
    targets, predictions = check_tables(targets, predictions)
    check_zero_division(zero_division)
    names = [
        str(name) for name in (range(targets.shape[1]) if label_names is None else label_names)
    ]
    if len(names) != targets.shape[1]:
        raise ValueError(f"label_names must have {targets.shape[1]} names, got {len(names)}")
    scores = predictions.astype(np.float32)
    options = {"zero_division": zero_division, "macro_over": macro_over}
    return report_at(ThresholdSweep(targets, scores, thresholds=[0.5], **options), 0.5, names)


def report_at(sweep: ThresholdSweep, threshold, label_names) -> pd.DataFrame:
    """`classification_report` of what a threshold, or one for each label, decides on swept rows."""
    labels, averages = sweep.labels_at(threshold), sweep.at(threshold)
    ratios = ("precision", "recall", "f1")
    means = [[averages[f"{average}_{ratio}"] for ratio in ratios] for average in AVERAGES]
    lines = LINES if sweep.macro_over == "all" else LINES_OVER_OCCURRING
    report = pd.DataFrame(
        np.vstack([np.column_stack([labels[ratio] for ratio in ratios]), means]),
        [*label_names, *lines],
        ["precision", "recall", "f1-score"],
    )
    report["support"] = [*sweep.support, *[sweep.support.sum()] * len(AVERAGES)]
    return report.astype({"support": "int64"})


def scores(
    targets, probabilities, threshold=0.5, *, zero_division: float = 0.0
) -> dict[str, float]:
    """The figures of `ThresholdSweep.at` for one decision rule.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: Predicted probabilities in [0, 1], shape (n, k), NumPy or torch.
        threshold: A label is predicted when its probability is >= this; a number or shape (k,).
        zero_division: The value where a ratio is 0/0: 0.0, 1.0 or nan.
    """
    options = {"thresholds": [0.5], "zero_division": zero_division}
    return ThresholdSweep(targets, probabilities, **options).at(threshold)


def row_table(targets, predictions, label_names, row_names=None) -> pd.DataFrame:
    """For each row the labels in words: found, missed, and wrongly predicted.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k).
        label_names: k names.
        row_names: n names; the row numbers when None.

    Returns:
        n rows with columns row, found (✓), missed (○) and wrong (✗), each a list of marked names,
        and f1 of the row (0 where nothing is true and nothing predicted).

    Example:
        >>> row_table([[1, 1, 0]], [[1, 0, 1]], ["a", "b", "c"]).loc[0, "wrong"]
        ['✗ c']
    """
    targets, predictions = check_tables(targets, predictions)
    label_names = np.asarray(label_names, dtype=str)
    found, missed, wrong = (
        targets & predictions,
        targets & ~predictions,
        ~targets & predictions,
    )

    def words(mask, mark):
        marked = np.char.add(f"{mark} ", label_names)
        ends = mask.sum(axis=1).cumsum()[:-1]
        return [part.tolist() for part in np.split(marked[np.nonzero(mask)[1]], ends)]

    size = (targets.sum(axis=1) + predictions.sum(axis=1)).clip(min=1)
    return pd.DataFrame(
        {
            "row": list(row_names) if row_names is not None else range(len(targets)),
            "found": words(found, "✓"),
            "missed": words(missed, "○"),
            "wrong": words(wrong, "✗"),
            "f1": 2 * found.sum(axis=1) / size,
        }
    )
