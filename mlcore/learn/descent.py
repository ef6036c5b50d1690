"""Gradient descent on a few logits, to see what cross entropy and KL leave when they are done."""

from dataclasses import dataclass

import numpy as np

from mlcore.checks import as_array, check_number
from mlcore.lazy import torch
from mlcore.learn.information import kl_divergence

SMALLEST = 1e-6  # where q starts that is 0: a softmax gives no zeros


@dataclass(frozen=True, kw_only=True)
class Descent:
    """What was seen on the way, before each step and after the last.

    Attributes:
        path: q, shape (steps + 1, k).
        cross_entropy: H(p, q) in nats, shape (steps + 1,).
        kl: KL(p‖q) in nats, shape (steps + 1,).
        gap: The largest difference between any entry of the two losses' gradients.
    """

    path: np.ndarray
    cross_entropy: np.ndarray
    kl: np.ndarray
    gap: float


def descend(p, q, *, steps: int = 60, rate: float = 2.0) -> Descent:
    """Let q = softmax(z) follow the gradient of the cross entropy on z, and watch KL beside it.

    Both losses are PyTorch's own, and so are their gradients, in float64.

    Args:
        p: The distribution to be learned, shape (k,).
        q: Where to start, shape (k,); what is below 1e-6 starts there.
        steps: How many, >= 1.
        rate: Step size on the logits, > 0.

    Returns:
        What was seen on the way.

    Raises:
        ValueError: If p or q is not a distribution, the shapes differ, or a number is out of range.

    Example:
        >>> seen = descend([0.5, 0.5], [0.9, 0.1])
        >>> seen.cross_entropy[-1].round(4).item(), seen.kl[-1].round(4).item()
        (0.6931, 0.0)
    """
    kl_divergence(p, q)  # checks both
    check_number("steps", steps, low=1, integer=True)
    check_number("rate", rate, above=0)
    p, q = (
        torch.tensor(as_array(name, values), dtype=torch.float64)
        for name, values in (("p", p), ("q", q))
    )
    z = torch.log(q.clamp_min(SMALLEST)).requires_grad_()
    path, losses, gap = [], [], 0.0
    for _ in range(steps + 1):
        both = (
            torch.nn.functional.cross_entropy(z, p),
            torch.nn.functional.kl_div(z.log_softmax(0), p, reduction="sum"),
        )
        slope, other = (torch.autograd.grad(loss, z)[0] for loss in both)
        gap = max(gap, float((slope - other).abs().max()))
        path.append(z.detach().softmax(0).numpy())
        losses.append([float(loss.detach()) for loss in both])
        with torch.no_grad():
            z -= rate * slope
    cross, kl = np.transpose(losses)
    return Descent(path=np.array(path), cross_entropy=cross, kl=kl, gap=gap)
