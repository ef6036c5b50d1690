"""Head, middle and tail: labels cut into groups by support, and what they score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mlcore.checks import as_array, check_choice, check_same_shape
from mlcore.imbalance.measures import as_targets

GROUPS = ("head", "middle", "tail")
ABSENT_GROUP = -1  # of labels that are never true
MANY, FEW = 100, 20  # more than many is head, fewer than few is tail


@dataclass(frozen=True, kw_only=True)
class CutInfo:
    """One way to cut labels into groups, as a person meets it.

    Attributes:
        title: Its name on screen.
        description: One sentence on which label goes where.
        source: Where it comes from.
    """

    title: str
    description: str
    source: str


CUTS: Mapping[str, CutInfo] = {
    "thirds": CutInfo(
        title="thirds of the true cells",
        description="The most frequent labels that share the first third of all true cells are "
        "head, those of the next third middle, those of the last third tail.",
        source="Each has a third of the true cells, as near as whole labels allow, and so counts "
        "the same in micro recall.",
    ),
    "shots": CutInfo(
        title="many, medium, few rows",
        description="Labels with more than 100 true rows are head, with 20 to 100 middle, with "
        "fewer than 20 tail.",
        source="Liu et al. 2019, Large-Scale Long-Tailed Recognition in an Open World, CVPR: "
        "many-shot, medium-shot and few-shot classes.",
    ),
}


class GroupScore(NamedTuple):
    """What a group of labels scores.

    Attributes:
        labels: How many labels it has.
        scored: How many of them have a score.
        mean: The mean score of those; nan where there is none.
        quartiles: Lower quartile, median and upper quartile of those scores.
    """

    labels: int
    scored: int
    mean: float
    quartiles: tuple[float, float, float]


class Gap(NamedTuple):
    """How far a contender is ahead of the first in a group.

    Attributes:
        gap: The difference of their mean scores.
        contender: Its number, from 1 on; the first is 0.
        group: The group's number.
    """

    gap: float
    contender: int
    group: int


def groups(support, cut: str = "thirds") -> np.ndarray:
    """The group of each label, by how often it is true.

    Args:
        support: True rows of each label, whole numbers >= 0, shape (k,).
        cut: A key of `CUTS`. In "thirds" a label's group is where the true cells of all more
            frequent labels end, so labels of equal support are in one group, and labels that are
            all equally frequent are all head.

    Returns:
        int8, shape (k,): 0 head, 1 middle, 2 tail, -1 for a label that is never true.

    Raises:
        ValueError: If support is not (k,) whole numbers >= 0, or there is no such cut.

    Example:
        >>> groups([60, 20, 20, 10, 9, 1, 0]).tolist()
        [0, 1, 1, 2, 2, 2, -1]
        >>> groups([101, 100, 20, 19, 0], "shots").tolist()
        [0, 1, 1, 2, -1]
    """
    check_choice("cut", cut, CUTS)
    support = as_array("support", support)
    if support.ndim != 1 or not len(support):
        raise ValueError(f"support must have shape (n_labels,), got {support.shape}")
    if support.dtype.kind not in "iu" or (support < 0).any():
        raise ValueError(f"support must be whole numbers >= 0, got {support}")
    if cut == "shots":
        group = np.where(support > MANY, 0, np.where(support >= FEW, 1, 2))
    else:
        rising = np.sort(support)
        # Cells of all labels that are more frequent than each.
        total = int(support.sum())
        below = np.concatenate([[0], np.cumsum(rising, dtype=np.int64)])
        before = total - below[np.searchsorted(rising, support, side="right")]
        group = np.minimum(3 * before // max(total, 1), 2)
    return np.where(support > 0, group, ABSENT_GROUP).astype(np.int8)


def companions(targets, group: Sequence[int]) -> np.ndarray:
    """How many labels of each group a row has that has a label of some group.

    Args:
        targets: 0 or 1, shape (n, k).
        group: From `groups`, shape (k,).

    Returns:
        float64, shape (3, 3): at (g, h) the mean number of labels of group h in a row that has
        one of group g or more; nan where no row has.

    Raises:
        TypeError: If targets are not numbers.
        ValueError: If an entry of targets is not 0 or 1, or group has another length than a row.

    Example:
        >>> companions(np.array([[1, 1, 0], [1, 0, 1], [1, 0, 0]]), [0, 1, 2])[2].tolist()
        [1.0, 0.0, 1.0]
    """
    targets, group = as_targets(targets), as_array("group", group)
    if group.shape != (targets.shape[1],):
        raise ValueError(f"group must have shape ({targets.shape[1]},), got {group.shape}")
    held = np.stack([targets[:, group == place].sum(axis=1) for place in range(len(GROUPS))])
    rows = (held > 0).astype(np.int64)
    having = rows.sum(axis=1, keepdims=True)
    return np.where(having > 0, rows @ held.T.astype(np.int64) / np.maximum(having, 1), np.nan)


def label_f1(targets, predictions) -> np.ndarray:
    """F1 of each label.

    Args:
        targets, predictions: 0 or 1, shape (n, k).

    Returns:
        Shape (k,), in [0, 1]; nan for a label without a true row, of which F1 says nothing.

    Raises:
        TypeError: If one of them is not numbers.
        ValueError: If shapes differ, or an entry is not 0 or 1.

    Example:
        >>> label_f1(np.array([[1, 0], [1, 0]]), np.array([[1, 1], [0, 0]])).round(4).tolist()
        [0.6667, nan]
    """
    targets, predictions = as_targets(targets), as_targets(predictions, "predictions")
    check_same_shape("targets", targets, "predictions", predictions)
    support, predicted = (table.sum(axis=0, dtype=np.int64) for table in (targets, predictions))
    found = (targets & predictions).sum(axis=0, dtype=np.int64)
    return np.where(support > 0, 2 * found / np.maximum(support + predicted, 1), np.nan)


def group_scores(scores: Sequence[float], group: Sequence[int]) -> tuple[GroupScore, ...]:
    """Mean and quartiles of the labels' scores in head, middle and tail.

    Args:
        scores: A score of each label, nan for one that has none, shape (k,).
        group: From `groups`, shape (k,). Labels that are never true are in no group.

    Returns:
        One `GroupScore` for each of `GROUPS`.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> head, middle, tail = group_scores([0.8, 0.6, 0.1, np.nan], [0, 0, 2, 2])
        >>> head.mean, middle.labels, tail.labels, tail.scored
        (0.7, 0, 2, 1)
    """
    scores, group = np.asarray(scores, np.float64), np.asarray(group)
    if scores.shape != group.shape or scores.ndim != 1:
        raise ValueError(
            "scores and group must both have shape (n_labels,), "
            f"got {scores.shape} and {group.shape}"
        )
    return tuple(_score(scores[group == place]) for place in range(len(GROUPS)))


def group_gaps(scores: Sequence[Sequence[GroupScore]]) -> list[Gap]:
    """How far each contender is ahead of the first in each group, the largest gap first.

    Args:
        scores: From `group_scores`, for each contender, on the same labels.

    Returns:
        A gap for every contender but the first and every group in which labels have a score.
    """
    first, *others = scores
    gaps = [
        Gap(ours[group].mean - first[group].mean, contender, group)
        for contender, ours in enumerate(others, start=1)
        for group in range(len(GROUPS))
        if ours[group].scored and first[group].scored
    ]
    return sorted(gaps, key=lambda gap: -gap.gap)


def _score(scores: np.ndarray) -> GroupScore:
    known = scores[~np.isnan(scores)]
    if not len(known):
        return GroupScore(len(scores), 0, np.nan, (np.nan, np.nan, np.nan))
    quartiles = np.quantile(known, (0.25, 0.5, 0.75)).tolist()
    return GroupScore(len(scores), len(known), float(known.mean()), tuple(quartiles))
