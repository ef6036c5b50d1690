"""What the Sweep page asks for: data, a base setting, two axes, seeds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import streamlit as st

from mlcore.checks import Parameter, check_choice
from mlcore.datasets import DATASETS
from mlcore.losses import LOSSES
from mlcore.sweeps import config_key, expand
from mlcore.training import TrainConfig
from pages.ui import link
from pages.ui.kit.controls import (
    BIASES,
    RATE,
    capitalised,
    choose,
    choose_shared,
    draw_about,
    log_grid,
    parameter_widget,
    parameter_widgets,
)
from pages.ui.words import N_, _

PREFIX = "s."  # its settings are not those of the Train page
# Where the page's first settings are not those of a race: a surface within seconds.
DATA_DEFAULTS = {"synthetic": {"labels": 20, "rows": 2000, "cardinality": 2.0}}
SHARED_DEFAULTS = {"model": "linear", "width": 64, "epochs": 20, "rate": 0.03}
LEARNING_RATE = replace(RATE, name="learning_rate")
WEIGHT_DECAY = Parameter(
    name="weight_decay",
    title=N_("Weight decay"),
    default=0.0,
    low=1e-6,
    high=1.0,
    log=True,
    help=N_("How strongly weights are drawn to zero; the larger, the simpler the model."),
)
COUNT = Parameter(
    name="values",
    title=N_("How many values"),
    default=6,
    low=2,
    high=12,
    integer=True,
    help=N_("Spread over the range, rounded to what the slider of the setting can show."),
)
SEEDS = Parameter(
    name="seeds",
    title=N_("Seeds for each cell"),
    default=1,
    low=1,
    high=5,
    integer=True,
    help=N_("Each cell is trained so often, with other first weights and another batch order."),
)
# The first range of an axis, where the whole one says less.
RANGES = {
    "pos_weight": (1.0, 100.0),
    "positive_weight": (1.0, 100.0),
    "negative_weight": (0.1, 10.0),
    "learning_rate": (0.01, 0.3),
    "weight_decay": (1e-6, 0.1),
    "gamma": (0.0, 5.0),
    "gamma_neg": (0.0, 8.0),
    "gamma_pos": (0.0, 4.0),
}
# Key of the parameter on the x-axis, and the one on the y-axis; all other settings go to defaults.
PRESETS: dict[str, dict[str, object]] = {
    N_("Positive weight × learning rate"): {},
    N_("Debtags: positive weight × γ"): {
        "data": "debtags",
        "loss": "focal",
        "focal.x": "pos_weight",
        "focal.y": "gamma",
        "x.values": 8,
        "y.values": 8,
        "seeds": 3,
        "model": "mlp",
        "epochs": 10,
        "rate": 0.003,
    },
}


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the sidebar says.

    Attributes:
        data: A key of `mlcore.datasets.DATASETS`.
        options: What `mlcore.datasets.load` takes with it.
        config: The setting that the grid varies.
    """

    data: str
    options: Mapping[str, object]
    config: TrainConfig


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A setting and the values that it takes, from the lowest."""

    parameter: Parameter
    values: tuple[float, ...]

    @property
    def name(self) -> str:
        """Its name in the code."""
        return self.parameter.name

    @property
    def title(self) -> str:
        """Its name on screen."""
        return capitalised(_(self.parameter.title))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole sweep: every value of y (rows) with every value of x (columns) and every seed."""

    base: Base
    x: Axis
    y: Axis
    seeds: tuple[int, ...]

    @property
    def source(self) -> tuple[str, dict[str, object]]:
        """Name and options of its data set."""
        return self.base.data, dict(self.base.options)

    @property
    def grid(self) -> dict[str, list[float]]:
        """Values by name, as `mlcore.sweeps.expand` takes them."""
        return {self.y.name: list(self.y.values), self.x.name: list(self.x.values)}

    @property
    def cells(self) -> int:
        """How many cells the grid has."""
        return len(self.x.values) * len(self.y.values)

    @cached_property
    def configs(self) -> list[TrainConfig]:
        """One for each run; all cells with the first seed come before any with the second."""
        cells = expand(self.base.config, self.grid)
        return [replace(cell, seed=seed) for seed in self.seeds for cell in cells]

    @cached_property
    def keys(self) -> np.ndarray:
        """The `config_key` of each run, (rows, columns, seeds)."""
        keys = np.array([config_key(config) for config in self.configs])
        shape = len(self.seeds), len(self.y.values), len(self.x.values)
        return np.moveaxis(keys.reshape(shape), 0, 2)

    def config(self, row: int, column: int, seed: int = 0) -> TrainConfig:
        """The configuration of a cell, for the seed of that number."""
        return self.configs[seed * self.cells + row * len(self.x.values) + column]


