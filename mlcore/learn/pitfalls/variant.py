"""The focal variant that fades negatives the wrong way, beside the focal loss of Lin et al."""

import numpy as np

from mlcore.lazy import torch
from mlcore.losses import focal


def focal_variant(logits, targets, *, gamma: float = 2.0):
    r"""Binary cross entropy times the same factor for positives and negatives; a mistake.

    .. math:: (1 - \sigma)^\gamma \, \left( -y \log \sigma - (1 - y) \log(1 - \sigma) \right)

    On a negative it rises until sigma = 1 - exp(-1 / gamma) and falls from there to 0: the more
    wrong a prediction gets, the less it costs. Always answering yes costs nothing at all.

    Args:
        logits: Tensor of scores before the sigmoid, shape (n, k).
        targets: 0 or 1 for each label, shape (n, k).
        gamma: > 0, no unit; a number, or a tensor that broadcasts.

    Returns:
        Loss in nats of each label, shape (n, k).

    Example:
        >>> import torch
        >>> focal_variant(torch.tensor([[0.0, 9.0]]), torch.tensor([[0.0, 0.0]]))
        tensor([[1.7329e-01, 1.3704e-07]])
    """
    of = torch.nn.functional
    bce = of.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return (gamma * of.logsigmoid(-logits)).exp() * bce


def turning_point(gamma: float) -> float:
    """The probability from which the variant's loss on a negative falls: 1 - exp(-1 / gamma).

    Args:
        gamma: > 0.

    Example:
        >>> round(turning_point(2.0), 4)
        0.3935
    """
    return -np.expm1(-1 / gamma).item()


def negative_curves(gammas, probabilities) -> dict[str, np.ndarray]:
    """Both losses of a label that does not hold, over its probability, and where one turns.

    Args:
        gammas: g values > 0.
        probabilities: p values strictly between 0 and 1, increasing.

    Returns:
        "variant" and "lin": nats, shape (g, p). "formula": `turning_point` of each gamma;
        "found": the same by bisecting the sign of the variant's gradient; "top": its value there;
        each of shape (g,).
    """
    logits = torch.logit(torch.tensor(probabilities, dtype=torch.float64))[None]
    zeros = torch.zeros_like(logits)
    each_gamma = torch.tensor(gammas, dtype=torch.float64)[:, None]
    found = _highest(each_gamma)
    lin = [focal(logits, zeros, gamma=gamma, reduction="none") for gamma in gammas]
    return {
        "variant": focal_variant(logits, zeros, gamma=each_gamma).numpy(),
        "lin": torch.cat(lin).numpy(),
        "formula": np.array([turning_point(gamma) for gamma in gammas]),
        "found": found.sigmoid()[:, 0].numpy(),
        "top": focal_variant(found, torch.zeros_like(found), gamma=each_gamma)[:, 0].numpy(),
    }


def _highest(gamma):
    """The logits where the variant's gradient on negatives changes its sign, by autograd alone."""
    low, high = torch.full_like(gamma, -20.0), torch.full_like(gamma, 20.0)
    for _ in range(60):
        middle = ((low + high) / 2).requires_grad_()
        focal_variant(middle, torch.zeros_like(middle), gamma=gamma).sum().backward()
        rising = middle.grad > 0
        middle = middle.detach()
        low, high = torch.where(rising, middle, low), torch.where(rising, high, middle)
    return low
