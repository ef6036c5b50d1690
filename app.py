"""The lab: `streamlit run app.py`.

This is the server. What it shows begins in `pages/ui/main.py`, away from here because Streamlit
would take a folder named pages beside its main script for navigation of its own.
"""

from pathlib import Path

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
