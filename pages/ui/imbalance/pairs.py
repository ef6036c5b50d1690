"""The selected label and which others it co-occurs with; the matrix of all pairs."""

import numpy as np
import streamlit as st

from mlcore.imbalance import PAIR_MEASURES, Pair
from mlcore.lazy import pd
from pages.ui.imbalance.overview import draw_ranks, take_pick
from pages.ui.imbalance.settings import SETTINGS
from pages.ui.imbalance.subject import GROUP_TITLES, Subject
from pages.ui.kit.controls import as_text
from pages.ui.kit.matrix import Picture, matrix, pack
from pages.ui.words import N_, _, ngettext

HELPS = {
    "given": N_(
        "P(b | a): the share of the rows with a that have b too; not the same as P(a | b)."
    ),
    "jaccard": N_("Jaccard index: rows with both over rows with either."),
    "lift": N_("Lift: how many times more often both are true than independent labels would be."),
    "count": N_("Rows together: in how many rows both are true."),
}
READOUTS = {
    "given": N_("a = {a}, b = {b}: P(b | a) = {value}"),
    "jaccard": N_("a = {a}, b = {b}: Jaccard index {value}"),
    "lift": N_("a = {a}, b = {b}: lift {value}"),
    "count": N_("a = {a}, b = {b}: {value} rows together"),
}
LOG = ("jaccard", "lift", "count")  # a few pairs are far above all others
ENOUGH = 20  # true rows of a label that is shown first
MOST = 50  # neighbours and pairs in a table
ROW = 35  # pixels of a table's row


def draw_labels(subject: Subject) -> None:
    """Ranks, the selected label, its neighbours and the matrix; a fragment of its own."""
    ranks, picture = st.columns([7, 5], gap="medium")
    with ranks:
        take_pick(subject, draw_ranks(subject))
    left, middle, right, last = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    first = subject.names[_first_label(subject)]
    name = SETTINGS.draw("label", left, options=subject.names, default=first)
    label = subject.names.index(name)
    by, order = SETTINGS.draw("pairs", middle), SETTINGS.draw("order", right)
    least = SETTINGS.draw("least", last)
    with picture:
        st.subheader(_("Which labels co-occur"), anchor=False)
        _draw_matrix(subject, label, by, order)
    st.caption(_(HELPS[by]))
    _draw_label(subject, label)
    _draw_neighbours(subject, label, by, least)
    with st.expander(_("The strongest pairs of all, as a table"), icon=":material/list:"):
        pairs = subject.pairs().strongest(by=by, least=least, most=MOST)
        _draw_pairs(subject, pairs, by, "strongest_table", _("The strongest pairs of labels"))


def _first_label(subject: Subject) -> int:
    """The most entangled of the labels with some rows, else the most frequent one."""
    found = subject.measures()
    entangled = np.where(found.support >= ENOUGH, found.scumble_per_label, np.nan)
    return int(np.nanargmax(entangled) if (entangled >= 0).any() else found.support.argmax())


def _draw_label(subject: Subject, label: int) -> None:
    found = subject.measures()
    support, name = int(found.support[label]), as_text(subject.names[label])
    if not support:
        st.markdown(_("**{label}** is never true in these rows.").format(label=name))
        return
    ranks = np.argsort(-found.support, kind="stable")  # as in the chart above
    rank = int(np.flatnonzero(ranks == label)[0]) + 1
    st.markdown(
        ngettext(
            "**{label}** is true in {n:,} row: rank {rank}, {group}. IRLbl **{ratio:.2f}**, "
            "SCUMBLE of its rows **{scumble:.3f}**, of all rows {all:.3f}.",
            "**{label}** is true in {n:,} rows: rank {rank}, {group}. IRLbl **{ratio:.2f}**, "
            "SCUMBLE of its rows **{scumble:.3f}**, of all rows {all:.3f}.",
            support,
        ).format(
            label=name,
            n=support,
            rank=rank,
            group=_(GROUP_TITLES[subject.groups()[label]]),
            ratio=found.irlbl[label],
            scumble=found.scumble_per_label[label],
            all=found.scumble,
        ),
        help=_(
            "IRLbl: how many times rarer the label is than the most frequent one. SCUMBLE: from 0 "
            "to 1, how strongly rare labels share these rows with frequent ones."
        ),
    )


