"""Pages without a browser, for tests of them."""

from pathlib import Path

import narwhals.stable  # noqa: F401 - before there are threads, as in app.py
from streamlit.testing.v1 import AppTest

from pages.ui.server.jobs import RACE, jobs
from tests.conftest import PATIENCE, wait_until

ROOT = Path(__file__).parents[1]


QUICK = {"data": "synthetic", "synthetic.rows": "300", "epochs": "2", "model": "linear"}


def open_page(name: str, **link: str) -> AppTest:
    """A page as a browser opens it by link."""
    app = AppTest.from_file(str(ROOT / "pages" / "ui" / "main.py"), default_timeout=PATIENCE)
    app.query_params.update(link)
    app.switch_page(f"../{name}.py")
    return app.run()


def wait_for(run, *states: str) -> None:
    wait_until(lambda: run.state in states, f"{states}")


def newest_run(app: AppTest):
    return jobs().get(RACE, app.session_state["run"])


def button(app: AppTest, key: str):
    return next(found for found in app.button if found.key == key)


def change(widget) -> None:
    """Give a widget another value than it has."""
    if widget.type == "selectbox":
        widget.select_index((widget.index + 1) % len(widget.options))
    elif widget.type == "toggle":
        widget.set_value(not widget.value)
    elif widget.type == "select_slider":
        marks = [float(option) for option in widget.options]
        if isinstance(widget.value, tuple):
            widget.set_range(marks[0], marks[-1])
        else:
            widget.set_value(next(mark for mark in marks if mark != widget.value))
    elif isinstance(widget.value, (tuple, list)):
        low, high = widget.value
        widget.set_range(low, (low + high) / 2)
    else:
        widget.set_value(widget.max if widget.value != widget.max else widget.min)


def all_widgets(app: AppTest) -> dict:
    kinds = (app.selectbox, app.slider, app.select_slider, app.toggle)
    return {name_of(app, widget.key): widget for kind in kinds for widget in kind}


def name_of(app: AppTest, key: str | None) -> str:
    """What a setting of the page on show is called in the link."""
    return (key or "").removeprefix(f"{app.session_state['settings'].page.page}.")


def check_setting(app: AppTest, key: str, widget) -> None:
    """Another value of a setting changes what the page says, and stands in the link."""
    said, in_link = app.session_state["said"], dict(app.query_params)
    change(widget)
    app.run()
    assert not app.exception, key
    assert app.session_state["said"] != said, f"{key} changes nothing"
    assert dict(app.query_params) != in_link, f"{key} does not stand in the link"


def check_switches_have_help(app: AppTest) -> None:
    """It stands beside each of them: what Streamlit puts into a switch's label flips it."""
    beside = [text for text in app.markdown if text.help and not text.value]
    assert len(beside) == len(app.toggle) > 0
    assert not any(toggle.help for toggle in app.toggle)
