"""The chart library of the live views, shipped in the folder beside."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
SOURCE = HERE / "uplot" / "uPlot.iife.min.js"


def load_uplot(key: str) -> None:
    """Have the browser load it, as window.uPlot; components wait until it is there."""
    _uplot()(key=key)


@st.cache_resource(show_spinner=False)
def _uplot():
    source = SOURCE.read_text(encoding="utf-8")
    js = f"{source}\nwindow.uPlot ??= uPlot;\nexport default function () {{}}"
    return st.components.v2.component("uplot", js=js)


def chart_component(name: str, stem: str, html: str):
    """A component that draws with it: stem.css and stem.js, and what all of them share.

    Args:
        name: Of the component.
        stem: Its files in this folder, without an ending.
        html: What it starts with.
    """
    css, js = (
        "\n".join((HERE / file).read_text(encoding="utf-8") for file in files)
        for files in (
            ("uplot/uPlot.min.css", f"{stem}.css"),
            ("live_kit.js", f"{stem}.js"),
        )
    )
    return st.components.v2.component(name, html=html, css=css, js=js)
