"""What is known of the losses beyond their formulas: special cases, limits, what each leaves alone.

Formulas of a few operations in float64 on values below 100 agree to CLOSE.
"""

import math

import mpmath as mp
import numpy as np
import pytest
import torch
from scipy.special import lambertw
from torch.nn import BCELoss
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from mlcore.learn.response import Scene, minimiser
from mlcore.losses import (
    LOSSES,
    absolute_kl,
    bce_on_probabilities,
    binary_cross_entropy,
    class_balanced,
    dice,
    focal,
    hill,
    logit_adjusted,
    soft_f1,
    softmax_cross_entropy,
    tversky,
    two_way,
    weighted_binary_cross_entropy,
    zlpr,
)
from tests.test_losses import CLOSE, random_problem, value_and_gradient


def assert_same(first, second):
    """Two pairs of value and gradient are equal."""
    for actual, expected in zip(first, second, strict=True):
        torch.testing.assert_close(actual, expected, **CLOSE)


def column(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)[:, None]


def logit(p):
    return torch.logit(torch.as_tensor(p, dtype=torch.float64))


def test_losses_that_contain_bce_are_bce():
    logits, targets = random_problem()
    plain = value_and_gradient(binary_cross_entropy, logits, targets)
    counts, priors = targets.sum(0), torch.linspace(0.01, 0.99, 6)
    for function, parameters in (
        (focal, {"gamma": 0.0}),
        (logit_adjusted, {"priors": priors, "tau": 0.0}),
        (logit_adjusted, {"priors": torch.full((6,), 0.5), "tau": 3.0}),
        (class_balanced, {"counts": counts, "volume": 1.0}),
        (class_balanced, {"counts": torch.full((6,), 9.0)}),
    ):
        assert_same(value_and_gradient(function, logits, targets, **parameters), plain)
    value, gradient = value_and_gradient(zlpr, logits[:, :1], targets[:, :1])
    assert_same((value, gradient), (plain[0][:, 0], plain[1][:, :1]))


def test_pytorch_has_the_same_adjusted_and_balanced_bce():
    logits, targets = random_problem()
    priors = torch.linspace(0.01, 0.99, 6, dtype=torch.float64)
    expected = binary_cross_entropy_with_logits(logits + 2 * logit(priors), targets)
    torch.testing.assert_close(logit_adjusted(logits, targets, priors=priors, tau=2), expected)
    counts = torch.tensor([0.0, 1, 2, 10, 100, 1e6])
    # The sum of beta^i over the counts, which is what (1 - beta^n) / (1 - beta) abbreviates.
    weights = torch.tensor([1 / sum(0.9**i for i in range(int(n))) for n in (1, 1, 2, 10, 100)])
    weights = torch.cat([weights, torch.tensor([0.1])]).double()
    expected = binary_cross_entropy_with_logits(logits, targets, weight=weights / weights.mean())
    actual = class_balanced(logits, targets, counts=counts, volume=10)
    torch.testing.assert_close(actual, expected, rtol=1e-6, atol=0)  # float32 weights


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_balancing_by_millions_of_rows_keeps_its_digits(dtype):
    rare, frequent, volume = 1, 3_000_000, 1e6
    with mp.workdps(30):
        beta = 1 - 1 / mp.mpf(volume)
        ratio = float((1 - beta**frequent) / (1 - beta**rare))
    zeros, counts = torch.zeros(1, 2, dtype=dtype), torch.tensor([rare, frequent])
    kernel = LOSSES["class_balanced"].kernel
    for asked in (volume, torch.full((1, 1), volume, dtype=dtype)):  # of one model, of several
        ((first, second),), _ = kernel(zeros, zeros, counts=counts, volume=asked)
        # 3e6 times the rounding of log1p, which is 1e-6 times as large, and some more.
        assert (first / second).item() == pytest.approx(ratio, rel=20 * torch.finfo(dtype).eps)


@pytest.mark.parametrize(("alpha", "ignored"), [(0.0, 1.0), (1.0, 0.0)])
def test_alpha_at_its_ends_ignores_one_side(alpha, ignored):
    logits, targets = random_problem()
    value, gradient = value_and_gradient(focal, logits, targets, alpha=alpha)
    for part in (value, gradient):
        assert (part[targets == ignored] == 0).all()
        assert (part[targets != ignored] != 0).all()


