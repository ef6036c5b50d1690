"""Decisions at the edge of a threshold, and many thresholds at once against one by one."""

import numpy as np
import pytest
import torch

from mlcore.metrics import scores
from mlcore.thresholds import decide, scores_over

NAN = float("nan")
EVEN = np.arange(1, 100) / 100


def tensor(values):
    """A tensor of the type that NumPy gives the values, float64 for decimals."""
    return torch.tensor(np.asarray(values))


@pytest.mark.parametrize("make", [np.array, tensor])
def test_a_label_is_predicted_from_its_threshold_on(make):
    below = np.nextafter(0.5, 0)
    decided = decide(make([[0.5, below, 1.0, 0.0]]), 0.5)
    assert type(decided) is type(make([True]))
    assert decided.tolist() == [[True, False, True, False]]
    assert decide(make([[0.0, 1.0]]), 0.0).tolist() == [[True, True]]
    assert decide(make([[1 - 2**-53, 1.0]]), 1.0).tolist() == [[False, True]]


@pytest.mark.parametrize("make", [np.array, tensor])
def test_each_label_may_have_its_own_threshold(make):
    probabilities = make([[0.2, 0.2, 0.2], [0.9, 0.9, 0.9]])
    expected = [[True, False, True], [True, True, False]]
    for threshold in ([0.1, 0.5, 0.2], np.array([0.1, 0.5, 0.2]), torch.tensor([0.1, 0.5, 0.2])):
        decided = decide(probabilities[:1], threshold)
        assert decided.shape == (1, 3)
        assert decided[:, :2].tolist() == [expected[0][:2]]
    assert decide(probabilities, [0.1, 0.5, 1.0]).tolist()[1] == expected[1]
    assert decide(probabilities, [0.5]).tolist() == decide(probabilities, 0.5).tolist()


@pytest.mark.parametrize("make", [np.array, tensor])
def test_a_float32_probability_reaches_the_threshold_of_its_own_digits(make):
    # float32 0.3 is 0.30000001192 and float32 0.7 is 0.69999998807: in float64 one of the two
    # would be on the wrong side.
    for threshold in (0.3, 0.7):
        probabilities = make(np.float32([[threshold, np.nextafter(np.float32(threshold), 0)]]))
        assert decide(probabilities, threshold).tolist() == [[True, False]]
        assert decide(probabilities, np.float64([threshold] * 2)).tolist() == [[True, False]]


@pytest.mark.parametrize("make", [np.array, tensor])
def test_probabilities_may_be_whole_numbers(make):
    assert decide(make([[0, 1]]), 0.5).tolist() == [[False, True]]
    assert decide(make([[False, True]]), 0.5).tolist() == [[False, True]]
    figures = scores_over(make([[0, 1]]), make([[0, 1]]), [0.25, 0.5, 0.75])
    np.testing.assert_array_equal(figures["labels_per_row"], [1, 1, 1])


@pytest.mark.parametrize("make", [np.array, tensor])
@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (-0.1, r"threshold must be in \[0, 1\], got -0.1"),
        (1.1, r"threshold must be in \[0, 1\], got 1.1"),
        (NAN, r"threshold must be in \[0, 1\], got nan"),
        ([0.5, 2.0, 0.5], r"threshold must be in \[0, 1\], got 2.0"),
        ([0.5, 0.5], r"a number or one for each label, got shape \(2,\) for 3 labels"),
        ([[0.5], [0.5]], r"one for each label, got shape \(2, 1\) for 3 labels"),
    ],
)
def test_decide_refuses_a_bad_threshold(make, threshold, message):
    with pytest.raises(ValueError, match=message):
        decide(make([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]), threshold)


# Many thresholds at once.


def problem(rows=60, labels=9, density=0.25, seed=0):
    rng = np.random.default_rng(seed)
    targets = (rng.random((rows, labels)) < density).astype(np.uint8)
    return targets, rng.random((rows, labels)) ** 2


