"""The playground's one screen: what is chosen, what is dragged, and the stage."""

import streamlit as st

from pages.ui.playground.scenes import SCENES
from pages.ui.playground.settings import SETTINGS, dragged_of, moved_by, question_of, rarity_of
from pages.ui.playground.stage import draw_stage

CHOICES = {"scene": 1, "loss": 1.6, "against": 1.6, "model": 1}  # and how wide they are


def draw_playground() -> None:
    """Draw all of it; a part of the page that runs by itself."""
    with st.container(key="playground", gap="small"):
        values = _choose()
        left, right = st.columns([1, 4.4], gap="medium")
        with left:
            values |= _drag(values["scene"], values["loss"])
        with right:
            draw_stage(question_of(values), moved_by(values["loss"], values["scene"]))


def _choose() -> dict[str, object]:
    """Data, loss and model; returns what was chosen by name."""
    places = dict(zip(CHOICES, st.columns([*CHOICES.values()]), strict=True))
    scene = SETTINGS.draw("scene", places["scene"], on_change=_begin_scene)
    model = {"default": SCENES[scene].config.model}
    said = {name: SETTINGS.draw(name, places[name]) for name in ("loss", "against")}
    return said | {"scene": scene, "model": SETTINGS.draw("model", places["model"], **model)}


def _begin_scene() -> None:
    """Another scene begins with its own settings."""
    scene = SETTINGS["scene"]
    config = SCENES[scene].config
    SETTINGS.reset({"scene": scene, "model": config.model, "rate": config.learning_rate})


def _drag(scene: str, loss: str) -> dict[str, float]:
    """Draw the sliders; returns their values by name."""
    defaults = {f"{loss}.{each.name}": each.default for each in dragged_of(loss)}
    defaults["rate"] = SCENES[scene].config.learning_rate
    if (rarity := rarity_of(scene)) is not None:
        defaults[f"{scene}.{rarity.name}"] = SCENES[scene].options.get(rarity.name, rarity.default)
    defaults["t"] = SETTINGS.by_name["t"].start
    return {name: SETTINGS.draw(name, default=value) for name, value in defaults.items()}
