"""What mlcore computes in a worker for a page, since it needs torch or takes long: see its pool."""

import streamlit as st

from mlcore.workers import pool
from pages.ui.server.visitors import is_connected, session


@st.cache_data(max_entries=512, show_spinner=False)
def compute(name: str, *args, **kwargs):
    """What a function of mlcore returns, or raises, for these arguments; kept for the next time.

    Args:
        name: "package.module:function"; it must give the same for the same arguments.
        *args: What it takes.
        **kwargs: The same, by name.
    """
    return pool.call(name, *args, **kwargs)


def compute_while_there(name: str, *args, **kwargs):
    """What a function returns, or raises; when the visitor leaves, it and the script are ended.

    Args:
        name: "package.module:function"; see `mlcore.workers.pool.Pool.call`.
        *args: What it takes.
        **kwargs: The same, by name.
    """
    asking = session()
    try:
        return pool.call(name, *args, is_wanted=lambda: is_connected(asking), **kwargs)
    except pool.Unwanted:
        st.stop()


def end_if_gone() -> None:
    """End the script if its visitor has left; for between two parts of long work in the server."""
    if not is_connected(session()):
        st.stop()