def planted(thresholds, dtype):
    """Probabilities on every threshold and one step of the type beside it, and 0 and 1."""
    on = np.asarray(thresholds).astype(dtype)
    below, above = np.nextafter(on, dtype(0)), np.nextafter(on, dtype(1))
    values = np.concatenate([on, below, above, [dtype(0), dtype(1)]]).astype(dtype)
    values = np.random.default_rng(0).permutation(np.resize(values, (len(values) // 3 + 1) * 3))
    probabilities = values.reshape(-1, 3)
    targets = (np.random.default_rng(1).random(probabilities.shape) < 0.5).astype(int)
    return targets, probabilities


def assert_equals_scores(targets, probabilities, thresholds):
    """Counts what `decide` says at every threshold, and asks scikit-learn at a dozen of them."""
    actual = scores_over(targets, probabilities, thresholds)
    for figure in actual.values():
        assert figure.dtype == np.float64
        assert figure.shape == (len(thresholds),)
    decided = [decide(probabilities, threshold) for threshold in thresholds]
    true = [(table & (targets == 1)).sum() for table in decided]
    # Means of up to some hundred ratios in [0, 1], added up in another order.
    close = {"rtol": 0, "atol": 1e-12}
    for name, expected in (
        ("labels_per_row", [table.sum() / len(table) for table in decided]),
        ("micro_recall", np.array(true) / max(1, targets.sum())),
    ):
        np.testing.assert_allclose(actual[name], expected, **close, err_msg=name)
    for place in range(0, len(thresholds), len(thresholds) // 12 + 1):
        expected = scores(targets, probabilities, thresholds[place])
        assert set(actual) == set(expected)
        for name, figure in actual.items():
            np.testing.assert_allclose(figure[place], expected[name], **close, err_msg=name)


GRIDS = {
    "percent": EVEN,
    "with both ends": np.linspace(0, 1, 11),
    "fine": np.linspace(0.2, 0.3, 41),
    "uneven": np.array([0.0, 1e-9, 0.1, 0.11, 0.5, 0.500001, 0.93, 1.0]),
    "nearly even": np.array([0.1, 0.2, 0.3001, 0.4, 0.5]),
    "two": np.array([0.3, 0.6]),
    "one": np.array([0.5]),
    "only 0": np.array([0.0]),
    "only 1": np.array([1.0]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("grid", GRIDS)
def test_all_thresholds_at_once_equal_one_after_the_other(grid, dtype):
    targets, probabilities = problem()
    assert_equals_scores(targets, probabilities.astype(dtype), GRIDS[grid])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("grid", GRIDS)
def test_a_probability_on_or_beside_a_threshold_is_counted_as_by_decide(grid, dtype):
    assert_equals_scores(*planted(GRIDS[grid], dtype), GRIDS[grid])


def changed(**changes):
    targets, probabilities = problem()
    for place, value in changes.items():
        table = targets if place.startswith("targets") else probabilities
        if place.endswith("rows"):
            table[:5] = value
        elif place.endswith("labels"):
            table[:, :4] = value
        else:
            table[:] = value
    return targets, probabilities


@pytest.mark.parametrize(
    ("targets", "probabilities"),
    [
        changed(targets_rows=0),
        changed(targets_labels=0),
        changed(targets_labels=1),
        changed(targets=0),
        changed(targets=1),
        changed(probabilities_rows=0),
        changed(probabilities_labels=0),
        changed(probabilities_labels=1),
        changed(probabilities=0),
        changed(probabilities=1),
        changed(probabilities=0.25),
        changed(targets=0, probabilities=0),
        changed(targets_rows=0, probabilities_rows=0, probabilities_labels=0.5),
        tuple(table.round(1) for table in problem()),
        tuple(table[:1] for table in problem()),
        tuple(table[:, :1] for table in problem()),
        tuple(table[:1, :1] for table in problem()),
        problem(rows=7, labels=300, density=0.01),
    ],
)
def test_edge_cases_at_all_thresholds_equal_one_after_the_other(targets, probabilities):
    assert_equals_scores(targets, probabilities, [0.0, 0.1, 0.25, 0.5, 0.9, 1.0])


def test_all_thresholds_take_tensors_and_lists():
    targets, probabilities = problem()
    expected = scores_over(targets, probabilities, EVEN)
    model_output = torch.tensor(probabilities, requires_grad=True)
    for actual in (
        scores_over(torch.tensor(targets), model_output, torch.tensor(EVEN)),
        scores_over(targets.tolist(), probabilities.tolist(), EVEN.tolist()),
        scores_over(targets.astype(bool), probabilities, EVEN),
    ):
        for name, figure in expected.items():
            np.testing.assert_array_equal(actual[name], figure)


def test_a_single_threshold_may_be_a_number():
    targets, probabilities = problem()
    figures = scores_over(targets, probabilities, 0.5)
    assert figures["micro_f1"].shape == (1,)
    assert figures["micro_f1"][0] == pytest.approx(scores(targets, probabilities)["micro_f1"])


def test_thresholds_may_be_closer_than_the_probabilities_can_tell():
    targets, probabilities = problem()
    thresholds = 0.5 + np.arange(4) * 1e-12
    assert_equals_scores(targets, probabilities.astype(np.float32), thresholds)


@pytest.mark.parametrize(
    ("targets", "probabilities", "thresholds", "message"),
    [
        ([[0, 1]], [[0.5]], [0.5], r"targets and probabilities .* got \(1, 2\) and \(1, 1\)"),
        ([[0, 3]], [[0.5, 0.5]], [0.5], "targets must be 0 or 1, got 3"),
        ([[0, 1]], [[0.5, 1.5]], [0.5], r"probabilities must be in \[0, 1\], got 1.5"),
        ([[0, 1]], [[0.5, NAN]], [0.5], r"probabilities must be in \[0, 1\], got nan"),
        ([[0, 1]], [[0.5, 0.5]], [0.5, 1.5], r"thresholds must be in \[0, 1\], got 1.5"),
        ([[0, 1]], [[0.5, 0.5]], [NAN], r"thresholds must be in \[0, 1\], got nan"),
        ([[0, 1]], [[0.5, 0.5]], [0.5, 0.2], r"thresholds must increase, got \[0.5 0.2\]"),
        ([[0, 1]], [[0.5, 0.5]], [0.5, 0.5], "thresholds must increase"),
    ],
)
def test_all_thresholds_at_once_refuse_bad_input(targets, probabilities, thresholds, message):
    with pytest.raises(ValueError, match=message):
        scores_over(targets, probabilities, thresholds)
