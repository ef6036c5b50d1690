"""What a choice of thresholds decides: the report, the rows, and files to take home."""

import numpy as np
import streamlit as st

from mlcore.thresholds import Choice, ThresholdSweep, as_json, as_python
from pages.ui.kit.evidence import Evidence
from pages.ui.words import N_, _

AVERAGES = ("micro", "macro", "weighted", "samples")
# The lines and columns of the classification report as they are called on screen.
REPORT_WORDS = {
    "micro avg": N_("micro avg"),
    "macro avg": N_("macro avg"),
    "weighted avg": N_("weighted avg"),
    "samples avg": N_("samples avg"),
}
REPORT_COLUMNS = {
    "precision": N_("precision"),
    "recall": N_("recall"),
    "f1-score": N_("f1-score"),
    "support": N_("support"),
}
SHOWN_ROWS = 100


def draw_decision(evidence: Evidence, choice: Choice) -> None:
    """Report and rows of the report's part, and the thresholds as files."""
    st.caption(
        _("Threshold {threshold}, on the {n:,} rows to report on.").format(
            threshold=choice.in_words(_), n=len(evidence.report[0])
        )
    )
    predictions = choice.predict(evidence.report[1][:SHOWN_ROWS])
    report = report_of(evidence, choice)
    left, right = st.columns([1, 1])
    with left:
        _draw_report(report)
    with right:
        _draw_rows(evidence, predictions)
    with st.container(horizontal=True):
        _draw_files(evidence, choice, report)
    if choice.top is not None or np.ndim(choice.threshold) == 0:
        st.code(as_python(choice, evidence.label_names), language="python")
    else:
        with st.expander(_("As three lines of Python"), icon=":material/code:"):
            st.code(as_python(choice, evidence.label_names), language="python")


def sweep_of(evidence: Evidence, choice: Choice) -> tuple[ThresholdSweep, float | np.ndarray]:
    """The report's rows swept, and where to look for what the choice decides."""
    if choice.top is None:
        return evidence.report_sweep, choice.threshold
    targets, probabilities = evidence.report
    decided = choice.predict(probabilities).astype(np.float32)
    return ThresholdSweep(targets, decided, thresholds=[0.5]), 0.5


def report_of(evidence: Evidence, choice: Choice):
    """The rows and columns of `mlcore.metrics.classification_report`, by look-up."""
    import pandas as pd

    sweep, threshold = sweep_of(evidence, choice)
    labels, averages = sweep.labels_at(threshold), sweep.at(threshold)
    columns = ("precision", "recall", "f1")
    per_label = pd.DataFrame({name: labels[name] for name in columns}, evidence.label_names)
    per_label["support"] = sweep.support
    means = pd.DataFrame(
        [[averages[f"{average}_{name}"] for name in columns] for average in AVERAGES],
        [f"{average} avg" for average in AVERAGES],
        columns,
    )
    means["support"] = sweep.support.sum()
    return pd.concat([per_label, means]).rename(columns={"f1": "f1-score"})


def _draw_report(report) -> None:
    averages, labels = report.tail(4), report.head(-4)
    averages = averages.rename(index=lambda name: _(REPORT_WORDS[name]))
    form = {
        name: st.column_config.NumberColumn(_(title), format=None if name == "support" else "%.3f")
        for name, title in REPORT_COLUMNS.items()
    }
    st.markdown(f"**{_('Classification report')}**")
    st.dataframe(averages, column_config=form, key="decision_averages", alt=_("The four averages"))
    st.dataframe(
        labels,
        column_config=form,
        height=250,
        key="decision_report",
        alt=_("Every label's figures"),
    )


def _draw_rows(evidence: Evidence, predictions: np.ndarray) -> None:
    from mlcore.metrics import row_table

    st.markdown(f"**{_('Row by row')}**")
    targets = evidence.report[0][:SHOWN_ROWS]
    names = evidence.row_name and [evidence.row_name(row) for row in range(len(targets))]
    table = row_table(targets, predictions, evidence.label_names, names)
    st.dataframe(
        table,
        hide_index=True,
        height=420,
        column_config={
            "row": st.column_config.Column(_("row"), width="small"),
            "found": st.column_config.ListColumn(_("✓ true and predicted")),
            "missed": st.column_config.ListColumn(_("○ true, not predicted")),
            "wrong": st.column_config.ListColumn(_("✗ predicted, not true")),
            "f1": st.column_config.NumberColumn(_("F1 of the row"), format="%.2f", width="small"),
        },
        key="decision_rows",
        alt=_("Rows with the labels that were found, missed and wrongly predicted"),
    )
    if (rows := len(evidence.report[0])) > SHOWN_ROWS:
        st.caption(_("The first {shown} of {rows:,} rows.").format(shown=SHOWN_ROWS, rows=rows))


def _draw_files(evidence: Evidence, choice: Choice, report) -> None:
    files = (
        (
            _("Thresholds as JSON"),
            "thresholds.json",
            "application/json",
            lambda: as_json(choice, evidence.label_names),
        ),
        (
            _("Thresholds as Python"),
            "thresholds.py",
            "text/x-python",
            lambda: as_python(choice, evidence.label_names),
        ),
        (
            _("Report as CSV"),
            "report.csv",
            "text/csv",
            lambda: report.to_csv(index_label="label"),
        ),
    )
    for title, name, mime, make in files:
        st.download_button(
            title, make, name, mime, icon=":material/download:", on_click="ignore", key=name
        )
