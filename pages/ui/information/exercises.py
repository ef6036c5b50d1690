"""Exercises of the Information page; the library computes every answer."""

from mlcore.learn import information
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.kit.numbers import finite

HALVES = (0.5, 0.5, 0.0)
DISTRIBUTIONS = {
    "(1/2, 1/2, 0)": HALVES,
    "(1/3, 1/3, 1/3)": (1 / 3, 1 / 3, 1 / 3),
    "(0, 1/2, 1/2)": (0.0, 0.5, 0.5),
    "(1/4, 1/4, 1/2)": (0.25, 0.25, 0.5),
    "(1, 0, 0)": (1.0, 0.0, 0.0),
}


def shared_entropy(case: Case, unit: str = "nats") -> float:
    """The entropy of the true labels, shared out."""
    p = information.shared_out(case["labels"], case["true"])
    return float(information.entropy(p, unit=unit))


def even_entropy(case: Case) -> float:
    """The same if every label had its share."""
    return float(information.entropy(information.shared_out(case["labels"], case["labels"])))


def costs(case: Case) -> dict[str, float]:
    """The cross entropy of both expectations of a fair coin that cannot land on its edge."""
    return {
        name: float(information.cross_entropy(HALVES, case[name])) for name in ("bold", "wasteful")
    }


def label_entropy(case: Case, unit: str = "bits") -> float:
    """The entropy of one label that is true in some of the rows."""
    return float(information.bernoulli_entropy(case["true"] / case["labels"], unit=unit))


def label_surprise(case: Case) -> float:
    """The surprise of a true label, in bits."""
    return float(information.surprise(case["true"] / case["labels"], unit="bits"))


def divergences(case: Case) -> dict[str, float]:
    """KL of the two distributions, in both directions."""
    p, q = (DISTRIBUTIONS[case[name]] for name in ("p", "q"))
    return {
        "forward": float(information.kl_divergence(p, q)),
        "backward": float(information.kl_divergence(q, p)),
    }


def infinite(case: Case) -> str:
    """Which of the two is."""
    found = [name for name, kl in divergences(case).items() if kl == float("inf")]
    return {0: "neither", 1: "".join(found), 2: "both"}[len(found)]


def draw_expectations(rng) -> Case:
    """A bold and a wasteful expectation."""
    bold, kept = rng.choice((0.6, 0.7, 0.8, 0.95, 0.99)), rng.choice((0.2, 0.3, 0.4))
    wasteful = (0.5, kept, round(0.5 - kept, 2))
    return {"bold": (bold, round(1 - bold, 2), 0.0), "wasteful": wasteful}


