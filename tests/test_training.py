"""Training against a plain PyTorch loop, batch by batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mlcore.training import OPTIMIZERS, Race
from tests.training_runs import ALL_LOSSES, SMALL
from tests.usual_training import usual_loop


@pytest.mark.parametrize(
    "config",
    [
        *ALL_LOSSES,
        *(
            replace(SMALL, optimizer=name, learning_rate=1e-2, weight_decay=1e-3)
            for name in OPTIMIZERS
        ),
        replace(SMALL, optimizer="sgd", learning_rate=1.0, momentum=0.0),
        replace(SMALL, model="linear", batch_size=1000),
        replace(SMALL, batch_size=1, epochs=1),
        replace(SMALL, batch_size=280),
    ],
    ids=lambda c: f"{c.loss}-{c.optimizer}-{c.momentum}-{c.batch_size}",
)
def test_a_race_trains_like_a_plain_loop(config, dataset):
    runner = Race([config], dataset)
    records = [record for (record,) in runner]
    losses, probabilities = usual_loop(config, dataset)
    assert [record.epoch for record in records] == list(range(config.epochs + 1))
    actual = [(record.train_loss, record.validation_loss) for record in records[1:]]
    # Float32 on both sides, in another order of operations; each step carries rounding on, and
    # optimizers that divide by the size of the gradient enlarge it where that is small.
    np.testing.assert_allclose(actual, losses, rtol=2e-5)
    np.testing.assert_allclose(runner.probabilities(0, dataset.test), probabilities, atol=1e-4)


@pytest.mark.parametrize(
    ("batch_size", "steps"), [(64, 5), (280, 1), (1000, 1), (140, 2), (279, 2), (1, 280)]
)
def test_the_last_batch_of_an_epoch_is_smaller_and_counts_as_a_step(dataset, batch_size, steps):
    config = replace(SMALL, model="linear", batch_size=batch_size, epochs=2)
    runner = Race([config], dataset)
    sizes = [len(x) for ((x, _),) in map(dict.values, runner._batches())]
    full = [batch_size] * (280 // batch_size) + [280 % batch_size] * (280 % batch_size > 0)
    assert sizes == [sizes[0], *full, *full]
    assert runner.steps == 2 * steps
    assert [record.step for (record,) in runner] == [0, steps, 2 * steps]


def test_an_epoch_has_every_training_row_once_in_a_new_order(dataset):
    runner = Race([replace(SMALL, epochs=2, batch_size=280)], dataset)
    _, first, second = (x for ((x, _),) in map(dict.values, runner._batches()))
    expected = np.unique(dataset.x[dataset.train], axis=0)
    for rows in (first, second):
        np.testing.assert_array_equal(np.unique(rows.numpy(), axis=0), expected)
    assert not torch.equal(first, second)
