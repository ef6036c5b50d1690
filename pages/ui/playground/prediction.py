"""What the reader expects of the scene in which a network learns to predict nothing."""

from collections.abc import Mapping

import streamlit as st

from pages.ui.kit.guess import committed, draw_guess, settle_guess
from pages.ui.kit.numbers import filled
from pages.ui.playground.channel import configs_of, data_of
from pages.ui.playground.scenes import SCENES
from pages.ui.playground.settings import LAST, SETTINGS
from pages.ui.playground.ways import is_plain
from pages.ui.server.compute import compute
from pages.ui.words import N_, _

DARK, GUESS = "tags", "playground.dark"
STEP = 10
ANSWERS = {"many": N_("hundreds"), "some": N_("about five"), "none": N_("hardly any")}
FEW, MANY = 0.5, 20.0  # labels per row: less is nearly none, more is far too many


def draw_prediction(question: Mapping[str, object], step: str) -> bool:
    """Ask before it is seen what ten steps do to 512 labels; tell it once that is committed.

    Args:
        question: What the stage asks.
        step: Where it stands; who looks at a later one than the first has seen what is asked, and
            who has set the first loss otherwise is at something else.

    Returns:
        Whether an answer is still waited for.
    """
    first, own = question["configs"][0], SCENES[DARK].config
    is_begun = step in ("0", LAST) and is_plain(**first)
    is_begun &= all(first[name] == getattr(own, name) for name in ("model", "learning_rate"))
    if question["scene"] != DARK or (committed(GUESS) is None and not is_begun):
        return False
    guess = draw_guess(
        GUESS,
        _("**Predict:** after {step} steps, how many of the 512 tags does a package get?").format(
            step=STEP
        ),
        {key: _(text) for key, text in ANSWERS.items()},
    )
    if guess is not None and guess.value is not None:
        _tell()
    return guess is None


def _tell() -> None:
    scene = SCENES[DARK]
    asked = {name: getattr(scene.config, name) for name in ("loss", "loss_params", "model")}
    (config,) = configs_of(scene, [{**asked, "learning_rate": scene.config.learning_rate}])
    count = compute(
        "mlcore.training.playback:labels_per_row_after", data_of(scene, {}), config, STEP
    )
    answer = "none" if count < FEW else "many" if count > MANY else "some"
    right = settle_guess(GUESS, answer)
    with st.container(horizontal=True, vertical_alignment="center"):
        told = _("**Right**: {count:.2f} labels per row at step {step}, as this scene is set up.")
        if not right:
            told = _(
                "**Not quite, {happened}**: {count:.2f} labels per row at step {step}, as this "
                "scene is set up."
            )
        told = told.replace("{happened}", _(ANSWERS[answer]))
        st.markdown(filled(told, count=count, step=STEP), width="content")
        st.button(
            _("Look at step {step}").format(step=STEP),
            key="dark_step",
            type="tertiary",
            icon=":material/visibility:",
            on_click=SETTINGS.put,
            kwargs={"step": str(STEP)},
        )
