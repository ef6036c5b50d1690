"""What losses are told of the training targets: how often each label occurs, weights from it."""

from __future__ import annotations

from mlcore.checks import as_array, check_choice, check_number, check_range, dense, is_tensor
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
        targets: In [0, 1], of any kind that `mlcore.checks.as_array` takes, shape (n, k). Soft
            targets count by their value.
        scheme: "none", "balanced", "sqrt", "effective", or a number >= 0.
        cap: No weight is larger than this, > 0; None for no limit.
        beta: How fast further samples of a label stop counting, 0 to 0.999999; "effective" only.

    Returns:
        Weights of shape (k,): a tensor for a tensor, on its device and of its float dtype, but
        float32 for half precision; else an array. For a number that number, capped, as a float.

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
    positives, n_rows = _count(targets)
    negatives = np.maximum(n_rows - positives, 1)
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
        targets: In [0, 1], of any kind that `mlcore.checks.as_array` takes, shape (n, k). Soft
            targets count by their value.

    Returns:
        Counts of shape (k,), a tensor or an array as in `pos_weights`.

    Raises:
        ValueError: If targets are not two-dimensional or leave [0, 1].

    Example:
        >>> import numpy as np
        >>> label_counts(np.array([[1, 0], [1, 0], [0, 0]]))
        array([2., 0.])
    """
    return _like(targets, _count(targets)[0])


def label_priors(targets):
    """Share of true rows of each label, for the `priors` of `logit_adjusted`.

    Args:
        targets: In [0, 1], of any kind that `mlcore.checks.as_array` takes, shape (n, k) with
            n >= 1. Soft targets count by their value. A label that is never (or always) true counts
            half a row, so that its log odds are finite.

    Returns:
        Shares of shape (k,), > 0 and < 1, a tensor or an array as in `pos_weights`.

    Raises:
        ValueError: If targets are not two-dimensional, have no row, or leave [0, 1].

    Example:
        >>> import numpy as np
        >>> label_priors(np.array([[1, 0], [1, 0], [0, 0], [0, 0]]))
        array([0.5  , 0.125])
    """
    positives, n_rows = _count(targets)
    if not n_rows:
        raise ValueError("targets must have at least one row, got none")
    # No nearer to 0 or 1 than float32 can say.
    least = max(0.5 / n_rows, 1e-7)
    return _like(targets, np.clip(positives / n_rows, least, 1 - least))


def _count(targets) -> tuple[np.ndarray, int]:
    """The sum of each column of checked targets, in float64, and how many rows there are."""
    on_gpu = is_tensor(targets) and targets.is_cuda
    table = dense("targets", targets) if on_gpu else as_array("targets", targets)
    if table.ndim != 2:
        raise ValueError(f"targets must have shape (n_samples, n_labels), got {tuple(table.shape)}")
    check_range("targets", table, 0, 1)
    if on_gpu:
        return table.sum(0, dtype=torch.float64).cpu().numpy(), len(table)
    return table.sum(0, dtype=np.float64), len(table)


def _like(targets, numbers: np.ndarray):
    """The array itself, or for a tensor one on its device, of its float dtype or float32.

    Half precision cannot hold counts: it has no number above 65,504, or only three digits.
    """
    if not is_tensor(targets):
        return numbers
    dtype = torch.get_default_dtype()
    if targets.is_floating_point():
        dtype = torch.promote_types(targets.dtype, torch.float32)
    return torch.as_tensor(numbers, dtype=dtype, device=targets.device)
