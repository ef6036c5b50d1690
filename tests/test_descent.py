"""Descent on logits against the closed-form gradient and this library's own figures."""

import numpy as np
import pytest

from mlcore.learn.descent import descend
from mlcore.learn.information import cross_entropy, entropy, kl_divergence, shared_out


def test_descent_follows_q_minus_p_and_leaves_the_entropy():
    p, q = np.array([0.5, 0.25, 0.2, 0.05]), np.array([0.1, 0.2, 0.3, 0.4])
    seen = descend(p, q, steps=60, rate=2.0)
    z = np.log(q)
    for place in seen.path:
        np.testing.assert_allclose(place, np.exp(z) / np.exp(z).sum(), rtol=1e-10)
        z = z - 2.0 * (place - p)
    everywhere = np.tile(p, (61, 1))
    np.testing.assert_allclose(seen.cross_entropy, cross_entropy(everywhere, seen.path), rtol=1e-12)
    np.testing.assert_allclose(seen.kl, kl_divergence(everywhere, seen.path), atol=1e-13)
    # The same gradient, so the two losses keep their distance: the entropy of p.
    assert seen.gap < 1e-15
    np.testing.assert_allclose(seen.cross_entropy - seen.kl, entropy(p), rtol=1e-13)
    assert (np.diff(seen.kl) < 0).all()
    assert seen.kl[-1] < 1e-3


def test_softmax_with_five_true_labels_stops_at_log_five():
    seen = descend(shared_out(8, 5), shared_out(8, 1), steps=400)
    # What p rules out dies as 1/t: after 400 steps some 1/400 is left.
    assert seen.cross_entropy[-1] == pytest.approx(np.log(5), abs=4e-3)
    assert seen.kl[-1] < 4e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"p": [0.5, 0.6]}, "p must sum to 1"),
        ({"q": [1.0]}, "same shape"),
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"rate": 0.0}, "rate must be > 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        descend(**{"p": [0.5, 0.5], "q": [0.5, 0.5]} | arguments)
