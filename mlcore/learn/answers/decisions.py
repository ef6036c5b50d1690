"""What thresholds and averages make of the same probabilities, where the truth is known.

All but the smallest tables are of the synthetic generator at its defaults, whose true
probabilities are the scores: what differs is never the model.
"""

from collections.abc import Mapping

import numpy as np

from mlcore.calibration import weight_is_a_threshold
from mlcore.datasets import Dataset, load
from mlcore.files import MAX_BYTES
from mlcore.learn.information import bernoulli_cross_entropy
from mlcore.metrics import average, f1_of_means, ranking_scores
from mlcore.thresholds import ThresholdSweep, as_json, choose

GRID = 1001


def best_threshold(figure: str) -> dict:
    """One half against the best threshold, on validation rows.

    Args:
        figure: One of `mlcore.thresholds.figure_names()`.

    Returns:
        `half` and `best`: the figure at both; `threshold`: the best one; `halved`: half of `best`.
    """
    sweep = _sweep(*_rows("validation"))
    threshold, best = sweep.best(figure)
    return {
        "half": sweep.at(0.5)[figure],
        "best": best,
        "threshold": threshold,
        "halved": best / 2,
    }


def tuned(rule: str, params: Mapping[str, object], figure: str) -> dict:
    """What a rule promises on the rows it was tuned on, and what it keeps on test rows.

    Args:
        rule: A key of `mlcore.thresholds.RULES`.
        params: Its parameters.
        figure: As in `best_threshold`.

    Returns:
        `promised` on validation rows, `kept` on test rows; `shared`: on test rows with one
        threshold for all labels; `cheated`: on test rows, tuned on these.
    """

    def report(rows: str, chosen, **options) -> float:
        targets, scores = _rows(rows)
        chosen = choose(chosen, *_rows(options.pop("on")), **options)
        predictions = chosen.predict(scores).astype(float)
        return ThresholdSweep(targets, predictions, thresholds=[0.5]).at(0.5)[figure]

    return {
        "promised": report("validation", rule, on="validation", **params),
        "kept": report("test", rule, on="validation", **params),
        "shared": report("test", "global", on="validation", metric=figure),
        "cheated": report("test", rule, on="test", **params),
    }


def cost(false_positive: float, false_negative: float) -> dict:
    """The threshold that costs decide.

    Args:
        false_positive: What a wrong label costs.
        false_negative: What a missed one costs.

    Returns:
        `threshold`.

    Example:
        >>> cost(1.0, 4.0)
        {'threshold': 0.2}
    """
    chosen = choose("cost", None, None, c_FP=false_positive, c_FN=false_negative)
    return {"threshold": float(chosen.threshold)}


def cut_of_logits(threshold: float) -> dict:
    """What a threshold means that is put on logits by mistake.

    Args:
        threshold: Of logits.

    Returns:
        `probability`: what it is on probabilities; `logit`: where it should be.

    Example:
        >>> round(cut_of_logits(0.5)["probability"], 3)
        0.622
    """
    return {
        "probability": float(1 / (1 + np.exp(-threshold))),
        "logit": float(np.log(threshold / (1 - threshold))),
    }


def same_decisions(weight: float) -> dict:
    """A perfect weighted model at one half, and a moved threshold without a weight.

    Args:
        weight: The positive weight, > 0.

    Returns:
        `cells`, `differing` decisions, and the moved `threshold`.
    """
    found = weight_is_a_threshold(_truth().probabilities, weight)
    return {name: found[name] for name in ("cells", "differing", "threshold")}


def averages(threshold: float) -> dict:
    """The averages of F1 of the same decisions, and two accuracies.

    Args:
        threshold: One for all labels, on test rows.

    Returns:
        `micro`, `macro`, `weighted`, `samples` F1; `of_means`: the F1 of macro precision and macro
        recall; `cells` and `rows`: shares of labels and of whole rows that are right.
    """
    targets, scores = _rows("test")
    predictions = (scores >= threshold).astype(int)
    found = _sweep(targets, scores).at(threshold)
    return {
        **{name: found[f"{name}_f1"] for name in ("micro", "macro", "weighted", "samples")},
        "of_means": f1_of_means(targets, predictions).value,
        "cells": 1 - found["hamming_loss"],
        "rows": found["subset_accuracy"],
    }


