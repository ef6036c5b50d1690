"""From the playground to the pages where the same goes on, and to all the others."""

import time
from collections.abc import Mapping

import streamlit as st

from mlcore.datasets import DATASETS
from mlcore.losses import LOSSES
from pages.ui.frame import FOLDER, PAGES
from pages.ui.kit.contenders import Setup
from pages.ui.kit.training import rates_around
from pages.ui.playground.channel import configs_of, data_of
from pages.ui.playground.scenes import SCENES
from pages.ui.server import compute, jobs, visitors
from pages.ui.words import _

LONGEST_WAIT = 60.0  # seconds for a race of the playground's size
SWEEP = "s."  # what the Sweep page's settings begin with


def draw_ways(question: Mapping[str, object], threshold: float) -> None:
    """Three buttons: the same race on the Train page, its thresholds, and a grid around it."""
    setup = setup_of(question)
    with st.container(horizontal=True, vertical_alignment="center", key="ways"):
        st.page_link(
            FOLDER / "train.py",
            label=_("Open in Train"),
            icon=":material/model_training:",
            query_params=train_link(setup, threshold),
            help=_(
                "The same data, losses and budget as a race, with everything that page shows. "
                "Where there is nothing against it, plain BCE races beside it, or BCE with weights "
                "beside plain BCE."
            ),
        )
        if st.button(
            _("Open in Thresholds"),
            icon=":material/tune:",
            type="tertiary",
            help=_(
                "Trains it as a race and opens its thresholds, tuned on validation rows and "
                "reported on test rows."
            ),
        ):
            _race(setup)
            st.switch_page(FOLDER / "thresholds.py", query_params={"t": f"{threshold:g}"})
        st.page_link(
            FOLDER / "sweep.py",
            label=_("Open in Sweep"),
            icon=":material/grid_on:",
            query_params=sweep_link(setup),
            help=_("A grid of settings around the first loss, each trained."),
        )
        if question["options"].get("points"):
            st.caption(_("The points that you painted stay here."))


def _race(setup: Setup) -> None:
    """Race it, and wait for its end: Thresholds shows what it predicts when it is opened."""
    race = jobs.jobs().start_race(setup, owner=visitors.me())
    jobs.show(race)
    end = time.monotonic() + LONGEST_WAIT
    with st.spinner(_("Training …")):
        while race.active and time.monotonic() < end:
            compute.end_if_gone()
            time.sleep(0.1)


def setup_of(question: Mapping[str, object]) -> Setup:
    """The race that the stage shows; where it is of one, something else is the second."""
    scene = SCENES[question["scene"]]
    data, options = data_of(scene, question["options"])
    configs = configs_of(scene, question["configs"])
    if len(configs) == 1:
        first = question["configs"][0]
        other = "bce_pos_weight" if is_plain(**first) else "bce"
        configs += configs_of(scene, [{**first, "loss": other, "loss_params": {}}])
    numbers = {each.name for each in DATASETS[data].parameters}
    options = {name: value for name, value in options.items() if name in numbers}
    return Setup(data=data, options=options, configs=tuple(configs))


def is_plain(*, loss: str, loss_params: Mapping[str, object], **_others: object) -> bool:
    """Whether a loss is BCE under another name, too."""
    params = {"pos_weight": 1.0} | dict(loss_params)
    return loss == "bce" or (loss == "focal" and (params["gamma"], params["pos_weight"]) == (0, 1))


def train_link(setup: Setup, threshold: float) -> dict[str, str]:
    """What the Train page's link says for it."""
    return {
        name: str(value) for name, value in (setup.settings() | {"threshold": threshold}).items()
    }


def sweep_link(setup: Setup) -> dict[str, str]:
    """What the Sweep page's link says for a grid around the first contender."""
    said = setup.settings()
    own = {name.removeprefix("A."): value for name, value in said.items() if name[:2] != "B."}
    own["learning_rate.range"] = rates_around(setup.configs[0].learning_rate)
    return {f"{SWEEP}{name}": str(value) for name, value in own.items() if name != "contenders"}


def draw_places() -> None:
    """All other pages, each with what it is for."""
    told = {
        "questions": _("**What is wrong with my model?** From your symptom to the page."),
        "probabilities": _("**One label or many?** Softmax beside sigmoid, logit by logit."),
        "information": _("**What does it cost to expect the wrong thing?** Entropy in bars."),
        "losses": _("**What does a loss pull at?** {n} losses as curves you can drag.").format(
            n=len(LOSSES)
        ),
        "metrics": _("**Where does each number come from?** Four averages, cell by cell."),
        "pitfalls": _("**Does a mistake announce itself?** Famous ones, run for real."),
        "train": _("**Race losses.** Two to four from one start, with your own settings."),
        "thresholds": _("**Move the cut.** Half of the problem is the cut at 0.5."),
        "imbalance": _("**Who is rare, and with whom?** Whom a loss or a sampler helps."),
        "sweep": _("**Which settings?** A grid of them trained, read as a surface."),
    }
    for section, pages in PAGES.items():
        pages = [page for page in pages if page[0] in told]
        if section:
            st.subheader(_(section), anchor=False)
        for column, (name, title, icon) in zip(st.columns(len(pages)), pages, strict=True):
            with column.container(border=True, height="stretch"):
                st.page_link(FOLDER / f"{name}.py", label=_(title), icon=icon)
                st.markdown(told[name])
