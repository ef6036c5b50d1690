"""Exercises of the Metrics page: what an empty row and a label never predicted do to F1."""

import numpy as np

from mlcore.figures import AVERAGES
from mlcore.metrics.averages import average
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.words import N_

SHOWS = N_("Which average of F1 shows it most clearly?")
HIDES = N_("Which average of F1 hides it best?")


def empty_rows_f1(case: Case, zero_division: float = 0.0) -> float:
    """Samples F1 of rows without a mistake, of which some have no label."""
    targets = np.repeat([[1, 1, 0], [0, 0, 0]], [case["full"], case["empty"]], axis=0)
    return average(targets, targets, "samples", zero_division=zero_division).value


def f1s_without_the_rare_label(case: Case) -> dict[str, float]:
    """Each average F1 of a model that finds the common label and never names the rare one."""
    targets = np.repeat(np.eye(2, dtype=int), [case["common"], case["rare"]], axis=0)
    return {name: average(targets, targets * [1, 0], name).value for name in AVERAGES}


def who_tells(case: Case) -> str:
    """The average that is asked for: the lowest shows it, the highest hides it."""
    found = f1s_without_the_rare_label(case)
    return (min if case["asked"] == SHOWS else max)(found, key=found.get)


def draw_rows(rng) -> Case:
    """Rows with and without labels."""
    full, empty = rng.choice((4, 6, 8, 9, 15)), rng.choice((1, 2, 4))
    return {"full": full, "empty": empty, "rows": full + empty}


def draw_pair(rng) -> Case:
    """A common and a rare label of a hundred rows."""
    rare = rng.choice((2, 4, 8, 10, 20))
    return {"common": 100 - rare, "rare": rare, "asked": rng.choice((SHOWS, HIDES))}


EXERCISES = (
    Exercise(
        key="metrics-empty-row",
        title="Rows without labels",
        question="Of {rows} rows {full} have labels, and all of them are found. The rest "
        "({empty}) have no label, and none is predicted. Not one cell is wrong. What is "
        "**samples F1** with scikit-learn's default for 0/0?",
        first={"full": 3, "empty": 1, "rows": 4},
        fresh=draw_rows,
        answer=empty_rows_f1,
        feedback="The rows with labels have F1 1. One without asks for 0/0, which counts as 0 by "
        "default: samples F1 is {answer:.3f}, though no cell is wrong. With zero_division=1 it is "
        "{one:.3f}; with nan such rows are left out, and it is {nan:.3f}.",
        figures=lambda case: {
            "one": empty_rows_f1(case, 1.0),
            "nan": empty_rows_f1(case, float("nan")),
        },
        hints=(
            "Samples F1 is the mean of the rows' F1. Write down the F1 of each row.",
            "F1 of a row is 2 × found / (true + predicted). What is that in a row without labels?",
        ),
        mistakes=(
            Mistake(
                value=lambda case: empty_rows_f1(case, 1.0),
                why="No cell is wrong, so that is what one would wish. But a row with nothing true "
                "and nothing predicted asks for 0/0, and the default does not count it as a "
                "success.",
            ),
            Mistake(
                value=lambda case: 0.0,
                why="A row of 0/0 does not spoil the others: samples F1 is a mean over the rows.",
            ),
            Mistake(
                value=lambda case: 1 - empty_rows_f1(case),
                why="That is the share of the rows without labels. It is the others that score.",
            ),
        ),
        too_low="Every row with labels has an F1 of 1, and all rows count the same.",
        too_high="What does a row count for that has no label and no prediction?",
        tolerance=0.0005,
    ),
    Exercise(
        key="metrics-never-named",
        title="Who sees the rare label?",
        question="One label is true in {common} of 100 rows, another in the {rare} others. A model "
        "always finds the first and never names the second. {asked}",
        first={"common": 95, "rare": 5, "asked": SHOWS},
        fresh=draw_pair,
        answer=who_tells,
        feedback="Micro {micro:.3f}, weighted {weighted:.3f}, samples {samples:.3f}, macro "
        "{macro:.3f}. Macro gives the rare label, whose F1 is 0, as much say as the common one; "
        "the others count cells or rows, and few of those know the rare label.",
        figures=f1s_without_the_rare_label,
        hints=(
            "What is the F1 of each of the two labels?",
            "How much say does each average give to the rare label: that of its rows, or more?",
        ),
        options={name: name for name in AVERAGES},
        wrong={
            "micro": "Micro adds up the counts of all cells first. How many of the true cells "
            "belong to the rare label?",
            "macro": "Macro is the mean over the labels, each with the same say, however rare. "
            "Work it out from the two F1.",
            "weighted": "Weighted lets each label count as often as it is true. Work out what "
            "that makes of the rare label, and compare it with the other averages.",
            "samples": "Samples is the mean over the rows. Only the {rare} rows of the rare label "
            "score 0: does another average make more, or less, of that?",
        },
    ),
)
EMPTY_ROW, NEVER_NAMED = EXERCISES
