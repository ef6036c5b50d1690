"""Figures and bands of choices against scikit-learn and plain resampling; choices taken home."""

import json
import pickle

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import torch

from mlcore.thresholds import (
    RULES,
    Choice,
    ThresholdSweep,
    as_json,
    as_python,
    bootstrap_band,
    choose,
    compare,
    decide,
    figure_names,
    figures_of,
    from_json,
)
from tests.test_choosing import problem

NAN = float("nan")
NAMES = ["plain", "naïve 标签", 'it\'s "quoted"', "two\nlines", "[], {}"]


# Figures and bands.


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
def test_figures_are_those_of_the_sweep_and_of_scikit_learn(zero_division):
    targets, probabilities = problem(digits=1)
    targets[0] = targets[:, 1] = 0
    predictions = decide(probabilities, 0.7)
    figures = figures_of(targets, predictions, zero_division=zero_division)
    sweep = ThresholdSweep(targets, probabilities, zero_division=zero_division)
    assert figures == pytest.approx(sweep.at(0.7), rel=1e-13, nan_ok=True)
    assert tuple(figures) == figure_names()
    expected = sklearn.metrics.f1_score(
        targets, predictions, average="samples", zero_division=zero_division
    )
    assert figures["samples_f1"] == pytest.approx(expected, rel=1e-13)
    for macro_over, labels in (("occurring", [0, 2, 3, 4]), ("all", None)):
        options = {"zero_division": zero_division}
        expected = sklearn.metrics.f1_score(
            targets, predictions, average="macro", labels=labels, **options
        )
        found = figures_of(targets, predictions, macro_over=macro_over, **options)
        assert found["macro_f1"] == pytest.approx(expected, rel=1e-13)


def test_figures_have_the_values_worked_out_by_hand():
    targets = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0]])
    probabilities = np.array([[0.9, 0.5, 0.2], [0.1, 0.49, 0.3], [0.0, 0.0, 0.1], [0.8, 0.7, 0.4]])
    # Predicted at 0.5: row 0 has labels 0 and 1, row 3 has labels 0 and 1, the others nothing.
    flat = figures_of(targets, decide(probabilities, 0.5))
    expected = {
        "micro_precision": 3 / 4,
        "micro_recall": 3 / 5,
        "micro_f1": 2 * 3 / (4 + 5),
        "macro_precision": (1 + 1 / 2 + 0) / 3,
        "macro_recall": (1 + 1 / 2 + 0) / 3,
        "macro_f1": (1 + 1 / 2 + 0) / 3,
        "weighted_precision": (2 * 1 + 2 * 1 / 2 + 1 * 0) / 5,
        "weighted_recall": (2 * 1 + 2 * 1 / 2 + 1 * 0) / 5,
        "weighted_f1": (2 * 1 + 2 * 1 / 2 + 1 * 0) / 5,
        "samples_precision": (1 / 2 + 0 + 0 + 1) / 4,
        "samples_recall": (1 / 2 + 0 + 0 + 1) / 4,
        "samples_f1": (1 / 2 + 0 + 0 + 1) / 4,
        "labels_per_row": 4 / 4,
        "empty_share": 2 / 4,
        "labels_predicted": 2,
    }
    assert {key: flat[key] for key in expected} == pytest.approx(expected)
    # One threshold for each label: 0.49 and 0.2 are reached exactly.
    flat = figures_of(targets, decide(probabilities, [0.85, 0.49, 0.2]))
    counts = [flat[name] for name in ("labels_per_row", "empty_share", "labels_predicted")]
    assert counts == [7 / 4, 1 / 4, 3]
    assert flat["micro_precision"] == 4 / 7


def test_figures_take_another_beta_and_all_kinds_of_predictions():
    targets, probabilities = problem()
    predictions = Choice(rule="top_k", top=2).predict(probabilities)
    expected = sklearn.metrics.fbeta_score(targets, predictions, beta=2.0, average="macro")
    for given in (predictions, predictions.astype(int), torch.tensor(predictions).float()):
        figures = figures_of(targets, given, beta=2.0)
        assert figures["macro_f2"] == pytest.approx(expected, rel=1e-13)
        assert figures["labels_per_row"] == 2
    for wrong in (predictions * 0.5, predictions * NAN):
        with pytest.raises(ValueError, match="predictions must be 0 or 1, got"):
            figures_of(targets, wrong)
    with pytest.raises(ValueError, match=r"targets and predictions .* got \(40, 5\) and \(40, 4\)"):
        figures_of(targets, predictions[:, :4])


