"""A figure over a grid of settings, against plain loops over the same runs."""

from dataclasses import replace

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.sweeps import expand, run_group
from mlcore.sweeps.surface import make_surface
from mlcore.training import TrainConfig

SEEDS = (0, 1, 2)
FIGURES = ("micro_f1", "hamming_loss")


@pytest.fixture(scope="module")
def results():
    """Two rows and three columns of three seeds each, by row, column and seed."""
    dataset = load("synthetic", rows=300, labels=6, cardinality=1.5, features=6)
    base = TrainConfig(model="linear", epochs=2, loss="bce_pos_weight", batch_size=32)
    grid = {"learning_rate": [0.01, 0.1], "pos_weight": [1.0, 5.0, 20.0]}
    cells = expand(base, grid)
    made = iter(
        [run_group(dataset, [replace(cell, seed=seed)])[0] for cell in cells for seed in SEEDS]
    )
    return [[[next(made) for _seed in SEEDS] for _column in range(3)] for _row in range(2)]


def test_precision_and_recall_are_read_where_f1_is_best(results):
    made = make_surface("macro_recall", results)
    for i, row in enumerate(results):
        for j, cell in enumerate(row):
            for k, result in enumerate(cell):
                threshold, _ = result.tuned("macro_f1")
                place = int(np.flatnonzero(result.thresholds == threshold)[0])
                assert made.threshold[i, j, k] == threshold
                assert made.test["tuned"][i, j, k] == result.test["macro_recall"][place]
                assert made.validation["tuned"][i, j, k] == result.validation["macro_recall"][place]
                assert result.tuned("macro_recall") == (
                    threshold,
                    result.test["macro_recall"][place],
                )
    assert (make_surface("macro_f1", results).threshold == made.threshold).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: (rows, "f1"), "figure must be one of micro_precision, "),
        (lambda rows: ([rows[0], rows[1][:2]], "micro_f1"), r"rows of one length .*\[2, 3\]"),
        (lambda rows: ([[rows[0][0], rows[0][1][:1]]], "micro_f1"), r"cells of one .*\[1, 3\]"),
        (lambda rows: ([], "micro_f1"), r"got \[\] and \[\]"),
    ],
)
def test_results_that_are_no_grid_are_refused(results, change, message):
    rows, figure = change(results)
    with pytest.raises(ValueError, match=message):
        make_surface(figure, rows)


def by_hand(result, figure, reading, rows):
    """The figure at 0.5, or at the highest threshold that is best on the validation rows."""
    sign = -1 if figure == "hamming_loss" else 1
    place = int(np.flatnonzero(result.thresholds == 0.5)[0])
    if reading == "tuned":
        merit = sign * result.validation[figure]
        place = max(at for at in range(len(merit)) if merit[at] >= merit.max() - 1e-12)
    return getattr(result, rows)[figure][place]


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("reading", ["half", "tuned"])
def test_means_spreads_and_differences_are_those_of_loops(results, figure, reading):
    surface = make_surface(figure, results)
    values = [
        [[by_hand(result, figure, reading, "test") for result in cell] for cell in row]
        for row in results
    ]
    means = [[sum(cell) / 3 for cell in row] for row in values]
    ranges = [[max(cell) - min(cell) for cell in row] for row in values]
    np.testing.assert_allclose(surface.mean(reading), means, rtol=1e-12)
    np.testing.assert_allclose(surface.spread(reading), np.array(ranges) / 2, rtol=1e-12)
    every = [mean for row in means for mean in row]
    assert surface.difference(reading) == pytest.approx(max(every) - min(every))
    rows = [max(row) - min(row) for row in means]
    columns = [abs(above - below) for below, above in zip(*means, strict=True)]
    assert surface.difference_along(reading, 1) == pytest.approx(sum(rows) / 2)
    assert surface.difference_along(reading, 0) == pytest.approx(sum(columns) / 3)
    assert surface.seed_difference(reading) == pytest.approx(np.mean(ranges))
    validation = {
        (i, j): np.mean([by_hand(result, figure, reading, "validation") for result in cell])
        for i, row in enumerate(results)
        for j, cell in enumerate(row)
    }
    choose = min if figure == "hamming_loss" else max
    assert surface.best(reading) == choose(validation, key=validation.get)


def test_cells_that_are_not_there_diverged_or_failed_take_no_part(results):
    (row, other), figure = [[list(cell) for cell in row] for row in results], "micro_f1"
    whole = make_surface(figure, [row, other])
    best = whole.best("half")
    table = [row, other]
    table[best[0]][best[1]] = [None, *table[best[0]][best[1]][1:]]
    partly = make_surface(figure, table)
    assert np.isfinite(partly.mean("half")).all(), "a mean over the seeds that are there"
    assert partly.best("half") != best, "but not chosen before all are"
    failed = replace(results[0][0][0], error="memory")
    lost = make_surface(figure, [[[failed, *results[0][0][1:]], results[0][1], [None] * 3]])
    assert np.isnan(lost.mean("tuned")[0, [0, 2]]).all()
    assert lost.best("tuned") == (0, 1)
    assert np.isnan(lost.difference("tuned"))
    empty = make_surface(figure, [[[None]]])
    assert empty.best("half") is None
    assert np.isnan([empty.difference("half"), empty.seed_difference("half")]).all()
    assert np.isnan(empty.tuned_range()).all()


def test_a_run_that_diverges_is_lost():
    dataset = load("synthetic", rows=100, labels=4, cardinality=1.0, features=4)
    config = TrainConfig(
        model="linear", epochs=5, batch_size=16, loss="focal", optimizer="sgd", learning_rate=1e38
    )
    (result,) = run_group(dataset, [config])
    assert result.diverged
    assert make_surface("macro_f1", [[[result]]]).lost.all()
