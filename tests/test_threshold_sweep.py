"""All thresholds at once against scikit-learn and a plain definition at one after the other."""

import os
import tracemalloc
from itertools import product

import numpy as np
import pytest
import sklearn.metrics
import torch

import mlcore.thresholds.counts
import mlcore.thresholds.sweep
from mlcore.figures import AVERAGES, MACRO_OVER
from mlcore.thresholds import ThresholdSweep, decide, figure_names
from mlcore.thresholds.counts import _on_device, _on_processor, count_once

NAN = float("nan")
UNEVEN = [0.0, 1e-9, 0.1, 0.11, 0.5, 0.500001, 0.93, 1.0]
# Means of up to some thousand ratios in [0, 1], added up in another order.
CLOSE = {"rtol": 0, "atol": 1e-12}


def problem(rows=60, labels=9, density=0.25, seed=0):
    rng = np.random.default_rng(seed)
    targets = (rng.random((rows, labels)) < density).astype(np.uint8)
    return targets, rng.random((rows, labels)) ** 2


def changed(**changes):
    """The problem with a value in all of a table, in its first rows, or in its first labels."""
    targets, probabilities = problem()
    for place, value in changes.items():
        table = targets if place.startswith("targets") else probabilities
        if place.endswith("rows"):
            table[:5] = value
        elif place.endswith("labels"):
            table[:, :4] = value
        else:
            table[:] = value
    return targets, probabilities


CASES = {
    "random": problem(),
    "wide": problem(rows=7, labels=300, density=0.01),
    "ties, on thresholds": (problem()[0], problem()[1].round(1)),
    "one score": changed(probabilities=0.25),
    "scores 0 or 1": (problem()[0], problem()[1].round()),
    "scores 0": changed(probabilities=0),
    "scores 1": changed(probabilities=1),
    "empty rows": changed(targets_rows=0),
    "absent labels": changed(targets_labels=0),
    "labels always true": changed(targets_labels=1),
    "nothing true": changed(targets=0),
    "all true": changed(targets=1),
    "rows never predicted": changed(probabilities_rows=0),
    "labels never predicted": changed(probabilities_labels=0),
    "nothing at all": changed(targets=0, probabilities=0),
    "some of it all": changed(targets_rows=0, probabilities_rows=0, targets_labels=0),
    "one row": problem(rows=1),
    "one label": problem(labels=1),
    "one cell": problem(rows=1, labels=1, density=1),
}


def by_scikit_learn(targets, predicted, beta, zero_division, macro_over="occurring"):
    """The figures by scikit-learn's functions; its Jaccard score takes no nan."""
    if targets.shape[1] == 1:  # alone it would be read as two classes; no figure is of labels then
        targets, predicted = (np.pad(table, ((0, 0), (0, 1))) for table in (targets, predicted))
        labels = [0]
    else:
        labels = None
    out = {}
    for average in AVERAGES:
        options = {"average": average, "zero_division": zero_division, "labels": labels}
        if average == "macro" and macro_over == "occurring" and targets.any():
            options["labels"] = np.flatnonzero(targets.any(axis=0))
        ratios = sklearn.metrics.precision_recall_fscore_support(
            targets, predicted, beta=beta, **options
        )
        for name, ratio in zip(("precision", "recall", f"f{beta:g}"), ratios, strict=False):
            out[f"{average}_{name}"] = ratio
        if not np.isnan(zero_division):
            out[f"{average}_jaccard"] = sklearn.metrics.jaccard_score(targets, predicted, **options)
    out["subset_accuracy"] = sklearn.metrics.accuracy_score(targets, predicted)
    n_labels = len(labels or targets.T)
    hamming = sklearn.metrics.hamming_loss(targets, predicted)
    return out | {"hamming_loss": hamming * targets.shape[1] / n_labels}


def mean(values, weights):
    """The mean of what is defined; where no weight is left, all weigh the same."""
    kept = ~np.isnan(values)
    if not kept.any():
        return NAN
    values, weights = values[kept], weights[kept]
    return np.average(values, weights=weights if weights.any() else None)


