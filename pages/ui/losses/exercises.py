"""Exercises of the Losses page: who pulls at the start, where a weight and a focus pull to."""

from operator import truediv

from mlcore.learn.response import Scene
from pages.ui.kit.exercise import Case, Exercise, Mistake
from pages.ui.server.compute import compute


def sums_at_the_start(case: Case) -> dict[str, float]:
    """How hard negatives and positives pull on BCE's logits of 0."""
    scene = Scene(cells=case["labels"], positives=case["true"])
    sums = compute("mlcore.learn.response:balance", "bce", {}, scene)[0]
    return dict(zip(("negatives", "positives"), map(float, sums), strict=True))


def times_as_hard(case: Case) -> float:
    """How many times as hard the negatives pull in all."""
    return truediv(*sums_at_the_start(case).values())


def one_against_one(case: Case) -> float:
    """The same of one negative and one positive."""
    return times_as_hard(case) * case["true"] / (case["labels"] - case["true"])


def draw_row(rng) -> Case:
    """So many labels, so many of them true."""
    labels, true = rng.choice((64, 100, 200, 256, 1000)), rng.choice((1, 2, 4, 5, 8, 10))
    return {"labels": labels, "true": true, "false": labels - true}


def pulled(key: str, eta: float, **params: float) -> float:
    """To which probability a loss pulls a label with true probability eta."""
    return float(compute("mlcore.learn.response:minimiser", key, params, [eta], Scene())[0])


def weighted(case: Case) -> float:
    """What a weighted model says of a label that is true in one of so many cases."""
    return pulled("bce_pos_weight", 1 / case["of"], pos_weight=case["weight"])


def focal_answer(case: Case) -> str:
    """Whether focal loss answers less, the same or more than the truth."""
    off = pulled("focal", case["eta"], gamma=case["gamma"]) - case["eta"]
    return "same" if abs(off) < 1e-6 else "less" if off < 0 else "more"


def focal_figures(case: Case) -> dict[str, float]:
    """What it answers there and on the other side of one half."""
    at, other = case["eta"], 1 - case["eta"]
    both = {"at": at, "opposite": other}
    found = {name: pulled("focal", eta, gamma=case["gamma"]) for name, eta in both.items()}
    return found | {"other": other}


def start_with_prior(case: Case) -> dict:
    """First losses with a bias of zero and with the prior's, and how many times that is smaller."""
    return compute("mlcore.learn.starting:prior_bias", case["true"], case["labels"])


