"""The problem in one sentence, the collapse as it happens, and where to go next."""

import streamlit as st

from mlcore.training import TrainConfig
from pages.ui import link, live, pool, race_view
from pages.ui.controls import Setup
from pages.ui.frame import FOLDER, start_page

# Eight epochs: enough for BCE to collapse and for both to leave the collapse again.
COLLAPSE = Setup(
    data="debtags",
    options={},
    configs=(
        TrainConfig(loss="bce", epochs=8),
        TrainConfig(loss="bce_pos_weight", loss_params={"pos_weight": "sqrt"}, epochs=8),
    ),
)

start_page(
    "Why does my network predict nothing?",
    "Give a network **512 labels of which about 5 are true**, and within a few steps it learns "
    "that the answer *nothing* is right 99 % of the time. Here you watch that happen, and race "
    "what repairs it.",
)
pool.warm_up()
link.begin()
run = live.choose_run(list_races=False)
if run is not None and pool.setup_of(run) != COLLAPSE:
    run = None

st.markdown(
    "**Predict first:** how many of the 5 tags of a Debian package will plain binary cross "
    "entropy (BCE) have predicted after 30 steps of training: about 5, about 1, or none?"
)
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button(
        "Show me the collapse", type="primary", icon=":material/play_arrow:", key="show_collapse"
    )
    st.caption(
        "races BCE against BCE with weighted positives on the tags of Debian packages, "
        "which takes some ten seconds"
    )
if pressed:
    race_view.start(COLLAPSE)
link.end(run=run and run.id)
race_view.draw_race(run, None, threshold=0.5, log_steps=True)

st.subheader("Where to go next", anchor=False)
PLACES = (
    (
        "train",
        "**Train**: race losses",
        ":material/model_training:",
        "Two to four losses from one start, with your own weights, focusing and model. See which "
        "rows and which labels each of them gets right.",
    ),
    (
        "thresholds",
        "**Thresholds**: move the cut",
        ":material/tune:",
        "Half of the problem is the cut at 0.5. Drag it over a race, over known truth or over your "
        "own scores, before you blame the loss.",
    ),
    (
        "metrics",
        "**Metrics**: where figures come from",
        ":material/calculate:",
        "Micro, macro, weighted, samples: click a figure, and the cells that it is made of light "
        "up.",
    ),
)
for column, (name, title, icon, words) in zip(st.columns(len(PLACES)), PLACES, strict=True):
    with column.container(border=True, height="stretch"):
        st.page_link(FOLDER / f"{name}.py", label=title, icon=icon)
        st.markdown(words)
