"""What predictions come to: the classification report, the rows in words, and files of both."""

from collections.abc import Callable
from mimetypes import guess_type

import streamlit as st

from mlcore.figures import AVERAGES
from mlcore.lazy import pd
from pages.ui.kit.figures import macro_note
from pages.ui.words import N_, _, paragraph

COLUMNS = (N_("precision"), N_("recall"), N_("f1-score"), N_("support"))
LINES = (
    N_("micro avg"),
    N_("macro avg (labels that occur)"),
    N_("weighted avg"),
    N_("samples avg"),
)


def draw_report(report: "pd.DataFrame", *, key: str, height: int) -> None:
    """Averages first, then every label; sortable.

    Args:
        report: As of `mlcore.metrics.classification_report` with macro_over="occurring".
        key: Before the names of both tables in the session.
        height: Of the table of labels, in pixels.
    """
    averages, labels = report.tail(len(AVERAGES)), report.head(-len(AVERAGES))
    form = {
        name: st.column_config.NumberColumn(_(name), format=None if name == "support" else "%.3f")
        for name in COLUMNS
    }
    st.dataframe(
        averages.rename(index={name: _(name) for name in LINES}),
        column_config=form,
        key=f"{key}_averages",
        alt=_("The four averages"),
    )
    labels_argument = "`labels=np.flatnonzero(targets.any(axis=0))`"
    theirs = _("scikit-learn takes all labels unless it is given {argument}.")
    told = macro_note(labels["support"].to_numpy()), theirs.format(argument=labels_argument)
    st.caption(paragraph(told))
    st.dataframe(labels, column_config=form, height=height, key=key, alt=_("Every label's figures"))


def draw_rows(
    table: "pd.DataFrame", *, key: str, width: str | None = None, row_height: int | None = None
) -> None:
    """The labels of each row: ✓ found, ○ missed, ✗ wrong.

    Args:
        table: As of `mlcore.metrics.row_table`, with a column "picture" if rows have one.
        key: Its name in the session.
        width: Of its columns of words, as Streamlit names it; None where space is short.
        row_height: In pixels; None for that of text.
    """
    of_labels = st.column_config.ListColumn
    named = not pd.api.types.is_numeric_dtype(table["row"])
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "picture": st.column_config.ImageColumn(_("picture"), width="small"),
            "row": st.column_config.Column(
                _("row"), width=width or ("medium" if named else "small")
            ),
            "found": of_labels(_("✓ true and predicted"), width=width),
            "missed": of_labels(_("○ true, not predicted"), width=width),
            "wrong": of_labels(_("✗ predicted, not true"), width=width),
            "f1": st.column_config.NumberColumn(_("F1 of the row"), format="%.2f", width="small"),
        },
        height=420,
        row_height=row_height,
        key=key,
        alt=_("Rows with the labels that were found, missed and wrongly predicted"),
    )


def download(
    title: str, name: str, make: Callable[[], str], *, key: str = "", help: str | None = None
) -> None:
    """A button for a file, which is made when it is asked for, not whenever the page is drawn.

    Args:
        title: What the button says.
        name: Of the file; its ending says what it is.
        make: What is in it.
        key: In the session; the name of the file unless it says something else.
        help: One sentence on what is in it.
    """
    st.download_button(
        title,
        make,
        name,
        guess_type(name)[0],
        icon=":material/download:",
        on_click="ignore",
        key=key or name,
        help=help,
    )
