"""The basic losses against their definitions in 60 digits, against PyTorch, and at the edges."""

import pickle

import mpmath as mp
import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from mlcore.losses import (
    LOSSES,
    asymmetric,
    binary_cross_entropy,
    focal,
    softmax_cross_entropy,
    weighted_binary_cross_entropy,
)
from tests import loss_definitions

LOGITS = [sign * size for size in (1e-8, 0.5, 3, 20, 37, 40, 200, 745, 1e4) for sign in (-1, 1)]
LOGITS += [0.0, -0.0]


@pytest.fixture(autouse=True)
def sixty_digits():
    with mp.workdps(60):
        yield


def detached_by_definition(z, y, at, **parameters):
    """The loss whose slope at `at` is wanted: its focusing stays what it is there."""
    return loss_definitions.asymmetric(z, y, focus_at=at, **parameters)


SOFT, HARD = (0.0, 1.0, 0.3, 0.95, 1e-3), (0.0, 1.0)
ELEMENTWISE = [
    *(
        (binary_cross_entropy, loss_definitions.bce, SOFT, parameters)
        for parameters in (
            {},
            {"pos_weight": 1e4},
            {"pos_weight": 1e-3},
            {"pos_weight": 0.0},
            {"weight": 3.0},
            {"label_smoothing": 0.1},
            {"label_smoothing": 1e-6, "pos_weight": 50.0, "weight": 0.2},
            {"label_smoothing": 1.0},
            {"poly": -1.0},
            {"poly": 2.0, "label_smoothing": 0.1, "pos_weight": 50.0, "weight": 0.2},
        )
    ),
    *(
        (weighted_binary_cross_entropy, loss_definitions.weighted_bce, SOFT, parameters)
        for parameters in (
            {},
            {"positive_weight": 1e-3, "negative_weight": 700.0},
            {"positive_weight": 50.0, "negative_weight": 0.0, "label_smoothing": 0.2},
        )
    ),
    *(
        (focal, loss_definitions.focal, HARD, {"gamma": gamma})
        for gamma in (0.0, 0.5, 1.0, 1.7, 2.0, 3.0, 4.0, 5.0, 10.0)
    ),
    (focal, loss_definitions.focal, HARD, {"alpha": 0.25}),
    (focal, loss_definitions.focal, HARD, {"alpha": 0.001, "gamma": 0.0}),
    (focal, loss_definitions.focal, HARD, {"alpha": 0.999, "gamma": 0.5, "pos_weight": 30.0}),
    (focal, loss_definitions.focal, HARD, {"pos_weight": 0.001}),
    (focal, loss_definitions.focal, HARD, {"poly": -1.0, "gamma": 1.0}),
    (focal, loss_definitions.focal, HARD, {"poly": 2.0, "gamma": 0.5, "alpha": 0.25}),
    *(
        (
            asymmetric,
            loss_definitions.asymmetric,
            HARD,
            {"gamma_pos": gamma_pos, "gamma_neg": gamma_neg, "margin": margin},
        )
        for gamma_pos, gamma_neg, margin in (
            (1.0, 4.0, 0.05),
            (0.0, 0.0, 0.0),
            (0.0, 0.0, 0.05),
            (0.5, 0.0, 0.3),
            (0.0, 0.5, 0.2),
            (5.0, 0.5, 0.45),
            (2.0, 5.0, 0.0),
            (0.5, 2.0, 1e-6),
            (1.0, 1.0, 1e-3),
            (10.0, 10.0, 0.01),
            (1.0, 4.0, 1.0),
        )
    ),
]
NAMES = [
    f"{function.__name__}-{'-'.join(f'{name}={value:g}' for name, value in parameters.items())}"
    for function, _, _, parameters in ELEMENTWISE
]
# Some thousand roundings in float64 and a hundred in float32, of a value above 1 or of 1.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}


