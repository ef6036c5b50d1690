"""The measures of a table of labels in figures, and every label's support over its rank."""

import numpy as np
import streamlit as st

from mlcore.lazy import pd
from pages.ui.imbalance.settings import PARTS, SETTINGS
from pages.ui.imbalance.subject import EXCLUDE, GROUP_TITLES, Subject
from pages.ui.kit.numbers import finite
from pages.ui.words import N_, _, language, ngettext

# Attribute of Imbalance -> its name, how it is written, what it says.
FIGURES = {
    "rows": (N_("Rows"), ",", N_("Rows that are counted.")),
    "labels": (N_("Labels"), ",", N_("All labels, whether they are true anywhere or not.")),
    "cardinality": (N_("Cardinality"), ".2f", N_("Mean number of labels per row.")),
    "density": (N_("Density"), ".4f", N_("Cardinality over labels: the share of true cells.")),
    "label_sets": (
        N_("Label sets"),
        ",",
        N_("Distinct sets of labels among the rows; the empty set counts as one."),
    ),
    "mean_ir": (
        N_("MeanIR"),
        ".2f",
        N_(
            "Mean IRLbl: how many times rarer a label is than the most frequent one, on average. "
            "1 is balanced; Charte et al. call a table imbalanced above 1.5."
        ),
    ),
    "cvir": (
        N_("CVIR"),
        ".3f",
        N_(
            "How much IRLbl varies: its sample standard deviation (by k − 1) over its mean. Charte "
            "et al. call a table imbalanced above 0.2."
        ),
    ),
    "scumble": (
        N_("SCUMBLE"),
        ".3f",
        N_(
            "How strongly rare labels share rows with frequent ones: 0 where the labels of every "
            "row are equally frequent, towards 1 the more unequal they are."
        ),
    ),
}


def draw_figures(subject: Subject) -> str:
    """Eight figures; the convention for labels that are never true where there are any.

    Returns:
        A key of `mlcore.imbalance.ABSENT`.
    """
    st.subheader(_("In figures"), anchor=False)
    absent = EXCLUDE
    never = int((subject.measures().support == 0).sum())
    if never:
        left, right = st.columns([1, 2], vertical_alignment="bottom")
        absent = SETTINGS.draw("absent", left)
        words = _(
            "Labels that are never true ({rows}): {n} of {total}. They have no IRLbl and are not "
            "drawn."
        )
        right.caption(words.format(n=never, total=len(subject.names), rows=_(PARTS[subject.part])))
    found = subject.measures(absent)
    with st.container(horizontal=True, gap="small"):
        for name, (title, form, help) in FIGURES.items():
            st.metric(_(title), finite(getattr(found, name), form), help=_(help), width=104)
    st.caption(
        _(
            "{single:,} of the {sets:,} label sets belong to one row alone; {empty:,} rows have no "
            "label."
        ).format(single=found.single_sets, sets=found.label_sets, empty=found.empty_rows)
    )
    return absent


def draw_ranks(subject: Subject) -> int | None:
    """Support over rank, and the groups in words; returns the label that was clicked."""
    st.subheader(_("From head to tail"), anchor=False)
    support, group = subject.measures().support, subject.groups()
    if not support.any():
        st.info(_("No label is true in any of these rows."), icon=":material/info:")
        return None
    event = st.vega_lite_chart(
        rank_spec(subject.key, subject.cut, language(), subject),
        key="rank chart",
        on_select="rerun",
        selection_mode="pick",
        alt=_("True rows of each label over its rank; the list below gives the groups"),
    )
    st.caption(_("Point at a label for its name; click it to select it below."))
    st.markdown(
        "\n".join(
            "- " + _group_words(title, support[group == place], int(support.sum()))
            for place, title in enumerate(GROUP_TITLES)
        )
    )
    picked = event.selection.get("pick") or []
    return int(picked[0]["number"]) if picked and "number" in picked[0] else None


def _group_words(title: str, support: np.ndarray, total: int) -> str:
    if not len(support):
        return _("**{group}**: no label").format(group=_(title))
    words = ngettext(
        "**{group}**: {n:,} label with {high:,} to {low:,} true rows, {share:.1%} of all true "
        "cells",
        "**{group}**: {n:,} labels with {high:,} to {low:,} true rows, {share:.1%} of all true "
        "cells",
        len(support),
    )
    return words.format(
        group=_(title),
        n=len(support),
        high=support.max(),
        low=support.min(),
        share=support.sum() / total,
    )


@st.cache_data(max_entries=16, show_spinner=False)
def rank_spec(key: str, cut: str, language: str, _subject: Subject) -> dict:
    """The chart in the language; the first three arguments decide it."""
    from mlcore.charts import rank_chart, whole_spec

    support, group = _subject.measures().support, _subject.groups()
    order = np.argsort(-support, kind="stable")
    order = order[support[order] > 0]
    titles = [_(title) for title in GROUP_TITLES]
    labels = pd.DataFrame(
        {
            "number": order,
            "label": [_subject.names[label] for label in order],
            "rank": np.arange(1, len(order) + 1),
            "support": support[order],
            "group": [titles[group[label]] for label in order],
        }
    )
    return whole_spec(rank_chart(labels, names=titles, say=_))


def take_pick(subject: Subject, picked: int | None) -> None:
    """Select a label that was clicked just now; call before its widget is drawn."""
    known = picked is not None and picked < len(subject.names)
    now = (subject.key, picked) if known else None
    if now is not None and now != st.session_state.get("rank picked"):
        SETTINGS["label"] = subject.names[picked]
    st.session_state["rank picked"] = now
