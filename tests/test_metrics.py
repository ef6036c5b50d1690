"""The report against scikit-learn's own, the averages against their meaning, rows in words."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
import torch

from mlcore.metrics import classification_report, row_table, scores

FIGURES = ["precision", "recall", "f1-score"]
NAN = float("nan")


def random_tables(rows=40, labels=6, density=0.3):
    rng = np.random.default_rng(0)
    return ((rng.random((rows, labels)) < density).astype(int) for _ in range(2))


def with_(table, *, rows=(), labels=(), value=0):
    """A copy with some whole rows or labels set to a value."""
    table = table.copy()
    table[list(rows)] = value
    table[:, list(labels)] = value
    return table


def edge_cases():
    targets, predictions = random_tables()
    zeros, ones = np.zeros_like(targets), np.ones_like(targets)
    return {
        "random": (targets, predictions),
        "wide": tuple(random_tables(rows=15, labels=60, density=0.03)),
        "rows without labels": (with_(targets, rows=[0, 3]), with_(predictions, rows=[3, 4])),
        "labels never predicted": (targets, with_(predictions, labels=[1, 5])),
        "labels without support": (with_(targets, labels=[0, 2]), predictions),
        "neither": (with_(targets, labels=[2]), with_(predictions, labels=[2])),
        "always true and predicted": (
            with_(targets, labels=[4], value=1),
            with_(predictions, labels=[4], value=1),
        ),
        "all zeros": (zeros, zeros),
        "no target": (zeros, predictions),
        "no prediction": (targets, zeros),
        "all ones": (ones, ones),
        "one row": (targets[:1], predictions[:1]),
        "one empty row": (zeros[:1], predictions[:1]),
        "two labels": (targets[:, :2], predictions[:, :2]),
    }


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("case", edge_cases())
def test_the_report_equals_that_of_scikit_learn(case, zero_division):
    targets, predictions = edge_cases()[case]
    names = [f"label {j}" for j in range(targets.shape[1])]
    expected = sklearn.metrics.classification_report(
        targets, predictions, target_names=names, output_dict=True, zero_division=zero_division
    )
    actual = classification_report(
        targets, predictions, label_names=names, zero_division=zero_division
    )
    assert list(actual.index) == list(expected)
    assert list(actual.columns) == [*FIGURES, "support"]
    assert actual["support"].dtype == np.int64
    # Both are the same float64 sums, which may be added up in another order.
    pd.testing.assert_frame_equal(
        actual, pd.DataFrame(expected).T, check_dtype=False, rtol=1e-13, atol=1e-15
    )


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize(
    ("targets", "predictions"),
    [
        ([1, 0, 1, 1, 0], [1, 1, 0, 1, 0]),
        ([0, 0, 0], [0, 1, 0]),
        ([1, 1], [0, 0]),
        ([0, 0], [0, 0]),
        ([1], [1]),
    ],
)
def test_a_single_label_is_not_taken_for_two_classes(targets, predictions, zero_division):
    expected = sklearn.metrics.precision_recall_fscore_support(
        targets, predictions, labels=[1], zero_division=zero_division
    )
    report = classification_report(
        np.array(targets)[:, None], np.array(predictions)[:, None], zero_division=zero_division
    )
    assert list(report.index) == ["0", "micro avg", "macro avg", "weighted avg", "samples avg"]
    # With one label, all averages over labels are that label's figures.
    for row in ("0", "micro avg", "macro avg", "weighted avg"):
        np.testing.assert_array_equal(report.loc[row], np.ravel(expected))


def test_a_single_label_has_the_figures_worked_out_by_hand():
    report = classification_report(
        np.array([[1], [0], [1], [1], [0]]), np.array([[1], [1], [0], [1], [0]])
    )
    # Predicted 3 times, 2 of them rightly; true 3 times; rows 0 and 3 are right, row 4 is empty.
    for row in ("0", "micro avg", "macro avg", "weighted avg"):
        np.testing.assert_allclose(report.loc[row], [2 / 3, 2 / 3, 2 / 3, 3])
    np.testing.assert_allclose(report.loc["samples avg"], [2 / 5, 2 / 5, 2 / 5, 3])


def test_averages_mean_what_they_are_called():
    targets, predictions = random_tables()
    targets[0] = predictions[0] = 0
    report = classification_report(targets, predictions)

    def f1(targets, predictions):
        size = targets.sum() + predictions.sum()
        return 2 * (targets & predictions).sum() / size if size else 0.0

    per_label = [f1(t, p) for t, p in zip(targets.T, predictions.T, strict=True)]
    per_row = [f1(t, p) for t, p in zip(targets, predictions, strict=True)]
    # A few dozen float64 additions.
    expected = {
        "micro avg": f1(targets.ravel(), predictions.ravel()),
        "macro avg": np.mean(per_label),
        "weighted avg": np.average(per_label, weights=targets.sum(axis=0)),
        "samples avg": np.mean(per_row),
    }
    for row, figure in expected.items():
        assert report.at[row, "f1-score"] == pytest.approx(figure, rel=1e-13)
    np.testing.assert_allclose(report["f1-score"].iloc[:6], per_label, rtol=1e-13)
    np.testing.assert_array_equal(report["support"].iloc[:6], targets.sum(axis=0))
    assert (report["support"].iloc[6:] == targets.sum()).all()


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
def test_a_report_can_have_macro_averages_over_the_labels_that_occur(zero_division):
    targets, predictions = edge_cases()["labels without support"]
    ours, theirs = (
        classification_report(
            targets, predictions, zero_division=zero_division, macro_over=macro_over
        )
        for macro_over in ("occurring", "all")
    )
    name = "macro avg (labels that occur)"
    assert list(ours.index) == [name if line == "macro avg" else line for line in theirs.index]
    expected = sklearn.metrics.precision_recall_fscore_support(
        targets, predictions, average="macro", labels=[1, 3, 4, 5], zero_division=zero_division
    )
    np.testing.assert_allclose(ours.loc[name, FIGURES].astype(float), expected[:3], rtol=1e-13)
    pd.testing.assert_frame_equal(ours.drop(name), theirs.drop("macro avg"))
    assert ours.at[name, "f1-score"] > theirs.at["macro avg", "f1-score"]


def test_label_names_may_repeat_or_be_called_like_an_average():
    targets, predictions = random_tables(labels=4)
    names = ["same", "same", "micro avg", 7]
    report = classification_report(targets, predictions, label_names=names)
    plain = classification_report(targets, predictions)
    assert list(report.index[:4]) == ["same", "same", "micro avg", "7"]
    assert list(plain.index[:4]) == ["0", "1", "2", "3"]
    np.testing.assert_array_equal(report.to_numpy(), plain.to_numpy())


@pytest.mark.parametrize("dtype", [torch.bool, torch.int64, torch.float32])
def test_the_report_takes_tensors(dtype):
    targets, predictions = random_tables()
    report = classification_report(
        torch.tensor(targets).to(dtype), torch.tensor(predictions).to(dtype)
    )
    pd.testing.assert_frame_equal(report, classification_report(targets, predictions))


@pytest.mark.parametrize(
    ("targets", "predictions", "options", "message"),
    [
        (np.zeros((4, 3)), np.zeros((4, 2)), {}, r"targets and predictions .* got \(4, 3\) and"),
        (np.zeros(3), np.zeros(3), {}, r"shape \(n_samples, n_labels\), got \(3,\)"),
        (np.full((2, 2), 2), np.zeros((2, 2)), {}, "targets must be 0 or 1, got 2"),
        (np.zeros((2, 2)), np.full((2, 2), 0.5), {}, "predictions must be 0 or 1, got 0.5"),
        (np.zeros((2, 2)), np.full((2, 2), NAN), {}, "predictions must be 0 or 1, got nan"),
        (np.zeros((0, 2)), np.zeros((0, 2)), {}, r"at least one row and one label, got \(0, 2\)"),
        (np.zeros((2, 0)), np.zeros((2, 0)), {}, r"at least one row and one label, got \(2, 0\)"),
        (
            np.zeros((2, 2)),
            np.zeros((2, 2)),
            {"label_names": ["a", "b", "c"]},
            "label_names must have 2 names, got 3",
        ),
        (np.zeros((2, 2)), np.zeros((2, 2)), {"zero_division": 0.5}, "zero_division"),
    ],
)
def test_the_report_refuses_bad_input(targets, predictions, options, message):
    with pytest.raises(ValueError, match=message):
        classification_report(targets, predictions, **options)


# Rows in words.


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_a_row_table_says_what_was_found_missed_and_wrong(make):
    table = row_table(
        make([[1, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1], [1, 1, 1]]),
        make([[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]),
        ["a", "b", "c"],
    )
    assert list(table.columns) == ["row", "found", "missed", "wrong", "f1"]
    assert table["row"].tolist() == [0, 1, 2, 3, 4]
    assert table["found"].tolist() == [["✓ a"], [], [], ["✓ c"], []]
    assert table["missed"].tolist() == [["○ b"], [], [], [], ["○ a", "○ b", "○ c"]]
    assert table["wrong"].tolist() == [["✗ c"], [], ["✗ b"], [], []]
    assert table["f1"].tolist() == [0.5, 0.0, 0.0, 1.0, 0.0]


def test_a_row_table_takes_row_names():
    table = row_table([[1], [0]], [[0], [0]], ["a"], row_names=("first", "second"))
    assert table["row"].tolist() == ["first", "second"]
    assert table["missed"].tolist() == [["○ a"], []]


def test_the_f1_of_a_row_is_that_of_scikit_learn():
    targets, predictions = random_tables()
    table = row_table(targets, predictions, list("abcdef"))
    expected = [
        sklearn.metrics.f1_score(t, p, zero_division=0)
        for t, p in zip(targets, predictions, strict=True)
    ]
    np.testing.assert_allclose(table["f1"], expected, rtol=1e-15)


def test_a_row_table_refuses_tables_of_other_shapes():
    with pytest.raises(ValueError, match=r"same shape, got \(1, 2\) and \(1, 1\)"):
        row_table([[1, 0]], [[1]], ["a", "b"])


@pytest.mark.parametrize("threshold", [0.3, [0.1, 0.5, 0.9]])
def test_scores_are_those_of_the_decisions(threshold):
    rng = np.random.default_rng(0)
    targets, probabilities = rng.integers(0, 2, (30, 3)), rng.random((30, 3))
    found = scores(targets, probabilities, threshold)
    predictions = probabilities >= np.array(threshold)
    assert found["macro_f1"] == pytest.approx(
        sklearn.metrics.f1_score(targets, predictions, average="macro")
    )
    assert found["labels_per_row"] == pytest.approx(predictions.sum(axis=1).mean())
