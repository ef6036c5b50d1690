"""What may be typed, with its help, and the settings it stands for. Quick: needs no torch."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from mlcore.command_line import values
from mlcore.datasets import DATASETS
from mlcore.figures import AVERAGED, AVERAGES, FIGURES
from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from mlcore.training.config import CHOICES, NEEDS

HELP = {
    "loss": "the loss that is trained on",
    "model": "a linear model, or a multilayer perceptron",
    "hidden": "widths of the hidden layers, as in 512 or 256-128",
    "initial_bias": "output bias at the start: zero, or the log odds of each label",
    "optimizer": "as in PyTorch, with its defaults",
    "learning_rate": "step size",
    "momentum": "of SGD; other optimizers have none",
    "weight_decay": "decay of the weights",
    "batch_size": "rows in a step",
    "epochs": "passes over the training rows",
    "seed": "fixes weights and order; same seed, same curve",
    "device": "where to train",
}
METAVARS = {int: "N", float: "X", tuple: "WIDTHS"}
METRICS = (
    *(f"{average}_{ratio}" for ratio in sorted(AVERAGED) for average in AVERAGES),
    *(key for key, info in FIGURES.items() if info.judges and not info.ratio),
)
ABOUT = "Multi-label losses, trained and compared from the command line."
EXIT_CODES = """\
exit codes: 0 done; 1 a run or the cluster failed; 2 wrong arguments; 3 finished, but not stored,
written or printed where asked; 130 interrupted, with what was finished written."""
TRAIN_EXAMPLES = """\
examples:
  python -m mlcore train --epochs 10
  python -m mlcore train --data debtags --loss focal --set gamma=3 --epochs 3 --out run.csv
  python -m mlcore train --data synthetic --data-set rows=2000 labels=50 --loss bce_pos_weight \\
      --set pos_weight=balanced cap=50 --hidden 128-64 --out run.parquet --overwrite
"""
SWEEP_EXAMPLES = """\
examples:
  python -m mlcore sweep --loss bce_pos_weight --grid pos_weight=1,2,5,balanced --epochs 5 \\
      --seeds 0-2 --workers 2
  python -m mlcore sweep --data-set rows=1000 --loss focal --model linear --epochs 5 \\
      --grid gamma=0..4:3 learning_rate=1e-3..1e-1:3:log --store results --out surface.parquet
  python -m mlcore sweep --data-set rows=1000 --epochs 5 --draws 6 --engine inline \\
      --grid learning_rate=1e-4..1:log hidden=64,128-64 --metric samples_f1 --out drawn.csv
"""


def _typed(read: Callable[[str], object]) -> Callable[[str], object]:
    """The same for argparse, with the error's own words."""

    def typed(text: str) -> object:
        try:
            return read(text)
        except (ValueError, TypeError) as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return typed


def _many(about: str) -> dict:
    """An argument that takes name=value words, many at once or one by one."""
    words = {"nargs": "+", "action": "extend", "default": [], "metavar": "NAME=VALUE"}
    return words | {"help": about}


def _whole(name: str, low: int, about: str, default: int | None = None) -> dict:
    """An argument that is a whole number."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < low:
            raise ValueError(f"{name} must be a whole number >= {low}, got {text!r}")
        return int(text)

    return {"type": _typed(read), "metavar": "N", "default": default, "help": about}


ARGUMENTS = {  # by group and name; settings of a run are not among them
    "data": {
        "--data": {
            "choices": tuple(DATASETS),
            "default": "synthetic",
            "help": "data set (%(default)s)",
        },
        "--data-set": _many("options of the data set, as in rows=2000"),
    },
    "what is tried": {
        "--grid": _many(
            "a setting or a parameter of the loss with its values: name=a,b,c, or "
            "name=low..high:count evenly spaced, with :log at the end logarithmically; every "
            "combination is trained"
        ),
        "--draws": _whole(
            "draws",
            1,
            "instead of every combination, N at random from --grid name=low..high[:log] or lists",
        ),
        "--draw-seed": _whole("draw-seed", 0, "fixes the draws (0)"),
        "--seeds": {
            "type": _typed(values.read_seeds),
            "default": [0],
            "metavar": "LIST",
            "help": "every cell is trained with each of them: 0-2 or 0,1,7 (0)",
        },
        "--metric": {
            "choices": METRICS,
            "default": "micro_f1",
            "metavar": "NAME",
            "help": "the figure of the validation rows that ranks the cells: "
            f"{', '.join(METRICS)} (%(default)s); its threshold is tuned for it, for precision "
            "and recall for F1",
        },
        "--top": _whole("top", 1, "cells in the table (10)", default=10),
    },
    "how it runs": {
        "--engine": {
            "choices": ("processes", "inline", "dask"),
            "default": "processes",
            "help": "worker processes on this machine, this very process, or a Dask cluster "
            "(%(default)s)",
        },
        "--workers": _whole("workers", 1, "worker processes; as many as cores when left out"),
        "--address": {"metavar": "tcp://HOST:PORT", "help": "of the Dask scheduler"},
        "--store": {
            "metavar": "FOLDER",
            "help": "keeps what is trained as it comes, and is read instead of training again",
        },
        "--most-runs": _whole(
            "most-runs", 1, "a sweep of more runs than this is refused (%(default)s)", 2000
        ),
    },
    "output": {
        "--out": {"metavar": "FILE", "help": "a row for each epoch, as .csv or .parquet"},
        "--overwrite": {"action": "store_true", "help": "replace the file if it is there"},
        "--quiet": {"action": "store_true", "help": "no progress bar"},
    },
}


def build_parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser, and that of each command by its name."""
    parser = argparse.ArgumentParser(prog="python -m mlcore", description=ABOUT)
    adder = parser.add_subparsers(dest="command", required=True, metavar="command")
    train = _add_command(adder, "train", "train one configuration", TRAIN_EXAMPLES)
    sweep = _add_command(adder, "sweep", "train a grid of settings over seeds", SWEEP_EXAMPLES)
    for command in (train, sweep):
        _add_group(command, "data")
    _add_settings(train, values.DEFAULTS)
    _add_group(sweep, "what is tried")
    _add_settings(sweep, [name for name in values.DEFAULTS if name != "seed"])
    _add_group(sweep, "how it runs")
    for command in (train, sweep):
        _add_group(command, "output")
    return parser, {"train": train, "sweep": sweep}


