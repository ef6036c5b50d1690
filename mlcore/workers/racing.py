"""A race in a worker process, in turns."""

import math
import time
from collections.abc import Generator, Sequence

import numpy as np

from mlcore.datasets.source import Data, resolve
from mlcore.generators import Timed
from mlcore.training import Race, TrainConfig
from mlcore.workers.turns import REST, TURN_SECONDS

PREDICTION_SECONDS = 2.0  # how old the predictions on show may get while a race trains
PULSE_GROWTH = 1.005  # a pulse at most every so many steps, so that long races stay small
THRESHOLDS = tuple(percent / 100 for percent in range(1, 100))


def run_race(
    configs: Sequence[TrainConfig], data: Data, last_step: float, known: tuple[int, int]
) -> Generator[object, float | None]:
    """Train as `mlcore.training.race` does, and tell what is new.

    Args:
        configs: One for each contender.
        data: What to train on.
        last_step: The optimizer step after which to rest.
        known: How many records are known already, and the last step that anything is known of;
            what lies before is trained again and not told.

    Yields:
        What `mlcore.workers.races.Run.receive` takes, or None. Whenever it yields it is to be sent
        the `last_step` as it is by then, or None to end.
    """
    race = Race(configs, resolve(data), record="dense", thresholds=THRESHOLDS, heartbeat=0.0)
    training = Timed(race)
    records_known, step_known = known
    told = 0.0  # seconds of training when something was told
    pulsed_step, predicted_step, predicted_at = 0, -1, -math.inf
    while last_step is not None:
        if race.step >= last_step:
            is_new = race.step != predicted_step and race.step >= step_known
            predicted_step = race.step
            last_step = yield _predictions(race) if is_new else REST
            continue
        records, message = next(training), None
        seconds = training.seconds
        if records and records_known:
            records_known -= 1
        elif records:
            message, told = ("records", ([records], seconds)), seconds
        elif seconds - told >= TURN_SECONDS and race.step > step_known:
            losses = race.running_losses()
            if race.step >= pulsed_step * PULSE_GROWTH and any(map(math.isfinite, losses)):
                message, told = ("pulse", (race.step, losses, seconds)), seconds
                pulsed_step = race.step
        last_step = yield message
        if records and (race.step == race.steps or all(r.diverged for r in records)):
            break
        if time.monotonic() - predicted_at > PREDICTION_SECONDS and race.step >= step_known:
            predicted_step, predicted_at = race.step, time.monotonic()
            last_step = yield _predictions(race)
    if race.step != predicted_step and race.step >= step_known:
        yield _predictions(race)


def _predictions(race: Race) -> tuple[str, tuple[int, np.ndarray]]:
    """The step, and every contender's probabilities for validation rows, then for test rows."""
    splits = race.dataset.validation, race.dataset.test
    contenders = range(len(race.configs))
    each = [[race.probabilities(contender, rows) for rows in splits] for contender in contenders]
    return "predictions", (race.step, np.array([np.concatenate(parts) for parts in each]))
