"""Choices, and the rules that make them, against brute force and by hand."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch

from mlcore.datasets import load
from mlcore.thresholds import (
    RULES,
    Choice,
    ThresholdSweep,
    choose,
    choosing,
    compare,
    decide,
    figures_of,
)

NAN = float("nan")
NAMES = ["plain", "naïve 标签", 'it\'s "quoted"', "two\nlines", "[], {}"]


def problem(rows=40, labels=5, seed=0, dtype=np.float32, digits=None):
    """Scores that know something of the targets; digits makes many of them equal."""
    rng = np.random.default_rng(seed)
    targets = (rng.random((rows, labels)) < 0.3).astype(np.uint8)
    scores = np.clip(0.3 * targets + 0.7 * rng.random(targets.shape), 0, 1)
    return targets, (scores if digits is None else scores.round(digits)).astype(dtype)


# A choice.


def test_a_choice_is_either_thresholds_or_a_number_of_labels():
    for given in ({}, {"threshold": 0.5, "top": 2}):
        with pytest.raises(ValueError, match="either threshold or top must be given, got"):
            Choice(rule="half", **given)
    for threshold, message in (
        (1.5, r"threshold must be in \[0, 1\], got 1.5"),
        (NAN, r"threshold must be in \[0, 1\], got nan"),
        ([[0.5, 0.5]], r"one for each label, got shape \(1, 2\)"),
    ):
        with pytest.raises(ValueError, match=message):
            Choice(rule="half", threshold=threshold)
    for top in (0, 1.5):
        with pytest.raises(ValueError, match="top must be"):
            Choice(rule="top_k", top=top)


def test_a_choice_cannot_be_changed():
    given = np.array([0.25, 0.5])
    choice = Choice(rule="per_label", threshold=given)
    given[0] = 1.0
    assert choice.threshold.tolist() == [0.25, 0.5]
    with pytest.raises(FrozenInstanceError):
        choice.threshold = 0.5
    with pytest.raises(ValueError, match="read-only"):
        choice.threshold[0] = 0.1


@pytest.mark.parametrize("threshold", [0.3, [0.3, 0.7, 0.1, 0.0, 1.0]])
def test_a_threshold_decides_as_decide_does(threshold):
    probabilities = problem(digits=1)[1]
    choice = Choice(rule="drawn", threshold=threshold)
    expected = decide(probabilities, threshold)
    for given in (probabilities, torch.tensor(probabilities)):
        predicted = choice.predict(given)
        assert type(predicted) is np.ndarray
        assert predicted.dtype == bool
        np.testing.assert_array_equal(predicted, expected)
    assert 0 < expected.sum() < expected.size


def test_the_top_labels_of_a_row_are_taken_from_the_lower_number_on():
    top = Choice(rule="top_k", top=2)
    decided = top.predict([[0.2, 0.9, 0.2, 0.9], [0.5, 0.5, 0.5, 0.5], [0.1, 0.3, 0.2, 0.3]])
    assert decided.astype(int).tolist() == [[0, 1, 0, 1], [1, 1, 0, 0], [0, 1, 0, 1]]
    assert Choice(rule="top_k", top=9).predict([[0.0, 1.0]]).all()
    assert top.predict(np.array([[False, True, True, True]])).tolist() == [[False, True, True, 0]]


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ([0.5, 0.5], r"shape \(n_samples, n_labels\), got \(2,\)"),
        ([[0.5, NAN]], r"probabilities must be in \[0, 1\], got nan"),
        ([[0.5, 2.0]], r"probabilities must be in \[0, 1\], got 2.0"),
        ([[0.5, 0.5, 0.5]], r"got shape \(2,\) for 3 labels"),
    ],
)
def test_predict_refuses_what_are_no_probabilities_for_it(probabilities, message):
    with pytest.raises(ValueError, match=message):
        Choice(rule="per_label", threshold=[0.5, 0.5]).predict(probabilities)


def test_a_choice_in_words():
    assert Choice(rule="half", threshold=0.12345).in_words() == "0.123"
    assert Choice(rule="top_k", top=5).in_words() == "top 5"
    assert Choice(rule="per_label", threshold=[0.1, 0.9, 0.25]).in_words() == "0.25 (0.1 to 0.9)"


# The rules.


def test_every_default_is_allowed_and_every_rule_chooses():
    targets, probabilities = problem()
    for key, info in RULES.items():
        assert info.key == key
        assert info.title
        assert info.source
        assert info.description.endswith(".")
        for parameter in info.parameters:
            parameter.check(parameter.default)
        choice = choose(key, targets, probabilities)
        assert choice.rule == key
        assert (np.ndim(choice.threshold) == 1) == info.per_label
        assert choice.predict(probabilities).shape == targets.shape
        if not info.tuned:
            again = choose(key, None, None, cardinality=targets.sum() / len(targets))
            assert (again.threshold, again.top) == (choice.threshold, choice.top)
    with pytest.raises(TypeError):
        RULES["new"] = RULES["half"]


def test_rules_take_tensors_and_all_kinds_of_targets():
    targets, probabilities = problem()
    for key in RULES:
        expected = choose(key, targets, probabilities)
        for given in (torch.tensor(targets), targets.astype(bool), targets.astype(float).tolist()):
            choice = choose(key, given, torch.tensor(probabilities, requires_grad=True))
            np.testing.assert_array_equal(choice.threshold, expected.threshold)
            assert choice.top == expected.top


@pytest.mark.parametrize("metric", ["samples_f1", "micro_f1", "hamming_loss", "subset_accuracy"])
def test_global_is_the_best_of_all_thresholds(metric):
    targets, probabilities = problem()
    threshold = choose("global", targets, probabilities, metric=metric).threshold
    candidates = np.unique(probabilities)
    values = [figures_of(targets, decide(probabilities, t))[metric] for t in candidates]
    best = min(values) if metric == "hamming_loss" else max(values)
    reached = figures_of(targets, decide(probabilities, threshold))[metric]
    # The sweep adds up in another order.
    assert reached == pytest.approx(best, rel=1e-12)


def test_global_goes_over_a_grid_where_there_are_too_many_scores(monkeypatch):
    targets, probabilities = problem(rows=300)
    monkeypatch.setattr(choosing, "MOST_DISTINCT", 1000)
    grid = ThresholdSweep(targets, probabilities, thresholds=1001)
    assert choose("global", targets, probabilities).threshold == grid.best("samples_f1")[0]
    few = probabilities.round(2)
    exact = choose("global", targets, few).threshold
    assert np.float32(exact) in few


def f1_by_definition(targets, predicted):
    return 2 * (targets & predicted).sum() / max(1, targets.sum() + predicted.sum())


def test_per_label_has_the_best_f1_of_each_label():
    targets, probabilities = problem(digits=2)
    targets[:, 3] = 0
    thresholds = choose("per_label", targets, probabilities).threshold
    assert thresholds[3] == 1.0
    for label in (0, 1, 2, 4):
        y, p = targets[:, label] > 0, probabilities[:, label]
        best = max(f1_by_definition(y, p >= t) for t in np.unique(p))
        assert f1_by_definition(y, p >= np.float32(thresholds[label])) == best


def test_an_unguarded_guard_keeps_the_best_f1_and_stays_nearest_to_the_global_threshold():
    targets, probabilities = problem(rows=25, digits=2)
    targets[:, 3] = 0
    shared = choose("global", targets, probabilities).threshold
    own = choose("per_label", targets, probabilities).threshold
    free = choose("per_label_guarded", targets, probabilities, strength=0.0)
    assert free.threshold[3] == shared
    supported = [0, 1, 2, 4]
    np.testing.assert_array_equal(
        free.predict(probabilities)[:, supported],
        decide(probabilities, own)[:, supported],
    )
    for label in supported:
        # No threshold nearer to the shared one, on a fine grid, predicts the same rows.
        p, t = probabilities[:, label], free.threshold[label]
        grid = np.linspace(0, 1, 10_001).astype(np.float32)
        same = ((p[:, None] >= grid) == (p >= np.float32(t))[:, None]).all(axis=0)
        assert np.abs(grid[same] - shared).min() >= abs(t - shared) - 1e-7


@pytest.mark.parametrize("strength", [1.0, 20.0, 1000.0])
def test_the_guard_mixes_by_support(strength):
    targets, probabilities = problem()
    targets[:, 2] = 0
    support = targets.sum(axis=0)
    shared = choose("global", targets, probabilities, metric="micro_f1").threshold
    guarded, free = (
        choose("per_label_guarded", targets, probabilities, metric="micro_f1", strength=s).threshold
        for s in (strength, 0.0)
    )
    trust = support / (support + strength)
    np.testing.assert_allclose(guarded, trust * free + (1 - trust) * shared, rtol=1e-14)
    assert guarded[2] == shared


def test_own_thresholds_overfit_and_the_guard_repairs_it():
    """With the true probabilities: no model is to blame for the gap, only the choice."""
    dataset = load("synthetic", labels=60, rows=1500)
    validation, test = (
        (dataset.y[rows], dataset.probabilities[rows])
        for rows in (dataset.validation, dataset.test)
    )
    rules = ("global", "per_label", "per_label_guarded")
    choices = {rule: choose(rule, *validation) for rule in rules}
    table = compare(choices, validation, test).set_index("rule")
    for metric in ("micro_f1", "macro_f1", "samples_f1"):
        gap, reported = table[f"{metric}_gap"], table[f"{metric}_test"]
        # With 225 validation rows most labels have under 20 true ones. For the data of seeds 0 to
        # 9 the gaps differ by 3.6 to 11.9 points, and the guard was better on test rows each time.
        assert gap["per_label"] < gap["per_label_guarded"] - 0.03
        assert reported["per_label_guarded"] > reported["per_label"]


@pytest.mark.parametrize(("cardinality", "k"), [(2.4, 2), (2.6, 3), (0.0, 1), (7.0, 7)])
def test_top_k_takes_the_rounded_cardinality(cardinality, k):
    assert choose("top_k", None, None, cardinality=cardinality).top == k
    assert choose("top_k", None, None, cardinality=cardinality, k=4).top == 4
    targets, probabilities = problem()
    assert choose("top_k", targets, probabilities).top == round(targets.sum() / len(targets))


@pytest.mark.parametrize("digits", [None, 1])
@pytest.mark.parametrize("cardinality", [0.0, 0.01, 1.0, 2.3, 4.9, 5.0, 50.0])
def test_matched_cardinality_is_as_close_as_can_be(cardinality, digits):
    targets, probabilities = problem(digits=digits)
    choice = choose("cardinality", targets, probabilities, cardinality=cardinality)
    candidates = [*np.unique(probabilities), 1.0]
    reached = np.array([(probabilities >= np.float32(t)).sum(axis=1).mean() for t in candidates])
    distance = np.abs(reached - cardinality)
    ours = abs(choice.predict(probabilities).sum(axis=1).mean() - cardinality)
    assert ours == distance.min()
    assert choice.threshold == max(np.array(candidates)[distance == distance.min()])


def test_matched_cardinality_by_hand():
    targets, probabilities = np.array([[1, 0, 1], [0, 0, 0]]), [[0.9, 0.5, 0.5], [0.4, 0.3, 0.2]]
    # 1 cell at 0.9, 3 at 0.5: two are wanted, both are one off, and the higher threshold wins.
    assert choose("cardinality", targets, probabilities).threshold == 0.9
    same = np.full((2, 3), 0.5)
    assert choose("cardinality", targets, same, cardinality=1.0).threshold == 1.0
    assert choose("cardinality", targets, same, cardinality=2.0).threshold == 0.5
    assert choose("cardinality", targets, np.ones((2, 3)), cardinality=0.0).threshold == 1.0


def test_the_threshold_from_costs_is_the_cheapest_for_true_probabilities():
    wrong, missed = 3.0, 5.0
    threshold = choose("cost", None, None, c_FP=wrong, c_FN=missed).threshold
    assert threshold == 3 / 8
    p = np.linspace(0, 1, 101)
    # Predicting costs `wrong` where the label does not hold, leaving it out `missed` where it does.
    np.testing.assert_array_equal(p >= threshold, wrong * (1 - p) <= missed * p)
    assert choose("cost", None, None, c_FP=2.0, c_FN=2.0).threshold == 0.5


@pytest.mark.parametrize(
    ("rule", "options", "error", "message"),
    [
        ("best", {}, ValueError, "rule must be one of half, global, .* got 'best'"),
        ("half", {"k": 1}, ValueError, "parameter of half must be one of none, .*; got 'k'"),
        ("global", {"k": 1}, ValueError, "parameter of global must be one of metric; got 'k'"),
        ("global", {"metric": "f1"}, ValueError, "metric must be one of micro_precision, .* 'f1'"),
        ("per_label_guarded", {"strength": -1}, ValueError, "strength must be >= 0.0, got -1"),
        ("per_label_guarded", {"strength": "2"}, TypeError, "strength must be a number, got str"),
        ("top_k", {"k": 0}, ValueError, "k must be >= 1, got 0"),
        ("top_k", {"k": 1.5}, ValueError, "k must be a whole number, got 1.5"),
        ("top_k", {"k": "all"}, ValueError, "k must be one of cardinality; got 'all'"),
        ("cost", {"c_FP": 0.0}, ValueError, "c_FP must be >= 0.001, got 0.0"),
        ("half", {"cardinality": -1.0}, ValueError, "cardinality must be >= 0.0, got -1.0"),
        ("half", {"cardinality": True}, TypeError, "cardinality must be a number, got bool"),
    ],
)
def test_choose_refuses_bad_settings(rule, options, error, message):
    with pytest.raises(error, match=message):
        choose(rule, *problem(), **options)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("targets", "probabilities", "message"),
    [
        (np.zeros((2, 3)), np.zeros((2, 2)), r"got \(2, 3\) and \(2, 2\)"),
        (np.full((2, 2), 2, np.uint8), np.zeros((2, 2)), "targets must be 0 or 1, got 2"),
        (np.zeros((2, 2)), np.full((2, 2), NAN), r"probabilities must be in \[0, 1\], got nan"),
        (np.zeros((0, 2)), np.zeros((0, 2)), "at least one row and one label"),
        (
            np.zeros((2, 2)),
            None,
            "targets and probabilities must both be given to rule .* got None",
        ),
    ],
)
def test_choose_refuses_bad_rows(rule, targets, probabilities, message):
    with pytest.raises(ValueError, match=message):
        choose(rule, targets, probabilities)


def test_rules_that_are_tuned_need_rows():
    for rule, info in RULES.items():
        if info.tuned:
            with pytest.raises(ValueError, match=f"given to rule {rule}, got None"):
                choose(rule, None, None, cardinality=2.0)
    with pytest.raises(ValueError, match="cardinality must be given where there are no targets"):
        choose("top_k", None, None)


@pytest.mark.parametrize("fill", [0, 1])
@pytest.mark.parametrize("rows", [1, 3])
def test_rules_survive_targets_and_scores_that_are_all_alike(rows, fill):
    for score in (0.0, 0.5, 1.0):
        targets, probabilities = np.full((rows, 4), fill), np.full((rows, 4), score, np.float32)
        for rule in RULES:
            choice = choose(rule, targets, probabilities)
            assert choice.predict(probabilities).shape == (rows, 4)
