"""Build-ups of averages against scikit-learn, cells against their counts, formulas read back."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sklearn.metrics
import torch

from mlcore.figures import AVERAGES, MACRO_OVER, RATIOS
from mlcore.metrics.averages import (
    Ratio,
    average,
    cells,
    check_zero_division,
    counts,
    f1_of_means,
)
from tests.test_metrics import edge_cases, random_tables

NAN = float("nan")
SAMPLE = [[1, 0, 1, 0, 1]], [[1, 1, 0, 0, 1]]


def scikit_learn(targets, predictions, name, figure, zero_division, macro_over):
    """The same average by scikit-learn's own functions."""
    occurring = np.flatnonzero(targets.any(axis=0))
    labels = None
    if name == "macro" and macro_over == "occurring" and len(occurring):
        labels = occurring
    if figure == "accuracy":
        chosen = slice(None) if labels is None else labels
        return 1 - sklearn.metrics.hamming_loss(targets[:, chosen], predictions[:, chosen])
    function = getattr(sklearn.metrics, f"{figure}_score")
    return function(targets, predictions, average=name, zero_division=zero_division, labels=labels)


@pytest.mark.parametrize("macro_over", MACRO_OVER)
@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("case", edge_cases())
def test_every_average_equals_that_of_scikit_learn(case, zero_division, macro_over):
    targets, predictions = edge_cases()[case]
    for name in AVERAGES:
        for figure in RATIOS:
            if figure == "accuracy" and name == "weighted":
                continue  # scikit-learn has no Hamming loss weighted by support
            if figure == "jaccard" and np.isnan(zero_division):
                continue  # its Jaccard score takes no nan
            options = {"zero_division": zero_division, "macro_over": macro_over}
            expected = scikit_learn(targets, predictions, name, figure, **options)
            actual = average(targets, predictions, name, figure, **options)
            # The same few float64 additions, in another order.
            assert actual.value == pytest.approx(expected, rel=1e-13, abs=1e-15, nan_ok=True), (
                f"{name} {figure}"
            )


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("case", edge_cases())
def test_every_part_equals_scikit_learns_figure_of_that_row_or_label(case, zero_division):
    targets, predictions = edge_cases()[case]
    for name, tables in (
        ("samples", (targets.T, predictions.T)),
        ("macro", (targets, predictions)),
    ):
        # scikit-learn reads one column as binary; a second, unused one keeps it multilabel.
        padded = [np.pad(table, ((0, 0), (0, 1))) for table in tables]
        for figure in ("precision", "recall", "f1", "jaccard"):
            if figure == "jaccard" and np.isnan(zero_division):
                continue  # its Jaccard score takes no nan
            function = getattr(sklearn.metrics, f"{figure}_score")
            expected = function(*padded, average=None, zero_division=zero_division)[:-1]
            parts = average(targets, predictions, name, figure, zero_division=zero_division).parts
            np.testing.assert_allclose([part.value for part in parts], expected, rtol=1e-15)


@pytest.mark.parametrize("case", edge_cases())
def test_counts_equal_scikit_learns_confusion_matrices(case):
    targets, predictions = edge_cases()[case]
    for axis, samplewise in (("row", True), ("label", False)):
        matrices = sklearn.metrics.multilabel_confusion_matrix(
            targets, predictions, samplewise=samplewise
        )
        for found, matrix in zip(counts(targets, predictions, axis), matrices, strict=True):
            (neither, wrong), (missed, true) = matrix.tolist()
            assert found == (true, missed, wrong, neither)
            assert (found.support, found.predicted) == (true + missed, true + wrong)
    (whole,) = counts(targets, predictions)
    assert sum(whole) == targets.size


@pytest.mark.parametrize("case", edge_cases())
def test_cells_add_up_to_the_counts_of_each_figure(case):
    targets, predictions = edge_cases()[case]
    for figure in RATIOS:
        twice = 2 if figure == "f1" else 1  # a found cell counts above and below, and twice
        for axis, groups in (("row", len(targets)), ("label", targets.shape[1])):
            all_counts = counts(targets, predictions, axis)
            for place in range(groups):
                below, above = cells(targets, predictions, figure, **{axis: place})
                ratio = all_counts[place].ratio(figure)
                assert twice * above.sum() == ratio.numerator
                assert below.sum() + (twice - 1) * above.sum() == ratio.denominator
                assert not (above & ~below).any()
                outside = np.delete(below, place, axis=0 if axis == "row" else 1)
                assert not outside.any()
        below, above = cells(targets, predictions, figure)
        pooled = average(targets, predictions, "micro", figure).pooled
        assert (twice * above.sum()) == pooled.numerator


def test_three_readings_of_the_share_of_correct_labels_for_one_row():
    (row,) = counts(*SAMPLE)
    readings = {
        name: Fraction(*(row.ratio(name).numerator, row.ratio(name).denominator))
        for name in ("jaccard", "accuracy", "recall")
    }
    assert readings == {
        "jaccard": Fraction(1, 2),
        "accuracy": Fraction(3, 5),
        "recall": Fraction(2, 3),
    }
    assert str(row.ratio("jaccard")) == "2/4"


@pytest.mark.parametrize("case", edge_cases())
@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
def test_formula_is_the_calculation_of_the_value(case, zero_division):
    targets, predictions = edge_cases()[case]
    for name in AVERAGES:
        for figure in ("precision", "recall", "f1"):
            found = average(targets, predictions, name, figure, zero_division=zero_division)
            formula = found.formula()
            if found.name == "micro" and found.pooled.undefined:
                assert re.fullmatch(r"0/0|\(.*\) / \(.*\)", formula)
                continue
            if formula == "nothing to average":
                assert math.isnan(found.value)
                continue
            python = re.sub(r"\[0/0 → (\d|nan)\]", r"\1", formula)
            python = python.replace("×", "*")
            assert "nan" not in python
            assert eval(python) == pytest.approx(found.value, rel=1e-13)


