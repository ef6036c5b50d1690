"""Every label: a ranked table of all, and the selected one with its own threshold to drag."""

from dataclasses import replace

import numpy as np
import streamlit as st

from mlcore.lazy import pd
from mlcore.thresholds import Choice, ThresholdSweep
from pages.ui.kit.curves import sweep_chart
from pages.ui.kit.evidence import GRID, Evidence
from pages.ui.kit.slider import drag_slider
from pages.ui.settings import rerun_page
from pages.ui.thresholds.label import label_chart, label_figures
from pages.ui.thresholds.settings import OWN, SETTINGS
from pages.ui.words import _, paragraph

CURVE_POINTS = 20  # of the small precision-recall curves in the table


def own_choice(evidence: Evidence, choices: dict[str, Choice]) -> Choice:
    """The one threshold for all labels, but for labels whose own was dragged."""
    limits = np.full(len(evidence.label_names), choices["global"].threshold)
    for label, threshold in SETTINGS["own"].items():
        limits[label] = threshold
    return Choice(rule=OWN, threshold=limits)


def take_own(evidence: Evidence) -> None:
    """Have the thresholds that were dragged be those of these scores; others' are kept meanwhile.

    What the link says comes first.
    """
    known, now = st.session_state.get("own of"), (evidence.origin, evidence.label_names)
    kept = st.session_state.setdefault("own thresholds", {})
    before, labels = SETTINGS["own"], len(evidence.label_names)
    SETTINGS.take("own", replace(SETTINGS.by_name["own"], labels=labels))
    if known not in (None, now):
        kept[known] = before
        if SETTINGS["own"] == before:
            SETTINGS["own"] = kept.get(now, {})
    st.session_state["own of"] = now
    SETTINGS.draw("own", labels=labels)


def draw_labels(evidence: Evidence, choices: dict[str, Choice]) -> None:
    """All labels, and the picked one, whose threshold can be dragged."""
    st.subheader(_("Every label"), anchor=False)
    shared = choices["global"].threshold
    st.caption(
        _(
            "Each label at the common threshold, {threshold:.3g}, and at its own best one. Both "
            "were found on the tuning rows; F1 is that of the rows to report on. Pick a row, or "
            "search."
        ).format(threshold=shared)
    )
    with st.spinner(_("Looking at every label …")):
        table = labels_table(evidence.key, shared, evidence)
    _follow(evidence.label_names, _draw_table(table))
    label = choose_label(evidence)
    with st.container(border=True):
        _draw_label(evidence, choices, label)
    if st.session_state.pop("decide anew", False):
        rerun_page()  # what is decided above is drawn by another fragment


@st.cache_resource(max_entries=8, show_spinner=False)
def labels_table(key: str, shared: float, _evidence: Evidence):
    """Support, best threshold and F1 of every label; the first two arguments decide it."""
    best = _evidence.tuning_sweep.best_per_label()
    now, own = (_evidence.report_sweep.labels_at(limits)["f1"] for limits in (shared, best))
    return pd.DataFrame(
        {
            "label": _evidence.label_names,
            "tuning": _evidence.tuning_sweep.support,
            "support": _evidence.report_sweep.support,
            "threshold": best,
            "now": now,
            "own": own,
            "gain": own - now,
            "curve": list(small_curves(_evidence)),
        }
    )


def small_curves(evidence: Evidence) -> np.ndarray:
    """Highest precision at or beyond each of some recalls, on the report's rows: (k, points)."""
    grid = ThresholdSweep(*evidence.report, thresholds=101)
    found, predicted = grid.label_counts()
    recall = found / np.maximum(grid.support, 1)
    precision = found / np.maximum(predicted, 1)
    wanted = np.linspace(0.05, 1, CURVE_POINTS)[:, None, None]
    return np.where(recall >= wanted, precision, 0).max(axis=1).T


def _draw_table(table) -> int | None:
    number = st.column_config.NumberColumn
    order = table.sort_values("support", ascending=False, kind="stable")
    event = st.dataframe(
        order,
        column_config={
            "_index": None,
            "label": st.column_config.TextColumn(_("Label"), pinned=True, width="medium"),
            "tuning": number(_("Support, tuning"), help=_("True rows among those to tune on.")),
            "support": number(_("Support, report"), help=_("True rows among those to report on.")),
            "threshold": number(_("Own best threshold"), format="%.3f"),
            "now": number(
                _("F1, common threshold"),
                format="%.3f",
                help=_("With one threshold for all labels."),
            ),
            "own": number(
                _("F1, own threshold"), format="%.3f", help=_("With its own best threshold.")
            ),
            "gain": number(
                _("Gain"),
                format="%+.3f",
                help=_("What its own threshold adds; below 0 it overfits."),
            ),
            "curve": st.column_config.LineChartColumn(
                _("Precision over recall"), y_min=0, y_max=1, width="small"
            ),
        },
        hide_index=True,
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        key="labels_table",
        alt=_("All labels with support, best threshold and F1"),
    )
    rows = event.selection.rows
    return int(order.index[rows[0]]) if rows and rows[0] < len(order) else None


def _follow(names: tuple[str, ...], picked: int | None) -> None:
    """Have the row picked in the table be the selected label."""
    if picked is not None and picked != st.session_state.get("label picked"):
        SETTINGS["label"] = names[picked]
    st.session_state["label picked"] = picked


def choose_label(evidence: Evidence) -> int:
    """A search box over all labels; the most frequent one is selected at first."""
    names = evidence.label_names
    most = names[int(evidence.report_sweep.support.argmax())]
    return names.index(SETTINGS.draw("label", options=names, default=most))


def _draw_label(evidence: Evidence, choices: dict[str, Choice], label: int) -> None:
    """One label's scores and curves; a threshold let go here decides above too."""
    moved, key = SETTINGS["own"], f"own {label}"
    shared = choices["global"].threshold
    start = moved.get(label, round(float(shared), 3))
    if st.session_state.get("label shown") != (evidence.key, label, start):
        st.session_state["label shown"] = evidence.key, label, start
        st.session_state[key] = start

    def take() -> None:
        SETTINGS.put(own=moved | {label: round(st.session_state[key], 3)}, rule=OWN)
        st.session_state["decide anew"] = True

    others = own_choice(evidence, choices).threshold.copy()
    others[label] = shared  # it is this one that moves
    figures = label_figures(evidence.key, others.tobytes(), label, evidence, others)
    sweep_chart(label_chart(evidence, label, figures), key=key)
    drag_slider(
        key=key,
        label=_("Threshold of {label} alone").format(label=evidence.label_names[label]),
        min_value=0.0,
        max_value=1.0,
        step=1 / (GRID - 1),
        help=_("All other labels keep theirs."),
        on_change=take,
    )
    if SETTINGS["rule"] != OWN:
        st.caption(
            _(
                "The decision above does not use it yet. Once you drag it, this label is decided "
                "by its own threshold; labels that nobody has dragged take {threshold:.3g}."
            ).format(threshold=shared)
        )
    if moved:
        n, total = len(moved), len(evidence.label_names)
        told = [_("Moved by hand: {n} of {total} labels.").format(n=n, total=total)]
        if n < total:
            told.append(_("The others take {threshold:.3g}.").format(threshold=shared))
        st.caption(paragraph(told))
