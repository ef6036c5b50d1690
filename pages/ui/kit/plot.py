"""The chart library of the live views, shipped in the folder beside."""

from pathlib import Path

import streamlit as st

PARTS = ("kit/uplot/uPlot.min", "kit/plot")  # what a component builds on that draws with it
SOURCE = Path(__file__).parent / "uplot" / "uPlot.iife.min.js"


def load_uplot(key: str) -> None:
    """Have the browser load it, as window.uPlot; components wait until it is there."""
    _uplot()(key=key)


@st.cache_resource(show_spinner=False)
def _uplot():
    source = SOURCE.read_text(encoding="utf-8")
    js = f"{source}\nwindow.uPlot ??= uPlot;\nexport default function () {{}}"
    return st.components.v2.component("uplot", js=js)
