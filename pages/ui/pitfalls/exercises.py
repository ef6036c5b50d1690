"""Exercises of the Pitfalls page: their answers come from running specimens, with other numbers."""

from collections.abc import Mapping

from mlcore.learn.pitfalls import SPECIMENS, Result, turning_point
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.server.compute import compute

EXECUTE = "mlcore.learn.pitfalls.runner:execute"
# What of a specimen's code stands for the numbers of a case.
LOGITS = {"bce-inside": "[0.9, 0.2]", "sigmoid-twice": "[6.0, -6.0]", "saturated": "20.0"}
SUREST = 100.0  # a logit whose sigmoid is exactly 1


def result(key: str, logits: object, part: str = "wrong") -> Result:
    """What a specimen's code, or its repair, comes to with these logits."""
    code = getattr(SPECIMENS[key], part)
    return compute(EXECUTE, code.replace(LOGITS[key], str(logits)))


def ran(key: str, logits: object) -> dict[str, Mapping[str, float]]:
    """The numbers that code and repair leave in their variables."""
    return {part: result(key, logits, part).figures for part in ("wrong", "repair")}


def inside_answer(case: Case) -> str:
    """What BCELoss makes of logits: an error, or a number too low or too high."""
    if result("bce-inside", case["z"]).error:
        return "error"
    wrong, right = (figures["loss"] for figures in ran("bce-inside", case["z"]).values())
    return "right" if wrong == right else "low" if wrong < right else "high"


def inside_figures(case: Case) -> dict[str, object]:
    """Both losses; a dash where there is none."""
    found = ran("bce-inside", case["z"])
    return {
        name: f"{figures['loss']:.3f}" if "loss" in figures else "–"
        for name, figures in found.items()
    }


def draw_logits(rng) -> Case:
    """Two logits, mostly in [0, 1]."""
    low, high = rng.choice((0.1, 0.2, 0.3)), rng.choice((0.7, 0.8, 1.0, 1.5))
    return {"z": rng.choice(([high, low], [low, high]))}


def twice(case: Case) -> dict[str, Mapping[str, float]]:
    """The specimen with two sigmoids, and its repair."""
    return ran("sigmoid-twice", [case["z"], -case["z"]])


def saturated(case: Case) -> dict[str, Mapping[str, float]]:
    """The specimen with a very sure logit, and its repair."""
    return ran("saturated", case["z"])


def variant_turn(case: Case) -> float:
    """Where the focal variant's loss on a negative begins to fall, by its gradient."""
    curves = compute("mlcore.learn.pitfalls.variant:negative_curves", [case["gamma"]], [0.5])
    return float(curves["found"][0])


