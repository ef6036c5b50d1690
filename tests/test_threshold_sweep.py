"""All thresholds at once against scikit-learn and a plain definition at one after the other."""

import os

import numpy as np
import pytest

import mlcore.thresholds.counts
from mlcore.figures import MACRO_OVER
from mlcore.thresholds import ThresholdSweep, decide, figure_names
from tests.threshold_definitions import (
    CASES,
    NAN,
    UNEVEN,
    assert_close,
    by_definition,
    by_scikit_learn,
    problem,
    reached,
    swept,
)


@pytest.mark.parametrize("macro_over", MACRO_OVER)
@pytest.mark.parametrize(("beta", "zero_division"), [(1.0, 0.0), (0.5, 1.0), (2, 0.0), (2, NAN)])
@pytest.mark.parametrize("case", CASES)
def test_every_figure_equals_that_of_scikit_learn(case, beta, zero_division, macro_over):
    targets, probabilities = CASES[case]
    options = {"beta": beta, "zero_division": zero_division, "macro_over": macro_over}
    thresholds = [0.0, 0.25, 0.9]
    sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds, **options)
    for place, threshold in enumerate(thresholds):
        predicted = reached(probabilities, threshold)
        expected = by_scikit_learn(targets, predicted, **options)
        assert_close(swept(sweep, place), expected)
        # What checks the sweep from here on is itself right.
        assert_close(by_definition(targets, predicted, **options), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "thresholds", [101, 1001, UNEVEN, [0.0], [1.0], [0.5], "distinct"], ids=str
)
@pytest.mark.parametrize("case", CASES)
def test_every_figure_equals_its_definition(case, thresholds, dtype):
    targets, probabilities = CASES[case][0], CASES[case][1].astype(dtype)
    for options in (
        {},
        {"macro_over": "all"},
        {"beta": 0.5, "zero_division": NAN},
        {"beta": 2, "zero_division": 1.0},
    ):
        sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds, **options)
        names = figure_names(options.get("beta", 1.0))
        assert tuple(sweep.figures) == names
        assert len(names) == 21
        for figure in sweep.figures.values():
            assert figure.dtype == np.float64
            assert figure.shape == sweep.thresholds.shape
        last = len(sweep.thresholds) - 1
        for place in {0, last, *np.random.default_rng(0).integers(0, last + 1, 5)}:
            predicted = reached(probabilities, sweep.thresholds[place])
            assert_close(swept(sweep, place), by_definition(targets, predicted, **options))


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_threshold_alone_counts_as_among_others(dtype, zero_division):
    rng = np.random.default_rng(0)
    probabilities = rng.random((40, 6)).astype(dtype)
    targets = rng.random((40, 6)) < [0.0, 0.05, 0.2, 0.4, 0.9, 1.0]
    targets[:4] = 0
    grid = [0.0, 0.2, 0.5, float(probabilities[7, 3]), 0.99, 1.0]
    several = ThresholdSweep(
        targets, probabilities, thresholds=sorted(grid), zero_division=zero_division
    )
    for place, threshold in enumerate(sorted(grid)):
        alone = ThresholdSweep(
            targets, probabilities, thresholds=[threshold], zero_division=zero_division
        )
        for name, values in alone.figures.items():
            assert values == pytest.approx(several.figures[name][place], rel=1e-12, nan_ok=True)
        for mine, theirs in zip(alone.label_counts(), several.label_counts(), strict=True):
            np.testing.assert_array_equal(mine[0], theirs[place])
        np.testing.assert_array_equal(alone.support, several.support)
        np.testing.assert_array_equal(alone.best_per_label(), several.best_per_label())


@pytest.mark.parametrize("thresholds", [[0.5], 101, "distinct"], ids=str)
def test_a_perfect_model_has_1_also_with_labels_that_never_occur(thresholds):
    targets = (np.random.default_rng(0).random((60, 40)) < 0.02).astype(np.uint8)
    assert 0 < targets.any(axis=0).sum() < 40
    sweep = ThresholdSweep(targets, targets.astype(float), thresholds=thresholds)
    for figure in ("precision", "recall", "f1", "jaccard"):
        assert sweep.at(0.5)[f"macro_{figure}"] == 1
        assert sweep.best(f"macro_{figure}")[1] == pytest.approx(1, rel=1e-12)  # carried sums
    # What is predicted of a label that never occurs changes nothing.
    noisy = np.where(targets.any(axis=0), targets, 1.0)
    assert ThresholdSweep(targets, noisy, thresholds=thresholds).at(0.5)["macro_f1"] == 1
    every = ThresholdSweep(targets, targets.astype(float), thresholds=thresholds, macro_over="all")
    assert every.at(0.5)["macro_f1"] == pytest.approx(targets.any(axis=0).mean(), rel=1e-12)


