"""What a loss does at the start of training and at its end, in figures."""

from collections.abc import Mapping
from math import log

import numpy as np

from mlcore.calibration import calibrated_threshold, undo_pos_weight
from mlcore.frameworks import FRAMEWORKS
from mlcore.lazy import torch
from mlcore.learn.information import cross_entropy, shared_out
from mlcore.learn.response import POINTS, Scene, balance, curves, minimiser
from mlcore.losses import LOSSES, pos_weights
from mlcore.metrics.ranking import float32_probabilities


def first_gradient(key: str, params: Mapping[str, object], positives: int, cells: int) -> dict:
    """Who pulls in the first step, when every probability is one half.

    Args:
        key: Of a loss in LOSSES.
        params: Its parameters, as `mlcore.learn.response.curves` takes them.
        positives: How many cells are true.
        cells: How many there are.

    Returns:
        `false` and `true`: the shares of the gradient's size that come from each; `plain`: that of
        the true cells with BCE.

    Example:
        >>> round(first_gradient("bce", {}, 5, 512)["false"], 4)
        0.9902
    """
    scene = Scene(cells=cells, positives=positives)
    (false, true), (_, plain) = (
        pulls / pulls.sum()
        for pulls in (balance(key, params, scene)[0], balance("bce", {}, scene)[0])
    )
    return {"false": float(false), "true": float(true), "plain": float(plain)}


def start_loss(key: str, params: Mapping[str, object], positives: int, cells: int) -> dict:
    """The loss of one row when every probability is one half.

    Args:
        key, params, positives, cells: As in `first_gradient`; for a loss of single labels.

    Returns:
        `mean` over the labels and `total`, in nats.

    Example:
        >>> round(start_loss("bce", {}, 5, 512)["total"], 1)
        354.9
    """
    true, false = (_at(key, params, 0.0)[line] for line in (0, 2))
    total = positives * true + (cells - positives) * false
    return {"mean": total / cells, "total": total}


def fading(key: str, params: Mapping[str, object], probability: float) -> dict:
    """How much less than BCE a loss counts a true label, and what they weigh at one half.

    Args:
        key, params: As in `first_gradient`; for a loss of single labels.
        probability: That the model gives to the label, strictly between 0 and 1.

    Returns:
        `times`: BCE over the loss there; `start`: the same at one half.

    Example:
        >>> round(fading("focal", {"gamma": 2.0}, 0.9)["times"])
        100
    """
    z = log(probability / (1 - probability))
    times, start = (_at("bce", {}, at)[0] / _at(key, params, at)[0] for at in (z, 0.0))
    return {"times": times, "start": start}


def false_label(key: str, params: Mapping[str, object], probability: float) -> dict:
    """How hard a false label's logit is pulled down, by a loss and by BCE.

    Args:
        key, params, probability: As in `fading`.

    Returns:
        `own` and `bce`: the two derivatives, in nats per unit of the logit.

    Example:
        >>> false_label("asymmetric", {"margin": 0.05}, 0.04)["own"]
        0.0
    """
    z = log(probability / (1 - probability))
    return {"own": _at(key, params, z)[3], "bce": _at("bce", {}, z)[3]}


def pulled_to(key: str, params: Mapping[str, object], probability: float) -> dict:
    """The probability that a loss pulls a label to.

    Args:
        key, params: As in `first_gradient`; for a loss of single labels.
        probability: The true one.

    Returns:
        `pulled`: where its expected loss is least.

    Example:
        >>> round(pulled_to("focal", {"gamma": 2.0}, 0.01)["pulled"], 3)
        0.154
    """
    return {"pulled": float(minimiser(key, params, [probability], Scene())[0])}


