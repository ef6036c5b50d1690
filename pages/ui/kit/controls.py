"""Widgets in, frozen configuration out. Every widget's value is in the link."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import streamlit as st

from mlcore.checks import Parameter, check_choice
from mlcore.datasets import DATASETS
from mlcore.losses import LOSSES, LossInfo
from mlcore.training import MODELS, OPTIMIZERS, TrainConfig
from pages.ui import link
from pages.ui.words import N_, _

LETTERS = "ABCD"
MARKS = ("━━━", "━ ━", "┅┅┅", "━ ·")  # as mlcore.charts.DASHES
COLOURS = ("blue", "orange", "green", "violet")  # as mlcore.charts.PALETTE, in Markdown

WIDTHS = (32, 64, 128, 256, 512, 1024)
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
EPOCHS = Parameter(
    name="epochs",
    title=N_("Epochs"),
    default=30,
    low=1,
    high=200,
    integer=True,
    help=N_("Full passes over the training rows; every contender gets the same."),
)
SEED = Parameter(
    name="seed",
    title=N_("Seed"),
    default=0,
    low=0,
    high=9999,
    integer=True,
    help=N_("Fixes first weights and batch order; the same seed gives the same curves."),
)
RATE = Parameter(
    name="rate",
    title=N_("Learning rate"),
    default=1e-3,
    low=1e-5,
    high=10.0,
    log=True,
    help=N_("Step size of the optimizer; too large a value makes the loss diverge."),
)
MOMENTUM = Parameter(
    name="momentum",
    title=N_("Momentum"),
    default=0.9,
    low=0.0,
    high=0.99,
    help=N_("Share of the last step that is carried into the next."),
)
NUMBER = N_("a number")
MODEL_TITLES = {"linear": N_("Linear"), "mlp": N_("MLP, hidden layers with ReLU")}
OPTIMIZER_TITLES = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": N_("SGD with momentum"),
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
}
BIASES = {
    "zero": N_("zero: every label at one half"),
    "prior": N_("label frequencies: log(π/(1−π))"),
}


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
    parts = [_(LOSSES[config.loss].title)]
    for parameter in LOSSES[config.loss].parameters:
        value = config.loss_params.get(parameter.name, parameter.default)
        text = f"{value:g}" if isinstance(value, float) else _(str(value))
        if (config.loss, parameter.name) == ("bce_pos_weight", "pos_weight"):
            parts[0] += f" {text}"
        elif value != parameter.default or parameter.name == "gamma":
            parts.append(f"{_(parameter.title)} {text}")
    if config.initial_bias == "prior":
        parts.append(_("prior bias"))
    return ", ".join(parts)


def choose_setup(devices: tuple[str, ...]) -> Setup:
    """Draw all settings of a race; returns what they say."""
    data = choose("data", _("Data set"), DATASETS, _("What to learn."), titles=_data_title)
    st.caption(_(DATASETS[data].description))
    with st.expander(_("Data set settings"), icon=":material/tune:"):
        options = parameter_widgets(data, DATASETS[data].parameters)
        st.caption(_("Source: {source}").format(source=_(DATASETS[data].source)))
        st.caption(_("Licence: {licence}").format(licence=DATASETS[data].licence))
    st.subheader(_("Contenders"), anchor=False)
    count = choose(
        "contenders",
        _("How many"),
        (2, 3, 4),
        _("Losses that race each other from the same first weights on the same batches."),
    )
    contenders = [choose_contender(place) for place in range(count)]
    st.subheader(_("Same for all"), anchor=False)
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
            _("Loss"),
            LOSSES,
            _("What this contender makes small on the training rows."),
            default=("bce", "bce_pos_weight", "focal", "asymmetric")[place],
            titles=_loss_title,
        )
        about = st.container(horizontal=True)
        params = parameter_widgets(f"{letter}.{loss}", LOSSES[loss].parameters)
        with about:
            draw_about(LOSSES[loss])
            draw_elsewhere(loss, params, key=f"{letter}.elsewhere")
        bias = choose(
            f"{letter}.bias",
            _("Output bias at the start"),
            BIASES,
            _("Where every label's probability begins: at one half, or at how often it is true."),
            titles=lambda key: _(BIASES[key]),
        )
    return {"loss": loss, "loss_params": params, "initial_bias": bias}


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
            from pages.ui.kit.frameworks import draw_frameworks

            draw_frameworks(loss, params, key=key)


def choose_shared(
    devices: tuple[str, ...],
    *,
    prefix: str = "",
    defaults: Mapping[str, object] = MappingProxyType({}),
) -> dict[str, object]:
    """Model, optimizer and budget, which all contenders share.

    Args:
        devices: What there is to choose from.
        prefix: Before the widgets' keys, for a page whose settings are its own.
        defaults: By key without the prefix, where they are not those of a race.
    """
    first = {"model": "mlp", "width": 512, "batch": 256} | dict(defaults)

    def parameter(given: Parameter) -> object:
        own = replace(given, default=first.get(given.name, given.default))
        return parameter_widget(f"{prefix}{own.name}", own)

    shared: dict[str, object] = {}
    shared["model"] = choose(
        f"{prefix}model",
        _("Model"),
        MODELS,
        _("A linear model has one weight for each feature and label; an MLP has layers between."),
        default=first["model"],
        titles=lambda key: _(MODEL_TITLES[key]),
    )
    if shared["model"] == "mlp":
        layers = choose(
            f"{prefix}layers", _("Hidden layers"), (1, 2, 3), _("How many layers lie between.")
        )
        width = choose(
            f"{prefix}width",
            _("Width"),
            WIDTHS,
            _("Units in each hidden layer."),
            default=first["width"],
        )
        shared["hidden"] = (width,) * layers
    shared["optimizer"] = choose(
        f"{prefix}optimizer",
        _("Optimizer"),
        OPTIMIZERS,
        _("How gradients become steps."),
        titles=lambda key: _(OPTIMIZER_TITLES[key]),
    )
    if shared["optimizer"] == "sgd":
        shared["momentum"] = parameter(MOMENTUM)
    shared["learning_rate"] = parameter(RATE)
    shared["batch_size"] = choose(
        f"{prefix}batch",
        _("Batch size"),
        BATCHES,
        _("Training rows for each step."),
        default=first["batch"],
    )
    shared["epochs"] = parameter(EPOCHS)
    shared["seed"] = parameter(SEED)
    shared["device"] = choose(
        f"{prefix}device",
        _("Device"),
        devices,
        _("Where it trains; only what this machine has."),
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
    kind: Callable = st.selectbox,
):
    """A select box over options, the first of them the default; all texts come translated."""
    options = list(options)
    default = options[0] if default is None else default
    by_text = {str(option): option for option in options}

    def parse(text: str) -> object:
        check_choice(key.rpartition(".")[2], text, by_text)
        return by_text[text]

    return link.widget(
        kind,
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
    title, help, default = capitalised(_(parameter.title)), _(parameter.help), parameter.default
    if isinstance(default, bool):
        return link.widget(
            st.toggle, key, default, parse_switch, label=title, value=default, help=help
        )
    if parameter.choices:
        options = [*parameter.choices, *([NUMBER] if parameter.low is not None else [])]
        first = default if isinstance(default, str) else NUMBER
        choice = choose(key, title, options, help, default=first, titles=_)
        if choice != NUMBER:
            return choice
        key, default = f"{key}.number", _first_number(parameter)
        title = _("{title}: number").format(title=title)
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
            help=help,
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
        help=help,
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


def capitalised(title: str) -> str:
    """A title with a capital first letter, but for a symbol: a capital α would read as A.

    >>> capitalised("margin m"), capitalised("α (positives)")
    ('Margin m', 'α (positives)')
    """
    return title[:1].upper() + title[1:] if title[:1].isascii() else title


def as_text(words: str) -> str:
    """Words from outside, such that Markdown shows them as they are."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!:$<>|~&])", r"\\\1", words)


def parse_switch(text: str) -> bool:
    """The value of a switch in a link."""
    check_choice("switch", text, ("True", "False"))
    return text == "True"


def _data_title(key: str) -> str:
    return _(DATASETS[key].title)


def _loss_title(key: str) -> str:
    return _(LOSSES[key].title)
