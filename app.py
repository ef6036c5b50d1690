"""The lab: `streamlit run app.py`.

This is the server. What it shows begins in `pages/ui/main.py`, away from here because Streamlit
would take a folder named pages beside its main script for navigation of its own.
"""

from pathlib import Path

# Altair and scikit-learn import parts of it, each another one first. When two threads of the server
# do so at once, Python finds a deadlock and one of them fails; so here, before there are any.
import narwhals.stable  # noqa: F401
import streamlit as st

from pages.ui import information_channel, loss_channel, probabilities_board, retrain_channel
from pages.ui.channel import MIDDLEWARE, ROUTES

MAIN = Path(__file__).parent / "pages" / "ui" / "main.py"
app = st.App(
    MAIN,
    routes=[
        *ROUTES,
        *loss_channel.ROUTES,
        *information_channel.ROUTES,
        *probabilities_board.ROUTES,
        *retrain_channel.ROUTES,
    ],
    middleware=MIDDLEWARE,
)
