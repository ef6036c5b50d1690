"""What a sweep trains: from a grid, a list or random draws to groups. Needs no torch."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import pairwise, product
from math import ceil, exp, log, prod, sqrt
from numbers import Real

import numpy as np

from mlcore.checks import check_choice, check_number
from mlcore.losses import LOSSES
from mlcore.training.config import NEEDS, TrainConfig

FIELDS = tuple(field.name for field in fields(TrainConfig) if field.name != "seed")
WHOLE = ("batch_size", "epochs", "hidden")  # drawn as whole numbers
STANDARD = vars(TrainConfig())
DECIDING = ("loss", "model", "optimizer")  # which other names have an effect
ALIKE = ("model", "hidden", "batch_size", "epochs", "device", "optimizer")
MOST_RUNS = 2_000
MOST_TOGETHER = 32  # configurations in one group

Setting = Mapping[str, object]
Grid = Mapping[str, Sequence] | Sequence[Setting]


class TooManyRuns(ValueError):
    """More runs than the caller said may be trained.

    Attributes:
        runs: How many there would be.
        most: How many may be.
    """

    def __init__(self, runs: int, most: int) -> None:
        super().__init__(runs, most)
        self.runs, self.most = runs, most

    def __str__(self) -> str:
        return (
            f"the sweep has {self.runs:,} runs; at most most_runs={self.most:,} are trained. "
            f"Take fewer values, or pass most_runs={self.runs} to train them all"
        )


def expand(base: TrainConfig, grid: Grid) -> list[TrainConfig]:
    """The configurations of a grid or of a list of settings.

    Args:
        base: What all have where the grid says nothing.
        grid: Values by name, of which every combination is taken, the last name fastest; or a
            list of settings, values by name, each of which changes `base`. A name is a field of
            `TrainConfig` other than seed, or a parameter of the loss. A parameter is set where
            the loss has it, hidden where the model is an MLP and momentum where the optimizer is
            SGD; the loss parameters of `base` hold for the loss of `base` only.

    Returns:
        Each configuration once: with a loss that lacks a parameter, its values make no difference.

    Raises:
        ValueError: If a name is unknown or has no effect anywhere, a value is not allowed, or
            there is nothing to take.
        TypeError: If the grid or the values of a name are no list.

    Example:
        >>> grid = {"loss": ["bce", "focal"], "gamma": [1.0, 3.0]}
        >>> [(c.loss, dict(c.loss_params)) for c in expand(TrainConfig(), grid)]
        [('bce', {}), ('focal', {'gamma': 1.0}), ('focal', {'gamma': 3.0})]
    """
    settings = grid = check_grid(base, grid)
    if isinstance(grid, Mapping):
        combinations = product(*grid.values())
        settings = (dict(zip(grid, values, strict=True)) for values in combinations)
    configs: dict[str, TrainConfig] = {}
    for setting in settings:
        config = _changed(base, setting)
        configs.setdefault(config_key(config), config)
    return list(configs.values())


def count_runs(base: TrainConfig, grid: Grid, seeds: Sequence[int] = (0,)) -> int:
    """How many runs a sweep has, without making their configurations.

    Args:
        base, grid: As in `expand`.
        seeds: How often each configuration is trained.

    Example:
        >>> grid = {"loss": ["bce", "focal"], "gamma": range(1000), "learning_rate": range(1, 1001)}
        >>> count_runs(TrainConfig(), grid, seeds=(0, 1))
        2002000
    """
    grid, seeds = check_grid(base, grid), check_seeds(seeds)
    if not isinstance(grid, Mapping):
        return len(grid) * len(seeds)
    return len(seeds) * sum(
        prod(
            len(values)
            for name, values in grid.items()
            if name not in DECIDING and _has_effect(name, deciding)
        )
        for deciding in _deciding(base, grid)
    )


def check_size(configs: Sequence[TrainConfig] | int, most: int = MOST_RUNS) -> None:
    """Raise TooManyRuns if there are more runs than `most`.

    Args:
        configs: One for each run; or how many runs there are.
        most: How many there may be.
    """
    runs = configs if isinstance(configs, int) else len(configs)
    if runs > most:
        raise TooManyRuns(runs, most)


def draws(ranges: Mapping[str, Sequence], count: int, seed: int = 0) -> list[dict[str, object]]:
    """Random settings, to be expanded as a list.

    Args:
        ranges: By name: a tuple (low, high), drawn uniformly; a tuple (low, high, "log"), whose
            logarithm is drawn uniformly; or a list, of which one is taken. batch_size, epochs and
            hidden are rounded to whole numbers.
        count: How many settings, >= 1.
        seed: Fixes all that is drawn.

    Returns:
        Values by name, without those that have no effect beside a loss, model or optimizer that
        was drawn too.

    Raises:
        ValueError: If a range is empty, or is logarithmic and reaches 0; or if a loss is drawn
            and no loss has a parameter of that name.
        TypeError: If a range is none of these.

    Example:
        >>> draws({"hidden": (8, 512, "log"), "loss": ["bce", "focal"]}, 2)
        [{'hidden': 113, 'loss': 'bce'}, {'hidden': 25, 'loss': 'bce'}]
    """
    check_number("count", count, low=1, integer=True)
    check_number("seed", seed, low=0, integer=True)
    rng = np.random.default_rng(seed)
    columns = {name: _draw(name, values, int(count), rng) for name, values in ranges.items()}
    if "loss" in ranges:
        check_names(ranges, ranges["loss"])
    settings = (
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    )
    return [
        {name: value for name, value in setting.items() if _has_effect(name, setting)}
        for setting in settings
    ]


def with_seeds(configs: Sequence[TrainConfig], seeds: Sequence[int]) -> list[TrainConfig]:
    """Each configuration with each seed, the seeds of one configuration together.

    Args:
        configs: Their own seeds count for nothing.
        seeds: Whole numbers >= 0; equal ones count once.
    """
    different = check_seeds(seeds)
    return [replace(config, seed=seed) for config in configs for seed in different]


def groups(configs: Sequence[TrainConfig], size: int) -> list[list[TrainConfig]]:
    """What may train together in one `Race`, cut into even parts of at most `size`.

    Equal losses are put side by side, and the same configurations always make the same groups.

    Args:
        configs: One for each run.
        size: How many may be in a group, >= 1.
    """
    check_number("size", size, low=1, integer=True)
    alike: dict[tuple, list[TrainConfig]] = {}
    for config in configs:
        alike.setdefault(tuple(getattr(config, name) for name in ALIKE), []).append(config)
    return [part for members in alike.values() for part in _cut(members, int(size))]


def group_size(runs: int) -> int:
    """How many configurations to train together: √runs, at most 32, so that groups are as many.

    It does not depend on who trains them: what trains together decides the last digit of a figure,
    and a sweep should give the same on any number of workers.

    Args:
        runs: How many there are in all.

    Example:
        >>> [group_size(runs) for runs in (1, 10, 192, 2000)]
        [1, 4, 14, 32]
    """
    return min(MOST_TOGETHER, max(1, ceil(sqrt(runs))))


def config_key(config: TrainConfig) -> str:
    """A name for a run: 32 hexadecimal digits that depend on all that decides it.

    It is the same in every process, for a parameter left out and one given its default, and
    whatever a setting is that has no effect.

    Args:
        config: What decides it.
    """
    values = vars(config).copy()
    values |= {name: STANDARD[name] for name in NEEDS if not _has_effect(name, values)}
    values["loss_params"] = loss_values(config)
    text = json.dumps(values, sort_keys=True, default=as_plain)
    numbers = json.loads(text, parse_int=float)  # 1 and 1.0 are one learning rate
    return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:32]


def loss_values(config: TrainConfig) -> dict[str, object]:
    """All parameters of a configuration's loss, with the values that they have."""
    return LOSSES[config.loss].check(config.loss_params)


