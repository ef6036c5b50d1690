"""The playground's one screen: what is chosen, what is dragged, and the stage."""

import streamlit as st

from pages.ui.kit.guess import draw_calibration
from pages.ui.playground.prediction import DARK, draw_prediction
from pages.ui.playground.scenes import SCENES
from pages.ui.playground.settings import (
    LAST,
    SETTINGS,
    dragged_of,
    moved_by,
    question_of,
    rarity_of,
)
from pages.ui.playground.stage import draw_stage
from pages.ui.playground.ways import draw_places, draw_ways
from pages.ui.words import _

CHOICES = {"scene": 1, "loss": 1.6, "against": 1.6, "model": 1}  # and how wide they are


def draw_playground() -> None:
    """Draw all of it, and below it the ways on."""
    with st.container(key="choices"):
        values = _choose()
    with st.container(key="screen"):
        left, right = st.columns([1, 4.6], gap="medium")
        with left, st.container(key="drags"):
            values |= _drag(values["scene"], values["loss"])
        values["points"] = SETTINGS.draw("points")
        question, step = question_of(values), SETTINGS.draw("step")
        with right:
            with st.container(key="prediction"):
                is_held = draw_prediction(question, step)
            draw_stage(question, moved_by(values["loss"], values["scene"]), step, is_held=is_held)
    draw_ways(question, values["t"])
    draw_places()
    draw_calibration()


def _choose() -> dict[str, object]:
    """Data, loss and model; returns what was chosen by name."""
    places = dict(zip(CHOICES, st.columns([*CHOICES.values()]), strict=True))
    scene = SETTINGS.draw("scene", places["scene"], on_change=_change_scene)
    model = {"default": SCENES[scene].config.model}
    said = {name: SETTINGS.draw(name, places[name]) for name in ("loss", "against")}
    return said | {"scene": scene, "model": SETTINGS.draw("model", places["model"], **model)}


def _change_scene() -> None:
    """Another scene begins with the model and the rate that suit it; losses stay."""
    SETTINGS.put(**_own(SETTINGS["scene"]), step=LAST)


def _show_dark() -> None:
    """The scene in which a network learns to predict nothing, from its beginning."""
    SETTINGS.put(scene=DARK)
    _start_over()


def _start_over() -> None:
    """Have all as the scene begins."""
    scene = SETTINGS["scene"]
    SETTINGS.reset({"scene": scene, **_own(scene)})


def _own(scene: str) -> dict[str, object]:
    config = SCENES[scene].config
    return {"model": config.model, "rate": config.learning_rate}


def _drag(scene: str, loss: str) -> dict[str, float]:
    """Draw the sliders; returns their values by name."""
    st.caption(_("**Drag**, and it retrains as you do."))
    defaults = {f"{loss}.{each.name}": each.default for each in dragged_of(loss)}
    defaults["rate"] = SCENES[scene].config.learning_rate
    if (rarity := rarity_of(scene)) is not None:
        defaults[f"{scene}.{rarity.name}"] = SCENES[scene].options.get(rarity.name, rarity.default)
    values = {name: SETTINGS.draw(name, default=value) for name, value in defaults.items()}
    st.caption(_("**Cut**, with no training at all."))
    values["t"] = SETTINGS.draw("t")
    if scene != DARK:
        st.button(
            _("See 512 labels go dark"),
            icon=":material/dark_mode:",
            type="tertiary",
            key="dark_button",
            help=_("The scene of the title: after some steps, nothing is predicted for any row."),
            on_click=_show_dark,
        )
    st.button(
        _("Start over"),
        icon=":material/replay:",
        type="tertiary",
        help=_("Sets all back to where this scene begins."),
        on_click=_start_over,
    )
    return values