EXERCISES = (
    Exercise(
        key="information-shared",
        title="What remains of the loss",
        question="A softmax is trained on rows with {true} true labels of {labels}. Its target "
        "splits 1 among them: 1/{true} each, 0 elsewhere. **What is the entropy of that target, in "
        "nats?** It is where the loss stops falling.",
        first={"true": 5, "labels": 512},
        fresh=lambda rng: {
            "true": rng.choice((2, 3, 4, 8, 10, 20)),
            "labels": rng.choice((64, 100, 256, 1000)),
        },
        answer=shared_entropy,
        feedback="{true} outcomes have 1/{true} each and all others have none, so that every "
        "surprise is log {true}: the entropy is {answer:.3f} nats ({bits:.3f} bits). How many "
        "outcomes stay at 0 does not matter. A perfect softmax therefore still shows a cross "
        "entropy of {answer:.3f}.",
        figures=lambda case: {"bits": shared_entropy(case, "bits")},
        hints=(
            "Entropy is the mean surprise. What is the surprise −log p of each true label?",
            "All true labels have the same p. A mean of equal numbers needs no sum.",
        ),
        mistakes=(
            Mistake(
                value=even_entropy,
                why="That is the entropy if all {labels} labels shared the 1. But most of them "
                "have a target of 0, and what never happens surprises nobody.",
            ),
            Mistake(
                value=lambda case: shared_entropy(case, "bits"),
                why="The idea is right, the unit is not: that is in bits. Nats take the natural "
                "logarithm.",
            ),
            Mistake(
                value=lambda case: shared_entropy(case) / case["true"],
                why="That is what one true label adds, −p log p. The entropy is the sum over all "
                "of them.",
            ),
            Mistake(
                value=lambda case: 0.0,
                why="A target that knows the row exactly would have entropy 0 if it had one true "
                "label. Here the 1 is split, so the target itself is spread out.",
            ),
        ),
        too_low="Think of drawing one of the {true} true labels at random: how surprising is each?",
        too_high="Only the {true} true labels have a probability above 0. Leave all others out.",
        tolerance=0.006,
    ),
    Exercise(
        key="information-which",
        title="Which expectation costs more?",
        question="True is p = (0.5, 0.5, 0). A bold model says ({bold[0]:g}, {bold[1]:g}, 0), a "
        "wasteful one ({wasteful[0]:g}, {wasteful[1]:g}, {wasteful[2]:g}). Whose cross entropy is "
        "higher?",
        first={"bold": (0.9, 0.1, 0.0), "wasteful": (0.5, 0.25, 0.25)},
        fresh=draw_expectations,
        answer=lambda case: max(costs(case), key=costs(case).get),
        feedback="The bold one costs {bold:.3f} nats, the wasteful one {wasteful:.3f}. Each pays "
        "for its first probability half of the time and for its second the other half, and the "
        "smallest of them costs most. What is given to the impossible is lost, but only once.",
        figures=costs,
        hints=(
            "Set p and q above, or: the mean of −log q over the two outcomes that happen.",
            "What is −log of the smallest probability, and how often does it have to be paid?",
        ),
        options={"bold": "The bold one", "wasteful": "The wasteful one", "same": "Both the same"},
        wrong={
            "bold": "Being bold costs nothing in itself. It depends on how small its second "
            "probability gets: compare that with the second one of the wasteful model.",
            "wasteful": "What it gives to the impossible third outcome is lost, but nobody pays "
            "for that outcome itself. Compare what both models give to the two that happen.",
            "same": "Both meet the same two outcomes, but with other probabilities. Add −log of "
            "the two for each model.",
        },
    ),
    Exercise(
        key="information-label",
        title="One rare label",
        question="A label is true in {true} of {labels} rows, and nothing else is known. What is "
        "its entropy, in **bits**?",
        first={"true": 5, "labels": 512},
        fresh=lambda rng: {"true": rng.randint(2, 40), "labels": rng.choice((200, 250, 400, 500))},
        answer=label_entropy,
        feedback="One such label has {answer:.4f} bits: knowing how frequent it is, there is that "
        "much left to learn. {labels} of them, if independent, have {total:.1f} bits. That, in "
        "nats, is where sigmoid BCE stops for a model that knows nothing but the frequency.",
        figures=lambda case: {"total": case["labels"] * label_entropy(case)},
        hints=(
            "Two outcomes: true with π = {true}/{labels}, false with 1 − π. A fair coin has 1 bit.",
            "The rare outcome adds −π log₂ π. What does the frequent one add?",
        ),
        mistakes=(
            Mistake(
                value=lambda case: label_entropy(case, "nats"),
                why="That is in nats. For bits take the logarithm to the base 2.",
            ),
            Mistake(
                value=label_surprise,
                why="That is the surprise of seeing the label true. It is that surprising, but "
                "seldom: an entropy is the mean over both outcomes.",
            ),
            Mistake(
                value=lambda case: case["true"] / case["labels"] * label_surprise(case),
                why="That is what the true rows add. The false rows surprise a little, too, and "
                "there are many of them.",
            ),
            Mistake(
                value=lambda case: 1.0,
                why="One bit is a fair coin. This label is far from one: mostly it is known in "
                "advance.",
            ),
        ),
        too_low="Both outcomes add something: −π log₂ π and the same of 1 − π.",
        too_high="A fair coin has 1 bit, and the rarer the label, the less there is to learn.",
        tolerance=0.002,
        format="%.4f",
    ),
    Exercise(
        key="information-infinite",
        title="The other way round",
        question="p = {p} and q = {q}. Which of KL(p‖q) and KL(q‖p) is infinite?",
        first={"p": "(1/2, 1/2, 0)", "q": "(1/3, 1/3, 1/3)"},
        fresh=lambda rng: dict(zip("pq", rng.sample(list(DISTRIBUTIONS), 2), strict=True)),
        answer=infinite,
        feedback="KL(p‖q) is {forward} and KL(q‖p) is {backward}, in nats. A divergence is "
        "infinite where the first of the two lets something happen that the second has ruled out; "
        "the other way round it costs nothing.",
        figures=lambda case: {name: finite(kl, ".3f") for name, kl in divergences(case).items()},
        hints=(
            "The first of the two is what happens, the second what was expected.",
            "Look for a 0 in one of them: is it where the other has more than 0?",
        ),
        options={
            "forward": "KL(p‖q)",
            "backward": "KL(q‖p)",
            "both": "both",
            "neither": "neither",
        },
        wrong={
            "forward": "In KL(p‖q) the outcomes of p happen. Go through those with p > 0: a 0 of "
            "p itself adds nothing. Is that all that can be infinite?",
            "backward": "In KL(q‖p) the outcomes of q happen. Go through those with q > 0: a 0 of "
            "q itself adds nothing. Is that all that can be infinite?",
            "both": "For both to be infinite, each would have to rule out something that the "
            "other lets happen.",
            "neither": "Neither is only if both allow the same outcomes. Where one has a 0 and the "
            "other has not, somebody is surprised by −log 0.",
        },
    ),
)
BY_KEY = {each.key: each for each in EXERCISES}
