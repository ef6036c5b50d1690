"""Walks from page to page in one session: nothing that is set on one is seen on another.

Pages are those of the menu, settings those that the pages declare, so that new ones take part.
"""

from functools import cache
from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.frame import PAGES
from pages.ui.kit.controls import Choice, Number, Setting, Several, Switch, log_grid
from pages.ui.sweep.settings import Range
from tests.app_pages import open_page

NAMES = [name for pages in PAGES.values() for name, *_rest in pages]
# Other values of settings that have no widget of their own; a new one needs one here.
HELD = {
    "z": "five",
    "p": "0.5,0.25,0.25,0",
    "q": "0.5,0.5,0,0",
    **dict.fromkeys(("eta", "sigma", "on", "off", "any"), 0.3),
    "table": "zeros",
    "pick": "micro.f1",
    "scores": "one-row",
    **dict.fromkeys(("s.cell.x", "s.cell.y"), "0.1"),
    "own": {2: 0.7, 4: 0.031},
    "points": ((1.0, 2.0, 1, 0, 1),),
    "step": "3",
    "find": "labels",
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


def other(setting: Setting, turn: int) -> object:
    """Another value than a setting starts with, near to it; None where there is no other."""
    start = setting.start
    if isinstance(setting, Switch):
        return not start
    if isinstance(setting, Several):
        return list(setting.options)[turn : turn + 2]
    if isinstance(setting, Choice):
        options = [option for option in setting.options if option != start]
        turn = 0 if setting.name.endswith(".y") else turn  # two axes cannot be the same
        return options[turn % len(options)] if options else None
    if isinstance(setting, Range):
        marks = log_grid(*setting.ends) if setting.log else [start[0] + setting.step]
        return (marks[0], marks[1]) if setting.log else (start[0], round(marks[0], 9))
    if isinstance(setting, Number):
        step = max(1, setting.step) if setting.integer else setting.step
        marks = [round(start + way * step, 9) for way in (1, -1)]
        if setting.has_marks:
            marks = log_grid(*setting.ends)
        low, high = setting.ends
        near = [mark for mark in marks if mark != start and low <= mark <= high]
        value = min(near, key=lambda mark: abs(mark - start))
        return int(value) if setting.integer else value
    return HELD[setting.name]


def drawn(app: AppTest) -> dict[str, tuple[object, Setting]]:
    return app.session_state["settings"].drawn


def values(app: AppTest) -> dict[str, object]:
    """What the settings that a page shows are."""
    assert not app.exception
    assert not [told.value for told in app.warning if "link" in told.value]
    return {name: value for name, (value, _setting) in drawn(app).items()}


@cache
def fresh(name: str) -> dict[str, object]:
    return values(open_page(name))


@cache
def changed(name: str, turn: int) -> dict[str, str]:
    """A link to a page that changes all that is its own, hidden or not."""
    app = open_page(name)
    settings = app.session_state["settings"].page.by_name
    settings = settings | {name: setting for name, (_value, setting) in drawn(app).items()}
    wanted = {name: other(each, turn) for name, each in settings.items() if not each.shared}
    return {
        name: settings[name].write(value) for name, value in wanted.items() if value is not None
    }


def go(app: AppTest, name: str, **link: str) -> dict[str, object]:
    """Open a page in the same session, by the menu or by a link; returns what it shows."""
    app.query_params.clear()
    app.query_params.update(link)
    return values(app.switch_page(f"../{name}.py").run())


@pytest.mark.parametrize("walk", orders(NAMES), ids="-".join)
def test_a_page_shows_nothing_of_what_was_set_on_the_pages_before(walk):
    app, turn = open_page(walk[0]), NAMES.index(walk[0]) % 2
    for name in walk:
        assert go(app, name) == fresh(name), name
        if asked := changed(name, turn):
            now = go(app, name, **asked)
            assert now != fresh(name)
            for each, (value, setting) in drawn(app).items():
                if each in asked and value != setting.start:
                    assert app.query_params[each] == setting.write(value)
