"""What can be set on the Probabilities page."""

import streamlit as st

from mlcore.learn.comparison import LARGEST_LOGIT
from pages.ui.kit.controls import Choice, Number, Setting, Switch
from pages.ui.kit.slider import drag_slider
from pages.ui.probabilities.table import check_table
from pages.ui.settings import Settings
from pages.ui.words import N_

SETTINGS = Settings(
    "probabilities",
    Setting("z", default="first", check=check_table),
    Choice("sample", default=1, widget=st.segmented_control, title="Row to drag"),
    Number(
        "cut",
        (0.0, 1.0),
        default=0.5,
        widget=drag_slider,
        title="Threshold t: predicted when the probability is at least this",
        help="One threshold for all probabilities, softmax and sigmoid alike.",
    ),
    Number(
        "top",
        (1, 20),
        default=2,
        integer=True,
        widget=drag_slider,
        title="k of top k: how many labels are predicted",
        help="The k highest logits, however low they are; argmax is the highest one alone.",
    ),
    Switch(
        "detail",
        title="Losses and gradients in figures",
        help="What each label costs, and how hard its logit is pulled: up where the gradient is "
        "below 0.",
    ),
    Choice(
        "note",
        {
            "notice": N_("What to notice"),
            "two": N_("Two classes, both ways"),
            "sum": N_("Sum or mean"),
            "mistaken": N_("Taken for logits"),
            "code": N_("Code"),
        },
        widget=st.segmented_control,
        title="What these numbers show",
    ),
    *(
        Number(
            name,
            (-LARGEST_LOGIT, LARGEST_LOGIT),
            default=default,
            step=0.1,
            widget=st.number_input,
            title=title,
        )
        for name, default, title in (
            ("a", 2.0, N_("Logit a of *yes*")),
            ("b", -1.0, N_("Logit b of *no*")),
        )
    ),
    Choice(
        "lr",
        (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        default=1.0,
        titles="{:g}".format,
        widget=st.select_slider,
        title="Learning rate of one step on these logits",
    ),
)
