"""What a race came to on the test rows, at 0.5 and at tuned thresholds, and what to do next.

Thresholds are tuned on validation rows. Needs no torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from mlcore import thresholds
from mlcore.checks import check_choice
from mlcore.figures import F1S, RANKINGS
from mlcore.training.config import EpochRecord

MAP = RANKINGS[0]
SHOWN = ("samples_f1", "micro_f1", "macro_f1", MAP)
READINGS = ("half", "tuned")
CUT_GAIN = 0.05  # of an F1 by its own threshold, from which on 0.5 was a bad cut
GOOD_RANKING = 0.9  # of the best mAP of the race
LATE_GAIN = 0.005  # of mAP in the last tenth of the epochs, from which on a race ended too early
Values = Mapping[str, tuple[float, ...]]  # by figure, one for each seed


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one contender came to.

    Attributes:
        threshold: The best for the figure on the validation rows, of 101; nan if it diverged.
        half: Each of `SHOWN` on the test rows at 0.5: one value for each seed that is known, that
            of the race first; nan if it diverged.
        tuned: The same at the tuned threshold of each seed. mAP needs none and is the same.
        band: Half of the width of the bootstrap band of the figure, tuned; nan if it diverged.
        late_gain: What mAP of the validation rows gained in the last tenth of the epochs, over the
            best before.
        diverged: Whether its loss is no longer finite.
    """

    threshold: float = nan
    half: Values
    tuned: Values
    band: float = nan
    late_gain: float = 0.0
    diverged: bool = False

    def mean(self, reading: str, figure: str) -> float:
        """Over the seeds that are known.

        Args:
            reading: One of `READINGS`.
            figure: One of `SHOWN`.
        """
        return float(np.mean(getattr(self, reading)[figure]))

    def range(self, reading: str, figure: str) -> float:
        """Between the highest and the lowest seed.

        Args:
            reading: One of `READINGS`.
            figure: One of `SHOWN`.
        """
        return float(np.ptp(getattr(self, reading)[figure]))

    @property
    def seeds(self) -> int:
        """How many are known."""
        return len(self.half[MAP])


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Who is ahead by the figure, by one reading.

    Attributes:
        first, last: Places of the best contender and of the worst.
        high, low: Their figures, means over seeds.
        chance: What a difference must exceed: the widest range over seeds of a contender, or with
            one seed the widest `Result.band`.
    """

    first: int
    last: int
    high: float
    low: float
    chance: float

    @property
    def gap(self) -> float:
        """What is between them."""
        return self.high - self.low

    @property
    def is_clear(self) -> bool:
        """Whether that is more than chance."""
        return self.gap > self.chance


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the results of a race say; see `judge`.

    Attributes:
        figure: The F1 that it is judged by.
        half, tuned, ranking: Standings by it at 0.5, at tuned thresholds, and by mAP. None if all
            diverged.
        cause: What the difference is: "turned" if another is clearly ahead with tuned thresholds
            than at 0.5; "cut" if these take away two thirds of it, or all that is clear; "ranking"
            if what is left goes with a clear lead in mAP; "scores" if it does not; "" if there is
            none.
        advice: What is best done next: "rate", "cut", "epochs", "sweep" or "labels".
        of: Whom that is about, by place.
    """

    figure: str
    half: Standing | None
    tuned: Standing | None
    ranking: Standing | None
    cause: str
    advice: str
    of: int


def result_of(
    records: Sequence[EpochRecord],
    validation: tuple,
    test: tuple,
    figure: str,
    band: Callable | None = None,
) -> Result:
    """What one contender came to with the seed of the race.

    Args:
        records: All of its records.
        validation: Targets and probabilities of the validation rows, each (n, k).
        test: The same of the test rows.
        figure: One of `mlcore.figures.F1S`: what its threshold is tuned for.
        band: What is called for the band, as `bootstrap_band` is; that itself when None.
    """
    check_choice("figure", figure, F1S)
    if records[-1].diverged:
        nothing = dict.fromkeys(SHOWN, (nan,))
        return Result(half=nothing, tuned=nothing, diverged=True)
    threshold, _ = thresholds.ThresholdSweep(*validation).best(figure)
    sweep = thresholds.ThresholdSweep(*test)
    half, tuned = (sweep.at(at) | sweep.ranking for at in (0.5, threshold))
    options = {"resamples": 200, "level": 0.95, "seed": 0, "zero_division": 0.0, "around": None}
    targets, probabilities = test
    predictions = thresholds.decide(probabilities, threshold)
    band = band or thresholds.bootstrap_band
    low, high = band(targets, predictions, [figure], **options)[figure]
    return Result(
        threshold=threshold,
        half={name: (half[name],) for name in SHOWN},
        tuned={name: (tuned[name],) for name in SHOWN},
        band=(high - low) / 2,
        late_gain=late_gain(records),
    )


