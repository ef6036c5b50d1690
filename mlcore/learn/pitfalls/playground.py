"""Small data and a small training loop for the specimens that have to train something."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from mlcore.datasets.synthetic import make_synthetic
from mlcore.training.models import build_model

# A step of 10, because the mean over 20 labels makes each label's own step a twentieth of it.
STEPS, LEARNING_RATE, SEED = 300, 10.0, 0


@cache
def small_data() -> dict[str, tuple[Tensor, Tensor]]:
    """1,000 synthetic rows with 20 labels, about 2 of them true for a row.

    Returns:
        (x, y) for each of "train", "validation" and "test": float32, shapes (n, 16) and (n, 20).
    """
    dataset = make_synthetic(labels=20, rows=1000, features=16, cardinality=2.0, seed=SEED)
    return {
        part: (
            torch.as_tensor(dataset.x[getattr(dataset, part)]),
            torch.as_tensor(dataset.y[getattr(dataset, part)], dtype=torch.float32),
        )
        for part in ("train", "validation", "test")
    }


def fit(loss: Callable[[Tensor, Tensor], Tensor]) -> Callable[[str], tuple[Tensor, Tensor]]:
    """Train a linear model from zero weights: 300 steps of gradient descent on all training rows.

    Args:
        loss: From logits and targets, each (n, k), to a scalar.

    Returns:
        From the name of a part of the data to (logits, targets) of its rows.
    """
    data = small_data()
    x, y = data["train"]
    model = build_model(x.shape[1], y.shape[1])
    for weights in model.parameters():
        torch.nn.init.zeros_(weights)  # every probability starts at one half, nothing is drawn
    for _ in range(STEPS):
        model.zero_grad()
        loss(model(x), y).backward()
        with torch.no_grad():  # by hand: torch.optim takes seconds to import
            for weights in model.parameters():
                weights -= LEARNING_RATE * weights.grad

    @torch.no_grad()
    def logits_and_targets(part: str) -> tuple[Tensor, Tensor]:
        x, y = data[part]
        return model(x), y

    return logits_and_targets


def micro_f1(targets: Tensor, predictions: Tensor) -> float:
    """F1 over all cells of a table of 0 and 1."""
    found = (targets * predictions).sum()
    return float(2 * found / (targets.sum() + predictions.sum()))
