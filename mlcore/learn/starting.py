"""Where training starts: with output biases of zero, or of the log odds of the prior."""

from math import log

from mlcore.checks import check_number
from mlcore.lazy import special, torch
from mlcore.losses import binary_cross_entropy

FEATURES = 16


def prior_bias(positives: int, cells: int) -> dict:
    r"""A last layer's first loss and gradient, with a bias of zero and with the prior's log odds.

    .. math:: b = \log \frac{\pi}{1 - \pi}

    A linear layer with weights of zero answers with its bias alone, so its sigmoid is \pi and its
    mean BCE the entropy of one label, H(\pi) = -\pi \log \pi - (1 - \pi) \log(1 - \pi). Its bias
    has the gradient \sigma(b) - \pi, which is 0. Loss and gradient here come from torch.

    Args:
        positives: How many targets are true, 1 to cells - 1.
        cells: How many there are, 2 to 1,000,000.

    Returns:
        `prior`, `bias` and `entropy` (nats); `loss_zero` and `loss_prior` (nats per label),
        `gradient_zero` and `gradient_prior` for the two biases; `times`, how many times smaller
        the loss starts.

    Raises:
        ValueError: If a number is out of range.

    Source:
        Lin et al. 2017, Focal Loss for Dense Object Detection, arXiv:1708.02002, section 4.1.

    Example:
        >>> round(prior_bias(5, 512)["times"], 1)
        12.6
    """
    check_number("cells", cells, low=2, high=1_000_000, integer=True)
    check_number("positives", positives, low=1, high=cells - 1, integer=True)
    features = torch.randn(cells, FEATURES, generator=torch.Generator().manual_seed(0)).double()
    targets = torch.zeros(cells, 1, dtype=torch.float64)
    targets[:positives] = 1

    def start(bias: float) -> tuple[float, float]:
        # Not nn.Linear, which would first draw weights from the generator of the whole process.
        weight = torch.zeros(1, FEATURES, dtype=torch.float64)
        shift = torch.tensor([bias], dtype=torch.float64, requires_grad=True)
        logits = torch.nn.functional.linear(features, weight, shift)
        loss = binary_cross_entropy(logits, targets)
        loss.backward()
        return loss.item(), shift.grad.item()

    prior, bias = positives / cells, log(positives / (cells - positives))
    (loss_zero, gradient_zero), (loss_prior, gradient_prior) = start(0.0), start(bias)
    return {
        "prior": prior,
        "bias": bias,
        "entropy": float(special.entr(prior) + special.entr(1 - prior)),
        "loss_zero": loss_zero,
        "loss_prior": loss_prior,
        "gradient_zero": gradient_zero,
        "gradient_prior": gradient_prior,
        "times": loss_zero / loss_prior,
    }
