"""The lab: `streamlit run app.py`.

This is the server. What it shows begins in `pages/ui/main.py`, away from here because Streamlit
would take a folder named pages beside its main script for navigation of its own.
"""

from pathlib import Path

# Altair and scikit-learn import parts of it, each another one first. When two threads of the server
# do so at once, Python finds a deadlock and one of them fails; so here, before there are any.
import narwhals.stable  # noqa: F401
import streamlit as st
from starlette.middleware import Middleware

from pages.ui.information import channel as information
from pages.ui.losses import channel as losses
from pages.ui.playground import channel as playground
from pages.ui.present.present import library
from pages.ui.probabilities import board
from pages.ui.server.head import Head
from pages.ui.server.routes import Guard, asking, at_base, streaming
from pages.ui.server.upkeep import upkeep
from pages.ui.train import channel as races

MAIN = Path(__file__).parent / "pages" / "ui" / "main.py"
app = st.App(
    MAIN,
    routes=at_base(
        asking(board.PATH, board.answer, largest_message=board.LARGEST_MESSAGE),
        asking(information.PATH, information.answer),
        asking(losses.PATH, losses.answer),
        asking(playground.PATH, playground.answer, largest_message=playground.LARGEST_MESSAGE),
        streaming(races.PATH, races.watch),
        library(),
    ),
    middleware=[Middleware(Guard), Middleware(Head)],
    lifespan=upkeep,
)
