"""Exercises of the Pitfalls page: their answers come from running specimens."""

from collections.abc import Mapping

from mlcore.learn.pitfalls import SPECIMENS, turning_point
from pages.ui.kit.exercises import Exercise
from pages.ui.server.compute import compute

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
        title="Logits that look like probabilities",
        question="A network gives the **logits** 0.9 and 0.2; the targets are 1 and 0. Somebody "
        "calls `nn.BCELoss()(logits, targets)`. What comes out?",
        options={
            "error": "An error: BCELoss takes no logits",
            "right": "The right loss: BCELoss includes the sigmoid",
            "low": "A number that is too low",
            "high": "A number that is too high",
        },
        answer=inside_answer,
        feedback="`BCELoss` gives {wrong[loss]:.3f}, `BCEWithLogitsLoss` {repair[loss]:.3f}. "
        "Numbers in [0, 1] pass as probabilities, and nobody is told. With one logit outside it "
        "would have been an error.",
        figures=lambda guess: ran("bce-inside"),
        hints=(
            "`BCELoss` can only check that its input lies in [0, 1].",
            "Read as a probability, 0.9 is nearly right. What is σ(0.9)?",
        ),
    ),
    Exercise(
        key="pitfalls-saturated",
        title="Sure, and wrong",
        question="In float32, a false label has the logit 20. `nn.BCELoss()(torch.sigmoid(logit), "
        "target)` is 100. Which **gradient** reaches the logit?",
        answer=lambda: ran("saturated")["wrong"]["gradient"],
        feedback="The gradient is {answer:g} and the loss {wrong[loss]:g}: σ(20) is exactly 1 in "
        "float32, where the sigmoid is flat. From the logit the loss is {repair[loss]:g} and the "
        "gradient {repair[gradient]:g}.",
        figures=lambda guess: ran("saturated"),
        hints=(
            "What is σ(20) in float32? The nearest number below 1 is 1 − 6·10⁻⁸.",
            "The chain rule ends with the slope of the sigmoid, σ(1 − σ).",
        ),
        tolerance=1e-6,
        format="%.4f",
    ),
    Exercise(
        key="pitfalls-twice",
        title="One sigmoid too many",
        question="A model ends with a sigmoid, and is trained with `BCEWithLogitsLoss`. Of two "
        "labels the first is true and the second is not; the model's logits are 6 and −6, so it is "
        "sure of both, and right. What is the mean loss, in nats?",
        answer=lambda: ran("sigmoid-twice")["wrong"]["loss"],
        feedback="The loss takes σ(6) ≈ 1 and σ(−6) ≈ 0 for logits: the mean of −log σ(1) and log "
        "2 is {answer:.4f}. Without the extra sigmoid it is {repair[loss]:.4f}. No training gets "
        "below the first one.",
        figures=lambda guess: ran("sigmoid-twice"),
        hints=(
            "The model's own sigmoid gives about 1 and about 0.",
            "The loss takes these for logits: it costs −log σ(1) and −log(1 − σ(0)).",
        ),
        tolerance=0.005,
    ),
    Exercise(
        key="pitfalls-turn",
        title="Where wrong becomes cheap",
        question="The focal variant gives a false label the loss −(1 − σ)^γ log(1 − σ). With γ = "
        "2, from which σ on does it **fall** as the prediction gets worse?",
        answer=variant_turn,
        feedback="The gradient changes its sign at σ = {answer:.4f}, and 1 − e^(−1/γ) = "
        "{formula:.4f}. A fresh model says 0.5: its negatives are beyond the point, and training "
        "pushes them to 1.",
        figures=lambda guess: {"formula": turning_point(GAMMA)},
        hints=(
            "Write q = 1 − σ. Where is −q² log q highest?",
            "The derivative is −q (2 log q + 1).",
        ),
        tolerance=0.005,
    ),
)