def test_formula_lists_few_parts_and_counts_many():
    assert average(*SAMPLE, "samples").formula() == "(4/6) / 1"
    assert average(*SAMPLE, "micro").formula() == "4/6"
    macro = average(*SAMPLE, "macro", "recall", zero_division=1.0)
    assert macro.formula() == "(1/1 + 0/1 + 1/1) / 3"
    macro = average(*SAMPLE, "macro", "recall", zero_division=1.0, macro_over="all")
    assert macro.formula() == "(1/1 + [0/0 → 1] + 0/1 + [0/0 → 1] + 1/1) / 5"
    weighted = average(*SAMPLE, "weighted", "recall")
    assert weighted.formula().startswith("(1 × 1/1 + 0 × [0/0 → 0] + 1 × 0/1")
    targets = np.zeros((1, 512), dtype=int)
    targets[0, :5] = 1
    empty = average(targets, np.zeros_like(targets), "macro", macro_over="all")
    assert empty.formula() == "(5 × 0/1 + 507 × [0/0 → 0]) / 512"


def test_micro_formula_pools_rows():
    tables = [[1, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 1]]
    assert average(*tables, "micro", "recall").formula() == "(1 + 1) / (2 + 1)"
    assert str(average(*tables, "micro", "recall").pooled) == "2/3"


def test_zero_division_is_the_value_of_zero_by_zero_only():
    assert Ratio(0, 0).value == 0
    assert Ratio(0, 0, 1.0).value == 1
    assert math.isnan(Ratio(0, 0, NAN).value)
    assert Ratio(0, 3, 1.0).value == 0
    assert Ratio(0, 0).undefined
    assert not Ratio(0, 3).undefined


def test_accuracy_flatters_zeros():
    targets = np.zeros((1, 512), dtype=int)
    targets[0, :5] = 1
    (row,) = counts(targets, np.zeros_like(targets))
    assert row.ratio("accuracy") == Ratio(507, 512)
    assert row.ratio("f1") == Ratio(0, 5)


def test_f1_of_means_has_the_value_worked_out_by_hand():
    # Label 0: P = 1/1, R = 1/2, F1 = 2/3. Label 1: P = 1/2, R = 1/1, F1 = 2/3.
    tables = [[1, 0], [1, 1]], [[1, 1], [0, 1]]
    assert f1_of_means(*tables) == (0.75, 0.75, 0.75)
    assert average(*tables, "macro", "f1").value == pytest.approx(2 / 3)


def test_f1_of_means_is_over_the_same_labels_as_the_mean_of_f1s():
    # Label 1 never occurs: over all labels P = (1 + 0) / 2 and R = (1 + [0/0 → 0]) / 2.
    tables = [[1, 0], [1, 0]], [[1, 1], [1, 0]]
    assert f1_of_means(*tables) == (1, 1, 1)
    assert f1_of_means(*tables, macro_over="all") == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("zero_division", [0.0, 1.0])
def test_f1_of_means_is_never_below_the_mean_of_f1s(zero_division):
    rng = np.random.default_rng(0)
    for _ in range(200):
        targets, predictions = rng.integers(0, 2, (2, 4, 5))
        one = average(targets, predictions, "macro", "f1", zero_division=zero_division).value
        other = f1_of_means(targets, predictions, zero_division=zero_division).value
        assert other >= one - 1e-15


@pytest.mark.parametrize(("zero_division", "expected"), [(0.0, 0.0), (1.0, 1.0), (NAN, NAN)])
def test_f1_of_means_where_nothing_is_true_or_predicted(zero_division, expected):
    value = f1_of_means([[0, 0]], [[0, 0]], zero_division=zero_division).value
    assert value == pytest.approx(expected, nan_ok=True)


def test_tensors_are_taken():
    targets, predictions = random_tables()
    expected = average(targets, predictions, "samples")
    assert average(torch.tensor(targets), torch.tensor(predictions) > 0, "samples") == expected


@pytest.mark.parametrize(
    ("targets", "predictions", "options", "message"),
    [
        ([[1, 0]], [[1]], {}, r"targets and predictions .* got \(1, 2\) and \(1, 1\)"),
        ([[2, 0]], [[1, 0]], {}, "targets must be 0 or 1, got 2"),
        ([[1, 0]], [[1, NAN]], {}, "predictions must be 0 or 1, got nan"),
        ([[]], [[]], {}, r"at least one row and one label, got \(1, 0\)"),
        ([[1]], [[1]], {"name": "mean"}, "name must be one of micro, macro"),
        ([[1]], [[1]], {"figure": "f2"}, "figure must be one of precision"),
        ([[1]], [[1]], {"zero_division": 0.5}, "zero_division must be 0, 1 or nan, got 0.5"),
        ([[1]], [[1]], {"macro_over": "true"}, "macro_over must be one of occurring, all; got 'tr"),
        ([[1]], [[1]], {"zero_division": "warn"}, "zero_division must be 0, 1 or nan, got 'warn'"),
    ],
)
def test_an_average_refuses_bad_input(targets, predictions, options, message):
    with pytest.raises(ValueError, match=message):
        average(targets, predictions, **{"name": "macro", **options})


def test_other_functions_refuse_bad_input():
    with pytest.raises(ValueError, match="axis must be one of row, label, all"):
        counts([[1]], [[1]], "column")
    with pytest.raises(ValueError, match="figure must be one of"):
        cells([[1]], [[1]], "support")
    with pytest.raises(ValueError, match="zero_division must be 0, 1 or nan, got None"):
        check_zero_division(None)