def test_weighted_bce_is_pos_weight_on_hard_labels_only():
    logits, hard = random_problem()
    _, soft = random_problem(soft=True)
    for targets, same in ((hard, True), (soft, False)):
        weighted = weighted_binary_cross_entropy(logits, targets, positive_weight=7.0)
        heavy = binary_cross_entropy(logits, targets, pos_weight=7.0)
        assert torch.allclose(weighted, heavy) is same


@pytest.mark.parametrize("true", [1, 2, 5])
def test_softmax_of_several_true_labels_cannot_fall_below_log_of_their_number(true):
    targets = torch.zeros(1, 8, dtype=torch.float64)
    targets[0, :true] = 1
    floor, slope = value_and_gradient(softmax_cross_entropy, 1e3 * targets, targets)
    assert floor.item() == pytest.approx(math.log(true), abs=1e-15)
    assert slope.abs().max() < 1e-15
    logits, _ = random_problem(labels=8)
    losses = softmax_cross_entropy(logits, targets.expand_as(logits), reduction="none")
    assert (losses > math.log(true)).all()


def test_poly_at_zero_is_the_plain_loss_and_adds_what_is_missing():
    logits, targets = random_problem()
    p = logits.sigmoid()
    missing = torch.where(targets == 1, 1 - p, p)
    shares = targets / targets.sum(1, keepdim=True).clamp(min=1)
    rest = (shares * (1 - logits.softmax(1))).sum(1)
    for function, added, options in (
        (binary_cross_entropy, missing, {}),
        (focal, missing**3.5, {"gamma": 2.5}),
        (softmax_cross_entropy, rest, {}),
    ):
        plain = value_and_gradient(function, logits, targets, **options)
        assert_same(value_and_gradient(function, logits, targets, poly=0, **options), plain)
        value, _ = value_and_gradient(function, logits, targets, poly=2.0, **options)
        torch.testing.assert_close(value, plain[0] + 2 * added, **CLOSE)


def test_zlpr_counts_what_is_on_the_wrong_side():
    logits, targets = random_problem(rows=5)
    for z, y, actual in zip(logits, targets, zlpr(logits, targets, reduction="none"), strict=True):
        false, true = z[y == 0].exp(), (-z[y == 1]).exp()
        pairs = (false[:, None] * true).sum()
        torch.testing.assert_close(actual, torch.log(1 + false.sum() + true.sum() + pairs), **CLOSE)
    # A softmax over the scores of one side and a zero, for the zero.
    nobody = torch.zeros_like(targets)
    with_zero = torch.cat([logits, torch.zeros(5, 1, dtype=torch.float64)], 1)
    expected = -with_zero.log_softmax(1)[:, -1]
    torch.testing.assert_close(zlpr(logits, nobody, reduction="none"), expected, **CLOSE)


def test_hill_has_known_values():
    z = torch.tensor([[-math.inf, 0.0, math.inf]]).clamp(-1e4, 1e4)
    value, gradient = value_and_gradient(hill, z, torch.zeros(1, 3), lam=1.5)
    assert value.tolist() == [[0, 0.25, 0.5]]
    assert gradient.tolist() == [[0, 0.1875, 0]]  # 3 p (1 - p) times p (1 - p) at a half
    # On top of the hill, p = 2 lam / 3.
    _, top = value_and_gradient(hill, logit([[0.8]]), torch.zeros(1, 1), lam=1.2)
    assert abs(top.item()) < 1e-15
    margin = value_and_gradient(hill, torch.ones(1, 1), torch.ones(1, 1), margin=1.0, gamma=2.0)
    assert_same(margin, value_and_gradient(focal, torch.zeros(1, 1), torch.ones(1, 1), gamma=2.0))


def test_overlap_losses_have_known_values():
    # Probabilities 0.8 and 0.4 where y = 1 and 0: 0.8 hits, 0.4 false alarms, 0.2 misses.
    logits, targets = logit([[0.8], [0.4]]), column(1, 0)
    for actual, expected in (
        (soft_f1(logits, targets, smoothing=0), 1 - 1.6 / 2.2),
        (soft_f1(logits, targets, smoothing=1), 1 - 1.8 / 2.1),
        (dice(logits, targets, smoothing=0), 1 - 1.6 / 1.8),
        (dice(logits, targets, smoothing=1), 1 - 2.6 / 2.8),
        (tversky(logits, targets, alpha=0, beta=1, smoothing=0), 1 - 0.8),  # recall
        (tversky(logits, targets, alpha=1, beta=0, smoothing=0), 1 - 0.8 / 1.2),  # precision
        (tversky(logits, targets, alpha=1, beta=1, smoothing=0), 1 - 0.8 / 1.4),  # Jaccard
    ):
        assert actual.item() == pytest.approx(expected, abs=1e-15)
    for smoothing in (0.0, 1.0):
        z, y = random_problem(soft=True)
        half = value_and_gradient(tversky, z, y, alpha=0.5, beta=0.5, smoothing=smoothing)
        assert_same(value_and_gradient(soft_f1, z, y, smoothing=smoothing), half)


