"""Figures as scikit-learn and textbooks define them, and tables to hold a sweep against."""

import numpy as np
import sklearn.metrics

from mlcore.figures import AVERAGES

NAN = float("nan")
UNEVEN = [0.0, 1e-9, 0.1, 0.11, 0.5, 0.500001, 0.93, 1.0]
# Means of up to some thousand ratios in [0, 1], added up in another order.
CLOSE = {"rtol": 0, "atol": 1e-12}


def problem(rows=60, labels=9, density=0.25, seed=0):
    rng = np.random.default_rng(seed)
    targets = (rng.random((rows, labels)) < density).astype(np.uint8)
    return targets, rng.random((rows, labels)) ** 2


def changed(**changes):
    """The problem with a value in all of a table, in its first rows, or in its first labels."""
    targets, probabilities = problem()
    for place, value in changes.items():
        table = targets if place.startswith("targets") else probabilities
        if place.endswith("rows"):
            table[:5] = value
        elif place.endswith("labels"):
            table[:, :4] = value
        else:
            table[:] = value
    return targets, probabilities


CASES = {
    "random": problem(),
    "wide": problem(rows=7, labels=300, density=0.01),
    "ties, on thresholds": (problem()[0], problem()[1].round(1)),
    "one score": changed(probabilities=0.25),
    "scores 0 or 1": (problem()[0], problem()[1].round()),
    "scores 0": changed(probabilities=0),
    "scores 1": changed(probabilities=1),
    "empty rows": changed(targets_rows=0),
    "absent labels": changed(targets_labels=0),
    "labels always true": changed(targets_labels=1),
    "nothing true": changed(targets=0),
    "all true": changed(targets=1),
    "rows never predicted": changed(probabilities_rows=0),
    "labels never predicted": changed(probabilities_labels=0),
    "nothing at all": changed(targets=0, probabilities=0),
    "some of it all": changed(targets_rows=0, probabilities_rows=0, targets_labels=0),
    "one row": problem(rows=1),
    "one label": problem(labels=1),
    "one cell": problem(rows=1, labels=1, density=1),
}


def by_scikit_learn(targets, predicted, beta, zero_division, macro_over="occurring"):
    """The figures by scikit-learn's functions; its Jaccard score takes no nan."""
    if targets.shape[1] == 1:  # alone it would be read as two classes; no figure is of labels then
        targets, predicted = (np.pad(table, ((0, 0), (0, 1))) for table in (targets, predicted))
        labels = [0]
    else:
        labels = None
    out = {}
    for average in AVERAGES:
        options = {"average": average, "zero_division": zero_division, "labels": labels}
        if average == "macro" and macro_over == "occurring" and targets.any():
            options["labels"] = np.flatnonzero(targets.any(axis=0))
        ratios = sklearn.metrics.precision_recall_fscore_support(
            targets, predicted, beta=beta, **options
        )
        for name, ratio in zip(("precision", "recall", f"f{beta:g}"), ratios, strict=False):
            out[f"{average}_{name}"] = ratio
        if not np.isnan(zero_division):
            out[f"{average}_jaccard"] = sklearn.metrics.jaccard_score(targets, predicted, **options)
    out["subset_accuracy"] = sklearn.metrics.accuracy_score(targets, predicted)
    n_labels = len(labels or targets.T)
    hamming = sklearn.metrics.hamming_loss(targets, predicted)
    return out | {"hamming_loss": hamming * targets.shape[1] / n_labels}


def mean(values, weights):
    """The mean of what is defined; where no weight is left, all weigh the same."""
    kept = ~np.isnan(values)
    if not kept.any():
        return NAN
    values, weights = values[kept], weights[kept]
    return np.average(values, weights=weights if weights.any() else None)


def by_definition(targets, predicted, beta=1.0, zero_division=0.0, macro_over="occurring"):
    """All figures from their textbook formulas in float64."""
    y, p = targets == 1, np.asarray(predicted)
    out = {}
    for average, axis in (("micro", None), ("macro", 0), ("weighted", 0), ("samples", 1)):
        found, chosen, true = (np.atleast_1d(cells.sum(axis=axis)) for cells in (y & p, p, y))
        for name, part, whole in (
            ("precision", found, chosen),
            ("recall", found, true),
            (f"f{beta:g}", (1 + beta**2) * found, beta**2 * true + chosen),
            ("jaccard", found, true + chosen - found),
        ):
            ratios = np.where(whole > 0, part / np.where(whole > 0, whole, 1), zero_division)
            weights = true if average == "weighted" else np.ones(len(true))
            if average == "macro" and macro_over == "occurring" and y.any():
                ratios, weights = ratios[true > 0], weights[true > 0]
            out[f"{average}_{name}"] = mean(ratios, weights)
    out["subset_accuracy"] = (y == p).all(axis=1).mean()
    out["hamming_loss"] = (y != p).mean()
    out["labels_per_row"] = p.sum(axis=1).mean()
    out["empty_share"] = (~p.any(axis=1)).mean()
    out["labels_predicted"] = p.any(axis=0).sum()
    return out


def assert_close(actual, expected):
    values = [[*table] for table in ((actual[name] for name in expected), expected.values())]
    np.testing.assert_allclose(*values, **CLOSE, err_msg=" ".join(expected))


def swept(sweep, place):
    return {name: figure[place] for name, figure in sweep.figures.items()}


def reached(probabilities, threshold):
    """What is predicted at a threshold, in the precision of the scores."""
    return probabilities >= np.asarray(threshold, probabilities.dtype)
