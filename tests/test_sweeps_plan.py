"""Grids, lists, draws, groups and keys against what is counted and written out by hand."""

import pickle
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from mlcore.sweeps import (
    TooManyRuns,
    check_size,
    config_key,
    count_runs,
    draws,
    expand,
    group_size,
    groups,
    with_seeds,
)
from mlcore.training.config import TrainConfig

BASE = TrainConfig(model="linear", epochs=2)


def test_a_grid_is_every_combination_with_the_last_name_fastest():
    grid = {"learning_rate": [0.1, 0.2], "loss": ["bce", "softmax"], "batch_size": [8, 16, 32]}
    actual = [(c.learning_rate, c.loss, c.batch_size) for c in expand(BASE, grid)]
    assert actual == list(product(*grid.values()))
    assert all(config.epochs == 2 and config.model == "linear" for config in expand(BASE, grid))


def test_a_parameter_of_a_loss_is_set_where_the_loss_has_it():
    configs = expand(BASE, {"loss": ["bce", "focal"], "gamma": np.array([1.0, 3.0])})
    assert configs == [
        replace(BASE, loss="bce"),
        replace(BASE, loss="focal", loss_params={"gamma": 1.0}),
        replace(BASE, loss="focal", loss_params={"gamma": 3.0}),
    ]


def test_parameters_of_the_base_hold_for_its_own_loss_only():
    base = replace(BASE, loss="focal", loss_params={"alpha": 0.25, "gamma": 3.0})
    focal, tversky = expand(base, {"loss": ["focal", "tversky"]})
    assert focal == base
    assert dict(tversky.loss_params) == {}
    (kept,) = expand(base, {"gamma": [1.0]})
    assert dict(kept.loss_params) == {"alpha": 0.25, "gamma": 1.0}


def test_a_list_has_each_setting_once():
    settings = [
        {"loss": "focal", "gamma": 1.0},
        {"hidden": 64, "model": "mlp"},
        {"loss": "focal", "loss_params": {"gamma": 1}},
        {},
    ]
    assert expand(BASE, settings) == [
        replace(BASE, loss="focal", loss_params={"gamma": 1.0}),
        replace(BASE, model="mlp", hidden=(64,)),
        BASE,
    ]


