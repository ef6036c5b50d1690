"""What a training run is given and what it reports. Needs no torch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import nan

import numpy as np

from mlcore.checks import check_choice, check_number
from mlcore.figures import FIGURES
from mlcore.losses import LOSSES

MODELS = ("linear", "mlp")
OPTIMIZERS = ("adam", "adamw", "sgd", "adagrad", "adadelta", "rmsprop")
INITIAL_BIASES = ("zero", "prior")
DEVICES = ("cpu", "cuda", "mps")
CHOICES = {  # of the fields that are words
    "loss": tuple(LOSSES),
    "model": MODELS,
    "initial_bias": INITIAL_BIASES,
    "optimizer": OPTIMIZERS,
    "device": DEVICES,
}
# Fields that have an effect only where another has this value.
NEEDS = {"hidden": ("model", "mlp"), "momentum": ("optimizer", "sgd")}
MOST_WHOLE = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that decides one training run.

    Attributes:
        loss: A key of `mlcore.losses.LOSSES`.
        loss_params: Values of that loss's parameters; those left out have their defaults.
        model: "linear" or "mlp".
        hidden: Widths of the hidden layers of an MLP, each >= 1.
        initial_bias: Output bias at the start: "zero", or "prior" for log(π/(1−π)). An output
            for how many labels starts at one label a row, or at the mean of the training rows.
        optimizer: A name in `OPTIMIZERS`, with PyTorch's defaults.
        learning_rate: Step size of the optimizer, > 0.
        momentum: Momentum of SGD, in [0, 0.999]; other optimizers have none.
        weight_decay: Decay of the weights, >= 0.
        batch_size: Rows per step, from 1 to 2^31 - 1.
        epochs: Full passes over the training rows, from 1 to 2^31 - 1.
        seed: Fixes weights and batch order; same seed, same curve.
        device: "cpu", "cuda" or "mps".
    """

    loss: str = "bce"
    loss_params: Mapping[str, object] = field(default_factory=dict)
    model: str = "mlp"
    hidden: tuple[int, ...] = (512,)
    initial_bias: str = "zero"
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.0
    batch_size: int = 256
    epochs: int = 30
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        for name, limits in (
            ("learning_rate", {"above": 0}),
            ("momentum", {"low": 0, "high": 0.999}),
            ("weight_decay", {"low": 0}),
            ("batch_size", {"low": 1, "high": MOST_WHOLE, "integer": True}),
            ("epochs", {"low": 1, "high": MOST_WHOLE, "integer": True}),
            ("seed", {"low": 0, "high": 2**32 - 1, "integer": True}),
        ):
            check_number(name, getattr(self, name), **limits)
        if isinstance(self.hidden, str) or not isinstance(self.hidden, Iterable):
            raise TypeError(f"hidden must be widths such as (512,), got {self.hidden!r}")
        if not isinstance(self.loss_params, Mapping):
            raise TypeError(f"loss_params must be values by name, got {self.loss_params!r}")
        for width in self.hidden:
            check_number("hidden", width, low=1, high=65536, integer=True)
        # 64.0 is a whole number too, but nothing can be counted with it.
        for name in ("batch_size", "epochs", "seed"):
            object.__setattr__(self, name, int(getattr(self, name)))
        object.__setattr__(self, "hidden", tuple(map(int, self.hidden)))
        LOSSES[self.loss].check(self.loss_params)

    @property
    def layers(self) -> tuple[int, ...]:
        """Widths of the hidden layers; none for a linear model."""
        return self.hidden if self.model == "mlp" else ()


@dataclass(frozen=True, kw_only=True, eq=False)
class EpochRecord:
    """The state of one run after a step; at the end of an epoch, or between as asked.

    Attributes:
        step: Optimizer steps taken so far.
        epoch: The same in passes over the training rows; whole at the end of an epoch.
        train_loss: Mean batch loss since the record before (nats); at step 0 that of one batch.
        validation_loss: Mean loss over the validation rows (nats). A loss over a whole batch, or
            over a label's column of it, is taken over all validation rows as one batch, so it need
            not compare with `train_loss`.
        positive_gradient_share: Share of the sum of |d loss / d logit| over the last batch that
            comes from true labels, in [0, 1]; nan where nothing has a gradient. An output for how
            many labels counts for neither.
        thresholds: Where the validation rows are scored, shape (t,).
        scores: The figures of `mlcore.thresholds.ThresholdSweep` for the validation rows, (t,).
        mean_average_precision: mAP of the validation rows, over the labels that occur in them; nan
            between whole epochs, where it would take too long, and once diverged.
        lrap: The same of label ranking average precision.
        diverged: Whether a loss is no longer finite; then this run takes no more steps.
    """

    step: int
    epoch: float
    train_loss: float
    validation_loss: float
    positive_gradient_share: float
    thresholds: np.ndarray
    scores: Mapping[str, np.ndarray]
    mean_average_precision: float = nan
    lrap: float = nan
    diverged: bool = False

    def figure(self, key: str, place: int = 0) -> float:
        """One figure of the validation rows.

        Args:
            key: One of `mlcore.figures.FIGURES`.
            place: The number of the threshold, for one that depends on it.
        """
        return float(self.scores[key][place]) if FIGURES[key].is_cut else getattr(self, key)
