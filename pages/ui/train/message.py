"""What the browser is told of a race: numbers for all thresholds, words for one. Draws nothing."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mlcore import training
from mlcore.figures import RANKINGS
from mlcore.lazy import pd
from mlcore.training import EpochRecord
from pages.ui.kit.component import pack_floats
from pages.ui.kit.contenders import contender_names
from pages.ui.kit.races import progress_text
from pages.ui.server.jobs import Race
from pages.ui.words import N_, _, paragraph

Told = tuple[str, float | None]  # words, and a share in [0, 1] for a bar below them


class Panel(NamedTuple):
    """One small chart over the steps.

    Attributes:
        value: The figure of a record that it draws, a line for each contender.
        title: What it is, with its unit.
        scale: "linear" (from 0), "log", or "asinh" (linear near 0, logarithmic far from it).
        faint: A second figure, drawn thin.
        reference: Whether the number of true labels is drawn too, in grey.
        tabled: Whether it depends on the threshold, so that it is sent for all of them.
        judges: Whether it has a best record, which is marked.
    """

    value: str
    title: str
    scale: str = "linear"
    faint: str | None = None
    reference: bool = False
    tabled: bool = False
    judges: bool = False


LOSS = "validation_loss"
PANELS = (
    Panel(LOSS, N_("Validation loss (thin: training)"), "log", faint="train_loss", judges=True),
    Panel("samples_f1", N_("Samples F1"), tabled=True, judges=True),
    Panel("micro_f1", N_("Micro F1"), tabled=True, judges=True),
    Panel("macro_f1", N_("Macro F1"), tabled=True, judges=True),
    Panel("mean_average_precision", N_("mAP (needs no threshold)"), judges=True),
    Panel("lrap", N_("LRAP (needs no threshold)"), judges=True),
    Panel(
        "labels_per_row",
        N_("Labels predicted per row (grey: true)"),
        "asinh",
        reference=True,
        tabled=True,
    ),
    Panel("empty_share", N_("Share of rows with none predicted"), tabled=True),
    Panel("positive_gradient_share", N_("Share of gradient from true labels")),
    Panel("labels_predicted", N_("Distinct labels predicted"), "asinh", tabled=True),
)


def race_frame(run: Race, first: int) -> dict[str, object]:
    """Where a race is, and its records and pulses from number `first` on; ready for JSON.

    Args:
        run: The race.
        first: How many records and pulses the browser has already.

    Returns:
        A dict with state, progress, first, the step of each new record or pulse, and for each of
        `PANELS` its new lines. Panels that depend on the threshold have none: `tables` holds
        their figures for the new records at all `thresholds` (see `tables_of`), and `places`
        each record's number among the steps.
    """
    records, pulses = _records_and_pulses(run)
    steps, order = _merged_steps(records, pulses)
    new = order[first:].tolist()
    recorded = [number for number in new if number < len(records)]

    def line(column: str, contender: int) -> list[float | None]:
        """One column of one contender; between records only the training loss is known."""
        return [
            _number(getattr(records[number][contender], column))
            if number < len(records)
            else _number(pulses[number - len(records)][1][contender])
            if column == "train_loss"
            else None
            for number in new
        ]

    contenders = range(len(run.configs))
    return {
        "state": run.state,
        "progress": {"share": run.step / run.steps, "text": progress_text(run)},
        "first": first,
        "step": steps[first:].tolist(),
        "places": [first + place for place, number in enumerate(new) if number < len(records)],
        "thresholds": records[0][0].thresholds.tolist() if recorded else [],
        "tables": tables_of([records[number] for number in recorded]),
        "panels": [
            {
                "lines": [] if panel.tabled else [line(panel.value, k) for k in contenders],
                "faint": [line(panel.faint, k) for k in contenders if panel.faint],
                "reference": [[run.true_labels] * len(new)] if panel.reference else [],
            }
            for panel in PANELS
        ],
    }


def tables_of(records: Sequence[Sequence[EpochRecord]]) -> str:
    """The figures of all panels that depend on the threshold, at all thresholds.

    Args:
        records: One list of all contenders' records for each step.

    Returns:
        float32, little-endian, (records, contenders, figures, thresholds), as base64.
    """
    figures = [
        record.scores[panel.value]
        for at_step in records
        for record in at_step
        for panel in PANELS
        if panel.tabled
    ]
    return pack_floats(figures)


def race_words(run: Race, threshold: float) -> dict[str, object]:
    """What is said of a race as it is now: cards, story, and a summary and marks for each panel.

    Marks stand at each contender's best record: its step and the figure, or none.

    Args:
        run: The race.
        threshold: A label is predicted from this probability on.
    """
    records = list(run.records)
    words = {"threshold": threshold, "cards": [], "story": [], "summaries": [], "best": []}
    if not records:
        return words
    names = contender_names(run.configs)
    place = int(np.abs(records[0][0].thresholds - threshold).argmin())
    newest = [
        _figures(record, place) | _ranking(records, k) | {"true_labels": run.true_labels}
        for k, record in enumerate(records[-1])
    ]
    words["cards"] = [meter(now) for now in newest]
    histories = [history_of(records, contender, place) for contender in range(len(names))]
    words["story"] = list(filter(None, map(collapse_sentence, histories, names)))
    for panel in PANELS:
        best = [_best(records, panel, k, place) for k in range(len(names))]
        words["best"].append([each and [each[0].step, _number(each[1])] for each in best])
        each_told = map(_summary, names, [now[panel.value] for now in newest], best)
        words["summaries"].append(_("; ").join(each_told))
    return words


def _ranking(records: Sequence[Sequence[EpochRecord]], contender: int) -> dict[str, float]:
    """mAP and LRAP after the last whole epoch, and which that was."""
    own = [at_step[contender] for at_step in records]
    last = next((record for record in reversed(own) if not math.isnan(record.lrap)), own[-1])
    return {name: getattr(last, name) for name in RANKINGS} | {"ranked_epoch": last.epoch}


def _best(
    records: Sequence[Sequence[EpochRecord]], panel: Panel, contender: int, place: int
) -> tuple[EpochRecord, float] | None:
    """A contender's best record by the figure of a panel, and the figure."""
    if not panel.judges:
        return None
    own = [at_step[contender] for at_step in records]
    best = training.best_record(own, panel.value, place)
    return best and (best, _figures(best, place)[panel.value])


