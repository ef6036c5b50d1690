"""Many configurations as one model: their weights stacked, their gradients in closed form.

What is stacked has the members as its first axis and the rows of data as its last: logits lie in
memory as (m, k, n), so that the first layer of all members is one matrix product, and what belongs
to a member or to a label is one number for a whole stretch of memory. Kernels see (m, n, k).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mlcore.losses import LOSSES
from mlcore.training.config import TrainConfig
from mlcore.training.graph import Batches, GraphedStep
from mlcore.training.models import to_probabilities
from mlcore.training.optimizers import LightAdam, build_optimizer, light_adam, settings_of

# Logits at a time through a kernel: what it keeps in between then stays in the cache.
CACHED_LOGITS = 2**17


class Stack:
    """Configurations alike in architecture and kind of optimizer, trained as one model.

    Args:
        configs: Alike in model, hidden, optimizer, and outputs beyond one for each label.
        models: The weights that each starts from.
        y: Training targets, 0 or 1, shape (n, k).
        batch_size: Rows of a batch, at most.
    """

    def __init__(
        self,
        configs: Sequence[TrainConfig],
        models: Sequence[nn.Sequential],
        y: Tensor,
        batch_size: int,
    ) -> None:
        order = sorted(range(len(configs)), key=lambda member: _nearness(configs[member]))
        self.place = {member: place for place, member in enumerate(order)}
        self.configs = [configs[member] for member in order]
        self.params = [LOSSES[c.loss].bind(c.loss_params, y) for c in self.configs]
        self.spans = list(_spans(self.configs, lambda config: config.seed))
        most = max(1, CACHED_LOGITS // (batch_size * y.shape[1]))
        # Half precision could not add up the losses of an epoch.
        wide = torch.promote_types(y.dtype, torch.float32)
        self.loss_sum = y.new_zeros(len(configs), dtype=wide)
        self.blocks = list(_blocks(self.configs, self.params, most, self.loss_sum))
        self.layers = _Layers(
            [models[member] for member in order], [span for _, span in self.spans]
        )
        self.optimizer = self._build_optimizer()
        self.batches = 0
        self.derivative: Tensor | None = None
        self.last: Batches = {}
        self.kept: dict[int, list[Tensor]] = {}  # the weights of those that were stopped
        self._take = GraphedStep(self._step) if self._can_be_graphed else self._step

    @torch.no_grad()
    def look(self, batches: Batches) -> None:
        """Forward pass and loss on one batch of each seed, without a step."""
        self.derivative, *_ = self._differentiate(batches)
        self.batches, self.last = self.batches + 1, batches

    @torch.no_grad()
    def step(self, batches: Batches) -> None:
        """One optimizer step of every member on the mean loss of one batch."""
        if len(self.kept) < len(self.configs):
            self.last, self.derivative = self._take(batches)
            self.batches += 1

    def running_losses(self) -> list[float]:
        """Each member's mean batch loss since the last record; nan if it took no step."""
        losses = (self.loss_sum / self.batches).tolist() if self.batches else []
        return [
            losses[place] if losses and place not in self.kept else math.nan
            for _member, place in sorted(self.place.items())
        ]

    def collect(self) -> tuple[list[float], list[float]]:
        """Mean batch losses since the last call, and the gradient shares of true labels.

        The output that says how many labels there are belongs to none of them and is left out.
        """
        losses = self.running_losses()
        self.loss_sum.zero_()
        self.batches = 0
        shares = torch.empty_like(self.loss_sum)
        for seed, span in self.spans:
            y = self.last[seed][1].t()
            size = self.derivative[span, : len(y)].abs()
            whole = size.sum((1, 2), dtype=shares.dtype)
            shares[span] = (size * y).sum((1, 2), dtype=shares.dtype) / whole
        shares = shares.tolist()
        return losses, [shares[place] for _member, place in sorted(self.place.items())]

    @torch.no_grad()
    def validate(self, member: int, x: Tensor, y: Tensor) -> tuple[float, Tensor]:
        """Loss and probabilities for the validation rows, all at once.

        A loss that is not a mean over rows (soft F1, two-way) has another value on more rows.
        """
        place = self.place[member]
        info = LOSSES[self.configs[place].loss]
        logits = self._logits(place, x)
        value, _ = info.hard_kernel(logits, y, **self.params[place])
        loss = value.mean(dtype=self.loss_sum.dtype).item()
        return loss, to_probabilities(logits, info.probabilities)

    @torch.no_grad()
    def predict(self, member: int, x: Tensor) -> Tensor:
        """Probabilities, shape (n, k)."""
        place = self.place[member]
        reading = LOSSES[self.configs[place].loss].probabilities
        return to_probabilities(self._logits(place, x), reading)

    @torch.no_grad()
    def gradients(self, member: int, x: Tensor, y: Tensor) -> Tensor:
        """Derivatives of the loss, summed over all cells, along the labels' logits, (n, k)."""
        place = self.place[member]
        kernel = LOSSES[self.configs[place].loss].hard_kernel
        _value, slope = kernel(self._logits(place, x), y, **self.params[place])
        return slope[:, : y.shape[1]]

    def weights(self, member: int) -> Sequence[Tensor]:
        """Weights and bias of each layer, one after the other."""
        place = self.place[member]
        return self.kept.get(place) or self.layers.of(place)

    def stop(self, member: int) -> None:
        """Keep a member's weights as they are; it goes along, but is heard of no more."""
        place = self.place[member]
        if place not in self.kept:
            self.kept[place] = [tensor.clone() for tensor in self.layers.of(place)]

    def _step(self, batches: Batches) -> tuple[Batches, Tensor]:
        """Take a step; returns the batches and the derivative along the logits."""
        derivative, rows, inputs = self._differentiate(batches)
        self.layers.backward(derivative, rows, inputs)
        self.optimizer.step()
        return batches, derivative

    def _differentiate(self, batches: Batches):
        """The derivative along the logits, the rows of each span, what went into the layers."""
        rows = [batches[seed][0] for seed, _span in self.spans]
        *inputs, logits = self.layers.forward(rows)
        targets = {seed: y for seed, (_x, y) in batches.items()}
        return self._derive(logits, targets), rows, inputs

    @property
    def _can_be_graphed(self) -> bool:
        # Adagrad counts its steps on the CPU.
        return self.loss_sum.is_cuda and self.configs[0].optimizer != "adagrad"

    def _logits(self, place: int, x: Tensor) -> Tensor:
        tensors = self.kept.get(place) or self.layers.of(place)
        for weight, bias in zip(tensors[:-2:2], tensors[1:-2:2], strict=True):
            x = torch.addmm(bias, x, weight.t()).relu_()
        return torch.addmm(tensors[-1], x, tensors[-2].t())

    def _derive(self, logits: Tensor, targets: Mapping[int, Tensor]) -> Tensor:
        """Add up the mean losses; put the derivative of each in the place of the logits."""
        # Targets lie as logits do, so that both are gone through in one stretch.
        across = {seed: y.t().contiguous().t() for seed, y in targets.items()}
        for block in self.blocks:
            own = logits[block.span].transpose(1, 2)
            value, slope = block.kernel(own, across[block.seed], **block.params)
            axes = tuple(range(1, value.ndim))
            block.loss_sum.add_(value.mean(axes, dtype=self.loss_sum.dtype) if axes else value)
            torch.div(slope, value.numel() // len(own), out=own)
        return logits

    def _build_optimizer(self) -> torch.optim.Optimizer | LightAdam:
        """One for all; where all have the same settings, over all weights in one piece."""
        spans = list(_spans(self.configs, settings_of))
        if len(spans) == 1 and self.configs[0].optimizer == "adam" and not self.loss_sum.is_cuda:
            return light_adam(self.layers.flat, **spans[0][0])
        parameters: list = [self.layers.flat]
        if len(spans) > 1:
            parameters = [{"params": self.layers.slices(at), **own} for own, at in spans]
        return build_optimizer(self.configs[0], parameters, capturable=self._can_be_graphed)


class _Layers:
    """Weights (m, out, in) and biases (m, out) of every layer, with their gradients."""

    def __init__(self, models: Sequence[nn.Sequential], spans: Sequence[slice]) -> None:
        every = zip(*(model.parameters() for model in models), strict=True)
        tensors = [torch.stack(of_all).detach() for of_all in every]
        self.flat = nn.Parameter(torch.cat([tensor.flatten() for tensor in tensors]))
        self.flat.grad = torch.zeros_like(self.flat)
        self.tensors, self.gradients = (
            [
                part.view(tensor.shape)
                for part, tensor in zip(
                    flat.split([tensor.numel() for tensor in tensors]), tensors, strict=True
                )
            ]
            for flat in (self.flat.detach(), self.flat.grad)
        )
        self.spans = spans
        # Made once: a view takes as long to make as a small product to compute.
        self._columns = [bias.unsqueeze(2) for bias in self.tensors[1::2]]
        self._first_weight, self._first_bias, self._first_gradient = (
            self._of_spans(tensor)
            for tensor in (self.tensors[0], self._columns[0], self.gradients[0])
        )
        self._rooms: dict[int, tuple[list[Tensor], list[Tensor]]] = {}

    def _of_spans(self, tensor: Tensor) -> list[Tensor]:
        """What members have, (m, width, n), as one matrix for those of each span."""
        return [tensor[span].flatten(0, 1) for span in self.spans]

    def of(self, place: int) -> list[Tensor]:
        """One member's weights and biases."""
        return [tensor[place] for tensor in self.tensors]

    def slices(self, span: slice) -> list[nn.Parameter]:
        """Some members' weights and biases, as an optimizer takes them."""
        parameters = []
        for tensor, gradient in zip(self.tensors, self.gradients, strict=True):
            parameter = nn.Parameter(tensor[span])
            parameter.grad = gradient[span]
            parameters.append(parameter)
        return parameters

    def forward(self, rows: Sequence[Tensor]) -> list[Tensor]:
        """What goes into each layer but the first, and the logits, each (m, width, n)."""
        outputs, first = self._room(len(rows[0]))
        for x, *weights, out in zip(rows, self._first_bias, self._first_weight, first, strict=True):
            torch.addmm(*weights, x.t(), out=out)
        for below, out, *weights in zip(
            outputs[:-1], outputs[1:], self._columns[1:], self.tensors[2::2], strict=True
        ):
            torch.baddbmm(*weights, below.relu_(), out=out)
        return outputs

    def _room(self, n: int) -> tuple[list[Tensor], list[Tensor]]:
        """Where outputs for n rows go, of each layer, and of the first by span.

        Memory that is there already is quicker.
        """
        if n not in self._rooms:
            outputs = [bias.new_empty(*bias.shape, n) for bias in self.tensors[1::2]]
            self._rooms[n] = outputs, self._of_spans(outputs[0])
        return self._rooms[n]

    def backward(self, upstream: Tensor, rows: Sequence[Tensor], inputs: Sequence[Tensor]) -> None:
        """Fill the gradients, from the derivative along the logits, shape (m, k, n)."""
        for place in range(len(inputs), 0, -1):
            weight_gradient, bias_gradient = self.gradients[2 * place : 2 * place + 2]
            below = inputs[place - 1]
            torch.bmm(upstream, below.transpose(1, 2), out=weight_gradient)
            torch.sum(upstream, 2, out=bias_gradient)
            upstream = torch.bmm(self.tensors[2 * place].transpose(1, 2), upstream)
            upstream.mul_(below.sign())  # of relu: 1 for what it let through, else 0
        torch.sum(upstream, 2, out=self.gradients[1])
        for own, x, weight_gradient in zip(
            self._of_spans(upstream), rows, self._first_gradient, strict=True
        ):
            torch.mm(own, x, out=weight_gradient)


@dataclass(frozen=True)
class _Block:
    """Members that go through a kernel together."""

    span: slice
    loss_sum: Tensor  # of each member
    seed: int
    kernel: Callable
    params: Mapping[str, object]


def _nearness(config: TrainConfig) -> tuple:
    """Sorts what may go together next to each other."""
    params = sorted((name, str(value)) for name, value in config.loss_params.items())
    return config.seed, sorted(settings_of(config).items()), config.loss, params


def _spans(configs: Sequence[TrainConfig], key: Callable) -> Iterator[tuple[object, slice]]:
    """Each stretch of configurations with the same key, and that key."""
    start = 0
    for stop in range(1, len(configs) + 1):
        if stop == len(configs) or key(configs[stop]) != key(configs[start]):
            yield key(configs[start]), slice(start, stop)
            start = stop


def _blocks(
    configs: Sequence[TrainConfig], params: Sequence[Mapping], most: int, loss_sum: Tensor
) -> Iterator[_Block]:
    """Stretches of at most so many members with the same seed, loss and kinds of parameters."""

    def kind(place: int) -> tuple:
        # What is None or a switch decides what a kernel does; numbers can differ.
        fixed = {k: v for k, v in params[place].items() if v is None or isinstance(v, bool)}
        return configs[place].seed, configs[place].loss, fixed

    start = 0
    for stop in range(1, len(configs) + 1):
        if stop == len(configs) or stop - start == most or kind(stop) != kind(start):
            span, config = slice(start, stop), configs[start]
            stacked = {
                name: _stacked([own[name] for own in params[span]], loss_sum)
                for name in params[start]
            }
            kernel = LOSSES[config.loss].hard_kernel
            yield _Block(span, loss_sum[span], config.seed, kernel, stacked)
            start = stop


def _stacked(values: Sequence[object], like: Tensor) -> object:
    """One value for all where they are equal, else a tensor (m, 1, 1) or (m, 1, k)."""
    first = values[0]
    if isinstance(first, Tensor):
        equal = all(torch.equal(value, first) for value in values)
        return first if equal else torch.stack(list(values)).unsqueeze(1)
    if all(value == first for value in values):
        return first
    return like.new_tensor(values).view(-1, 1, 1)
