"""Widgets in, frozen configuration out. Every widget's value is in the link."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import streamlit as st

from mlcore.checks import Parameter, check_choice
from mlcore.datasets import DATASETS
from mlcore.losses import LOSSES, LossInfo
from mlcore.training import MODELS, OPTIMIZERS, TrainConfig
from pages.ui import link

LETTERS = "ABCD"
MARKS = ("━━━", "━ ━", "┅┅┅", "━ ·")  # as mlcore.charts.DASHES
COLOURS = ("blue", "orange", "green", "violet")  # as mlcore.charts.PALETTE, in Markdown

WIDTHS = (32, 64, 128, 256, 512, 1024)
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
EPOCHS = Parameter(
    name="epochs",
    title="Epochs",
    default=30,
    low=1,
    high=200,
    integer=True,
    help="Full passes over the training rows; every contender gets the same.",
)
SEED = Parameter(
    name="seed",
    title="Seed",
    default=0,
    low=0,
    high=9999,
    integer=True,
    help="Fixes first weights and batch order; the same seed gives the same curves.",
)
RATE = Parameter(
    name="rate",
    title="Learning rate",
    default=1e-3,
    low=1e-5,
    high=10.0,
    log=True,
    help="Step size of the optimizer; too large a value makes the loss diverge.",
)
MOMENTUM = Parameter(
    name="momentum",
    title="Momentum",
    default=0.9,
    low=0.0,
    high=0.99,
    help="Share of the last step that is carried into the next.",
)
NUMBER = "a number"
MODEL_TITLES = {"linear": "Linear", "mlp": "MLP, hidden layers with ReLU"}
OPTIMIZER_TITLES = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": "SGD with momentum",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
}
BIASES = {"zero": "zero: every label at one half", "prior": "label frequencies: log(π/(1−π))"}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """All that the Train page's widgets say.

    Attributes:
        data: A key of `mlcore.datasets.DATASETS`.
        options: What `mlcore.datasets.load` takes with it.
        configs: One for each contender.
    """

    data: str
    options: Mapping[str, object]
    configs: tuple[TrainConfig, ...]


def contender_names(configs: tuple[TrainConfig, ...]) -> list[str]:
    """Names that tell contenders apart: a letter, the loss, what differs from its defaults."""
    return [
        f"{letter} {contender_title(config)}"
        for letter, config in zip(LETTERS, configs, strict=False)
    ]


def contender_title(config: TrainConfig) -> str:
    """The loss in words, with its main parameter and those that are not at their defaults."""
    parts = [LOSSES[config.loss].title]
    for parameter in LOSSES[config.loss].parameters:
        value = config.loss_params.get(parameter.name, parameter.default)
        text = f"{value:g}" if isinstance(value, float) else str(value)
        if (config.loss, parameter.name) == ("bce_pos_weight", "pos_weight"):
            parts[0] += f" {text}"
        elif value != parameter.default or parameter.name == "gamma":
            parts.append(f"{parameter.title} {text}")
    if config.initial_bias == "prior":
        parts.append("prior bias")
    return ", ".join(parts)


def choose_setup(devices: tuple[str, ...]) -> Setup:
    """Draw all settings of a race; returns what they say."""
    data = choose("data", "Data set", DATASETS, "What to learn.", titles=_data_title)
    st.caption(DATASETS[data].description)
    with st.expander("Data set settings", icon=":material/tune:"):
        options = parameter_widgets(data, DATASETS[data].parameters)
        st.caption(f"Source: {DATASETS[data].source}")
        st.caption(f"Licence: {DATASETS[data].licence}")
    st.subheader("Contenders", anchor=False)
    count = choose(
        "contenders",
        "How many",
        (2, 3, 4),
        "Losses that race each other from the same first weights on the same batches.",
    )
    contenders = [choose_contender(place) for place in range(count)]
    st.subheader("Same for all", anchor=False)
    shared = choose_shared(devices)
    configs = tuple(TrainConfig(**contender, **shared) for contender in contenders)
    return Setup(data=data, options=options, configs=configs)


def choose_contender(place: int) -> dict[str, object]:
    """One contender's loss, its parameters and its initial bias."""
    letter = LETTERS[place]
    with st.container(border=True):
        st.markdown(f":{COLOURS[place]}[**{MARKS[place]} {letter}**]")
        loss = choose(
            f"{letter}.loss",
            "Loss",
            LOSSES,
            "What this contender makes small on the training rows.",
            default=("bce", "bce_pos_weight", "focal", "asymmetric")[place],
            titles=_loss_title,
        )
        draw_about(LOSSES[loss])
        params = parameter_widgets(f"{letter}.{loss}", LOSSES[loss].parameters)
        bias = choose(
            f"{letter}.bias",
            "Output bias at the start",
            BIASES,
            "Where every label's probability begins: at one half, or at how often it is true.",
            titles=BIASES.__getitem__,
        )
    return {"loss": loss, "loss_params": params, "initial_bias": bias}


def draw_about(info: LossInfo) -> None:
    """A loss's formula, when not to use it, and where it comes from, one click away."""
    with st.popover("Formula", icon=":material/function:"):
        st.latex(info.formula)
        st.caption(info.when_not)
        st.caption(f"Source: {info.source}")


