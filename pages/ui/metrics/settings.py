"""What can be set on the Metrics page."""

import streamlit as st

from pages.ui.kit.controls import Choice, Setting
from pages.ui.metrics.ranking_table import read_scores, write_scores
from pages.ui.metrics.table import check_pick, check_table
from pages.ui.settings import Settings
from pages.ui.words import N_, _

# What somebody may expect of the accuracy of all zeros, in percent.
GUESSES = {N_("about 1 %"): 1, N_("about 50 %"): 50, N_("about 99 %"): 99}
RANK_BY = (N_("logits"), N_("float32 probabilities"))

SETTINGS = Settings(
    "metrics",
    Choice("share_guess", default=None, titles=_, widget=st.pills),
    Choice(
        "zero_division",
        ("0", "1", "nan"),
        widget=st.segmented_control,
        title="zero_division: what 0/0 counts as",
        help="A row without labels, or a label never predicted, asks for 0/0. scikit-learn makes "
        "it 0, 1, or nan, which is left out of every mean.",
    ),
    Setting("table", default="sample", check=check_table),
    Setting("pick", default="samples.f1", check=check_pick),
    Choice(
        "topic",
        {
            "readings": N_("Share of correct labels"),
            "zeros": N_("Accuracy and zeros"),
            "zero-division": N_("What 0/0 counts as"),
            "macro": N_("Two macro F1s"),
            "notice": N_("What to notice"),
            "code": N_("Code"),
        },
        widget=st.segmented_control,
        title="What this table shows",
        help="Each takes its figures from the table as it is now.",
    ),
    Choice(
        "share_row",
        widget=st.segmented_control,
        title="Row",
        help="The row of the table whose labels are judged in three ways.",
    ),
    Choice("zeros_guess", tuple(GUESSES), default=None, titles=_, widget=st.pills),
    Setting("scores", default="saturated", check=lambda text: write_scores(*read_scores(text))),
    Choice(
        "rank_by",
        RANK_BY,
        titles=_,
        widget=st.segmented_control,
        title="Rank by",
        help="The same order in exact arithmetic; a float32 sigmoid rounds large logits to 1.",
    ),
)
