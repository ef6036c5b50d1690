"""Training is the same to the bit: once more, in other company, in threads at once."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import torch

from mlcore.training import Race, TrainConfig, race, train
from tests.training_runs import ALL_LOSSES, GRID, SMALL, assert_same


def test_the_same_configs_give_the_same_records(dataset):
    first = list(race(ALL_LOSSES, dataset, thresholds=GRID))
    torch.rand(1)  # whatever else draws numbers does not matter
    second = race(ALL_LOSSES, dataset, thresholds=GRID)
    for one, other in zip(first, second, strict=True):
        assert_same(one, other)


def test_training_leaves_the_random_state_of_torch_alone(dataset):
    torch.manual_seed(3)
    states = torch.random.get_rng_state(), *torch.cuda.get_rng_state_all()
    list(train(SMALL, dataset))
    after = torch.random.get_rng_state(), *torch.cuda.get_rng_state_all()
    assert all(map(torch.equal, after, states))


def test_threads_that_draw_at_once_start_from_the_weights_of_their_seeds(dataset):
    """Whatever else a thread draws: a race neither takes numbers from there nor puts any back."""
    deep = TrainConfig(hidden=(4,) * 8, batch_size=64, epochs=1)
    configs = [replace(deep, seed=seed) for seed in range(8)]
    expected = [Race([config], dataset).weights(0) for config in configs]
    ready = threading.Barrier(len(configs))

    def start(place: int) -> int:
        """How many of its races start from other weights."""
        ready.wait()
        races = (Race([configs[place]], dataset) for _ in range(20))
        return sum(not all(map(np.array_equal, race.weights(0), expected[place])) for race in races)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(configs)) as threads:
            assert list(threads.map(start, range(len(configs)))) == [0] * len(configs)
    finally:
        sys.setswitchinterval(usual)


def test_another_seed_gives_other_weights_and_another_order(dataset):
    first, other = (Race([replace(SMALL, seed=seed)], dataset) for seed in (5, 6))
    weights = [runner.weights(0)[0] for runner in (first, other)]
    assert not np.array_equal(*weights)
    orders = [next(runner._batches())[seed][0] for seed, runner in ((5, first), (6, other))]
    assert not torch.equal(*orders)


def test_a_contender_does_in_a_race_what_it_does_alone(dataset):
    configs = [
        *ALL_LOSSES,
        replace(ALL_LOSSES[0], optimizer="sgd", learning_rate=0.1),
        replace(ALL_LOSSES[1], initial_bias="prior"),
    ]
    options = {"record": "epoch", "thresholds": GRID}
    together = list(race(configs, dataset, **options))
    for place, config in enumerate(configs):
        alone = list(train(config, dataset, **options))
        assert_same([records[place] for records in together], alone)


def test_all_contenders_start_from_the_same_weights(dataset):
    configs = [SMALL, replace(SMALL, learning_rate=0.1, optimizer="sgd")]
    start, *_, end = race(configs, dataset)
    assert start[0].validation_loss == start[1].validation_loss
    assert end[0].validation_loss != end[1].validation_loss
    runner = Race(configs, dataset)
    for mine, yours in zip(runner.weights(0), runner.weights(1), strict=True):
        np.testing.assert_array_equal(mine, yours)
