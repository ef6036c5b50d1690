"""Which configurations are refused, and how."""

import math
from dataclasses import FrozenInstanceError, replace

import pytest

from mlcore.datasets import load
from mlcore.training import TrainConfig, train
from tests.training_runs import SMALL, assert_same


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"loss": "hinge"}, ValueError, "loss must be one of softmax, bce, .*; got 'hinge'"),
        ({"model": "tree"}, ValueError, "model must be one of linear, mlp; got 'tree'"),
        ({"initial_bias": "one"}, ValueError, "initial_bias must be one of zero, prior; got 'one'"),
        ({"optimizer": "lion"}, ValueError, "optimizer must be one of adam, .*; got 'lion'"),
        ({"device": "tpu"}, ValueError, "device must be one of cpu, cuda, mps; got 'tpu'"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be > 0, got 0"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate must be > 0, got -1.0"),
        ({"learning_rate": math.inf}, ValueError, "learning_rate must be finite, got inf"),
        ({"learning_rate": "fast"}, TypeError, "learning_rate must be a number, got str 'fast'"),
        ({"momentum": -0.1}, ValueError, "momentum must be >= 0, got -0.1"),
        ({"momentum": 1.0}, ValueError, "momentum must be <= 0.999, got 1.0"),
        ({"weight_decay": -1e-3}, ValueError, "weight_decay must be >= 0, got -0.001"),
        ({"batch_size": 0}, ValueError, "batch_size must be >= 1, got 0"),
        ({"batch_size": 1.5}, ValueError, "batch_size must be a whole number, got 1.5"),
        ({"epochs": 0}, ValueError, "epochs must be >= 1, got 0"),
        ({"epochs": math.nan}, ValueError, "epochs must be a whole number, got nan"),
        ({"seed": -1}, ValueError, "seed must be >= 0, got -1"),
        ({"seed": 2**32}, ValueError, "seed must be <= 4294967295, got 4294967296"),
        ({"hidden": 512}, TypeError, r"hidden must be widths such as \(512,\), got 512"),
        ({"hidden": "512"}, TypeError, r"hidden must be widths such as \(512,\), got '512'"),
        ({"loss_params": None}, TypeError, "loss_params must be values by name, got None"),
        ({"learning_rate": 10**400}, ValueError, "learning_rate must be at most 1e308 in size"),
        ({"hidden": (16, 0)}, ValueError, "hidden must be >= 1, got 0"),
        ({"hidden": (2.5,)}, ValueError, "hidden must be a whole number, got 2.5"),
        ({"hidden": (100_000,)}, ValueError, "hidden must be <= 65536, got 100000"),
        (
            {"loss": "focal", "loss_params": {"beta": 1.0}},
            ValueError,
            "parameter of focal must be one of gamma, alpha, pos_weight, poly; got 'beta'",
        ),
        (
            {"loss": "focal", "loss_params": {"gamma": 11}},
            ValueError,
            "gamma must be <= 10.0, got 11",
        ),
        (
            {"loss": "bce_pos_weight", "loss_params": {"pos_weight": "cube"}},
            ValueError,
            "pos_weight must be one of balanced, sqrt, effective, none; got 'cube'",
        ),
        ({"loss_params": {"gamma": 2.0}}, ValueError, "parameter of bce must be one of label_s"),
    ],
)
def test_a_config_refuses_what_cannot_be_trained(changes, error, message):
    with pytest.raises(error, match=f"^{message}"):
        TrainConfig(**changes)


def test_a_config_is_frozen_and_replace_checks_again():
    with pytest.raises(FrozenInstanceError):
        SMALL.epochs = 4
    with pytest.raises(ValueError, match="epochs must be >= 1, got 0"):
        replace(SMALL, epochs=0)


def test_a_linear_model_has_no_hidden_layers():
    assert replace(SMALL, model="linear").layers == ()
    assert SMALL.layers == (16,)


def test_whole_numbers_may_come_as_floats():
    dataset = load("digits", rows=200)
    config = TrainConfig(hidden=(16.0,), batch_size=64.0, epochs=3.0, seed=5.0)
    assert_same(list(train(config, dataset)), list(train(SMALL, dataset)))
