"""Exercises of the Pitfalls page: their answers come from running specimens."""

from collections.abc import Mapping

from mlcore.learn.pitfalls import SPECIMENS, turning_point
from pages.ui.kit.exercises import Exercise
from pages.ui.server.compute import compute
from pages.ui.words import N_

GAMMA = 2.0
EXECUTE = "mlcore.learn.pitfalls.runner:execute"


def ran(key: str) -> dict[str, Mapping[str, float]]:
    """The numbers that a specimen's code, and that of its repair, leave in their variables."""
    specimen = SPECIMENS[key]
    return {part: compute(EXECUTE, getattr(specimen, part)).figures for part in ("wrong", "repair")}


def inside_answer() -> str:
    """What BCELoss makes of logits within [0, 1]: an error, or a number too low or too high."""
    if compute(EXECUTE, SPECIMENS["bce-inside"].wrong).error:
        return "error"
    wrong, right = (figures["loss"] for figures in ran("bce-inside").values())
    return "right" if wrong == right else "low" if wrong < right else "high"


def variant_turn() -> float:
    """Where the focal variant's loss on a negative begins to fall, by its gradient."""
    curves = compute("mlcore.learn.pitfalls.variant:negative_curves", [GAMMA], [0.5])
    return float(curves["found"][0])


EXERCISES = (
    Exercise(
        key="pitfalls-inside",
        title=N_("Logits that look like probabilities"),
        question=N_(
            "A network gives the **logits** 0.9 and 0.2; the targets are 1 and 0. Somebody calls "
            "`nn.BCELoss()(logits, targets)`. What comes out?"
        ),
        options={
            "error": N_("An error: BCELoss takes no logits"),
            "right": N_("The right loss: BCELoss includes the sigmoid"),
            "low": N_("A number that is too low"),
            "high": N_("A number that is too high"),
        },
        answer=inside_answer,
        feedback=N_(
            "`BCELoss` gives {wrong[loss]:.3f}, `BCEWithLogitsLoss` {repair[loss]:.3f}. Numbers in "
            "[0, 1] pass as probabilities, and nobody is told. With one logit outside it would "
            "have been an error."
        ),
        figures=lambda guess: ran("bce-inside"),
        hints=(
            N_("`BCELoss` can only check that its input lies in [0, 1]."),
            N_("Read as a probability, 0.9 is nearly right. What is σ(0.9)?"),
        ),
    ),
    Exercise(
        key="pitfalls-saturated",
        title=N_("Sure, and wrong"),
        question=N_(
            "In float32, a label that does not hold has the logit 20. "
            "`nn.BCELoss()(torch.sigmoid(logit), target)` is 100. Which **gradient** reaches the "
            "logit?"
        ),
        answer=lambda: ran("saturated")["wrong"]["gradient"],
        feedback=N_(
            "The gradient is {answer:g} and the loss {wrong[loss]:g}: σ(20) is exactly 1 in "
            "float32, where the sigmoid is flat. From the logit the loss is {repair[loss]:g} and "
            "the gradient {repair[gradient]:g}."
        ),
        figures=lambda guess: ran("saturated"),
        hints=(
            N_("What is σ(20) in float32? The nearest number below 1 is 1 − 6·10⁻⁸."),
            N_("The chain rule ends with the slope of the sigmoid, σ(1 − σ)."),
        ),
        tolerance=1e-6,
        format="%.4f",
    ),
    Exercise(
        key="pitfalls-twice",
        title=N_("One sigmoid too many"),
        question=N_(
            "A model ends with a sigmoid, and is trained with `BCEWithLogitsLoss`. Of two labels "
            "the first holds and the second does not; the model's logits are 6 and −6, so it is "
            "sure of both and right. What is the mean loss, in nats?"
        ),
        answer=lambda: ran("sigmoid-twice")["wrong"]["loss"],
        feedback=N_(
            "The loss takes σ(6) ≈ 1 and σ(−6) ≈ 0 for logits: the mean of −log σ(1) and log 2 is "
            "{answer:.4f}. Without the extra sigmoid it is {repair[loss]:.4f}. No training gets "
            "below the first one."
        ),
        figures=lambda guess: ran("sigmoid-twice"),
        hints=(
            N_("The model's own sigmoid gives about 1 and about 0."),
            N_("The loss takes these for logits: it costs −log σ(1) and −log(1 − σ(0))."),
        ),
        tolerance=0.005,
    ),
    Exercise(
        key="pitfalls-turn",
        title=N_("Where wrong becomes cheap"),
        question=N_(
            "The focal variant gives a label that does not hold the loss "
            "−(1 − σ)^γ log(1 − σ). With γ = 2, from which σ on does it **fall** as the prediction "
            "gets worse?"
        ),
        answer=variant_turn,
        feedback=N_(
            "The gradient changes its sign at σ = {answer:.4f}, and 1 − e^(−1/γ) = {formula:.4f}. "
            "A fresh model says 0.5: its negatives are beyond the point, and training pushes them "
            "to 1."
        ),
        figures=lambda guess: {"formula": turning_point(GAMMA)},
        hints=(
            N_("Write q = 1 − σ. Where is −q² log q highest?"),
            N_("The derivative is −q (2 log q + 1)."),
        ),
        tolerance=0.005,
    ),
)
