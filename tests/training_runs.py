"""What the tests of training share: configurations, and whether records are equal."""

import numpy as np

from mlcore.losses import LOSSES
from mlcore.training import EpochRecord, TrainConfig

SMALL = TrainConfig(hidden=(16,), batch_size=64, epochs=3, seed=5)
GRID = (0.05, 0.3, 0.5, 0.9)
ALL_LOSSES = [TrainConfig(loss=key, hidden=(16,), batch_size=64, epochs=3) for key in LOSSES]
ONE_OF_EACH_READING = [*{LOSSES[c.loss].probabilities: c for c in ALL_LOSSES}.values()]


def same(first: EpochRecord, second: EpochRecord) -> bool:
    """Whether two records are equal to the bit; NaN equals NaN."""
    names = ("step", "epoch", "train_loss", "validation_loss", "positive_gradient_share")
    pairs = [(getattr(first, name), getattr(second, name)) for name in names]
    pairs += [(first.scores[name], second.scores[name]) for name in first.scores]
    pairs += [(first.thresholds, second.thresholds), (first.diverged, second.diverged)]
    return first.scores.keys() == second.scores.keys() and all(
        np.array_equal(one, other, equal_nan=isinstance(one, float | np.ndarray))
        for one, other in pairs
    )


def assert_same(first: list[EpochRecord], second: list[EpochRecord]) -> None:
    assert len(first) == len(second)
    assert all(map(same, first, second))