def _draw_neighbours(subject: Subject, label: int, by: str, least: int) -> None:
    pairs = subject.pairs().neighbours(label, by=by, least=least)
    if not pairs:
        st.info(
            _("No other label shares {least} rows or more with it.").format(least=least),
            icon=":material/info:",
        )
        return
    sizes = subject.targets[subject.targets[:, label] == 1].sum(axis=1)
    st.caption(
        ngettext(
            "{n:,} neighbour; {alone:.1%} of its rows have no other label.",
            "{n:,} neighbours; {alone:.1%} of its rows have no other label.",
            len(pairs),
        ).format(n=len(pairs), alone=(sizes == 1).mean())
    )
    words = _("The label's neighbours")
    _draw_pairs(subject, pairs[:MOST], by, "neighbours_table", words, alone=True)


def _draw_pairs(
    subject: Subject, pairs: list[Pair], by: str, key: str, words: str, *, alone: bool = False
) -> None:
    """Pairs as a table; alone: without the first label's name, which is the same in all rows."""
    columns = dict.fromkeys(["a", "b", by, *Pair._fields[3:], "count"])  # the chosen one first
    frame = pd.DataFrame(pairs, columns=Pair._fields)[list(columns)]
    for side in ("a", "b"):
        frame[side] = [subject.names[number] for number in frame[side]]
    share = st.column_config.ProgressColumn
    number = st.column_config.NumberColumn
    st.dataframe(
        frame.drop(columns="a") if alone else frame,
        column_config={
            "a": st.column_config.TextColumn("a", width=170),
            "b": st.column_config.TextColumn(_("b, co-occurs with a"), width=155),
            "count": number(_("rows together"), format="localized", width=90),
            "given": share(_("P(b | a)"), format="%.3f", min_value=0, max_value=1, width=85),
            "back": share(_("P(a | b)"), format="%.3f", min_value=0, max_value=1, width=85),
            "jaccard": number(_("Jaccard"), format="%.3f", width=70, help=_(HELPS["jaccard"])),
            "lift": number(_("lift"), format="%.2f", width=60, help=_(HELPS["lift"])),
        },
        hide_index=True,
        height=min(ROW * (len(frame) + 1) + 3, 420),
        key=key,
        alt=words,
    )


def _draw_matrix(subject: Subject, label: int, by: str, order: str) -> None:
    labels, measure = _ordered(subject, order), _(PAIR_MEASURES[by])

    def take(row: int) -> None:
        SETTINGS["label"] = subject.names[labels[row]]

    words = {
        "label": _("{measure} of all pairs of {n} labels").format(
            measure=measure, n=len(subject.names)
        ),
        "readout": _(READOUTS[by]),
        "never": _("a = {a}, b = {b}: never together"),
        "itself": _("{a} and itself, not drawn"),
        "hint": _(
            "Row a, column b; blank: never together, or the label itself. Point, or use the arrow "
            "keys; Enter picks."
        ),
        "scale": _("{measure}, log scale").format(measure=measure) if by in LOG else measure,
    }
    picture = picture_of(subject.key, by, order, subject)
    picked = int(np.flatnonzero(labels == label)[0])
    matrix("pair_matrix", picture, words, picked=picked, on_pick=take)


def _ordered(subject: Subject, order: str) -> np.ndarray:
    if order == "clusters":
        return subject.pairs().order
    return np.argsort(-subject.measures().support, kind="stable")


@st.cache_data(max_entries=16, show_spinner=False)
def picture_of(key: str, by: str, order: str, _subject: Subject) -> Picture:
    """The matrix as the browser gets it; the first three arguments decide it."""
    labels = _ordered(_subject, order)
    values = _subject.pairs().table(by)[np.ix_(labels, labels)]
    return pack(
        values,
        [_subject.names[label] for label in labels],
        log=by in LOG,
        digits={"count": 0, "lift": 2}.get(by, 3),
    )
