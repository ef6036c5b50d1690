"""Exercises of the Information and the Metrics page: right is right, wrong is told why."""

import re

import numpy as np
import pytest
import scipy.stats
from sklearn.metrics import f1_score

from pages.ui.information import exercises
from pages.ui.metrics import exercises as metrics

EXERCISES = {each.key: each for each in (*metrics.EXERCISES, *exercises.EXERCISES)}
TARGETS = np.repeat(np.eye(2, dtype=int), [95, 5], axis=0)
EMPTY_ROW = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 0]])


def independent() -> dict[str, object]:
    """The answers without mlcore."""
    by_name = {
        name: f1_score(TARGETS, TARGETS * [1, 0], average=name, zero_division=0)
        for name in ("micro", "macro", "weighted", "samples")
    }
    return {
        "metrics-empty-row": f1_score(EMPTY_ROW, EMPTY_ROW, average="samples", zero_division=0),
        "metrics-never-named": min(by_name, key=by_name.get),
        "information-shared": scipy.stats.entropy([1] * 5 + [0] * 507),
        "information-which": "bold",  # -ln 0.9 / 2 - ln 0.1 / 2 = 1.204 > 1.040
        "information-label": scipy.stats.bernoulli(5 / 512).entropy() / np.log(2),
        "information-infinite": "backward",
    }


@pytest.mark.parametrize("key", EXERCISES)
def test_right_is_accepted_and_wrong_refused_with_the_computed_figure(key):
    exercise, right = EXERCISES[key], independent()[key]
    case = exercise.first
    assert exercise.is_right(right, case)
    wrong = [name for name in exercise.options if name != right] or [right + 0.3, right - 0.02]
    assert not any(exercise.is_right(guess, case) for guess in wrong)
    told = exercise.told(case)
    assert re.search(r"\d\.\d\d", told)
    if not exercise.options:
        assert exercise.format % right in told
