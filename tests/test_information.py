"""Information against mpmath at 60 digits, scipy and torch, and by its theorems."""

import mpmath
import numpy as np
import pytest
import scipy.stats
import torch

from mlcore.learn.information import (
    bernoulli_cross_entropy,
    bernoulli_entropy,
    bernoulli_kl,
    cross_entropy,
    entropy,
    kl_divergence,
    shared_out,
    surprise,
    with_share,
    zipf,
)

EXTREMES = [0.0, 1e-300, 2e-300, 1e-17, 1e-9, 0.25, 0.5, 0.5 + 1e-12, 1 - 1e-9, 1 - 2**-53, 1.0]


def term(p: float, q: float):
    """-p log q to 60 digits; 0 log 0 is 0."""
    p, q = mpmath.mpf(p), mpmath.mpf(q)
    return mpmath.mpf(0) if p == 0 else mpmath.inf if q == 0 else -p * mpmath.log(q)


def both_outcomes(p: float, q: float):
    p, q = mpmath.mpf(p), mpmath.mpf(q)
    return term(p, q) + term(1 - p, 1 - q)


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(700):  # 1 - 1e-300 needs 300
        yield


@pytest.mark.parametrize("unit", ["nats", "bits"])
@pytest.mark.parametrize("p", EXTREMES)
def test_one_label_equals_its_definition_at_extremes(p, unit):
    base = mpmath.log(2) if unit == "bits" else 1
    for q in EXTREMES:
        own, both = both_outcomes(p, p), both_outcomes(p, q)
        actual = [
            bernoulli_entropy(p, unit=unit),
            bernoulli_cross_entropy(p, q, unit=unit),
            bernoulli_kl(p, q, unit=unit),
        ]
        exact = [float(value / base) for value in (own, both, both - own)]
        # KL is a difference of two terms: near q = p its digits end at eps |p - q|.
        slack = 4e-16 * abs(p - q)
        np.testing.assert_allclose(actual[:2], exact[:2], rtol=1e-14)
        np.testing.assert_allclose(actual[2], exact[2], rtol=1e-14, atol=slack)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([1e-300, 1.0, 0.0], [0.5, 0.5, 0.0]),
        ([0.5, 0.5, 0.0], [1e-300, 1 - 2**-53, 0.0]),
        ([0.2, 0.3, 0.5], [0.5, 0.0, 0.5]),
        ([0.0, 0.0, 1.0], [0.0, 0.0, 1.0]),
        ([1.0], [1.0]),
        (zipf(512), shared_out(512, 512)),
    ],
)
def test_distributions_equal_their_definition_at_extremes(p, q):
    own = sum(term(a, a) for a in p)
    both = sum(term(a, b) for a, b in zip(p, q, strict=True))
    for actual, exact in [
        (entropy(p), own),
        (cross_entropy(p, q), both),
        (kl_divergence(p, q), both - own),
    ]:
        # The entries sum to one in float64 only, and KL has terms of both signs.
        np.testing.assert_allclose(actual, float(exact), rtol=1e-13, atol=1e-15)


def test_distributions_equal_scipy_and_torch_and_the_sum_holds():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.full(6, 0.3), (2, 500))
    for unit, base in (("nats", np.e), ("bits", 2)):
        own, both = entropy(p, unit=unit), cross_entropy(p, q, unit=unit)
        kl = kl_divergence(p, q, unit=unit)
        np.testing.assert_allclose(own, scipy.stats.entropy(p, axis=-1, base=base), rtol=1e-12)
        np.testing.assert_allclose(kl, scipy.stats.entropy(p, q, axis=-1, base=base), rtol=1e-10)
        np.testing.assert_allclose(both, own + kl, rtol=1e-13)
    inputs = torch.tensor(q).log(), torch.tensor(p)
    theirs = torch.nn.functional.kl_div(*inputs, reduction="none").sum(-1)
    np.testing.assert_allclose(kl_divergence(*map(torch.tensor, (p, q))), theirs, rtol=1e-10)
    theirs = torch.nn.functional.cross_entropy(*inputs, reduction="none")
    np.testing.assert_allclose(cross_entropy(p, q), theirs, rtol=1e-12)
    theirs = torch.nn.functional.binary_cross_entropy(*map(torch.tensor, (q, p)), reduction="none")
    np.testing.assert_allclose(bernoulli_cross_entropy(p, q), theirs, rtol=1e-12)
    np.testing.assert_allclose(
        bernoulli_cross_entropy(p, q, total=True), theirs.sum(-1), rtol=1e-12
    )


