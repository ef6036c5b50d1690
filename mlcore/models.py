"""Small torch models for tables: features in, one logit for each label out."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


def build_model(n_features: int, n_labels: int, hidden: Sequence[int] = ()) -> nn.Sequential:
    """A multilayer perceptron with ReLU between its layers; linear when `hidden` is empty.

    The output bias starts at zero, so that every label starts at probability one half. All other
    weights are PyTorch's defaults and are drawn from torch's global generator.

    Args:
        n_features: Width of a row, >= 1.
        n_labels: Number of logits, >= 1.
        hidden: Width of each hidden layer.

    Example:
        >>> build_model(4, 3, hidden=[8])(torch.zeros(2, 4)).shape
        torch.Size([2, 3])
    """
    widths = [n_features, *hidden]
    layers: list[nn.Module] = []
    for width_in, width_out in pairwise(widths):
        layers += [nn.Linear(width_in, width_out), nn.ReLU()]
    output = nn.Linear(widths[-1], n_labels)
    nn.init.zeros_(output.bias)
    return nn.Sequential(*layers, output)


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
