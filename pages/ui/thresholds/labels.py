"""Every label: a ranked table of all, and the selected one with its own threshold to drag."""

from dataclasses import replace

import numpy as np
import streamlit as st

from mlcore.figures import F1S, FIGURES, RATIOS
from mlcore.lazy import pd
from mlcore.palette import PALETTE
from mlcore.thresholds import Choice, ThresholdSweep
from pages.ui.kit.cell_table import marks
from pages.ui.kit.curves import Curve, Panel, Row, SweepChart, sweep_chart
from pages.ui.kit.evidence import GRID, Evidence
from pages.ui.kit.slider import drag_slider
from pages.ui.settings import rerun_page
from pages.ui.thresholds.settings import OWN, SETTINGS
from pages.ui.words import _, paragraph

CURVE_POINTS = 20  # of the small precision-recall curves in the table
BINS = 40
SELECTED = "selected label"  # in the session: its name
SHOWN = ("precision", "recall", "f1")


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
    label = _choose_label(evidence.label_names, _draw_table(table), table)
    with st.container(border=True):
        _draw_label(evidence, choices, label)
    # What is decided above, and calibrated below, is drawn by other fragments.
    name = evidence.label_names[label]
    is_new = st.session_state.get(SELECTED, name) != name
    st.session_state[SELECTED] = name
    if st.session_state.pop("decide anew", False) or is_new:
        rerun_page()


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


def _choose_label(names: tuple[str, ...], picked: int | None, table) -> int:
    """A search box over all labels that also follows the row picked in the table."""
    if picked is not None and picked != st.session_state.get("label picked"):
        SETTINGS["label"] = names[picked]
    st.session_state["label picked"] = picked
    most = names[int(table["support"].to_numpy().argmax())]
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


@st.cache_resource(max_entries=16, show_spinner=False)
def label_figures(
    key: str, limits: bytes, label: int, _evidence: Evidence, _limits: np.ndarray
) -> dict[str, np.ndarray]:
    """One label's figures at every threshold, (GRID,); the first three arguments decide them.

    Those of all labels are with the others' thresholds at the limits, (k,).
    """
    figures: dict[str, np.ndarray] = {}
    for each in ("tuning", "report"):
        targets, probabilities = getattr(_evidence, each)
        one = ThresholdSweep(
            targets[:, [label]], probabilities[:, [label]], thresholds=GRID, zero_division=np.nan
        )
        found, predicted = (counts[:, 0] for counts in one.label_counts())
        support, n = one.support[0], len(targets)
        negatives = n - support
        figures |= {
            f"{each} found": found,
            f"{each} wrong": predicted - found,
            f"{each} missed": support - found,
            f"{each} precision": one.figures["micro_precision"],
            f"{each} recall": one.figures["micro_recall"],
            f"{each} f1": one.figures["micro_f1"],
            f"{each} fpr": (predicted - found) / (negatives if negatives else np.nan),
        }
        # Averages over all labels while this one's threshold moves and the others keep theirs.
        moving = getattr(_evidence, f"{each}_sweep").moving(_limits)
        moved = [moving.move(label, float(threshold)) for threshold in np.linspace(0, 1, GRID)]
        figures |= {f"{each} {name}": np.array([at[name] for at in moved]) for name in F1S}
    return figures | {
        f"gap {name}": figures[f"report {name}"] - figures[f"tuning {name}"]
        for name in (*SHOWN, *F1S)
    }


def label_chart(evidence: Evidence, label: int, figures: dict[str, np.ndarray]) -> SweepChart:
    """What the browser holds of one label, in the reader's language."""
    return SweepChart(
        figures=figures,
        panels=_label_panels(evidence, label, figures),
        rows=[
            *(Row(name=_(RATIOS[name]), columns=_all_three(name)) for name in SHOWN),
            *(
                Row(
                    name=f"{mark} {words}",
                    columns=[f"tuning {name}", f"report {name}", None],
                    digits=0,
                )
                for mark, name, words in marks()[:3]
            ),
            *(
                Row(
                    name=_("{average} F1, each label at its own threshold").format(
                        average=_(FIGURES[name].average)
                    ),
                    columns=_all_three(name),
                    digits=4,
                )
                for name in F1S
            ),
        ],
        heads=(_("tuning"), _("report"), _("gap")),
        signed=2,
        caption=_("this label at {threshold}"),
    )


def _all_three(name: str) -> list[str]:
    return [f"tuning {name}", f"report {name}", f"gap {name}"]


def _label_panels(evidence: Evidence, label: int, figures: dict[str, np.ndarray]) -> list[Panel]:
    blue, orange = PALETTE[:2]
    best = figures["tuning f1"]
    place = 0 if np.isnan(best).all() else int(np.nanargmax(best))
    return [
        _scores_panel(*evidence.tuning, label),
        Panel(
            title=_("F1"),
            lines=[
                Curve(column="report f1", name=_("report"), colour=orange, dash=(8, 4), width=1.5),
                Curve(column="tuning f1", name=_("tuning"), colour=blue),
            ],
            summary=_("Best on the tuning rows at {threshold:.3f}, with {best:.3f}").format(
                threshold=place / (GRID - 1), best=best[place]
            ),
        ),
        Panel(
            title=_("Precision over recall"),
            kind="path",
            along="tuning recall",
            across=_("recall"),
            lines=[Curve(column="tuning precision", name=_("tuning"), colour=blue)],
        ),
        Panel(
            title=_("ROC: recall over false positive rate"),
            kind="path",
            along="tuning fpr",
            across=_("false positive rate"),
            lines=[Curve(column="tuning recall", name=_("tuning"), colour=blue)],
        ),
    ]


def _scores_panel(targets: np.ndarray, probabilities: np.ndarray, label: int) -> Panel:
    """How a label's scores are spread where it is true, and where it is not."""
    blue, orange = PALETTE[:2]
    edges = np.linspace(0, 1, BINS + 1)
    shares = []
    for value in (1, 0):
        scores = probabilities[targets[:, label] == value, label]
        counts, edges = np.histogram(scores, edges)
        shares.append((counts / max(len(scores), 1)).tolist())
    true, false = ([*share, share[-1]] for share in shares)
    return Panel(
        title=_("Share of rows by score (tuning)"),
        kind="bars",
        across=_("score"),
        x=edges.tolist(),
        lines=[
            Curve(
                name=_("rows that are false"),
                colour=orange,
                dash=(8, 4),
                fill=True,
                points=false,
                width=1.5,
            ),
            Curve(name=_("rows that are true"), colour=blue, fill=True, points=true, width=1.5),
        ],
        scale="asinh",
        bend=0.01,
        summary=_("{n} true rows of {total}").format(n=targets[:, label].sum(), total=len(targets)),
    )