def empty_rows(share: float) -> dict:
    """Samples F1 of decisions without a single mistake, where some rows have no label.

    Args:
        share: Of rows without a label, in [0, 1], to whole rows of 100.

    Returns:
        `zero` and `one`: with 0/0 counted as 0, and as 1.

    Example:
        >>> empty_rows(0.2)
        {'zero': 0.8, 'one': 1.0}
    """
    targets = np.ones((100, 1), dtype=int)
    targets[: round(100 * share)] = 0
    zero, one = (
        average(targets, targets, "samples", zero_division=value).value for value in (0.0, 1.0)
    )
    return {"zero": zero, "one": one}


def predicting_all(positives: int, cells: int) -> dict:
    """F1 that needs no model.

    Args:
        positives: How many of the cells are true.
        cells: How many there are.

    Returns:
        `everything`: of predicting all of them; `nothing`: of predicting none.

    Example:
        >>> round(predicting_all(1, 100)["everything"], 4)
        0.0198
    """
    targets = np.zeros((cells, 1), dtype=int)
    targets[:positives] = 1
    everything, nothing = (
        average(targets, np.full_like(targets, value), "micro").value for value in (1, 0)
    )
    return {"everything": everything, "nothing": nothing}


def moved(shift: float, factor: float) -> dict:
    """The same ranking with other logits: what loss, F1 and mAP make of it, on test rows.

    Args:
        shift: What is added to each logit.
        factor: What it is multiplied by first.

    Returns:
        `loss_before` and `loss`, nats per label; micro F1 at one half, `half_before` and `half`;
        at its best threshold, `best_before` and `best`; `map_before` and `map`.
    """
    targets, scores = _rows("test")
    logits = np.log(scores) - np.log1p(-scores)
    told = {}
    for name, z in (("_before", logits), ("", logits * factor + shift)):
        p = 1 / (1 + np.exp(-z))
        sweep = ThresholdSweep(targets, p, thresholds="distinct")
        told |= {
            f"loss{name}": float(np.mean(bernoulli_cross_entropy(targets, p))),
            f"half{name}": sweep.at(0.5)["micro_f1"],
            f"best{name}": sweep.best("micro_f1")[1],
            f"map{name}": ranking_scores(targets, z).mean_average_precision,
        }
    return told


def exported() -> dict:
    """What thresholds, one for each label, weigh as a file.

    Returns:
        `labels`, and `kilobytes` of the JSON that the Thresholds page offers.
    """
    dataset, chosen = _truth(), choose("per_label", *_rows("validation"))
    text = as_json(chosen, dataset.label_names)
    return {"labels": len(dataset.label_names), "kilobytes": len(text.encode()) / 1000}


def rarer(score: float, before: float, after: float) -> dict:
    """A score once a label has become rarer, everything else being as it was.

    Args:
        score: That a calibrated model gives.
        before: How frequent the label was in training.
        after: How frequent it is now.

    Returns:
        `score` now.

    Example:
        >>> round(rarer(0.5, 0.1, 0.01)["score"], 4)
        0.0833
    """
    odds = score / (1 - score) * (after / (1 - after)) / (before / (1 - before))
    return {"score": odds / (1 + odds)}


def uploads() -> dict:
    """How large a file of scores may be.

    Returns:
        `megabytes`.
    """
    return {"megabytes": MAX_BYTES / 1e6}


def _truth() -> Dataset:
    return load("synthetic")


def _rows(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets and true probabilities of the rows of a part."""
    dataset = _truth()
    rows = getattr(dataset, part)
    return dataset.y[rows], dataset.probabilities[rows]


def _sweep(targets: np.ndarray, scores: np.ndarray) -> ThresholdSweep:
    return ThresholdSweep(targets, scores, thresholds=GRID)
