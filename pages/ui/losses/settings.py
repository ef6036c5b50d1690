"""Settings of the Losses page: which losses, their parameters on sliders that the charts follow."""

from collections.abc import Iterable

import streamlit as st

from mlcore.learn.response import Scene
from mlcore.losses import LOSSES
from pages.ui.kit.contenders import COLOURS, MARKS
from pages.ui.kit.controls import Choice, Number, Setting, Several, Switch, settings_of
from pages.ui.kit.slider import FIRST_WEIGHT, drag_slider
from pages.ui.losses.channel import MOST_LOSSES
from pages.ui.losses.lab import Drawn
from pages.ui.settings import Settings
from pages.ui.words import N_, _

TITLES = {key: info.title for key, info in LOSSES.items()}
CELLS = (512, 64, 8)
REACHES = (8, 4, 16, 40)


def _of_loss(key: str) -> list[Setting]:
    """Its parameters; where one may be a scheme of weights, a number is there to be dragged."""
    parameters = LOSSES[key].parameters
    schemes = [each.name for each in parameters if isinstance(each.default, str) and each.log]
    return settings_of(f"{key}.", parameters, dict.fromkeys(schemes, FIRST_WEIGHT), drag=True)


SETTINGS = Settings(
    "losses",
    Several(
        "losses",
        TITLES,
        default=("bce", "bce_pos_weight", "focal"),
        most=MOST_LOSSES,
        title="Losses",
    ),
    Switch(
        "logy",
        title="Logarithmic loss",
        help="Shows how small a loss becomes on labels that are already right.",
    ),
    *map(_of_loss, LOSSES),
    Choice(
        "cells",
        CELLS,
        title="Cells: labels of a row, or rows of a batch",
        help="How many logits there are for the balance, and around the one that moves.",
    ),
    Number(
        "positives",
        (1, max(CELLS) - 1),
        default=5,
        integer=True,
        widget=drag_slider,
        title="Cells that are true",
        help="Their share is the prior π, which weights by scheme and logit adjustment use too.",
    ),
    Number(
        "others",
        (-8.0, 8.0),
        step=0.05,
        widget=drag_slider,
        title="Logit of all other cells",
        help="For losses that look at several labels: where the others stay while one moves.",
    ),
    Choice(
        "reach",
        REACHES,
        titles=lambda end: f"−{end} … {end}",
        title="Range of the logit",
        help="How far the curves reach on both sides.",
    ),
    Number(
        "z",
        (-max(REACHES), max(REACHES)),
        step=0.05,
        widget=drag_slider,
        title="Logit that moves",
        help="The curves can be dragged too; the table below them says what they are there.",
    ),
    Choice(
        "topic",
        {
            "notice": N_("What to notice"),
            "formulas": N_("Formulas"),
            "framework": N_("The same in your framework"),
            "code": N_("Code"),
        },
        widget=st.segmented_control,
        title="About these losses",
        help="Each takes the settings as they are now.",
    ),
    Choice("shown", TITLES, title="Loss", help="Which of them."),
    Number(
        "theorem.weight",
        (1e-2, 1e3),
        default=10.0,
        log=True,
        title="Positive weight w",
        help="How many times a true label counts in BCE.",
    ),
    Number(
        "theorem.positives",
        (1, max(CELLS) - 1),
        default=5,
        integer=True,
        title="True labels of 512",
        help="How many targets of the first batch are true.",
    ),
)


def choose_losses() -> list[str]:
    """Draw the choice of losses; at least one."""
    help = _("Up to {n}, laid over one another.").format(n=MOST_LOSSES)
    return SETTINGS.draw("losses", help=help)


def choose_parameters(keys: Iterable[str]) -> list[Drawn]:
    """Draw the parameters of every loss, each in its colour."""
    drawn = []
    for place, key in enumerate(keys):
        info = LOSSES[key]
        st.markdown(f":{COLOURS[place]}[**{MARKS[place]} {_(info.title)}**]")
        if not info.parameters:
            st.caption(_("This one has no parameters."))
        params, sliders = SETTINGS.draw_parameters(f"{key}.", info.parameters), {}
        for parameter in info.parameters:
            if not isinstance(params[parameter.name], (bool, str)):
                number = ".number" if parameter.choices else ""
                sliders[f"{key}.{parameter.name}{number}"] = parameter.name
        drawn.append(Drawn(key=key, params=params, sliders=sliders))
    return drawn


def choose_scene() -> Scene:
    """The cells around the one whose logit moves."""
    cells = SETTINGS.draw("cells")
    positives = SETTINGS.draw("positives", ends=(1, cells - 1))
    others, reach = SETTINGS.draw("others"), SETTINGS.draw("reach")
    return Scene(cells=cells, positives=positives, others=others, low=-reach, high=reach)
