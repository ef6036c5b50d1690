"""From probabilities to decisions: one threshold, one per label, or a whole grid at once."""

import numpy as np

from mlcore.checks import check_binary, check_range, check_same_shape


def as_array(values) -> np.ndarray:
    """A NumPy view of an array, a nested list or a torch tensor (copied to the CPU if need be)."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
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
    limits = as_array(threshold)
    check_range("threshold", np.atleast_1d(limits), 0.0, 1.0)
    if limits.shape not in ((), (1,), probabilities.shape[1:]):
        raise ValueError(
            "threshold must be a number or one for each label, "
            f"got shape {limits.shape} for {probabilities.shape[1]} labels"
        )
    # Compared in the precision of the probabilities: float32 0.3 reaches a threshold of 0.3.
    if hasattr(probabilities, "detach"):
        if not probabilities.is_floating_point():
            probabilities = probabilities.float()
        return probabilities >= probabilities.new_tensor(limits)
    return probabilities >= _limits_like(probabilities, limits)


def scores_over(targets, probabilities, thresholds) -> dict[str, np.ndarray]:
    """The figures of `mlcore.metrics.scores` at many thresholds, from one pass over the table.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        thresholds: Increasing, in [0, 1], shape (t,).

    Returns:
        For each name in `scores` a float64 array of shape (t,); a ratio that is 0/0 counts as 0.

    Raises:
        ValueError: If shapes differ, a target is not 0 or 1, or a probability or threshold is
            outside [0, 1] or NaN, or the thresholds do not increase.

    Example:
        >>> scores_over([[1, 0]], np.array([[0.8, 0.3]]), [0.2, 0.5])["labels_per_row"]
        array([2., 1.])
    """
    targets, probabilities = as_array(targets), as_array(probabilities)
    thresholds = np.atleast_1d(thresholds).astype(np.float64)
    check_same_shape("targets", targets, "probabilities", probabilities)
    check_binary("targets", targets)
    check_range("probabilities", probabilities, 0.0, 1.0)
    check_range("thresholds", thresholds, 0.0, 1.0)
    if (np.diff(thresholds) <= 0).any():
        raise ValueError(f"thresholds must increase, got {thresholds}")
    limits = _limits_like(probabilities, thresholds)  # the comparison that `decide` makes

    # Only cells that some threshold predicts matter; with rare labels that is a small part.
    n_rows, n_labels = targets.shape
    index = np.int32 if probabilities.size < 2**31 else np.int64  # int32 divides 10 times faster
    cells = np.flatnonzero(probabilities >= limits[0]).astype(index)
    reach = _last_reached(limits, probabilities.ravel()[cells])
    hits = np.flatnonzero(targets.ravel()[cells])
    row = cells // n_labels
    label = cells - row * n_labels

    def counts(index, size):
        """What every threshold predicts in each row (or label), true ones first: (size, t)."""
        place = index * len(limits) + reach
        for chosen in (place[hits], place):
            table = np.bincount(chosen, minlength=size * len(limits)).reshape(size, len(limits))
            yield table[:, ::-1].cumsum(axis=1)[:, ::-1]

    of_label = (*counts(label, n_labels), targets.sum(axis=0, dtype=np.int64)[:, None])
    of_row = (*counts(row, n_rows), targets.sum(axis=1, dtype=np.int64)[:, None])
    true, predicted, support = of_label
    weights = support / max(support.sum(), 1)
    per_label = _precision_recall_f1(*of_label)
    averages = {
        "micro": _precision_recall_f1(true.sum(axis=0), predicted.sum(axis=0), support.sum()),
        "macro": [figure.mean(axis=0) for figure in per_label],
        "weighted": [(figure * weights).sum(axis=0) for figure in per_label],
        "samples": [figure.mean(axis=0) for figure in _precision_recall_f1(*of_row)],
    }
    flat = {
        f"{average}_{name}": figure
        for average, figures in averages.items()
        for name, figure in zip(("precision", "recall", "f1"), figures, strict=True)
    }
    flat["labels_per_row"] = predicted.sum(axis=0) / n_rows
    flat["empty_share"] = (of_row[1] == 0).mean(axis=0)
    flat["labels_predicted"] = (predicted > 0).sum(axis=0).astype(np.float64)
    return flat


def _limits_like(probabilities, thresholds):
    """The thresholds in the precision of the probabilities; whole numbers have none."""
    is_float = probabilities.dtype.kind == "f"
    return thresholds.astype(probabilities.dtype) if is_float else thresholds


def _last_reached(limits, values):
    """For each value, all >= limits[0], the index of the last limit that it is >= to."""
    # Not evenly spaced, or so close that some limits are equal in this precision: search.
    if len(limits) < 3 or not np.ptp(np.diff(limits)) < 1e-3 * (limits[1] - limits[0]):
        return np.searchsorted(limits, values, side="right") - 1
    # Evenly spaced limits: a division says which, up to one; comparing then settles it exactly.
    per_step = (len(limits) - 1) / (limits[-1] - limits[0])
    guess = ((values - limits[0]) * per_step).astype(np.int32).clip(0, len(limits) - 1)
    guess -= values < limits[guess]
    return guess + (values >= np.append(limits, np.inf).astype(limits.dtype)[guess + 1])


def _precision_recall_f1(true, predicted, support):
    """The three ratios from counts, 0 where one is 0/0."""
    return [
        part / np.maximum(whole, 1)  # a count of 0 below means a count of 0 above
        for part, whole in ((true, predicted), (true, support), (2 * true, predicted + support))
    ]