def choose_preset() -> None:
    """One click sets up a sweep."""
    st.pills(
        _("Presets"),
        list(PRESETS),
        format_func=_,
        key="sweep preset",
        on_change=_apply_preset,
        help=_("Sets the data set, the loss, both axes and everything else."),
    )


def _apply_preset() -> None:
    if chosen := st.session_state.get("sweep preset"):
        link.set_all({PREFIX + key: value for key, value in PRESETS[chosen].items()})


def choose_base(devices: tuple[str, ...]) -> tuple[Base, int]:
    """Draw the sidebar; returns what it says, and how many seeds."""
    data = choose(
        f"{PREFIX}data",
        _("Data set"),
        DATASETS,
        _("What to learn."),
        default="synthetic",
        titles=lambda key: _(DATASETS[key].title),
    )
    st.caption(_(DATASETS[data].description))
    with st.expander(_("Data set settings"), icon=":material/tune:"):
        defaults = DATA_DEFAULTS.get(data, {})
        parameters = [
            replace(parameter, default=defaults.get(parameter.name, parameter.default))
            for parameter in DATASETS[data].parameters
        ]
        options = parameter_widgets(f"{PREFIX}{data}", parameters)
        st.caption(_("Source: {source}").format(source=_(DATASETS[data].source)))
        st.caption(_("Licence: {licence}").format(licence=DATASETS[data].licence))
    seeds = parameter_widget(f"{PREFIX}seeds", SEEDS)
    st.subheader(_("Base setting"), anchor=False)
    st.caption(_("The grid varies two of these settings and leaves the others as they are here."))
    loss = choose(
        f"{PREFIX}loss",
        _("Loss"),
        LOSSES,
        _("What training makes small on the training rows."),
        default="bce_pos_weight",
        titles=lambda key: _(LOSSES[key].title),
    )
    draw_about(LOSSES[loss])
    params = parameter_widgets(f"{PREFIX}{loss}", LOSSES[loss].parameters)
    bias = choose(
        f"{PREFIX}bias",
        _("Output bias at the start"),
        BIASES,
        _("Where every label's probability begins: at one half, or at how often it is true."),
        titles=lambda key: _(BIASES[key]),
    )
    shared = choose_shared(devices, prefix=PREFIX, defaults=SHARED_DEFAULTS)
    config = TrainConfig(loss=loss, loss_params=params, initial_bias=bias, **shared)
    return Base(data=data, options=options, config=config), seeds


def axis_parameters(loss: str) -> dict[str, Parameter]:
    """What an axis can be, by name: the numbers among a loss's parameters, and two of training."""
    numbers = (
        parameter
        for parameter in LOSSES[loss].parameters
        if parameter.low is not None and not isinstance(parameter.default, bool)
    )
    return {parameter.name: parameter for parameter in (*numbers, LEARNING_RATE, WEIGHT_DECAY)}


def choose_plan(base: Base, seeds: int) -> Plan:
    """Draw the two axes; returns the whole sweep."""
    loss = base.config.loss
    parameters = axis_parameters(loss)
    axes: dict[str, Axis] = {}
    for side, column in zip("xy", st.columns(2, border=True), strict=True):
        taken = [axis.name for axis in axes.values()]
        with column:
            axes[side] = _choose_axis(side, loss, parameters, taken)
    start = base.config.seed
    return Plan(base=base, **axes, seeds=tuple(range(start, start + seeds)))