def assert_close(actual, expected, dtype):
    """Every entry within TOLERANCE * max(1, |expected|)."""
    actual = actual.detach().double().numpy()
    expected = np.array(expected, dtype=np.float64).reshape(actual.shape)
    error = np.abs(actual - expected) / np.maximum(1, np.abs(expected))
    assert np.all(error <= TOLERANCE[dtype]), error.max()  # NaN fails too


def value_and_gradient(function, logits, targets, **parameters):
    """The unreduced loss, and the gradient of its sum."""
    logits = logits.clone().requires_grad_()
    value = function(logits, targets, reduction="none", **parameters)
    value.sum().backward()
    return value.detach(), logits.grad


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize(("function", "definition", "kinds", "parameters"), ELEMENTWISE, ids=NAMES)
def test_each_label_loss_matches_its_definition(function, definition, kinds, parameters, dtype):
    # Row i has target kinds[i] throughout: all-zero and all-one rows come first.
    logits = torch.tensor([LOGITS] * len(kinds), dtype=dtype)
    targets = torch.tensor([[y] * len(LOGITS) for y in kinds], dtype=dtype)
    value, gradient = value_and_gradient(function, logits, targets, **parameters)
    pairs = [
        (mp.mpf(z), mp.mpf(y))
        for z, y in zip(logits.flatten().tolist(), targets.flatten().tolist(), strict=True)
    ]
    assert_close(value, [definition(z, y, **parameters) for z, y in pairs], dtype)
    slopes = [mp.diff(lambda x, y=y: definition(x, y, **parameters), z) for z, y in pairs]
    assert_close(gradient, slopes, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize(
    "parameters",
    [
        {"gamma_pos": 1.0, "gamma_neg": 4.0, "margin": 0.05},
        {"gamma_pos": 0.5, "gamma_neg": 0.5, "margin": 0.0},
        {"gamma_pos": 2.0, "gamma_neg": 0.0, "margin": 0.3},
    ],
)
def test_detached_focusing_is_a_constant_in_the_gradient(parameters, dtype):
    logits = torch.tensor([LOGITS, LOGITS], dtype=dtype)
    targets = torch.tensor([[0.0], [1.0]], dtype=dtype).expand_as(logits)
    value, gradient = value_and_gradient(
        asymmetric, logits, targets, detach_focusing=True, **parameters
    )
    assert torch.equal(value, asymmetric(logits, targets, reduction="none", **parameters))
    slopes = [
        mp.diff(lambda x, z=z, y=y: detached_by_definition(x, y, z, **parameters), z)
        for y, row in ((0, logits[0]), (1, logits[1]))
        for z in map(mp.mpf, row.tolist())
    ]
    assert_close(gradient, slopes, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 1.0])
def test_softmax_cross_entropy_matches_its_definition(label_smoothing, dtype):
    rows = [
        ([0.0, 0.0, 0.0, 0.0], [1, 0, 0, 0]),
        ([1e4, -1e4, 0.5, 745], [0, 1, 0, 0]),
        ([1e4, 9999.5, -1e4, 1e4], [1, 1, 1, 1]),
        ([200, 40, -37, 1e-8], [0, 0.3, 0.95, 0]),
        ([-1e4, -1e4, -1e4, -9999.5], [1, 0, 0, 1]),
        ([-745, 20, 37, -40], [0, 0, 0, 0]),
        ([3, -0.5, 0.5, -20], [1e-3, 0, 0, 0]),
    ]
    logits = torch.tensor([row for row, _ in rows], dtype=dtype)
    targets = torch.tensor([y for _, y in rows], dtype=dtype)
    value, gradient = value_and_gradient(
        softmax_cross_entropy, logits, targets, label_smoothing=label_smoothing
    )
    values, slopes = [], []
    for row, row_targets in zip(logits.tolist(), targets.tolist(), strict=True):
        row, row_targets = [mp.mpf(z) for z in row], [mp.mpf(y) for y in row_targets]
        values.append(loss_definitions.softmax_cross_entropy(row, row_targets, label_smoothing))
        for j, z in enumerate(row):

            def along(x, row=row, y=row_targets, j=j):
                return loss_definitions.softmax_cross_entropy(
                    [*row[:j], x, *row[j + 1 :]], y, label_smoothing
                )

            slopes.append(mp.diff(along, z))
    assert_close(value, values, dtype)
    assert_close(gradient, slopes, dtype)


