"""What stands below what is played with: points to notice, topics to choose from, sources."""

import json
from collections.abc import Callable, Iterable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.settings import Settings
from pages.ui.words import _


def as_let_go(key: str, *, but: Iterable[str] = ()) -> DeltaGenerator:
    """A container for what follows a drag only when it is let go; meanwhile it says so, and is dim.

    Args:
        key: Its own.
        but: Keys of sliders that it does not depend on.
    """
    dragged = "[data-dragged]" + "".join(f":not([data-dragged='{slider}'])" for slider in but)
    told = _("As it was before you dragged; it follows when you let go.")
    told = json.dumps(told, ensure_ascii=False)  # CSS writes other letters otherwise than JSON
    light, dark = (st.get_option(f"theme.{name}.backgroundColor") for name in ("light", "dark"))
    own, ground = f".st-key-{key}", f"light-dark({light}, {dark})"
    styles = (
        f"{own} {{position: relative}}",
        f"{dragged} {own} > * {{opacity: 0.3}}",
        f"{dragged} {own}::before {{content: {told}; background: {ground}}}",
        f"{own}::before {{position: absolute; top: 0; left: 50%; transform: translateX(-50%)}}",
        f"{own}::before {{z-index: 1; padding: 0 0.5rem; text-align: center; font-weight: 600}}",
    )
    st.html(f"<style>{' '.join(styles)}</style>")
    return st.container(key=key)


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
