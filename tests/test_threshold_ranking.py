"""mAP and LRAP of a threshold sweep against scikit-learn, and in what carries them on."""

from dataclasses import replace

import numpy as np
import pytest
import sklearn.metrics
import torch

from mlcore.datasets import load
from mlcore.figures import RANKINGS
from mlcore.sweeps import sweep as grid_sweep
from mlcore.thresholds import ThresholdSweep
from mlcore.thresholds.ranking import FEW
from mlcore.training import Race, TrainConfig

NAME, OPTIONS = "synthetic", {"labels": 6, "rows": 400, "cardinality": 1.5}


def scikit_learn(targets, scores):
    """mAP over the labels that occur, and LRAP."""
    own = targets.any(axis=0)
    return {
        RANKINGS[0]: sklearn.metrics.average_precision_score(targets[:, own], scores[:, own]),
        RANKINGS[1]: sklearn.metrics.label_ranking_average_precision_score(targets, scores),
    }


def table(rows, labels, share, *, ties=False, dtype=np.float32):
    rng = np.random.default_rng(0)
    targets = (rng.random((rows, labels)) < share).astype(np.uint8)
    scores = rng.random((rows, labels)) * 0.7 + 0.3 * targets
    return targets, (scores.round(1) if ties else scores).clip(0, 1).astype(dtype)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("share", [0.02, 0.5])  # of few true cells and of many, see FEW
def test_map_and_lrap_equal_those_of_scikit_learn(share, dtype, ties):
    targets, scores = table(300, 120, share, ties=ties, dtype=dtype)
    targets[0], targets[1] = 0, 1  # rows without an order to judge
    targets[:, 5] = 0  # a label without a true row
    assert (targets.sum(axis=0).max() > FEW) == (share == 0.5)
    # Sums of at most 300 ratios in another order.
    assert ThresholdSweep(targets, scores).ranking == pytest.approx(
        scikit_learn(targets, scores), rel=1e-12
    )


@pytest.mark.filterwarnings("ignore:No positive class found")
def test_over_all_labels_one_without_a_true_row_counts_0_as_in_scikit_learn():
    targets, scores = table(50, 6, 0.3)
    targets[:, 2] = 0
    over_all, over_occurring = (
        ThresholdSweep(targets, scores, macro_over=macro_over).ranking
        for macro_over in ("all", "occurring")
    )
    expected = sklearn.metrics.average_precision_score(targets, scores)
    assert over_all["mean_average_precision"] == pytest.approx(expected, rel=1e-12)
    assert over_occurring["mean_average_precision"] == pytest.approx(expected * 6 / 5, rel=1e-12)
    assert over_all["lrap"] == over_occurring["lrap"]


def test_where_nothing_is_true_map_is_0_and_lrap_1():
    ranking = ThresholdSweep(np.zeros((3, 4), int), np.full((3, 4), 0.5)).ranking
    assert ranking == {"mean_average_precision": 0, "lrap": 1}


def test_a_threshold_does_not_move_them_and_an_order_is_all_they_see():
    targets, scores = table(100, 20, 0.1)
    expected = ThresholdSweep(targets, scores).ranking
    assert ThresholdSweep(targets, scores, thresholds=[0.1]).ranking == expected
    assert ThresholdSweep(targets, scores**3).ranking == expected
    assert ThresholdSweep(torch.tensor(targets), torch.tensor(scores)).ranking == expected


def test_a_race_records_them_of_the_validation_rows_at_whole_epochs():
    config = TrainConfig(model="linear", epochs=2, batch_size=64)
    race = Race([config], load(NAME, **OPTIONS), record="step")
    rows = race.dataset.validation
    for (record,) in race:
        own = {name: getattr(record, name) for name in RANKINGS}
        if record.epoch != round(record.epoch):
            assert np.isnan([*own.values()]).all()
            continue
        expected = scikit_learn(race.dataset.y[rows], race.probabilities(0, rows))
        assert own == pytest.approx(expected, rel=1e-12)
        assert [record.figure(name) for name in RANKINGS] == [*own.values()]
    assert record.figure("micro_f1") == record.scores["micro_f1"][0]


def test_a_run_of_a_sweep_has_them_of_validation_and_of_test_rows():
    base, dataset = TrainConfig(model="linear", epochs=2), load(NAME, **OPTIONS)
    grid = {"learning_rate": [0.01]}
    frame = grid_sweep(base, grid, (NAME, OPTIONS), seeds=(0,), engine="inline")
    race = Race([replace(base, learning_rate=0.01)], dataset)
    list(race)
    last = frame.iloc[-1]
    for name in RANKINGS:
        of_test = scikit_learn(dataset.y[dataset.test], race.probabilities(0, dataset.test))[name]
        rows = dataset.validation
        of_validation = scikit_learn(dataset.y[rows], race.probabilities(0, rows))[name]
        # Trained as one stack of one either way.
        assert last[f"test_{name}"] == last[f"tuned_test_{name}"] == pytest.approx(of_test)
        assert last[name] == pytest.approx(of_validation)
    assert len(frame) == 3  # the start and two epochs
    assert frame["lrap"].notna().all()
