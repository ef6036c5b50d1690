"""Training several configurations side by side, from one start and on the same batches."""

import math
import time
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor

from mlcore.checks import as_array, check_choice, check_number
from mlcore.datasets import Dataset
from mlcore.losses import LOSSES
from mlcore.thresholds import ThresholdSweep
from mlcore.training.config import DEVICES, EpochRecord, TrainConfig
from mlcore.training.graph import Batches
from mlcore.training.models import add_count_output, build_model, first_count, set_prior_bias
from mlcore.training.stack import Stack

# What must be equal, so that contenders take the same steps.
SHARED = ("model", "hidden", "batch_size", "epochs", "device")
LARGEST = 2**24  # outputs that the widest layer of a stack may have for a batch
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


def train(
    config: TrainConfig,
    dataset: Dataset,
    *,
    record: str | Collection[int] = "epoch",
    thresholds: Sequence[float] = (0.5,),
    dtype: torch.dtype = torch.float32,
) -> Iterator[EpochRecord]:
    """Train one configuration; yields a record where `race` yields a list of them.

    Args:
        config: What to train.
        dataset, record, thresholds, dtype: As in `race`.

    Example:
        >>> from mlcore.datasets import load
        >>> config = TrainConfig(model="linear", epochs=2)
        >>> [record.epoch for record in train(config, load("digits", rows=300), record="epoch")]
        [0.0, 1.0, 2.0]
    """
    for records in Race([config], dataset, record=record, thresholds=thresholds, dtype=dtype):
        yield from records


def race(
    configs: Sequence[TrainConfig],
    dataset: Dataset,
    *,
    record: str | Collection[int] = "epoch",
    thresholds: Sequence[float] = (0.5,),
    heartbeat: float | None = None,
    dtype: torch.dtype = torch.float32,
    ranking: bool = True,
) -> Iterator[list[EpochRecord]]:
    """Train configurations in step; those of one seed on the same batches from the same weights.

    A loss that asks for an output for how many labels there are gets one with weights of zero
    beside those that all share; see `mlcore.training.models.add_count_output`.

    Args:
        configs: One for each contender, alike in model, hidden, batch_size, epochs, device.
        dataset: Rows to train on and to validate on.
        record: When to yield: "epoch" (the start and every epoch's end), "step" (every step),
            "dense" (every step at first, then ever wider gaps, and every epoch's end), or after
            which steps; then also after the last.
        thresholds: Increasing, in [0, 1]: where the validation rows are scored.
        heartbeat: Yield an empty list when this many seconds went by without a record, so that
            whoever drives the race can pause or leave it; None for never.
        dtype: Of rows, weights and losses.
        ranking: Whether records of whole epochs have mAP and LRAP, which may take longer than all
            thresholds together.

    Yields:
        One record for each contender, in the order of `configs`.

    Raises:
        ValueError: If there is no contender, they differ in what must be shared, the device is
            not there, or the data set has no training or validation rows.
    """
    yield from Race(**locals())


