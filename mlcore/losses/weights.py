"""What losses are told of the training targets: how often each label occurs, weights from it."""

from __future__ import annotations

from mlcore.checks import check_choice, check_number, check_range
from mlcore.lazy import np, torch

SCHEMES = ("none", "balanced", "sqrt", "effective")


def pos_weights(targets, scheme: str | float, *, cap: float | None = None, beta: float = 0.999):
    r"""Weight of the positives of each label, for the `pos_weight` of a loss.

    With P positives and N negatives of a label, each counted as at least 1, so that a label never
    or always true gets a finite weight above 0:

    .. math:: \text{balanced} = \frac{N}{P}, \quad \text{sqrt} = \sqrt{\frac{N}{P}}, \quad
        \text{effective} = \frac{1 - \beta^N}{1 - \beta^P}, \quad \text{none} = 1

    "effective" divides effective numbers of samples: nearly N / P while both counts are far below
    1 / (1 - beta), nearly 1 when both are far above.

    Args:
        targets: Array or tensor in [0, 1], shape (n, k). Soft targets count by their value.
        scheme: "none", "balanced", "sqrt", "effective", or a number >= 0.
        cap: No weight is larger than this, > 0; None for no limit.
        beta: How fast further samples of a label stop counting, 0 to 0.999999; "effective" only.

    Returns:
        Weights of shape (k,), an array for an array and a tensor for a tensor, on its device; for a
        number that number, capped, as a float.

    Raises:
        ValueError: If targets are not two-dimensional or leave [0, 1], the scheme is unknown, or a
            number is out of range.

    Source:
        Effective numbers: Cui et al. 2019, Class-Balanced Loss Based on Effective Number of
        Samples, arXiv:1901.05555. N / P: documentation of torch.nn.BCEWithLogitsLoss.

    Example:
        >>> import numpy as np
        >>> targets = np.array([[1, 0], [0, 0], [0, 0], [0, 0], [0, 0]])
        >>> pos_weights(targets, "balanced"), pos_weights(targets, "sqrt", cap=2.1)
        (array([4., 5.]), array([2. , 2.1]))
    """
    if cap is not None:
        check_number("cap", cap, above=0)
    check_number("beta", beta, low=0, high=0.999999)
    if not isinstance(scheme, str):
        check_number("scheme", scheme, low=0)
        return float(scheme if cap is None else min(scheme, cap))
    check_choice("scheme", scheme, SCHEMES)
    positives = _count(targets)
    negatives = np.maximum(targets.shape[0] - positives, 1)
    positives = np.maximum(positives, 1)
    if scheme == "none":
        weights = np.ones_like(positives)
    elif scheme == "effective":
        weights = (1 - beta**negatives) / (1 - beta**positives)
    else:
        weights = negatives / positives
        weights = np.sqrt(weights) if scheme == "sqrt" else weights
    weights = np.minimum(weights, np.inf if cap is None else cap)
    return _like(targets, weights)


def label_counts(targets):
    """True rows of each label, for the `counts` of `class_balanced`.

    Args:
        targets: Array or tensor in [0, 1], shape (n, k). Soft targets count by their value.

    Returns:
        Counts of shape (k,), an array for an array and a tensor for a tensor, on its device.

    Raises:
        ValueError: If targets are not two-dimensional or leave [0, 1].

    Example:
        >>> import numpy as np
        >>> label_counts(np.array([[1, 0], [1, 0], [0, 0]]))
        array([2., 0.])
    """
    return _like(targets, _count(targets))


def label_priors(targets):
    """Share of true rows of each label, for the `priors` of `logit_adjusted`.

    Args:
        targets: Array or tensor in [0, 1], shape (n, k) with n >= 1. Soft targets count by their
            value. A label that is never (or always) true counts half a row, so that its log odds
            are finite.

    Returns:
        Shares of shape (k,), > 0 and < 1, an array for an array and a tensor for a tensor, on its
        device.

    Raises:
        ValueError: If targets are not two-dimensional, have no row, or leave [0, 1].

    Example:
        >>> import numpy as np
        >>> label_priors(np.array([[1, 0], [1, 0], [0, 0], [0, 0]]))
        array([0.5  , 0.125])
    """
    positives = _count(targets)
    n_rows = targets.shape[0]
    if not n_rows:
        raise ValueError("targets must have at least one row, got none")
    # No nearer to 0 or 1 than float32 can say.
    least = max(0.5 / n_rows, 1e-7)
    return _like(targets, np.clip(positives / n_rows, least, 1 - least))


def _count(targets) -> np.ndarray:
    """The sum of each column of checked targets, in float64."""
    if not hasattr(targets, "shape"):
        raise TypeError(f"targets must be an array or tensor, got {type(targets).__name__}")
    if len(targets.shape) != 2:
        raise ValueError(
            f"targets must have shape (n_samples, n_labels), got {tuple(targets.shape)}"
        )
    check_range("targets", targets, 0, 1)
    is_array = isinstance(targets, np.ndarray)
    return (targets.sum(0) if is_array else targets.sum(0).cpu().numpy()).astype(np.float64)


def _like(targets, numbers: np.ndarray):
    """An array for an array; else a tensor on the device of the targets, of their float dtype."""
    if isinstance(targets, np.ndarray):
        return numbers
    dtype = targets.dtype if targets.is_floating_point() else torch.get_default_dtype()
    return torch.as_tensor(numbers, dtype=dtype, device=targets.device)
