"""What every page stands in: navigation, page settings, title."""

from pathlib import Path

import streamlit as st

from pages.ui import settings, words
from pages.ui.language_switch import draw_language_switch
from pages.ui.present.present import draw_present_button
from pages.ui.words import N_, _

FOLDER = Path(__file__).parents[1]
ICON = FOLDER.parent / "data" / "icon.svg"
# Section -> (file in pages, title, icon). The file's name is the path in the link; pages without
# a section stand in the bar themselves.
PAGES = {
    "": [
        ("playground", N_("Playground"), ":material/play_circle:"),
        ("questions", N_("Questions"), ":material/contact_support:"),
    ],
    N_("Learn"): [
        ("probabilities", N_("Probabilities"), ":material/percent:"),
        ("information", N_("Information"), ":material/bar_chart:"),
        ("losses", N_("Losses"), ":material/show_chart:"),
        ("metrics", N_("Metrics"), ":material/calculate:"),
        ("pitfalls", N_("Pitfalls"), ":material/warning:"),
    ],
    N_("Lab"): [
        ("train", N_("Train"), ":material/model_training:"),
        ("thresholds", N_("Thresholds"), ":material/tune:"),
        ("imbalance", N_("Imbalance"), ":material/equalizer:"),
        ("sweep", N_("Sweep"), ":material/grid_on:"),
    ],
}


def draw_frame():
    """Draw navigation and page settings; returns the page that the link names."""
    # Before the navigation, or the icon is the page's, which a browser takes from another server.
    st.set_page_config(page_icon=ICON, layout="wide")
    settings.hear()
    words.choose_language()
    sections = {
        _(section): [
            st.Page(FOLDER / f"{name}.py", title=_(title), icon=icon, url_path=name)
            for name, title, icon in pages
        ]
        for section, pages in PAGES.items()
    }
    # Streamlit serves its default page at the root only, so that is a second, unlisted one. Another
    # is where links from before lead.
    sections[""] += [
        st.Page(
            FOLDER / "playground.py",
            title=_("Playground"),
            url_path=path,
            default=path == "home",
            visibility="hidden",
        )
        for path in ("home", "start")
    ]
    page = st.navigation(sections, position="top")
    st.set_page_config(page_title=f"{page.title} · {_('Multi-Label Loss Lab')}")
    return page


def start_page(title: str, lead: str = "", *, sidebar: bool = False) -> None:
    """Begin a page.

    Args:
        title: Its title, untranslated.
        lead: One sentence on what to do here, untranslated; where there is none, the page says so
            itself.
        sidebar: Whether it has one, which then is there before what it would move.
    """
    if sidebar:
        st.sidebar.empty()
    with st.container(horizontal=True, vertical_alignment="top"):
        st.title(_(title), anchor=False)
        draw_language_switch()
        draw_present_button()
    if lead:
        st.markdown(_(lead))
