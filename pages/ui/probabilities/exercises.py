"""Questions on softmax and sigmoid, answered by running the comparison."""

import numpy as np

from mlcore.learn.comparison import Comparison
from pages.ui.kit.exercises import Exercise
from pages.ui.probabilities.table import PROBABILITIES
from pages.ui.server.compute import compute

ROW = (2.0, 1.0, 0.5, -1.0)
PAIR = (2.0, -1.0)
WIDE = 512
CONFIDENT = (3.0, 0.0, -2.0, -2.0)
TWO_TRUE = (1.0, 1.0, 0.0, 0.0)


def _compare(logits, labels=None) -> Comparison:
    logits = np.array([logits], float)
    labels = np.zeros_like(logits) if labels is None else np.array([labels], float)
    return compute("mlcore.learn.comparison:compare", logits, labels)


def _raised() -> tuple[Comparison, Comparison]:
    return _compare(ROW), _compare((ROW[0] + 1, *ROW[1:]))


def _who_falls() -> str:
    before, after = _raised()
    falling = (after.softmax < before.softmax)[0, 1:]
    return {0: "none", 1: "next"}.get(int(falling.sum()), "all")


def _figures_of_raised(guess: object) -> dict:
    before, after = _raised()
    return {"before": before.softmax[0], "after": after.softmax[0], "alone": after.sigmoid[0, 1]}


def _one_logit() -> float:
    """The logit of the softmax's first probability: found in the sigmoid, not by the rule."""
    p = _compare(PAIR).softmax[0, 0]
    return float(np.log(p) - np.log1p(-p))


def _wide_steps() -> dict[str, float]:
    """How far one step moves a true label among 512, with the mean and with the sum over labels."""
    logits, labels = np.zeros((1, WIDE)), np.eye(1, WIDE)
    steps = {
        name: compute(
            "mlcore.learn.comparison:one_step", logits, labels, learning_rate=1.0, reduction=name
        )
        for name in ("mean", "batchmean")
    }
    return {name: float(step.moved[0, 0]) for name, step in steps.items()}


def _figures_of_two_true(guess: object) -> dict:
    found = _compare(CONFIDENT, TWO_TRUE)
    return {
        "p": found.softmax[0, 0],
        "share": 1 / sum(TWO_TRUE),
        "gradient": found.softmax_gradient[0, 0],
        "alone": found.sigmoid_gradient[0, 0],
    }


EXERCISES = (
    Exercise(
        key="prob-raise",
        title="Predict first: who pays?",
        question="Four labels have the logits 2, 1, 0.5 and −1. You raise the first by 1. Which "
        "other **softmax** probabilities fall?",
        options={
            "none": "none: each label has its own",
            "next": "only the next highest",
            "all": "all three",
        },
        answer=_who_falls,
        feedback="The four must add up to 1, so what the first gains, {before[0]:.3f} to "
        "{after[0]:.3f}, **all** others pay, in proportion: the second goes from {before[1]:.3f} "
        "to {after[1]:.3f}, the last from {before[3]:.3f} to {after[3]:.3f}. Their sigmoids stay "
        "where they are, the second at {alone:.3f}.",
        figures=_figures_of_raised,
        hints=(
            "What do the four softmax probabilities add up to, before and after?",
            "Drag the first logit in the row below and watch the blue bars.",
        ),
    ),
    Exercise(
        key="prob-twice",
        title="Probabilities taken for logits",
        question="A network already ends in a sigmoid and says 0.6, 0.7, 0.3, 0.4. Somebody "
        "applies `torch.sigmoid` once more and cuts at 0.5. How many labels are predicted?",
        answer=lambda: int((_compare(PROBABILITIES).sigmoid >= 0.5).sum()),
        feedback="**{answer}**. The sigmoids of 0.6, 0.7, 0.3 and 0.4 are {values}: a number above "
        "0 has a sigmoid above one half. Only 0.6 and 0.7 should have been predicted.",
        figures=lambda guess: {
            "values": ", ".join(f"{p:.3f}" for p in _compare(PROBABILITIES).sigmoid[0])
        },
        hints=(
            "Which number has a sigmoid of one half?",
            "The preset *The same taken for logits* shows it.",
        ),
        format="%g",
    ),
    Exercise(
        key="prob-two-way",
        title="Two outputs or one",
        question="A two-way softmax has the logits 2 for *yes* and −1 for *no*. Which single logit "
        "gives *yes* the same probability by a sigmoid?",
        answer=_one_logit,
        feedback="The softmax of (2, −1) gives yes {softmax:.6f}, the sigmoid of 2 − (−1) = 3 "
        "gives {sigmoid:.6f}, and the sigmoid of your {guess:g} gives {yours:.6f}: only the "
        "difference of two logits counts.",
        figures=lambda guess: {
            "softmax": _compare(PAIR).softmax[0, 0],
            "sigmoid": _compare([PAIR[0] - PAIR[1]]).sigmoid[0, 0],
            "guess": guess,
            "yours": _compare([max(-1e30, min(1e30, guess))]).sigmoid[0, 0],
        },
        hints=(
            "Add 1 to both logits: does the softmax change?",
            "Make the logit of *no* equal to 0 that way, and look at the other.",
        ),
        tolerance=1e-6,
        format="%g",
    ),
    Exercise(
        key="prob-sum",
        title="Sum or mean",
        question="512 labels, one row, plain gradient descent. You change the reduction of binary "
        "cross entropy from the mean to the sum over labels and keep the learning rate. How many "
        "times as far does each logit move?",
        answer=lambda: _wide_steps()["batchmean"] / _wide_steps()["mean"],
        feedback="With the mean the true label's logit moves by {mean:.6f}, with the sum by "
        "{batchmean:.6f}: **{answer:.6g}** times as far, the number of labels by which the mean "
        "divides.",
        figures=lambda guess: _wide_steps(),
        hints=("By what does the mean divide that the sum does not?",),
        tolerance=1e-6,
        format="%g",
    ),
    Exercise(
        key="prob-down",
        title="True, and pushed down?",
        question="Logits 3, 0, −2, −2; the first **two** labels are true, each with half of the "
        "target. Where does a step on softmax cross entropy move the first logit?",
        options={"up": "up: it is true", "down": "down"},
        answer=lambda: "down" if _figures_of_two_true(None)["gradient"] > 0 else "up",
        feedback="Its softmax is {p:.3f}, more than the share of {share:g} that each of two true "
        "labels gets, so the gradient on it is {gradient:+.3f}, and descent lowers it although it "
        "is true. Binary cross entropy has {alone:+.3f} there, and raises it.",
        figures=_figures_of_two_true,
        hints=("The gradient on a logit is its softmax minus its share of the target.",),
    ),
)
