"""The frame of the lab: navigation and theme, then the page that the link names.

Start it with `streamlit run app.py`.
"""

from pages.ui.frame import draw_frame

draw_frame().run()
