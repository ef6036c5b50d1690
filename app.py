"""The lab: `streamlit run app.py`.

This is the server. What it shows begins in `pages/ui/main.py`, away from here because Streamlit
would take a folder named pages beside its main script for navigation of its own.
"""

from pathlib import Path

# Altair and scikit-learn import parts of it, each another one first. When two threads of the server
# do so at once, Python finds a deadlock and one of them fails; so here, before there are any.
import narwhals.stable  # noqa: F401
import streamlit as st

from pages.ui.information import channel
from pages.ui.losses import channel as loss_channel
from pages.ui.probabilities import board
from pages.ui.sweep import retrain_channel
from pages.ui.train.channel import MIDDLEWARE, ROUTES

MAIN = Path(__file__).parent / "pages" / "ui" / "main.py"
app = st.App(
    MAIN,
    routes=[
        *ROUTES,
        *loss_channel.ROUTES,
        *channel.ROUTES,
        *board.ROUTES,
        *retrain_channel.ROUTES,
    ],
    middleware=MIDDLEWARE,
)
