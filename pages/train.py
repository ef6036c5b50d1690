"""Race two to four losses from one start on one data set, live."""

import streamlit as st

from pages.ui import controls, link, live, pool, presets, race_view, rows_view
from pages.ui.frame import start_page
from pages.ui.words import _

start_page(
    _("Race losses"),
    _(
        "Choose a preset or your own contenders on the left, **predict which one finds the rare "
        "labels**, then press Run."
    ),
)
pool.warm_up()
link.begin()
run = live.choose_run()
presets.choose_preset()
with st.sidebar:
    setup = controls.choose_setup(pool.run_pool().devices)
threshold, log_steps = race_view.choose_view()
link.end(run=run and run.id)
race_view.draw_race(run, setup, threshold=threshold, log_steps=log_steps)
if run is None:
    race_view.draw_invitation()
else:
    rows_view.draw_details(run, threshold)