@pytest.mark.parametrize("function", [soft_f1, dice, tversky])
def test_a_label_without_a_true_row_is_learned_from_only_with_smoothing(function):
    for logits in (column(0.0, 3.0), column(-1e4, -1e4), column(-60.0, -400.0)):
        value, gradient = value_and_gradient(function, logits, 0 * logits, smoothing=0.0)
        assert value.item() == 1
        assert (gradient == 0).all()
    _, gradient = value_and_gradient(function, column(0.0, 3.0), column(0, 0), smoothing=1.0)
    assert (gradient > 0).all()
    # All rows true and found: nothing is wrong.
    assert function(column(40.0, 50.0), column(1, 1)).item() < 1e-15


def test_two_way_leaves_out_what_has_no_positive():
    logits, targets = random_problem(rows=4, labels=3)
    targets[:] = torch.tensor([[0, 1, 0], [0, 0, 0], [0, 1, 1], [0, 0, 0]])
    value, gradient = value_and_gradient(two_way, logits, targets)
    z = logits.numpy().tolist()

    def gap(line, positives):
        high = math.log(sum(math.exp(z) for i, z in enumerate(line) if i not in positives))
        low = 4 * math.log(sum(math.exp(-line[i] / 4) for i in positives))
        return softplus(torch.tensor(high + low, dtype=torch.float64)).item()

    columns = list(zip(*z, strict=True))
    rows = (gap(z[0], [1]) + gap(z[2], [1, 2])) / 2
    labels = (gap(columns[1], [0, 2]) + gap(columns[2], [2])) / 2
    assert value.item() == pytest.approx(rows + labels, rel=1e-12)
    assert (gradient[[1, 3], 0] == 0).all()  # in a row and a label without positives
    # Down a label, even a row without positives has false entries.
    assert (gradient[[1, 3], 1:] > 0).all()
    for nothing in (torch.zeros(4, 3), torch.ones(4, 3)):
        value, gradient = value_and_gradient(two_way, logits, nothing)
        assert value.item() == 0
        assert (gradient == 0).all()


def test_two_way_does_not_know_where_zero_is():
    logits, targets = random_problem()
    plain = value_and_gradient(two_way, logits, targets)
    assert_same(value_and_gradient(two_way, logits + 3, targets), plain)
    assert abs(plain[1].sum().item()) < 1e-14


def test_a_weight_on_a_whole_label_leaves_its_best_probability_where_it_was():
    targets = torch.tensor([[1.0, 1], [0, 1], [0, 0], [0, 0]], dtype=torch.float64)
    best = logit([[0.25, 0.5]]).repeat(4, 1)  # the share of true rows
    priors = torch.tensor([0.25, 0.5])
    for function, parameters, moved in (
        (class_balanced, {"counts": targets.sum(0), "volume": 10}, False),
        (binary_cross_entropy, {"pos_weight": 3.0}, True),
        (logit_adjusted, {"priors": priors}, True),
    ):
        _, gradient = value_and_gradient(function, best, targets, **parameters)
        assert (gradient.sum(0).abs() > 1e-14).any() == moved
    # The adjusted network is at rest with 0 on what is as likely as its prior.
    _, gradient = value_and_gradient(logit_adjusted, 0 * best, targets, priors=priors)
    assert gradient.sum(0).abs().max() < 1e-14


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bce_on_probabilities_is_pytorchs_to_the_bit(dtype):
    generator = torch.Generator().manual_seed(0)
    z = torch.cat([torch.linspace(-800, 800, 801), torch.tensor([1e4, -1e4])]).to(dtype)
    z = torch.stack([z, z / 20, torch.randn(803, generator=generator).to(dtype)])
    for y in (torch.zeros_like(z), torch.ones_like(z), torch.rand(z.shape, generator=generator)):
        value, gradient = value_and_gradient(bce_on_probabilities, z, y.to(dtype))
        theirs = z.clone().requires_grad_()
        expected = BCELoss(reduction="none")(theirs.sigmoid(), y.to(dtype))
        expected.sum().backward()
        assert torch.equal(value, expected)
        assert torch.equal(gradient, theirs.grad)


