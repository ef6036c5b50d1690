"""Exercises of the Thresholds page: what a weight is worth, and where F1 is best."""

import numpy as np

from mlcore.calibration import lipton_threshold
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.server.compute import compute

ROWS, OPEN = 100, 10  # of a label, and those in which it may be true


def weight_threshold(case: Case) -> float:
    """The threshold that decides as the weight does, found by search."""
    return compute("mlcore.learn.response:weight_shift", case["weight"])["threshold"]


def half_of_best(case: Case) -> float:
    """From which probability on a row is predicted where F1 is best."""
    # So many rows with this probability, and the rest certain, have that best F1.
    p = np.zeros((ROWS, 1))
    p[:OPEN] = case["f1"] / (2 - case["f1"])
    return float(lipton_threshold(p).half_f1[0])


EXERCISES = (
    Exercise(
        key="thresholds-weight",
        title="A weight, or a threshold?",
        question="A model is trained with pos_weight = {weight:g} and cut at 0.5. Another is "
        "trained **without** a weight, and both learn what there is to learn. At which threshold "
        "does the second one predict the same labels as the first?",
        first={"weight": 9.0},
        fresh=lambda rng: {"weight": rng.choice((2.0, 3.0, 4.0, 5.0, 19.0, 24.0, 49.0, 0.25))},
        answer=weight_threshold,
        feedback="The weighted model says 0.5 where the probability is **{answer:.4f}**: the odds "
        "there are 1 to {weight:g}, and the weight makes them even. So a weight and a threshold "
        "can do the same, and the threshold needs no training.",
        hints=(
            "The weight multiplies the odds p : (1 − p) that the model answers.",
            "For which p are the odds even after they were multiplied by {weight:g}?",
        ),
        mistakes=(
            Mistake(
                value=lambda case: 1 / case["weight"],
                why="Those are the odds at the cut. Odds of a to b are a probability of a of a + "
                "b.",
            ),
            Mistake(
                value=lambda case: 1 - weight_threshold(case),
                why="That is the probability of the other outcome. Does a weight above 1 make the "
                "model predict more, or less?",
            ),
            Mistake(
                value=lambda case: 0.5,
                why="At 0.5 the model without a weight predicts other labels: the weight has "
                "moved every answer of the first.",
            ),
            Mistake(
                value=lambda case: 0.5 / case["weight"],
                why="A weight does not divide the probability at the cut. It multiplies the odds.",
            ),
        ),
        too_low="At the threshold the odds p : (1 − p), times {weight:g}, are 1 : 1.",
        too_high="At the threshold the odds p : (1 − p), times {weight:g}, are 1 : 1.",
        tolerance=0.001,
        format="%.4f",
    ),
    Exercise(
        key="thresholds-half",
        title="Does one more row pay?",
        question="The scores of a label are its true probabilities, and at its best threshold F1 "
        "is {f1:g}. One more row has to be decided. **From which probability on** does predicting "
        "the label there raise F1?",
        first={"f1": 0.6},
        fresh=lambda rng: {"f1": rng.choice((0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9))},
        answer=half_of_best,
        feedback="From **{answer:.2f}** on, half of the best F1. One more predicted row adds 2p to "
        "the numerator of F1 and 1 to its denominator; the fraction grows when 2p is more than F1. "
        "So the best threshold of a calibrated label is never above 0.5.",
        hints=(
            "F1 is 2 × found / (true + predicted). What does one more predicted row add to both?",
            "A fraction grows when what is added is, as a fraction itself, larger than it.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: 0.5,
                why="That is best for accuracy, where a miss costs as much as a false alarm. F1 "
                "does not count the rows that are rightly left out.",
            ),
            Mistake(
                value=lambda case: case["f1"],
                why="Close: a fraction grows by what is larger than itself. But what is added "
                "above the line is not p alone.",
            ),
            Mistake(
                value=lambda case: 1 - case["f1"],
                why="The better F1 is, the more choosy the threshold has to be, not the less.",
            ),
        ),
        too_low="One more row adds 1 below the line. Which p does it need above the line to make "
        "up for that?",
        too_high="One more row adds 1 below the line, and twice its p above the line.",
        tolerance=0.005,
        format="%.2f",
    ),
)
