"""What thresholds are chosen on: targets and probabilities of rows to tune on and to report on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from mlcore.datasets import Dataset
from mlcore.losses import LOSSES, pos_weights
from mlcore.thresholds import ThresholdSweep
from mlcore.workers.races import Table
from pages.ui.kit.contenders import contender_names
from pages.ui.kit.data_set import data_picture
from pages.ui.kit.races import data_title
from pages.ui.server.jobs import Race
from pages.ui.words import _

Pair = tuple[np.ndarray, np.ndarray]
GRID = 1001  # thresholds that the browser holds: steps of 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Scored rows from a race, from a generator that knows the truth, or from a file.

    Attributes:
        key: Different for different contents.
        origin: The same for newer scores of the same thing; in no language.
        title: What it is, in the reader's language.
        label_names: k names.
        tuning: Targets and probabilities of the rows that thresholds are chosen on, each (n, k).
        report: The same of the rows that results are reported on.
        cardinality: Mean labels of a training row; of a tuning row where there are none.
        row_name: Of the report's row at a place, in the reader's language; None without names.
        picture: Of the same row, as a data link; None without pictures.
        pos_weight: The positive weight that the scores were trained with: 1, a number, or (k,).
        split: How rows were shared out, in the reader's language.
    """

    key: str
    origin: str
    title: Callable[[], str]
    label_names: tuple[str, ...]
    tuning: Pair
    report: Pair
    cardinality: float
    split: Callable[[], str]
    row_name: Callable[[int], str] | None = None
    picture: Callable[[int], str] | None = None
    pos_weight: float | np.ndarray = 1.0

    @cached_property
    def tuning_sweep(self) -> ThresholdSweep:
        """Every threshold on the tuning rows."""
        return ThresholdSweep(*self.tuning, thresholds=GRID)

    @cached_property
    def report_sweep(self) -> ThresholdSweep:
        """Every threshold on the report's rows."""
        return ThresholdSweep(*self.report, thresholds=GRID)


@st.cache_resource(max_entries=8, show_spinner=False)
def of_run(work_id: int, place: int, step: int, _run: Race, _predictions: Table) -> Evidence:
    """One contender's predictions at a step; the first three arguments decide it."""
    dataset, config = _run.dataset, _run.configs[place]
    row_names = dataset.row_names and tuple(dataset.row_names[row] for row in dataset.test)

    def title() -> str:
        name = contender_names(_run.configs)[place]
        return _("{contender} on {data}").format(contender=name, data=data_title(_run))

    return of_dataset(
        dataset,
        *(_predictions[part][place] for part in ("validation", "test")),
        key=f"{work_id} {place} {step}",
        origin=f"race {place} {config.loss} {dict(config.loss_params)} {dataset.name}",
        title=title,
        row_name=row_names and row_names.__getitem__,
        pos_weight=_weight_of(config, dataset),
    )


def of_dataset(dataset: Dataset, tuning: np.ndarray, report: np.ndarray, **more) -> Evidence:
    """Probabilities of a data set's validation rows, to tune on, and of its test rows."""

    def split() -> str:
        words = _("{tuning:,} validation rows to tune on, {report:,} test rows to report on")
        return words.format(tuning=len(tuning), report=len(report))

    def picture(row: int) -> str:
        return data_picture(dataset, dataset.test[row])

    return Evidence(
        label_names=dataset.label_names,
        tuning=(dataset.y[dataset.validation], tuning),
        report=(dataset.y[dataset.test], report),
        cardinality=float(dataset.y[dataset.train].sum(axis=1).mean()),
        split=split,
        picture=picture if dataset.image_shape else None,
        **more,
    )


def _weight_of(config, dataset) -> float | np.ndarray:
    """The positive weight that a contender was trained with."""
    if config.loss != "bce_pos_weight":
        return 1.0
    bound = LOSSES[config.loss].parameters[0]
    scheme = config.loss_params.get(bound.name, bound.default)
    return pos_weights(dataset.y[dataset.train], scheme)