def test_moved_thresholds_keep_to_the_labels_that_macro_is_over():
    targets, probabilities = CASES["absent labels"]
    for macro_over in MACRO_OVER:
        sweep = ThresholdSweep(targets, probabilities, macro_over=macro_over)
        moving, limits = sweep.moving(0.5), np.full(9, 0.5)
        for label, limits[label] in [(0, 0.1), (5, 0.2), (0, 0.9), (8, 0.0)]:
            moved = moving.move(label, limits[label])
            predicted = reached(probabilities, limits)
            assert_close(moved, by_definition(targets, predicted, macro_over=macro_over))


def test_the_thresholds_are_those_asked_for():
    targets, probabilities = CASES["ties, on thresholds"]
    for count in (2, 101, 1001):
        thresholds = ThresholdSweep(targets, probabilities, thresholds=count).thresholds
        # To the digit, so that a score of 0.35 reaches the threshold shown as 0.35.
        assert thresholds.tolist() == [i / (count - 1) for i in range(count)]
    assert ThresholdSweep(targets, probabilities, thresholds=UNEVEN).thresholds.tolist() == UNEVEN
    distinct = ThresholdSweep(targets, probabilities, thresholds="distinct").thresholds
    assert distinct.tolist() == sorted(set(probabilities.ravel().tolist()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("thresholds", [101, 1001, UNEVEN, 0.5 + np.arange(4) * 1e-12], ids=str)
def test_a_score_on_or_beside_a_threshold_is_counted_as_compared(thresholds, dtype):
    grid = ThresholdSweep(np.array([[1]]), np.array([[0.5]]), thresholds=thresholds).thresholds
    on = grid.astype(dtype)
    beside = (np.nextafter(on, dtype(side)) for side in (0, 1))
    values = np.random.default_rng(0).permutation(np.concatenate([on, *beside, on]))
    probabilities = values.reshape(-1, 2)
    targets = np.random.default_rng(1).integers(0, 2, probabilities.shape)
    sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds)
    predicted = [(values >= limit).sum() for limit in on]
    found = [(values[targets.ravel() == 1] >= limit).sum() for limit in on]
    np.testing.assert_array_equal(
        (sweep.figures["labels_per_row"] * len(targets)).round(), predicted
    )
    np.testing.assert_array_equal((sweep.figures["micro_recall"] * targets.sum()).round(), found)
    for place, threshold in enumerate(grid[:: len(grid) // 4]):
        counts = sweep.labels_at(threshold)
        expected = decide(probabilities, threshold).sum(axis=0)
        actual = counts["true_positives"] + counts["false_positives"]
        np.testing.assert_array_equal(actual, expected, err_msg=str(place))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_table_equals_its_definition_on_any_number_of_cores(dtype, monkeypatch):
    targets, probabilities = problem(rows=10_000, labels=20, density=0.1)
    targets[:100] = 0
    probabilities = probabilities.astype(dtype)
    assert len(list(mlcore.thresholds.counts.over_blocks(lambda rows: rows, 10_000))) > 1
    tables = []
    for cores in (None, 1, 2, 64):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        tables.append(ThresholdSweep(targets, probabilities))
    for sweep in tables[1:]:
        for name, figure in tables[0].figures.items():
            np.testing.assert_array_equal(sweep.figures[name], figure)
        np.testing.assert_array_equal(sweep.best_per_label(), tables[0].best_per_label())
    for place in range(0, 101, 10):
        expected = by_definition(targets, reached(probabilities, tables[0].thresholds[place]))
        assert_close(swept(tables[0], place), expected)


def test_sums_carried_over_all_distinct_scores_stay_exact():
    targets, probabilities = problem(rows=1_000, labels=60, density=0.05)
    sweep = ThresholdSweep(targets, probabilities, thresholds="distinct", beta=2)
    assert len(sweep.thresholds) > 59_000
    for place in [0, *np.random.default_rng(0).integers(0, len(sweep.thresholds), 40)]:
        expected = by_definition(targets, reached(probabilities, sweep.thresholds[place]), 2)
        assert_close(swept(sweep, place), expected)


@pytest.mark.parametrize("thresholds", [11, "distinct"])
def test_rounding_takes_no_share_out_of_0_to_1(thresholds):
    for seed in range(20):
        sweep = ThresholdSweep(*problem(seed + 1, 3, 0.9, seed), thresholds=thresholds)
        moving = sweep.moving(0.5)
        moved = [moving.move(step % 3, step % 5 / 4) for step in range(30)]
        for name in set(figure_names()) - {"labels_per_row", "labels_predicted"}:
            values = [*sweep.figures[name], *(figures[name] for figures in moved)]
            assert 0 <= min(values) <= max(values) <= 1, name


def test_support_and_frame_are_those_of_the_table():
    targets, probabilities = problem()
    for thresholds in (101, "distinct"):
        sweep = ThresholdSweep(targets, probabilities, thresholds=thresholds)
        np.testing.assert_array_equal(sweep.support, targets.sum(axis=0))
        frame = sweep.frame()
        assert list(frame) == ["threshold", *figure_names()]
        np.testing.assert_array_equal(frame["threshold"], sweep.thresholds)
        np.testing.assert_array_equal(frame["macro_f1"], sweep.figures["macro_f1"])
