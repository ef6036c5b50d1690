"""Exercises of the Train page: what a network says and learns in its first step."""

import numpy as np

from mlcore.learn.response import Scene
from mlcore.thresholds import decide
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.server.compute import compute

EVEN = 0.5  # what a sigmoid makes of a logit of 0


def predicted_at_the_start(case: Case) -> float:
    """Labels per row that a network with all logits 0 predicts."""
    return float(decide(np.full((1, case["labels"]), EVEN), case["t"]).sum())


def false_share(case: Case) -> float:
    """The share of BCE's gradient on logits of 0 that comes from false labels."""
    scene = Scene(cells=case["labels"], positives=case["true"])
    false, true = compute("mlcore.learn.response:balance", "bce", {}, scene)[0]
    return float(false / (false + true))


def draw_row(rng) -> Case:
    """A number of labels, some of them true."""
    return {"labels": rng.choice((20, 50, 64, 100, 256)), "true": rng.choice((1, 2, 3, 5))}


def draw_start(rng) -> Case:
    """The same with a threshold beside the start or at it."""
    return draw_row(rng) | {"t": rng.choice((0.3, 0.5, 0.6))}


EXERCISES = (
    Exercise(
        key="train-start",
        title="The very first prediction",
        question="A network has {labels} labels, {true} of them true in a row on average. Right "
        "after the start all its logits are 0. **How many labels per row** does it predict at "
        "threshold {t:g}?",
        first={"labels": 512, "true": 5, "t": 0.5},
        fresh=draw_start,
        answer=predicted_at_the_start,
        feedback="The sigmoid of 0 is 0.5, for every label, and a label is predicted when p ≥ t. "
        "With t = {t:g} that makes **{answer:g}** of {labels} labels. What a network says at "
        "threshold 0.5 in its first steps hangs on the smallest move of its logits.",
        hints=(
            "What is the probability of each label at logit 0?",
            "A label is predicted when its probability is at least the threshold.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: float(case["true"]),
                why="So many are true, but the network has not seen a row yet. It only has its "
                "logits.",
            ),
            Mistake(
                value=lambda case: case["labels"] * EVEN,
                why="So many it would expect to be true, as the sum of its probabilities. But a "
                "threshold decides label by label, and all labels are alike here.",
            ),
            Mistake(
                value=lambda case: 0.0,
                why="That comes later: nothing is what a network learns to say. At the start "
                "compare the sigmoid of 0 with the threshold: is it reached?",
            ),
            Mistake(
                value=lambda case: float(case["labels"]),
                why="All labels are alike, that is right. But does the sigmoid of 0 reach this "
                "threshold?",
            ),
        ),
        too_low="All logits are the same, so all labels get the same decision.",
        too_high="All logits are the same, so all labels get the same decision.",
        format="%g",
    ),
    Exercise(
        key="train-share",
        title="Whose step is it?",
        question="A row has {labels} labels, {true} of them true, and all probabilities are 0.5. "
        "**What share of the gradient of BCE**, as a number from 0 to 1, comes from the false "
        "labels? Count each label by the size of its gradient.",
        first={"labels": 512, "true": 5},
        fresh=draw_row,
        answer=false_share,
        feedback="Every label pulls with |p − y| = 0.5, true or false, so the share is that of "
        "their numbers: **{answer:.4f}**. A step therefore mostly teaches the network to say no, "
        "and a weight on true labels or a focusing loss is there to change that.",
        hints=(
            "The gradient on a logit is p − y. How large is it for a true and for a false label?",
            "Then only the numbers of labels on both sides matter.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: 1 - false_share(case),
                why="That is the share of the true labels.",
            ),
            Mistake(
                value=lambda case: EVEN,
                why="One true label pulls as hard as one false label. But there are not equally "
                "many of them.",
            ),
            Mistake(
                value=lambda case: 1.0,
                why="The false labels do not have all of it: the true ones pull too, the other "
                "way.",
            ),
        ),
        too_low="Add up |p − y| over the false labels, and divide by the same over all labels.",
        too_high="Add up |p − y| over the false labels, and divide by the same over all labels.",
        tolerance=0.002,
        format="%.4f",
    ),
)
