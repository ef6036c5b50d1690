"""The problem in one sentence, the collapse as it happens, and where to go next."""

import streamlit as st

from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from pages.ui.frame import FOLDER, PAGES, start_page
from pages.ui.kit import races
from pages.ui.kit.contenders import Setup
from pages.ui.server import jobs
from pages.ui.settings import Settings
from pages.ui.train import view
from pages.ui.words import _

# Eight epochs: enough for BCE to collapse and for both to leave the collapse again.
ASKED = "collapse.asked"
SETTINGS = Settings("start")
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


def draw_places(*places: tuple[str, str]) -> None:
    """Cards side by side, each a page's link and what it is for."""
    pages = {name: (title, icon) for group in PAGES.values() for name, title, icon in group}
    for column, (name, text) in zip(st.columns(len(places)), places, strict=True):
        title, icon = pages[name]
        with column.container(border=True, height="stretch"):
            st.page_link(FOLDER / f"{name}.py", label=_(title), icon=icon)
            st.markdown(text)


jobs.warm_up()
SETTINGS.begin()
run = races.choose_run(list_races=False)
if run is not None and run.about != COLLAPSE:
    run = None

st.markdown(
    _(
        "**Predict first:** how many of the 5 tags of a Debian package will plain binary cross "
        "entropy (BCE) have predicted after 30 steps of training: about 5, about 1, or none?"
    )
)
with st.container(horizontal=True, vertical_alignment="center"):
    st.button(
        _("Show me the collapse"),
        type="primary",
        icon=":material/play_arrow:",
        key="show_collapse",
        on_click=races.ask,
        args=(ASKED,),
    )
    st.caption(
        _(
            "races BCE against BCE with weighted positives on the tags of Debian packages, "
            "which takes some ten seconds"
        )
    )
races.start_if_asked(ASKED, COLLAPSE)
SETTINGS.end(run=run and run.id)
view.draw_race(run, None, threshold=0.5, log_steps=True)

st.subheader(_("Learn: one question a page"), anchor=False)
draw_places(
    ("probabilities", _("**One label or many?** Softmax beside sigmoid, logit by logit.")),
    ("information", _("**What does it cost to expect the wrong thing?** Entropy in bars.")),
    (
        "losses",
        _("**What does a loss pull at?** {n} of them as curves that are dragged.").format(
            n=len(LOSSES)
        ),
    ),
    ("metrics", _("**Where does each number come from?** Four averages, cell by cell.")),
    ("pitfalls", _("**Does a mistake say that it is one?** Famous ones, run for real.")),
)
st.subheader(_("Lab: your own question"), anchor=False)
draw_places(
    (
        "train",
        _(
            "**Race losses.** Two to four from one start, with your own weights, focusing and "
            "model. See which rows and which labels each of them gets right."
        ),
    ),
    (
        "thresholds",
        _(
            "**Move the cut.** Half of the problem is the cut at 0.5. Drag it over a race, over "
            "known truth or over your own scores, before you blame the loss."
        ),
    ),
)
