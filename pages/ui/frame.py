"""What every page stands in: navigation, page settings, and the process-wide warm-up."""

import streamlit as st

# Section -> (file in pages, title, icon). The file's name is the path in the link.
PAGES = {
    "Start": [("start", "Start", ":material/flag:")],
    "Lab": [("train", "Train", ":material/model_training:")],
}
FRAME_DRAWN = "frame drawn in this run"


def draw_frame():
    """Draw navigation and page settings; returns the page that the link names."""
    st.set_page_config(
        page_title="Multi-Label Loss Lab", page_icon=":material/join_inner:", layout="wide"
    )
    page = st.navigation(
        {
            section: [
                st.Page(
                    f"pages/{name}.py",
                    title=title,
                    icon=icon,
                    url_path=name,
                    default=name == "start",
                )
                for name, title, icon in pages
            ]
            for section, pages in PAGES.items()
        },
        position="top",
    )
    st.session_state[FRAME_DRAWN] = True
    return page


def start_page(title: str, lead: str) -> None:
    """Begin a page: its frame if need be, its title, and one sentence on what to do here.

    The first request to a fresh server runs the page file without `app.py`, because a folder
    named pages stands beside it; then the frame is drawn from here.
    """
    if not st.session_state.pop(FRAME_DRAWN, False):
        draw_frame()
        st.session_state.pop(FRAME_DRAWN)
    # Streamlit leaves a hand's breadth free above the title; a projected page needs it below.
    st.html("<style>.stMainBlockContainer {padding-top: 4rem; padding-bottom: 3rem}</style>")
    st.title(title, anchor=False)
    st.markdown(lead)
