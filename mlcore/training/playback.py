"""A short race that can be looked at as it was at each of its recorded steps.

It is trained again, from the same start, whenever one of its settings moves. Torch is imported by
`play`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore import training
from mlcore.datasets.source import Data, resolve
from mlcore.figures import F1S
from mlcore.thresholds import ThresholdSweep
from mlcore.training.config import EpochRecord, TrainConfig

if TYPE_CHECKING:
    from mlcore.training import Race

THRESHOLDS = np.arange(101) / 100
FIGURES = (*F1S, "labels_per_row", "empty_share")
LABEL_FIGURES = ("precision", "recall", "f1")
# Even on a logarithmic axis, so that curves through them look like those through all.
FEW_STEPS = frozenset((0, 1, 2, 3, 4, 5, 6, 8, *np.geomspace(10, 10_000, 19).round().astype(int)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """All c contenders at one recorded step, as m rows and the validation rows show them.

    Attributes:
        step: Optimizer steps taken.
        losses: Mean loss of the batches since the frame before, and of the validation rows (nats),
            shape (c, 2); nan once diverged.
        gradient_shares: `EpochRecord.positive_gradient_share`, shape (c,).
        figures: Each of FIGURES on the validation rows at each of THRESHOLDS, shape (c, f, t); at
            a step that nobody looks at only at the threshold that is asked for, shape (c, f, 1).
        probabilities: Of the m rows, float32, shape (c, m, k).
    """

    step: int
    losses: np.ndarray
    gradient_shares: np.ndarray
    figures: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Details:
    """What is told of single cells and labels at one step.

    Attributes:
        step: Optimizer steps taken.
        gradients: d loss / d logit of each cell of the m rows, where the loss is summed over the
            cells, float32, shape (c, m, k).
        labels: Each of LABEL_FIGURES of each label on the validation rows at the threshold, shape
            (c, 3, k).
    """

    step: int
    gradients: np.ndarray
    labels: np.ndarray


def play(
    data: Data,
    configs: Sequence[TrainConfig],
    rows: Sequence[int],
    *,
    around: int | None = None,
    detailed: bool = False,
    threshold: float = 0.5,
) -> Iterator[Frame | Details]:
    """Race from the start; the same arguments give the same frames.

    Args:
        data: A data set, or its name and options.
        configs: One for each contender, as in `mlcore.training.race`.
        rows: Of the data set, by number: those to look at, m of them.
        around: A step to look at, or the last if there is none of this number; then fewer others
            are recorded, at one threshold, which takes half the time.
        detailed: Whether there are details of that step, too.
        threshold: Where figures of other steps and those of the labels are taken.

    Yields:
        A frame for the start, for each of the first steps, then for ever fewer; one `Details`
        behind the frame that it is of.

    Raises:
        ValueError: If there is no such data set, or contenders do not fit together.

    Example:
        >>> config = TrainConfig(model="linear", epochs=1)
        >>> [frame.step for frame in play(("synthetic", {"rows": 1000}), [config], [0])]
        [0, 1, 2, 3]
    """
    scored = {"record": "dense", "thresholds": THRESHOLDS}
    if around is not None:
        scored = {"record": {*FEW_STEPS, around}, "thresholds": [threshold]}
    race = training.Race(configs, resolve(data), ranking=False, **scored)
    rows = np.asarray(rows, np.int64)
    for records in race:
        yield _frame(race, records, rows, is_seen=around in (None, race.step))
        if detailed and race.step == around:
            yield _details(race, rows, threshold)


def labels_per_row_after(data: Data, config: TrainConfig, step: int) -> float:
    """Labels predicted per validation row at threshold 0.5 after so many steps."""
    frames = (each for each in play(data, [config], [0], around=step) if each.step >= step)
    return float(next(frames).figures[0, FIGURES.index("labels_per_row"), 50])


def _frame(race: "Race", records: list[EpochRecord], rows: np.ndarray, is_seen: bool) -> Frame:
    contenders = range(len(records))
    scores = [record.scores for record in records]
    if len(race.thresholds) == 1 and (is_seen or race.step == race.steps):
        scores = [_at_all(race, record, each) for each, record in enumerate(records)]
    return Frame(
        step=race.step,
        losses=np.array([(record.train_loss, record.validation_loss) for record in records]),
        gradient_shares=np.array([record.positive_gradient_share for record in records]),
        figures=np.array([[of[name] for name in FIGURES] for of in scores]),
        probabilities=np.array([race.probabilities(each, rows) for each in contenders]),
    )


def _at_all(race: "Race", record: EpochRecord, contender: int) -> Mapping[str, np.ndarray]:
    """The figures of a record at all thresholds."""
    if record.diverged:
        return {name: np.full(len(THRESHOLDS), np.nan) for name in FIGURES}
    validation = race.dataset.validation
    probabilities = race.probabilities(contender, validation)
    return ThresholdSweep(race.dataset.y[validation], probabilities, thresholds=THRESHOLDS).figures


def _details(race: "Race", rows: np.ndarray, threshold: float) -> Details:
    labels, contenders = [], range(len(race.configs))
    for contender in contenders:
        validation, _test = race.sweeps(contender)
        found = validation.labels_at(threshold)
        labels.append([found[name] for name in LABEL_FIGURES])
    gradients = [race.gradients(contender, rows) for contender in contenders]
    return Details(step=race.step, gradients=np.array(gradients), labels=np.array(labels))
