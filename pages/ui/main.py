"""What Streamlit runs for every view: the frame, then the page that the link names."""

from pages.ui.frame import draw_frame

draw_frame().run()
