"""The verdict on a race: each of its rules on made-up figures, and a real race by scikit-learn."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import sklearn.metrics

from mlcore.datasets import load
from mlcore.figures import F1S
from mlcore.sweeps import run_group
from mlcore.training import Race, TrainConfig
from mlcore.training.verdict import (
    CUT_GAIN,
    GOOD_RANKING,
    LATE_GAIN,
    MAP,
    SHOWN,
    Result,
    judge,
    late_gain,
    result_of,
    with_seeds,
)
from pages.ui.train.verdict_words import sentences, table

FIGURE = "samples_f1"
NAMES = ("A one", "B two", "C three")


def result(half, tuned, ranking, *, band=0.02, late=0.0) -> Result:
    """One value or one for each seed, the same for every F1."""
    half, tuned, ranking = (np.atleast_1d(each).tolist() for each in (half, tuned, ranking))
    return Result(
        threshold=0.2,
        half=dict.fromkeys(F1S, tuple(half)) | {MAP: tuple(ranking)},
        tuned=dict.fromkeys(F1S, tuple(tuned)) | {MAP: tuple(ranking)},
        band=band,
        late_gain=late,
    )


DIVERGED = replace(result(np.nan, np.nan, np.nan), diverged=True)


def told(*results) -> str:
    return " ".join(sentences(judge(results, FIGURE), results, NAMES[: len(results)]))


@pytest.mark.parametrize(
    ("first", "second", "cause", "words"),
    [
        # A difference that tuning takes away, or two thirds of it.
        (result(0.0, 0.5, 0.30), result(0.5, 0.51, 0.31), "cut", "the difference vanishes"),
        (result(0.0, 0.4, 0.30), result(0.5, 0.5, 0.31), "cut", "stays ahead, by less"),
        (result(0.5, 0.4, 0.30), result(0.0, 0.5, 0.31), "turned", "the order turns"),
        (result(0.3, 0.3, 0.20), result(0.5, 0.5, 0.40), "ranking", "B two stays ahead: 0.500"),
        (result(0.49, 0.3, 0.2), result(0.5, 0.5, 0.40), "ranking", "**B two is ahead**: 0.500"),
        (result(0.3, 0.3, 0.31), result(0.5, 0.5, 0.32), "scores", "one threshold fits all"),
        # The best ranking is not that of the best F1.
        (result(0.3, 0.3, 0.40), result(0.5, 0.5, 0.30), "scores", "one threshold fits all"),
        (result(0.5, 0.5, 0.30), result(0.51, 0.51, 0.31), "", "nothing clear separates them ei"),
    ],
)
def test_what_a_difference_comes_from(first, second, cause, words):
    assert judge([first, second], FIGURE).cause == cause
    assert words in told(first, second)


def test_who_turns_the_order_is_told_beside_who_was_ahead():
    words = told(result(0.5, 0.4, 0.30), result(0.0, 0.5, 0.31), result(0.1, 0.2, 0.1))
    assert "At 0.5 **A one is ahead** with a samples F1 of 0.500; B two has 0.000." in words
    assert "**the order turns**: B two has 0.500, A one has 0.400." in words
    assert "wrong **cut** for B two: by mAP, which needs no threshold, it has 0.310" in words


def test_with_one_seed_a_difference_must_exceed_the_band():
    assert judge([result(0.3, 0.3, 0.3), result(0.33, 0.33, 0.3)], FIGURE).tuned.is_clear
    wide = result(0.3, 0.3, 0.3, band=0.04)
    assert not judge([wide, result(0.33, 0.33, 0.3)], FIGURE).tuned.is_clear
    assert "One seed, so differences below 0.040 may be chance" in told(wide, wide)


def test_with_three_seeds_it_must_exceed_their_range():
    close = result([0.30, 0.31, 0.29], [0.30, 0.31, 0.29], [0.3] * 3, band=0.5)
    ahead = result([0.35, 0.36, 0.34], [0.35, 0.36, 0.34], [0.3] * 3, band=0.5)
    verdict = judge([close, ahead], FIGURE)
    assert verdict.tuned.gap == pytest.approx(0.05)  # of the means
    assert verdict.tuned.chance == pytest.approx(0.02)
    assert verdict.tuned.is_clear
    assert "0.050, is larger than the range over 3 seeds, 0.020." in told(close, ahead)
    wild = result([0.35, 0.45, 0.25], [0.35, 0.45, 0.25], [0.3] * 3)
    assert "is no larger than the range over 3 seeds, 0.200: it may be chance." in told(close, wild)


@pytest.mark.parametrize(
    ("results", "advice", "of"),
    [
        # In the order of the rules: each of them holds in all that stand before it, too.
        ([result(0.0, 0.5, 0.3, late=1.0), DIVERGED], "rate", 1),
        ([result(0.0, 0.5, 0.3, late=1.0), result(0.5, 0.5, 0.3)], "cut", 0),
        ([result(0.5, 0.5, 0.3, late=1.0), result(0.5, 0.49, 0.3)], "epochs", 0),
        ([result(0.5, 0.5, 0.3), result(0.5, 0.49, 0.3, late=1.0)], "sweep", 0),
        ([result(0.3, 0.3, 0.3), result(0.5, 0.5, 0.3)], "labels", 1),
        # Just below what each rule asks for.
        ([result(0.5, 0.5 + 0.9 * CUT_GAIN, 0.3), result(0.5, 0.5, 0.3)], "labels", 0),
        ([result(0.0, 0.4, 0.29 * GOOD_RANKING), result(0.5, 0.5, 0.3)], "labels", 1),
        ([result(0.5, 0.5, 0.3, late=0.9 * LATE_GAIN), result(0.5, 0.49, 0.3)], "sweep", 0),
    ],
)
def test_the_best_next_step(results, advice, of):
    verdict = judge(results, FIGURE)
    assert (verdict.advice, verdict.of) == (advice, of)


def test_what_diverged_takes_no_part():
    verdict = judge([DIVERGED, result(0.2, 0.3, 0.3)], FIGURE)
    assert (verdict.tuned.first, verdict.tuned.high) == (1, 0.3)
    assert "Only B two did not diverge: samples F1 0.200 at 0.5, 0.300" in told(
        DIVERGED, result(0.2, 0.3, 0.3)
    )
    assert told(DIVERGED, DIVERGED) == "All contenders diverged, so there is nothing to compare."
    assert table([DIVERGED], ["A one"])[1] == [("A one", "diverged", "–", "–", "–", "–")]


def test_the_table_has_a_line_at_one_half_and_one_at_the_own_threshold():
    head, lines = table([result([0.1, 0.3], [0.4, 0.5], [0.2, 0.2])], ["A one"])
    assert head == ("Contender", "Threshold", "samples F1", "micro F1", "macro F1", "mAP")
    assert lines[0] == ("A one", "0.5", *["0.200 ± 0.100"] * 3, "0.200 ± 0.000")
    assert lines[1] == ("", "own: 0.20", *["0.450 ± 0.050"] * 3, "〃")


@pytest.mark.parametrize(
    ("figures", "gain"),
    [
        ([0.1, 0.2, 0.3, 0.35], 0.05),  # over four epochs the last one is late
        ([0.1, 0.4, 0.3, 0.35], -0.05),  # the best before is not the one before
        ([*np.linspace(0, 0.36, 19), 0.37, 0.40], 0.04),  # of twenty epochs the last two
        ([0.1], 0.0),
    ],
)
def test_late_gain_is_that_of_the_last_tenth_over_the_best_before(figures, gain):
    records = [
        SimpleNamespace(epoch=float(epoch), mean_average_precision=value)
        for epoch, value in enumerate(figures)
    ]
    between = SimpleNamespace(epoch=len(figures) - 1.5, mean_average_precision=np.nan)
    assert late_gain([*records[:-1], between, records[-1]]) == pytest.approx(gain)


@pytest.fixture(scope="module")
def race():
    """A finished race and its records, one list for each contender."""
    dataset = load("synthetic", labels=10, rows=600, cardinality=2.0)
    configs = [TrainConfig(loss=loss, hidden=(16,), epochs=6) for loss in ("bce", "softmax")]
    race = Race(configs, dataset)
    return race, list(zip(*race, strict=True))


def result_in(race, place, figure) -> Result:
    (race, records), dataset = race, race[0].dataset
    parts = (
        (dataset.y[rows], race.probabilities(place, rows))
        for rows in (dataset.validation, dataset.test)
    )
    return result_of(records[place], *parts, figure)


@pytest.mark.parametrize("figure", F1S)
@pytest.mark.parametrize("place", [0, 1])
def test_a_real_race_comes_to_what_scikit_learn_says(race, place, figure):
    own, dataset = result_in(race, place, figure), race[0].dataset
    y, p = dataset.y[dataset.test], race[0].probabilities(place, dataset.test)
    labels = np.flatnonzero(y.any(axis=0))
    for reading, threshold in (("half", 0.5), ("tuned", own.threshold)):
        for name in F1S:
            average = name.removesuffix("_f1")
            expected = sklearn.metrics.f1_score(
                y,
                p >= np.float32(threshold),
                average=average,
                zero_division=0,
                labels=labels if average == "macro" else None,
            )
            assert getattr(own, reading)[name] == (pytest.approx(expected, abs=1e-12),)
        expected = sklearn.metrics.average_precision_score(y[:, labels], p[:, labels])
        assert getattr(own, reading)[MAP] == (pytest.approx(expected, rel=1e-12),)
    assert 0 < own.band < 0.2
    verdict = judge([result_in(race, k, figure) for k in (0, 1)], figure)
    assert verdict.tuned.high >= verdict.tuned.low > 0


def test_further_seeds_are_read_as_that_of_the_race(race):
    (base, _records), figure = race, "micro_f1"
    own = result_in(race, 0, figure)
    same = run_group(base.dataset, [base.configs[0]])
    for reading in ("half", "tuned"):
        for name, values in getattr(with_seeds(own, same, figure), reading).items():
            # The same run alone: float32 in another order.
            assert values == pytest.approx((values[0], values[0]), abs=1e-6), (reading, name)
    lost = [replace(same[0], error="lost")]
    assert with_seeds(own, lost, figure).seeds == 1
    assert with_seeds(own, same, figure).seeds == 2
    assert tuple(own.half) == SHOWN


def test_only_an_f1_is_judged_by(race):
    with pytest.raises(ValueError, match="figure must be one of"):
        result_in(race, 0, "hamming_loss")
