"""Training several configurations side by side, from one start and on the same batches."""

import math
import time
from collections.abc import Iterator, Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor

from mlcore.checks import check_choice
from mlcore.datasets import Dataset
from mlcore.losses import LOSSES
from mlcore.models import (
    add_count_output,
    build_model,
    first_count,
    set_prior_bias,
    to_probabilities,
)
from mlcore.thresholds import ThresholdSweep
from mlcore.training.config import DEVICES, EpochRecord, TrainConfig

# What must be equal, so that contenders differ in nothing but what is compared.
SHARED = ("model", "hidden", "batch_size", "epochs", "seed", "device")
DENSE_STEPS = 30  # a collapse begins within these
DENSE_GROWTH = 1.08  # afterwards each gap is at most this much of what went before


def available_devices() -> tuple[str, ...]:
    """The devices of this machine that a run can use, "cpu" first."""
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    return tuple(device for device in DEVICES if there[device])


def train(config: TrainConfig, dataset: Dataset, **options) -> Iterator[EpochRecord]:
    """Train one configuration; yields a record as `race` does, and takes the same options.

    Example:
        >>> from mlcore.datasets import load
        >>> config = TrainConfig(model="linear", epochs=2)
        >>> [record.epoch for record in train(config, load("digits", rows=300), record="epoch")]
        [0.0, 1.0, 2.0]
    """
    for records in Race([config], dataset, **options):
        yield from records


def race(
    configs: Sequence[TrainConfig], dataset: Dataset, **options
) -> Iterator[list[EpochRecord]]:
    """Train configurations in step, each on the same batches from the same first weights.

    A loss that asks for an output for how many labels there are gets one with weights of zero
    beside those that all share; see `mlcore.models.add_count_output`.

    Args:
        configs: One for each contender, alike in model, hidden, batch_size, epochs, seed, device.
        dataset: Rows to train on and to validate on.
        **options: `record`, `thresholds` and `heartbeat` of `Race`.

    Yields:
        One record for each contender, in the order of `configs`.

    Raises:
        ValueError: If there is no contender, they differ in what must be shared, the device is
            not there, or the data set has no training or validation rows.
    """
    yield from Race(configs, dataset, **options)


