"""The table of losses, what it binds, and the weights of its schemes."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import mlcore.losses
from mlcore.losses import LOSSES, label_counts, label_priors, pos_weights
from tests.test_losses import problem_for, value_and_gradient


def test_the_table_needs_no_torch_and_a_loss_does():
    code = (
        "import sys; from mlcore.losses import LOSSES, LossInfo; assert len(LOSSES) == 19; "
        "LOSSES['focal'].bind({}, None); assert 'torch' not in sys.modules; "
        "from mlcore.losses import focal; assert 'torch' in sys.modules; "
        "assert LOSSES['focal'].function is focal"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_public_names_are_complete():
    functions = {info.function_name for info in LOSSES.values()}
    assert set(mlcore.losses.__all__) == functions | {
        "LOSSES",
        "LossInfo",
        "PoissonFactorisation",
        "label_counts",
        "label_priors",
        "poisson_factorisation",
        "pos_weights",
    }


def test_the_table_holds_them_all_and_cannot_be_changed():
    basic = ["softmax", "bce", "bce_pos_weight", "weighted_bce", "focal", "asymmetric"]
    further = ["class_balanced", "zlpr", "logit_adjusted", "hill", "soft_f1", "dice", "tversky"]
    further += ["two_way", "bce_on_probabilities", "absolute_kl"]
    partition = ["partition_kl_mse", "partition_absolute_kl", "partition_poisson"]
    assert list(LOSSES) == basic + further + partition
    assert all(info.key == key for key, info in LOSSES.items())
    assert [key for key, info in LOSSES.items() if info.probabilities == "softmax"] == ["softmax"]
    with pytest.raises(TypeError):
        LOSSES["new"] = LOSSES["bce"]


@pytest.mark.parametrize("key", LOSSES)
def test_the_table_names_its_functions_and_describes_them(key):
    info = LOSSES[key]
    assert info.function is getattr(mlcore.losses, info.function_name)
    assert info.kernel.__module__ == f"mlcore.losses.{info.kernel_module}"
    assert info.kernel.__name__ == info.function_name
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


@pytest.mark.parametrize("make", [torch.tensor, np.array])
def test_counts_and_priors_come_as_what_the_targets_are(make):
    targets = make([[1, 0], [1, 0], [0, 0], [0, 0]])
    for count, expected in ((label_counts, [2, 0]), (label_priors, [0.5, 0.125])):
        assert type(count(targets)) is type(targets)
        assert count(targets).tolist() == expected
    with pytest.raises(ValueError, match="at least one row, got none"):
        label_priors(targets[:0])
    with pytest.raises(ValueError, match=r"shape \(n_samples, n_labels\), got \(4,\)"):
        label_counts(targets[:, 0])
    # Whatever the number of rows, float32 can tell a prior from 0 and 1.
    everything = label_priors(np.ones((2, 1)).repeat(10**7, axis=0)).astype(np.float32)
    assert 0 < 1 - everything.item() < 1e-6


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


# Weights.


def test_pos_weights_follow_their_formulas():
    targets = np.zeros((1000, 4))
    targets[:10, 0] = targets[:500, 1] = targets[:, 3] = 1  # label 2 is never true, 3 always
    positives, negatives = np.array([10, 500, 1, 1000]), np.array([990, 500, 1000, 1])
    np.testing.assert_array_equal(pos_weights(targets, "none"), np.ones(4))
    np.testing.assert_array_equal(pos_weights(targets, "balanced"), negatives / positives)
    np.testing.assert_array_equal(pos_weights(targets, "sqrt"), np.sqrt(negatives / positives))
    for beta in (0.0, 0.9, 0.999999):
        # An effective number is the sum of a geometric series, one term a sample.
        effective = [sum(beta**i for i in range(n)) for n in (*negatives, *positives)]
        expected = np.divide(effective[:4], effective[4:])
        # 1 - 0.999999 ** n cancels all but ten digits.
        np.testing.assert_allclose(
            pos_weights(targets, "effective", beta=beta), expected, rtol=1e-9
        )
    np.testing.assert_array_equal(pos_weights(targets, "balanced", cap=50), [50, 1, 50, 0.001])
    assert pos_weights(targets, 3) == 3.0
    assert pos_weights(targets, 3, cap=2) == 2.0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bool, torch.int64])
def test_pos_weights_of_a_tensor_are_a_tensor(dtype):
    targets = torch.tensor([[1, 0], [0, 0], [0, 0]], dtype=dtype)
    weights = pos_weights(targets, "effective")
    assert weights.dtype == (dtype if dtype.is_floating_point else torch.float32)
    expected = pos_weights(targets.numpy(), "effective")
    torch.testing.assert_close(weights.double(), torch.tensor(expected), rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((np.zeros((2, 3)), "cube"), {}, ValueError, "scheme must be one of none, balanced, sqrt"),
        ((np.zeros((2, 3)), -1), {}, ValueError, "scheme must be >= 0, got -1"),
        ((np.zeros((2, 3)), None), {}, TypeError, "scheme must be a number, got NoneType"),
        ((np.zeros((2, 3)), "sqrt"), {"cap": 0}, ValueError, "cap must be > 0, got 0"),
        ((np.zeros((2, 3)), "sqrt"), {"beta": 1.0}, ValueError, "beta must be <= 0.999999"),
        ((np.zeros(3), "sqrt"), {}, ValueError, r"shape \(n_samples, n_labels\), got \(3,\)"),
        ((torch.full((2, 3), 2.0), "sqrt"), {}, ValueError, r"in \[0, 1\], got 2.0"),
        (([[0, 1]], "sqrt"), {}, TypeError, "targets must be an array or tensor, got list"),
    ],
)
def test_pos_weights_refuses_bad_input(arguments, options, error, message):
    with pytest.raises(error, match=message):
        pos_weights(*arguments, **options)


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
