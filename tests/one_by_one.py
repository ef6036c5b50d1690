"""Races in which each trains by itself, by autograd: what stacked training is measured against."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from mlcore.losses import LOSSES
from mlcore.training import Race, TrainConfig
from mlcore.training.graph import Batches
from mlcore.training.models import to_probabilities
from mlcore.training.optimizers import build_optimizer


class Contender:
    """One model, its loss, its optimizer; with the methods of `mlcore.training.stack.Stack`.

    Args:
        config: What it is.
        model: The weights that it starts from; trained in place.
        y: Training targets, 0 or 1, shape (n, k).
    """

    def __init__(self, config: TrainConfig, model: nn.Sequential, y: Tensor) -> None:
        info = LOSSES[config.loss]
        self.kernel = info.hard_kernel  # a data set's targets are 0 or 1
        self.params = info.bind(config.loss_params, y)
        self.reading = info.probabilities
        self.seed = config.seed
        self.model = model
        self.optimizer = build_optimizer(config, model.parameters())
        self.loss_sum = y.new_zeros(())
        self.batches = 0
        self.derivative = self.targets = y.new_zeros((1, 1))
        self.stopped = False

    def look(self, batches: Batches) -> Tensor | None:
        """Forward pass and loss on one batch, without a step; returns the logits."""
        if self.stopped:
            return None
        x, y = batches[self.seed]
        logits = self.model(x)
        # The kernel gives value and derivative at once, so autograd need not follow the loss.
        value, derivative = self.kernel(logits.detach(), y, **self.params)
        self.loss_sum += value.mean()
        self.batches += 1
        self.derivative, self.targets = derivative.div_(value.numel()), y
        return logits

    def step(self, batches: Batches) -> None:
        """One optimizer step on the mean loss of one batch."""
        logits = self.look(batches)
        if logits is not None:
            logits.backward(self.derivative)
            self.optimizer.step()
            self.optimizer.zero_grad()

    def running_losses(self) -> list[float]:
        """Mean batch loss since the last record; nan if there was no batch."""
        return [self.loss_sum.item() / self.batches if self.batches else math.nan]

    def collect(self) -> tuple[list[float], list[float]]:
        """Mean batch loss since the last call, and the gradient share of true labels.

        The output that says how many labels there are belongs to none of them and is left out.
        """
        losses = self.running_losses()  # nan after divergence, when there are no new batches
        self.loss_sum.zero_()
        self.batches = 0
        size = self.derivative[:, : self.targets.shape[1]].abs()
        return losses, [((size * self.targets).sum() / size.sum()).item()]

    @torch.no_grad()
    def validate(self, member: int, x: Tensor, y: Tensor) -> tuple[float, Tensor]:
        """Loss and probabilities for the validation rows, all at once.

        A loss that is not a mean over rows (soft F1, two-way) has another value on more rows.
        """
        logits = self.model(x)
        value, _ = self.kernel(logits, y, **self.params)
        return value.mean().item(), to_probabilities(logits, self.reading)

    @torch.no_grad()
    def predict(self, member: int, x: Tensor) -> Tensor:
        """Probabilities, shape (n, k)."""
        return to_probabilities(self.model(x), self.reading)

    def weights(self, member: int) -> Sequence[Tensor]:
        """Weights and bias of each layer, one after the other."""
        return [parameter.detach() for parameter in self.model.parameters()]

    def stop(self, member: int) -> None:
        """Take no more steps."""
        self.stopped = True


class OneByOne(Race):
    """A race whose contenders share nothing but first weights and batches."""

    def _parts(self) -> Iterator[tuple[list[int], Contender]]:
        for member, (config, model) in enumerate(zip(self.configs, self._models(), strict=True)):
            yield [member], Contender(config, model, self.y)
