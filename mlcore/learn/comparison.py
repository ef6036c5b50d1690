"""Softmax beside sigmoid on the same logits: probabilities, losses, gradients and decisions.

Everything is in float64. Importing this does not import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.checks import (
    as_array,
    check_choice,
    check_finite,
    check_number,
    check_range,
    check_same_shape,
)
from mlcore.lazy import torch
from mlcore.losses import binary_cross_entropy, softmax_cross_entropy
from mlcore.thresholds import decide

LARGEST_LOGIT = 1e30  # beyond it a difference of two logits, or its square, may not be finite
STEP_REDUCTIONS = ("mean", "batchmean")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Both readings of a table of logits, label by label; all arrays have shape (n, k).

    Attributes:
        softmax: One distribution a row: sums to 1.
        sigmoid: A probability for each label on its own.
        softmax_loss: What each label adds to the row's softmax cross entropy, in nats.
        sigmoid_loss: Binary cross entropy of each label, in nats.
        softmax_gradient: Derivative of the row's softmax cross entropy along each logit.
        sigmoid_gradient: Derivative of the row's summed binary cross entropy along each logit.
    """

    softmax: np.ndarray
    sigmoid: np.ndarray
    softmax_loss: np.ndarray
    sigmoid_loss: np.ndarray
    softmax_gradient: np.ndarray
    sigmoid_gradient: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What is predicted by which rule; all arrays are booleans of shape (n, k)."""

    argmax: np.ndarray
    top: np.ndarray
    softmax: np.ndarray
    sigmoid: np.ndarray


@dataclass(frozen=True, kw_only=True)
class TwoWay:
    """Two classes by two logits and a softmax, beside one logit, their difference, and a sigmoid.

    Each pair is (by softmax, by sigmoid).

    Attributes:
        probability: Of the first class.
        loss: Cross entropy where the first class is true, in nats.
        gradient: Its derivative along the first logit, and along the difference.
    """

    probability: tuple[float, float]
    loss: tuple[float, float]
    gradient: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of gradient descent on the logits themselves.

    Attributes:
        loss: The reduced loss before it, in nats.
        after: The same after it.
        moved: How far each logit went, shape (n, k).
    """

    loss: float
    after: float
    moved: np.ndarray


def compare(logits, targets) -> Comparison:
    """Softmax with cross entropy, and sigmoid with binary cross entropy, of the same logits.

    Args:
        logits: Scores from -1e30 to 1e30, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k); the softmax takes targets / row sum.

    Raises:
        ValueError: If the shapes differ or are empty, a logit or a target is out of range or NaN.

    Example:
        >>> compare([[0.0, 0.0]], [[1.0, 0.0]]).sigmoid_gradient
        array([[-0.5,  0.5]])
    """
    z, y = _tensors(logits, targets)
    row_sum = y.sum(1, keepdim=True)
    share = y / torch.where(row_sum > 0, row_sum, 1.0)
    return Comparison(
        softmax=torch.softmax(z, 1).detach().numpy(),
        sigmoid=torch.sigmoid(z).detach().numpy(),
        softmax_loss=-(share * torch.log_softmax(z, 1)).detach().numpy(),
        sigmoid_loss=binary_cross_entropy(z, y, reduction="none").detach().numpy(),
        softmax_gradient=_gradient(softmax_cross_entropy(z, y, reduction="sum"), z),
        sigmoid_gradient=_gradient(binary_cross_entropy(z, y, reduction="sum"), z),
    )


def decisions(comparison: Comparison, logits, *, threshold: float, top: int) -> Decisions:
    """The labels that argmax, a threshold on either probability, and the top k predict.

    Args:
        comparison: Of these logits.
        logits: Shape (n, k); they rank the labels, since probabilities may round to equal ones.
        threshold: In [0, 1]; a label is predicted when its probability is >= this.
        top: How many labels of each row the last rule takes, >= 1; the lower label number first
            where logits are equal.
    """
    check_number("top", top, low=1, integer=True)
    logits = as_array("logits", logits).astype(np.float64)
    order = np.argsort(-logits, axis=1, kind="stable")

    def first(count: int) -> np.ndarray:
        chosen = np.zeros(logits.shape, bool)
        np.put_along_axis(chosen, order[:, : int(count)], True, axis=1)
        return chosen

    return Decisions(
        argmax=first(1),
        top=first(top),
        softmax=decide(comparison.softmax, threshold),
        sigmoid=decide(comparison.sigmoid, threshold),
    )