def _choose_axis(side: str, loss: str, parameters: dict[str, Parameter], taken: list[str]) -> Axis:
    def parse(text: str) -> str:
        check_choice(side, text, [name for name in parameters if name not in taken])
        return text

    key = f"{PREFIX}{loss}.{side}"
    free = [name for name in parameters if name not in taken]
    first = free[0] if side == "x" or "learning_rate" not in free else "learning_rate"
    if link.get(key) in taken:
        link.put(**{key: first})
    name = link.widget(
        st.selectbox,
        key,
        first,
        parse,
        label=_("From left to right (x)") if side == "x" else _("From below to above (y)"),
        options=list(parameters),
        index=list(parameters).index(first),
        format_func=lambda each: capitalised(_(parameters[each].title)),
        help=_("The setting that differs between columns.")
        if side == "x"
        else _("The setting that differs between rows."),
        on_change=_keep_apart,
        args=(loss, side),
    )
    parameter = parameters[name]
    wide, narrow = st.columns([2, 1])
    with wide:
        low, high = _choose_range(loss, parameter)
    with narrow:
        count = parameter_widget(f"{PREFIX}{side}.values", COUNT)
    values = axis_values(parameter, low, high, count)
    st.caption(
        _("{n} values: {values}").format(
            n=len(values), values=", ".join(f"{value:g}" for value in values)
        )
    )
    return Axis(parameter=parameter, values=values)


def _choose_range(loss: str, parameter: Parameter) -> tuple[float, float]:
    """The lowest and the highest value of an axis."""
    is_shared = parameter in (LEARNING_RATE, WEIGHT_DECAY)
    key = PREFIX + ("" if is_shared else f"{loss}.") + f"{parameter.name}.range"
    default = first_range(parameter)

    def parse(text: str) -> tuple[float, float]:
        ends = [float(end) for end in text.strip("()").split(",")]
        for end in ends:
            parameter.check(end)
        ends = [_nearest_mark(parameter, end) for end in ends]
        if len(ends) != 2 or not ends[0] < ends[1]:
            raise ValueError(_("a range must be (low, high), got {text!r}").format(text=text))
        return tuple(ends)

    options = {"label": _("Range"), "help": _("The lowest and the highest value on the axis.")}
    if parameter.log:
        options |= {
            "options": log_grid(parameter.low, parameter.high),
            "format_func": "{:g}".format,
        }
        return link.widget(st.select_slider, key, default, parse, value=default, **options)
    options |= {"min_value": float(parameter.low), "max_value": float(parameter.high)}
    options["step"] = float(max(1, int(parameter.step)) if parameter.integer else parameter.step)
    return link.widget(st.slider, key, default, parse, value=default, **options)


def _nearest_mark(parameter: Parameter, value: float) -> float:
    """The value nearest to one that the slider of the setting can show."""
    if parameter.log:
        marks = np.array(log_grid(parameter.low, parameter.high))
        return float(marks[np.abs(marks - value).argmin()])
    return float(f"{round(value / parameter.step) * parameter.step:.10g}")


def first_range(parameter: Parameter) -> tuple[float, float]:
    """Where the axis of a setting begins and ends before anybody moves it."""
    low, high = RANGES.get(parameter.name, (parameter.low, parameter.high))
    return max(float(low), float(parameter.low)), min(float(high), float(parameter.high))


def axis_values(parameter: Parameter, low: float, high: float, count: int) -> tuple[float, ...]:
    """Up to `count` values from low to high that the widget of the setting can show exactly.

    >>> axis_values(LEARNING_RATE, 0.001, 1.0, 4)
    (0.001, 0.01, 0.1, 1.0)
    """
    if parameter.log:
        marks = np.array(log_grid(low, high))
        places = np.linspace(0, len(marks) - 1, min(count, len(marks))).round().astype(int)
        return tuple(dict.fromkeys(marks[places].tolist()))
    step = 1 if parameter.integer else parameter.step
    steps = np.round(np.linspace(low / step, high / step, count))
    return tuple(dict.fromkeys(float(f"{value:.10g}") for value in (steps * step).tolist()))


def _keep_apart(loss: str, side: str) -> None:
    """An axis that takes the other's setting gives it its own."""
    chosen, other = f"{PREFIX}{loss}.{side}", f"{PREFIX}{loss}.{'y' if side == 'x' else 'x'}"
    if link.get(chosen) == link.get(other):
        link.put(**{other: link.kept(chosen)})  # as it was before


def draw_swap(loss: str) -> None:
    """One click exchanges the axes."""
    st.button(
        _("Swap x and y"),
        icon=":material/swap_horiz:",
        type="tertiary",
        key="swap_button",
        on_click=_swap,
        args=(loss,),
    )


def _swap(loss: str) -> None:
    """Exchange the axes; ranges belong to the settings, how many values to the axes."""
    for name in (f"{loss}.{{}}", "{}.values"):
        x, y = (PREFIX + name.format(side) for side in "xy")
        link.put(**{x: link.get(y), y: link.get(x)})
