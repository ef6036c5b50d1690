"""What all tests share."""

import random

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def fixed_seeds():
    """Every test starts from the same random state."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - libraries that still draw from the global state
