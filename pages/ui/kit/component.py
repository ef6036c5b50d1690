"""What the lab's own components share: how they are given data, and how they tell of events."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[1]


def alone(data: dict) -> tuple[dict]:
    """A component's data, as Streamlit sends it without a look at each of its values.

    In a bare dict it would search for tables, for which it imports pandas: half a second of a first
    page. The component's JavaScript takes it as `data: [data]`.
    """
    return (data,)


def deliver(key: str, on_event: Callable[[str, str], None]) -> None:
    """Hand on each of a component's `events` once; a browser repeats those not answered yet.

    Args:
        key: The component's name in the session; the number of the last event is kept beside it,
            as f"{key}.seq", and goes back to the browser.
        on_event: Takes an event's id and its text, which is empty for a click.
    """
    known = st.session_state.get(f"{key}.seq", 0)
    for event in st.session_state[key].get("events") or []:
        if event["seq"] > known:
            known = event["seq"]
            on_event(str(event["id"]), str(event.get("text", "")))
    st.session_state[f"{key}.seq"] = known


@st.cache_resource(show_spinner=False)
def component(name: str, html: str, *parts: str):
    """The component of pages/ui/{name}.js and .css, behind the parts that it builds on.

    Args:
        name: Its files' path in pages/ui, without an ending.
        html: What it starts with.
        *parts: Paths of the same kind, of what others use too.
    """
    css, js = (
        "\n".join(
            path.read_text(encoding="utf-8")
            for part in (*parts, name)
            if (path := FOLDER / f"{part}.{kind}").exists()
        )
        for kind in ("css", "js")
    )
    return st.components.v2.component(name.replace("/", " "), html=html, css=css, js=js)