class Race:
    """The iterator behind `race`, for callers who also want predictions on the way.

    Args:
        configs, dataset, record, thresholds, heartbeat, dtype, ranking: As in `race`.
    """

    def __init__(
        self,
        configs: Sequence[TrainConfig],
        dataset: Dataset,
        *,
        record: str | Collection[int] = "epoch",
        thresholds: Sequence[float] = (0.5,),
        heartbeat: float | None = None,
        dtype: torch.dtype = torch.float32,
        ranking: bool = True,
    ) -> None:
        if isinstance(record, str):
            check_choice("record", record, ("epoch", "step", "dense"))
        _check_race(configs, dataset)
        self.config = configs[0]
        self.dataset = dataset
        self.record = record
        self.thresholds = np.asarray(thresholds, dtype=np.float64)
        self.heartbeat = math.inf if heartbeat is None else heartbeat
        self.device, self.dtype = torch.device(self.config.device), dtype
        self.ranking = ranking
        self.x, self.y = self._rows(dataset.train)
        self.validation = self._rows(dataset.validation)
        self.validation_targets = dataset.y[dataset.validation]
        self.steps_per_epoch = math.ceil(len(self.x) / self.config.batch_size)
        self.steps = self.steps_per_epoch * self.config.epochs
        self.step = 0
        self.configs = tuple(configs)
        self.parts = list(self._parts())

    def __iter__(self) -> Iterator[list[EpochRecord]]:
        if self.step:
            raise ValueError("a race runs once, and this one has begun: make another")
        last_yield, last_step = time.monotonic(), 0
        for step, batches in enumerate(self._batches()):
            self.step = step
            for _members, part in self.parts:
                part.step(batches) if step else part.look(batches)
            if self._is_due(step, last_step):
                yield self._records(step)
                last_yield, last_step = time.monotonic(), step
            elif time.monotonic() - last_yield > self.heartbeat:
                yield []
                last_yield = time.monotonic()

    def running_losses(self) -> list[float]:
        """For each contender its mean batch loss since the last record; nan just after one."""
        losses = [math.nan] * len(self.configs)
        for members, part in self.parts:
            for member, loss in zip(members, part.running_losses(), strict=True):
                losses[member] = loss
        return losses

    def probabilities(self, contender: int, rows: np.ndarray) -> np.ndarray:
        """What one contender predicts now.

        Args:
            contender: Its place in `configs`.
            rows: Of the data set, by number, shape (n,).

        Returns:
            Probabilities, shape (n, k), of the dtype of the race, but float32 for bfloat16.
        """
        return as_array("probabilities", self._predict(contender, rows))

    def gradients(self, contender: int, rows: np.ndarray) -> np.ndarray:
        """How the loss of some rows, summed over their labels, changes with each logit now.

        Args:
            contender: Its place in `configs`.
            rows: Of the data set, by number, shape (n,).

        Returns:
            d loss / d logit, shape (n, k), as `probabilities`.
        """
        part, member = self._place(contender)
        return as_array("gradients", part.gradients(member, *self._rows(rows)))

    def sweeps(self, contender: int) -> tuple[ThresholdSweep, ...]:
        """What 101 thresholds give of one contender, on the validation rows and on the test rows.

        Args:
            contender: Its place in `configs`.
        """
        return tuple(
            ThresholdSweep(self.dataset.y[rows], self._predict(contender, rows))
            for rows in (self.dataset.validation, self.dataset.test)
        )

    def weights(self, contender: int) -> list[np.ndarray]:
        """One contender's weights (out, in) and biases (out,) of each layer, in their order.

        Args:
            contender: Its place in `configs`.
        """
        part, member = self._place(contender)
        return [as_array("weights", tensor).copy() for tensor in part.weights(member)]

    def _predict(self, contender: int, rows: np.ndarray) -> Tensor:
        x, _ = self._rows(rows)
        check_number("contender", contender, low=0, high=len(self.configs) - 1, integer=True)
        part, member = self._place(contender)
        return part.predict(member, x)

    def _place(self, contender: int) -> tuple[Stack, int]:
        return next(
            (part, members.index(contender)) for members, part in self.parts if contender in members
        )

    def _rows(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        x = torch.from_numpy(self.dataset.x[rows]).to(self.device, self.dtype)
        y = torch.from_numpy(self.dataset.y[rows]).to(self.device, self.dtype)
        return x, y

    def _models(self) -> list[torch.nn.Sequential]:
        """The weights that each contender starts from."""
        first = {config.seed: self._first_model(config.seed) for config in self.configs}
        return [self._model(config, first[config.seed]) for config in self.configs]

    def _parts(self) -> Iterator[tuple[list[int], Stack]]:
        """The contenders that train as one model, by their places in configs."""
        models = self._models()
        for members in self._alike():
            configs = [self.configs[member] for member in members]
            own = [models[member] for member in members]
            yield members, Stack(configs, own, self.y, self.config.batch_size)

    def _alike(self) -> list[list[int]]:
        """Places in configs of those that can be stacked, not too many together."""
        alike: dict[tuple, list[int]] = {}
        for place, config in enumerate(self.configs):
            kind = config.optimizer, LOSSES[config.loss].extra_outputs
            alike.setdefault(kind, []).append(place)
        outputs = self.config.batch_size * max(self.y.shape[1], *self.config.layers, 1)
        most = max(1, LARGEST // outputs)
        return [
            places[start : start + most]
            for places in alike.values()
            for start in range(0, len(places), most)
        ]

    def _first_model(self, seed: int) -> torch.nn.Sequential:
        """The weights that all start from, drawn on the CPU so that the seed means the same."""
        model = build_model(self.x.shape[1], self.y.shape[1], self.config.layers, seed=seed)
        return model.to(self.device, self.dtype)

    def _model(self, config: TrainConfig, first: torch.nn.Sequential) -> torch.nn.Sequential:
        """One contender's weights at the start."""
        info = LOSSES[config.loss]
        model = deepcopy(first)
        prior = config.initial_bias == "prior"
        if prior:
            set_prior_bias(model, self.y)
        if info.extra_outputs:
            add_count_output(model, first_count(self.y if prior else None, info.probabilities))
        return model

    def _batches(self) -> Iterator[Batches]:
        """Batch 0 twice, first only to look at, then every batch of every epoch in its order."""
        seeds = {config.seed for config in self.configs}
        orders = {seed: torch.Generator().manual_seed(seed) for seed in seeds}
        for epoch in range(self.config.epochs):
            splits = {seed: self._shuffled(order) for seed, order in orders.items()}
            for step in range(self.steps_per_epoch):
                batches = {seed: (x[step], y[step]) for seed, (x, y) in splits.items()}
                if epoch == step == 0:
                    yield batches
                yield batches

    def _shuffled(self, order: torch.Generator) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """The batches of an epoch: rows and their targets."""
        shuffled = torch.randperm(len(self.x), generator=order).to(self.device)
        # Three times as fast as self.x[shuffled].
        x, y = self.x.index_select(0, shuffled), self.y.index_select(0, shuffled)
        return x.split(self.config.batch_size), y.split(self.config.batch_size)

    def _is_due(self, step: int, last_step: int) -> bool:
        if not isinstance(self.record, str):
            return step in self.record or step == self.steps
        if step % self.steps_per_epoch == 0 or self.record == "step":
            return True
        return self.record == "dense" and (step <= DENSE_STEPS or step >= DENSE_GROWTH * last_step)

    def _records(self, step: int) -> list[EpochRecord]:
        records: dict[int, EpochRecord] = {}
        for members, part in self.parts:
            for place, (loss, share) in enumerate(zip(*part.collect(), strict=True)):
                validation_loss, probabilities = part.validate(place, *self.validation)
                diverged = not (math.isfinite(loss) and math.isfinite(validation_loss))
                if diverged:
                    part.stop(place)
                    probabilities = torch.zeros_like(probabilities)
                records[members[place]] = EpochRecord(
                    step=step,
                    epoch=step / self.steps_per_epoch,
                    train_loss=loss,
                    validation_loss=validation_loss,
                    positive_gradient_share=share,
                    thresholds=self.thresholds,
                    diverged=diverged,
                    **self._score(probabilities, diverged),
                )
        return [records[place] for place in range(len(self.configs))]

    def _score(self, probabilities: Tensor, diverged: bool) -> dict[str, object]:
        """The figures of a record."""
        sweep = ThresholdSweep(self.validation_targets, probabilities, thresholds=self.thresholds)
        if diverged:
            figures = sweep.figures.items()
            return {"scores": {name: np.full_like(figure, np.nan) for name, figure in figures}}
        # Not at each of the dense first records either.
        is_ranked = self.ranking and self.step % self.steps_per_epoch == 0
        return {"scores": sweep.figures} | (sweep.ranking if is_ranked else {})


def _check_race(configs: Sequence[TrainConfig], dataset: Dataset) -> None:
    if not isinstance(configs, Sequence):
        raise TypeError(f"configs must be a list of them, got {type(configs).__name__}")
    if not isinstance(dataset, Dataset):
        raise TypeError(f"dataset must be a Dataset, got {type(dataset).__name__}")
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
