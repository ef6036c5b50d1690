"""Settings of the Losses page: which losses, their parameters on sliders that the charts follow."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from mlcore.checks import Parameter
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
# Parameters that stand apart where a loss has others, so that its curves begin high on the page.
RARE = {"label_smoothing", "poly", "cap", "detach_focusing", "focal.alpha"}


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


def draw_more(keys: Iterable[str]) -> tuple[dict[str, dict], Scene]:
    """Draw what is set more rarely; returns those parameters by loss, and the cells around.

    Args:
        keys: Of the losses on show.
    """
    parts = {key: _folded(key) for key in keys}
    parts = {key: parameters for key, parameters in parts.items() if parameters}
    *places, last = st.columns(len(parts) + 1, gap="medium")
    params = {}
    for (key, parameters), place in zip(parts.items(), places, strict=True):
        with place:
            st.markdown(f"**{_(LOSSES[key].title)}**")
            params[key] = SETTINGS.draw_parameters(f"{key}.", parameters)
    with last:
        return params, _choose_scene()


def choose_parameters(keys: Sequence[str], more: Mapping[str, Mapping]) -> list[Drawn]:
    """Draw the main parameters of every loss, each in its colour.

    Args:
        keys: Of the losses on show.
        more: Their other parameters by loss, as `draw_more` gives them.
    """
    drawn = []
    for place, (key, column) in enumerate(zip(keys, st.columns(len(keys)), strict=True)):
        info, params, sliders = LOSSES[key], dict(more.get(key, {})), {}
        with column:
            st.markdown(f":{COLOURS[place]}[**{MARKS[place]} {_(info.title)}**]")
            if not info.parameters:
                st.caption(_("This one has no parameters."))
            main = [each for each in info.parameters if each.name not in params]
            params |= SETTINGS.draw_parameters(f"{key}.", main)
        for parameter in info.parameters:
            if not isinstance(params[parameter.name], (bool, str)):
                number = ".number" if parameter.choices else ""
                sliders[f"{key}.{parameter.name}{number}"] = parameter.name
        params = {each.name: params[each.name] for each in info.parameters}
        drawn.append(Drawn(key=key, params=params, sliders=sliders))
    return drawn


def _folded(key: str) -> list[Parameter]:
    """The parameters of a loss that are set more rarely, if it has others."""
    parameters = LOSSES[key].parameters
    rare = [each for each in parameters if {each.name, f"{key}.{each.name}"} & RARE]
    return rare if len(rare) < len(parameters) else []


def _choose_scene() -> Scene:
    """The cells around the one whose logit moves."""
    cells = SETTINGS.draw("cells")
    positives = SETTINGS.draw("positives", ends=(1, cells - 1))
    others, reach = SETTINGS.draw("others"), SETTINGS.draw("reach")
    return Scene(cells=cells, positives=positives, others=others, low=-reach, high=reach)
