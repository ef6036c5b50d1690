"""What a race records, and when."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from mlcore.losses import LOSSES
from mlcore.training import Race, race, train
from tests.threshold_definitions import by_definition
from tests.training_runs import ALL_LOSSES, GRID, ONE_OF_EACH_READING, SMALL, assert_same
from tests.usual_training import usual_logits, usual_loss


def steps_of(config, dataset, **options):
    return [record.step for record in train(config, dataset, **options)]


def test_a_record_at_every_epoch_or_every_step(dataset):
    assert steps_of(SMALL, dataset) == [0, 5, 10, 15]
    assert steps_of(SMALL, dataset, record="step") == list(range(16))


def test_dense_records_are_every_step_first_then_rarer_and_every_epoch(dataset):
    config = replace(SMALL, model="linear", batch_size=1, epochs=3)  # 840 steps
    steps = steps_of(config, dataset, record="dense")
    assert steps[:31] == list(range(31))
    assert {280, 560, 840} <= set(steps)
    gaps = [later / earlier for earlier, later in pairwise(steps[30:])]
    assert max(gaps) <= 1.08 + 1 / 30  # whole steps only
    assert len(steps) < 90


def test_a_short_race_is_recorded_at_every_step_when_dense(dataset):
    assert steps_of(SMALL, dataset, record="dense") == list(range(16))


def test_epochs_are_steps_in_passes_over_the_training_rows(dataset):
    epochs = [record.epoch for record in train(SMALL, dataset, record="step")]
    np.testing.assert_allclose(epochs, np.arange(16) / 5, rtol=1e-15)


def test_how_often_is_recorded_does_not_change_training(dataset):
    by_epoch = list(train(SMALL, dataset, thresholds=GRID))
    by_step = list(train(SMALL, dataset, thresholds=GRID, record="step"))
    for seldom, often in zip(by_epoch, by_step[::5], strict=True):
        assert seldom.validation_loss == often.validation_loss
        assert seldom.positive_gradient_share == often.positive_gradient_share
    # A float32 sum of five losses, and of one.
    losses = [record.train_loss for record in by_step[1:6]]
    assert by_epoch[1].train_loss == pytest.approx(np.mean(losses), rel=1e-6)


def test_a_heartbeat_yields_empty_lists_and_changes_no_figure(dataset):
    plain = list(race([SMALL], dataset))
    beating = list(race([SMALL], dataset, heartbeat=0.0))
    assert [len(records) for records in beating] == ([1] + [0] * 4) * 3 + [1]
    assert_same(
        [r for records in beating for r in records], [r for records in plain for r in records]
    )
    assert all(race([SMALL], dataset, heartbeat=3600.0))


def test_running_losses_are_those_since_the_last_record(dataset):
    configs = [SMALL, replace(SMALL, loss="focal")]
    stepwise = list(race(configs, dataset, record="step"))
    runner = Race(configs, dataset, heartbeat=0.0)
    for place, records in enumerate(runner):
        assert runner.step == place
        since = stepwise[place - (place % 5 or 5) + 1 : place + 1]
        for contender, loss in enumerate(runner.running_losses()):
            if records:
                assert math.isnan(loss)
            else:
                expected = np.mean([at_step[contender].train_loss for at_step in since])
                assert loss == pytest.approx(expected, rel=1e-6)  # float32 sums


@pytest.mark.parametrize(
    "config", ONE_OF_EACH_READING, ids=lambda config: LOSSES[config.loss].probabilities
)
def test_recorded_scores_are_those_of_the_probabilities(config, dataset):
    runner = Race([config], dataset, thresholds=GRID)
    for (record,) in runner:
        probabilities = runner.probabilities(0, dataset.validation)
        np.testing.assert_array_equal(record.thresholds, GRID)
        for place, threshold in enumerate(GRID):
            decided = probabilities >= np.float32(threshold)
            expected = by_definition(dataset.y[dataset.validation], decided)
            actual = {name: record.scores[name][place] for name in expected}
            # Means of at most some hundred float64 ratios, added up in another order.
            assert actual == pytest.approx(expected, rel=0, abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_a_race_of_any_dtype_is_scored_as_its_probabilities_are(dtype, dataset):
    config = replace(SMALL, loss="bce_pos_weight", loss_params={"pos_weight": "sqrt"})
    runner = Race([config], dataset, thresholds=GRID, dtype=dtype)
    *_, (record,) = runner
    probabilities = torch.tensor(runner.probabilities(0, dataset.validation)).to(dtype)
    swept = runner.sweeps(0)[0]
    for place, threshold in enumerate(GRID):
        decided = probabilities >= torch.tensor(threshold, dtype=dtype)
        expected = by_definition(dataset.y[dataset.validation], decided.numpy())
        for actual in (
            {name: record.scores[name][place] for name in expected},
            swept.at(threshold),
        ):
            assert actual == pytest.approx(expected, rel=0, abs=1e-12)
    for weight in runner.weights(0):
        assert np.isfinite(weight).all()


def test_half_precision_adds_up_the_losses_of_an_epoch(dataset):
    config, dtype = replace(SMALL, batch_size=2, epochs=1), torch.bfloat16
    steps = [
        records[0].train_loss for records in race([config], dataset, record="step", dtype=dtype)
    ]
    _start, (record,) = race([config], dataset, dtype=dtype)
    # The first batch is looked at once more before it is trained on.
    assert record.train_loss == pytest.approx(np.mean(steps[1:]), rel=1e-5)


def test_probabilities_are_of_the_rows_asked_for(dataset):
    runner = Race([SMALL, replace(SMALL, loss="softmax")], dataset)
    for _ in runner:
        pass
    sigmoid, softmax = (runner.probabilities(place, dataset.test) for place in (0, 1))
    for probabilities in (sigmoid, softmax):
        assert probabilities.shape == (len(dataset.test), 20)
        assert probabilities.dtype == np.float32
    np.testing.assert_allclose(softmax.sum(axis=1), 1, rtol=1e-5)  # 20 float32 additions
    assert np.ptp(sigmoid.sum(axis=1)) > 0.1
    some = runner.probabilities(0, dataset.test[3:5])
    np.testing.assert_allclose(some, sigmoid[3:5], rtol=1e-5)  # another shape for the matmul


@pytest.mark.parametrize("config", ALL_LOSSES, ids=lambda config: config.loss)
def test_the_gradient_share_is_that_of_autograd(config, dataset):
    runner = Race([replace(config, batch_size=280, epochs=1)], dataset)
    y = runner.y
    logits = usual_logits(runner.weights(0), dataset.x[dataset.train])
    logits = torch.from_numpy(logits).requires_grad_()
    usual_loss(config, logits, y, y).backward()
    size = logits.grad[:, : y.shape[1]].abs()  # of labels, not of their count
    expected = (size * y).sum() / size.sum()
    first, second = (record for (record,) in runner)
    # The first step looks at the same weights as step 0; sums of 5,600 float32 numbers.
    assert first.positive_gradient_share == pytest.approx(expected.item(), rel=1e-4)
    assert second.positive_gradient_share == pytest.approx(expected.item(), rel=1e-4)


def test_step_0_is_the_state_before_training(dataset):
    (record, *_) = train(SMALL, dataset, thresholds=[0.01, 0.99])
    assert (record.step, record.epoch) == (0, 0.0)
    # Logits near 0: each loss near log 2, everything predicted at 0.01 and nothing at 0.99.
    assert record.validation_loss == pytest.approx(math.log(2), rel=0.1)
    assert record.train_loss == pytest.approx(math.log(2), rel=0.1)
    np.testing.assert_array_equal(record.scores["labels_per_row"], [20, 0])
    np.testing.assert_array_equal(record.scores["empty_share"], [0, 1])


def test_the_prior_bias_starts_from_the_label_frequencies(dataset):
    runner = Race([SMALL, replace(SMALL, initial_bias="prior")], dataset)
    zero, prior = runner.weights(0), runner.weights(1)
    positives = dataset.y[dataset.train].sum(axis=0).clip(0.5)
    # Stored in float32.
    np.testing.assert_allclose(prior[-1], np.log(positives / (280 - positives)), rtol=1e-6)
    assert (zero[-1] == 0).all()
    for mine, yours in zip(zero[:-1], prior[:-1], strict=True):
        np.testing.assert_array_equal(mine, yours)
