"""What stands below what is played with: points to notice, topics to choose from, sources."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from mlcore.checks import check_choice
from pages.ui import link
from pages.ui.words import _


def draw_points(points: Iterable[str]) -> None:
    """Sentences, already translated, as a list."""
    st.markdown("\n".join(f"- {point}" for point in points))


def draw_topics(
    name: str,
    titles: Mapping[str, str],
    draws: Mapping[str, Callable[[], None]],
    *,
    label: str,
    help: str = "",
) -> None:
    """One of several notes, in a frame, as the reader chooses.

    Args:
        name: Of the setting, in the link.
        titles: What each topic is called; the first one is shown first.
        draws: What draws each topic.
        label: What the choice is called.
        help: One sentence on all of them.
    """

    def parse(text: str) -> str:
        check_choice(name, text, titles)
        return text

    topic = link.widget(
        st.segmented_control,
        name,
        next(iter(titles)),
        parse,
        label=label,
        options=list(titles),
        format_func=lambda topic: _(titles[topic]),
        required=True,
        help=help or None,
    )
    with st.container(border=True):
        draws[topic]()


def draw_sources(text: str) -> None:
    """Where to read on; the text is marked for translation and may hold Markdown."""
    with st.expander(_("Sources"), icon=":material/menu_book:"):
        st.markdown(_(text))
