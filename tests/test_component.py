"""What the lab's own components share."""

import subprocess
import sys
from pathlib import Path

import pytest
import streamlit as st

from pages.ui.kit.component import deliver

ROOT = Path(__file__).parents[1]


def test_a_page_of_components_is_painted_without_pandas():
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=60)\n"
        "app.switch_page('pages/probabilities.py').run()\n"
        "assert not app.exception and len(app.get('bidi_component')) > 3\n"
        "heavy = {'pandas', 'torch', 'sklearn', 'scipy', 'altair'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_events_are_handed_on_once_and_in_order(monkeypatch):
    state = {"table": {"events": [{"seq": 1, "id": "a"}, {"seq": 2, "id": "b", "text": "3"}]}}
    monkeypatch.setattr(st, "session_state", state)
    told = []
    deliver("table", lambda what, text: told.append((what, text)))
    # The browser repeats what it has no answer to yet.
    state["table"]["events"].append({"seq": 3, "id": "c"})
    deliver("table", lambda what, text: told.append((what, text)))
    assert told == [("a", ""), ("b", "3"), ("c", "")]
    assert state["table.seq"] == 3


def test_an_event_of_what_is_no_longer_drawn_is_no_error(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    deliver("table", lambda what, text: pytest.fail("nothing was told"))
