"""What a sweep of thresholds needs of memory, and what it refuses."""

import tracemalloc

import numpy as np
import pytest
import torch

import mlcore.thresholds.sweep
from mlcore.thresholds import ThresholdSweep
from tests.threshold_definitions import NAN, problem


def test_a_sweep_copies_neither_table():
    targets, probabilities = problem(rows=20_000, labels=200, density=0.01)
    probabilities = probabilities.astype(np.float32)
    ThresholdSweep(targets[:10], probabilities[:10])  # compiled from here on
    tracemalloc.start()
    ThresholdSweep(targets, probabilities)
    extra = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # One table of booleans would be a quarter of it, and one at each threshold 25 times as much.
    assert extra < probabilities.nbytes / 5


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("targets", "probabilities", "message"),
    [
        ([[0, 1]], [[0.5]], r"targets and probabilities .* got \(1, 2\) and \(1, 1\)"),
        ([0, 1], [0.5, 0.5], r"must have shape \(n_samples, n_labels\), got \(2,\)"),
        ([[], []], [[], []], r"targets must have at least one row and one label, got \(2, 0\)"),
        ([[0, 3]], [[0.5, 0.5]], "targets must be 0 or 1, got 3"),
        ([[0, -1]], [[0.5, 0.5]], "targets must be 0 or 1, got -1"),
        ([[0, 0.5]], [[0.5, 0.5]], "targets must be 0 or 1, got 0.5"),
        ([[0, NAN]], [[0.5, 0.5]], "targets must be 0 or 1, got nan"),
        ([[0, 1]], [[0.5, 1.5]], r"probabilities must be in \[0, 1\], got 1.5"),
        ([[0, 1]], [[0.5, -0.25]], r"probabilities must be in \[0, 1\], got -0.25"),
        ([[0, 1]], [[0.5, NAN]], r"probabilities must be in \[0, 1\], got nan"),
    ],
)
def test_bad_tables_are_refused(make, targets, probabilities, message):
    for thresholds in (101, "distinct"):
        with pytest.raises(ValueError, match=message):
            ThresholdSweep(make(targets), make(probabilities), thresholds=thresholds)


@pytest.mark.parametrize("thresholds", [101, "distinct"])
def test_bytes_are_checked_in_every_block(thresholds):
    targets, probabilities = np.zeros((9_000, 3), np.uint8), np.full((9_000, 3), 0.5)
    targets[8_999, 2] = 2
    with pytest.raises(ValueError, match="targets must be 0 or 1, got 2"):
        ThresholdSweep(targets, probabilities, thresholds=thresholds)
    targets[8_999, 2], probabilities[8_998, 0] = 1, NAN
    with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\], got nan"):
        ThresholdSweep(targets, probabilities, thresholds=thresholds)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"thresholds": [0.5, 0.2]}, r"thresholds must be .*increasing, got \[0.5, 0.2\]"),
        ({"thresholds": [0.5, 0.5]}, r"thresholds must be .*increasing, got \[0.5, 0.5\]"),
        ({"thresholds": [[0.1, 0.5]]}, r"thresholds must be .*increasing, got \[\[0.1, 0.5\]\]"),
        ({"thresholds": []}, r"thresholds must be one or more, increasing, got \[\]"),
        ({"thresholds": [0.5, 1.5]}, r"thresholds must be in \[0, 1\], got 1.5"),
        ({"thresholds": [-0.5, 0.5]}, r"thresholds must be in \[0, 1\], got -0.5"),
        ({"thresholds": [NAN]}, r"thresholds must be in \[0, 1\], got nan"),
        ({"thresholds": "all"}, "thresholds must be one of distinct; got 'all'"),
        ({"thresholds": 1}, "thresholds must be >= 2, got 1"),
        ({"thresholds": 2.5}, "thresholds must be a whole number, got 2.5"),
        ({"beta": 1e-7}, "beta must be >= 1e-06, got 1e-07"),
        ({"beta": NAN}, "beta must be finite, got nan"),
        ({"zero_division": 2}, "zero_division must be <= 1.0, got 2"),
        ({"macro_over": "some"}, "macro_over must be one of occurring, all; got 'some'"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ThresholdSweep(np.array([[0, 1]]), np.array([[0.5, 0.5]]), **options)


def test_more_distinct_scores_than_fit_in_memory_are_refused(monkeypatch):
    targets, probabilities = problem(rows=10, labels=5)
    monkeypatch.setattr(mlcore.thresholds.sweep, "MOST_DISTINCT", 49)
    message = 'thresholds "distinct" takes at most 49 different scores, got 50; sweep a grid'
    with pytest.raises(ValueError, match=message):
        ThresholdSweep(targets, probabilities, thresholds="distinct")
    probabilities[0, 0] = probabilities[0, 1]
    assert len(ThresholdSweep(targets, probabilities, thresholds="distinct").thresholds) == 49