FIRST_ROW = {"labels": 512, "true": 5, "false": 507}
EXERCISES = (
    Exercise(
        key="losses-start",
        title="Who pulls at the start?",
        question="A row has {labels} labels, {true} of them true. The network is fresh: all logits "
        "are 0. Under sigmoid BCE each label's gradient pulls its logit up or down. Taken "
        "together, **how many times as hard** do the {false} false labels pull as the true ones?",
        first=FIRST_ROW,
        fresh=draw_row,
        answer=times_as_hard,
        feedback="At logit 0 every probability is 0.5, so a false label pulls with 0.5 − 0 and a "
        "true one with 1 − 0.5. The {false} false ones pull with {negatives:.1f} in all, the true "
        "ones with {positives:.1f}: **{answer:.1f} times** as hard. That is why the first thing a "
        "network learns here is to say no to everything.",
        figures=sums_at_the_start,
        hints=(
            "The gradient of BCE on a logit is p − y. What is p at logit 0?",
            "How hard does one false label pull, and how hard one true one? Then count both.",
        ),
        mistakes=(
            Mistake(
                value=one_against_one,
                why="That holds for one label against one. The question is about all of them "
                "taken together.",
            ),
            Mistake(
                value=lambda case: 1 / times_as_hard(case),
                why="That is the other way round: how hard the true ones pull as a share of the "
                "false ones.",
            ),
            Mistake(
                value=lambda case: sums_at_the_start(case)["negatives"],
                why="That is the sum of the pulls of the false labels. Divide it by the sum of the "
                "true ones.",
            ),
            Mistake(
                value=lambda case: float(case["false"]),
                why="That is the number of false labels. Against how many true ones?",
            ),
        ),
        too_low="Every label pulls with |p − y|. Add these up on each side, then divide.",
        too_high="Every label pulls with |p − y|, the true ones too: do not leave out their sum.",
        relative=0.01,
        format="%.1f",
    ),
    Exercise(
        key="losses-weight",
        title="What a weighted model says",
        question="A label is true in one of {of:g} cases and nothing in the features tells which. "
        "A model is trained on it with BCE and **pos_weight = {weight:g}** until it converges. "
        "What probability does it answer?",
        first={"of": 10, "weight": 9.0},
        fresh=lambda rng: {
            "of": rng.choice((3, 4, 5, 10, 20)),
            "weight": rng.choice((2.0, 3.0, 4.0, 6.0, 19.0)),
        },
        answer=weighted,
        feedback="The expected loss is least at **{answer:.3f}**; without the weight it is at "
        "{plain:.3f}. A weight multiplies the odds of the answer, 1 to {of:g} less one, by "
        "{weight:g}. The model says {answer:.3f} and means {plain:.3f}.",
        figures=lambda case: {"plain": pulled("bce", 1 / case["of"])},
        hints=(
            "Choose BCE with pos_weight above, set the weight and read σ*(η) at the label's "
            "frequency.",
            "Imagine every true case {weight:g} times in the data. How frequent is the label then?",
        ),
        mistakes=(
            Mistake(
                value=lambda case: pulled("bce", 1 / case["of"]),
                why="That is what a model without the weight says: the frequency itself. With the "
                "weight every true case counts more.",
            ),
            Mistake(
                value=lambda case: case["weight"] * pulled("bce", 1 / case["of"]),
                why="A weight does not multiply the probability, which could rise above 1 then. "
                "It multiplies the odds.",
            ),
            Mistake(
                value=lambda case: 1 - pulled("bce", 1 / (1 + case["weight"])),
                why="That would be the answer if the label were true in half of the cases. It is "
                "rarer than that.",
            ),
        ),
        too_low="Count each true case {weight:g} times and each false one once: what share is "
        "true?",
        too_high="The weight pulls up, but the false cases still count: there are {of:g} − 1 of "
        "them for each true one.",
        tolerance=0.005,
    ),
    Exercise(
        key="losses-focal",
        title="Where focal loss comes to rest",
        question="A label is true with probability {eta:g}. A model is trained with **focal loss, "
        "γ = {gamma:g}** until it converges. Does it answer less than {eta:g}, exactly {eta:g}, or "
        "more?",
        first={"eta": 0.9, "gamma": 2.0},
        fresh=lambda rng: {
            "eta": rng.choice((0.05, 0.1, 0.2, 0.3, 0.7, 0.8, 0.95)),
            "gamma": rng.choice((1.0, 2.0, 3.0, 5.0)),
        },
        answer=focal_answer,
        feedback="It answers **{at:.3f}**, and {opposite:.3f} where the truth is {other:g}: both "
        "are pulled towards one half. Focal loss stops caring about a label that is nearly right, "
        "so it is content too early. The order of labels stays, the probabilities do not mean what "
        "they say.",
        figures=focal_figures,
        hints=(
            "Look at focal loss in the panel σ*(η): is it above or below the diagonal there?",
            "What does focal loss do to the pull of a label that is already nearly right?",
        ),
        options={"less": "less", "same": "exactly {eta:g}", "more": "more"},
        wrong={
            "less": "Focusing does not make a model shy in general. The model comes from one half; "
            "what becomes of the pull as it gets near {eta:g}?",
            "same": "That holds for BCE. The factor (1 − p)^γ depends on the prediction itself, so "
            "it moves the point where both pulls balance.",
            "more": "Focusing does stress what is hard, but nothing pushes the answer beyond the "
            "truth. The model comes from one half; when does the pull fade?",
        },
    ),
    Exercise(
        key="losses-prior",
        title="A better start",
        question="{true} of {labels} labels are true. The last layer's biases are set to the log "
        "odds of that, log({true}/{false}), instead of 0. **How many times smaller** is the first "
        "BCE?",
        first=FIRST_ROW,
        fresh=draw_row,
        answer=lambda case: start_with_prior(case)["times"],
        feedback="With zero biases the first loss is log 2 = {loss_zero:.4f} nats per label, with "
        "the log odds of the prior it is {loss_prior:.4f}, the entropy of a label that is true in "
        "{true} of {labels} cases: **{answer:.1f} times** smaller. Its bias gradient is 0, so the "
        "features have the first step to themselves.",
        figures=start_with_prior,
        hints=(
            "What does a label cost with a zero bias, whether it is true or not?",
            "With the prior's biases the mean cost is the entropy of a label of that frequency.",
        ),
        mistakes=(
            Mistake(
                value=lambda case: 1 / start_with_prior(case)["times"],
                why="That is the smaller loss as a share of the larger. How many times smaller is "
                "the ratio the other way round.",
            ),
            Mistake(
                value=times_as_hard,
                why="Those are the odds of a false label. The losses differ by less: the rare true "
                "labels cost more than before.",
            ),
            Mistake(
                value=lambda case: case["labels"] / case["true"],
                why="That is how rare a true label is. The losses differ by less: the rare true "
                "labels cost more than before.",
            ),
        ),
        too_low="Divide log 2 by the entropy of one label, both in nats.",
        too_high="The false labels cost nearly nothing now, but each true one costs more than log "
        "2. Count both.",
        relative=0.025,
        format="%.1f",
    ),
)
BY_KEY = {each.key: each for each in EXERCISES}
