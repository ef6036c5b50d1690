"""The selected contender: test rows with their labels in words, and the report."""

from functools import lru_cache, partial

import numpy as np
import streamlit as st

from mlcore import training
from mlcore.datasets import Dataset
from mlcore.lazy import pd
from mlcore.thresholds import decide
from pages.ui.kit import report as kit
from pages.ui.kit.contenders import LETTERS, contender_names
from pages.ui.kit.data_set import data_picture
from pages.ui.kit.figures import figure_title
from pages.ui.kit.races import draw_unpredicted
from pages.ui.server.jobs import Race
from pages.ui.words import N_, _, language, ngettext

REFRESH_SECONDS = 2.0
SHOWN = ("samples_f1", "micro_f1", "macro_f1")
FILTERS = (
    N_("all"),
    N_("with a missed label"),
    N_("with a wrong label"),
    N_("nothing predicted"),
)


def draw_details(run: Race, threshold: float) -> None:
    """Rows and report of one contender on the test rows, at the threshold."""

    def draw() -> None:
        if not run.records or run.state == "failed":
            return
        names = contender_names(run.configs)
        draw_thresholds(run, names, threshold)
        st.subheader(_("One contender, row by row"), anchor=False)
        predictions = run.predictions
        if not predictions:
            draw_unpredicted(run)
            return
        place = st.segmented_control(
            _("Contender"),
            range(len(names)),
            default=0,
            required=True,
            format_func=names.__getitem__,
            key="contender",
            help=_("Whose predictions for the test rows are shown below."),
        )
        place = min(place or 0, len(names) - 1)
        step, probabilities = predictions.step, predictions["test"][place]
        told = _("{n:,} test rows, at threshold {threshold:.2f}, predicted at step {step:,}")
        told = told.format(n=len(run.dataset.test), threshold=threshold, step=step)
        st.caption(told)
        asked = (run.work.id, place, step, threshold, run.dataset, probabilities)
        rows, report = tables_of(*asked)
        draw_rows(rows)
        draw_report(report, LETTERS[place], threshold, told)

    st.fragment(draw, run_every=REFRESH_SECONDS if run.active else None)()


def draw_thresholds(run: Race, names: list[str], threshold: float) -> None:
    """F1 at every threshold: what a threshold does for a loss, before the loss is blamed."""
    st.subheader(_("F1 at every threshold"), anchor=False)
    st.caption(_("Validation rows, at the newest record; the grey line is the threshold in use."))
    figures = training.threshold_frame(run.records[-1], names)
    described = _("{figure} over the threshold, a line for each of {names}")
    for column, value in zip(st.columns(3), SHOWN, strict=True):
        title = figure_title(value)
        column.vega_lite_chart(
            figures[["contender", "threshold", value]].assign(current=threshold),
            threshold_spec(value, title, tuple(names), language()),
            key=f"chart {value}",
            alt=described.format(figure=title, names=_(", ").join(names)),
        )


@lru_cache(maxsize=64)
def threshold_spec(value: str, title: str, names: tuple[str, ...], spoken: str) -> dict:
    """The specification of one chart over the threshold, made once for each language."""
    from mlcore.charts import ready_spec, threshold_curves

    empty = pd.DataFrame(columns=["contender", "threshold", value, "current"])
    return ready_spec(threshold_curves(empty, value, title, names=names, say=_))


def draw_rows(table: "pd.DataFrame") -> None:
    """The test rows: ✓ found, ○ missed, ✗ wrong."""
    only = st.segmented_control(
        _("Rows to show"),
        FILTERS,
        format_func=_,
        default="all",
        required=True,
        key="rows",
        help=_("Which test rows are shown."),
    )
    keep = {
        "with a missed label": table["missed"].str.len() > 0,
        "with a wrong label": table["wrong"].str.len() > 0,
        "nothing predicted": (table["found"].str.len() + table["wrong"].str.len()) == 0,
    }.get(only)
    table = table if keep is None else table[keep]
    st.caption(ngettext("{n:,} row", "{n:,} rows", len(table)).format(n=len(table)))
    kit.draw_rows(table, key="rows_table", width="medium")


def draw_report(report: "pd.DataFrame", letter: str, threshold: float, told: str) -> None:
    """The classification report: averages first, then every label; sortable, as a file too."""
    st.subheader(_("Classification report"), anchor=False)
    st.caption(told)
    kit.draw_report(report, key="report_table", height=320)
    make = partial(report.to_csv, index_label="label")
    name = f"report-{letter}-{threshold:.2f}.csv"
    kit.download(_("Report as CSV"), name, make, key="report_csv")


@st.cache_data(max_entries=64, show_spinner=False)
def tables_of(
    run_id: str,
    place: int,
    step: int,
    threshold: float,
    _dataset: Dataset,
    _probabilities: np.ndarray,
) -> tuple:
    """Rows and report of the test rows; the first four arguments decide them."""
    from mlcore.metrics import classification_report, row_table

    test = _dataset.test
    targets, predictions = _dataset.y[test], decide(_probabilities, threshold)
    row_names = [_dataset.row_names[row] for row in test] if _dataset.row_names else test
    rows = row_table(targets, predictions, _dataset.label_names, row_names)
    if _dataset.image_shape:
        rows.insert(0, "picture", [data_picture(_dataset, row) for row in test])
    options = {"label_names": _dataset.label_names, "macro_over": "occurring"}
    return rows, classification_report(targets, predictions, **options)
