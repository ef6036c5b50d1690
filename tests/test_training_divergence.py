"""Divergence, odd labels and devices, and what a race refuses."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from mlcore.datasets import Dataset
from mlcore.training import Race, available_devices, race, train
from tests.training_runs import ALL_LOSSES, GRID, SMALL, assert_same


def test_a_diverged_contender_stops_and_the_others_go_on(dataset):
    configs = [replace(SMALL, optimizer="sgd", learning_rate=rate) for rate in (1e30, 0.1)]
    wild, calm = zip(*race(configs, dataset, record="step", thresholds=GRID), strict=True)
    assert not wild[0].diverged
    assert wild[-1].diverged
    since = next(place for place, record in enumerate(wild) if record.diverged)
    for record in wild[since:]:
        assert record.diverged
        assert all(np.isnan(figure).all() for figure in record.scores.values())
        assert all(figure.shape == (len(GRID),) for figure in record.scores.values())
    assert all(np.isfinite(record.scores["micro_f1"]).all() for record in wild[:since])
    assert math.isnan(wild[-1].train_loss)
    assert_same(calm, list(train(configs[1], dataset, record="step", thresholds=GRID)))
    assert calm[-1].validation_loss < calm[0].validation_loss


@pytest.mark.parametrize(
    "change",
    [
        {"model": "linear"},
        {"hidden": (8,)},
        {"batch_size": 32},
        {"epochs": 4},
        {"device": "cuda"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_contenders_that_differ_in_more_than_what_is_compared_are_refused(change, dataset):
    ((name, value),) = change.items()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        Race([SMALL, SMALL, replace(SMALL, **change)], dataset)
    mine = getattr(SMALL, name)
    assert str(caught.value) == (
        f"configs of one race must have the same {name}, got {[mine, mine, value]}"
    )


def test_a_race_without_contenders_is_refused(dataset):
    with pytest.raises(ValueError, match="configs must have at least one contender, got none"):
        next(race([], dataset))


def test_a_race_takes_what_it_says_and_runs_once(dataset):
    with pytest.raises(TypeError, match="configs must be a list of them, got TrainConfig"):
        Race(SMALL, dataset)
    with pytest.raises(TypeError, match="dataset must be a Dataset, got tuple"):
        Race([SMALL], ("synthetic", {}))
    runner = Race([replace(SMALL, epochs=1)], dataset)
    with pytest.raises(ValueError, match="contender must be <= 0, got 1"):
        runner.probabilities(1, dataset.test)
    list(runner)
    with pytest.raises(ValueError, match="a race runs once, and this one has begun"):
        next(iter(runner))


def test_an_unknown_kind_of_record_is_refused(dataset):
    with pytest.raises(ValueError, match="record must be one of epoch, step, dense; got 'batch'"):
        next(train(SMALL, dataset, record="batch"))


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(device, dataset):
    if device in available_devices():
        pytest.skip(f"this machine has {device}")
    with pytest.raises(ValueError, match=rf"device must be one of cpu.*; got '{device}'"):
        next(train(replace(SMALL, device=device), dataset))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
@pytest.mark.parametrize("config", ALL_LOSSES, ids=lambda config: config.loss)
def test_cuda_trains_like_the_cpu(config, dataset):
    assert "cuda" in available_devices()
    on_cpu = list(train(config, dataset))
    on_cuda = list(train(replace(config, device="cuda"), dataset))
    for expected, actual in zip(on_cpu, on_cuda, strict=True):
        # The same float32 sums in another order; Adam enlarges rounding of small gradients.
        assert actual.train_loss == pytest.approx(expected.train_loss, rel=1e-3)
        assert actual.validation_loss == pytest.approx(expected.validation_loss, rel=1e-3)


def test_a_label_that_is_never_and_one_that_is_always_true_train(dataset):
    y = dataset.y.copy()
    y[:, 0], y[:, 1], y[dataset.validation] = 0, 1, 0
    odd = Dataset(
        name="odd",
        x=dataset.x,
        y=y,
        label_names=dataset.label_names,
        train=dataset.train,
        validation=dataset.validation,
        test=dataset.test,
        description="",
        source="",
        licence="",
    )
    configs = [replace(config, initial_bias="prior") for config in ALL_LOSSES]
    for records in race(configs, odd):
        for record in records:
            assert not record.diverged
            assert all(np.isfinite(figure).all() for figure in record.scores.values())