def by_definition(targets, predicted, beta=1.0, zero_division=0.0, macro_over="occurring"):
    """All figures from their textbook formulas in float64."""
    y, p = targets == 1, np.asarray(predicted)
    out = {}
    for average, axis in (("micro", None), ("macro", 0), ("weighted", 0), ("samples", 1)):
        found, chosen, true = (np.atleast_1d(cells.sum(axis=axis)) for cells in (y & p, p, y))
        for name, part, whole in (
            ("precision", found, chosen),
            ("recall", found, true),
            (f"f{beta:g}", (1 + beta**2) * found, beta**2 * true + chosen),
            ("jaccard", found, true + chosen - found),
        ):
            ratios = np.where(whole > 0, part / np.where(whole > 0, whole, 1), zero_division)
            weights = true if average == "weighted" else np.ones(len(true))
            if average == "macro" and macro_over == "occurring" and y.any():
                ratios, weights = ratios[true > 0], weights[true > 0]
            out[f"{average}_{name}"] = mean(ratios, weights)
    out["subset_accuracy"] = (y == p).all(axis=1).mean()
    out["hamming_loss"] = (y != p).mean()
    out["labels_per_row"] = p.sum(axis=1).mean()
    out["empty_share"] = (~p.any(axis=1)).mean()
    out["labels_predicted"] = p.any(axis=0).sum()
    return out


def assert_close(actual, expected):
    values = [[*table] for table in ((actual[name] for name in expected), expected.values())]
    np.testing.assert_allclose(*values, **CLOSE, err_msg=" ".join(expected))


def swept(sweep, place):
    return {name: figure[place] for name, figure in sweep.figures.items()}


def reached(probabilities, threshold):
    """What is predicted at a threshold, in the precision of the scores."""
    return probabilities >= np.asarray(threshold, probabilities.dtype)


# Figures.


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


# Tensors.


def test_tensors_and_lists_count_like_arrays():
    targets, probabilities = problem()
    expected = ThresholdSweep(targets, probabilities)
    model_output = torch.tensor(probabilities, requires_grad=True)
    for actual in (
        ThresholdSweep(torch.tensor(targets), model_output),
        ThresholdSweep(torch.tensor(targets).float(), model_output),
        ThresholdSweep(torch.tensor(targets).bool(), model_output.detach().T.contiguous().T),
        ThresholdSweep(targets.tolist(), probabilities.tolist()),
        ThresholdSweep(np.asfortranarray(targets.astype(bool)), np.asfortranarray(probabilities)),
        ThresholdSweep(targets, probabilities, thresholds=torch.tensor(expected.thresholds)),
    ):
        for name, figure in expected.figures.items():
            np.testing.assert_array_equal(actual.figures[name], figure)
        assert actual.at([0.3] * 9) == expected.at([0.3] * 9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("limits", [[], [0.25], np.arange(1, 101) / 100], ids=len)
@pytest.mark.parametrize("case", CASES)
def test_a_device_counts_like_the_processor(case, limits, dtype, monkeypatch):
    """What a GPU does, done by torch on the processor."""
    monkeypatch.setattr(mlcore.thresholds.counts, "DEVICE_CELLS", 2_000)  # several blocks
    targets, probabilities = CASES[case][0], CASES[case][1].astype(dtype)
    tensors = torch.tensor(targets), torch.tensor(probabilities)
    limits = np.array(limits, dtype)
    labels, rows, *totals = _on_processor(targets, probabilities, limits, 4.0)
    on_device = _on_device(*tensors, limits, 4.0)
    np.testing.assert_array_equal(on_device[0], labels)
    np.testing.assert_allclose(on_device[1], rows, **CLOSE)
    for actual, expected in zip(on_device[2:], totals, strict=True):
        np.testing.assert_array_equal(actual, expected)
    once = np.full(targets.shape[1], 0.25, dtype)
    for actual, expected in zip(
        count_once(*tensors, once), count_once(targets, probabilities, once), strict=True
    ):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch can use")
def test_a_gpu_gives_the_figures_of_the_processor():
    for (targets, probabilities), thresholds in product(CASES.values(), (101, "distinct")):
        options = {"thresholds": thresholds, "zero_division": NAN}
        expected = ThresholdSweep(targets, probabilities, **options)
        actual = ThresholdSweep(targets, torch.tensor(probabilities, device="cuda"), **options)
        each = np.linspace(0, 1, targets.shape[1])
        assert_close(actual.figures, expected.figures)
        assert_close(actual.at(each), expected.at(each))
        assert_close(actual.labels_at(each), expected.labels_at(each))
        np.testing.assert_array_equal(actual.best_per_label(), expected.best_per_label())
        assert_close(actual.moving(0.3).move(0, 0.7), expected.moving(0.3).move(0, 0.7))
    with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\], got nan"):
        ThresholdSweep(torch.tensor([[1]]), torch.tensor([[NAN]], device="cuda"))


# Memory and errors.


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
