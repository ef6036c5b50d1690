"""Questions on softmax and sigmoid, answered by running the comparison."""

import numpy as np

from mlcore.learn.comparison import Comparison
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.probabilities.table import PROBABILITIES
from pages.ui.server.compute import compute

TWO_TRUE = (1.0, 1.0, 0.0, 0.0)


def _compare(logits, labels=None) -> Comparison:
    logits = np.array([logits], float)
    labels = np.zeros_like(logits) if labels is None else np.array([labels], float)
    return compute("mlcore.learn.comparison:compare", logits, labels)


def _moved(case: Case) -> tuple[Comparison, Comparison]:
    z = case["z"]
    return _compare(z), _compare((case["to"], *z[1:]))


def _who_falls(case: Case) -> str:
    before, after = _moved(case)
    falling = (after.softmax < before.softmax)[0, 1:]
    return {0: "none", 1: "next"}.get(int(falling.sum()), "all")


def _figures_of_moved(case: Case) -> dict:
    before, after = _moved(case)
    return {"before": before.softmax[0], "after": after.softmax[0], "alone": after.sigmoid[0, 1]}


def _draw_moved(rng) -> Case:
    z = sorted(rng.sample((-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0), 4), reverse=True)
    return {"z": z, "to": z[0] + rng.choice((-2.0, -1.0, -0.5, 0.5, 2.0))}


def _taken_for_logits(case: Case) -> np.ndarray:
    """The sigmoids of four probabilities."""
    return _compare(case["p"]).sigmoid[0]


def _draw_probabilities(rng) -> Case:
    p = rng.sample((0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9), 4)
    return {"p": p, "cut": rng.choice((0.5, 0.55, 0.6))}


def _one_logit(case: Case) -> float:
    """The logit of the softmax's first probability: found in the sigmoid, not by the rule."""
    p = _compare(case["z"]).softmax[0, 0]
    return float(np.log(p) - np.log1p(-p))


def _figures_of_pair(case: Case) -> dict:
    yes, no = case["z"]
    return {
        "difference": yes - no,
        "softmax": _compare(case["z"]).softmax[0, 0],
        "sigmoid": _compare([yes - no]).sigmoid[0, 0],
    }


def _steps(case: Case) -> dict[str, float]:
    """How far one step moves a true label, with the mean and with the sum over labels."""
    k = case["labels"]
    logits, labels = np.zeros((1, k)), np.eye(1, k)
    steps = {
        name: compute(
            "mlcore.learn.comparison:one_step", logits, labels, learning_rate=1.0, reduction=name
        )
        for name in ("mean", "batchmean")
    }
    return {name: float(step.moved[0, 0]) for name, step in steps.items()}


def _figures_of_two_true(case: Case) -> dict:
    found = _compare(case["z"], TWO_TRUE)
    return {
        "p": found.softmax[0, 0],
        "share": 1 / sum(TWO_TRUE),
        "gradient": found.softmax_gradient[0, 0],
        "alone": found.sigmoid_gradient[0, 0],
    }


