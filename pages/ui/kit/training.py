"""How a model is trained: what all contenders of a race, or all cells of a sweep, have alike."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.checks import Parameter
from mlcore.losses import LOSSES
from pages.ui.kit.controls import Choice, Number, Setting, settings_of
from pages.ui.settings import Settings
from pages.ui.words import N_, _

RATE = Parameter(
    name="rate",
    title="Learning rate",
    default=1e-3,
    range=(1e-5, 10.0),
    log=True,
    help="Step size of the optimizer; too large a value makes the loss diverge.",
)
MODELS = {"linear": N_("Linear"), "mlp": N_("MLP, hidden layers with ReLU")}
OPTIMIZERS = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": N_("SGD with momentum"),
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
}
BIASES = {  # short enough for a box in the sidebar
    "zero": N_("zero: all at one half"),
    "prior": N_("frequencies: log(π/(1−π))"),
}
RARE = ("label_smoothing", "poly", "cap", "detach_focusing")  # of a loss: folded
FIRST = {"model": "mlp", "width": 512, "batch": 256, "epochs": 30}


def loss_settings(prefix: str, first: str, help: str) -> list[Setting]:
    """A loss, the parameters of every loss, and where the network begins.

    Args:
        prefix: Before their names in the link.
        first: The loss that is chosen first.
        help: What it is chosen for, marked by `N_`.
    """
    titles = {key: info.title for key, info in LOSSES.items()}
    found: list[Setting] = [
        Choice(f"{prefix}loss", titles, default=first, title="Loss", help=help),
        Choice(
            f"{prefix}bias",
            BIASES,
            title="Output bias at the start",
            help="Where every label's probability begins: at one half, or at how often it is true.",
        ),
    ]
    for key, info in LOSSES.items():
        found += settings_of(f"{prefix}{key}.", info.parameters)
    return found


TRAINING = (
    Choice(
        "model",
        MODELS,
        title="Model",
        help="A linear model has one weight for each feature and label; an MLP has layers between.",
    ),
    Choice("layers", (1, 2, 3), title="Hidden layers", help="How many hidden layers there are."),
    Choice(
        "width", (32, 64, 128, 256, 512, 1024), title="Width", help="Units in each hidden layer."
    ),
    Choice("optimizer", OPTIMIZERS, title="Optimizer", help="How gradients become steps."),
    Number(
        "momentum",
        (0.0, 0.99),
        default=0.9,
        title="Momentum",
        help="Share of the last step that is carried into the next.",
    ),
    *settings_of("", [RATE]),
    Choice(
        "batch",
        (16, 32, 64, 128, 256, 512, 1024),
        title="Batch size",
        help="Training rows for each step.",
    ),
    Number(
        "epochs",
        (1, 200),
        integer=True,
        title="Epochs",
        help="Full passes over the training rows; every contender gets the same.",
    ),
    Number(
        "seed",
        (0, 9999),
        integer=True,
        title="Seed",
        help="Fixes the initial weights and the batch order; the same seed gives the same curves.",
    ),
    Choice(
        "device",
        ("cpu", "cuda"),
        titles=str.upper,
        title="Device",
        help="Where it trains; only what this machine has.",
    ),
)


def training_settings(
    prefix: str = "", defaults: Mapping[str, object] = MappingProxyType({})
) -> list[Setting]:
    """Model, optimizer and budget.

    Args:
        prefix: Before their names in the link.
        defaults: By name without the prefix, where they are not those of a race.
    """
    first = FIRST | dict(defaults)
    return [
        replace(each, name=prefix + each.name, default=first.get(each.name, each.default))
        for each in TRAINING
    ]


def rates_around(rate: float) -> str:
    """A third to three times a learning rate, as a link to the Sweep page says a range."""
    return f"({max(RATE.low, rate / 3):g},{min(RATE.high, 3 * rate):g})"


def draw_loss(settings: Settings, prefix: str, loss: str) -> dict[str, object]:
    """Draw a loss's parameters and where the network begins; returns arguments of a `TrainConfig`.

    Args:
        settings: Those of the page, which hold `loss_settings`.
        prefix: As there.
        loss: The one chosen.
    """
    own, parameters = f"{prefix}{loss}.", LOSSES[loss].parameters
    params = settings.draw_parameters(own, (each for each in parameters if each.name not in RARE))
    rare = [each for each in parameters if each.name in RARE]
    with folded(settings, *(f"{own}{each.name}" for each in rare), f"{prefix}bias"):
        params |= settings.draw_parameters(own, rare)
        bias = settings.draw(f"{prefix}bias")
    return {"loss": loss, "loss_params": params, "initial_bias": bias}


def folded(settings: Settings, *names: str) -> DeltaGenerator:
    """Where rarely used settings stand: folded, but where one of them is not at its default."""
    shown = [name for name in names if not settings.is_hidden(name)]
    if not shown:
        return st.container()
    # Once open it stays so: what goes back to its default must not vanish under the hand.
    key = f"{settings.page} {shown[-1]} open"
    is_open = st.session_state.get(key, False) or any(map(settings.is_set, shown))
    st.session_state[key] = is_open
    return st.expander(_("More settings"), type="compact", expanded=is_open)


def draw_training(
    settings: Settings, devices: tuple[str, ...], prefix: str = ""
) -> dict[str, object]:
    """Draw them; returns what they say as arguments of a `TrainConfig`.

    Args:
        settings: Those of the page, which hold `training_settings`.
        devices: What there is to choose from.
        prefix: As there.
    """

    def draw(name: str, **now) -> object:
        return settings.draw(f"{prefix}{name}", **now)

    said = {"model": draw("model")}
    if said["model"] == "mlp":
        layers, width = draw("layers"), draw("width")
        said["hidden"] = (width,) * layers
    said["optimizer"] = draw("optimizer")
    if said["optimizer"] == "sgd":
        said["momentum"] = draw("momentum")
    said |= {"learning_rate": draw("rate"), "epochs": draw("epochs")}
    with folded(settings, *(f"{prefix}{name}" for name in ("batch", "seed", "device"))):
        said |= {"batch_size": draw("batch"), "seed": draw("seed")}
        return said | {"device": draw("device", options=devices)}