def test_kl_is_never_negative_where_only_the_last_digits_differ():
    """Sums of terms of both signs, whose rounding goes either way."""
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(6), 200)
    q = p * (1 + rng.uniform(-1e-9, 1e-9, p.shape))
    assert (kl_divergence(p, q / q.sum(axis=1, keepdims=True)) >= 0).all()


def test_theorems():
    rng = np.random.default_rng(1)
    p, q = rng.dirichlet(np.ones(5), (2, 200))
    assert (entropy(p) <= np.log(5)).all()
    assert (kl_divergence(p, q) > 0).all()  # Gibbs
    assert (kl_divergence(p, p) == 0).all()
    assert not np.allclose(kl_divergence(p, q), kl_divergence(q, p))
    # Independent labels: the entropy of all together is the sum of theirs.
    a, b = 0.3, 0.01
    joint = [a * b, a * (1 - b), (1 - a) * b, (1 - a) * (1 - b)]
    assert bernoulli_entropy([a, b], total=True) == pytest.approx(entropy(joint), rel=1e-14)
    # One label is a distribution over two outcomes.
    two = bernoulli_cross_entropy(0.3, 0.6)
    assert two == pytest.approx(cross_entropy([0.3, 0.7], [0.6, 0.4]), rel=1e-14)
    assert entropy(shared_out(512, 5)) == pytest.approx(np.log(5), rel=1e-14)
    assert surprise([1.0, 0.125, 0.0], unit="bits").tolist() == [0, 3, np.inf]
    assert not np.signbit(surprise(1.0))  # nobody wants to read -0.0


def test_what_float32_leaves_of_many_outcomes_is_a_distribution():
    p = torch.softmax(4 * torch.randn(400, 512, generator=torch.Generator().manual_seed(0)), 1)
    assert abs(p.double().sum(1) - 1).max() > 1e-8
    assert (entropy(p) > 0).all()


def test_presets_and_a_changed_share_are_distributions():
    assert shared_out(5, 1).tolist() == [1, 0, 0, 0, 0]
    np.testing.assert_allclose(zipf(8, 0), shared_out(8, 8))
    p = with_share([0.5, 0.3, 0.2, 0.0], 1, 0.65)
    np.testing.assert_allclose(p, [0.25, 0.65, 0.1, 0.0], rtol=1e-14)
    assert with_share([0.0, 1.0, 0.0], 1, 0.5).tolist() == [0.25, 0.5, 0.25]
    assert with_share([1.0], 0, 0.2).tolist() == [1.0]
    for value in (0.0, 1e-300, 1 / 3, 1.0):
        assert with_share(p, 2, value).sum() == pytest.approx(1, abs=1e-15)
        assert with_share(p, 2, value)[2] == value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entropy([0.5, 0.6]), r"p must sum to 1 along the last axis, got 1\.1"),
        (lambda: entropy([[0.5, 0.5], [0.5, 0.4]]), r"p must sum to 1 .* got 0\.9"),
        (lambda: entropy([-0.5, 1.5]), r"p must be in \[0, 1\], got -0\.5"),
        (lambda: entropy([np.nan, 1]), r"p must be in \[0, 1\], got nan"),
        (lambda: entropy([]), r"p must have shape \(\.\.\., k\) with k >= 1, got \(0,\)"),
        (lambda: entropy(1.0), r"p must have shape"),
        (lambda: kl_divergence([0.5, 0.5], [1.0]), r"same shape, got \(2,\) and \(1,\)"),
        (lambda: cross_entropy([1.0], [2.0]), r"q must be in \[0, 1\], got 2"),
        (lambda: surprise(np.inf), r"p must be in \[0, 1\], got inf"),
        (lambda: surprise(0.5, unit="bans"), r"unit must be one of nats, bits; got 'bans'"),
        (lambda: bernoulli_cross_entropy([0.5], 0.5), r"same shape, got \(1,\) and \(\)"),
        (lambda: bernoulli_entropy(0.5, total=True), r"p must have shape"),
        (lambda: shared_out(4, 5), r"m must be <= 4, got 5"),
        (lambda: zipf(4, -1), r"exponent must be >= 0, got -1"),
        (lambda: with_share([0.5, 0.5], 2, 0.1), r"place must be <= 1, got 2"),
        (lambda: with_share([0.5, 0.5], 0, 1.1), r"value must be <= 1, got 1\.1"),
        (lambda: with_share([[1.0]], 0, 1.0), r"p must have shape \(k,\), got \(1, 1\)"),
    ],
)
def test_errors_name_the_argument_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
