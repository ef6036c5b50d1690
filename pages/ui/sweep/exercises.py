"""Exercises of the Sweep page: how much is trained, and which difference counts."""

import numpy as np

from mlcore.sweeps import count_runs
from mlcore.sweeps.surface import Surface
from mlcore.training.config import TrainConfig
from pages.ui.kit.exercise import Case, Exercise, Mistake


def runs(case: Case) -> int:
    """What the grid trains."""
    grid = {
        "loss": ["bce_pos_weight"],
        "pos_weight": [2.0 + n for n in range(case["weights"])],
        "learning_rate": [0.01 * (1 + n) for n in range(case["rates"])],
    }
    return count_runs(TrainConfig(), grid, seeds=range(case["seeds"]))


def surface_of(case: Case) -> Surface:
    """Three cells of a surface; around its mean each has a low, a middle and a high seed."""
    steps = np.array([-1.0, 0.0, 1.0])
    values = np.array([[[mean], [half]] for mean, half in case["cells"]])
    test = (values[:, 0] + values[:, 1] * steps)[None]
    there = np.ones(test.shape, bool)
    return Surface(
        figure="macro_f1",
        test={"half": test, "tuned": test},
        validation={"half": test, "tuned": test},
        threshold=np.full(test.shape, 0.5),
        there=there,
        lost=~there,
    )


def reliable(case: Case) -> str:
    """Which of B and C is better than A by more than both spreads."""
    surface = surface_of(case)
    (a, *others), (own, *spreads) = surface.mean("half")[0], surface.spread("half")[0]
    found = [
        name
        for name, mean, spread in zip("BC", others, spreads, strict=True)
        if mean - a > own + spread
    ]
    return {0: "neither", 1: "".join(found), 2: "both"}[len(found)]


def figures_of(case: Case) -> dict[str, float]:
    """How far B and C lead, and how far their seeds and those of A reach together."""
    surface = surface_of(case)
    (a, b, c), (own, of_b, of_c) = surface.mean("half")[0], surface.spread("half")[0]
    return {"b": b - a, "c": c - a, "ab": own + of_b, "ac": own + of_c}


def draw_cells(rng) -> Case:
    """Mean and half range of A, B and C, whose leads hold or do not."""
    mean, half = rng.choice((0.42, 0.5, 0.55)), rng.choice((0.005, 0.01))
    cells = [(mean, half)]
    for _other in "BC":
        lead, spread = rng.choice(((0.04, 0.05), (0.02, 0.03), (0.03, 0.01), (0.05, 0.02)))
        cells.append((round(mean + lead, 3), spread))
    return {"cells": tuple(cells)}


EXERCISES = (
    Exercise(
        key="sweep-runs",
        title="How much is trained?",
        question="A grid has {weights} positive weights and {rates} learning rates, and every cell "
        "is trained with {seeds} seeds. How many **runs** is that?",
        first={"weights": 6, "rates": 5, "seeds": 3},
        fresh=lambda rng: {
            "weights": rng.choice((3, 4, 7, 8)),
            "rates": rng.choice((2, 5, 6)),
            "seeds": rng.choice((2, 3, 4, 5)),
        },
        answer=runs,
        feedback="**{answer}** runs: every weight with every rate, each of them {seeds} times. One "
        "more setting multiplies the whole, so that grids are kept to two settings at a time.",
        hints=(
            "How many cells has the grid?",
            "Each cell is trained anew with each seed.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: case["weights"] * case["rates"],
                why="Those are the cells of the surface. Each of them is trained more than once.",
            ),
            Mistake(
                value=lambda case: case["weights"] + case["rates"] + case["seeds"],
                why="A grid takes every weight with every rate. That is no sum.",
            ),
            Mistake(
                value=lambda case: (case["weights"] + case["rates"]) * case["seeds"],
                why="That changes one setting at a time. A grid takes every weight with every "
                "rate.",
            ),
        ),
        too_low="Every weight, with every rate, with every seed.",
        too_high="Every weight, with every rate, with every seed; each combination once.",
        format="%g",
    ),
    Exercise(
        key="sweep-spread",
        title="Which difference counts?",
        question="Macro F1 of three settings, mean ± half of the range over three seeds: A "
        "{cells[0][0]:.3f} ± {cells[0][1]:.3f}, B {cells[1][0]:.3f} ± {cells[1][1]:.3f}, C "
        "{cells[2][0]:.3f} ± {cells[2][1]:.3f}. Which is better than A **whichever seeds you "
        "look at**?",
        first={"cells": ((0.5, 0.01), (0.54, 0.05), (0.53, 0.01))},
        fresh=draw_cells,
        answer=reliable,
        feedback="B leads by {b:.3f} and C by {c:.3f}. The ranges of A and B reach {ab:.3f} from "
        "their means together, those of A and C {ac:.3f}. Only a lead that is larger than both "
        "half ranges holds for every seed; a higher mean alone may be luck.",
        figures=figures_of,
        hints=(
            "From where to where do the seeds of each setting reach?",
            "Does the worst seed of a setting still beat the best seed of A?",
        ),
        options={"B": "only B", "C": "only C", "both": "both", "neither": "neither"},
        wrong={
            "B": "Its mean is higher, but so may be its spread. Compare the worst seeds of B and "
            "of C with the best of A.",
            "C": "Its mean is higher, but so may be its spread. Compare the worst seeds of C and "
            "of B with the best of A.",
            "both": "Both means are higher than that of A. Do all of their seeds stay above the "
            "best seed of A?",
            "neither": "Seeds do differ, but a lead counts when it is larger than what seeds do. "
            "Compare the worst seed of each with the best of A.",
        },
    ),
)
