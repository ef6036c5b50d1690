"""Reliability: how often what is said to be 20 % likely is true."""

from collections.abc import Iterator

import numpy as np

from mlcore.checks import (
    as_array,
    check_binary,
    check_choice,
    check_number,
    check_probabilities,
    check_same_shape,
)

STRATEGIES = ("uniform", "quantile")
MOST_BINS = 100
CELLS_AT_ONCE = 2**17  # a block and what is computed from it stay in the processor's cache


def reliability(
    targets, probabilities, *, bins: int = 15, strategy: str = "uniform"
) -> dict[str, np.ndarray]:
    """Mean probability against share of true ones, bin by bin, over all cells together.

    A bin holds the probabilities in (lower, upper], the first also what equals its lower edge. They
    are compared in float64, so float32 0.2, a little above 0.2, is in the bin that starts there.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch; (n, 1) for one label.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        bins: How many bins, 1 to 100.
        strategy: "uniform" for bins of one width, "quantile" for about equally many cells in
            each, which shows more where labels are rare and nearly all probabilities are small.

    Returns:
        One entry for each bin with cells in it: its edges `lower` and `upper`, the mean
        `probability`, the `true_share` (targets that are 1) and the `count` of its cells.

    Raises:
        ValueError: If shapes differ or are empty, a target is not 0 or 1, a probability is
            outside [0, 1], or bins or strategy is out of range.

    Source:
        `sklearn.calibration.calibration_curve`, whose bins and points these are.

    Example:
        >>> diagram = reliability([[0, 0, 1, 1]], [[0.125, 0.5, 0.75, 0.75]], bins=2)
        >>> diagram["probability"], diagram["true_share"], diagram["count"]
        (array([0.3125, 0.75  ]), array([0., 1.]), array([2, 2]))
    """
    targets, probabilities = checked_cells(targets, probabilities)
    edges = _edges(probabilities.reshape(-1, 1), bins, strategy)
    count = np.zeros(bins, np.int64)
    said, true = np.zeros(bins), np.zeros(bins)
    for y, p in _blocks(targets, probabilities):
        place = _place(p, edges).ravel()
        count += np.bincount(place, minlength=bins)
        said += np.bincount(place, p.ravel(), minlength=bins)
        true += np.bincount(place, y.ravel(), minlength=bins)
    kept = count > 0
    return {
        "lower": edges[:-1, 0][kept],
        "upper": edges[1:, 0][kept],
        "probability": said[kept] / count[kept],
        "true_share": true[kept] / count[kept],
        "count": count[kept],
    }


def expected_calibration_error(
    targets, probabilities, *, bins: int = 15, strategy: str = "uniform", per_label: bool = False
):
    r"""ECE: how far probability and share of true ones are apart, averaged over cells by bin.

    .. math:: \sum_b \frac{n_b}{n} \left| \bar p_b - \bar y_b \right|

    It depends on the bins, and is above 0 by chance even for the true probabilities, the more so
    the fewer rows there are. Where nearly all cells are far below 1 / bins, uniform bins see
    little; use "quantile".

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        bins: How many bins, 1 to 100.
        strategy: "uniform" or "quantile", the bins of `reliability`.
        per_label: Whether each label is binned for itself.

    Returns:
        In [0, 1]: a float over all cells together, or shape (k,) with `per_label`.

    Raises:
        ValueError: As `reliability`.

    Source:
        Naeini et al. 2015, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI;
        Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599, with 15
        uniform bins.

    Example:
        >>> round(expected_calibration_error([[0, 0, 1, 1]], [[0.1, 0.5, 0.6, 0.8]], bins=2), 4)
        0.3
    """
    targets, probabilities = checked_cells(targets, probabilities)
    n_labels = probabilities.shape[1] if per_label else 1
    grouped = probabilities if per_label else probabilities.reshape(-1, 1)
    edges = _edges(grouped, bins, strategy)
    first = np.arange(n_labels) * bins
    # n_b |mean p - mean y| is |sum of p - y|, so one sum for each bin is all there is to know.
    gap = np.zeros(n_labels * bins)
    for y, p in _blocks(targets, probabilities):
        place = _place(p, edges) + first
        gap += np.bincount(place.ravel(), (p - y).ravel(), minlength=len(gap))
    errors = np.abs(gap.reshape(n_labels, bins)).sum(axis=1) / len(grouped)
    return errors if per_label else float(errors[0])


def brier(targets, probabilities, *, per_label: bool = False):
    r"""Brier score: the mean squared difference of probability and target, 0 at best.

    .. math:: \frac{1}{n} \sum (p - y)^2

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy or torch.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        per_label: Whether the mean is taken for each label.

    Returns:
        In [0, 1]: a float over all cells, or shape (k,) with `per_label`.

    Raises:
        ValueError: If shapes differ or are empty, a target is not 0 or 1, or a probability is
            outside [0, 1].

    Source:
        Brier 1950, Verification of Forecasts Expressed in Terms of Probability; as
        `sklearn.metrics.brier_score_loss` has it.

    Example:
        >>> brier([[1, 0]], [[0.5, 0.0]])
        0.125
    """
    targets, probabilities = checked_cells(targets, probabilities)
    total = sum(((p - y) ** 2).sum(axis=0) for y, p in _blocks(targets, probabilities))
    scores = total / len(targets)
    return scores if per_label else float(scores.mean())


def checked_cells(targets, probabilities) -> tuple[np.ndarray, np.ndarray]:
    """Both tables as arrays, if they are (n, k), not empty, and each value is possible."""
    targets, probabilities = as_array("targets", targets), as_array("probabilities", probabilities)
    check_same_shape("targets", targets, "probabilities", probabilities)
    check_binary("targets", targets)
    check_probabilities("probabilities", probabilities)
    return targets, probabilities


def _blocks(targets, probabilities) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Some rows at a time, both as float64."""
    step = max(1, CELLS_AT_ONCE // targets.shape[1])
    for start in range(0, len(targets), step):
        part = slice(start, start + step)
        yield targets[part].astype(np.float64), probabilities[part].astype(np.float64)


def _edges(grouped, bins, strategy) -> np.ndarray:
    """The bins' edges for each column of (n, g): shape (bins + 1, g), or 1 where all agree."""
    check_choice("strategy", strategy, STRATEGIES)
    check_number("bins", bins, low=1, high=MOST_BINS, integer=True)
    if strategy == "uniform":
        return np.linspace(0.0, 1.0, bins + 1)[:, None]
    if grouped.dtype not in (np.float32, np.float64):
        grouped = grouped.astype(np.float64)  # half precision has no number between two of its own
    return np.percentile(grouped, np.linspace(0, 1, bins + 1) * 100, axis=0).astype(np.float64)


def _place(p, edges) -> np.ndarray:
    """The bin of every cell: how many inner edges are below it. Faster than a search."""
    place = np.zeros(p.shape, np.uint8)
    for edge in edges[1:-1]:
        place += (p > edge).view(np.uint8)
    return place
