"""What every measure of probabilities does first."""

import numpy as np

from mlcore.checks import check_binary, check_range, check_same_shape
from mlcore.thresholds import as_array


def checked_cells(targets, probabilities) -> tuple[np.ndarray, np.ndarray]:
    """Both tables as arrays, if they are (n, k), not empty, and each value is possible."""
    targets, probabilities = as_array(targets), as_array(probabilities)
    check_same_shape("targets", targets, "probabilities", probabilities)
    check_binary("targets", targets)
    check_range("probabilities", probabilities, 0.0, 1.0)
    return targets, probabilities
