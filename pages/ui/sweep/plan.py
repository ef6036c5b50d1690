"""A sweep as a plan: a base setting, two axes with their values, seeds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlcore.checks import Parameter
from mlcore.losses import LOSSES
from mlcore.sweeps import config_key, expand
from mlcore.training import TrainConfig
from pages.ui.kit.controls import capitalised, log_grid
from pages.ui.kit.training import RATE
from pages.ui.words import _

LEARNING_RATE = replace(RATE, name="learning_rate")
WEIGHT_DECAY = Parameter(
    name="weight_decay",
    title="Weight decay",
    default=0.0,
    range=(1e-6, 1.0),
    log=True,
    help="How strongly weights are pulled towards zero; the larger, the simpler the model.",
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

    @property
    def texts(self) -> list[str]:
        """Its values on screen, and in the link."""
        return [f"{value:g}" for value in self.values]


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

    def fields(self, row: int, column: int) -> dict[str, object]:
        """Where a cell is, for sentences on it: x, x_value, y and y_value."""
        values = {"x_value": self.x.values[column], "y_value": self.y.values[row]}
        return values | {"x": self.x.title, "y": self.y.title}


def axis_parameters(loss: str) -> dict[str, Parameter]:
    """What an axis can be, by name: the numbers among a loss's parameters, and two of training."""
    numbers = (
        parameter
        for parameter in LOSSES[loss].parameters
        if parameter.low is not None and not isinstance(parameter.default, bool)
    )
    return {parameter.name: parameter for parameter in (*numbers, LEARNING_RATE, WEIGHT_DECAY)}


def nearest_mark(parameter: Parameter, value: float) -> float:
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