def effective_settings(config: TrainConfig) -> dict[str, object]:
    """What decides a run beside its seed: fields that have an effect, and its loss's parameters."""
    names = [name for name in FIELDS if name != "loss_params"]
    own = {name: getattr(config, name) for name in names if _has_effect(name, vars(config))}
    return own | loss_values(config)


def check_grid(base: TrainConfig, grid: Grid) -> Mapping[str, list] | list[Setting]:
    """The grid in lists, as often as they are read; raises unless all of its names are known."""
    if isinstance(grid, Mapping):
        grid = {name: _values(name, values) for name, values in grid.items()}
        check_names(grid, grid.get("loss", [base.loss]))
        _check_needs(base, grid)
        return grid
    settings = list(grid) if hasattr(grid, "__iter__") else [grid]
    if not all(isinstance(setting, Mapping) for setting in settings):
        raise TypeError(
            "grid must be lists of values by name, or a list of settings by name, "
            f"got {type(grid).__name__} {str(grid)[:80]}"
        )
    if not settings:
        raise ValueError("grid must have at least one setting, got none")
    for setting in settings:
        check_names(setting, [setting.get("loss", base.loss)])
        _check_needs(base, {name: [value] for name, value in setting.items()})
    return settings


def check_seeds(seeds: Sequence[int]) -> list[int]:
    """Different seeds in a list; raises unless there is one."""
    if isinstance(seeds, str) or not hasattr(seeds, "__iter__"):
        raise TypeError(f"seeds must be a list of whole numbers, got {seeds!r}")
    different = list(dict.fromkeys(seeds))
    if not different:
        raise ValueError("seeds must have at least one seed, got none")
    return different


