"""One label: its figures at every threshold while the others keep theirs, and its curves."""

import numpy as np
import streamlit as st

from mlcore.figures import F1S, FIGURES, RATIOS
from mlcore.palette import PALETTE
from mlcore.thresholds import ThresholdSweep
from pages.ui.kit.cell_table import marks
from pages.ui.kit.curves import Curve, Panel, Row, SweepChart
from pages.ui.kit.evidence import GRID, Evidence
from pages.ui.words import _

BINS = 40
SHOWN = ("precision", "recall", "f1")


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
