"""What the lab's own components share: how they are given data, and how they tell of events."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent


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


def event_component(name: str, stem: str, html: str):
    """A component whose events go to `deliver`: stem.css and stem.js, and what such ones share.

    Args:
        name: Of the component.
        stem: Its files in this folder, without an ending.
        html: What it starts with.
    """
    css, kit, js = (
        (HERE / file).read_text(encoding="utf-8")
        for file in (f"{stem}.css", "events_kit.js", f"{stem}.js")
    )
    return st.components.v2.component(name, html=html, css=css, js=f"{kit}\n{js}")
