"""Whose labels the Imbalance page looks at: a data set's or a race's; and how they are counted."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mlcore.datasets import Dataset
from mlcore.imbalance import CUTS, Imbalance, Pairs, groups, measure
from pages.ui.imbalance.settings import SETTINGS
from pages.ui.kit import races
from pages.ui.kit.data_set import draw_data_set, load_chosen
from pages.ui.server.jobs import RACE, Race, data_key, listed
from pages.ui.words import N_, _

EXCLUDE = "exclude"  # of mlcore.imbalance.ABSENT: labels that are never true are left out
GROUP_TITLES = (N_("head"), N_("middle"), N_("tail"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """Labels to look at.

    Attributes:
        key: Different for different labels.
        dataset: Where they are.
        options: What the data set was loaded with; None where that is not known.
        part: A key of `PARTS`: the rows that are counted.
        cut: A key of `CUTS`.
        run: The race on show, if one was chosen.
    """

    key: str
    dataset: Dataset
    options: dict[str, object] | None
    part: str
    cut: str
    run: Race | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names."""
        return self.dataset.label_names

    @property
    def targets(self) -> np.ndarray:
        """The rows that are counted, (n, k)."""
        return self.dataset.y[self.dataset.train] if self.part == "train" else self.dataset.y

    def measures(self, absent: str = EXCLUDE) -> Imbalance:
        """All measures, computed once."""
        return _measures(self.key, absent, self)

    def pairs(self) -> Pairs:
        """All pairs of labels, counted once."""
        return _pairs(self.key, self)

    def groups(self) -> np.ndarray:
        """Head, middle or tail of each label, -1 for one that is never true."""
        return groups(self.measures().support, self.cut)


def choose_subject() -> Subject | None:
    """Draw the choice; returns what was chosen, or None after saying what is missing."""
    run = races.choose_run(list_races=False)
    dataset = None
    if SETTINGS.draw("subject", default="race" if listed(RACE) else "data") == "race":
        run = run if run is not None and len(listed(RACE)) < 2 else races.choose_run()
        if run is None:
            races.draw_no_race(
                _("No race has been run in this visit. Race losses on the Train page first.")
            )
        else:
            key, dataset, options = f"race {run.work.id}", run.dataset, dict(run.about.options)
    else:
        name, options = draw_data_set(SETTINGS)
        key, dataset, run = f"{name} {sorted(options.items())}", load_chosen(name, options), None
    part, cut = SETTINGS.draw("part"), SETTINGS.draw("groups")
    st.caption(_(CUTS[cut].description))
    st.caption(_(CUTS[cut].source))
    if dataset is None:
        return None
    return Subject(
        key=f"{key} {part}", dataset=dataset, options=options, part=part, cut=cut, run=run
    )


def race_of(subject: Subject) -> Race | None:
    """The race on show if it was chosen, else the newest of this visit on the same data set."""
    if subject.run is not None:
        return subject.run
    wanted = data_key(subject.dataset.name, subject.options)
    same = (
        run
        for run in reversed(listed(RACE))
        if data_key(run.about.data, run.about.options) == wanted
    )
    return next(same, None)


@st.cache_resource(max_entries=16, show_spinner=False)
def _measures(key: str, absent: str, _subject: Subject) -> Imbalance:
    return measure(_subject.targets, absent=absent)


@st.cache_resource(max_entries=8, show_spinner=False)
def _pairs(key: str, _subject: Subject) -> Pairs:
    return Pairs(_subject.targets)
