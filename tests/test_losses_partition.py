"""What is known of the partition losses, scipy's distributions, and what they refuse."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import lambertw

from mlcore.losses import (
    absolute_kl,
    partition_absolute_kl,
    partition_kl_mse,
    partition_poisson,
    poisson_factorisation,
    softmax_cross_entropy,
)
from tests.test_losses import value_and_gradient

ALL = [partition_kl_mse, partition_absolute_kl, partition_poisson]


def test_poisson_is_that_of_scipy_and_factorises():
    rng = np.random.default_rng(0)
    for _ in range(50):
        k = rng.integers(1, 8)
        z, u = rng.normal(0, 2, k), rng.normal(0, 1)
        y = rng.integers(0, 2, k).astype(float)
        s = np.exp(z - np.logaddexp.reduce(z))
        joint = -stats.poisson.logpmf(y, np.exp(u) * s).sum()
        count = -stats.poisson.logpmf(y.sum(), np.exp(u))
        which = -stats.multinomial.logpmf(y, int(y.sum()), s)
        logits = np.append(z, u)
        loss = partition_poisson(torch.tensor(logits[None]), torch.tensor(y[None]))
        parts = poisson_factorisation(logits, y)
        # scipy adds logarithms of factorials up to log 7!; a few roundings each.
        assert loss.item() == pytest.approx(joint, rel=1e-12, abs=1e-12)
        assert (parts.joint, parts.count, parts.which) == pytest.approx(
            (joint, count, which), rel=1e-12, abs=1e-12
        )
        assert abs(parts.difference) < 1e-13 * (1 + parts.joint + abs(parts.which))


def random_problem(n=40, k=9):
    generator = torch.Generator().manual_seed(1)
    logits = 3 * torch.randn((n, k + 1), generator=generator, dtype=torch.float64)
    targets = (torch.rand((n, k), generator=generator) < 0.3).double()
    targets[0] = 0
    targets[1] = 1
    return logits, targets


def test_kl_mse_is_softmax_cross_entropy_less_the_entropy_plus_a_square():
    logits, targets = random_problem()
    m = targets.sum(1)
    expected = softmax_cross_entropy(logits[:, :-1], targets, reduction="none")
    expected -= torch.where(m > 0, m.clamp(min=1).log(), 0.0)  # the entropy of m equal shares
    expected += 2.5 * (m - logits[:, -1].clamp(min=0.01)) ** 2
    actual = partition_kl_mse(logits, targets, count_weight=2.5, reduction="none")
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)


def test_absolute_kl_is_that_of_each_label_with_its_part_of_the_count():
    logits, targets = random_problem()
    count = logits[:, -1:].clamp(min=0.01)
    q = (count * logits[:, :-1].softmax(1)).clamp(min=1e-7)
    y = targets.clamp(min=1e-7)
    expected = ((y - q) * (y / q).log()).abs().sum(1)
    actual = partition_absolute_kl(logits, targets, reduction="none")
    # Logarithms up to 16, in sums of 9.
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)
    # With c s_j = p_j it is the loss on sigmoids.
    p = (0.3 * logits[:, :-1]).sigmoid()
    product = torch.cat([p.log(), p.sum(1, keepdim=True)], 1)
    torch.testing.assert_close(
        partition_absolute_kl(product, targets, reduction="none"),
        absolute_kl(0.3 * logits[:, :-1], targets, reduction="none").sum(1),
        rtol=1e-12,
        atol=1e-12,
    )


def test_absolute_kl_is_zero_where_count_and_shares_are_right_and_only_there():
    _, targets = random_problem()
    m = targets.sum(1, keepdim=True)
    right = torch.cat([100 * targets, m], 1)
    filled = m[:, 0] > 0  # a row without labels needs a count below 0.01
    value = partition_absolute_kl(right, targets, reduction="none")[filled]
    assert value.abs().max() < 1e-14
    everything = torch.zeros(40, 10, dtype=torch.float64)
    everything[:, -1] = 9.0  # c s_j = 1 for each of the 9 labels
    value = partition_absolute_kl(everything, targets, reduction="none")
    # Each of the labels that are not true costs (1 - 1e-7) log(1e7).
    torch.testing.assert_close(value, (9 - m[:, 0]) * 16.118094039, rtol=1e-9, atol=1e-12)


def test_absolute_kl_is_at_rest_with_fewer_labels_than_there_are():
    _, targets = random_problem()
    frequency = targets.mean(0).numpy()
    mean, geometric = frequency + (1 - frequency) * 1e-7, 1e-7 ** (1 - frequency)
    rates = torch.tensor(mean / lambertw(np.e * mean / geometric).real)
    best = torch.cat([rates.log(), rates.sum()[None]]).expand(40, -1)
    _, gradient = value_and_gradient(partition_absolute_kl, best, targets)
    # 40 rows' slopes add up to nothing, each below 10^3.
    torch.testing.assert_close(
        gradient.sum(0), torch.zeros(10, dtype=torch.float64), atol=1e-9, rtol=0
    )
    assert rates.sum() < targets.sum(1).mean() / 2


def test_poisson_is_least_at_the_frequencies_of_the_labels():
    _, targets = random_problem()
    rates = targets.mean(0)
    best = torch.cat([rates.log(), rates.sum().log()[None]]).expand(40, -1)
    _, gradient = value_and_gradient(partition_poisson, best, targets)
    # 40 rows' slopes add up to nothing, each below 10.
    torch.testing.assert_close(
        gradient.sum(0), torch.zeros(10, dtype=torch.float64), atol=1e-12, rtol=0
    )


def test_poisson_is_never_below_the_number_of_labels():
    logits, targets = random_problem()
    m = targets.sum(1)
    assert (partition_poisson(logits, targets, reduction="none") >= m).all()
    right = torch.cat([1e4 * targets, m.clamp(min=1e-300).log()[:, None]], 1)
    torch.testing.assert_close(
        partition_poisson(right, targets, reduction="none"), m, rtol=1e-13, atol=1e-200
    )


@pytest.mark.parametrize("function", [partition_kl_mse, partition_poisson])
def test_an_empty_row_says_nothing_about_which(function):
    logits, targets = random_problem()
    value, gradient = value_and_gradient(function, logits, targets * 0)
    assert (gradient[:, :-1] == 0).all()
    u = logits[:, -1]
    count = u.clamp(min=0.01) ** 2 if function is partition_kl_mse else u.exp()
    torch.testing.assert_close(value, count, rtol=1e-13, atol=0)
    learns = (gradient[:, -1] > 0).sum().item()
    assert learns == ((u >= 0.01).sum().item() if function is partition_kl_mse else len(u))


def test_an_empty_row_pulls_the_count_of_absolute_kl_down():
    logits, targets = random_problem()
    _, gradient = value_and_gradient(partition_absolute_kl, logits, targets * 0)
    assert torch.equal(gradient[:, -1] > 0, logits[:, -1] >= 0.01)


@pytest.mark.parametrize("function", [partition_kl_mse, partition_absolute_kl])
def test_the_slope_at_the_floor_is_that_of_torch_clamp(function):
    logits = torch.zeros(3, 5, dtype=torch.float64)
    logits[:, -1] = torch.tensor([0.01 - 1e-9, 0.01, 0.01 + 1e-9], dtype=torch.float64)
    targets = torch.tensor([[1.0, 0, 1, 0]] * 3, dtype=torch.float64)
    _, gradient = value_and_gradient(function, logits, targets)
    below, at, above = gradient[:, -1].tolist()
    assert below == 0
    assert at == pytest.approx(above, rel=1e-6)
    assert at < 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("function", ALL)
def test_extreme_logits_give_finite_values_and_gradients(function, dtype):
    rows = [[a, b, -a, u] for a in (-1e4, 0, 1e4) for b in (-1e4, 1e4) for u in (-1e4, 80, 1e4)]
    logits = torch.tensor(rows, dtype=dtype, requires_grad=True)
    for targets in ([[1, 1, 0]], [[0, 0, 0]], [[1, 1, 1]]):
        value = function(logits, torch.tensor(targets * len(rows)), reduction="none")
        value.sum().backward()
        assert torch.isfinite(value).all()
        assert value.dtype == torch.promote_types(dtype, torch.float32)
        assert logits.grad.dtype == dtype
        # Half precision ends at 65,504, and e^20 does not fit in it.
        if dtype != torch.float16:
            assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("u", [1e20, 3e38])
def test_a_count_of_no_weight_adds_nothing_however_far_it_is_off(u):
    """Its square overflows, and so does twice the last, while 0 times infinity is not 0."""
    logits = torch.tensor([[0.0, 0.0, u]])
    value, gradient = value_and_gradient(
        partition_kl_mse, logits, torch.tensor([[1.0, 0.0]]), count_weight=0.0
    )
    np.testing.assert_allclose(value, [np.log(2)], rtol=1e-6)  # float32
    assert gradient.tolist() == [[-0.5, 0.5, 0.0]]


def test_poisson_is_infinite_where_float32_ends_and_not_nan():
    targets = torch.ones(1, 4)  # m u overflows too
    value, gradient = value_and_gradient(
        partition_poisson, torch.tensor([[0.0, 0.0, 0.0, 0.0, 1e38]]), targets
    )
    assert value.tolist() == [np.inf]
    assert torch.isfinite(gradient).all()


def test_poisson_beyond_20_is_the_tangent_of_the_exponential():
    u = torch.tensor([19.9, 20.0, 20.1, 1e4], dtype=torch.float64)
    logits = torch.stack([torch.zeros(4, dtype=torch.float64), u], 1)
    value, gradient = value_and_gradient(partition_poisson, logits, torch.zeros(4, 1))
    top = np.exp(20.0)
    np.testing.assert_allclose(value, [np.exp(19.9), top, 1.1 * top, 9981 * top], rtol=1e-13)
    np.testing.assert_allclose(gradient[:, 1], [np.exp(19.9), top, top, top], rtol=1e-13)


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("logits", "targets", "error", "message"),
    [
        (
            torch.zeros(4, 3),
            torch.zeros(4, 3),
            ValueError,
            r"one column more, .*\(4, 3\) and \(4, 3\)",
        ),
        (
            torch.zeros(4, 3),
            torch.zeros(5, 2),
            ValueError,
            r"rows of targets .*\(4, 3\) and \(5, 2\)",
        ),
        (torch.zeros(3), torch.zeros(3), ValueError, r"shape \(n_samples, n_labels\), got \(3,\)"),
        (torch.zeros(3), torch.zeros(1, 3), ValueError, "same shape"),
        (torch.zeros(0, 3), torch.zeros(0, 2), ValueError, "at least one row and one label"),
        (torch.tensor([[0.0, float("nan")]]), torch.zeros(1, 1), ValueError, "logits .* got nan"),
        (torch.tensor([[float("inf"), 0.0]]), torch.zeros(1, 1), ValueError, "logits .* got inf"),
        (
            torch.zeros(1, 2),
            torch.full((1, 1), 2.0),
            ValueError,
            r"targets must be in \[0, 1\], got 2",
        ),
        (torch.zeros(1, 2).int(), torch.zeros(1, 1), TypeError, "floating point"),
        (np.zeros((1, 2)), torch.zeros(1, 1), TypeError, "logits must be a torch tensor, got nda"),
        ([[0.0, 0.0]], torch.zeros(1, 1), TypeError, "logits must be a torch tensor, got list"),
    ],
)
def test_bad_logits_and_targets_are_refused(function, logits, targets, error, message):
    with pytest.raises(error, match=message):
        function(logits, targets)


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match="count_weight must be >= 0, got -1"):
        partition_kl_mse(torch.zeros(1, 2), torch.zeros(1, 1), count_weight=-1)
    with pytest.raises(ValueError, match="epsilon must be > 0, got 0"):
        partition_absolute_kl(torch.zeros(1, 2), torch.zeros(1, 1), epsilon=0)
    with pytest.raises(ValueError, match="reduction must be one of"):
        partition_poisson(torch.zeros(1, 2), torch.zeros(1, 1), reduction="average")