EXERCISES = (
    Exercise(
        key="pitfalls-inside",
        title="BCELoss on logits",
        question="A network gives the **logits** {z[0]:g} and {z[1]:g}; the targets are 1 and 0. "
        "Somebody calls `nn.BCELoss()(logits, targets)`. What comes out?",
        first={"z": [0.9, 0.2]},
        fresh=draw_logits,
        options={
            "error": "An error: BCELoss takes no logits",
            "right": "The right loss: BCELoss includes the sigmoid",
            "low": "A number that is too low",
            "high": "A number that is too high",
        },
        answer=inside_answer,
        feedback="`BCELoss` gives {wrong}, `BCEWithLogitsLoss` {repair}. Numbers in [0, 1] pass as "
        "probabilities, and nobody is told; one outside it is an error, and there is no number.",
        figures=inside_figures,
        hints=(
            "What can `BCELoss` check of the numbers that it gets?",
            "Read each number as a probability, then take its sigmoid: which is nearer to the "
            "target?",
        ),
        wrong={
            "error": "One would wish so. But `BCELoss` cannot know where numbers come from: it "
            "only checks that each may be a probability. May these?",
            "right": "Many answers say so, but `BCELoss` has no sigmoid in it. It takes the "
            "logarithm of what it gets.",
            "low": "It would be too low if the numbers as they stand came nearer to the targets "
            "than their sigmoids do, and if each were allowed as a probability. Look at both.",
            "high": "It would be too high if the numbers as they stand were further from the "
            "targets than their sigmoids, and if each were allowed as a probability. Look at both.",
        },
    ),
    Exercise(
        key="pitfalls-saturated",
        title="Sure, and wrong",
        question="In float32, a false label has the logit {z:g}. The loss is "
        "`nn.BCELoss()(torch.sigmoid(logit), target)`. Which **gradient** reaches the logit?",
        first={"z": 20.0},
        fresh=lambda rng: {"z": rng.choice((2.0, 3.0, 4.0, 25.0, 30.0, 40.0))},
        answer=lambda case: saturated(case)["wrong"]["gradient"],
        feedback="The gradient is {answer:.4g} and the loss {wrong[loss]:.4g}. From the logit the "
        "loss is {repair[loss]:.4g} and the gradient {repair[gradient]:.4g}. As long as σ is below "
        "1 in float32 both ways agree; where it rounds to exactly 1 the sigmoid is flat, and the "
        "loss is cut off.",
        figures=saturated,
        hints=(
            "What is σ({z:g}) in float32? The nearest number below 1 is 1 − 6·10⁻⁸.",
            "The chain rule ends with the slope of the sigmoid, σ(1 − σ).",
        ),
        mistakes=(
            Mistake(
                value=lambda case: saturated(case)["repair"]["gradient"],
                why="On paper it is, σ − y. But the two steps are computed one after the other, "
                "each rounded to float32: what is the slope of the sigmoid then?",
            ),
            Mistake(
                value=lambda case: saturated(case)["wrong"]["loss"],
                why="That is the loss. The gradient says how it changes with the logit.",
            ),
            Mistake(
                value=lambda case: -saturated(case)["repair"]["gradient"],
                why="That would be the pull on a true label. This one is false.",
            ),
            Mistake(
                value=lambda case: 0.0,
                why="That happens where σ rounds to exactly 1. Does it at this logit?",
            ),
        ),
        too_low="A false label is never pulled up. Multiply the slope of the loss by that of the "
        "sigmoid.",
        too_high="On paper the gradient is σ − y, at most 1. Then think of float32.",
        tolerance=0.001,
        format="%.4f",
    ),
    Exercise(
        key="pitfalls-twice",
        title="One sigmoid too many",
        question="A model ends with a sigmoid, and is trained with `BCEWithLogitsLoss`. Of two "
        "labels the first is true and the second is not; the model's logits are {z:g} and −{z:g}, "
        "so it is right about both. What is the mean loss, in nats?",
        first={"z": 6.0},
        fresh=lambda rng: {"z": rng.choice((1.0, 2.0, 3.0, 4.0, 10.0))},
        answer=lambda case: twice(case)["wrong"]["loss"],
        feedback="The loss takes the model's probabilities σ({z:g}) and σ(−{z:g}) for logits, and "
        "comes to {answer:.4f}. Without the extra sigmoid it is {repair[loss]:.4f}. The surest "
        "model there is gets no lower than {floor:.4f}.",
        figures=lambda case: twice(case) | {"floor": twice({"z": SUREST})["wrong"]["loss"]},
        hints=(
            "What does the model's own sigmoid give for each of the two?",
            "The loss takes these for logits p and q: it costs −log σ(p) and −log(1 − σ(q)).",
        ),
        mistakes=(
            Mistake(
                value=lambda case: twice(case)["repair"]["loss"],
                why="That is the loss of the logits themselves. The loss does not get them: the "
                "model's own sigmoid comes before.",
            ),
            Mistake(
                value=lambda case: 0.0,
                why="The model is right, but the loss cannot see how sure it is: what it gets is "
                "squeezed into [0, 1] and taken for logits.",
            ),
            Mistake(
                value=lambda case: twice({"z": 0.0})["repair"]["loss"],
                why="That is log 2, as for logits of 0. The loss gets something else for the true "
                "label.",
            ),
        ),
        too_low="After the first sigmoid both numbers lie in [0, 1]. Take the sigmoid of each once "
        "more, and then the logarithms.",
        too_high="The true label costs less than log 2, the false one about that or a little more. "
        "Take the mean of the two.",
        tolerance=0.005,
    ),
    Exercise(
        key="pitfalls-turn",
        title="A loss that turns",
        question="The focal variant gives a false label the loss −(1 − σ)^γ log(1 − σ). With γ = "
        "{gamma:g}, from which σ on does it **fall** as the prediction gets worse?",
        first={"gamma": 2.0},
        fresh=lambda rng: {"gamma": rng.choice((1.0, 1.5, 2.5, 3.0, 4.0, 5.0))},
        answer=variant_turn,
        feedback="The gradient changes its sign at σ = {answer:.4f}, and 1 − e^(−1/γ) = "
        "{formula:.4f}. Training pushes what starts beyond that point to 1, and a fresh model says "
        "0.5.",
        figures=lambda case: {"formula": turning_point(case["gamma"])},
        hints=(
            "Write q = 1 − σ. Where is −q^γ log q highest?",
            "The derivative of q^γ log q is q^(γ − 1) (γ log q + 1).",
        ),
        mistakes=(
            Mistake(
                value=lambda case: 1 - turning_point(case["gamma"]),
                why="That is q = 1 − σ at the turning point. The question is about σ.",
            ),
            Mistake(
                value=lambda case: 1.0,
                why="A loss should rise all the way to σ = 1. But the factor (1 − σ)^γ falls as "
                "the prediction gets worse: at some point it wins.",
            ),
            Mistake(
                value=lambda case: 0.5,
                why="That is where training starts, not where the loss turns; the turning point "
                "depends on γ.",
            ),
        ),
        too_low="Set the derivative to 0: γ log q + 1 = 0, with q = 1 − σ.",
        too_high="The larger γ, the earlier the factor wins. Set the derivative to 0.",
        tolerance=0.005,
    ),
)
TURN = EXERCISES[-1]
