"""Which labels come together: counts, P(b | a), Jaccard index and lift of all pairs."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from mlcore.checks import check_choice, check_number
from mlcore.imbalance.measures import as_targets

PAIR_MEASURES = {
    "given": "P(b | a)",
    "jaccard": "Jaccard index",
    "lift": "lift",
    "count": "rows together",
}
MOST_ORDERED = 1000  # labels up to which the best order of a tree's leaves is quick to find
EXACT_ROWS = 2**24  # up to here float32 counts without rounding


class Pair(NamedTuple):
    """Two labels and how they come together.

    Attributes:
        a: The first label's number.
        b: The second label's number.
        count: Rows in which both are true.
        given: P(b | a): the share of a's rows in which b is true too.
        back: P(a | b).
        jaccard: Rows with both over rows with either.
        lift: How many times more often both are true than if they were independent.
    """

    a: int
    b: int
    count: int
    given: float
    back: float
    jaccard: float
    lift: float


class Pairs:
    """All pairs of labels of a table.

    Args:
        targets: 0 or 1 for each label of each row, shape (n, k).

    Attributes:
        rows: n.
        counts: Rows in which both labels of a pair are true, int64, shape (k, k); the support of
            each label on the diagonal.
        support: That diagonal, shape (k,).

    Raises:
        TypeError: If targets are not numbers.
        ValueError: If targets are not a table of at least one row and one label, or not 0 or 1.

    Example:
        >>> pairs = Pairs(np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 1, 0]]))
        >>> pairs.counts.tolist()
        [[3, 1, 1], [1, 2, 0], [1, 0, 1]]
        >>> [(pair.b, round(pair.given, 2), round(pair.lift, 2)) for pair in pairs.neighbours(0)]
        [(1, 0.33, 0.67), (2, 0.33, 1.33)]
    """

    def __init__(self, targets) -> None:
        targets = as_targets(targets)
        self.rows = len(targets)
        table = targets.astype(np.float32 if self.rows <= EXACT_ROWS else np.float64)
        self.counts = np.rint(table.T @ table).astype(np.int64)
        self.support = self.counts.diagonal().copy()

    def table(self, measure: str) -> np.ndarray:
        """A measure of every pair, a by row and b by column.

        Args:
            measure: A key of `PAIR_MEASURES`.

        Returns:
            float64, shape (k, k); nan where it is 0/0, because a label is never true.

        Raises:
            ValueError: If there is no such measure.
        """
        check_choice("measure", measure, PAIR_MEASURES)
        own, other = self.support[:, None], self.support[None, :]
        if measure == "count":
            return self.counts.astype(np.float64)
        if measure == "given":
            return _ratio(self.counts, own + 0 * other)
        if measure == "jaccard":
            return _ratio(self.counts, own + other - self.counts)
        return _ratio(self.counts * float(self.rows), own * other)

    def neighbours(self, label: int, *, by: str = "given", least: int = 1) -> list[Pair]:
        """The labels that come with one, those with the highest value of a measure first.

        Of equal ones the pair seen in more rows comes first, then the lower label number.

        Args:
            label: a, a label's number.
            by: A key of `PAIR_MEASURES`.
            least: Rows together, >= 1, that a pair must have. With few rows lift is large by
                chance: two labels that are true once, in the same row, have lift n.

        Raises:
            ValueError: If label, by or least are out of range.
        """
        check_number("label", label, low=0, high=len(self.support) - 1, integer=True)
        check_number("least", least, low=1, integer=True)
        count, value = self.counts[label], self.table(by)[label]
        chosen = np.flatnonzero((count >= least) & (np.arange(len(count)) != label))
        order = np.lexsort((chosen, -count[chosen], -value[chosen]))
        return [self.pair(label, int(other)) for other in chosen[order]]

    def strongest(self, *, by: str = "jaccard", least: int = 1, most: int = 50) -> list[Pair]:
        """The pairs of different labels with the highest value of a measure, in falling order.

        Each pair is there once; for "given" the way round that is more probable.

        Args:
            by: A key of `PAIR_MEASURES`.
            least: Rows together, >= 1, that a pair must have.
            most: How many at most, >= 1.

        Raises:
            ValueError: If by, least or most are out of range.
        """
        check_number("least", least, low=1, integer=True)
        check_number("most", most, low=1, integer=True)
        values = self.table(by)
        a, b = np.nonzero(np.triu(self.counts >= least, 1))
        turned = values[b, a] > values[a, b]
        a, b = np.where(turned, b, a), np.where(turned, a, b)
        order = np.lexsort((b, a, -self.counts[a, b], -values[a, b]))[:most]
        return [self.pair(int(a[place]), int(b[place])) for place in order]

    def pair(self, a: int, b: int) -> Pair:
        """What is known of two labels; nan where a ratio is 0/0.

        Args:
            a: The number of the one, which `given` is about.
            b: The number of the other.
        """
        count, own, other = (int(self.counts[place]) for place in ((a, b), (a, a), (b, b)))
        either = own + other - count
        return Pair(
            a,
            b,
            count,
            given=count / own if own else np.nan,
            back=count / other if other else np.nan,
            jaccard=count / either if either else np.nan,
            lift=count * self.rows / (own * other) if own and other else np.nan,
        )

    @cached_property
    def order(self) -> np.ndarray:
        """The labels in an order in which those that come together stand together, shape (k,).

        The leaves of a tree from average linkage on 1 - Jaccard index; up to 1,000 labels with
        neighbours as close as the tree allows.

        Source:
            Bar-Joseph, Gifford and Jaakkola 2001, Fast optimal leaf ordering for hierarchical
            clustering, Bioinformatics 17, S22-S29; `scipy.cluster.hierarchy`.
        """
        if len(self.support) < 3:
            return np.arange(len(self.support))
        from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

        distance = 1 - np.nan_to_num(self.table("jaccard"), nan=0.0)
        upper = distance[np.triu_indices(len(distance), 1)]
        tree = linkage(upper, "average")
        if len(distance) <= MOST_ORDERED:
            tree = optimal_leaf_ordering(tree, upper)
        return leaves_list(tree).astype(np.int64)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)
