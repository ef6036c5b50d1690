"""What the lab's own components share: how they are given data, and how they tell of events."""

from collections.abc import Callable

import streamlit as st


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
