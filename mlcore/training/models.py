"""Small torch models for tables: features in, logits out; and what logits say about labels."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from mlcore.checks import check_choice
from mlcore.losses.partition import COUNT_FLOOR
from mlcore.losses.weights import label_counts

READINGS = ("sigmoid", "softmax", "partition", "poisson")


class _Linear(nn.Linear):
    """A layer to be filled: PyTorch's own draws from the generator that all threads share."""

    def reset_parameters(self) -> None:
        """Draw nothing."""


def build_model(
    n_features: int, n_labels: int, hidden: Sequence[int] = (), *, seed: int = 0
) -> nn.Sequential:
    """A multilayer perceptron with ReLU between its layers; linear when `hidden` is empty.

    The output bias starts at zero, so that every label starts at probability one half. All other
    weights are those that PyTorch's defaults give after `torch.manual_seed(seed)`, but torch's own
    generator, which all threads share, is neither seeded nor drawn from.

    Args:
        n_features: Width of a row, >= 1.
        n_labels: Number of logits, >= 1.
        hidden: Width of each hidden layer.
        seed: Decides the weights, which are on the CPU.

    Example:
        >>> build_model(4, 3, hidden=[8])(torch.zeros(2, 4)).shape
        torch.Size([2, 3])
    """
    generator = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for widths in pairwise([n_features, *hidden, n_labels]):
        layers += [_drawn(*widths, generator), nn.ReLU()]
    output = layers[-2]
    nn.init.zeros_(output.bias)
    return nn.Sequential(*layers[:-1])


def _drawn(width_in: int, width_out: int, generator: torch.Generator) -> nn.Linear:
    """A layer that starts as PyTorch's do."""
    layer = _Linear(width_in, width_out, device="cpu")
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    bound = 1 / math.sqrt(width_in)
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer


@torch.no_grad()
def set_prior_bias(model: nn.Sequential, targets: Tensor) -> None:
    """Set the output bias to log(π/(1−π)), so that training starts from the label frequencies π.

    Args:
        model: From `build_model`; changed in place.
        targets: Training targets, shape (n, k). A label that is never (or always) true counts
            half a row, because the logarithm of 0 is infinite.

    Source:
        Lin et al. 2017, Focal Loss for Dense Object Detection, arXiv:1708.02002, section 3.3.
    """
    n_rows = len(targets)
    positives = targets.sum(dim=0, dtype=torch.float64).clamp(0.5, n_rows - 0.5)
    model[-1].bias.copy_(torch.log(positives / (n_rows - positives)))


def add_count_output(model: nn.Sequential, bias: float) -> None:
    """Give a model one more output, which says how many labels a row has.

    The outputs for labels stay what they are. The new one has weights of zero, so that it starts
    with the same count for every row, draws no random number, and takes no part in the first step
    of the layers before it.

    Args:
        model: From `build_model`; changed in place.
        bias: What the new output gives at first; see `first_count`.

    Example:
        >>> model = build_model(4, 3)
        >>> add_count_output(model, 2.0)
        >>> model(torch.zeros(1, 4)).tolist()
        [[0.0, 0.0, 0.0, 2.0]]
    """
    labels = model[-1]
    weight, shift = labels.weight.detach(), labels.bias.detach()
    output = _Linear(
        labels.in_features,
        labels.out_features + 1,
        device=weight.device,
        dtype=weight.dtype,
    )
    with torch.no_grad():
        output.weight.copy_(torch.cat([weight, torch.zeros_like(weight[:1])]))
        output.bias.copy_(torch.cat([shift, shift.new_tensor([bias])]))
    model[-1] = output


def first_count(targets: Tensor | None, reading: str) -> float:
    """The output u that says one label a row, or the mean of the targets' rows where given.

    Args:
        targets: Training targets, shape (n, k); None for a count of one.
        reading: "partition", where u is the count, or "poisson", where e^u is.

    Example:
        >>> first_count(torch.tensor([[1.0, 1.0], [1.0, 0.0]]), "partition")
        1.5
    """
    check_choice("reading", reading, ("partition", "poisson"))
    count = 1.0
    if targets is not None:
        count = label_counts(targets).cpu().double().sum().item() / len(targets)
    count = max(COUNT_FLOOR, count)  # below it u would learn nothing, or be infinite
    return math.log(count) if reading == "poisson" else count


@torch.no_grad()
def to_probabilities(logits: Tensor, reading: str) -> Tensor:
    r"""The probability of each label that decisions are made from.

    .. math:: \text{sigmoid: } \sigma(z_j), \quad \text{softmax: } s_j, \quad
        \text{partition: } \min(1, \max(0.01, u) \, s_j), \quad
        \text{poisson: } 1 - e^{-e^u s_j}

    The last is the probability that a Poisson count with rate e^u s_j is not zero.

    Args:
        logits: Outputs of a model, shape (n, k); (n, k + 1) with u in the last column where the
            reading is "partition" or "poisson".
        reading: The `probabilities` of a `mlcore.losses.LossInfo`.

    Returns:
        Probabilities in [0, 1], shape (n, k).

    Example:
        >>> to_probabilities(torch.tensor([[0.0, 0.0, 3.0]]), "partition")
        tensor([[1., 1.]])
    """
    check_choice("reading", reading, READINGS)
    if reading == "sigmoid":
        return logits.sigmoid()
    if reading == "softmax":
        return logits.softmax(dim=-1)
    labels, u = logits[..., :-1], logits[..., -1:]
    if reading == "partition":
        return (u.clamp(min=COUNT_FLOOR) * labels.softmax(dim=-1)).clamp(max=1)
    return torch.exp(u + log_softmax(labels, dim=-1)).neg_().expm1_().neg_()