def dataset_of(arguments: argparse.Namespace) -> tuple[str, dict]:
    """Name and options of the data set that was asked for."""
    name = arguments.data
    texts = values.assignments(arguments.data_set, "--data-set")
    return name, values.read_parameters(f"option of {name}", DATASETS[name].parameters, texts)


def config_of(arguments: argparse.Namespace) -> TrainConfig:
    """The configuration that was asked for; of a sweep, the one that its grid changes."""
    settings = {name: given for name, given in vars(arguments).items() if name in values.DEFAULTS}
    texts = values.assignments(arguments.set, "--set")
    parameters = LOSSES[arguments.loss].parameters
    params = values.read_parameters(f"parameter of {arguments.loss}", parameters, texts)
    return TrainConfig(**settings, loss_params=params)


def check_effects(arguments: argparse.Namespace, tried: Mapping[str, Sequence]) -> None:
    """Raise ValueError for options that would have no effect.

    Args:
        arguments: With argv, the words that were typed.
        tried: What a grid tries, by name; nothing for one run.
    """
    given = {word.partition("=")[0] for word in arguments.argv}
    for name in values.DEFAULTS:
        if name in tried and (option := _option(name)) in given:
            raise ValueError(f"{option} has no effect where --grid tries {name}: leave it out")
    texts = values.assignments(arguments.set, "--set")
    for name in texts:
        if name in tried:
            raise ValueError(f"--set {name} has no effect where --grid tries {name}: leave it out")
    if texts and "loss" in tried:
        raise ValueError(
            "--set is for the one --loss; where --grid tries losses, give it their parameters too: "
            f"--grid {' '.join(arguments.set)}"
        )
    for name, (other, needed) in NEEDS.items():
        there = tried.get(other, [getattr(arguments, other)])
        if _option(name) in given and needed not in there:
            raise ValueError(
                f"{_option(name)} needs {_option(other)} {needed}, got {', '.join(there)}"
            )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _add_command(adder, name: str, about: str, examples: str) -> argparse.ArgumentParser:
    return adder.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog="\n".join([examples, _parameter_lists(), "", EXIT_CODES]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=f"python -m mlcore {name} [options]",
        allow_abbrev=False,
    )


def _parameter_lists() -> str:
    """The names that --set and --data-set take."""
    lines = []
    for title, infos in (("--set, by loss", LOSSES), ("--data-set, by data set", DATASETS)):
        lines.append(f"names for {title}:")
        for key, info in infos.items():
            names = ", ".join(parameter.name for parameter in info.parameters)
            lines.append(f"  {key}: {names or 'none'}")
    return "\n".join(lines)


def _add_group(command: argparse.ArgumentParser, title: str) -> None:
    group = command.add_argument_group(title)
    for name, options in ARGUMENTS[title].items():
        group.add_argument(name, **options)


def _add_settings(command: argparse.ArgumentParser, names) -> None:
    group = command.add_argument_group("settings")
    for name in names:
        default = values.DEFAULTS[name]
        group.add_argument(
            _option(name),
            type=_typed(partial(values.read_setting, name, losses=())),
            default=default,
            choices=CHOICES.get(name),
            # The choices are shown; losses are listed below, with their parameters.
            metavar="NAME" if name == "loss" else METAVARS.get(type(default)),
            help=f"{HELP[name]} ({values.as_text(default)})",
        )
        if name == "loss":
            group.add_argument("--set", **_many("parameters of --loss, as in gamma=3"))