@pytest.mark.parametrize("zero_division", [0.0, NAN])
def test_bands_are_as_wide_as_resampled_tables_are_apart_around_the_figures(zero_division):
    targets, probabilities = problem(rows=30, labels=6)
    targets[:4] = targets[:, 5] = 0
    predictions = decide(probabilities, 0.6)
    bands = bootstrap_band(
        targets,
        predictions,
        figure_names(),
        resamples=50,
        level=0.9,
        seed=3,
        zero_division=zero_division,
    )
    for metric in ("micro_f1", "macro_f1", "weighted_jaccard", "samples_f1", "labels_predicted"):

        def figure(rows, metric=metric):
            rows = rows.astype(int)
            resampled = targets[rows], predictions[rows]
            return figures_of(*resampled, zero_division=zero_division)[metric]

        drawn = scipy.stats.bootstrap(
            (np.arange(30),),
            figure,
            vectorized=False,
            n_resamples=50,
            confidence_level=0.9,
            method="percentile",
            rng=3,
        )
        moved = figure(np.arange(30)) - np.median(drawn.bootstrap_distribution)
        expected = np.clip(np.add(drawn.confidence_interval, moved), 0, 6)
        # The same rows are added up in another order.
        assert bands[metric] == pytest.approx(tuple(expected), rel=1e-12)


def rare_labels(seed):
    """Rows with some labels each, of which most are rare and some never true, as on debtags."""
    rng = np.random.default_rng(seed)
    return rng, rng.random((150, 60)) < 0.3 / np.arange(1, 61) ** rng.uniform(0.8, 1.6)


@pytest.mark.parametrize("seed", range(12))
def test_a_perfect_model_has_no_gap_and_no_doubt_whichever_labels_occur(seed):
    validation, test = (rare_labels(2 * seed + part)[1] for part in (0, 1))
    assert validation.any(axis=0).sum() != test.any(axis=0).sum() < 60
    figures = [f"macro_{ratio}" for ratio in ("precision", "recall", "f1", "jaccard")]
    tables = ((targets, targets.astype(float)) for targets in (validation, test))
    (row,) = compare({"half": choose("half", None, None)}, *tables, figures).to_dict("records")
    for figure in figures:
        names = ("validation", "test", "gap", "low", "high")
        assert [row[f"{figure}_{name}"] for name in names] == [1, 1, 0, 1, 1]


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("seed", range(12))
def test_bands_contain_what_they_are_around(seed, zero_division):
    rng, targets = rare_labels(seed)
    found, wrong = rng.uniform(0, 1), rng.uniform(0, 0.2)
    predictions = np.where(targets, rng.random((150, 60)) < found, rng.random((150, 60)) < wrong)
    options = {"zero_division": zero_division}
    figures = figures_of(targets, predictions, **options)
    bands = bootstrap_band(targets, predictions, figures, resamples=50, **options)
    for name, (low, high) in bands.items():
        assert 0 <= low <= figures[name] <= high <= (60 if name.startswith("labels_") else 1), name
    sample = rng.choice(150, 40, replace=False)
    options |= {"resamples": 50, "around": figures}
    bands = bootstrap_band(targets[sample], predictions[sample], figures, **options)
    for name, (low, high) in bands.items():
        assert low <= figures[name] <= high, name


def test_the_band_of_a_mean_is_that_of_the_central_limit():
    rng = np.random.default_rng(0)
    targets, predictions = (rng.random((2000, 20)) < 0.2 for _ in range(2))
    low, high = bootstrap_band(targets, predictions, ["labels_per_row"], resamples=4000)[
        "labels_per_row"
    ]
    sizes = predictions.sum(axis=1)
    middle, error = sizes.mean(), sizes.std() / np.sqrt(2000)
    # An end of the band is uncertain by about 0.03 standard errors with 4,000 resamples.
    assert (low - middle) / error == pytest.approx(-1.96, abs=0.15)
    assert (high - middle) / error == pytest.approx(1.96, abs=0.15)


