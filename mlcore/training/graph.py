"""A training step on CUDA as one graph: launched at once instead of kernel by kernel."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Batches = Mapping[int, tuple[Tensor, Tensor]]  # by seed: rows and their targets
WARM_UP = 3  # steps taken as usual first: they make an optimizer's state and choose algorithms


class GraphedStep:
    """Takes a step as usual at first, then captures it and replays it on each batch of its size.

    Args:
        step: From batches by seed to its result. It reads and writes tensors that stay where they
            are; what else it keeps is not kept by a replay. Tensors of the result of a replay are
            written over by the next one.

    Source:
        https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
    """

    def __init__(self, step: Callable[[Batches], tuple]) -> None:
        self.step = step
        self.taken = 0
        self.largest = 0  # rows of a batch so far
        self.possible = True
        self.graph: torch.cuda.CUDAGraph | None = None
        self.batches: Batches = {}  # what a replay reads
        self.result: tuple = ()  # what it gives

    def __call__(self, batches: Batches) -> tuple:
        size = sum(_sizes(batches))
        self.largest = max(self.largest, size)
        # Not the last batch of an epoch, where that is a short one.
        if self.graph is None and self.possible and self.taken >= WARM_UP and size == self.largest:
            self._capture(batches)
        if self.graph is None or _sizes(batches) != _sizes(self.batches):
            self.taken += 1
            return self.step(batches)
        for seed, rows in batches.items():
            for mine, theirs in zip(self.batches[seed], rows, strict=True):
                mine.copy_(theirs)
        self.graph.replay()
        return self.result

    def _capture(self, batches: Batches) -> None:
        """Record the step without taking it; where that cannot be, steps stay as they are."""
        self.batches = {seed: (x.clone(), y.clone()) for seed, (x, y) in batches.items()}
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self.result = self.step(self.batches)
            self.graph = graph
        except RuntimeError:  # an operation that a graph cannot hold
            self.possible = False


def _sizes(batches: Batches) -> list[int]:
    return [len(x) for x, _y in batches.values()]
