"""Walks from page to page in one session: nothing that is set on one is seen on another."""

from functools import cache
from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.frame import PAGES
from tests.test_pages import open_page

NAMES = [name for pages in PAGES.values() for name, *_rest in pages]
CHANGED = {
    "probabilities": {"z": "five", "sample": "2", "cut": "0.3", "top": "3", "note": "sum"},
    "information": {"p": "0.5,0.5", "unit": "bits", "labels": "8", "rate": "9.0", "m": "1"},
    "losses": {"z": "2.5", "topic": "formulas", "losses": "bce.focal", "cells": "64"},
    "metrics": {"topic": "code", "share_guess": "1/2", "table": "zeros"},
    "pitfalls": {"gamma": "3.0", "specimen": "linear-keyword"},
    "train": {"rate": "0.1", "epochs": "3", "C.loss": "softmax", "threshold": "0.3"},
    "thresholds": {"t": "0.3", "rule": "per_label", "label": "label 3", "theorem.weight": "50.0"},
    "imbalance": {"label": "role::documentation", "part": "all", "pairs": "lift", "about": "code"},
    "sweep": {"s.loss": "focal", "s.figure": "micro_f1", "r.focal.gamma": "1.5"},
}


def orders(names: list[str]) -> list[list[str]]:
    """Walks over all of them in which every ordered pair follows one another once or more."""
    count = len(names)
    zigzag = [(place + 1) // 2 * (-1) ** (place + 1) for place in range(count)]
    ways = [zigzag] if count % 2 == 0 else [zigzag, zigzag[::-1]]
    return [
        [names[(step + start) % count] for step in way] for way in ways for start in range(count)
    ]


def test_orders_hold_every_pair():
    for names in ("ab", "abc", NAMES):
        pairs = {pair for walk in orders(list(names)) for pair in pairwise(walk)}
        assert len(pairs) == len(names) * (len(names) - 1)


@cache
def fresh(name: str) -> dict:
    return shown(open_page(name))


def shown(app: AppTest) -> dict:
    """The settings that a page shows."""
    assert not app.exception
    assert not [told.value for told in app.warning if "link" in told.value]
    return {name: value for name, (value, *_rest) in app.session_state["settings"].drawn.items()}


def go(app: AppTest, name: str, asked: dict[str, str]) -> dict:
    """Open a page in the same session, by the menu or by a link."""
    app.query_params.clear()
    app.query_params.update(asked)
    return shown(app.switch_page(f"../{name}.py").run())


@pytest.mark.parametrize("walk", orders(NAMES), ids="-".join)
def test_a_page_shows_nothing_of_what_was_set_on_the_pages_before(walk):
    app = open_page(walk[0])
    for name in walk:
        assert go(app, name, {}) == fresh(name), name
        changed = CHANGED.get(name, {})
        now = go(app, name, changed)
        assert not changed or now != fresh(name)
