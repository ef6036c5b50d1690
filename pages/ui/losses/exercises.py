"""Exercises of the Losses page: who pulls at the start, where a weight and a focus pull to."""

from operator import truediv

from mlcore.learn.response import Scene
from pages.ui.kit.exercises import Exercise
from pages.ui.server.compute import compute

SCENE = Scene(cells=512, positives=5)
WEIGHT, RARE = 9.0, 0.1
SURE, GAMMA = 0.9, 2.0


def sums_at_the_start() -> dict[str, float]:
    """How hard 507 negatives and 5 positives pull on BCE's logits of 0."""
    sums = compute("mlcore.learn.response:balance", "bce", {}, SCENE)[0]
    return dict(zip(("negatives", "positives"), map(float, sums), strict=True))


def pulled(key: str, eta: float, **params: float) -> float:
    """To which probability a loss pulls a label with true probability eta."""
    return float(compute("mlcore.learn.response:minimiser", key, params, [eta], SCENE)[0])


def focal_answer() -> str:
    """Whether focal loss answers less, the same or more than 0.9."""
    off = pulled("focal", SURE, gamma=GAMMA) - SURE
    return "same" if abs(off) < 1e-6 else "less" if off < 0 else "more"


def start_with_prior() -> dict:
    """First losses with a bias of zero and with the prior's, and how many times that is smaller."""
    return compute("mlcore.learn.starting:prior_bias", SCENE.positives, SCENE.cells)


EXERCISES = (
    Exercise(
        key="losses-start",
        title="Who pulls at the start?",
        question="A row has 512 labels, 5 of them true. The network is fresh: all logits are 0. "
        "Under sigmoid BCE each label's gradient pulls its logit up or down. Taken together, **how "
        "many times as hard** do the 507 negatives pull as the 5 positives?",
        answer=lambda: truediv(*sums_at_the_start().values()),
        feedback="At logit 0 every probability is 0.5, so a false label pulls with 0.5 − 0 and a "
        "true one with 1 − 0.5. The 507 negatives pull with {negatives:.1f} in all, the 5 "
        "positives with {positives:.1f}: **{answer:.1f} times** as hard. That is why the first "
        "thing a network learns here is to say no to everything.",
        figures=lambda guess: sums_at_the_start(),
        hints=(
            "The gradient of BCE on a logit is p − y. What is p at logit 0?",
            "Every label pulls equally hard then, so only their numbers matter.",
        ),
        tolerance=1.0,
        format="%.1f",
    ),
    Exercise(
        key="losses-weight",
        title="What a weighted model says",
        question="A label is true in one of ten cases and nothing in the features tells which. A "
        "model is trained on it with BCE and **pos_weight = 9** until it converges. What "
        "probability does it answer?",
        answer=lambda: pulled("bce_pos_weight", RARE, pos_weight=WEIGHT),
        feedback="The expected loss is least at **{answer:.3f}**; without the weight it is at "
        "{plain:.3f}. A weight multiplies the odds of the answer: 1:9 times 9 is 1:1. The model "
        "says 0.5 and means 0.1.",
        figures=lambda guess: {"plain": pulled("bce", RARE)},
        hints=(
            "Choose BCE with pos_weight above, set the weight to 9 and read σ*(η) at η = 0.1.",
            "Positives weigh 0.1 × 9, negatives 0.9 × 1.",
        ),
        tolerance=0.005,
    ),
    Exercise(
        key="losses-focal",
        title="Focal loss and a sure label",
        question="A label is true in nine of ten cases. A model is trained with **focal loss, γ = "
        "2** until it converges. Does it answer less than 0.9, exactly 0.9, or more?",
        answer=focal_answer,
        feedback="It answers **{high:.3f}**, and {low:.3f} where the truth is 0.1: both are pulled "
        "towards one half. Focal loss stops caring about a label that is nearly right, so it is "
        "content too early. The order of labels stays, the probabilities do not mean what they "
        "say.",
        figures=lambda guess: {
            name: pulled("focal", eta, gamma=GAMMA)
            for name, eta in (("high", SURE), ("low", 1 - SURE))
        },
        hints=(
            "Look at focal loss in the panel σ*(η): is it above or below the diagonal at 0.9?",
            "What does focal loss do to the pull of a label that is already nearly right?",
        ),
        options={"less": "less", "same": "exactly 0.9", "more": "more"},
    ),
    Exercise(
        key="losses-prior",
        title="A better start",
        question="5 of 512 labels are true. The last layer's biases are set to the log odds of "
        "that, log(5/507), instead of 0. **How many times smaller** is the first BCE?",
        answer=lambda: start_with_prior()["times"],
        feedback="With zero biases the first loss is log 2 = {loss_zero:.4f} nats per label, with "
        "the log odds of the prior it is {loss_prior:.4f}, the entropy of a label that is true in "
        "5 of 512 cases: **{answer:.1f} times** smaller. Its bias gradient is 0, so the features "
        "have the first step to themselves.",
        figures=lambda guess: start_with_prior(),
        hints=(
            "With zero biases every label costs log 2 = 0.693 nats.",
            "With the prior's biases a label costs the entropy of 5/512, about 0.055 nats.",
        ),
        tolerance=0.3,
        format="%.1f",
    ),
)
