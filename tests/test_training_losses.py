"""Every loss in a race: it learns, and an output for how many labels disturbs nobody."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.losses import LOSSES
from mlcore.training import Race, TrainConfig
from tests.usual_training import usual_logits

SMALL = TrainConfig(hidden=(32,), batch_size=64, epochs=12, learning_rate=5e-3)
EVERY = [replace(SMALL, loss=key) for key in LOSSES]
COUNTING = [key for key, info in LOSSES.items() if info.extra_outputs]


@pytest.fixture(scope="module")
def dataset():
    return load("synthetic", labels=12, rows=600, cardinality=2.0, features=10)


@pytest.mark.parametrize("initial_bias", ["zero", "prior"])
def test_every_loss_learns_in_one_race(dataset, initial_bias):
    configs = [replace(config, initial_bias=initial_bias) for config in EVERY]
    race = Race(configs, dataset)
    records = list(race)
    for place, config in enumerate(configs):
        mine = [at_step[place] for at_step in records]
        losses = [record.train_loss for record in mine]
        assert np.isfinite(losses).all(), config.loss
        assert np.isfinite([record.validation_loss for record in mine]).all(), config.loss
        assert losses[-1] < losses[0], config.loss
        assert mine[-1].validation_loss < mine[0].validation_loss, config.loss
        # True labels are above others in the end: their mean probability is larger.
        p, y = race.probabilities(place, dataset.test), dataset.y[dataset.test].astype(bool)
        assert p.shape == y.shape
        assert p[y].mean() > 1.3 * p[~y].mean(), config.loss
        for record in mine:
            assert 0 <= record.positive_gradient_share <= 1, config.loss
            assert not record.diverged


@pytest.mark.parametrize("initial_bias", ["zero", "prior"])
def test_a_count_output_starts_beside_the_weights_that_all_share(dataset, initial_bias):
    keys = ["bce", *COUNTING]
    configs = [replace(SMALL, loss=key, initial_bias=initial_bias) for key in keys]
    race = Race(configs, dataset)
    *inner, shared_weight, shared_bias = race.weights(0)
    mean = dataset.y[dataset.train].sum(axis=1).mean() if initial_bias == "prior" else 1.0
    for place, key in enumerate(COUNTING, start=1):
        *own_inner, weight, bias = race.weights(place)
        np.testing.assert_array_equal(weight[:-1], shared_weight)
        np.testing.assert_array_equal(bias[:-1], shared_bias)
        assert (weight[-1] == 0).all()
        expected = math.log(mean) if key == "partition_poisson" else mean
        # Stored in float32.
        assert bias[-1] == pytest.approx(expected, rel=1e-6, abs=1e-9)
        for mine, theirs in zip(own_inner, inner, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_the_poisson_count_finds_the_mean_number_of_labels(dataset):
    config = replace(SMALL, loss="partition_poisson", epochs=40)
    race = Race([config], dataset)
    for _ in race:
        pass
    u = usual_logits(race.weights(0), dataset.x[dataset.train])[:, -1]
    # At the least loss the mean of e^u - m over the rows is 0, by the bias alone; Adam is near.
    mean = dataset.y[dataset.train].sum(axis=1).mean()
    assert np.exp(u).mean() == pytest.approx(mean, rel=0.05)
