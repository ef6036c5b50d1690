"""Pitfalls."""

from pages.ui import link
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(_("Pitfalls"), _("Pitfalls"))
link.begin()
link.end()
