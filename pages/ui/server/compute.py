"""What mlcore computes in a worker for a page, since it needs torch or takes long: see its pool."""

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlcore.workers import pool


def compute(name: str, *args, **kwargs):
    """What a function of mlcore returns, or raises, for these arguments; kept for the next time.

    Args:
        name: "package.module:function"; it must give the same for the same arguments.
        *args: What it takes.
        **kwargs: The same, by name.
    """
    return _computed(name, args, kwargs)


@st.cache_data(max_entries=512, show_spinner=False)
def _computed(name: str, args: tuple, kwargs: dict):
    return pool.call(name, *args, **kwargs)


def compute_while_there(name: str, *args, **kwargs):
    """What a function returns, or raises; when the visitor leaves, it and the script are ended.

    Args:
        name: "package.module:function"; see `mlcore.workers.pool.Pool.call`.
        *args: What it takes.
        **kwargs: The same, by name.
    """
    session = get_script_run_ctx().session_id
    try:
        return pool.call(name, *args, is_wanted=lambda: _is_there(session), **kwargs)
    except pool.Unwanted:
        st.stop()


def end_if_gone() -> None:
    """End the script if its visitor has left; for between two parts of long work in the server."""
    if not _is_there(get_script_run_ctx().session_id):
        st.stop()


def _is_there(session: str) -> bool:
    """Whether its browser is connected; outside of a server, as in tests, none can leave."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
