"""The run that the playground opens on is one that this code trains."""

import json

import numpy as np

from pages.ui.playground.channel import answer
from pages.ui.playground.recording import recorded, recording_of
from pages.ui.playground.settings import SETTINGS, question_of
from tests.test_playground_channel import floats

FIRST = {name: each.start for name, each in SETTINGS.by_name.items()}


def test_it_is_of_the_settings_that_the_page_begins_with():
    assert recording_of(question_of(FIRST)) == recorded()["parts"]
    assert recording_of(question_of(FIRST | {"rate": 0.02})) is None


def test_its_figures_are_those_of_training_now():
    asked = {"known": [], "threshold": 0.5, "step": None, "detailed": False, "whole": True}
    parts = list(answer({**question_of(FIRST), **asked}))
    known = recorded()["parts"]
    assert known[0]["key"] == parts[0]["key"]
    assert known[0]["facts"] == json.loads(json.dumps(parts[0]["facts"]))
    assert [part["steps"] for part in known] == [part["steps"] for part in parts]
    for before, now in zip(known, parts, strict=True):
        # Another processor adds up in another order; a probability at a threshold may fall on the
        # other side of it, which moves a figure by a row.
        for name, most in (("losses", 1e-4), ("probabilities", 1e-3), ("shares", 1e-4)):
            np.testing.assert_allclose(floats(before[name], -1), floats(now[name], -1), atol=most)
        np.testing.assert_allclose(
            floats(before["figures"], -1), floats(now["figures"], -1), atol=0.02
        )