def _values(name: str, values: Sequence) -> list:
    if isinstance(values, str | Mapping) or not hasattr(values, "__iter__"):
        raise TypeError(f"grid[{name!r}] must be a list of values, got {values!r}")
    values = values.tolist() if isinstance(values, np.ndarray) else list(values)
    values = list({repr(value): value for value in values}.values())  # each once
    if not values:
        raise ValueError(f"grid[{name!r}] must have at least one value, got none")
    return values


def check_names(names: Iterable[str], losses: Sequence[str]) -> None:
    """Raise ValueError unless each is a field of a run or a parameter of one of the losses."""
    for loss in losses:
        check_choice("loss", loss, LOSSES)
    if "seed" in names:
        raise ValueError("seed is not a setting of a grid: pass seeds=(0, 1, 2) beside it")
    own = tuple(dict.fromkeys(name for loss in losses for name in _parameters(loss)))
    for name in names:
        owners = [loss for loss in LOSSES if name in _parameters(loss)]
        if owners and name not in own:
            raise ValueError(
                f"{name} in a grid needs a loss that has it, such as {', '.join(owners[:3])}; "
                f"got {', '.join(losses)}"
            )
        check_choice("name in grid", name, (*FIELDS, *own))


def _check_needs(base: TrainConfig, grid: Mapping[str, Sequence]) -> None:
    for name in NEEDS.keys() & grid.keys():
        other, needed = NEEDS[name]
        values = grid.get(other, [getattr(base, other)])
        if needed not in values:
            raise ValueError(f"{name} in a grid needs {other} {needed!r}, got {values}")


def _deciding(base: TrainConfig, grid: Mapping[str, Sequence]) -> Iterator[Setting]:
    """Every combination of what decides which other names have an effect."""
    values = (grid.get(name, [getattr(base, name)]) for name in DECIDING)
    return (dict(zip(DECIDING, combination, strict=True)) for combination in product(*values))


def _has_effect(name: str, deciding: Setting) -> bool:
    """Whether a name has one, as far as its loss, model and optimizer are known."""
    if name in NEEDS:
        other, needed = NEEDS[name]
        return deciding.get(other, needed) == needed
    return name in FIELDS or "loss" not in deciding or name in _parameters(deciding["loss"])


def _parameters(loss: str) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in LOSSES[loss].parameters)


def _changed(base: TrainConfig, setting: Setting) -> TrainConfig:
    """The base with what of one setting has an effect."""
    loss = setting.get("loss", base.loss)
    deciding = {name: setting.get(name, getattr(base, name)) for name in DECIDING}
    own = {name: value for name, value in setting.items() if _has_effect(name, deciding)}
    changes = {name: value for name, value in own.items() if name in FIELDS}
    if isinstance(changes.get("hidden"), Real):
        changes["hidden"] = (changes["hidden"],)
    params = dict(base.loss_params) if loss == base.loss else {}
    params = dict(changes.get("loss_params", params))
    params |= {name: value for name, value in own.items() if name not in FIELDS}
    return replace(base, **changes | {"loss_params": params})


def _draw(name: str, values: Sequence, count: int, rng: np.random.Generator) -> list:
    if isinstance(values, list):
        places = rng.integers(len(_values(name, values)), size=count)
        return [values[place] for place in places]
    if not isinstance(values, tuple) or len(values) < 2 or values[2:] not in ((), ("log",)):
        raise TypeError(
            f'ranges[{name!r}] must be (low, high), (low, high, "log") or a list, got {values!r}'
        )
    low, high, *logarithmic = values
    check_number(f"low end of {name}", low, **({"above": 0} if logarithmic else {}))
    check_number(f"high end of {name}", high, low=low)
    if logarithmic:
        drawn = [exp(value) for value in rng.uniform(log(low), log(high), count)]
        drawn = np.clip(drawn, low, high).tolist()  # exp(log(high)) may be a little more
    else:
        drawn = rng.uniform(low, high, count).tolist()
    return [round(value) for value in drawn] if name in WHOLE else drawn


def _cut(members: list[TrainConfig], size: int) -> Iterator[list[TrainConfig]]:
    members = sorted(members, key=lambda config: config.loss)  # stable: else as they came
    parts = ceil(len(members) / size)
    ends = [round(part * len(members) / parts) for part in range(parts + 1)]
    return (members[start:end] for start, end in pairwise(ends))


def as_plain(value: object) -> object:
    """What JSON does not know of a configuration: NumPy's numbers, and mappings."""
    return dict(value) if isinstance(value, Mapping) else value.item()