def late_gain(records: Sequence[EpochRecord]) -> float:
    """What mAP of the validation rows gained in the last tenth of the epochs, at least one.

    Args:
        records: Of one contender; those of whole epochs are looked at.
    """
    whole = [record for record in records if not np.isnan(record.mean_average_precision)]
    if len(whole) < 2:
        return 0.0
    late = whole[-1].epoch - max(1.0, 0.1 * whole[-1].epoch)
    before = [each.mean_average_precision for each in whole if each.epoch <= late]
    return whole[-1].mean_average_precision - max(before, default=nan) if before else 0.0


def with_seeds(result: Result, runs: Sequence, figure: str) -> Result:
    """A result with further seeds of the same configuration; those that diverged are left out.

    Args:
        result: Of the race.
        runs: `mlcore.sweeps.RunResult` of other seeds.
        figure: What thresholds are tuned for.
    """
    runs = [run for run in runs if not (run.error or run.diverged or result.diverged)]

    def extended(reading: str) -> Values:
        return {
            name: values + tuple(_at(run, reading, name, figure) for run in runs)
            for name, values in getattr(result, reading).items()
        }

    return replace(result, half=extended("half"), tuned=extended("tuned"))


def _at(run, reading: str, name: str, figure: str) -> float:
    """A figure of a run on its test rows, at 0.5 or where its threshold is tuned for another."""
    if reading == "half":
        return run.at_half(name)
    threshold, _ = run.tuned(figure)
    return float(run.test[name][np.abs(run.thresholds - threshold).argmin()])


def judge(results: Sequence[Result], figure: str) -> Verdict:
    """What the results of a race say.

    Args:
        results: One for each contender.
        figure: One of `mlcore.figures.F1S`, for which their thresholds were tuned.

    Note:
        The advice is the first that applies: "rate" where a contender diverged; "cut" where one
        that ranks about as well as the best gains much by its own threshold; "epochs" where the
        one ahead still improved at the end; "sweep" where nothing clear is left between them;
        else "labels": to see which labels the lead comes from.
    """
    half, tuned = (_standing(results, reading, figure) for reading in READINGS)
    ranking = _standing(results, "tuned", MAP)
    cause = _cause(half, tuned, ranking)
    of, advice = _advice(results, figure, tuned, ranking)
    return Verdict(
        figure=figure, half=half, tuned=tuned, ranking=ranking, cause=cause, advice=advice, of=of
    )


def _standing(results: Sequence[Result], reading: str, figure: str) -> Standing | None:
    means = {k: each.mean(reading, figure) for k, each in enumerate(results) if not each.diverged}
    if not means:
        return None
    first, last = max(means, key=means.get), min(means, key=means.get)
    several = any(results[k].seeds > 1 for k in means)
    # With one seed the band of the F1 stands in for one of mAP, which would take long.
    chances = [results[k].range(reading, figure) if several else results[k].band for k in means]
    return Standing(first=first, last=last, high=means[first], low=means[last], chance=max(chances))


def _cause(half: Standing | None, tuned: Standing | None, ranking: Standing | None) -> str:
    if half is None or not (half.is_clear or tuned.is_clear):
        return ""
    if half.is_clear and tuned.is_clear and half.first != tuned.first:
        return "turned"
    if half.is_clear and (not tuned.is_clear or tuned.gap < half.gap / 3):
        return "cut"
    return "ranking" if ranking.is_clear and ranking.first == tuned.first else "scores"


def _advice(
    results: Sequence[Result], figure: str, tuned: Standing | None, ranking: Standing | None
) -> tuple[int, str]:
    """Whom the advice is about, and the advice."""
    diverged = [k for k, each in enumerate(results) if each.diverged]
    if diverged:
        return diverged[0], "rate"
    gains = [each.mean("tuned", figure) - each.mean("half", figure) for each in results]
    ranks = [each.mean("tuned", MAP) >= GOOD_RANKING * ranking.high for each in results]
    cut = max(range(len(results)), key=lambda k: gains[k] if ranks[k] else -1.0)
    if ranks[cut] and gains[cut] >= CUT_GAIN:
        return cut, "cut"
    ahead = tuned.first
    if results[ahead].late_gain >= LATE_GAIN:
        return ahead, "epochs"
    return ahead, "labels" if tuned.is_clear else "sweep"