@pytest.mark.parametrize("scheme", ["none", "balanced", "sqrt", "effective", 50.0])
def test_labels_never_and_always_true_train_with_every_scheme(scheme):
    targets = torch.tensor([[0.0, 1, 0], [0, 1, 1], [0, 1, 0], [0, 1, 0]], dtype=torch.float64)
    logits = torch.tensor([[200.0, -200, 0.5], [-40, 40, 37], [1e4, -1e4, 3], [-1e4, 1e4, 0]])
    logits = logits.double()
    bound = LOSSES["bce_pos_weight"].bind({"pos_weight": scheme}, targets)
    value, gradient = value_and_gradient(binary_cross_entropy, logits, targets, **bound)
    weights = bound["pos_weight"].tolist() * len(targets)
    triples = list(zip(logits.flatten().tolist(), targets.flatten().tolist(), weights, strict=True))
    assert_close(
        value, [loss_definitions.bce(mp.mpf(z), y, w) for z, y, w in triples], torch.float64
    )
    slopes = [mp.diff(lambda x, y=y, w=w: loss_definitions.bce(x, y, w), z) for z, y, w in triples]
    assert_close(gradient, slopes, torch.float64)
    assert (gradient[:, 0] >= 0).all()
    assert (gradient[:, 1] <= 0).all()


def test_an_entry_of_the_table_is_sent_to_another_process_as_it_is():
    for info in LOSSES.values():
        sent = pickle.loads(pickle.dumps(info))
        assert (sent.key, sent.function, sent.kernel) == (info.key, info.function, info.kernel)


def test_a_missed_label_always_has_a_gradient():
    missed = torch.tensor([[1e4, -1e4], [745.0, -745.0], [200.0, -200.0], [37.0, -37.0]])
    targets = torch.tensor([[0.0, 1.0]]).expand_as(missed)
    for gamma in (0.0, 0.5, 2.0):
        for function, parameters in (
            (binary_cross_entropy, {}),
            (focal, {"gamma": gamma}),
            (asymmetric, {"gamma_pos": gamma, "gamma_neg": gamma, "margin": 0.0}),
        ):
            _, gradient = value_and_gradient(function, missed, targets, **parameters)
            # The slope of each of these losses is 1 when the prediction is entirely wrong.
            torch.testing.assert_close(gradient, 1 - 2 * targets)
    _, gradient = value_and_gradient(softmax_cross_entropy, missed, targets)
    assert (gradient[:, 1] == -1).all()


@pytest.mark.parametrize(
    ("function", "parameters", "times"),
    [
        (binary_cross_entropy, {}, 1.0),
        (binary_cross_entropy, {"pos_weight": 7.0}, 7.0),
        (weighted_binary_cross_entropy, {"positive_weight": 7.0}, 7.0),
        (focal, {"gamma": 0.0}, 1.0),
        (asymmetric, {"gamma_pos": 0.0}, 1.0),
    ],
)
def test_a_well_predicted_label_keeps_the_digits_of_its_small_loss(function, parameters, times):
    logits = torch.tensor([[40.0]], dtype=torch.float64)
    value, gradient = value_and_gradient(function, logits, torch.ones(1, 1), **parameters)
    small = times * np.exp(-40.0)  # -log sigmoid(40) up to a factor of 1 + exp(-40)
    # Ten roundings at most lie between the logit and the result.
    np.testing.assert_allclose([value.item(), -gradient.item()], small, rtol=1e-14)