def test_bands_do_not_depend_on_how_many_rows_are_taken_at_once(monkeypatch):
    from mlcore.thresholds import bootstrap

    tables = problem()[0], decide(problem()[1], 0.5)
    expected = bootstrap_band(*tables, figure_names(), seed=1)
    monkeypatch.setattr(bootstrap, "CELLS_AT_ONCE", 280)
    bands = bootstrap_band(*tables, figure_names(), seed=1)
    # Matrix products of another size add up in another order.
    for metric, band in expected.items():
        assert bands[metric] == pytest.approx(band, rel=1e-12)
    assert bootstrap_band(*tables, ["micro_f1"], seed=2)["micro_f1"] != expected["micro_f1"]


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("rows", [1, 2, 9])
def test_bands_survive_one_row_and_constant_figures(rows, zero_division):
    for true in (0, 1):
        for predicted in (0, 1):
            targets, predictions = np.full((rows, 3), true), np.full((rows, 3), predicted)
            figures = figures_of(targets, predictions, zero_division=zero_division)
            bands = bootstrap_band(targets, predictions, figures, zero_division=zero_division)
            for metric, value in figures.items():
                assert bands[metric] == pytest.approx((value, value), nan_ok=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metrics": ["f1"]}, "metrics must be one of micro_precision, .* got 'f1'"),
        ({"resamples": 1}, "resamples must be >= 10, got 1"),
        ({"level": 0.0}, "level must be > 0.0, got 0.0"),
        ({"level": 1.0}, "level must be < 1, got 1.0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
        ({"zero_division": 2.0}, "zero_division must be <= 1.0, got 2.0"),
    ],
)
def test_bands_refuse_bad_settings(options, message):
    tables = problem()[0], decide(problem()[1], 0.5)
    with pytest.raises(ValueError, match=message):
        bootstrap_band(*tables, **{"metrics": ["micro_f1"]} | options)


def test_a_comparison_has_a_row_for_each_choice():
    validation, test = problem(seed=0), problem(rows=30, seed=1)
    choices = {rule: choose(rule, *validation) for rule in RULES}
    table = compare(choices, validation, test, ("micro_f1", "hamming_loss"), level=0.8, seed=5)
    assert table.columns.tolist() == [
        *("rule", "threshold", "labels_per_row"),
        *(
            f"{metric}_{column}"
            for metric in ("micro_f1", "hamming_loss")
            for column in ("validation", "test", "gap", "low", "high")
        ),
    ]
    assert table["rule"].tolist() == list(RULES)
    for row, choice in zip(table.to_dict("records"), choices.values(), strict=True):
        predictions = choice.predict(test[1])
        figures = figures_of(test[0], predictions)
        before = figures_of(validation[0], choice.predict(validation[1]))
        assert row["threshold"] == choice.in_words()
        assert row["labels_per_row"] == figures["labels_per_row"]
        assert row["micro_f1_test"] == figures["micro_f1"]
        assert row["micro_f1_validation"] == before["micro_f1"]
        assert row["micro_f1_gap"] == figures["micro_f1"] - before["micro_f1"]
        band = bootstrap_band(test[0], predictions, ["hamming_loss"], level=0.8, seed=5)
        assert (row["hamming_loss_low"], row["hamming_loss_high"]) == band["hamming_loss"]


