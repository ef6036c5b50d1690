"""Ranking metrics: how well scores order the labels of a row, and the rows of a label.

Only the order of the scores counts, so logits do as well as probabilities, and better: a float32
sigmoid is exactly 1 from a logit of about 17 on, and what it makes equal can no longer be ordered.
scikit-learn computes every figure.
"""

from dataclasses import dataclass

import numpy as np

from mlcore.checks import as_array, check_binary, check_finite, check_same_shape


@dataclass(frozen=True, kw_only=True)
class RankingScores:
    """What scores are worth as an order.

    Attributes:
        lrap: Label ranking average precision, in (0, 1], 1 is best: at each true label of a row,
            the share of true labels among those ranked at least as high; mean over labels, rows.
        coverage: How far down a row's ranking one has to go to have all its true labels; mean
            over rows, in labels. nan for a table of one label, which scikit-learn refuses.
        ranking_loss: The share of (true, untrue) pairs of labels in the wrong order or tied; mean
            over rows, 0 is best. nan for a table of one label.
        unranked_rows: Rows without a true label, or with nothing but true ones. They have no
            order to judge; scikit-learn counts them as LRAP 1, ranking loss 0.
        average_precision: For each label, over the rows; nan where no row has the label.
        roc_auc: For each label, over the rows; nan where all rows have it or none has.
    """

    lrap: float
    coverage: float
    ranking_loss: float
    unranked_rows: int
    average_precision: np.ndarray
    roc_auc: np.ndarray

    @property
    def mean_average_precision(self) -> float:
        """mAP: the mean over the labels where average precision is defined, else nan."""
        return _mean_of_defined(self.average_precision)

    @property
    def mean_roc_auc(self) -> float:
        """The mean over the labels where ROC AUC is defined, else nan."""
        return _mean_of_defined(self.roc_auc)


def ranking_scores(targets, scores) -> RankingScores:
    """The ranking metrics of scikit-learn, with what is undefined marked as nan, not as 0.

    Args:
        targets: 0 or 1 for each label, shape (n, k), NumPy, torch or nested lists.
        scores: Logits or probabilities, any finite numbers, shape (n, k). Give logits where you
            have them: only the order counts, and rounding to probabilities loses some of it.

    Returns:
        Per row: LRAP, coverage error, ranking loss. Per label: average precision and ROC AUC.

    Raises:
        TypeError: If scores are not numbers.
        ValueError: If shapes differ, a target is not 0 or 1, a score is not finite, or there is
            no row or no label.

    Source:
        `sklearn.metrics`: `label_ranking_average_precision_score`, `coverage_error`,
        `label_ranking_loss`, `average_precision_score` and `roc_auc_score`.

    Example:
        >>> ranks = ranking_scores([[1, 0, 0]], [[0.2, 0.9, 0.1]])
        >>> ranks.lrap, ranks.coverage, ranks.ranking_loss
        (0.5, 2.0, 0.5)
        >>> ranks.roc_auc
        array([nan, nan, nan])
    """
    from sklearn import metrics

    targets, order = _check(targets, scores)
    n_labels = targets.shape[1]
    several = n_labels > 1
    true_labels = targets.sum(axis=1)
    true_rows = targets.sum(axis=0)
    columns = list(zip(targets.T, order.T, true_rows, strict=True))
    return RankingScores(
        lrap=float(metrics.label_ranking_average_precision_score(targets, order)),
        coverage=float(metrics.coverage_error(targets, order)) if several else np.nan,
        ranking_loss=float(metrics.label_ranking_loss(targets, order)) if several else np.nan,
        unranked_rows=int(((true_labels == 0) | (true_labels == n_labels)).sum()),
        average_precision=np.array(
            [metrics.average_precision_score(y, s) if n else np.nan for y, s, n in columns]
        ),
        roc_auc=np.array(
            [metrics.roc_auc_score(y, s) if 0 < n < len(y) else np.nan for y, s, n in columns]
        ),
    )


def row_ranks(scores) -> np.ndarray:
    """The place of every label in its row, 1 for the highest score; ties share the worse place.

    Args:
        scores: Any finite numbers, shape (n, k).

    Returns:
        Whole numbers from 1 to k, shape (n, k), as LRAP counts them.

    Example:
        >>> row_ranks([[0.5, 0.9, 0.5]])
        array([[3, 1, 3]])
    """
    from scipy.stats import rankdata

    return rankdata(-_places(scores), method="max", axis=1).astype(np.int64)


def float32_probabilities(logits) -> np.ndarray:
    """What a network's float32 sigmoid makes of logits.

    Args:
        logits: Any finite numbers, shape (n, k).

    Returns:
        float32 in [0, 1], shape (n, k).

    Example:
        >>> float32_probabilities([[0.0, 20.0, 25.0]])
        array([[0.5, 1. , 1. ]], dtype=float32)
    """
    logits = as_array("logits", logits).astype(np.float64)
    check_finite("logits", logits)
    # Beyond +-1000 every sigmoid is 0 or 1, and a float32 would overflow from 3.4e38 on.
    logits = np.clip(logits, -1000, 1000).astype(np.float32)
    # e^-|x| cannot overflow; the sum is in float32, which is where the digits are lost.
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))


def _check(targets, scores):
    """Targets as 0/1, and for each score its place in the order of all of them."""
    targets, scores = as_array("targets", targets), as_array("scores", scores)
    check_same_shape("targets", targets, "scores", scores)
    check_binary("targets", targets)
    return targets.astype(np.int64), _places(scores).astype(np.float64)


def _places(scores) -> np.ndarray:
    """For each score its place among all: the same order and ties, and no overflow at 1e308."""
    scores = as_array("scores", scores)
    if scores.ndim != 2:
        raise ValueError(f"scores must have shape (n_samples, n_labels), got {scores.shape}")
    check_finite("scores", scores)
    return np.unique(scores, return_inverse=True)[1].reshape(scores.shape)


def _mean_of_defined(values: np.ndarray) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")
