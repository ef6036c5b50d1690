"""The first loss and gradient, against the entropy of the prior by scipy."""

import numpy as np
import pytest
import torch
from scipy.stats import entropy

from mlcore.learn.starting import prior_bias


@pytest.mark.parametrize(("positives", "cells"), [(5, 512), (1, 2), (511, 512), (1, 100_000)])
def test_the_priors_bias_starts_at_its_entropy_without_a_gradient(positives, cells):
    state = torch.random.get_rng_state()
    found, prior = prior_bias(positives, cells), positives / cells
    assert torch.equal(torch.random.get_rng_state(), state)
    assert found["loss_zero"] == pytest.approx(np.log(2))
    assert found["loss_prior"] == pytest.approx(entropy([prior, 1 - prior]))
    assert found["entropy"] == pytest.approx(found["loss_prior"])
    assert found["gradient_zero"] == pytest.approx(0.5 - prior)
    assert abs(found["gradient_prior"]) < 1e-12
    if (positives, cells) == (5, 512):
        assert round(found["times"], 1) == 12.6


@pytest.mark.parametrize(
    ("positives", "cells", "message"),
    [
        (0, 5, "positives must be >= 1, got 0"),
        (5, 5, "positives must be <= 4, got 5"),
        (1, 1, "cells must be >= 2, got 1"),
    ],
)
def test_a_prior_of_zero_or_one_is_refused(positives, cells, message):
    with pytest.raises(ValueError, match=message):
        prior_bias(positives, cells)