def test_bands_of_a_comparison_can_be_of_a_sample_that_another_process_is_given():
    validation, (_, probabilities) = problem(), problem(rows=32, seed=1)
    binary = np.unpackbits(np.arange(32, dtype=np.uint8)[:, None], axis=1)[:, 3:]
    test = binary, probabilities
    choices = {rule: choose(rule, *validation) for rule in ("half", "global")}
    given = []

    def band(*tables, **options):
        given.append(tables[:2])
        return bootstrap_band(*tables, **options)

    sampled = compare(choices, validation, test, most_rows=20, band=band, seed=3)
    whole = compare(choices, validation, test, seed=3)
    for choice, tables, row in zip(
        choices.values(), given, sampled.to_dict("records"), strict=True
    ):
        targets, predictions = tables
        numbers = targets @ [16, 8, 4, 2, 1]  # the rows themselves say which they are
        assert len(set(numbers)) == len(numbers) == 20
        np.testing.assert_array_equal(predictions, choice.predict(probabilities)[numbers])
        around = figures_of(binary, choice.predict(probabilities))
        options = {"seed": 3, "around": around}
        expected = bootstrap_band(*tables, ["macro_f1"], **options)["macro_f1"]
        assert (row["macro_f1_low"], row["macro_f1_high"]) == expected
        assert row["macro_f1_low"] < row["macro_f1_test"] < row["macro_f1_high"]
    np.testing.assert_array_equal(given[0][0], given[1][0])
    others = [name for name in whole if not name.endswith(("_low", "_high"))]
    assert sampled[others].equals(whole[others])
    assert compare(choices, validation, test, most_rows=32, seed=3).equals(whole)
    with pytest.raises(ValueError, match="most_rows must be >= 1, got 0"):
        compare(choices, validation, test, most_rows=0)


# Taking a choice home.


def home_choices():
    """One of each kind; scores of problem(digits=1) often equal a threshold of one digit."""
    return [
        Choice(rule="global", threshold=0.7),
        Choice(rule="global", threshold=float(np.float32(0.3))),
        Choice(rule="per_label", threshold=[0.3, 0.7, 0.1, 1 / 3, 1.0]),
        Choice(rule="top_k", top=2),
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("choice", home_choices(), ids=Choice.in_words)
def test_the_code_decides_as_the_choice_does(choice, dtype):
    code = as_python(choice, NAMES)
    assert len(code.splitlines()) == 3
    probabilities = problem(digits=1, dtype=dtype)[1]
    scope = {"probabilities": probabilities}
    exec(code, scope)
    np.testing.assert_array_equal(scope["predictions"], choice.predict(probabilities))
    if np.ndim(choice.threshold):
        assert scope["thresholds"] == list(zip(NAMES, choice.threshold.tolist(), strict=True))


@pytest.mark.parametrize("choice", home_choices(), ids=Choice.in_words)
def test_json_comes_back_as_it_was(choice):
    text = as_json(choice, NAMES)
    content = json.loads(text)
    assert content["rule"] == choice.rule
    again = from_json(text, NAMES)
    np.testing.assert_array_equal(again.threshold, choice.threshold)
    assert (again.rule, again.top) == (choice.rule, choice.top)
    if np.ndim(choice.threshold):
        assert "naïve 标签" in text
        assert content["threshold"][1] == ["naïve 标签", 0.7]
        turned = from_json(text, NAMES[::-1])
        np.testing.assert_array_equal(turned.threshold, choice.threshold[::-1])


def test_taking_home_refuses_names_that_do_not_fit():
    choice = Choice(rule="per_label", threshold=[0.3, 0.7])
    for write in (as_python, as_json):
        with pytest.raises(ValueError, match="label_names must have 2 names, got 3"):
            write(choice, ["a", "b", "c"])
    with pytest.raises(ValueError, match="must differ from each other, got 'a' twice"):
        as_json(choice, ["a", "a"])
    assert "[('a', 0.3), ('a', 0.7)]" in as_python(choice, ["a", "a"])
    text = as_json(choice, ["a", "b"])
    for names in (["a", "c"], ["a"], ["a", "b", "b"]):
        with pytest.raises(ValueError, match="label_names must be a, b; got a"):
            from_json(text, names)
    for wrong in ("[]", "{}", '{"threshold": 0.5}'):
        with pytest.raises(ValueError, match="text must be JSON with rule, threshold and top"):
            from_json(wrong, [])


def test_a_choice_survives_pickling():
    choice = pickle.loads(pickle.dumps(Choice(rule="per_label", threshold=[0.3, 0.7])))
    assert choice.threshold.tolist() == [0.3, 0.7]
