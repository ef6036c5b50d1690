"""What takes part in a race: what it is called, how it is marked, what is told of its loss."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from mlcore.datasets import DATASETS
from mlcore.losses import LOSSES, LossInfo
from mlcore.training import TrainConfig
from pages.ui.kit.controls import NUMBER
from pages.ui.kit.frameworks import draw_frameworks
from pages.ui.kit.numbers import filled
from pages.ui.words import _

LETTERS = "ABCD"
MARKS = ("━━━", "━ ━", "┅┅┅", "━ ·")  # as mlcore.palette.DASHES
COLOURS = ("blue", "orange", "green", "violet")  # as mlcore.palette.PALETTE, in Markdown


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A whole race: data set and contenders.

    Attributes:
        data: A key of `mlcore.datasets.DATASETS`.
        options: What `mlcore.datasets.load` takes with it.
        configs: One for each contender.
    """

    data: str
    options: Mapping[str, object]
    configs: tuple[TrainConfig, ...]

    def settings(self) -> dict[str, object]:
        """The settings of the Train page that say this, by name; extras of the data have none."""
        said: dict[str, object] = {"data": self.data, "contenders": len(self.configs)}
        chosen = {each.name for each in DATASETS[self.data].parameters} & self.options.keys()
        said |= {f"{self.data}.{name}": self.options[name] for name in chosen}
        for letter, config in zip(LETTERS, self.configs, strict=False):
            said |= {f"{letter}.loss": config.loss, f"{letter}.bias": config.initial_bias}
            for parameter in LOSSES[config.loss].parameters:
                name = f"{letter}.{config.loss}.{parameter.name}"
                value = config.loss_params.get(parameter.name, parameter.default)
                if parameter.choices and not isinstance(value, str):
                    said[name], name = NUMBER, f"{name}.number"
                said[name] = value
        shared = self.configs[0]
        said |= {"model": shared.model, "optimizer": shared.optimizer, "batch": shared.batch_size}
        said |= {"rate": shared.learning_rate, "epochs": shared.epochs, "seed": shared.seed}
        said["device"] = shared.device
        if shared.model == "mlp":
            said |= {"layers": len(shared.hidden), "width": shared.hidden[0]}
        if shared.optimizer == "sgd":
            said["momentum"] = shared.momentum
        return said


def contender_names(configs: tuple[TrainConfig, ...]) -> list[str]:
    """Names that tell contenders apart: a letter, the loss, what differs from its defaults."""
    return [
        f"{letter} {contender_title(config)}"
        for letter, config in zip(LETTERS, configs, strict=False)
    ]


def contender_title(config: TrainConfig) -> str:
    """The loss in words, with its main parameter and those that are not at their defaults."""
    parts = [_(LOSSES[config.loss].title)]
    for parameter in LOSSES[config.loss].parameters:
        value = config.loss_params.get(parameter.name, parameter.default)
        text = filled("{value:g}", value=value) if isinstance(value, float) else _(str(value))
        if (config.loss, parameter.name) == ("bce_pos_weight", "pos_weight"):
            parts[0] += f" {text}"
        elif value != parameter.default or parameter.name == "gamma":
            parts.append(f"{_(parameter.title)} {text}")
    if config.initial_bias == "prior":
        parts.append(_("prior bias"))
    return _(", ").join(parts)


def draw_about(info: LossInfo) -> None:
    """A loss's formula, when not to use it, and where it comes from, one click away."""
    with st.popover(_("Formula"), icon=":material/function:", type="tertiary"):
        st.latex(info.formula)
        st.caption(_(info.when_not))
        st.caption(_("Source: {source}").format(source=_(info.source)))


def draw_elsewhere(loss: str, params: Mapping[str, object], *, key: str) -> None:
    """The same loss as code in the reader's framework, written once somebody opens it."""
    popover = st.popover(
        _("Code"), icon=":material/code:", type="tertiary", key=key, on_change="rerun"
    )
    if popover.open:
        with popover:
            draw_frameworks(loss, params, key=key)
