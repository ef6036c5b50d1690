"""Whatever dtype probabilities come in, they reach a threshold of their own digits, everywhere."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import f1_score

from mlcore.calibration import lipton_threshold
from mlcore.checks import as_array
from mlcore.metrics import classification_report, scores
from mlcore.thresholds import RULES, Choice, ThresholdSweep, bootstrap_band, choose, compare, decide
from mlcore.thresholds.precision import Precision

KINDS = {  # what makes probabilities of a kind from float64 ones, and their dtype for torch
    "float16": (np.float16, torch.float16),
    "float32": (np.float32, torch.float32),
    "float64": (np.float64, torch.float64),
    "bfloat16 tensor": (lambda p: torch.tensor(p, dtype=torch.bfloat16), torch.bfloat16),
    "float16 tensor": (lambda p: torch.tensor(p, dtype=torch.float16), torch.float16),
    "float32 tensor": (lambda p: torch.tensor(p, dtype=torch.float32), torch.float32),
    "float64 tensor": (lambda p: torch.tensor(p, dtype=torch.float64), torch.float64),
    "float32 frame": (lambda p: pd.DataFrame(p.astype(np.float32)), torch.float32),
    "big-endian": (lambda p: p.astype(">f4"), torch.float32),
}
TARGETS = [
    np.bool_,
    np.uint8,
    np.int64,
    np.float16,
    lambda y: torch.tensor(y, dtype=torch.float16),
    lambda y: torch.tensor(y, dtype=torch.bfloat16),
    lambda y: torch.tensor(y, dtype=torch.bool),
]
HUNDREDTHS = np.arange(101) / 100
K = 6
every_kind = pytest.mark.parametrize("kind", KINDS)


def problem(kind, rows=70, seed=0):
    """Targets; probabilities of a kind, all of them hundredths; and these, as float64 holds them.

    Half precision has a hundredth a little too low, or a little too high, as often as not.
    """
    rng = np.random.default_rng(seed)
    targets = (rng.random((rows, K)) < 0.3).astype(np.uint8)
    hundredths = (0.7 * rng.random((rows, K)) + 0.3 * targets).round(2)
    make, dtype = KINDS[kind]
    return targets, make(hundredths), torch.tensor(hundredths).to(dtype).double().numpy()


def reached(kind, exact, threshold):
    """By definition: cell by cell, is it at least what its dtype makes of the threshold?"""
    limits = torch.tensor(np.broadcast_to(threshold, K).copy()).to(KINDS[kind][1]).tolist()
    return np.array([[p >= t for p, t in zip(row, limits, strict=True)] for row in exact.tolist()])


def f1(targets, predictions, average="micro"):
    return f1_score(targets, predictions, average=average, zero_division=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_a_threshold_becomes_what_torch_makes_of_it(dtype):
    precision = Precision(str(dtype).removeprefix("torch."))
    # To float16 not of any float64: torch takes it there by way of float32, NumPy at once.
    singles = np.random.default_rng(0).random(10_000, np.float32).astype(np.float64)
    ties = 0.5 + np.arange(64) / 512  # half of them lie between two bfloat16 numbers
    doubles = [np.random.default_rng(1).random(10_000), ties + 2.0**-40]
    several = [np.arange(10_001) / 10_000, singles, singles * 2.0**-20, ties, np.array(0.7)]
    for thresholds in several + (doubles if dtype != torch.float16 else []):
        expected = torch.tensor(thresholds, dtype=torch.float64).to(dtype).double().numpy()
        np.testing.assert_array_equal(precision.rounded(thresholds), expected)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_the_next_number_above_is_that_of_torch(dtype):
    values = torch.tensor([0.0, -0.0, 1e-7, 0.1, 0.5, 0.7, 0.99, 1.0]).to(dtype)
    above = Precision(str(dtype).removeprefix("torch.")).above(as_array("values", values))
    np.testing.assert_array_equal(above, torch.nextafter(values, torch.ones_like(values)).double())


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int64])
def test_a_whole_number_reaches_a_threshold_however_small(dtype):
    p = torch.tensor([[0, 1]]).to(dtype)
    for threshold, expected in ((0.0, [True, True]), (1e-50, [False, True]), (1.0, [False, True])):
        for probabilities in (p, p.numpy()):
            assert decide(probabilities, threshold).tolist() == [expected]
            sweep = ThresholdSweep([[0, 1]], probabilities)
            assert sweep.at(threshold)["labels_per_row"] == sum(expected)
            assert sweep.best_per_label().tolist() == [1, 1]


@every_kind
@pytest.mark.parametrize("make_targets", TARGETS)
def test_all_ways_to_decide_agree_with_the_definition(kind, make_targets):
    targets, probabilities, exact = problem(kind)
    made = make_targets(targets)
    each = np.array([0.1, 0.3, 0.7, 0.35, 0.0, 1.0])
    sweep = ThresholdSweep(made, probabilities, thresholds=HUNDREDTHS)
    distinct = ThresholdSweep(made, probabilities, thresholds="distinct")
    moving = sweep.moving(0.5)
    for label, threshold in enumerate(each):
        moved = moving.move(label, threshold)
    for threshold in (*HUNDREDTHS[::3], 0.123456, each):
        expected = reached(kind, exact, threshold)
        micro = pytest.approx(f1(targets, expected), rel=0, abs=1e-12)
        np.testing.assert_array_equal(as_array("p", decide(probabilities, threshold)), expected)
        choice = Choice(rule="own", threshold=threshold)
        np.testing.assert_array_equal(choice.predict(probabilities), expected)
        for swept in (sweep, distinct):
            assert swept.at(threshold)["micro_f1"] == micro
            counts = swept.labels_at(threshold)
            np.testing.assert_array_equal(counts["true_positives"], (expected & targets).sum(0))
        assert scores(made, probabilities, threshold)["micro_f1"] == micro
        report = classification_report(made, decide(probabilities, threshold))
        assert report.loc["micro avg", "f1-score"] == micro
    assert moved["labels_per_row"] == pytest.approx(expected.sum(1).mean(), rel=0, abs=1e-12)
    assert moved["samples_f1"] == pytest.approx(f1(targets, expected, "samples"), abs=1e-12)


@every_kind
def test_a_sweep_of_a_grid_counts_as_the_definition_does(kind):
    targets, probabilities, exact = problem(kind)
    sweep = ThresholdSweep(targets, probabilities)
    tables = [reached(kind, exact, threshold) for threshold in HUNDREDTHS]
    np.testing.assert_array_equal(sweep.label_counts()[1], [table.sum(0) for table in tables])
    expected = [f1(targets, table) for table in tables]
    np.testing.assert_allclose(sweep.figures["micro_f1"], expected, rtol=0, atol=1e-12)
    best = sweep.best_per_label()
    for label in range(K):
        values = [f1(targets[:, label], exact[:, label] >= p, "binary") for p in exact[:, label]]
        highest = exact[:, label][np.array(values) >= max(values) - 1e-12].max()
        assert best[label] == highest


class OnDevice(torch.Tensor):
    """A tensor that says it lies on a GPU."""

    is_cuda = True


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "tensor" in kind])
@pytest.mark.parametrize("make_targets", [*TARGETS, pd.DataFrame])
def test_a_device_decides_alike(kind, make_targets):
    targets, probabilities, exact = problem(kind)
    sweep = ThresholdSweep(make_targets(targets), probabilities.as_subclass(OnDevice))
    assert isinstance(sweep._scores, torch.Tensor)
    tables = [reached(kind, exact, threshold) for threshold in HUNDREDTHS]
    np.testing.assert_array_equal(sweep.label_counts()[1], [table.sum(0) for table in tables])
    expected = [f1(targets, table) for table in tables]
    np.testing.assert_allclose(sweep.figures["micro_f1"], expected, rtol=0, atol=1e-12)
    each = np.array([0.1, 0.3, 0.7, 0.35, 0.0, 1.0])
    expected = f1(targets, reached(kind, exact, each))
    assert sweep.at(each)["micro_f1"] == pytest.approx(expected, rel=0, abs=1e-12)
    assert sweep.moving(each).figures() == sweep.at(each)


@every_kind
@pytest.mark.parametrize("most", [10**6, 1], ids=["every score", "a grid"])
@pytest.mark.parametrize("rule", [rule for rule, info in RULES.items() if info.tuned])
def test_a_chosen_threshold_does_what_it_was_chosen_for(rule, most, kind, monkeypatch):
    monkeypatch.setattr("mlcore.thresholds.choosing.MOST_DISTINCT", most)
    targets, probabilities, exact = problem(kind)
    choice = choose(rule, targets, probabilities)
    predicted = choice.predict(probabilities)
    np.testing.assert_array_equal(predicted, reached(kind, exact, choice.threshold))
    every = [exact >= score for score in np.unique(exact)]
    if rule == "global" and most > 1:
        best = max(f1(targets, table, "samples") for table in every)
        assert f1(targets, predicted, "samples") == pytest.approx(best, rel=0, abs=1e-12)
    if rule == "cardinality":
        misses = [abs(int(table.sum()) - int(targets.sum())) for table in every]
        assert abs(int(predicted.sum()) - int(targets.sum())) == min(misses)
    if rule.startswith("per_label"):
        trusting = {} if rule == "per_label" else {"strength": 0.0}
        own = choose(rule, targets, probabilities, **trusting).predict(probabilities)
        best = ThresholdSweep(targets, exact).best_per_label()
        np.testing.assert_array_equal(own, exact >= best)


@every_kind
def test_where_rows_are_reported_they_are_decided_alike(kind):
    targets, probabilities, exact = problem(kind)
    choices = {"own": Choice(rule="own", threshold=0.7)}
    rows = targets, probabilities
    table = compare(choices, rows, rows, ["micro_f1"], resamples=20).iloc[0]
    expected = reached(kind, exact, 0.7)
    assert table["micro_f1_test"] == pytest.approx(f1(targets, expected), rel=0, abs=1e-12)
    band = bootstrap_band(targets, expected, ["micro_f1"], resamples=20)["micro_f1"]
    assert (table["micro_f1_low"], table["micro_f1_high"]) == band


@every_kind
def test_the_thresholds_that_maximise_f1_predict_the_rows_they_say(kind):
    _targets, probabilities, _exact = problem(kind)
    best = lipton_threshold(probabilities)
    for thresholds in (best.lowest, best.highest):
        predicted = decide(probabilities, thresholds)
        assert predicted.sum(0).tolist() == best.predicted.tolist()


def test_by_hand():
    """bfloat16 has 0.69921875 for 0.7, and float16 has 0.0999755859375 for 0.1."""
    p = torch.tensor([[0.7]], dtype=torch.bfloat16)
    assert decide(p, 0.7).tolist() == [[True]]
    assert ThresholdSweep([[1]], p, thresholds=[0.7]).figures["labels_per_row"].tolist() == [1]
    moving = ThresholdSweep([[1, 0]], np.float16([[0.1, 0.05]])).moving(0.1)
    assert moving.figures()["labels_per_row"] == 1
    assert moving.move(0, 0.05)["labels_per_row"] == 1