class Race:
    """The iterator behind `race`, for callers who also want predictions on the way.

    Args:
        configs: As in `race`.
        dataset: As in `race`.
        record: When to yield: "epoch" (the start and every epoch's end), "step" (every step) or
            "dense" (every step at first, then ever wider gaps, and every epoch's end).
        thresholds: Increasing, in [0, 1]: where the validation rows are scored.
        heartbeat: Yield an empty list when this many seconds went by without a record, so that
            whoever drives the race can pause or leave it; None for never.
    """

    def __init__(
        self,
        configs: Sequence[TrainConfig],
        dataset: Dataset,
        *,
        record: str = "epoch",
        thresholds: Sequence[float] = (0.5,),
        heartbeat: float | None = None,
    ) -> None:
        check_choice("record", record, ("epoch", "step", "dense"))
        _check_race(configs, dataset)
        self.config = configs[0]
        self.dataset = dataset
        self.record = record
        self.thresholds = np.asarray(thresholds, dtype=np.float64)
        self.heartbeat = math.inf if heartbeat is None else heartbeat
        self.device = torch.device(self.config.device)
        self.x, self.y = self._rows(dataset.train)
        self.validation = self._rows(dataset.validation)
        self.validation_targets = dataset.y[dataset.validation]
        self.steps_per_epoch = math.ceil(len(self.x) / self.config.batch_size)
        self.steps = self.steps_per_epoch * self.config.epochs
        self.step = 0
        first_model = self._first_model()
        self.contenders = [_Contender(config, first_model, self.x, self.y) for config in configs]

    def __iter__(self) -> Iterator[list[EpochRecord]]:
        last_yield, last_step = time.monotonic(), 0
        for step, batch in enumerate(self._batches()):
            self.step = step
            for contender in self.contenders:
                contender.step(*batch) if step else contender.look(*batch)
            if self._is_due(step, last_step):
                yield [self._record(contender, step) for contender in self.contenders]
                last_yield, last_step = time.monotonic(), step
            elif time.monotonic() - last_yield > self.heartbeat:
                yield []
                last_yield = time.monotonic()

    def running_losses(self) -> list[float]:
        """For each contender its mean batch loss since the last record; nan just after one."""
        return [contender.running_loss() for contender in self.contenders]

    def probabilities(self, contender: int, rows: np.ndarray) -> np.ndarray:
        """What one contender predicts now for some rows of the data set: float32, (rows, k)."""
        x, _ = self._rows(rows)
        return self.contenders[contender].predict(x).cpu().numpy()

    def _rows(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        x = torch.from_numpy(self.dataset.x[rows]).to(self.device)
        y = torch.from_numpy(self.dataset.y[rows]).to(self.device, torch.float32)
        return x, y

    def _first_model(self) -> torch.nn.Sequential:
        """The weights that all start from, drawn on the CPU so that the seed means the same."""
        n_labels = self.y.shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            return build_model(self.x.shape[1], n_labels, self.config.layers).to(self.device)

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batch 0 twice, first only to look at, then every batch of every epoch in its order."""
        order = torch.Generator().manual_seed(self.config.seed)
        size = self.config.batch_size
        for epoch in range(self.config.epochs):
            shuffled = torch.randperm(len(self.x), generator=order).to(self.device)
            # Three times as fast as self.x[shuffled].
            x, y = self.x.index_select(0, shuffled), self.y.index_select(0, shuffled)
            if epoch == 0:
                yield x[:size], y[:size]
            yield from zip(x.split(size), y.split(size), strict=True)

    def _is_due(self, step: int, last_step: int) -> bool:
        if step % self.steps_per_epoch == 0 or self.record == "step":
            return True
        return self.record == "dense" and (step <= DENSE_STEPS or step >= DENSE_GROWTH * last_step)

    def _record(self, contender: "_Contender", step: int) -> EpochRecord:
        train_loss, share = contender.collect()
        validation_loss, probabilities = contender.validate(*self.validation)
        diverged = not (math.isfinite(train_loss) and math.isfinite(validation_loss))
        contender.stopped = diverged
        if diverged:
            probabilities = torch.zeros_like(probabilities)
        sweep = ThresholdSweep(self.validation_targets, probabilities, thresholds=self.thresholds)
        scores = sweep.figures
        if diverged:
            scores = {name: np.full_like(figure, np.nan) for name, figure in scores.items()}
        return EpochRecord(
            step=step,
            epoch=step / self.steps_per_epoch,
            train_loss=train_loss,
            validation_loss=validation_loss,
            positive_gradient_share=share,
            thresholds=self.thresholds,
            scores=scores,
            diverged=diverged,
        )


class _Contender:
    """One configuration in training: its model, its loss, its optimizer."""

    def __init__(self, config: TrainConfig, first_model, x: Tensor, y: Tensor) -> None:
        info = LOSSES[config.loss]
        self.kernel = info.hard_kernel  # a data set's targets are 0 or 1
        self.params = info.bind(config.loss_params, y)
        self.reading = info.probabilities
        self.model = deepcopy(first_model)  # building one would draw random numbers
        prior = config.initial_bias == "prior"
        if prior:
            set_prior_bias(self.model, y)
        if info.extra_outputs:
            add_count_output(self.model, first_count(y if prior else None, self.reading))
        self.optimizer = _optimizer(config, self.model.parameters())
        self.loss_sum = torch.zeros((), device=x.device)
        self.batches = 0
        self.derivative = self.targets = torch.zeros((1, 1), device=x.device)
        self.stopped = False

    def look(self, x: Tensor, y: Tensor) -> Tensor | None:
        """Forward pass and loss on one batch, without a step; returns the logits."""
        if self.stopped:
            return None
        logits = self.model(x)
        # The kernel gives value and derivative at once, so autograd need not follow the loss.
        value, derivative = self.kernel(logits.detach(), y, **self.params)
        self.loss_sum += value.mean()
        self.batches += 1
        self.derivative, self.targets = derivative.div_(value.numel()), y
        return logits

    def step(self, x: Tensor, y: Tensor) -> None:
        """One optimizer step on the mean loss of one batch."""
        logits = self.look(x, y)
        if logits is not None:
            logits.backward(self.derivative)
            self.optimizer.step()
            self.optimizer.zero_grad()

    def running_loss(self) -> float:
        """Mean batch loss since the last record; nan if there was no batch."""
        return self.loss_sum.item() / self.batches if self.batches else math.nan

    def collect(self) -> tuple[float, float]:
        """Mean batch loss since the last call, and the gradient share of true labels.

        The output that says how many labels there are belongs to none of them and is left out.
        """
        train_loss = self.running_loss()  # nan after divergence, when there are no new batches
        self.loss_sum.zero_()
        self.batches = 0
        size = self.derivative[:, : self.targets.shape[1]].abs()
        share = ((size * self.targets).sum() / size.sum()).item()
        return train_loss, share

    @torch.no_grad()
    def validate(self, x: Tensor, y: Tensor) -> tuple[float, Tensor]:
        """Loss and probabilities for the validation rows, all at once.

        A loss that is not a mean over rows (soft F1, two-way) has another value on more rows.
        """
        logits = self.model(x)
        value, _ = self.kernel(logits, y, **self.params)
        return value.mean().item(), to_probabilities(logits, self.reading)

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Probabilities, shape (n, k)."""
        return to_probabilities(self.model(x), self.reading)


def _optimizer(config: TrainConfig, parameters) -> torch.optim.Optimizer:
    """The optimizer, in PyTorch's fused form where it has one."""
    options = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    fused = {**options, "fused": True}
    match config.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, **fused)
        case "adamw":
            return torch.optim.AdamW(parameters, **fused)
        case "sgd":
            return torch.optim.SGD(parameters, momentum=config.momentum, **fused)
        case "adagrad":
            return torch.optim.Adagrad(parameters, **options)
        case "adadelta":
            return torch.optim.Adadelta(parameters, **options)
        case _:
            return torch.optim.RMSprop(parameters, **options)


def _check_race(configs: Sequence[TrainConfig], dataset: Dataset) -> None:
    if not configs:
        raise ValueError("configs must have at least one contender, got none")
    for name in SHARED:
        values = [getattr(config, name) for config in configs]
        if any(value != values[0] for value in values):
            raise ValueError(f"configs of one race must have the same {name}, got {values}")
    check_choice("device", configs[0].device, available_devices())
    for split in ("train", "validation"):
        if not len(getattr(dataset, split)):
            raise ValueError(f"dataset must have at least one {split} row, got none")
