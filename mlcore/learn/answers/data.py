"""What rare and entangled labels do to splits, copies and annotations."""

import numpy as np

from mlcore.datasets import load
from mlcore.imbalance import companions, groups, measure
from mlcore.metrics import average

FEW = 10  # true rows


def predicting_nothing() -> dict:
    """The Debian tags, and a model that answers nothing to all test rows.

    Returns:
        `accuracy`: the share of labels that are right so; `f1`: micro F1; `labels` and
        `cardinality`.
    """
    dataset = load("debtags")
    targets = dataset.y[dataset.test]
    nothing = np.zeros_like(targets)
    return {
        "accuracy": float((targets == nothing).mean()),
        "f1": average(targets, nothing, "micro").value,
        "labels": targets.shape[1],
        "cardinality": float(targets.sum(axis=1).mean()),
    }


def always_the_same(labels: int) -> dict:
    """The Debian tags, and the most frequent ones predicted for every test row.

    Args:
        labels: How many.

    Returns:
        `micro` and `macro` F1.
    """
    dataset = load("debtags")
    frequent = np.argsort(-dataset.y[dataset.train].sum(axis=0, dtype=int), kind="stable")
    targets = dataset.y[dataset.test]
    predictions = np.zeros_like(targets)
    predictions[:, frequent[:labels]] = 1
    return {name: average(targets, predictions, name).value for name in ("micro", "macro")}


def rarity() -> dict:
    """How rare and how entangled the Debian tags are, over all rows.

    Returns:
        `mean_ir`: how many times rarer than the commonest tag they are, in the mean; `most`: the
        rarest; `few`: tags with fewer than `least` true rows among the `rows` of the test part;
        `labels`: all.
    """
    dataset = load("debtags")
    found = measure(dataset.y)
    return {
        "mean_ir": found.mean_ir,
        "most": float(found.irlbl.max()),
        "few": int((dataset.y[dataset.test].sum(axis=0, dtype=int) < FEW).sum()),
        "least": FEW,
        "labels": found.labels,
        "rows": len(dataset.test),
    }


def copied() -> dict:
    """What comes along when rows with a rare Debian tag are copied.

    Returns:
        `tail`: labels of the tail in such a row, in the mean; `others`: all others in it.
    """
    dataset = load("debtags")
    targets = dataset.y[dataset.train]
    group = groups(targets.sum(axis=0, dtype=int))
    *others, tail = companions(targets, group)[2].tolist()
    return {"tail": tail, "others": sum(others)}


def unseen(positives: int) -> dict:
    """The chance that no true row of a label falls into the validation rows.

    Args:
        positives: In how many rows of the Debian packages it is true.

    Returns:
        `share`: of validation rows; `chance`: that these have none, drawn with replacement.
    """
    dataset = load("debtags")
    share = len(dataset.validation) / len(dataset.y)
    return {"share": share, "chance": (1 - share) ** positives}


def hidden(missing: float, probability: float) -> dict:
    """Labels that annotators overlooked in training rows of the synthetic generator.

    Args:
        missing: The share of true labels that are marked false, 0 to 0.9.
        probability: The true one of some label.

    Returns:
        `seen` and `true`: labels per training row and per test row; `learnt`: what a perfect model
        learns in place of the `truth`.
    """
    dataset = load("synthetic", missing=missing)
    seen, true = (dataset.y[rows].sum(axis=1).mean() for rows in (dataset.train, dataset.test))
    learnt = probability * (1 - missing)
    return {"seen": float(seen), "true": float(true), "learnt": learnt, "truth": probability}