@pytest.mark.parametrize(
    ("grid", "error", "words"),
    [
        ({"gama": [1]}, ValueError, "name in grid must be one of loss, .*label_smoothing.*'gama'"),
        ({"gamma": [1]}, ValueError, "gamma in a grid needs a loss that has it, .*focal.*got bce"),
        ({"hidden": [8, 16]}, ValueError, r"hidden in a grid needs model 'mlp', got \['linear'\]"),
        (
            {"momentum": [0.5], "optimizer": ["adam", "adamw"]},
            ValueError,
            r"momentum in a grid needs optimizer 'sgd', got \['adam', 'adamw'\]",
        ),
        ([{"optimizer": "adam", "momentum": 0.5}], ValueError, r"needs optimizer 'sgd'"),
        (
            [{"loss": "focal", "tau": 1}],
            ValueError,
            "tau in a grid needs a loss that has it, such as logit_adjusted; got focal",
        ),
        ({"loss": ["bce", "nothing"]}, ValueError, "loss must be one of"),
        ({"loss": "bce"}, TypeError, r"grid\['loss'\] must be a list of values, got 'bce'"),
        ({"epochs": 3}, TypeError, r"grid\['epochs'\] must be a list of values, got 3"),
        ({"epochs": []}, ValueError, r"grid\['epochs'\] must have at least one value"),
        ({"epochs": [0]}, ValueError, "epochs must be >= 1, got 0"),
        ({"seed": [0, 1]}, ValueError, r"pass seeds=\(0, 1, 2\)"),
        ([], ValueError, "at least one setting"),
        (["bce"], TypeError, "grid must be lists of values by name, or a list"),
        (7, TypeError, "got int 7"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(grid, error, words):
    with pytest.raises(error, match=words):
        expand(BASE, grid)


@pytest.mark.parametrize(
    "grid",
    [
        {"learning_rate": [0.1, 0.2], "epochs": range(1, 6)},
        {"loss": ["bce", "focal", "tversky"], "alpha": [0.1, 0.2], "gamma": [1.0, 2.5, 3.0]},
        {"label_smoothing": [0.0, 0.1]},
        {"optimizer": ["adam", "sgd", "adamw"], "momentum": [0.0, 0.5], "loss": ["bce", "focal"]},
        {"model": ["linear", "mlp"], "hidden": [8, 16, (8, 8)], "gamma": [1.0], "loss": ["focal"]},
        [{"loss": "bce"}, {"loss": "focal"}],
        {},
    ],
)
def test_runs_are_counted_as_they_are_made(grid):
    assert count_runs(BASE, grid, (0, 1)) == 2 * len(expand(BASE, grid))


def test_a_value_that_is_there_twice_counts_once():
    base = TrainConfig()
    assert count_runs(base, {"learning_rate": [0.1] * 3000}) == 1
    assert len(expand(base, {"hidden": [[8, 4], [8, 4], (8,)]})) == 2


def test_a_million_cells_are_refused_at_once():
    rates = np.linspace(1e-4, 1, 1000)
    grid = {"learning_rate": rates, "weight_decay": rates}
    start = time.process_time()
    with pytest.raises(TooManyRuns, match=r"1,000,000 runs; .*pass most_runs=1000000") as caught:
        check_size(count_runs(BASE, grid))
    assert time.process_time() - start < 0.1
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.runs, str(again)) == (1_000_000, str(caught.value))
    with pytest.raises(TooManyRuns, match="3 runs; at most"):
        check_size([BASE] * 3, 2)
    check_size([BASE] * 3, 3)


def test_draws_stay_in_their_ranges_and_fill_them():
    ranges = {
        "learning_rate": (1e-4, 1e-1, "log"),
        "momentum": (0.5, 0.9),
        "batch_size": (16, 19),
        "loss": ["bce", "softmax"],
    }
    drawn = draws(ranges, 2000, seed=3)
    rates = np.array([setting["learning_rate"] for setting in drawn])
    assert rates.min() >= 1e-4
    assert rates.max() <= 1e-1
    # A third of the logarithms in each decade: 667 of 2,000 with a standard deviation of 21.
    counts, _ = np.histogram(np.log10(rates), bins=[-4, -3, -2, -1])
    assert np.abs(counts - 2000 / 3).max() < 100
    momenta = np.array([setting["momentum"] for setting in drawn])
    assert 0.5 <= momenta.min() < 0.51 < 0.89 < momenta.max() <= 0.9
    assert {setting["batch_size"] for setting in drawn} == {16, 17, 18, 19}
    assert {setting["loss"] for setting in drawn} == {"bce", "softmax"}
    assert drawn == draws(ranges, 2000, seed=3) != draws(ranges, 2000, seed=4)
    assert len(expand(replace(BASE, optimizer="sgd"), drawn)) == 2000


def test_a_draw_ends_where_its_range_does():
    for end in (0.003, 3.0, 7.0, 10000.0):  # e^log(3) is a little more
        values = {"learning_rate": (end, end, "log")}
        assert draws(values, 2) == [{"learning_rate": end}] * 2


def test_draws_leave_out_what_has_no_effect():
    ranges = {
        "loss": ["bce", "focal"],
        "gamma": (0.0, 4.0),
        "model": ["linear", "mlp"],
        "hidden": (8, 64),
        "optimizer": ["adam", "sgd"],
        "momentum": (0.0, 0.9),
    }
    drawn = draws(ranges, 200)
    assert {setting["loss"] for setting in drawn if "gamma" in setting} == {"focal"}
    assert {setting["model"] for setting in drawn if "hidden" in setting} == {"mlp"}
    assert {setting["optimizer"] for setting in drawn if "momentum" in setting} == {"sgd"}
    # One configuration for each setting, but for linear cross entropy by Adam, which is one.
    assert (
        sum(setting == {"loss": "bce", "model": "linear", "optimizer": "adam"} for setting in drawn)
        > 5
    )
    assert len({config_key(config) for config in expand(BASE, drawn)}) > 100
    with pytest.raises(ValueError, match="got 'gama'"):
        draws({"loss": ["bce", "focal"], "gama": (0.0, 4.0)}, 3)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ((2, 1), ValueError, "high end of learning_rate must be >= 2, got 1"),
        ((0, 1, "log"), ValueError, "low end of learning_rate must be > 0, got 0"),
        ((0, 1, "lin"), TypeError, r"must be \(low, high\)"),
        (3, TypeError, r"ranges\['learning_rate'\] must be"),
        ([], ValueError, "at least one value"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(values, error, words):
    with pytest.raises(error, match=words):
        draws({"learning_rate": values}, 3)


def test_seeds_of_one_configuration_stand_together():
    configs = with_seeds(expand(BASE, {"learning_rate": [0.1, 0.2]}), (5, 7, 5))
    assert [(c.learning_rate, c.seed) for c in configs] == [(0.1, 5), (0.1, 7), (0.2, 5), (0.2, 7)]
    for seeds, error in (((), ValueError), (3, TypeError), ("012", TypeError)):
        with pytest.raises(error, match="seeds must"):
            with_seeds(configs, seeds)


def test_groups_are_even_and_hold_only_what_may_train_together():
    grid = {"model": ["linear", "mlp"], "hidden": [8, 16], "loss": ["bce", "softmax"]}
    configs = with_seeds(expand(BASE, grid), range(5))
    parts = groups(configs, 7)
    assert sorted(map(config_key, configs)) == sorted(config_key(c) for part in parts for c in part)
    assert [len(part) for part in parts] == [5, 5] * 3  # 10 of each model alike: not 7 and 3
    for part in parts:
        assert len({(config.model, config.hidden) for config in part}) == 1
        assert len({config.loss for config in part}) == 1  # equal losses side by side
    assert parts == groups(configs, 7)


def test_a_large_sweep_makes_enough_groups():
    sizes = {runs: group_size(runs) for runs in range(1, 5000)}
    assert all(1 <= size <= 32 for size in sizes.values())
    assert all(runs / size > runs**0.5 - 1 for runs, size in sizes.items())


def test_a_key_tells_runs_apart_and_nothing_else():
    focal = replace(BASE, loss="focal", loss_params={"gamma": 2.0, "poly": 0})
    same = (
        replace(BASE, loss="focal", loss_params={"poly": 0.0}),  # 2.0 is the default
        replace(BASE, loss="focal", loss_params={"gamma": np.float64(2)}),
        replace(focal, hidden=(8, 8)),  # of a linear model
        replace(focal, momentum=0.5),  # under Adam
    )
    assert {config_key(config) for config in (focal, *same)} == {config_key(focal)}
    others = (
        replace(focal, seed=1),
        replace(focal, loss="bce", loss_params={}),
        replace(focal, learning_rate=0.001 * (1 + 2**-52)),
        replace(focal, model="mlp", hidden=(512, 1)),
        replace(focal, model="mlp"),
        replace(focal, optimizer="sgd"),
        replace(focal, optimizer="sgd", momentum=0.5),
        replace(focal, loss_params={"alpha": 0.5}),
    )
    assert len({config_key(config) for config in (focal, *others)}) == 9


def test_a_key_is_the_same_in_another_process():
    code = (
        "from mlcore.sweeps import config_key; from mlcore.training.config import TrainConfig;"
        "print(config_key(TrainConfig(loss='asymmetric', loss_params={'margin': 0.1}, seed=3)));"
        "import sys; print('torch' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    config = TrainConfig(loss="asymmetric", loss_params={"margin": 0.1}, seed=3)
    assert output.stdout.split() == [config_key(config), "False"]
