"""Settings of the Losses page: which losses, their parameters on sliders that the charts follow."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import streamlit as st

from mlcore.checks import Parameter, check_choice
from mlcore.learn.response import Scene
from mlcore.losses import LOSSES
from pages.ui import link
from pages.ui.kit.controls import (
    COLOURS,
    MARKS,
    NUMBER,
    capitalised,
    choose,
    parameter_widget,
    parse_switch,
)
from pages.ui.kit.slider import FIRST_WEIGHT, slide
from pages.ui.losses.channel import MOST_LOSSES
from pages.ui.losses.lab import Drawn
from pages.ui.words import _

DEFAULTS = ("bce", "bce_pos_weight", "focal")
CELLS = (512, 64, 8)
REACHES = (8, 4, 16, 40)


class Keys(tuple):
    """Keys of losses; written into the link with points between them."""

    def __str__(self) -> str:
        return ".".join(self)


def choose_losses() -> Keys:
    """Draw the choice of losses; at least one."""
    return link.widget(
        _choose_keys,
        "losses",
        Keys(DEFAULTS),
        _read_keys,
        label=_("Losses"),
        options=list(LOSSES),
        format_func=lambda key: _(LOSSES[key].title),
        max_selections=MOST_LOSSES,
        help=_("Up to {n}, laid over one another.").format(n=MOST_LOSSES),
    )


def _choose_keys(key: str, **options) -> Keys:
    st.session_state[key] = list(st.session_state[key])
    return Keys(st.multiselect(key=key, **options))


def _read_keys(text: str) -> Keys:
    keys = Keys(dict.fromkeys(text.split(".")))
    for key in keys:
        check_choice("loss", key, LOSSES)
    if len(keys) > MOST_LOSSES:
        raise ValueError(f"losses must be at most {MOST_LOSSES}, got {len(keys)}")
    return keys


def choose_parameters(keys: Iterable[str]) -> list[Drawn]:
    """Draw the parameters of every loss, each in its colour."""
    drawn = []
    for place, key in enumerate(keys):
        info = LOSSES[key]
        st.markdown(f":{COLOURS[place]}[**{MARKS[place]} {_(info.title)}**]")
        if not info.parameters:
            st.caption(_("This one has no parameters."))
        params, sliders = {}, {}
        for parameter in info.parameters:
            value, slider = drag_parameter(f"{key}.{parameter.name}", parameter)
            params[parameter.name] = value
            if slider:
                sliders[slider] = parameter.name
        drawn.append(Drawn(key=key, params=params, sliders=sliders))
    return drawn


def drag_parameter(key: str, parameter: Parameter) -> tuple[object, str]:
    """Draw what fits a parameter; returns its value and the key of its slider, if it has one."""
    if isinstance(parameter.default, bool) or parameter.low is None:
        return parameter_widget(key, parameter), ""
    title = capitalised(_(parameter.title))
    if parameter.choices:
        if isinstance(parameter.default, str) and parameter.log:
            parameter = replace(parameter, default=FIRST_WEIGHT)
        options = [*parameter.choices, NUMBER]
        first = parameter.default if isinstance(parameter.default, str) else NUMBER
        choice = choose(key, title, options, _(parameter.help), default=first, titles=_)
        if choice != NUMBER:
            return choice, ""
        key, title = f"{key}.number", _("{title}: number").format(title=title)
        if isinstance(parameter.default, str):
            parameter = replace(parameter, default=(parameter.low + parameter.high) / 2)
    value = slide(
        key,
        parameter,
        label=title,
        help=_(parameter.help),
        low=parameter.low,
        high=parameter.high,
    )
    return value, key


POSITIVES = Parameter(
    name="positives",
    title="positives",
    default=5,
    low=1,
    high=max(CELLS) - 1,
    integer=True,
    help="",
)
OTHERS = Parameter(
    name="others", title="others", default=0.0, low=-8.0, high=8.0, step=0.05, help=""
)
CURSOR = Parameter(name="z", title="z", default=0.0, low=-40.0, high=40.0, step=0.05, help="")


def choose_scene() -> tuple[Scene, Mapping[str, str]]:
    """The cells around the one whose logit moves; and by slider what of the scene it moves."""
    cells = choose(
        "cells",
        _("Cells: labels of a row, or rows of a batch"),
        CELLS,
        _("How many logits there are for the balance, and around the one that moves."),
    )
    positives = slide(
        "positives",
        POSITIVES,
        label=_("Cells that are true"),
        help=_("Their share is the prior π, which weights by scheme and logit adjustment use too."),
        low=1,
        high=cells - 1,
    )
    others = slide(
        "others",
        OTHERS,
        label=_("Logit of all other cells"),
        help=_("Losses that look at several labels see the others here while one moves."),
        low=OTHERS.low,
        high=OTHERS.high,
    )
    reach = choose(
        "reach",
        _("Range of the logit"),
        REACHES,
        _("How far to both sides the curves go."),
        titles=lambda end: f"−{end} … {end}",
    )
    scene = Scene(cells=cells, positives=positives, others=others, low=-reach, high=reach)
    return scene, {"positives": "positives", "others": "others"}


def choose_cursor(scene: Scene) -> float:
    """The logit at which the table reads the curves."""
    return slide(
        "z",
        CURSOR,
        label=_("Logit that moves"),
        help=_("The curves can be dragged too; the table below them says what they are there."),
        low=scene.low,
        high=scene.high,
    )


def choose_log() -> bool:
    """Whether the axis of the loss is logarithmic."""
    return link.widget(
        st.toggle,
        "logy",
        False,
        parse_switch,
        label=_("Logarithmic loss"),
        help=_("Shows how small a loss becomes on labels that are already right."),
    )
