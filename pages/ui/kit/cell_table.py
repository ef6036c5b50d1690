"""A table of cells to toggle, figures to pick and numbers to type: a component without arithmetic.

Python sends every cell ready made, as a dict: `kind` ("head", "head row", "text", "button",
"input", or many buttons in one: "wrap", "actions"), `look` (its classes in cell_table.css), `text`,
`small` (a second line), `id` and `label` (what an event and a screen reader call it), `on`, `off`,
`rows` and `cols` (its span).
"""

from collections.abc import Callable, Mapping

import streamlit as st

from pages.ui.kit.component import component
from pages.ui.settings import Settings
from pages.ui.words import N_, _

# The state of a cell by (true, predicted): its name in the style sheet, its mark, in words.
STATES = {
    (True, True): ("found", "✓", N_("true and predicted")),
    (True, False): ("missed", "○", N_("true, not predicted")),
    (False, True): ("wrong", "✗", N_("predicted, not true")),
    (False, False): ("neither", "·", N_("neither true nor predicted")),
}


def head(text: str, look: str = "", kind: str = "head", **more) -> dict:
    """A cell that names its column, or with kind "head row" its line."""
    return {"kind": kind, "look": look, "text": text, **more}


def cell(text: str, look: str = "", kind: str = "text", **more) -> dict:
    """A cell to read, or with kind "button" or "input" one to click or to type into."""
    return {"kind": kind, "look": look, "text": text, **more}


def marks() -> list[tuple[str, str, str]]:
    """The legend's entries for the states of a cell, in the reader's language."""
    return [(mark, name, _(words)) for name, mark, words in STATES.values()]


def cell_table(
    key: str,
    lines: list[list[dict]],
    *,
    label: str,
    legend: list[tuple[str, str, str]] = (),
    hint: str = "",
    on_event: Callable[[str, str], None] | None = None,
) -> None:
    """Draw a table and hand on what the reader does in it.

    Args:
        key: Its name in the session.
        lines: The cells of every line, from above.
        label: What a screen reader calls the table.
        legend: (text, look, words) of each entry below the table.
        hint: What to do, below the legend.
        on_event: Called before the next run with the id of what was clicked or typed into, and the
            text typed, empty for a click.
    """
    data = {
        "look": "sheet",
        "tables": [{"label": label, "lines": lines}],
        "legend": legend,
        "hint": hint,
    }
    component("kit/cell_table", data, key=key, parts=("kit/grid",), on_event=on_event)


def draw_examples(settings: Settings, name: str, titles: Mapping[str, str]) -> None:
    """Buttons that set a setting to one of some tables, whose titles are marked by `N_`."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_("Presets"), width="content")
        for value, title in titles.items():
            act = {"on_click": settings.put, "kwargs": {name: value}}
            st.button(_(title), key=f"{name} {value}", **act)


def plain_table(key: str, names: tuple[str, ...], rows: list[tuple[str, ...]], label: str) -> None:
    """A small table to read; some 60 ms quicker in the browser than one written in Markdown.

    Args:
        key: Its name in the session.
        names: Of the columns.
        rows: The lines; the first cell names the line.
        label: What a screen reader calls the table.
    """
    lines = [[head(name, "left strong") for name in names]]
    for name, *texts in rows:
        lines.append([head(name, "left", "head row"), *(cell(text, "left") for text in texts)])
    cell_table(key, lines, label=label)