def _summary(name: str, now: float, best: tuple[EpochRecord, float] | None) -> str:
    if best is None:
        return f"{name}: {now:.4g}"
    return _("{name}: {now:.4g}, best {best:.4g} at epoch {epoch:.1f}").format(
        name=name, now=now, best=best[1], epoch=best[0].epoch
    )


def _records_and_pulses(run: Race) -> tuple[list, list]:
    """Both as they were at one moment, though they grow in the background.

    A record that came between the two readings would later push itself in before a pulse that the
    browser has already.
    """
    while True:
        records, pulses = list(run.records), list(run.pulses)
        if len(records) == len(run.records):
            return records, pulses if records else []


def _merged_steps(records: Sequence, pulses: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """The steps of records and of pulses in one order, and that order."""
    steps = [at_step[0].step for at_step in records] + [step for step, _ in pulses]
    steps = np.array(steps, np.int64)
    order = np.argsort(steps, kind="stable")
    return steps[order], order


def _number(value: float) -> float | None:
    """Six digits are more than a chart shows; what is not finite becomes a gap."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _figures(record: EpochRecord, place: int) -> dict[str, object]:
    """What a record says at the threshold of that number."""
    return vars(record) | {name: float(values[place]) for name, values in record.scores.items()}


def history_of(records: Sequence, contender: int, place: int) -> "pd.DataFrame":
    """What `find_collapse` reads; all of `history_frame` takes too long for every move."""
    own = [at_step[contender] for at_step in records]
    return pd.DataFrame(
        {
            "step": [record.step for record in own],
            "empty_share": [record.scores["empty_share"][place] for record in own],
            "positive_gradient_share": [record.positive_gradient_share for record in own],
        }
    )


def meter(now: Mapping[str, object]) -> list[Told]:
    """The collapse meter of one contender: its newest figures on the validation rows."""
    if now["diverged"]:
        return [(_("Diverged: its loss is not a finite number."), None)]
    empty, share = now["empty_share"], now["positive_gradient_share"]
    per_row = _("{labels_per_row:.2f} labels predicted per row; {true_labels:.2f} are true")
    f1 = _(
        "F1 on validation rows: samples {samples_f1:.3f} · micro {micro_f1:.3f} · macro "
        "{macro_f1:.3f}"
    )
    ranking = _(
        "Ranking after epoch {ranked_epoch:.0f}: mAP {mean_average_precision:.3f} · LRAP {lrap:.3f}"
    )
    return [
        (per_row.format(**now), None),
        (_("{share:.1%} of rows with nothing predicted").format(share=empty), empty),
        (_("{share:.1%} of the gradient comes from true labels").format(share=share), share),
        (f1.format(**now), None),
        (ranking.format(**now), None),
    ]


def collapse_sentence(history: "pd.DataFrame", name: str) -> str | None:
    """What one contender's collapse was, in the race's own figures."""
    collapse = training.find_collapse(history)
    if collapse is None:
        return None
    if collapse.ongoing:
        told = _(
            "From step {first} on, {name} predicts nothing for at least {empty:.1%} of the "
            "validation rows."
        )
    else:
        told = _(
            "From step {first} to step {last}, {name} predicts nothing for at least {empty:.1%} "
            "of the validation rows."
        )
    if collapse.first_step:
        why = _("Before that, {zeros:.1%} of its gradient came from labels that are not true.")
    else:
        why = _("In these steps {zeros:.1%} of its gradient came from labels that are not true.")
    return paragraph((told, why)).format(
        first=collapse.first_step,
        last=collapse.last_step,
        name=name,
        empty=collapse.empty_share,
        zeros=collapse.zeros_gradient_share,
    )
