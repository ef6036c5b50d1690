"""Ranking metrics on the Metrics page: a table of scores, ranked by logits or by probabilities."""

from functools import lru_cache
from math import isnan

import numpy as np
import streamlit as st

from mlcore.metrics.ranking import float32_probabilities, ranking_scores
from pages.ui.kit.cell_table import cell_table, draw_examples, plain_table
from pages.ui.kit.controls import capitalised
from pages.ui.kit.numbers import two
from pages.ui.metrics.ranking_table import (
    PRESET_TITLES,
    read_score,
    read_scores,
    score_lines,
    write_scores,
)
from pages.ui.metrics.settings import RANK_BY, SETTINGS
from pages.ui.words import _, paragraph


def draw_ranking() -> None:
    """The table of scores, what it is worth as a ranking, and what rounding takes away."""
    st.subheader(_("Before any threshold: how good is the ranking?"), anchor=False)
    st.markdown(
        _(
            "A ranking metric asks only whether true labels score higher than the others. "
            "**Change a score or a target**, then switch to float32 probabilities."
        )
    )
    text = SETTINGS.draw("scores")
    targets, logits = read_scores(text)
    left, right = st.columns([5, 3], gap="medium", vertical_alignment="bottom")
    with left:
        draw_examples(SETTINGS, "scores", PRESET_TITLES)
    by_probability = SETTINGS.draw("rank_by", right) == RANK_BY[1]
    probabilities = float32_probabilities(logits)
    by_logits = _ranking(text, False)
    shown = _ranking(text, True) if by_probability else by_logits
    left, right = st.columns([5, 3], gap="medium")
    with left:
        cell_table(
            "scored",
            score_lines(targets, logits, probabilities if by_probability else None, shown),
            label=_("Targets and logits of {rows} rows and {labels} labels").format(
                rows=targets.shape[0], labels=targets.shape[1]
            ),
            legend=[
                ("#1", "", _("place in its row")),
                ("#2 =", "missed", _("shared with an equal score")),
            ],
            hint=_("A score is any finite number, such as 2.5, -3 or 1e30."),
            on_event=_obey,
        )
        if problem := st.session_state.pop("scores.problem", None):
            st.error(
                _("{problem} The table keeps what it had.").format(problem=problem),
                icon=":material/error:",
            )
    with right:
        _draw_row_metrics(targets, shown)
        if by_probability:
            _draw_rounding(logits, probabilities, by_logits, shown)
            with st.expander(_("Code: the same figures"), icon=":material/code:"):
                st.code(code(targets, logits))
        else:
            st.markdown(
                _(
                    "**Predict:** a network returns probabilities: its logits after a float32 "
                    "sigmoid. Which of these figures will be worse? Then flip the switch."
                )
            )


@lru_cache(maxsize=64)
def _ranking(text: str, rounded: bool):
    """What the scores in the text are worth; scikit-learn takes a while for it."""
    targets, logits = read_scores(text)
    return ranking_scores(targets, float32_probabilities(logits) if rounded else logits)


def _draw_row_metrics(targets, shown) -> None:
    """LRAP, coverage and ranking loss, and the rows that count by convention only."""
    n_rows, n_labels = targets.shape
    nothing = shown.unranked_rows == n_rows

    def value(figure: float) -> str:
        return _("undefined") if nothing or isnan(figure) else two(figure)

    plain_table(
        "row_metrics",
        (_("mean over the rows"), _("value"), _("best")),
        [
            (_("LRAP: label ranking average precision"), value(shown.lrap), "1"),
            (
                _("coverage: labels down to the last true one"),
                value(shown.coverage),
                two(targets.sum(axis=1).mean()),
            ),
            (_("ranking loss: share of pairs in the wrong order"), value(shown.ranking_loss), "0"),
        ],
        _("Ranking metrics over the rows"),
    )
    if shown.unranked_rows:
        rows = (
            _("{n} of {total} rows have one label, so there is nothing to rank.")
            if n_labels == 1
            else _(
                "{n} of {total} rows have only true labels or none, so there is nothing to rank."
            )
        ).format(n=shown.unranked_rows, total=n_rows)
        convention = (
            _(
                "scikit-learn counts such a row as LRAP 1 and ranking loss 0; where all rows are "
                "such, we say *undefined*."
            )
            if nothing
            else _("scikit-learn counts such a row as LRAP 1 and ranking loss 0.")
        )
        st.markdown(f":material/info: {rows} {convention}")


def _draw_rounding(logits, probabilities, by_logits, by_rounded) -> None:
    """What is lost when logits become float32 probabilities."""
    lost = len(np.unique(logits)) - len(np.unique(probabilities))
    ones = int((probabilities == 1).sum())
    if not lost:
        st.markdown(
            _(
                "Here float32 keeps all logits apart, so both rankings are the same. Type two "
                "different logits above 20."
            )
        )
        return
    change = [
        _("{figure} {before} becomes {after}").format(
            figure=name, before=two(before), after=two(after)
        )
        for name, before, after in (
            (_("LRAP"), by_logits.lrap, by_rounded.lrap),
            (_("ranking loss"), by_logits.ranking_loss, by_rounded.ranking_loss),
            (_("mAP"), by_logits.mean_average_precision, by_rounded.mean_average_precision),
            (_("mean AUC"), by_logits.mean_roc_auc, by_rounded.mean_roc_auc),
        )
        if two(before) != two(after)
    ]
    told = [
        _(
            "{logits} different logits become {probabilities} different float32 probabilities; "
            "{ones} of them are exactly 1."
        ).format(
            logits=len(np.unique(logits)), probabilities=len(np.unique(probabilities)), ones=ones
        )
    ]
    if change:
        told.append(_("So {changes}.").format(changes=_(", ").join(change)))
    told.append(_("Rank by logits where you have them."))
    st.markdown(paragraph(told))


def code(targets, logits) -> str:
    """A script that prints the ranking metrics of a table, by logits and by probabilities."""
    return f"""import numpy as np

from mlcore.metrics.ranking import float32_probabilities, ranking_scores

targets = np.array({targets.astype(int).tolist()})
logits = np.array({logits.tolist()})

for name, scores in (("logits", logits), ("float32", float32_probabilities(logits))):
    ranks = ranking_scores(targets, scores)  # by scikit-learn; nan where undefined
    print(f"{{name}}: LRAP {{ranks.lrap:.2f}}, coverage {{ranks.coverage:.2f}}, "
          f"ranking loss {{ranks.ranking_loss:.2f}}, mAP {{ranks.mean_average_precision:.2f}}, "
          f"mean AUC {{ranks.mean_roc_auc:.2f}}")
"""


# What the reader does.


def _obey(what: str, typed: str) -> None:
    """A target clicked or a score typed."""
    kind, row, label = what.split(".")
    place = int(row), int(label)
    targets, scores = read_scores(SETTINGS["scores"])
    if kind == "target":
        targets[place] ^= True
    else:
        try:
            scores[place] = read_score(typed)
        except ValueError as error:
            sentence = capitalised(str(error))
            st.session_state["scores.problem"] = _("{sentence}.").format(sentence=sentence)
            return
    SETTINGS["scores"] = write_scores(targets, scores)