def test_bce_on_probabilities_saturates_where_bce_does_not():
    missed, nothing = torch.tensor([[20.0]]), torch.zeros(1, 1)
    assert_same(
        value_and_gradient(bce_on_probabilities, missed, nothing),
        (torch.tensor([[100.0]]), torch.tensor([[0.0]])),
    )
    assert_same(
        value_and_gradient(binary_cross_entropy, missed, nothing),
        (torch.tensor([[20.0]]), torch.tensor([[1.0]])),
    )


def test_absolute_kl_is_the_formula_in_its_common_keras_form():
    y_true = np.array([[1.0, 0, 1, 0], [0, 0, 0.3, 1]])
    y_pred = np.array([[0.9, 0.1, 1e-9, 1e-9], [0.5, 0.999, 0.2, 1e-3]])
    logits = torch.tensor(np.log(y_pred / (1 - y_pred)))
    y_true, y_pred = y_true.clip(1e-7), y_pred.clip(1e-7)
    expected = np.abs((y_true - y_pred) * np.log(y_true / y_pred))
    actual = absolute_kl(logits, torch.tensor(y_true), reduction="none")
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-14)
    assert actual[0, 0].item() == pytest.approx(0.0105361, rel=1e-5)
    assert (actual[0, 1] / actual[0, 0]).item() == pytest.approx(131, abs=0.5)
    # Both directions of KL, term by term.
    both = y_true * np.log(y_true / y_pred) + y_pred * np.log(y_pred / y_true)
    np.testing.assert_allclose(actual, both, rtol=1e-9, atol=1e-14)


def test_absolute_kl_stays_when_sides_change_places_but_not_when_yes_and_no_do():
    p, y = torch.tensor([[0.2, 0.7]]).double(), torch.tensor([[0.4, 0.9]]).double()
    swapped = absolute_kl(logit(y), p, reduction="none")
    torch.testing.assert_close(absolute_kl(logit(p), y, reduction="none"), swapped)
    denied = absolute_kl(logit(1 - p), 1 - y, reduction="none")
    assert ((denied - swapped).abs() > 0.01).all()


def test_absolute_kl_is_zero_at_the_target_and_lets_go_of_what_is_wrong():
    targets = torch.tensor([[0.3, 0.9]], dtype=torch.float64)
    assert absolute_kl(logit(targets), targets).item() < 1e-15
    value, gradient = value_and_gradient(
        absolute_kl, torch.tensor([[40.0, -40.0]]), torch.tensor([[0.0, 1.0]]), epsilon=1e-3
    )
    # (1 - epsilon) log(1 / epsilon) on either side.
    assert value.tolist() == [pytest.approx([6.900847] * 2, rel=1e-6)]
    assert gradient.abs().max() < 1e-15
    # Up to the clip a true label that is missed is pulled on, with slope -1.
    _, gradient = value_and_gradient(absolute_kl, torch.tensor([[-16.0, -16.2]]), torch.ones(1, 2))
    assert gradient[0].tolist() == [pytest.approx(-1, abs=1e-5), 0]


@pytest.mark.parametrize("epsilon", [1e-7, 1e-3, 0.1])
def test_absolute_kl_pulls_to_less_than_the_truth_as_jeffreys_centroid_does(epsilon):
    etas = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    mean, geometric = etas + (1 - etas) * epsilon, epsilon ** (1 - etas)
    centroid = mean / lambertw(np.e * mean / geometric).real
    pulled = minimiser("absolute_kl", {"epsilon": epsilon}, etas, Scene())
    np.testing.assert_allclose(pulled, centroid, rtol=1e-8)
    assert (pulled < mean).all()


def test_absolute_kl_says_yes_only_to_what_is_true_in_nine_of_ten_cases():
    below, above = minimiser("absolute_kl", {}, [0.906, 0.907], Scene())
    assert below < 0.5 < above
    assert minimiser("absolute_kl", {}, [0.1], Scene()).round(3) == 0.009
