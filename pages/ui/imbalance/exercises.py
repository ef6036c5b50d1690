"""Exercises of the Imbalance page: IRLbl, its mean, and what copying rows does to them."""

import numpy as np

from mlcore.imbalance import irlbl, mean_ir
from pages.ui.kit.exercise import Case, Exercise, Mistake

ROWS = 1000


def targets_of(case: Case) -> np.ndarray:
    """Rows in which the labels are true so often."""
    return (np.arange(ROWS)[:, None] < np.array(case["counts"])).astype(int)


def rarest(case: Case) -> float:
    """IRLbl of the rarest label."""
    return float(irlbl(targets_of(case)).max())


def balance_of(case: Case) -> float:
    """MeanIR of the labels."""
    return float(mean_ir(targets_of(case)))


def after_copying(case: Case) -> float:
    """IRLbl of the rare label when its rows, which have the frequent label too, were copied."""
    frequent, rare = case["counts"]
    rows = targets_of({"counts": (frequent, rare)})
    copies = np.repeat(rows[rows[:, 1] == 1], case["times"] - 1, axis=0)
    return float(irlbl(np.concatenate([rows, copies]))[1])


def draw_counts(rng) -> Case:
    """Three labels, the most frequent first."""
    most = rng.choice((200, 240, 400, 600))
    return {"counts": (most, most // rng.choice((2, 4, 5)), most // rng.choice((10, 20, 40)))}


def draw_copies(rng) -> Case:
    """A frequent and a rare label, and how often its rows are to be there."""
    counts = rng.choice((200, 300, 600)), rng.choice((10, 20, 25))
    return {"counts": counts, "times": rng.choice((2, 3, 4, 10))}


FIRST = {"counts": (400, 100, 20)}
EXERCISES = (
    Exercise(
        key="imbalance-irlbl",
        title="How rare is rare?",
        question="Three labels are true in {counts[0]}, {counts[1]} and {counts[2]} of 1,000 rows. "
        "What is the **IRLbl** of the rarest?",
        first=FIRST,
        fresh=draw_counts,
        answer=rarest,
        feedback="IRLbl compares a label with the most frequent one: {counts[0]} / {counts[2]} = "
        "**{answer:g}**. How many rows there are does not enter.",
        hints=(
            "IRLbl says how many times rarer a label is than another one. Than which?",
            "The most frequent label has an IRLbl of 1.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: ROWS / case["counts"][2],
                why="That is how rare it is among the rows. IRLbl compares it with another label.",
            ),
            Mistake(
                value=lambda case: 1 / rarest(case),
                why="That is the other way round: the rarer a label, the larger its IRLbl.",
            ),
            Mistake(
                value=lambda case: case["counts"][1] / case["counts"][2],
                why="That compares it with the next label. IRLbl takes the most frequent one.",
            ),
            Mistake(
                value=lambda case: sum(case["counts"]) / case["counts"][2],
                why="That compares it with all true cells together. IRLbl takes one label.",
            ),
        ),
        too_low="The count of the most frequent label, divided by that of this one.",
        too_high="The count of the most frequent label, divided by that of this one.",
        relative=0.005,
        format="%g",
    ),
    Exercise(
        key="imbalance-mean",
        title="The mean of ratios",
        question="Three labels are true in {counts[0]}, {counts[1]} and {counts[2]} of 1,000 rows. "
        "What is **MeanIR**?",
        first=FIRST,
        fresh=draw_counts,
        answer=balance_of,
        feedback="The three IRLbl are {ratios[0]:g}, {ratios[1]:g} and {ratios[2]:g}; their mean "
        "is **{answer:.2f}**. The rarest label decides it nearly alone: a MeanIR says little "
        "without the largest IRLbl beside it.",
        figures=lambda case: {"ratios": irlbl(targets_of(case))},
        hints=(
            "First work out the IRLbl of each label.",
            "The most frequent label takes part in the mean, too. What is its IRLbl?",
        ),
        mistakes=(
            Mistake(
                value=lambda case: case["counts"][0] / np.mean(case["counts"]),
                why="That is a ratio of the mean count. MeanIR is the mean of the ratios, which "
                "is not the same.",
            ),
            Mistake(
                value=lambda case: (3 * balance_of(case) - 1) / 2,
                why="That leaves out the most frequent label. It has an IRLbl as well.",
            ),
            Mistake(
                value=rarest,
                why="That is the largest IRLbl, not the mean.",
            ),
            Mistake(
                value=lambda case: float(np.median(irlbl(targets_of(case)))),
                why="That is the median of the three. The mean is pulled by the rarest label.",
            ),
        ),
        too_low="Add up the IRLbl of all three labels and divide by three.",
        too_high="Add up the IRLbl of all three labels and divide by three.",
        relative=0.005,
        format="%.2f",
    ),
    Exercise(
        key="imbalance-copy",
        title="Copying rows",
        question="One label is true in {counts[0]} rows, another in {counts[1]}, and **each** row "
        "with the second has the first, too. The rows with the second label are copied until each "
        "is there {times} times. What is the IRLbl of the second label then?",
        first={"counts": (400, 20), "times": 5},
        fresh=draw_copies,
        answer=after_copying,
        feedback="It was {before:g} and is now **{answer:.2f}**. Copying a row copies all of its "
        "labels, so that the frequent one grows as well. Where rare labels come with frequent ones "
        "(SCUMBLE says how much), a sampler of rows balances little, and a weight on single labels "
        "does what it cannot.",
        figures=lambda case: {"before": rarest(case)},
        hints=(
            "How many true rows does the second label have in the end?",
            "A copied row has all of its labels. How many true rows has the first one then?",
        ),
        mistakes=(
            Mistake(
                value=lambda case: rarest(case) / case["times"],
                why="That would be so if only the rare label were copied. A row comes with all "
                "that is true in it.",
            ),
            Mistake(
                value=rarest,
                why="That is the IRLbl before. Copying does change it.",
            ),
            Mistake(
                value=lambda case: 1.0,
                why="They would be equally frequent only if no row had the first label alone.",
            ),
        ),
        too_low="The first label grows with every copied row, too.",
        too_high="The second label has {times} times its rows now; the first has only those more "
        "that were copied.",
        relative=0.005,
        format="%.2f",
    ),
)