EXERCISES = (
    Exercise(
        key="prob-raise",
        title="Predict first: move one logit",
        question="Four labels have the logits {z[0]:g}, {z[1]:g}, {z[2]:g} and {z[3]:g}. You "
        "change the first to {to:g}. Which other **softmax** probabilities fall?",
        first={"z": (2.0, 1.0, 0.5, -1.0), "to": 3.0},
        fresh=_draw_moved,
        options={"none": "none", "next": "only the next highest", "all": "all three"},
        answer=_who_falls,
        feedback="The four must add up to 1. The first goes from {before[0]:.3f} to "
        "{after[0]:.3f}, and **all** others pay for it or share in it, in proportion: the second "
        "goes from {before[1]:.3f} to {after[1]:.3f}, the last from {before[3]:.3f} to "
        "{after[3]:.3f}. Their sigmoids stay where they are, the second at {alone:.3f}.",
        figures=_figures_of_moved,
        hints=(
            "What do the four softmax probabilities add up to, before and after?",
            "Drag the first logit in the row below and watch the blue bars.",
        ),
        wrong={
            "none": "Each label having a probability of its own is what sigmoids are for. Softmax "
            "has one probability for all of them: where does the gain of the first come from?",
            "next": "The next highest moves most, but softmax divides every exponential by the "
            "same sum, and that sum has changed for each of them.",
            "all": "They all change, since they share one sum. But look at the direction: did the "
            "first go up or down, and what does the rest do then?",
        },
    ),
    Exercise(
        key="prob-twice",
        title="Probabilities taken for logits",
        question="A network already ends in a sigmoid and says {p[0]:g}, {p[1]:g}, {p[2]:g}, "
        "{p[3]:g}. Somebody applies `torch.sigmoid` once more and cuts at {cut:g}. How many labels "
        "are predicted?",
        first={"p": PROBABILITIES, "cut": 0.5},
        fresh=_draw_probabilities,
        answer=lambda case: int((_taken_for_logits(case) >= case["cut"]).sum()),
        feedback="**{answer}**. The sigmoids of the four are {values}: a number above 0 has a "
        "sigmoid above one half. Cut as they were, {meant} should have been predicted.",
        figures=lambda case: {
            "values": ", ".join(f"{p:.3f}" for p in _taken_for_logits(case)),
            "meant": sum(p >= case["cut"] for p in case["p"]),
        },
        hints=(
            "Which number has a sigmoid of one half?",
            "The preset *The same taken for logits* shows four such numbers.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: sum(p >= case["cut"] for p in case["p"]),
                why="So many should be predicted. But the cut is not made through these numbers: "
                "the sigmoid comes once more before it.",
            ),
            Mistake(
                value=lambda case: 0,
                why="The second sigmoid does not make the numbers smaller: what is the sigmoid of "
                "0, and of anything above it?",
            ),
            Mistake(
                value=lambda case: len(case["p"]),
                why="All of them have a sigmoid above one half, but here the cut is higher.",
            ),
        ),
        too_low="Work out the sigmoid of the smallest of the four, and compare it with the cut.",
        too_high="Work out the sigmoid of each of the four, and compare it with the cut.",
        format="%g",
    ),
    Exercise(
        key="prob-two-way",
        title="Two outputs or one",
        question="A two-way softmax has the logits {z[0]:g} for *yes* and {z[1]:g} for *no*. Which "
        "single logit gives *yes* the same probability by a sigmoid?",
        first={"z": (2.0, -1.0)},
        fresh=lambda rng: {
            "z": (rng.choice((-1.5, -0.5, 1.0, 2.5)), rng.choice((-3.0, -2.0, 0.5, 2.0, 4.0)))
        },
        answer=_one_logit,
        feedback="The softmax of ({z[0]:g}, {z[1]:g}) gives yes {softmax:.6f}, and the sigmoid of "
        "their difference, {difference:g}, gives {sigmoid:.6f}: only the difference of two logits "
        "counts.",
        figures=_figures_of_pair,
        hints=(
            "Add 1 to both logits: does the softmax change?",
            "Make the logit of *no* equal to 0 that way, and look at the other.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: -_one_logit(case),
                why="That gives *no* this probability. Turn it round.",
            ),
            Mistake(
                value=lambda case: case["z"][0],
                why="That would be so if the logit of *no* were 0. Its own logit counts as well.",
            ),
            Mistake(
                value=lambda case: sum(case["z"]),
                why="A higher logit of *no* must make *yes* less likely; in a sum it would make "
                "it more likely.",
            ),
            Mistake(
                value=lambda case: _compare(case["z"]).softmax[0, 0],
                why="That is the probability. The question is which logit has it.",
            ),
        ),
        too_low="Adding the same number to both logits changes nothing, so that *no* can be made "
        "0.",
        too_high="Adding the same number to both logits changes nothing, so that *no* can be made "
        "0.",
        tolerance=1e-3,
        format="%g",
    ),
    Exercise(
        key="prob-sum",
        title="Sum or mean",
        question="{labels} labels, one row, plain gradient descent. You change the reduction of "
        "binary cross entropy from the mean to the sum over labels and keep the learning rate. How "
        "many times as far does each logit move?",
        first={"labels": 512},
        fresh=lambda rng: {"labels": rng.choice((8, 20, 64, 100, 256, 1000))},
        answer=lambda case: _steps(case)["batchmean"] / _steps(case)["mean"],
        feedback="With the mean the true label's logit moves by {mean:.6f}, with the sum by "
        "{batchmean:.6f}: **{answer:.6g}** times as far, the number of labels by which the mean "
        "divides.",
        figures=_steps,
        hints=(
            "By what does the mean divide that the sum does not?",
            "A gradient is divided by the same number as its loss.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: 1.0,
                why="Both losses are least at the same place, but they are not equally steep, and "
                "a step is the learning rate times the slope.",
            ),
            Mistake(
                value=lambda case: _steps(case)["mean"] / _steps(case)["batchmean"],
                why="That is the other way round: from the sum to the mean.",
            ),
            Mistake(
                value=lambda case: _steps(case)["batchmean"],
                why="That is how far the logit moves with the sum at a learning rate of 1. Compare "
                "it with the mean.",
            ),
        ),
        too_low="The mean divides loss and gradient by a number. Which?",
        too_high="The mean divides loss and gradient by a number, once. Which?",
        relative=1e-6,
        format="%g",
    ),
    Exercise(
        key="prob-down",
        title="A step on a true label",
        question="Logits {z[0]:g}, {z[1]:g}, {z[2]:g}, {z[3]:g}; the first **two** labels are "
        "true, each with half of the target. Where does a step on softmax cross entropy move the "
        "first logit?",
        first={"z": (3.0, 0.0, -2.0, -2.0)},
        fresh=lambda rng: {
            "z": (rng.choice((-1.0, 0.5, 1.0, 2.5, 4.0)), rng.choice((0.0, 1.5)), -2.0, -2.0)
        },
        options={"up": "up", "down": "down", "stay": "nowhere"},
        answer=lambda case: "down" if _figures_of_two_true(case)["gradient"] > 0 else "up",
        feedback="Its softmax is {p:.3f}, and each of two true labels gets a share of {share:g}, "
        "so the gradient on it is {gradient:+.3f}, and descent moves it the other way. Binary "
        "cross entropy has {alone:+.3f} there, and raises it.",
        figures=_figures_of_two_true,
        hints=(
            "The gradient on a logit is its softmax minus its share of the target.",
            "Is the first softmax above or below one half? The exponentials tell.",
        ),
        wrong={
            "up": "Binary cross entropy moves every true label up. Softmax cross entropy wants it "
            "to have its share, and no more: how much has it?",
            "down": "A true label is lowered only where it has more than its share. Estimate how "
            "much it has.",
            "stay": "It would stay if it had exactly its share. Estimate how much it has.",
        },
    ),
)
DOWN = EXERCISES[-1]
