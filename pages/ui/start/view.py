"""What the Start page asks, and the ways on."""

import streamlit as st

from mlcore.losses import LOSSES
from pages.ui.frame import FOLDER, PAGES
from pages.ui.kit import races
from pages.ui.kit.contenders import Setup
from pages.ui.server.jobs import Race
from pages.ui.words import _

ASKED = "collapse.asked"
COLLAPSE = Setup(data="debtags", options={}, configs=races.COLLAPSE)


def ask() -> Race | None:
    """The question and the button that answers it; returns the race that does, if it is there."""
    run = races.choose_run(list_races=False)
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
    return run if run is not None and run.about == COLLAPSE else None


def draw_ways() -> None:
    """Cards side by side, each a page's link and what it is for."""
    st.subheader(_("Learn: one question a page"), anchor=False)
    _draw_cards(
        {
            "probabilities": _("**One label or many?** Softmax beside sigmoid, logit by logit."),
            "information": _("**What does it cost to expect the wrong thing?** Entropy in bars."),
            "losses": _("**What does a loss pull at?** {n} losses as curves you can drag.").format(
                n=len(LOSSES)
            ),
            "metrics": _("**Where does each number come from?** Four averages, cell by cell."),
            "pitfalls": _("**Does a mistake announce itself?** Famous ones, run for real."),
        }
    )
    st.subheader(_("Lab: your own question"), anchor=False)
    _draw_cards(
        {
            "train": _(
                "**Race losses.** Two to four from one start, with your own weights, focusing and "
                "model. See which rows and which labels each of them gets right."
            ),
            "thresholds": _(
                "**Move the cut.** Half of the problem is the cut at 0.5. Drag it over a race, "
                "over known truth or over your own scores, before you blame the loss."
            ),
        }
    )


def _draw_cards(texts: dict[str, str]) -> None:
    pages = {name: (title, icon) for group in PAGES.values() for name, title, icon in group}
    for column, (name, text) in zip(st.columns(len(texts)), texts.items(), strict=True):
        title, icon = pages[name]
        with column.container(border=True, height="stretch"):
            st.page_link(FOLDER / f"{name}.py", label=_(title), icon=icon)
            st.markdown(text)
