"""What predictions come to: the classification report, the rows in words, and files of both."""

from collections.abc import Callable
from html import escape
from mimetypes import guess_type

import streamlit as st

from mlcore.figures import AVERAGES
from mlcore.lazy import pd
from pages.ui.kit.figures import macro_note
from pages.ui.words import N_, _, paragraph

COLUMNS = (N_("precision"), N_("recall"), N_("f1-score"), N_("support"))
OUTCOMES = {
    "found": N_("✓ true and predicted"),
    "missed": N_("○ true, not predicted"),
    "wrong": N_("✗ predicted, not true"),
}
MOST_PICTURES = 200
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


def draw_rows(table: "pd.DataFrame", *, key: str, width: str | None = None) -> None:
    """The labels of each row, and all of them of the row picked; of pictures a gallery.

    Args:
        table: As of `mlcore.metrics.row_table`, with a column "picture" if rows have one.
        key: Its name in the session.
        width: Of its columns of words, as Streamlit names it; None where space is short.
    """
    if "picture" in table:
        _draw_gallery(table)
        return
    named = not pd.api.types.is_numeric_dtype(table["row"])
    columns = {
        "row": st.column_config.Column(_("row"), width=width or ("medium" if named else "small")),
        "f1": st.column_config.NumberColumn(_("F1 of the row"), format="%.2f", width="small"),
    }
    for name, title in OUTCOMES.items():
        columns[name] = st.column_config.ListColumn(_(title), width=width)
    picked = st.dataframe(
        table,
        hide_index=True,
        column_config=columns,
        height=320,
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
        alt=_("Rows with the labels that were found, missed and wrongly predicted"),
    )["selection"]["cells"]
    if len(table):
        place = picked[0][0] if picked else 0
        st.html(_card(table.iloc[min(place, len(table) - 1)]))
        st.caption(_("Click a row to see all of it here."))


def _card(row: "pd.Series") -> str:
    """A row with all of its labels, however many they are."""
    name, f1 = escape(str(row["row"])), _("F1 of the row")
    lines = [f"<p><b>{name}</b> · {f1} {row['f1']:.2f}</p>"]
    for column, title in OUTCOMES.items():
        tags = "".join(f"<span>{escape(label[2:])}</span>" for label in row[column])
        lines.append(f"<p>{_(title)}: {tags or '–'}</p>")
    return f'<div class="row-card">{"".join(lines)}</div>'


def _draw_gallery(table: "pd.DataFrame") -> None:
    shown = table.head(MOST_PICTURES)
    figures = "".join(_figure(row) for row in shown.to_dict("records"))
    with st.container(height=420):
        st.html(f'<div class="gallery">{figures}</div>')
    st.caption(" · ".join(_(title) for title in OUTCOMES.values()))
    if len(table) > len(shown):
        told = _("The first {shown} of {rows:,} rows.")
        st.caption(told.format(shown=len(shown), rows=len(table)))


def _figure(row: dict) -> str:
    labels = (label for name in OUTCOMES for label in row[name])
    said = "".join(f"<span>{escape(label)}</span>" for label in labels)
    name = _("row {n}").format(n=row["row"])
    return (
        f'<figure><img src="{row["picture"]}" alt="{name}"><figcaption>{said or "–"}</figcaption>'
        f"</figure>"
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
