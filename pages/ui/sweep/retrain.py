"""A panel that trains a small model again while one of its settings is dragged."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import streamlit as st

from mlcore.checks import Parameter
from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from pages.ui.kit.figures import macro_note
from pages.ui.kit.notes import draw_points
from pages.ui.kit.slider import FIRST_WEIGHT
from pages.ui.kit.training import RATE
from pages.ui.settings import part
from pages.ui.sweep.retrain_channel import LEARNING_RATE
from pages.ui.sweep.retrain_chart import retrain_chart
from pages.ui.sweep.settings import RETRAIN, SETTINGS
from pages.ui.words import _

MOST_SLIDERS = 4
# Where the whole range of a setting is more than a hand can aim at.
RANGES = {
    LEARNING_RATE: (1e-4, 1.0),
    "pos_weight": (0.1, 100.0),
    "positive_weight": (0.1, 100.0),
    "negative_weight": (0.01, 100.0),
    "volume": (1.0, 100_000.0),
}


def draw_retrain(data: str, options: Mapping[str, object], config: TrainConfig) -> None:
    """Draw sliders and charts; a part of the page that runs by itself.

    Args:
        data: A key of `mlcore.datasets.DATASETS`.
        options: What `mlcore.datasets.load` takes with it.
        config: The setting that drags begin from; it is trained on the CPU, whatever it says.
    """
    st.subheader(_("Retrain as you drag"), anchor=False)
    st.markdown(
        _(
            "Every move of a slider retrains the model, from the same initial weights on the same "
            "batches. **Where is macro F1 best? Guess first, then drag and see.** Does the same "
            "place win once the threshold is tuned too?"
        )
    )
    st.caption(macro_note())
    part(_draw, data, options, replace(config, device="cpu"))
    with st.expander(_("What to notice"), icon=":material/visibility:"):
        draw_points(_notice(config))


def _draw(data: str, options: Mapping[str, object], config: TrainConfig) -> None:
    values, sliders = {}, {}
    parameters = list(draggable(config))
    _keep_sliders_in_sight()
    with st.container(key="retrain_sliders"):
        columns = st.columns(len(parameters))
    for column, parameter in zip(columns, parameters, strict=True):
        name, value = parameter.name, parameter.default
        key = RETRAIN + ("" if name == LEARNING_RATE else f"{config.loss}.") + name
        _follow_sidebar(key, value)
        values[name] = SETTINGS.draw(
            key, column, default=value, ends=(parameter.low, parameter.high)
        )
        sliders[key] = name
    question = {"data": data, "options": dict(options), "config": asdict(config)}
    retrain_chart(question, values, key="retrain", sliders=sliders)


def _keep_sliders_in_sight() -> None:
    """In a narrow window, where charts stand below one another."""
    light, dark = (st.get_option(f"theme.{name}.backgroundColor") for name in ("light", "dark"))
    st.html(f"""<style>
@media (max-width: 640px) {{
  div:has(> .st-key-retrain_sliders) {{position: sticky; top: 3.75rem; z-index: 2;
    background: light-dark({light}, {dark})}}
  .st-key-retrain_sliders .stHorizontalBlock {{gap: 0.25rem}}
}}
</style>""")


def draggable(config: TrainConfig) -> Iterator[Parameter]:
    """What can be dragged: numbers of the loss, and the learning rate.

    The default is what the configuration says. Where that is a scheme of weights, it is a weight
    to begin with, and the scheme is what it is compared with.
    """
    numbers = []
    for parameter in LOSSES[config.loss].parameters:
        value = config.loss_params.get(parameter.name, parameter.default)
        is_scheme = isinstance(value, str) and parameter.log
        if parameter.low is None or parameter.name == "cap":  # a cap is for schemes
            continue
        if is_scheme or not isinstance(value, (bool, str)):
            numbers.append((parameter, FIRST_WEIGHT if is_scheme else value))
    rate = replace(RATE, name=LEARNING_RATE), config.learning_rate
    for parameter, value in (*numbers[: MOST_SLIDERS - 1], rate):
        low, high = RANGES.get(parameter.name, (parameter.low, parameter.high))
        wide = float(min(low, value)), float(max(high, value))
        yield replace(parameter, default=value, range=wide, choices=())


def _follow_sidebar(key: str, value: float) -> None:
    """A slider takes what the sidebar says when that is new there."""
    known = st.session_state.get(f"{key}.sidebar")
    st.session_state[f"{key}.sidebar"] = value
    if known is not None and known != value:
        SETTINGS[key] = value


def _notice(config: TrainConfig) -> list[str]:
    return [
        _(
            "**Compare how far F1 moves at 0.5 with how far it moves once tuned.** A shift of all "
            "probabilities alike, which is mostly what a weight on true labels does, can be undone "
            "by another threshold; a change of their order cannot."
        ),
        _(
            "**Labels per row tell which way it is wrong.** Fewer than are true: the model is too "
            "cautious, and rare labels on the right have no bar. More: it predicts too much."
        ),
        _(
            "**Losses of different settings cannot be compared.** Another parameter is another "
            "loss, so its curve may rise although nothing got worse. F1s can be compared."
        ),
        _(
            "**The learning rate decides how far training gets.** Too small, and by epoch "
            "{epochs} no curve has arrived; too large, and the validation loss turns up again."
        ).format(epochs=config.epochs),
    ]
