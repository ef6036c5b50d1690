"""What can be set on the Pitfalls page."""

import streamlit as st

from mlcore.learn.pitfalls import SPECIMENS
from pages.ui.kit.controls import Choice, Number
from pages.ui.kit.slider import drag_slider
from pages.ui.pitfalls.texts import TEXTS
from pages.ui.settings import Settings

SETTINGS = Settings(
    "pitfalls",
    Choice(
        "specimen",
        {key: TEXTS[key].title for key in SPECIMENS},
        default="sigmoid-twice",
        widget=st.pills,
    ),
    Number(
        "gamma",
        (1.0, 5.0),
        default=2.0,
        step=0.1,
        digits=1,
        widget=drag_slider,
        title="γ, the focusing strength",
        help="Moves the turning point of the variant.",
    ),
)
