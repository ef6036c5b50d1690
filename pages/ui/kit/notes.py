"""What stands below what is played with: points to notice, topics to choose from, sources."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from pages.ui.settings import Settings
from pages.ui.words import _


def draw_points(points: Iterable[str]) -> None:
    """Sentences, already translated, as a list."""
    st.markdown("\n".join(f"- {point}" for point in points))


def draw_topics(settings: Settings, name: str, draws: Mapping[str, Callable[[], None]]) -> None:
    """One of several notes, in a frame, as the reader chooses.

    Args:
        settings: Those of the page.
        name: Of the setting that chooses.
        draws: What draws each topic.
    """
    topic = settings.draw(name)
    with st.container(border=True):
        draws[topic]()


def draw_sources(text: str) -> None:
    """Where to read on; the text is marked for translation and may hold Markdown."""
    with st.expander(_("Sources"), icon=":material/menu_book:"):
        st.markdown(_(text))
