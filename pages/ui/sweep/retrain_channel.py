"""Retraining for a browser that drags a setting: computed where torch is."""

from collections.abc import Mapping
from dataclasses import replace
from math import isnan

from mlcore.training import TrainConfig
from mlcore.training.retraining import Retraining, TooLong, check_size
from mlcore.workers import pool
from pages.ui.kit.component import pack_floats
from pages.ui.server.routes import is_wanted

PATH = "/retrain"
LEARNING_RATE = "learning_rate"
RETRAIN = "mlcore.training.retraining:retrain_in_turns"


def answer(question: dict) -> dict:
    """What `retrain` gives for {"data": …, "options": …, "config", "values"}.

    "config" has the fields of a `TrainConfig`, and "values" those that are dragged: learning_rate,
    and parameters of the loss. Curves and labels come as float32 in base64, and a figure that does
    not exist as None. A run that would take too long is answered with {"expected": its seconds}.

    Raises:
        ValueError: If what is asked does not exist, or is too large.
        TypeError: If it has another form.
        KeyError: If something is missing.
    """
    data, options = question["data"], question["options"]
    for name in ("options", "config", "values"):
        if not isinstance(question[name], Mapping):
            raise TypeError(f"{name} must be a mapping, got {question[name]!r}")
    config = dragged(TrainConfig(**question["config"]), question["values"])
    check_size(data, options, config.epochs)
    try:
        outcome = pool.call(RETRAIN, data, options, config, is_wanted=is_wanted)
    except TooLong as refusal:
        return {"expected": refusal.seconds}
    return packed(outcome)


def dragged(config: TrainConfig, values: Mapping[str, float]) -> TrainConfig:
    """A configuration with other values of its learning rate and its loss's parameters."""
    params = {name: value for name, value in values.items() if name != LEARNING_RATE}
    rate = values.get(LEARNING_RATE, config.learning_rate)
    return replace(config, learning_rate=rate, loss_params={**config.loss_params, **params})


def packed(outcome: Retraining) -> dict:
    """A retraining as it goes to the browser."""
    return {
        "curves": pack_floats(outcome.curves),
        "label_f1": pack_floats(outcome.label_f1),
        "at_half": {name: _known(value) for name, value in outcome.at_half.items()},
        "tuned": {name: [*map(_known, pair)] for name, pair in outcome.tuned.items()},
        "true_labels_per_row": outcome.true_labels_per_row,
        "diverged": outcome.diverged,
        "seconds": outcome.seconds,
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else value
