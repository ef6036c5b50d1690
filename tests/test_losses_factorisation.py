"""Poisson counts as how many times which: scipy's distributions, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from mlcore.losses import poisson_factorisation


def test_the_factorisation_holds_for_counts_beyond_one():
    logits, counts = np.array([0.5, -1.0, 2.0, 1.3]), np.array([3, 0, 7])
    s = np.exp(logits[:3]) / np.exp(logits[:3]).sum()
    parts = poisson_factorisation(logits, counts)
    assert parts.joint == pytest.approx(-stats.poisson.logpmf(counts, np.exp(1.3) * s).sum())
    assert parts.count == pytest.approx(-stats.poisson.logpmf(10, np.exp(1.3)))
    assert parts.which == pytest.approx(-stats.multinomial.logpmf(counts, 10, s))
    assert abs(parts.difference) < 1e-13


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        ([0.0, 0.0], [0, 1], r"shape \(k \+ 1,\) .* got \(2,\) and \(2,\)"),
        ([0.0], [], "k >= 1"),
        ([0.0, np.nan], [1], "logits must be finite, got nan"),
        ([0.0, 701.0], [1], "last of logits must be <= 700, got 701.0"),
        ([0.0, 0.0], [0.5], "targets must be whole numbers >= 0, got 0.5"),
        ([0.0, 0.0], [-1], "targets must be whole numbers >= 0, got -1.0"),
    ],
)
def test_the_factorisation_refuses_bad_input(logits, targets, message):
    with pytest.raises(ValueError, match=message):
        poisson_factorisation(logits, targets)


def test_the_factorisation_is_finite_at_extreme_logits():
    parts = poisson_factorisation([1e4, -1e4, -1e4], [0, 1])
    # m u and log s are -1e4 and -2e4: rates far below what a float64 holds, their logarithms not.
    assert (parts.joint, parts.count, parts.which) == (3e4, 1e4, 2e4)
