"""The lab's own components: how they are made, are given data, and tell of events."""

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

FOLDER = Path(__file__).parents[1]
PLOT = ("kit/uplot/uPlot.min", "kit/plot")  # the parts of a component that draws charts


def component(
    name: str,
    data: dict,
    *,
    key: str,
    parts: tuple[str, ...] = (),
    on_event: Callable[[str, str], None] | None = None,
    width: str = "stretch",
) -> None:
    """Draw the component of pages/ui/{name}.js and .css.

    Args:
        name: Its files' path in pages/ui, without an ending.
        data: What it shows.
        key: Its name in the session.
        parts: Paths of the same kind, of what it builds on beside kit/dom.
        on_event: Called before the next run with the id and the text, which is empty for a click,
            of each event that it tells of.
        width: As Streamlit takes it.
    """
    options = {"key": key, "width": width}
    if on_event is not None:
        data = data | {"seq": st.session_state.get(f"{key}.seq", 0)}
        options["on_events_change"] = partial(deliver, key, on_event)
    # In a bare dict Streamlit would search for tables, for which it imports pandas: half a second
    # of a first page.
    _made(name, "kit/dom", *parts, name)(data=(data,), **options)
    if set(PLOT) <= set(parts):
        _uplot()(key=f"{key} uplot")


def deliver(key: str, on_event: Callable[[str, str], None]) -> None:
    """Hand on each of a component's `events` once; a browser repeats those not answered yet.

    Args:
        key: The component's name in the session; the number of the last event is kept beside it,
            as f"{key}.seq", and goes back to the browser.
        on_event: Takes an event's id and its text, which is empty for a click.
    """
    known = st.session_state.get(f"{key}.seq", 0)
    # One that is no longer drawn may still tell of something, from a browser that shows it.
    for event in st.session_state.get(key, {}).get("events") or []:
        if event["seq"] > known:
            known = event["seq"]
            on_event(str(event["id"]), str(event.get("text", "")))
    st.session_state[f"{key}.seq"] = known


def pack_floats(values: np.ndarray) -> str:
    """Numbers of any shape as float32, row after row, for `unpackFloats` in dom.js."""
    return b64encode(np.asarray(values, "<f4").tobytes()).decode()


@st.cache_resource(show_spinner=False)
def _made(name: str, *parts: str):
    css, js = (
        "\n".join(
            path.read_text(encoding="utf-8")
            for part in parts
            if (path := FOLDER / f"{part}.{kind}").exists()
        )
        for kind in ("css", "js")
    )
    html = '<div class="lab"></div>'
    return st.components.v2.component(name.replace("/", " "), html=html, css=css, js=js)


@st.cache_resource(show_spinner=False)
def _uplot():
    """Has the browser load the chart library as window.uPlot, for which plot.js waits."""
    source = (FOLDER / "kit/uplot/uPlot.iife.min.js").read_text(encoding="utf-8")
    drawn = 'parentElement.host?.setAttribute("data-drawn", "")'  # all that there is to see of it
    js = f"{source}\nwindow.uPlot ??= uPlot;\nexport default ({{ parentElement }}) => {drawn};"
    return st.components.v2.component("uplot", js=js)
