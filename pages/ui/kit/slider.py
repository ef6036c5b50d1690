"""A slider whose value the browser shows at once everywhere, and the server hears when let go.

While it is dragged, it tells the page's other components by an event on the window, named
`lab-drag`, with detail {key, value, done}. They look up what belongs to the value in tables that
they already hold. A component may send the same event, and the slider follows.
"""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from pages.ui.kit.component import component

FIRST_WEIGHT = 10.0  # where the reader may choose a scheme, a number is there to be dragged first


def drag_slider(
    *,
    key: str,
    name: str = "",
    label: str,
    min_value: float,
    max_value: float,
    step: float,
    help: str = "",
    log: bool = False,
    instead: Mapping[str, object] | None = None,
    on_change: Callable[[], None] = lambda: None,
) -> float:
    """Draw the slider; returns its value, which is kept in the session under the key.

    Args:
        key: Its name in the session, where its first value must be already.
        name: What its events are named by; the key if there is no other.
        label: What it sets.
        min_value: Left end.
        max_value: Right end.
        step: What an arrow key adds.
        help: One sentence on its effect.
        log: Whether equal ways are equal factors; values then have three digits, and no step.
        instead: What charts show in place of what they hold for the value, until it is moved; see
            `instead_of_cursor` in curves.py.
        on_change: Called when a new value was let go, before the script runs.
    """
    data = {
        "key": name or key,
        "label": label,
        "min": min_value,
        "max": max_value,
        "step": step,
        "help": help,
        "log": log,
        "value": st.session_state[key],
        "instead": instead,
    }
    take = partial(_take, key, min_value, max_value, on_change)
    component("kit/slider", data, key=f"{key} slider", on_event=take)
    return st.session_state[key]


def _take(
    key: str, low: float, high: float, on_change: Callable[[], None], event: str, text: str
) -> None:
    """What was let go becomes the value, if it is one: it comes from outside."""
    try:
        value = float(text)
    except ValueError:
        return
    if low <= value <= high:
        st.session_state[key] = value
        on_change()
