"""What mlcore computes with torch, in a page that does without: see `mlcore.workers.pool`."""

import streamlit as st

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
