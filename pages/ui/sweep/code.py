"""A sweep as code and as a command, such that a reader gets the same figures. Draws nothing."""

from dataclasses import fields
from pprint import pformat

from mlcore.command_line.values import as_text
from mlcore.datasets import DATASETS
from mlcore.figures import lower_is_better
from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from pages.ui.sweep.plan import Plan

COMMAND = ("python", "-m", "mlcore", "sweep")
DIGITS = 12  # all that a slider has
HAS_ITS_WAY = ("loss_params", "seed")


def as_code(plan: Plan, figure: str) -> str:
    """Python that trains the same sweep and ranks its cells."""
    settings = {"loss": plan.base.config.loss, "loss_params": _params(plan)} | _settings(plan)
    ranked = f"tuned_validation_{figure}"
    lines = [
        "from mlcore.sweeps import stream, summary_frame",
        "from mlcore.training import TrainConfig",
        "",
        "base = TrainConfig(",
        *(f"    {name}={value!r}," for name, value in settings.items() if value != {}),
        ")",
        f"grid = {_indented(plan.grid, 'grid = ')}",
        f"data = {plan.base.data!r}, {_options(plan)!r}",
        "",
        f"results = list(stream(base, grid, data, seeds={plan.seeds!r}))",
        "runs = summary_frame(results, tried=grid)",
        f"columns = {_indented([ranked, f'test_{figure}', f'tuned_test_{figure}'], 'columns = ')}",
        "cells = runs.groupby(list(grid))[columns].mean()",
        f'print(cells.sort_values("{ranked}", ascending={lower_is_better(figure)}))',
    ]
    return "\n".join(lines)


def as_command(plan: Plan, figure: str) -> str:
    """The same on the command line."""
    words = [" ".join(COMMAND), f"--data {plan.base.data}"]
    words += _assignments("--data-set", _options(plan))
    words.append(f"--loss {plan.base.config.loss}")
    words += _assignments("--set", _params(plan))
    words += [
        f"--{name.replace('_', '-')} {as_text(value, DIGITS)}"
        for name, value in _settings(plan).items()
    ]
    grid = (
        f"{name}={','.join(as_text(value, DIGITS) for value in values)}"
        for name, values in plan.grid.items()
    )
    words.append(f"--grid {' '.join(grid)}")
    words.append(f"--seeds {','.join(map(str, plan.seeds))}")
    words.append(f"--metric {figure}")
    return " \\\n    ".join(words)


def _settings(plan: Plan) -> dict[str, object]:
    """Fields of the base that are not at their defaults and have no value of the grid."""
    config = plan.base.config
    return {
        field.name: getattr(config, field.name)
        for field in fields(TrainConfig)
        if field.name not in (*HAS_ITS_WAY, "loss", *plan.grid)
        and getattr(config, field.name) != field.default
    }


def _params(plan: Plan) -> dict[str, object]:
    """Parameters of the loss that are not at their defaults and have no value of the grid."""
    config = plan.base.config
    return _changed(LOSSES[config.loss].parameters, config.loss_params, leave_out=plan.grid)


def _options(plan: Plan) -> dict[str, object]:
    return _changed(DATASETS[plan.base.data].parameters, plan.base.options)


def _changed(parameters, values, leave_out=()) -> dict[str, object]:
    return {
        parameter.name: values[parameter.name]
        for parameter in parameters
        if parameter.name not in leave_out
        and values.get(parameter.name, parameter.default) != parameter.default
    }


def _assignments(option: str, values: dict[str, object]) -> list[str]:
    words = " ".join(f"{name}={as_text(value, DIGITS)}" for name, value in values.items())
    return [f"{option} {words}"] if words else []


def _indented(value: object, before: str) -> str:
    """A value over several lines, if need be, behind what stands before it."""
    text = pformat(value, width=88 - len(before), sort_dicts=False, compact=True)
    return text.replace("\n", "\n" + " " * len(before))
