"""Settings of a race: each changes what is raced, stands in the link, and is checked there."""

import re

import narwhals.stable  # noqa: F401 - before there are threads, as in app.py
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.datasets import DATASETS
from mlcore.losses import LOSSES
from pages.ui.kit import slider as drag_slider
from pages.ui.kit.controls import log_grid
from pages.ui.train.predictions import PREDICTIONS
from pages.ui.train.presets import PRESETS
from tests.app_pages import all_widgets, button, check_setting, check_switches_have_help, open_page
from tests.conftest import PATIENCE


def settings() -> None:
    """The settings alone; what they say is kept for the test."""
    import streamlit as st

    from pages.ui.train.settings import SETTINGS, choose_setup

    SETTINGS.begin()
    st.session_state["said"] = choose_setup(("cpu", "cuda"))
    SETTINGS.end()


LINKS = [
    {},
    {"data": "digits", "contenders": "4", "optimizer": "sgd", "C.focal.alpha": "0.25"},
    {"data": "synthetic", "A.loss": "softmax", "B.loss": "weighted_bce", "model": "linear"},
    {"B.bce_pos_weight.pos_weight": "a number", "layers": "2"},
]


@pytest.mark.parametrize("link", LINKS, ids=["default", "digits", "synthetic", "number"])
def test_every_setting_changes_what_is_raced(link):
    app = AppTest.from_function(settings, default_timeout=PATIENCE)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    said, keys = app.session_state["said"], list(all_widgets(app))
    assert len(keys) == len(set(keys)) > 12
    for key in keys:
        before = all_widgets(app)[key].value
        check_setting(app, key, all_widgets(app)[key])
        all_widgets(app)[key].set_value(before).run()
        assert app.session_state["said"] == said, f"{key} leaves something behind"


def test_settings_survive_a_link_unchanged():
    app = open_page("train", **{"C.loss": "asymmetric", "contenders": "3", "rate": "0.01"})
    link = dict(app.query_params)
    again = open_page("train", **link)
    assert dict(again.query_params) == link
    assert link == {"C.loss": "asymmetric", "contenders": "3", "rate": "0.01"}


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("A.loss", "hinge", "loss must be one of softmax, bce"),
        ("data", "imagenet", "data must be one of debtags, digits, synthetic, plane"),
        ("epochs", "100000", "epochs must be <= 200"),
        ("epochs", "2.5", "epochs must be a whole number"),
        ("rate", "nan", "rate must be finite"),
        ("rate", "fast", "rate must be a number"),
        ("threshold", "7", "threshold must be <= 0.99"),
        ("debtags.components", "-1", "components must be >= "),
    ],
)
def test_a_link_that_asks_for_nonsense_is_told_so(key, text, message):
    app = open_page("train", **{key: text})
    assert not app.exception
    assert len(app.warning) == 1
    assert f"`{key}={text}`" in app.warning[0].value
    assert message in app.warning[0].value.replace("\\", "")
    assert key not in app.query_params
    assert not app.run().warning, "told once"


def test_a_link_to_a_forgotten_race_is_told_so():
    app = open_page("train", run="no-such-race")
    assert "no longer there" in app.warning[0].value


def test_text_from_a_link_is_shown_as_text():
    app = open_page("train", **{"A.loss": "<img src=x onerror=alert(1)>"})
    assert "<img src=x onerror=alert(1)>" in app.warning[0].value.replace("\\", "")
    assert not app.warning[0].proto.allow_html if hasattr(app.warning[0].proto, "allow_html") else 1


@pytest.mark.parametrize(
    "text", ["`\n# Gone\n[Log in](https://a.example)", "[a](https://a.example)", "x" * 20_000]
)
@pytest.mark.parametrize("key", ["A.loss", "seed"])
def test_a_link_writes_no_markdown_and_is_not_repeated_at_length(key, text):
    said = open_page("train", **{key: text}).warning[0].value
    outside_code = re.sub("`[^`\n]*`", "", said)
    assert "](" not in outside_code.replace("\\]\\(", "")
    assert "\n#" not in said
    assert len(said) < 600


def test_what_is_no_key_of_an_exercise_is_not_carried_on():
    app = open_page("train", solved="one-label.../.." + ".x" * 500)
    solved = "".join(app.query_params["solved"]).split(".")
    assert set(solved) == {"one-label", "x"}
    app = open_page("train", solved="one-label", seen="one-label.two-labels")
    assert "".join(app.query_params["seen"]) == "two-labels", "what is solved is not seen only"


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_sets_up_the_race_it_names(preset):
    app = open_page("train", epochs="7", contenders="4")
    button(app, f"preset {preset}").click().run()
    assert not app.exception
    wanted = {key: str(value) for key, value in PRESETS[preset].items()}
    widgets = all_widgets(app)
    assert {key: str(widgets[key].value) for key in wanted} | wanted == wanted
    assert widgets["epochs"].value == 30, "what a preset does not name has its default"
    asked = [text.value for text in app.markdown if "**Predict:**" in text.value]
    assert [PREDICTIONS[preset].question in text for text in asked] == [True]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("0.3", 0.3), ("1", 1.0), ("7", 0.5), ("x", 0.5), ("", 0.5), ("nan", 0.5)],
)
def test_what_a_browser_says_of_its_slider_is_checked(monkeypatch, sent, kept):
    session = {"cut": 0.5}
    monkeypatch.setattr(drag_slider.st, "session_state", session)
    heard = []
    drag_slider._take("cut", 0.01, 1.0, lambda: heard.append(session["cut"]), "value", sent)
    assert session["cut"] == kept
    assert heard == ([] if kept == 0.5 else [kept])


def test_every_widget_has_help():
    app = open_page("train", contenders="4")
    for kind in (app.selectbox, app.slider, app.select_slider):
        for widget in kind:
            assert widget.proto.help, widget.key
    check_switches_have_help(app)


def test_every_contender_shows_its_formula_and_the_data_set_its_licence():
    app = open_page("train", **{"A.loss": "focal", "data": "digits"})
    assert LOSSES["focal"].formula in [formula.value.strip("$\n") for formula in app.latex]
    captions = [caption.value for caption in app.caption]
    assert LOSSES["focal"].when_not in captions
    assert f"Licence: {DATASETS['digits'].licence}" in captions


def test_log_grid_holds_its_ends_and_every_default():
    for info in LOSSES.values():
        for parameter in info.parameters:
            if parameter.log and not isinstance(parameter.default, str):
                assert parameter.default in log_grid(parameter.low, parameter.high)
    assert log_grid(1, 20)[0] == 1
    assert log_grid(1, 20)[-1] == 20
