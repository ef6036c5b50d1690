"""What can be set on the Imbalance page."""

import streamlit as st

from mlcore.imbalance import ABSENT, CUTS, PAIR_MEASURES
from pages.ui.kit.controls import Choice, Number, following
from pages.ui.kit.data_set import data_settings
from pages.ui.settings import Settings
from pages.ui.words import N_

PARTS = {"train": N_("training rows"), "all": N_("all rows")}
SETTINGS = Settings(
    "imbalance",
    Choice(
        "subject",
        {"data": N_("A data set"), "race": N_("A race from this visit")},
        widget=st.radio,
        title="Labels of",
        help="A race brings its data set and the score of each label.",
    ),
    data_settings(N_("Whose labels are counted.")),
    Choice(
        "part",
        PARTS,
        title="Rows that are counted",
        help="A model sees only the training rows; papers report the measures for all rows.",
    ),
    Choice(
        "groups",
        {key: cut.title for key, cut in CUTS.items()},
        title="Head, middle, tail",
        help="How labels are grouped by how often they are true.",
    ),
    Choice(
        "absent",
        ABSENT,
        title="MeanIR and CVIR: a label that is never true is",
        help="Its IRLbl would be c / 0. Papers do not say; programs differ.",
    ),
    Choice(
        "label",
        listed=False,
        widget=following,
        title="Selected label (a)",
        help="Type to search. A click on a point above or a row of the matrix picks it too.",
    ),
    Choice(
        "pairs",
        PAIR_MEASURES,
        title="How pairs are compared",
        help="Ranks the neighbours, and colours the matrix.",
    ),
    Number(
        "least",
        (1, 50),
        default=3,
        integer=True,
        title="Rows together, at least",
        help="Leaves out pairs seen more rarely; with few rows, lift and P(b | a) are mostly "
        "chance.",
    ),
    Choice(
        "order",
        {"clusters": N_("clustered"), "support": N_("by support")},
        title="Labels of the matrix",
        help="Clustered: labels that co-occur are placed side by side, so that blocks show.",
    ),
    Choice(
        "decide",
        {
            "half": N_("0.5 for all labels"),
            "tuned": N_("one for all, best macro F1 on validation rows"),
            "own": N_("each label's own, best F1 on validation rows"),
        },
        title="Threshold",
        help="Tuned on the validation rows; F1 is of the test rows, which no threshold has seen.",
    ),
    Choice(
        "about",
        {"notice": N_("What to notice"), "formulas": N_("Formulas"), "code": N_("Code")},
        widget=st.segmented_control,
        title="About these figures",
        help="What they teach, how they are defined, how to get them yourself.",
    ),
)
