"""How good predictions are, how much chance there is in that, and choices side by side."""

from collections.abc import Callable, Generator, Mapping, Sequence

import numpy as np

from mlcore.checks import as_array, check_binary, check_choice, check_number, check_same_shape
from mlcore.figures import F1S, figure_names
from mlcore.generators import completed
from mlcore.lazy import pd
from mlcore.thresholds import counting
from mlcore.thresholds.decisions import Choice
from mlcore.thresholds.sweep import ThresholdSweep

CELLS_AT_ONCE = 2**22  # of weights or counts: resamples times rows or labels
RESAMPLES_AT_ONCE = 20
COUNTS = ("labels_per_row", "labels_predicted")  # of labels; all other figures are shares


def figures_of(
    targets,
    predictions,
    *,
    beta: float = 1.0,
    zero_division: float = 0.0,
    macro_over: str = "occurring",
) -> dict[str, float]:
    """The figures of `ThresholdSweep.at`, for predictions however they were made.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k), NumPy or torch.
        beta: Weight of recall against precision in F-beta, from 1e-6 to 1e6.
        zero_division: The value where a ratio is 0/0: 0.0, 1.0, or nan, which means leave out.
        macro_over: Which labels macro averages are over, as in `ThresholdSweep`: "occurring", those
            with a true row among these rows, or "all", as in scikit-learn.

    Returns:
        A value for each of `figure_names(beta)`.

    Raises:
        ValueError: If shapes differ or are empty, or an entry is not 0 or 1.

    Example:
        >>> perfect = np.array([[1, 0], [1, 0]])
        >>> figures_of(perfect, perfect)["macro_f1"]
        1.0
        >>> figures_of(perfect, perfect, macro_over="all")["macro_f1"]
        0.5
    """
    targets, predictions = as_array("targets", targets), as_array("predictions", predictions)
    check_same_shape("targets", targets, "predictions", predictions)
    check_binary("predictions", predictions)
    scores = predictions.astype(np.float32)
    options = {"beta": beta, "zero_division": zero_division, "macro_over": macro_over}
    return ThresholdSweep(targets, scores, thresholds=[0.5], **options).at(0.5)


def bootstrap_band(
    targets,
    predictions,
    metrics: Sequence[str],
    *,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
    zero_division: float = 0.0,
    around: Mapping[str, float] | None = None,
) -> dict[str, tuple[float, float]]:
    """How far figures would move with other rows of the same kind: a band around each.

    It covers the chance in which rows were drawn, and nothing else. What stays fixed: the model,
    so not the spread over training seeds, and the predictions, so not how a threshold would come
    out on other tuning rows. The band of one figure is not for comparing two rules on the same
    rows, whose figures move together.

    A resample has only some 63 % of the different rows, some of them several times. Its macro
    averages are over the labels that occur in it, so a perfect model has 1 in each where any does.
    But labels with few true rows drop out, and those that stay have more of them than before: with
    many such labels all resamples lie to one side of the figure, and so would their percentiles.
    The band is as wide as these are apart, and lies where the median of the resamples is at the
    figure; it contains it, and ends where the figure could not go. Weighted and micro averages are
    hardly moved by this.

    Args:
        targets, predictions: 0 or 1 for each label, shape (n, k), NumPy or torch.
        metrics: Some of `mlcore.figures.figure_names()`.
        resamples: How often n rows are drawn with replacement, 10 to 100,000.
        level: Share of the resamples within the band, > 0 and < 1.
        seed: Fixes the draws, a whole number >= 0.
        zero_division: As in `figures_of`.
        around: What the bands lie around, if not the figures of these rows: where these were drawn
            from more, the figures of all.

    Returns:
        (low, high) for each metric. Both are the figure itself where there is only one row, and
        nan where it is nan in some resample.

    Raises:
        ValueError: If shapes differ or are empty, an entry is not 0 or 1, a metric is unknown, or
            a number out of range.

    Source:
        Efron and Tibshirani 1993, An Introduction to the Bootstrap: chapter 13 on percentiles,
        chapter 10 on resamples that lie to one side.
    """
    return completed(band_in_turns(**locals()))


