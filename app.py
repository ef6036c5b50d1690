"""The lab: `streamlit run app.py`.

Streamlit imports this file once for the server, and runs it as a script for every view of a page.
"""

import streamlit as st

from pages.ui.channel import MIDDLEWARE, ROUTES
from pages.ui.frame import draw_frame

if __name__ == "__main__":
    draw_frame().run()
else:
    app = st.App(__file__, routes=ROUTES, middleware=MIDDLEWARE)