def choose_shared(devices: tuple[str, ...]) -> dict[str, object]:
    """Model, optimizer and budget, which all contenders share."""
    shared: dict[str, object] = {}
    shared["model"] = choose(
        "model",
        "Model",
        MODELS,
        "A linear model has one weight for each feature and label; an MLP has layers between.",
        default="mlp",
        titles=MODEL_TITLES.__getitem__,
    )
    if shared["model"] == "mlp":
        layers = choose("layers", "Hidden layers", (1, 2, 3), "How many layers lie between.")
        width = choose("width", "Width", WIDTHS, "Units in each hidden layer.", default=512)
        shared["hidden"] = (width,) * layers
    shared["optimizer"] = choose(
        "optimizer",
        "Optimizer",
        OPTIMIZERS,
        "How gradients become steps.",
        titles=OPTIMIZER_TITLES.__getitem__,
    )
    if shared["optimizer"] == "sgd":
        shared["momentum"] = parameter_widget("momentum", MOMENTUM)
    shared["learning_rate"] = parameter_widget("rate", RATE)
    shared["batch_size"] = choose(
        "batch", "Batch size", BATCHES, "Training rows for each step.", default=256
    )
    shared["epochs"] = parameter_widget("epochs", EPOCHS)
    shared["seed"] = parameter_widget("seed", SEED)
    shared["device"] = choose(
        "device",
        "Device",
        devices,
        "Where it trains; only what this machine has.",
        titles=str.upper,
    )
    return shared


def choose(
    key: str,
    title: str,
    options: Iterable,
    help: str,
    *,
    default: object = None,
    titles: Callable[[object], str] = str,
):
    """A select box over options, the first of them the default."""
    options = list(options)
    default = options[0] if default is None else default
    by_text = {str(option): option for option in options}

    def parse(text: str) -> object:
        check_choice(title.lower(), text, by_text)
        return by_text[text]

    return link.widget(
        st.selectbox,
        key,
        default,
        parse,
        label=title,
        options=options,
        index=options.index(default),
        format_func=titles,
        help=help,
    )


def parameter_widgets(prefix: str, parameters: Iterable[Parameter]) -> dict[str, object]:
    """One widget for each parameter; returns values by name."""
    return {
        parameter.name: parameter_widget(f"{prefix}.{parameter.name}", parameter)
        for parameter in parameters
    }


def parameter_widget(key: str, parameter: Parameter) -> object:
    """The widget that fits a parameter: a switch, a choice, a slider, or a choice and a slider."""
    title = parameter.title[0].upper() + parameter.title[1:]
    default = parameter.default
    if isinstance(default, bool):
        return link.widget(
            st.toggle, key, default, parse_switch, label=title, value=default, help=parameter.help
        )
    if parameter.choices:
        options = [*parameter.choices, *([NUMBER] if parameter.low is not None else [])]
        first = default if isinstance(default, str) else NUMBER
        choice = choose(key, title, options, parameter.help, default=first)
        if choice != NUMBER:
            return choice
        key, title, default = f"{key}.number", f"{title}: number", _first_number(parameter)
    if parameter.log:
        return link.widget(
            st.select_slider,
            key,
            default,
            lambda text: _on_grid(parameter, _number(parameter, text)),
            label=title,
            options=log_grid(parameter.low, parameter.high),
            value=default,
            format_func="{:g}".format,
            help=parameter.help,
        )
    kind = int if parameter.integer else float
    return link.widget(
        st.slider,
        key,
        kind(default),
        lambda text: _number(parameter, text),
        label=title,
        min_value=kind(parameter.low),
        max_value=kind(parameter.high),
        value=kind(default),
        step=max(1, int(parameter.step)) if parameter.integer else parameter.step,
        help=parameter.help,
    )


def log_grid(low: float, high: float) -> list[float]:
    """Round numbers from low to high, about evenly spread on a logarithmic scale.

    >>> log_grid(1, 20)
    [1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0]
    """
    digits = (1, 1.5, 2, 3, 5, 7)
    # Made from text, so that 0.003 is that number and not the product of two.
    grid = [float(f"{digit}e{power}") for power in range(-6, 7) for digit in digits]
    return [number for number in grid if low <= number <= high]


def _on_grid(parameter: Parameter, number: float) -> float:
    """The grid's number nearest to one that a link asks for."""
    return min(log_grid(parameter.low, parameter.high), key=lambda mark: abs(mark - number))


def _first_number(parameter: Parameter) -> float:
    """Where the slider stands when a parameter is switched from a word to a number."""
    if isinstance(parameter.default, str):
        return 10.0 if parameter.log else (parameter.low + parameter.high) / 2
    return parameter.default


def _number(parameter: Parameter, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{parameter.name} must be a number, got {text!r}") from None
    parameter.check(number)
    return int(number) if parameter.integer else number


def as_text(words: str) -> str:
    """Words from outside, such that Markdown shows them as they are."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!:$<>|~&])", r"\\\1", words)


def parse_switch(text: str) -> bool:
    """The value of a switch in a link."""
    check_choice("switch", text, ("True", "False"))
    return text == "True"


def _data_title(key: str) -> str:
    return DATASETS[key].title


def _loss_title(key: str) -> str:
    return LOSSES[key].title
