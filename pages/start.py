"""The problem in one sentence, the collapse as it happens, and where to go next."""

from pages.ui.frame import start_page

start_page("Why does my network predict nothing?", "x")
