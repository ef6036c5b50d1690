"""Exercises of the Information page; the library computes every answer."""

from mlcore.learn import information
from pages.ui.kit.exercises import Exercise

TRUE, LABELS = 5, 512
HALVES = (0.5, 0.5, 0.0)
BOLD, WASTEFUL = (0.9, 0.1, 0.0), (0.5, 0.25, 0.25)
THIRDS = (1 / 3, 1 / 3, 1 / 3)


def shared_entropy(unit: str = "nats") -> float:
    """The entropy of five true labels of 512, shared out."""
    return float(information.entropy(information.shared_out(LABELS, TRUE), unit=unit))


def costs() -> dict[str, float]:
    """The cross entropy of the two expectations of a fair coin that cannot land on its edge."""
    return {
        name: float(information.cross_entropy(HALVES, q))
        for name, q in (("bold", BOLD), ("wasteful", WASTEFUL))
    }


def label_entropy(unit: str = "bits") -> float:
    """The entropy of one label that is true in 5 of 512 cases."""
    return float(information.bernoulli_entropy(TRUE / LABELS, unit=unit))


def divergences() -> dict[str, float]:
    """KL of halves and thirds, in both directions."""
    return {
        "forward": float(information.kl_divergence(HALVES, THIRDS)),
        "backward": float(information.kl_divergence(THIRDS, HALVES)),
    }


EXERCISES = (
    Exercise(
        key="information-shared",
        title="Five true labels of 512",
        question="A softmax is trained on rows with 5 true labels of 512. Its target splits 1 "
        "among them: 0.2 each, 0 elsewhere. **What is the entropy of that target, in nats?** It is "
        "where the loss stops falling.",
        answer=shared_entropy,
        feedback="Five outcomes have 1/5 each and the other 507 have none, so that every surprise "
        "is log 5: the entropy is {answer:.3f} nats ({bits:.3f} bits). How many outcomes stay at 0 "
        "does not matter. A perfect softmax therefore still shows a cross entropy of {answer:.3f}.",
        figures=lambda guess: {"bits": shared_entropy("bits")},
        hints=(
            "Entropy is the mean surprise. What is the surprise −log p of each true label?",
            "All five have p = 0.2. A mean of five equal numbers needs no sum.",
        ),
        tolerance=0.006,
    ),
    Exercise(
        key="information-which",
        title="Which expectation costs more?",
        question="True is p = (0.5, 0.5, 0). A bold model says (0.9, 0.1, 0), a wasteful one (0.5, "
        "0.25, 0.25). Whose cross entropy is higher?",
        answer=lambda: max(costs(), key=costs().get),
        feedback="The bold one costs {bold:.3f} nats, the wasteful one {wasteful:.3f}. Half of the "
        "time the bold one meets what it gave 0.1, and a surprise of −log 0.1 outweighs what it "
        "saved. What is given to the impossible is lost, but only once: each half keeps at least "
        "0.25.",
        figures=lambda guess: costs(),
        hints=(
            "Set p and q above, or: the mean of −log q over the two outcomes that happen.",
            "What is −log 0.1, and how often does it have to be paid?",
        ),
        options={"bold": "The bold one", "wasteful": "The wasteful one"},
    ),
    Exercise(
        key="information-label",
        title="One rare label",
        question="A label is true in 5 of 512 rows, and nothing else is known. What is its "
        "entropy, in **bits**?",
        answer=label_entropy,
        feedback="One such label has {answer:.4f} bits: knowing how rare it is, there is little "
        "left to learn. All {labels} together, if independent, have {total:.1f} bits. That, in "
        "nats, is where sigmoid BCE stops for a model that knows nothing but the frequency.",
        figures=lambda guess: {"labels": LABELS, "total": LABELS * label_entropy()},
        hints=(
            "Two outcomes: true with π = 5/512, false with 1 − π. A fair coin has 1 bit.",
            "The rare outcome adds −π log₂ π. What does the frequent one add?",
        ),
        tolerance=0.002,
        format="%.4f",
    ),
    Exercise(
        key="information-infinite",
        title="The other way round",
        question="p = (1/2, 1/2, 0) and q = (1/3, 1/3, 1/3). Which of KL(p‖q) and KL(q‖p) is "
        "infinite?",
        answer=lambda: next(name for name, kl in divergences().items() if kl == float("inf")),
        feedback="KL(p‖q) is {forward:.3f} nats: q expects too much of the third outcome, which "
        "never comes. KL(q‖p) is {backward}: when q is true, the third outcome does come, and p "
        "has ruled it out.",
        figures=lambda guess: divergences() | {"backward": "∞"},
        hints=("The first of the two is what happens. What happens that the other ruled out?",),
        options={
            "forward": "KL(p‖q)",
            "backward": "KL(q‖p)",
            "both": "both",
            "neither": "neither",
        },
    ),
)