def reductions(logits, targets) -> dict[str, float]:
    """The binary cross entropy of a table as one number, by each way to make it one, in nats.

    Returns:
        "sum" of all, "batchmean" (sum over labels, mean over rows) and "mean"; and under "softmax"
        the softmax cross entropy, mean over rows.
    """
    z, y = _tensors(logits, targets)
    found = {
        name: binary_cross_entropy(z, y, reduction=name).item()
        for name in ("sum", "batchmean", "mean")
    }
    return found | {"softmax": softmax_cross_entropy(z, y).item()}


def reductions_with(row: Comparison, others: Sequence[float], rows: int) -> dict[str, float]:
    """The `reductions` of a table of which one row is known, and of the others what they add up to.

    Args:
        row: Of the one row; all of its arrays (1, k).
        others: The binary cross entropy and the softmax cross entropy of all other rows, summed.
        rows: How many there are with it, >= 1.
    """
    binary, softmax = (
        float(loss.sum()) + rest
        for loss, rest in zip((row.sigmoid_loss, row.softmax_loss), others, strict=True)
    )
    mean = binary / rows
    found = {"sum": binary, "batchmean": mean, "mean": mean / row.sigmoid_loss.shape[1]}
    return found | {"softmax": softmax / rows}


def one_step(logits, targets, *, learning_rate: float, reduction: str) -> Step:
    """Take one step of plain gradient descent (`torch.optim.SGD`) on binary cross entropy.

    Args:
        logits, targets: As in `compare`.
        learning_rate: > 0.
        reduction: "mean" or "batchmean".
    """
    check_number("learning_rate", learning_rate, above=0)
    check_choice("reduction", reduction, STEP_REDUCTIONS)
    z, y = _tensors(logits, targets)
    before = z.detach().clone()
    loss = binary_cross_entropy(z, y, reduction=reduction)
    loss.backward()
    torch.optim.SGD([z], lr=learning_rate).step()
    after = binary_cross_entropy(z.detach(), y, reduction=reduction)
    moved = (z.detach() - before).numpy()
    return Step(loss=loss.item(), after=after.item(), moved=moved)


def two_way(first: float, second: float) -> TwoWay:
    """Two logits under a softmax, and their difference under a sigmoid.

    Example:
        >>> two_way(2.0, -1.0).probability[0] == two_way(3.0, 0.0).probability[0]
        True
    """
    pair = compare([[first, second]], [[1.0, 0.0]])
    single = compare([[first - second]], [[1.0]])
    return TwoWay(
        probability=(float(pair.softmax[0, 0]), float(single.sigmoid[0, 0])),
        loss=(float(pair.softmax_loss.sum()), float(single.sigmoid_loss[0, 0])),
        gradient=(float(pair.softmax_gradient[0, 0]), float(single.sigmoid_gradient[0, 0])),
    )


def logits_of(probabilities) -> np.ndarray:
    """The logits whose sigmoid are these probabilities, log p - log(1 - p), of the same shape.

    Raises:
        ValueError: If a probability is not above 0 and below 1.

    Example:
        >>> logits_of([[0.5]])
        array([[0.]])
    """
    p = as_array("probabilities", probabilities).astype(np.float64)
    wrong = ~((p > 0) & (p < 1))
    if wrong.any():
        raise ValueError(f"probabilities must be above 0 and below 1, got {p[wrong][0]}")
    return np.log(p / (1 - p))


def _tensors(logits, targets):
    """Logits that want a gradient, and targets, as float64 tensors of shape (n, k)."""
    z = as_array("logits", logits).astype(np.float64)
    y = as_array("targets", targets).astype(np.float64)
    check_same_shape("logits", z, "targets", y)
    check_finite("logits", z)
    check_range("logits", z, -LARGEST_LOGIT, LARGEST_LOGIT)
    check_range("targets", y, 0, 1)
    return torch.from_numpy(z).requires_grad_(), torch.from_numpy(y)


def _gradient(loss, logits) -> np.ndarray:
    return torch.autograd.grad(loss, logits)[0].numpy()
