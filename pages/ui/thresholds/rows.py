"""Some rows with their likeliest labels, which light up as the cut reaches them."""

import numpy as np
import streamlit as st

from mlcore.thresholds import Choice, decide
from pages.ui.kit.cell_table import STATES
from pages.ui.kit.component import component
from pages.ui.kit.evidence import GRID, Evidence
from pages.ui.words import _

ROWS, LABELS = 8, 10


def draw_rows(evidence: Evidence, choice: Choice | None) -> None:
    """The first rows to report on, by the cursor or as a choice without a single cut decides."""
    targets, probabilities = (table[:ROWS] for table in evidence.report)
    places, reached = rows_of(evidence.key, evidence)
    decided = None if choice is None else choice.predict(probabilities)
    lines = [
        {
            "name": evidence.row_name(row) if evidence.row_name else _("row {n}").format(n=row),
            "cells": [
                {
                    "name": evidence.label_names[label],
                    "true": bool(targets[row, label]),
                    "last": int(last),
                    "decided": None if decided is None else bool(decided[row, label]),
                }
                for label, last in zip(places[row], reached[row], strict=True)
            ],
        }
        for row in range(len(targets))
    ]
    states = {look: (mark, _(words)) for look, mark, words in STATES.values()}
    told = _("Labels of the first {n} rows to report on, the likeliest first")
    data = {"key": "t", "steps": GRID - 1, "states": states, "lines": lines}
    data["title"] = told.format(n=len(targets))
    component("thresholds/rows", data, key="rows")


@st.cache_data(max_entries=32, show_spinner=False)
def rows_of(key: str, _evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """Which labels stand in each row, (rows, labels), all true ones that have room among them.

    Also the last place of the cursor at which each is predicted; the key decides it.
    """
    targets, probabilities = (np.asarray(table[:ROWS]) for table in _evidence.report)
    chosen = np.argsort(-(probabilities + 2.0 * targets), axis=1, kind="stable")[:, :LABELS]
    order = np.argsort(-np.take_along_axis(probabilities, chosen, 1), axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, 1)
    cells = np.take_along_axis(probabilities, chosen, 1)
    at_all = np.repeat(cells.reshape(-1, 1), GRID, axis=1)  # a column for each threshold
    last = decide(at_all, np.linspace(0, 1, GRID)).sum(axis=1) - 1
    return chosen, last.reshape(cells.shape)