def band_in_turns(
    targets, predictions, metrics: Sequence[str], *, resamples, level, seed, zero_division, around
) -> Generator[None, None, dict[str, tuple[float, float]]]:
    """`bootstrap_band` as a generator that yields now and then, so that it can be ended."""
    for metric in metrics:
        check_choice("metrics", metric, figure_names())
    check_number("resamples", resamples, low=10, high=100_000, integer=True)
    check_number("level", level, above=0.0, below=1)
    check_number("seed", seed, low=0, integer=True)
    targets, predictions = as_array("targets", targets), as_array("predictions", predictions)
    figures = figures_of(targets, predictions, zero_division=zero_division)
    figures |= around or {}
    n = len(targets)
    if n == 1:
        return {metric: (figures[metric], figures[metric]) for metric in metrics}
    figures_of_rows = _figures_of_rows(targets, predictions, float(zero_division))
    rng, drawn = np.random.default_rng(int(seed)), []
    at_once = min(RESAMPLES_AT_ONCE, max(1, CELLS_AT_ONCE // max(targets.shape)))
    for first in range(0, int(resamples), at_once):
        drawn.append(figures_of_rows(rng.integers(0, n, (min(at_once, resamples - first), n))))
        yield
    drawn = np.concatenate(drawn, axis=1)
    low, median, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=1)
    middle = np.array(list(figures.values()))
    most = [targets.shape[1] if figure in COUNTS else 1.0 for figure in figures]
    bands = np.clip([middle + (low - median), middle + (high - median)], 0.0, most).T
    named = dict(zip(figures, map(tuple, bands.tolist()), strict=True))
    return {metric: named[metric] for metric in metrics}


def _figures_of_rows(
    targets, predictions, zero_division: float
) -> Callable[[np.ndarray], np.ndarray]:
    """A function of row numbers, (resamples, n), that gives figures, (21, resamples)."""
    n, k = targets.shape
    true, predicted = targets.astype(np.float32), predictions.astype(np.float32)
    cells = np.stack([true * predicted, predicted, true])
    counts = cells.sum(axis=2, dtype=np.int64).T.copy()
    row_tallies = np.empty((n, 7))
    for row, out in zip(counts[:, None], row_tallies, strict=True):
        counting.tally(row, 1.0, out)
    untrue = counts[:, 2] == 0

    def figures(rows: np.ndarray) -> np.ndarray:
        size = len(rows)
        places = rows + n * np.arange(size)[:, None]
        weights = np.bincount(places.ravel(), minlength=size * n).reshape(size, n)
        # Whole numbers below 2^24 are exact in float32.
        labels = (weights.astype(np.float32) @ cells).astype(np.int64)
        tallies = np.empty((size, 3, 7))
        tallies[:, 0] = weights @ row_tallies
        pooled = labels[:2].sum(axis=2).T.copy()
        untrue_rows = weights @ untrue
        out = np.empty((size, len(figure_names())))
        for b in range(size):
            support = labels[2, b]
            counting.tally_labels(
                labels[0, b : b + 1], labels[1, b : b + 1], support, 1.0, tallies[b : b + 1, 1:]
            )
            totals = n, k, int(support.sum()), int(untrue_rows[b]), int((support == 0).sum())
            out[b] = counting.figures(
                tallies[b : b + 1], pooled[b : b + 1], totals, 1.0, zero_division, False
            )
        return out.T

    return figures


def compare(
    choices: Mapping[str, Choice],
    validation,
    test,
    metrics: Sequence[str] = F1S,
    *,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
    zero_division: float = 0.0,
    most_rows: int | None = None,
    band: Callable = bootstrap_band,
) -> "pd.DataFrame":
    """Choices side by side: where they were tuned, and where they are reported.

    Args:
        choices: A `Choice` for each name.
        validation: Targets and probabilities, each (n, k), of the rows the choices were tuned on.
        test: The same of the rows to report on.
        metrics: Some of `mlcore.figures.figure_names()`.
        resamples, level: As in `bootstrap_band`.
        seed: As in `bootstrap_band`; all choices see the same resampled rows.
        zero_division: As in `figures_of`.
        most_rows: How many test rows bands are of, where there are more: drawn at random, without
            replacement, the same for all choices. With fewer rows they are wider. None: all.
        band: What is called for them, as `bootstrap_band` is.

    Returns:
        A row for each choice: rule (its name), threshold (`Choice.in_words`), labels_per_row
        (predicted on test rows), and for each metric m the columns m_validation, m_test, m_gap
        (test minus validation), m_low and m_high (the `bootstrap_band` around m_test). Macro
        averages are over the labels that occur in the rows of each, as in `figures_of`, so that
        labels without a true row are no gap.

    Raises:
        ValueError: As `figures_of`, `bootstrap_band` and `Choice.predict`.
    """
    validation, test = (
        (as_array("targets", targets), probabilities)
        for targets, probabilities in (validation, test)
    )
    sample = slice(None)
    if most_rows is not None and most_rows < len(test[0]):
        check_number("most_rows", most_rows, low=1, integer=True)
        sample = np.random.default_rng(seed).choice(len(test[0]), most_rows, replace=False)

    options = {"resamples": resamples, "level": level, "seed": seed}
    options["zero_division"] = zero_division

    def row(name, choice):
        tuned, reported = (
            (targets, choice.predict(probabilities))
            for targets, probabilities in (validation, test)
        )
        before = figures_of(*tuned, zero_division=zero_division)
        after = figures_of(*reported, zero_division=zero_division)
        bands = band(*(table[sample] for table in reported), metrics, around=after, **options)
        columns = {
            "rule": name,
            "threshold": choice.in_words(),
            "labels_per_row": after["labels_per_row"],
        }
        for metric in metrics:
            columns[f"{metric}_validation"] = before[metric]
            columns[f"{metric}_test"] = after[metric]
            columns[f"{metric}_gap"] = after[metric] - before[metric]
            columns[f"{metric}_low"], columns[f"{metric}_high"] = bands[metric]
        return columns

    return pd.DataFrame([row(name, choice) for name, choice in choices.items()])
