"""Presets before a race, as cards: what each asks, and how hard its contenders pull a label."""

from collections.abc import Mapping
from urllib.parse import quote

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.learn.response import Scene
from mlcore.losses import LOSSES
from mlcore.palette import DASHES, PALETTE
from pages.ui.kit.contenders import LETTERS
from pages.ui.kit.controls import NUMBER
from pages.ui.server.compute import compute
from pages.ui.server.jobs import Race
from pages.ui.settings import PRESETS as HIDDEN
from pages.ui.train.predictions import PREDICTIONS
from pages.ui.train.presets import PRESETS
from pages.ui.train.settings import SETTINGS
from pages.ui.words import _

SCENE = Scene()  # a label that is true in 5 of 512 cells
WIDE, HIGH, EDGE = 240, 60, 5  # of a picture, in its own units
FIXED = 'vector-effect="non-scaling-stroke"'  # lines stay as wide where it is stretched


def draw_presets(run: Race | None, chosen: str | None) -> dict[str, DeltaGenerator]:
    """Cards to choose from, or their titles alone above a race; returns places for pictures."""
    if run is not None or SETTINGS.is_hidden(HIDDEN):
        told = _("Sets the data set, the contenders and everything else for a race worth seeing.")
        SETTINGS.draw_presets(PRESETS, chosen, key="preset", help=told)
        return {}
    places = {}
    with st.container(key="presets"):
        for title in PRESETS:
            with st.container(border=True, gap="xsmall"):
                places[title] = _draw_card(title, chosen)
        st.caption(
            _(
                "Curves: how hard each contender pulls a rare label up where it is true (thick) "
                "and down where it is false (thin), over its score before the sigmoid; dots: start."
            )
        )
    return places


def _draw_card(title: str, chosen: str | None) -> DeltaGenerator:
    st.button(
        _(title),
        icon=f":material/radio_button_{'' if title == chosen else 'un'}checked:",
        type="tertiary",
        key=f"preset {title}",
        on_click=SETTINGS.reset,
        args=(PRESETS[title],),
    )
    place = st.container(height=64, border=False)
    st.caption(_(PREDICTIONS[title].question))
    return place


def draw_pictures(places: Mapping[str, DeltaGenerator]) -> None:
    """Fill the places; last on a page, because the first may wait for a worker process."""
    for title, place in places.items():
        place.html(picture(contenders_of(PRESETS[title])))


def contenders_of(values: Mapping[str, object]) -> list[tuple[str, dict, bool]]:
    """Of each contender of a preset: its loss, its parameters, whether it starts at frequencies."""
    found = []
    for letter in LETTERS[: values["contenders"]]:
        loss, params = values[f"{letter}.loss"], {}
        for parameter in LOSSES[loss].parameters:
            name = f"{letter}.{loss}.{parameter.name}"
            value = values.get(name, parameter.default)
            params[parameter.name] = values[f"{name}.number"] if value == NUMBER else value
        found.append((loss, params, values.get(f"{letter}.bias") == "prior"))
    return found


def picture(contenders: list[tuple[str, dict, bool]]) -> str:
    """How hard a true label's logit is pulled up and a false one's down, over it, as a drawing."""
    pulls = [
        compute("mlcore.learn.response:curves", loss, params, SCENE)[[1, 3]] * [[-1], [1]]
        for loss, params, _prior in contenders
    ]
    low, high = min(pull.min() for pull in pulls), max(pull.max() for pull in pulls)
    z = SCENE.logits()

    def points(values: np.ndarray, logits: np.ndarray) -> str:
        x = WIDE * (logits - SCENE.low) / (SCENE.high - SCENE.low)
        y = HIGH - EDGE - (HIGH - 2 * EDGE) * (values - low) / (high - low)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))

    lines = []
    for pull, contender, colour, dash in zip(pulls, contenders, PALETTE, DASHES, strict=False):
        ink = f'{FIXED} stroke="{colour}" stroke-dasharray="{" ".join(map(str, dash))}"'
        for values, width in zip(pull, (2.5, 1), strict=True):
            lines.append(
                f'<polyline {ink} stroke-width="{width}" points="{points(values[::4], z[::4])}"/>'
            )
        start = np.array([SCENE.prior_logit if contender[2] else 0.0])
        dot = points(np.interp(start, z, pull[0]), start)
        lines.append(f'<polyline {FIXED} stroke="{colour}" stroke-width="8" points="{dot} {dot}"/>')
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" fill="none" '
        f'preserveAspectRatio="none" stroke-linecap="round">{"".join(lines)}</svg>'
    )
    return f'<img class="pulls" alt="" src="data:image/svg+xml,{quote(drawing)}">'
