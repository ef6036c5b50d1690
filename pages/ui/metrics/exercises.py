"""Exercises of the Metrics page: what an empty row and a label never predicted do to F1."""

from functools import cache

import numpy as np

from mlcore.figures import AVERAGES
from mlcore.metrics.averages import average
from pages.ui.kit.exercises import Exercise

# Three rows answered without a mistake; a fourth has no label, and none is predicted.
EMPTY_ROW = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 0]])
COMMON, RARE = 95, 5  # rows in which only the common, only the rare label is true


def empty_row_f1(zero_division: float = 0.0) -> float:
    """Samples F1 of the four rows."""
    return average(EMPTY_ROW, EMPTY_ROW, "samples", zero_division=zero_division).value


@cache
def f1s_without_the_rare_label() -> dict[str, float]:
    """Each average F1 of a model that finds the common label and never names the rare one."""
    targets = np.zeros((COMMON + RARE, 2), dtype=int)
    targets[:COMMON, 0] = targets[COMMON:, 1] = 1
    predictions = targets * [1, 0]
    return {name: average(targets, predictions, name).value for name in AVERAGES}


EXERCISES = (
    Exercise(
        key="metrics-empty-row",
        title="A row without labels",
        question="Four rows, and not one cell is wrong: three rows have labels, all of them found; "
        "the fourth has no label, and none is predicted. What is **samples F1** with "
        "scikit-learn's default for 0/0?",
        answer=empty_row_f1,
        feedback="Three rows have F1 1. The empty row asks for 0/0, which counts as 0 by default: "
        "samples F1 is {answer:.3f}, though no cell is wrong. With zero_division=1 it is "
        "{one:.3f}; with nan the row is left out, and it is {nan:.3f}.",
        figures=lambda guess: {"one": empty_row_f1(1.0), "nan": empty_row_f1(float("nan"))},
        hints=(
            "Samples F1 is the mean of the rows' F1. Write down the F1 of each row.",
            "F1 of a row is 2 × found / (true + predicted). What is that in the fourth row?",
        ),
        tolerance=0.0005,
    ),
    Exercise(
        key="metrics-never-named",
        title="Who sees the rare label?",
        question="One label is true in 95 of 100 rows, another in the 5 others. A model always "
        "finds the first and never names the second. Which average of F1 shows it most clearly?",
        answer=lambda: min(f1s_without_the_rare_label().items(), key=lambda pair: pair[1])[0],
        feedback="Micro {micro:.3f}, weighted {weighted:.3f}, samples {samples:.3f}, macro "
        "{macro:.3f}. Macro gives the rare label, whose F1 is 0, as much say as the common one; "
        "the others count cells or rows, and few of those know the rare label.",
        figures=lambda guess: f1s_without_the_rare_label(),
        hints=(
            "Which average gives each label the same weight, however rare it is?",
            "The rare label's F1 is 0, as none of its rows is found.",
        ),
        options={name: name for name in AVERAGES},
    ),
)
