"""What the reader expects of a preset's race, committed before it, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mlcore import training
from pages.ui.kit.guess import Guess, committed, draw_guess, settle_guess
from pages.ui.server.jobs import Race
from pages.ui.settings import PRESETS as HIDDEN
from pages.ui.train.message import history_of
from pages.ui.train.presets import preset_of
from pages.ui.train.settings import SETTINGS
from pages.ui.words import N_, _

FEW, MANY = 0.67, 1.5  # predicted labels over true ones: too few below, too many above


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question on a race.

    Attributes:
        question: Asked before.
        options: Key to text.
        answer: The key of what a finished race shows.
    """

    question: str
    options: Mapping[str, str]
    answer: Callable[[Race], str]


def draw_question(chosen: str | None, run: Race | None) -> None:
    """What to predict of a preset before it is raced; below what is pressed, which stays so."""
    if chosen is None or SETTINGS.is_hidden(HIDDEN):
        return
    is_raced = run is not None and preset_of(run.about) == chosen
    guess = committed(_key(chosen))
    if not is_raced or (guess is not None and guess.value is not None):
        asked = PREDICTIONS[chosen]
        question = f":material/psychology_alt: **{_('Predict:')}** {_(asked.question)}"
        draw_guess(_key(chosen), question, _translated(asked))


def settled(run: Race) -> tuple[str, str] | None:
    """What was predicted of a finished race, and what happened; None where nothing was."""
    preset = preset_of(run.about)
    if preset is None or run.state != "finished":
        return None
    guess: Guess | None = committed(_key(preset))
    if guess is None or guess.value is None:
        return None
    asked = PREDICTIONS[preset]
    answer = asked.answer(run)
    settle_guess(_key(preset), answer)
    options = _translated(asked)
    return options[guess.value], options[answer]


def _key(preset: str) -> str:
    return f"train.{preset}"


def _translated(asked: Prediction) -> dict[str, str]:
    return {key: _(text) for key, text in asked.options.items()}


def _figure(run: Race, contender: int, name: str, threshold: float = 0.5) -> float:
    """A figure of the validation rows at the end."""
    record = run.records[-1][contender]
    return float(record.scores[name][np.abs(record.thresholds - threshold).argmin()])


def _amount(contender: int) -> Callable[[Race], str]:
    def answer(run: Race) -> str:
        share = _figure(run, contender, "labels_per_row") / run.true_labels
        return "few" if share < FEW else "many" if share > MANY else "right"

    return answer


def _left_at(run: Race, contender: int) -> float:
    """The step after a contender's collapse: 0 without one, infinite within it."""
    place = int(np.abs(run.records[0][0].thresholds - 0.5).argmin())
    collapse = training.find_collapse(history_of(run.records, contender, place))
    if collapse is None:
        return 0.0
    return float("inf") if collapse.ongoing else collapse.last_step + 1.0


def _who_collapses(run: Race) -> str:
    return "".join("AB"[k] for k in (0, 1) if _left_at(run, k)) or "none"


def _who_leaves_first(run: Race) -> str:
    bce, focal = _left_at(run, 0), _left_at(run, 1)
    return "same" if bce == focal else "sooner" if focal < bce else "later"


def _who_is_ahead(threshold: float) -> Callable[[Race], str]:
    def answer(run: Race) -> str:
        a, b = (_figure(run, k, "samples_f1", threshold) for k in (0, 1))
        return "A" if a >= b else "B"

    return answer


def _first_loss(run: Race) -> str:
    a, b = (record.validation_loss for record in run.records[0])
    return "smaller" if b < a / 2 else "larger" if b > 2 * a else "same"


AMOUNTS = {"few": N_("too few"), "right": N_("about right"), "many": N_("too many")}
PREDICTIONS: dict[str, Prediction] = {
    "All zeros": Prediction(
        question=N_("Which of the two answers nothing for some steps?"),
        options={
            "A": N_("only A, plain BCE"),
            "B": N_("only B, with weights"),
            "AB": N_("both"),
            "none": N_("neither"),
        },
        answer=_who_collapses,
    ),
    "Weight 50": Prediction(
        question=N_("How many labels per row will a weight of 50 predict in the end?"),
        options=AMOUNTS,
        answer=_amount(1),
    ),
    "Balanced overshoots": Prediction(
        question=N_(
            "The balanced weight is the textbook's. How many labels will it predict in the end?"
        ),
        options=AMOUNTS,
        answer=_amount(2),
    ),
    "Focal": Prediction(
        question=N_(
            "Focal loss was made for rare positives. When will it leave the collapse, compared "
            "with BCE?"
        ),
        options={"sooner": N_("sooner"), "same": N_("at the same step"), "later": N_("later")},
        answer=_who_leaves_first,
    ),
    "Softmax is fine, its threshold is not": Prediction(
        question=N_(
            "Probabilities of softmax sum to one. At a threshold of 0.1, who has the higher "
            "samples F1?"
        ),
        options={"A": N_("A, sigmoid BCE"), "B": N_("B, softmax")},
        answer=_who_is_ahead(0.1),
    ),
    "Prior bias": Prediction(
        question=N_("B starts at each label's own frequency. What does that do to its first loss?"),
        options={
            "smaller": N_("less than half of A's"),
            "same": N_("about the same"),
            "larger": N_("more than twice A's"),
        },
        answer=_first_loss,
    ),
}
