"""The table of losses, and what it binds."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import mlcore.losses
from mlcore.losses import LOSSES
from tests.test_losses import problem_for, value_and_gradient


def test_losses_need_no_torch_until_one_is_called():
    code = (
        "import sys; from mlcore.losses import LOSSES, LossInfo, focal; "
        "LOSSES['focal'].bind({}, None); assert not {'torch', 'numpy'} & set(sys.modules); "
        "import torch; focal(torch.zeros(1, 1), torch.ones(1, 1))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_function_of_the_table_is_a_public_name():
    for info in LOSSES.values():
        assert getattr(mlcore.losses, info.function.__name__) is info.function


def test_the_table_cannot_be_changed():
    assert all(info.key == key for key, info in LOSSES.items())
    with pytest.raises(TypeError):
        LOSSES["new"] = LOSSES["bce"]


@pytest.mark.parametrize("key", LOSSES)
def test_the_table_describes_its_losses(key):
    info = LOSSES[key]
    for text in (info.title, info.formula, info.source, info.when_not):
        assert text.strip()
    assert info.when_not.startswith("Do not use it")
    for parameter in info.parameters:
        parameter.check(parameter.default)
        assert parameter.help.endswith(".")
        if parameter.low is not None:
            assert parameter.low < parameter.high
            assert not parameter.log or parameter.low > 0


@pytest.mark.parametrize(
    ("key", "parameter"),
    [(key, parameter) for key, info in LOSSES.items() for parameter in info.parameters],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_parameter_changes_the_loss_or_its_gradient(key, parameter):
    info = LOSSES[key]
    logits, targets = problem_for(info)
    if isinstance(parameter.default, bool):
        others = [not parameter.default]
    else:
        low = parameter.low if parameter.default != parameter.low else parameter.high / 2
        others = [low, *(choice for choice in parameter.choices if choice != parameter.default)]

    def outcome(params):
        bound = info.bind(params, targets)
        return torch.cat(
            [part.flatten() for part in value_and_gradient(info.function, logits, targets, **bound)]
        )

    for other in others:
        assert not torch.allclose(outcome({}), outcome({parameter.name: other}))


def test_bind_fills_defaults_and_resolves_words():
    assert LOSSES["focal"].bind({"alpha": 0.3}, None) == {
        "gamma": 2.0,
        "alpha": 0.3,
        "pos_weight": 1.0,
        "poly": 0.0,
    }
    assert LOSSES["focal"].bind({}, None)["alpha"] is None
    assert LOSSES["asymmetric"].bind({"detach_focusing": True}, None)["detach_focusing"] is True
    assert LOSSES["bce"].bind({}, None) == {"label_smoothing": 0.0, "poly": 0.0}


@pytest.mark.parametrize("make", [torch.tensor, np.array])
def test_bind_turns_a_scheme_into_float32_weights(make):
    targets = make([[1.0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]])
    for scheme, cap, expected in (
        ("balanced", 1e4, [4.0, 5.0, 0.2]),
        ("balanced", 3.0, [3.0, 3.0, 0.2]),
        ("sqrt", 1e4, [2.0, 5**0.5, 0.2**0.5]),
        ("none", 1e4, [1.0, 1.0, 1.0]),
        (50, 1e4, [50.0, 50.0, 50.0]),
        (50, 20, [20.0, 20.0, 20.0]),
    ):
        bound = LOSSES["bce_pos_weight"].bind({"pos_weight": scheme, "cap": cap}, targets)
        assert set(bound) == {"pos_weight", "label_smoothing"}
        torch.testing.assert_close(bound["pos_weight"], torch.tensor(expected))


@pytest.mark.parametrize("make", [torch.tensor, np.array])
def test_bind_counts_the_training_targets(make):
    targets = make([[1.0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]])
    bound = LOSSES["class_balanced"].bind({}, targets)
    assert bound["counts"].dtype == torch.float32
    assert bound["counts"].tolist() == [1, 0, 4]
    # A label never or always true counts half a row.
    assert LOSSES["logit_adjusted"].bind({}, targets)["priors"].tolist() == [0.25, 0.125, 0.875]


@pytest.mark.parametrize(
    ("key", "params", "error", "message"),
    [
        ("focal", {"beta": 1.0}, ValueError, "parameter of focal must be one of gamma, alpha, pos"),
        ("focal", {"gamma": -1.0}, ValueError, r"gamma must be >= 0.0, got -1.0"),
        ("focal", {"gamma": 11.0}, ValueError, r"gamma must be <= 10.0, got 11.0"),
        ("focal", {"gamma": "2"}, TypeError, "gamma must be a number, got str '2'"),
        ("focal", {"alpha": "some"}, ValueError, "alpha must be one of none; got 'some'"),
        ("asymmetric", {"detach_focusing": 1}, TypeError, "must be True or False, got 1"),
        ("bce_pos_weight", {"pos_weight": "cube"}, ValueError, "one of balanced, sqrt, effective"),
        ("bce_pos_weight", {"cap": 0.5}, ValueError, "cap must be >= 1.0, got 0.5"),
    ],
)
def test_bind_refuses_what_the_table_does_not_allow(key, params, error, message):
    with pytest.raises(error, match=message):
        LOSSES[key].bind(params, torch.zeros(2, 3))


@pytest.mark.parametrize("params", [{}, {"label_smoothing": 0.1}])
@pytest.mark.parametrize("key", ["bce", "bce_pos_weight"])
def test_hard_kernel_equals_the_general_one(key, params):
    info = LOSSES[key]
    assert info.hard_kernel is not info.kernel
    generator = torch.Generator().manual_seed(0)
    logits = 30 * torch.randn((40, 7), generator=generator, dtype=torch.float64)
    logits[0] = torch.tensor([1e4, -1e4, 200, -200, 40, -40, 0])
    targets = (torch.rand((40, 7), generator=generator) < 0.3).double()
    bound = info.bind(params, targets)
    for actual, expected in zip(
        info.hard_kernel(logits, targets, **bound),
        info.kernel(logits, targets, **bound),
        strict=True,
    ):
        # The same quantity by another formula, small tails included.
        torch.testing.assert_close(actual, expected, rtol=1e-13, atol=0)


def test_hard_kernel_is_the_kernel_where_there_is_no_quicker_one():
    assert LOSSES["focal"].hard_kernel is LOSSES["focal"].kernel
