"""The table of the Metrics page: its text in the link, its figures against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics

from mlcore.figures import AVERAGES, RATIOS
from mlcore.metrics.averages import counts
from pages.ui.metrics import notes
from pages.ui.metrics.table import PRESETS, Sheet, check_pick, check_table, read_table, write_table
from pages.ui.metrics.view import explain
from tests.metrics_page import (
    figures_of,
)

NAN = float("nan")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_as_its_name(name):
    assert write_table(*read_table(name)) == name
    assert check_table(PRESETS[name]) == name


def test_a_table_survives_being_written():
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (8, 12), (3, 5), (1, 512)):
        tables = rng.integers(0, 2, (2, *shape)).astype(bool)
        np.testing.assert_array_equal(read_table(write_table(*tables)), tables)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table must be one of sample, empty-row"),
        ("101", "table must be one of sample"),
        ("102-101", "labels of 0 and 1"),
        ("-", "labels of 0 and 1"),
        ("١٠-01", "labels of 0 and 1"),
        ("101-10", "as many in each row"),
        ("10-10-10", "as many in each row"),
        ("10-10.1-0", "as many in each row"),
        (".".join(["1-0"] * 9), "at most 8 rows and 12 labels, or one row of 512"),
        ("1" * 513 + "-" + "0" * 513, "one row of 512"),
        (f"{'1' * 13}-{'0' * 13}.{'1' * 13}-{'0' * 13}", "at most 8 rows and 12 labels"),
    ],
)
def test_a_bad_table_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        check_table(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1", "figure must be one of samples"),
        ("row0.f1", "figure must be one of samples"),
        ("samples.f2", "figure must be one of samples"),
        ("macro.accuracy", "must be one of precision, recall, f1"),
    ],
)
def test_a_figure_that_does_not_exist_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        check_pick(text)


# Figures of the table.


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("name", PRESETS)
def test_figures_on_screen_are_those_of_scikit_learn(name, zero_division):
    targets, predictions = read_table(name)
    sheet = Sheet(targets, predictions, "samples.f1", zero_division, hidden=False)
    figures = figures_of(sheet.lines)
    for average_name in AVERAGES:
        expected = sklearn.metrics.precision_recall_fscore_support(
            targets,
            predictions,
            labels=np.flatnonzero(targets.any(axis=0)) if average_name == "macro" else None,
            average=average_name,
            zero_division=zero_division,
        )[:3]
        for figure, value in zip(RATIOS, expected, strict=False):
            assert figures[f"{average_name}.{figure}"]["text"] == f"{value:.2f}"
    assert figures["samples.accuracy"]["text"] == (
        f"{1 - sklearn.metrics.hamming_loss(targets, predictions):.2f}"
    )
    if not np.isnan(zero_division):
        jaccard = sklearn.metrics.jaccard_score(
            targets, predictions, average="samples", zero_division=zero_division
        )
        assert figures["samples.jaccard"]["text"] == f"{jaccard:.2f}"
    if targets.shape[1] > 12:
        return
    per_label = sklearn.metrics.recall_score(
        targets, predictions, average=None, zero_division=zero_division
    )
    for label, value in enumerate(per_label):
        shown = figures[f"label{label + 1}.recall"]
        undefined = shown["text"] == "0/0"
        assert shown["small"] == (f"→ {value:g}" if undefined else f"{value:.2f}")
        assert ("undefined" in shown["look"]) == undefined


def test_hidden_figures_are_question_marks_that_cannot_be_picked():
    sheet = Sheet(*read_table("sample"), "samples.f1", 0.0, hidden=True)
    for cell in figures_of(sheet.lines).values():
        assert (cell["text"], cell["small"], cell["off"], cell["on"]) == ("?", "", True, False)
    assert not sheet.below.any()


@pytest.mark.parametrize(
    ("pick", "below", "above"),
    [
        ("row1.precision", "11001", "10001"),
        ("row1.recall", "10101", "10001"),
        ("row1.jaccard", "11101", "10001"),
        ("row1.accuracy", "11111", "10011"),
        ("label3.f1", "00100", "00000"),
        ("micro.f1", "11101", "10001"),
        ("macro.f1", "10101", "10001"),  # label 2 is predicted and does not occur
        ("weighted.f1", "11101", "10001"),
    ],
)
def test_a_figure_lights_the_cells_it_comes_from(pick, below, above):
    sheet = Sheet(*read_table("sample"), pick, 0.0, hidden=False)
    looks = [
        cell["look"].split()[-1] if "ove" in cell["look"] or "below" in cell["look"] else ""
        for cell in sheet.lines[1]
        if cell.get("id", "").startswith("true")
    ]
    assert "".join(str(int(look in ("below", "above"))) for look in looks) == below
    assert "".join(str(int(look == "above")) for look in looks) == above
    assert figures_of(sheet.lines)[pick]["on"]


@pytest.mark.parametrize(
    ("pick", "parts"),
    [
        ("samples.f1", {"row1.f1", "row2.f1", "row3.f1"}),
        ("macro.recall", {f"label{k}.recall" for k in range(1, 6)}),
        ("weighted.precision", {f"label{k}.precision" for k in range(1, 6)}),
        ("micro.f1", set()),
    ],
)
def test_an_average_marks_the_figures_it_is_the_mean_of(pick, parts):
    sheet = Sheet(*read_table("empty-row"), pick, 0.0, hidden=False)
    figures = figures_of(sheet.lines)
    assert {name for name, cell in figures.items() if "part" in cell["look"].split()} == parts
    supports = [cell for cell in sheet.lines[-2] if cell["kind"] == "text"]
    assert all((cell["look"] == "part") == pick.startswith("weighted") for cell in supports)


def test_a_macro_average_marks_only_the_labels_that_occur():
    figures = figures_of(Sheet(*read_table("sample"), "macro.recall", 0.0, hidden=False).lines)
    marked = [name for name, cell in figures.items() if "part" in cell["look"].split()]
    assert marked == ["label1.recall", "label3.recall", "label5.recall"]


def test_a_figure_is_explained_with_its_counts():
    tables = read_table("empty-row")
    assert "(4/6 + \\[0/0 → 0\\] + 2/3) / 3 = **0.44**" in explain("samples.f1", *tables, 0.0)
    assert "1 of 3 parts are nan and left out" in explain("samples.f1", *tables, NAN)
    assert "Of 3 predicted (✓ ✗), 2 are true (✓)." in explain("row1.precision", *tables, 0.0)
    assert "= 2/4 = 0.50" in explain("row1.jaccard", *tables, 0.0)
    assert "count it as 1" in explain("row2.recall", *tables, 1.0)
    assert "is nan, so it is left out" in explain("label3.precision", *tables, NAN)
    assert "(2 + 0 + 1) / (3 + 0 + 2) = **0.60**" in explain("micro.recall", *tables, 0.0)


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
def test_a_macro_average_says_which_labels_it_is_over(zero_division):
    targets, predictions = read_table("sample")
    said = explain("macro.f1", targets, predictions, zero_division)
    assert "(2/2 + 0/1 + 2/2) / 3 = **0.67**" in said
    assert "The mean over the labels that occur" in said
    theirs = sklearn.metrics.f1_score(
        targets, predictions, average="macro", zero_division=zero_division
    )
    assert "2 of 5 labels have no true row: nothing of them can be found" in said
    assert f"takes all labels by default, and gives {theirs:.2f}." in said
    assert "nan and left out" not in said
    assert "have no true row" not in explain("weighted.f1", targets, predictions, zero_division)
    assert "have no true row" not in explain("macro.f1", *read_table("never"), zero_division)
    never = explain("macro.precision", *read_table("never"), NAN)
    assert "1 of 5 parts are nan and left out" in never


def test_row_counts_of_the_sample_are_those_of_the_question():
    (row,) = counts(*read_table("sample"))
    assert row == (2, 1, 1, 1)
    assert notes.GUESSES
