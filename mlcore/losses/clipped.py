"""Losses computed from probabilities and clipped, to show what that costs."""

from torch import Tensor

from mlcore.checks import check_number
from mlcore.losses import clipped_kernels
from mlcore.losses.shared import evaluate, prepare


def bce_on_probabilities(logits: Tensor, targets: Tensor, *, reduction: str = "mean") -> Tensor:
    r"""What torch.nn.BCELoss gives for the sigmoid of the logits, bit by bit, gradient included.

    .. math:: -y \max(\log p, -100) - (1 - y) \max(\log(1 - p), -100), \quad p = \sigma(z)

    with p rounded to the dtype of the logits. From z = 17 on in float32, p is 1: a false label then
    costs 100 and its gradient is 0, so it is never put right. `binary_cross_entropy` costs z there,
    with gradient 1.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], a logit is not finite, or the
            reduction is unknown.

    Source:
        Documentation of torch.nn.BCELoss, which names the limit of -100. Its backward pass divides
        by p (1 - p), or by 1e-12 if that is larger.

    Example:
        >>> import torch
        >>> logits = torch.tensor([[20.0]], requires_grad=True)
        >>> loss = bce_on_probabilities(logits, torch.zeros(1, 1))
        >>> loss.backward()
        >>> loss.item(), logits.grad.item()
        (100.0, 0.0)
    """
    logits, targets = prepare(logits, targets, reduction)
    return evaluate(clipped_kernels.bce_on_probabilities, logits, targets, reduction)


def absolute_kl(
    logits: Tensor, targets: Tensor, *, epsilon: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    r"""Both directions of KL divergence, term by term and without sign, on what is no distribution.

    .. math:: \Bigl| y \log \frac{y}{p} \Bigr| + \Bigl| p \log \frac{p}{y} \Bigr|
        = (y + p) \, \Bigl| \log \frac{p}{y} \Bigr|, \quad
        y, p \text{ each at least } \varepsilon, \quad p = \sigma(z)

    A KL divergence is >= 0 because both sides sum to one. Multi-hot targets and sigmoids do not,
    its terms come out with either sign, and taking their size is the usual patch. This definition
    clips as Keras does for its KL divergence, where epsilon is 1e-7. What it costs:

    - The value depends on epsilon: a false label at p = 1/2 costs log(1 / (2 epsilon)) / 2.
    - A false label predicted with certainty has almost no gradient, 1 - p times log(1 / epsilon)
      and a little, so it is not put right; nor is a true label with p below epsilon.
    - The best p for a label that is true in a share of the rows is not that share.

    Args:
        logits: Scores before the sigmoid, any real number, shape (n, k).
        targets: From 0 to 1 for each label, shape (n, k).
        epsilon: The least that a target or probability counts as, > 0 and < 1, no unit.
        reduction: "none", "mean", "sum", or "batchmean" (sum over labels, mean over rows).

    Returns:
        Loss in nats: shape (n, k) for "none", else a scalar.

    Raises:
        ValueError: If the shapes differ, a target is not in [0, 1], epsilon is not between 0 and 1,
            a logit is not finite, or the reduction is unknown.

    Source:
        The symmetric divergence: Kullback and Leibler 1951, On Information and Sufficiency,
        doi:10.1214/aoms/1177729694. Clipping: documentation of keras.losses.KLDivergence. That a
        divergence of multi-hot targets belongs to each label's yes and no on its own:
        https://discuss.pytorch.org/t/kl-divergence-for-multi-label-classification/118884

    Example:
        >>> import torch
        >>> absolute_kl(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), reduction="none")
        tensor([[1.0397, 6.5612]])
    """
    logits, targets = prepare(logits, targets, reduction)
    check_number("epsilon", epsilon, above=0)
    if epsilon >= 1:
        raise ValueError(f"epsilon must be < 1, got {epsilon}")
    return evaluate(clipped_kernels.absolute_kl, logits, targets, reduction, epsilon=epsilon)
