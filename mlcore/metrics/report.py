"""The classification report at one threshold. scikit-learn does the counting."""

import numpy as np
import pandas as pd

from mlcore.checks import check_range, check_same_shape
from mlcore.figures import AVERAGES
from mlcore.metrics.averages import check_tables
from mlcore.thresholds import as_array, decide


def classification_report(
    targets,
    predictions,
    *,
    label_names=None,
    zero_division: float = 0.0,
) -> pd.DataFrame:
    """Precision, recall, F1 and support of every label, then their four averages.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        predictions: 0 or 1 for each label, shape (n, k), NumPy or torch.
        label_names: k names for the rows; the column numbers when None.
        zero_division: The value where a ratio is 0/0: 0.0, 1.0 or nan.

    Returns:
        k + 4 rows: the labels in their order, then "micro avg", "macro avg", "weighted avg" and
        "samples avg"; columns precision, recall, f1-score (each in [0, 1]) and support (true rows).

    Raises:
        ValueError: If shapes differ, an entry is not 0 or 1, the names do not fit, or there is
            no row or no label.

    Source:
        `sklearn.metrics.precision_recall_fscore_support`, whose numbers these are.

    Example:
        >>> report = classification_report(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))
        >>> report.loc["micro avg", "recall"].round(4).item()
        0.6667
    """
    from sklearn.metrics import precision_recall_fscore_support

    targets, predictions = check_tables(targets, predictions)
    n_labels = targets.shape[1]
    names = [str(name) for name in (range(n_labels) if label_names is None else label_names)]
    if len(names) != n_labels:
        raise ValueError(f"label_names must have {n_labels} names, got {len(names)}")

    def figures(average):
        return precision_recall_fscore_support(
            *(_indicator(table) for table in (targets, predictions)),
            labels=range(n_labels),
            average=average,
            zero_division=zero_division,
        )

    support = targets.sum(axis=0, dtype=np.int64)
    per_label = pd.DataFrame(np.column_stack(figures(None)), index=names)
    averages = pd.DataFrame(
        [[*figures(average)[:3], support.sum()] for average in AVERAGES],
        index=[f"{average} avg" for average in AVERAGES],
    )
    report = pd.concat([per_label, averages])
    report.columns = ["precision", "recall", "f1-score", "support"]
    return report.astype({"support": "int64"})


def scores(targets, probabilities, threshold=0.5, *, zero_division: float = 0.0) -> dict:
    """The flat figures that a run records, for one decision rule.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: Predicted probabilities in [0, 1], shape (n, k), NumPy or torch.
        threshold: A label is predicted when its probability is >= this; a number or shape (k,).
        zero_division: The value where a ratio is 0/0: 0.0, 1.0 or nan.

    Returns:
        `micro_precision` to `samples_f1` (each average with precision, recall and f1, in [0, 1]),
        `labels_per_row` (mean number predicted), `empty_share` (share of rows with nothing
        predicted) and `labels_predicted` (how many labels are predicted for at least one row).

    Raises:
        ValueError: If shapes differ, a target is not 0 or 1, a probability is outside [0, 1] or
            NaN, or the threshold is.
    """
    targets, probabilities = as_array(targets), as_array(probabilities)
    check_same_shape("targets", targets, "probabilities", probabilities)
    check_range("probabilities", probabilities, 0.0, 1.0)
    predictions = decide(probabilities, threshold)
    report = classification_report(targets, predictions, zero_division=zero_division)
    columns = {"precision": "precision", "recall": "recall", "f1-score": "f1"}
    flat = {
        f"{average}_{short}": float(report.at[f"{average} avg", column])
        for average in AVERAGES
        for column, short in columns.items()
    }
    flat["labels_per_row"] = float(predictions.sum(axis=1).mean())
    flat["empty_share"] = float((~predictions.any(axis=1)).mean())
    flat["labels_predicted"] = int(predictions.any(axis=0).sum())
    return flat


def row_table(targets, predictions, label_names, row_names=None) -> pd.DataFrame:
    """For each row the labels in words: found, missed, and wrongly predicted.

    Args:
        targets: 0 or 1 for each label, shape (n, k).
        predictions: 0 or 1 for each label, shape (n, k).
        label_names: k names.
        row_names: n names; the row numbers when None.

    Returns:
        n rows with columns row, found (✓), missed (○) and wrong (✗), each a list of marked names,
        and f1 of the row (0 where nothing is true and nothing predicted).

    Example:
        >>> row_table([[1, 1, 0]], [[1, 0, 1]], ["a", "b", "c"]).loc[0, "wrong"]
        ['✗ c']
    """
    targets, predictions = as_array(targets) > 0, as_array(predictions) > 0
    check_same_shape("targets", targets, "predictions", predictions)
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


def _indicator(table):
    """The table as scikit-learn's fast sparse form, never mistaken for a binary problem."""
    from scipy.sparse import csr_matrix

    # scikit-learn reads one column as binary; a second, unused one keeps it multilabel.
    padding = max(0, 2 - table.shape[1])
    return csr_matrix(np.pad(table.astype(np.int8), ((0, 0), (0, padding))))