def test_negatives_within_the_margin_have_no_loss_and_no_gradient():
    logits = torch.tensor([[-1e4, -40.0, -3.0, -2.9]], dtype=torch.float64)
    for gamma_neg in (0.0, 0.5, 1.0, 4.0):
        value, gradient = value_and_gradient(
            asymmetric, logits, torch.zeros(1, 4), gamma_neg=gamma_neg, margin=0.05
        )
        # sigmoid(-3) = 0.047 and sigmoid(-2.9) = 0.052 lie on two sides of the margin.
        assert ((value > 0) == torch.tensor([[False, False, False, True]])).all()
        assert ((gradient > 0) == torch.tensor([[False, False, False, True]])).all()


def test_a_probability_equal_to_the_margin_counts_as_within():
    value, gradient = value_and_gradient(
        asymmetric, torch.zeros(1, 1), torch.zeros(1, 1), gamma_neg=0.0, margin=0.5
    )
    assert value.item() == 0
    assert gradient.item() == 0


def random_problem(rows=20, labels=6, soft=False):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(rows, labels, generator=generator, dtype=torch.float64) * 4
    targets = torch.rand(rows, labels, generator=generator, dtype=torch.float64)
    return logits, targets if soft else (targets < 0.3).double()


def problem_for(info, **options):
    """A random problem with as many logits as the loss takes, and targets of 0 and 1."""
    logits, targets = random_problem(**options)
    return logits, targets[:, info.extra_outputs :]


# Two float64 formulas of a few operations each on values below 100.
CLOSE = {"rtol": 1e-12, "atol": 1e-13}


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_binary_cross_entropy_equals_pytorch(reduction):
    logits, targets = random_problem(soft=True)
    weights = torch.linspace(0, 20, 6, dtype=torch.float64)
    weight = torch.linspace(0, 2, 20, dtype=torch.float64)[:, None]
    actual = binary_cross_entropy(
        logits, targets, pos_weight=weights, weight=weight, reduction=reduction
    )
    expected = binary_cross_entropy_with_logits(
        logits, targets, pos_weight=weights, weight=weight, reduction=reduction
    )
    torch.testing.assert_close(actual, expected, **CLOSE)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
def test_softmax_cross_entropy_equals_pytorch(reduction, label_smoothing):
    logits, targets = random_problem(soft=True)
    actual = softmax_cross_entropy(
        logits, targets, label_smoothing=label_smoothing, reduction=reduction
    )
    shares = targets / targets.sum(1, keepdim=True)
    expected = cross_entropy(logits, shares, label_smoothing=label_smoothing, reduction=reduction)
    torch.testing.assert_close(actual, expected, **CLOSE)


def test_special_cases_are_equal():
    logits, targets = random_problem()
    plain = value_and_gradient(binary_cross_entropy, logits, targets)
    heavy = value_and_gradient(binary_cross_entropy, logits, targets, pos_weight=7.0)
    focused = value_and_gradient(focal, logits, targets, gamma=2.0)
    for same, other in (
        (plain, value_and_gradient(focal, logits, targets, gamma=0)),
        (plain, value_and_gradient(weighted_binary_cross_entropy, logits, targets)),
        (
            plain,
            value_and_gradient(asymmetric, logits, targets, gamma_pos=0, gamma_neg=0, margin=0),
        ),
        (heavy, value_and_gradient(focal, logits, targets, gamma=0, pos_weight=torch.tensor(7.0))),
        (
            heavy,
            value_and_gradient(weighted_binary_cross_entropy, logits, targets, positive_weight=7),
        ),
        (
            focused,
            value_and_gradient(asymmetric, logits, targets, gamma_pos=2, gamma_neg=2, margin=0),
        ),
        (
            focused,
            [2 * part for part in value_and_gradient(focal, logits, targets, alpha=0.5)],
        ),
    ):
        for expected, actual in zip(same, other, strict=True):
            torch.testing.assert_close(actual, expected, **CLOSE)
