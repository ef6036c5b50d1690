"""Training against a plain PyTorch loop, records against what they promise, and the history."""

import math
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from mlcore.datasets import Dataset, load
from mlcore.losses import LOSSES
from mlcore.training import (
    OPTIMIZERS,
    EpochRecord,
    Race,
    TrainConfig,
    available_devices,
    race,
    train,
)
from tests.test_threshold_sweep import by_definition
from tests.usual_training import usual_logits, usual_loop, usual_loss

SMALL = TrainConfig(hidden=(16,), batch_size=64, epochs=3, seed=5)
GRID = (0.05, 0.3, 0.5, 0.9)
ALL_LOSSES = [TrainConfig(loss=key, hidden=(16,), batch_size=64, epochs=3) for key in LOSSES]
ONE_OF_EACH_READING = [*{LOSSES[c.loss].probabilities: c for c in ALL_LOSSES}.values()]


@pytest.fixture(scope="module")
def dataset():
    """280 training rows: with a batch size of 64 four full batches and one of 24."""
    return load("synthetic", labels=20, rows=400, cardinality=2.0, features=12)


def same(first: EpochRecord, second: EpochRecord) -> bool:
    """Whether two records are equal to the bit; NaN equals NaN."""
    names = ("step", "epoch", "train_loss", "validation_loss", "positive_gradient_share")
    pairs = [(getattr(first, name), getattr(second, name)) for name in names]
    pairs += [(first.scores[name], second.scores[name]) for name in first.scores]
    pairs += [(first.thresholds, second.thresholds), (first.diverged, second.diverged)]
    return first.scores.keys() == second.scores.keys() and all(
        np.array_equal(one, other, equal_nan=isinstance(one, float | np.ndarray))
        for one, other in pairs
    )


def assert_same(first: list[EpochRecord], second: list[EpochRecord]) -> None:
    assert len(first) == len(second)
    assert all(map(same, first, second))


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


# The same, to the bit.


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


# What is recorded, and when.


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


# Divergence, and what is refused.


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


@pytest.mark.parametrize(
    "statement",
    [
        "from mlcore.training import TrainConfig; TrainConfig(loss='focal')",
        "import mlcore.workers.races",
        "from mlcore.losses import poisson_factorisation; poisson_factorisation([0.0, 1.0], [1])",
        "from mlcore.palette import PALETTE",
    ],
)
def test_what_a_page_needs_first_imports_nothing_heavy(statement):
    code = (
        f"{statement}; import sys; "
        "print([name for name in ('torch', 'streamlit', 'pandas', 'sklearn', 'scipy') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
