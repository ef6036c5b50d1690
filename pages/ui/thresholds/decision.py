"""What a choice of thresholds decides: the report, the rows, and files to take home."""

import numpy as np
import streamlit as st

from mlcore.thresholds import RULES, Choice, as_json, as_python
from pages.ui.kit.evidence import Evidence
from pages.ui.kit.report import download, draw_report, draw_rows
from pages.ui.thresholds import labels
from pages.ui.thresholds.settings import BY_HAND, OWN, SETTINGS
from pages.ui.words import _, ngettext, paragraph

SHOWN_ROWS = 100


def choose_rule(evidence: Evidence, choices: dict[str, Choice]) -> Choice | None:
    """Draw the choice of a rule; returns what it decides, None where the cursor does."""
    labels.take_own(evidence)
    rule = SETTINGS.draw("rule")
    if rule in RULES:
        source = _("Source: {source}.").format(source=RULES[rule].source)
        st.caption(paragraph((_(RULES[rule].description), source)))
    if rule in choices and isinstance(choices[rule].threshold, float):
        SETTINGS["t"] = round(choices[rule].threshold, 3)  # the cursor follows
    if rule == BY_HAND:
        return None
    return labels.own_choice(evidence, choices) if rule == OWN else choices[rule]


def draw_decision(evidence: Evidence, choice: Choice) -> None:
    """Report and rows of the report's part, and the thresholds as files."""
    st.caption(decided_by(choice, len(evidence.report[0])))
    report, names = _report(evidence, choice), evidence.label_names
    left, right = st.columns([1, 1])
    with left:
        st.markdown(f"**{_('Classification report')}**")
        draw_report(report, key="decision_report", height=250)
    with right:
        _draw_rows(evidence, choice)
    with st.container(horizontal=True):
        download(_("Thresholds as JSON"), "thresholds.json", lambda: as_json(choice, names))
        download(_("Thresholds as Python"), "thresholds.py", lambda: as_python(choice, names))
        download(_("Report as CSV"), "report.csv", lambda: report.to_csv(index_label="label"))
    code = as_python(choice, names)
    if choice.top is not None or np.ndim(choice.threshold) == 0:
        st.code(code)
    else:
        with st.expander(_("As three lines of Python"), icon=":material/code:"):
            st.code(code)


def decided_by(choice: Choice, n: int) -> str:
    """How labels are decided on the n rows to report on, in a sentence."""
    if choice.top is not None:
        return ngettext(
            "The most likely label of each row, on the {n:,} rows to report on.",
            "The {top} most likely labels of each row, on the {n:,} rows to report on.",
            choice.top,
        ).format(top=choice.top, n=n)
    if np.ndim(choice.threshold) == 0:
        text = _("Threshold {threshold}, on the {n:,} rows to report on.")
        return text.format(threshold=choice.in_words(_), n=n)
    low, median, high = np.quantile(choice.threshold, [0, 0.5, 1])
    return _(
        "Each label has its own threshold, from {low:.3g} to {high:.3g}, median {median:.3g}; on "
        "the {n:,} rows to report on."
    ).format(low=low, median=median, high=high, n=n)


def _report(evidence: Evidence, choice: Choice):
    from mlcore.metrics.report import classification_report, report_at

    if choice.top is None:
        return report_at(evidence.report_sweep, choice.threshold, evidence.label_names)
    targets, probabilities = evidence.report
    predictions = choice.predict(probabilities)
    options = {"label_names": evidence.label_names, "macro_over": "occurring"}
    return classification_report(targets, predictions, **options)


def _draw_rows(evidence: Evidence, choice: Choice) -> None:
    from mlcore.metrics import row_table

    st.markdown(f"**{_('Row by row')}**")
    targets, probabilities = (table[:SHOWN_ROWS] for table in evidence.report)
    names = evidence.row_name and [evidence.row_name(row) for row in range(len(targets))]
    table = row_table(targets, choice.predict(probabilities), evidence.label_names, names)
    if evidence.picture:
        table.insert(0, "picture", [evidence.picture(row) for row in range(len(targets))])
    draw_rows(table, key="decision_rows")
    if (rows := len(evidence.report[0])) > SHOWN_ROWS:
        st.caption(_("The first {shown} of {rows:,} rows.").format(shown=SHOWN_ROWS, rows=rows))
