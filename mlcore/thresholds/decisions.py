"""From probabilities to decisions, by one threshold or one for each label."""

import numpy as np

from mlcore.checks import check_range


def as_array(values) -> np.ndarray:
    """A NumPy view of an array, a nested list or a torch tensor (copied to the CPU if need be)."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        if "bfloat16" in str(values.dtype):  # NumPy has none
            values = values.float()
    return np.asarray(values)


def decide(probabilities, threshold):
    """Predict label k of a row when its probability is >= its threshold.

    Args:
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        threshold: In [0, 1]: a number, or one for each label, shape (k,).

    Returns:
        True where a label is predicted: shape (n, k), of the same kind as `probabilities`.

    Raises:
        ValueError: If a threshold is outside [0, 1] or there are not k of them.

    Example:
        >>> decide(np.array([[0.5, 0.4]]), 0.5)
        array([[ True, False]])
    """
    limits = check_threshold(threshold, probabilities.shape[1])
    # Compared in the precision of the probabilities: float32 0.3 reaches a threshold of 0.3.
    if hasattr(probabilities, "detach"):
        if not probabilities.is_floating_point():
            probabilities = probabilities.float()
        return probabilities >= probabilities.new_tensor(limits)
    return probabilities >= limits_like(probabilities, limits)


def check_threshold(threshold, n_labels: int) -> np.ndarray:
    """The threshold as an array; raises ValueError unless it is one, or one for each label."""
    limits = as_array(threshold)
    check_range("threshold", np.atleast_1d(limits), 0.0, 1.0)
    if limits.shape not in ((), (1,), (n_labels,)):
        raise ValueError(
            "threshold must be a number or one for each label, "
            f"got shape {limits.shape} for {n_labels} labels"
        )
    return limits


def limits_like(probabilities, thresholds: np.ndarray) -> np.ndarray:
    """The thresholds in the precision of the probabilities; whole numbers have none."""
    is_float = probabilities.dtype.kind == "f"
    return thresholds.astype(probabilities.dtype) if is_float else thresholds