def schemes(positives: int, cells: int) -> dict:
    """The usual positive weights for one label.

    Args:
        positives: In how many rows it is true.
        cells: How many rows there are.

    Returns:
        `balanced`, `sqrt`; and `threshold`, on probabilities, that the balanced one stands for.

    Example:
        >>> round(schemes(5, 512)["balanced"], 1), round(schemes(5, 512)["threshold"], 4)
        (101.4, 0.0098)
    """
    column = Scene(cells=cells, positives=positives).targets("column")
    balanced, root = (float(pos_weights(column, name)[0]) for name in ("balanced", "sqrt"))
    return {
        "balanced": balanced,
        "sqrt": root,
        "threshold": calibrated_threshold(0.5, balanced),
    }


def weight(value: float, score: float) -> dict:
    """What a positive weight does to a threshold of one half and to a score.

    Args:
        value: The weight, > 0.
        score: A probability of the weighted model.

    Returns:
        `threshold`: on unweighted probabilities, it decides as one half on weighted ones;
        `undone`: the score without the weight; `shift`: the move of the logit.

    Example:
        >>> round(weight(10.0, 0.5)["undone"], 4)
        0.0909
    """
    return {
        "threshold": calibrated_threshold(0.5, value),
        "undone": float(undo_pos_weight([score], value, kind="probabilities")[0]),
        "shift": log(value),
    }


def softmax_of(labels: int) -> dict:
    """What softmax cross entropy makes of a row in which several labels are true.

    Args:
        labels: How many are true.

    Returns:
        `share`: the largest probability that all of them can have; `least`: the least loss where
        the targets are divided by their sum; `multi_hot`: the same where they are not, in nats.

    Example:
        >>> {name: round(value, 3) for name, value in softmax_of(4).items()}
        {'share': 0.25, 'least': 1.386, 'multi_hot': 5.545}
    """
    best = shared_out(labels, labels)
    least = float(cross_entropy(best, best))
    return {"share": float(best.max()), "least": least, "multi_hot": labels * least}


def sigmoid_twice() -> dict:
    """What a loss sees that applies a second sigmoid.

    Returns:
        `lowest` and `highest` probability, and `loss`: the least of a false label, in nats.

    Example:
        >>> round(sigmoid_twice()["highest"], 3)
        0.731
    """
    lowest, highest = (float(1 / (1 + np.exp(-first))) for first in (0.0, 1.0))
    return {"lowest": lowest, "highest": highest, "loss": _at("bce", {}, 0.0)[2]}


def saturated(logit: float) -> dict:
    """BCE of a false label in float32, from its probability and from its logit.

    Args:
        logit: A large one.

    Returns:
        `clamped` and `exact`: the two losses; `gradient`: what the first one leaves for the logit.

    Example:
        >>> saturated(20.0)
        {'clamped': 100.0, 'exact': 20.0, 'gradient': 0.0}
    """
    of = torch.nn.functional
    z, zero = torch.tensor([logit], requires_grad=True), torch.zeros(1)
    clamped = of.binary_cross_entropy(torch.sigmoid(z), zero)
    clamped.backward()
    exact = of.binary_cross_entropy_with_logits(z.detach(), zero)
    return {
        "clamped": clamped.item(),
        "exact": exact.item(),
        "gradient": z.grad.item(),
    }


def rounded() -> dict:
    """From which logit on a sigmoid in float32 is exactly 1.

    Returns:
        `logit`: the first whole number; `below`: the probability of the one before.

    Example:
        >>> rounded()["logit"]
        17.0
    """
    logits = np.arange(0.0, 41.0)
    probabilities = float32_probabilities(logits[None])[0]
    first = int((probabilities == 1).argmax())
    return {"logit": float(logits[first]), "below": float(probabilities[first - 1])}


def offered() -> dict:
    """How much code the lab writes.

    Returns:
        `losses` and `frameworks`.
    """
    return {"losses": len(LOSSES), "frameworks": len(FRAMEWORKS)}


def _at(key: str, params: Mapping[str, object], z: float) -> list[float]:
    """Loss and slope of a true label at a logit, then of a false one."""
    return curves(key, params, Scene(low=z - 1, high=z + 1))[:, POINTS // 2].tolist()
