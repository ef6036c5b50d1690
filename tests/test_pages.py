"""Pages without a browser: what they say, and that every control changes something."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import narwhals.stable  # noqa: F401 - before there are threads, as in app.py
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlcore.datasets import DATASETS, debtags
from mlcore.losses import LOSSES
from pages.ui.imbalance.scores import QUICK_RACE
from pages.ui.kit import slider as drag_slider
from pages.ui.kit.contenders import Setup
from pages.ui.kit.controls import log_grid
from pages.ui.kit.races import load_cached
from pages.ui.server.jobs import RACE, jobs
from pages.ui.train.predictions import PREDICTIONS
from pages.ui.train.presets import PRESETS
from pages.ui.train.settings import SETTINGS
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


def settings() -> None:
    """The settings alone; what they say is kept for the test."""
    import streamlit as st

    from pages.ui.train.settings import SETTINGS, choose_setup

    SETTINGS.begin()
    st.session_state["said"] = choose_setup(("cpu", "cuda"))
    SETTINGS.end()


@pytest.mark.parametrize("name", ["playground", "train"])
def test_page_opens_without_an_error(name):
    app = open_page(name)
    assert not app.exception
    assert len(app.title) == 1


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


LINKS = [
    {},
    {"data": "digits", "contenders": "4", "optimizer": "sgd", "C.focal.alpha": "0.25"},
    {"data": "synthetic", "A.loss": "softmax", "B.loss": "weighted_bce", "model": "linear"},
    {"B.bce_pos_weight.pos_weight": "a number", "layers": "2"},
]


def check_setting(app: AppTest, key: str, widget) -> None:
    """Another value of a setting changes what the page says, and stands in the link."""
    said, in_link = app.session_state["said"], dict(app.query_params)
    change(widget)
    app.run()
    assert not app.exception, key
    assert app.session_state["said"] != said, f"{key} changes nothing"
    assert dict(app.query_params) != in_link, f"{key} does not stand in the link"


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


def test_run_trains_what_the_settings_say_and_shows_rows_and_report():
    app = open_page("train", **QUICK, **{"B.loss": "focal", "B.focal.gamma": "5.0"})
    assert "Nothing has run yet" in app.info[0].value
    button(app, "run_button").click().run()
    run = newest_run(app)
    assert [config.loss for config in run.configs] == ["bce", "focal"]
    assert run.configs[1].loss_params["gamma"] == 5.0
    assert run.configs[0].epochs == 2
    assert run.dataset.name == "synthetic"
    assert len(run.dataset.x) == 300
    wait_for(run, "finished")
    app.run()
    assert app.query_params["run"] == [run.id] or app.query_params["run"] == run.id
    rows, averages, labels = (frame.value for frame in app.dataframe)
    assert len(rows) == len(run.dataset.test)
    macro = "macro avg (labels that occur)"
    assert list(averages.index) == ["micro avg", macro, "weighted avg", "samples avg"]
    captions = "\n".join(text.value for text in app.caption)
    for part in (run.dataset.validation, run.dataset.test):  # below the charts, and the report
        occurring = run.dataset.y[part].any(axis=0)
        assert f"{occurring.sum()} of {len(occurring)} have a true row here" in captions
    assert list(labels.index) == list(run.dataset.label_names)
    told = [text.value for text in app.caption if text.value.startswith("45 test rows, at")]
    assert len(told) == 2, "above the rows, and above the report"
    live = next(b.proto for b in app.get("bidi_component") if b.proto.id.endswith("live race"))
    assert "Cards and curves are of the 45 validation rows" in live.json


def test_a_race_from_elsewhere_differs_from_the_settings_only_where_its_figures_would():
    configs = tuple(replace(config, epochs=2, model="linear") for config in QUICK_RACE)
    setup = Setup(data="synthetic", options={"rows": 300}, configs=configs)
    run = jobs().start_race(setup, owner="somebody")
    link = {**QUICK, "run": run.id, "B.bce_pos_weight.pos_weight": "sqrt"}
    for epochs in ("2", "3"):
        app = open_page("train", **{**link, "epochs": epochs})
        told = any("started with other settings" in text.value for text in app.caption)
        assert told == (epochs != "2")
    button(app, "adopt_button").click().run()
    assert not any("started with other settings" in text.value for text in app.caption)
    assert app.query_params["epochs"] in ("2", ["2"])
    wait_for(run, "finished")
    assert not any("trained here before" in text.value for text in app.caption)
    button(app, "run_button").click().run()
    (told,) = (text.value for text in app.caption if "trained here before" in text.value)
    assert f"step {run.steps:,} " in told


def test_a_race_with_painted_points_gives_the_train_page_what_it_has_settings_for():
    options = {"rows": 90, "points": ((1.0, 2.0, 1, 0, 1),)}
    configs = tuple(replace(config, epochs=2, model="linear") for config in QUICK_RACE)
    run = jobs().start_race(Setup(data="plane", options=options, configs=configs), owner="somebody")
    wait_for(run, "finished")
    assert len(run.dataset.train) == 61
    app = open_page("train", run=run.id)
    button(app, "adopt_button").click().run()
    assert not app.exception
    assert app.query_params["data"] in ("plane", ["plane"])
    assert app.query_params["plane.rows"] in ("90", ["90"])


def test_threshold_and_contender_and_row_filter_change_the_tables():
    app = open_page("train", **QUICK, rate="0.1")
    button(app, "run_button").click().run()
    run = newest_run(app)
    wait_for(run, "finished")
    app.run()
    before = [frame.value for frame in app.dataframe]
    app = open_page("train", run=run.id, threshold="0.4")
    assert any("at threshold 0.40" in caption.value for caption in app.caption)
    after = [frame.value for frame in app.dataframe]
    assert not before[0].equals(after[0])
    assert not before[1].equals(after[1])
    app.button_group(key="contender").set_value(1).run()
    assert not after[1].equals(app.dataframe[1].value)
    for choice, column in (("with a missed label", "missed"), ("with a wrong label", "wrong")):
        app.button_group(key="rows").set_value("all").run()
        expected = app.dataframe[0].value[column].str.len() > 0
        app.button_group(key="rows").set_value(choice).run()
        kept = app.dataframe[0].value
        assert len(kept) == expected.sum()
        assert (kept[column].str.len() > 0).all()


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


def test_stop_reset_and_choosing_an_earlier_race():
    app = open_page("train", **{**QUICK, "epochs": "200", "synthetic.rows": "4000"})
    button(app, "run_button").click().run()
    first = newest_run(app)
    button(app, "stop_button").click().run()
    wait_for(first, "stopped")
    button(app, "reset_button").click().run()
    assert app.session_state["run"] is None
    button(app, "run_button").click().run()
    second = newest_run(app)
    assert second is not first
    button(app, "run_button").click().run()
    wait_for(second, "stopped")  # a new race takes the place of one in training
    races = next(box for box in app.selectbox if box.label == "Races of this visit")
    assert len(races.options) == 3
    assert races.options[0].startswith("0: Synthetic · 200 epochs · A Sigmoid BCE / B ")
    races.select_index(0).run()
    assert newest_run(app) is first
    for run_id in app.session_state["runs"]:
        jobs().stop(jobs().get(RACE, run_id))


@pytest.mark.parametrize(("name", "state"), [("run_button", "finished"), ("step_button", "paused")])
def test_a_press_outlives_a_run_that_ends_before_it_is_read(monkeypatch, name, state):
    app = open_page("train", data="digits", epochs="2", **{"digits.rows": "200"})

    def end_halfway() -> None:
        monkeypatch.undo()
        st.rerun()

    monkeypatch.setattr(SETTINGS, "begin", end_halfway)
    button(app, name).click().run()
    assert not app.exception
    wait_for(newest_run(app), state)


def test_step_trains_one_epoch_and_pauses_and_resume_goes_on():
    app = open_page("train", **{**QUICK, "epochs": "3"})
    button(app, "step_button").click().run()
    run = newest_run(app)
    wait_for(run, "paused")
    assert run.epoch == 1
    app.run()
    assert button(app, "pause_button").label == "Resume"
    button(app, "step_button").click().run()
    wait_for(run, "paused")
    wait_until(lambda: run.epoch >= 2, "the second epoch")
    assert run.epoch == 2
    app.run()
    button(app, "pause_button").click().run()
    wait_for(run, "finished")
    assert run.epoch == 3


def test_settings_that_contradict_each_other_are_a_message_and_the_last_race_stays():
    app = open_page("train", **QUICK)
    button(app, "run_button").click().run()
    run = newest_run(app)
    wait_for(run, "finished")
    next(slider for slider in app.slider if slider.key == "synthetic.labels").set_value(5).run()
    button(app, "run_button").click().run()
    assert not app.exception
    assert "cardinality" in app.error[0].value
    assert newest_run(app) is run


def test_a_changed_data_file_is_a_message(monkeypatch, tmp_path):
    file = tmp_path / "debtags.npz"
    file.write_bytes(debtags.FILE.read_bytes() + b" ")
    read = debtags.read
    monkeypatch.setattr(debtags, "read", lambda: read(file))
    debtags.load_debtags.cache_clear()
    load_cached.clear()
    app = open_page("train", **{"debtags.components": "3"})  # as nobody has it yet
    button(app, "run_button").click().run()
    assert not app.exception
    assert "checksum" in app.error[0].value


def test_a_diverging_contender_is_a_message_and_the_other_goes_on():
    link = {
        **QUICK,
        "optimizer": "sgd",
        "rate": "10",
        "epochs": "20",
        "B.bce_pos_weight.pos_weight": "a number",
        "B.bce_pos_weight.pos_weight.number": "10000",
        "model": "mlp",
        "layers": "3",
        "width": "64",
        "momentum": "0.99",
        "batch": "16",
    }
    app = open_page("train", **link)
    button(app, "run_button").click().run()
    run = newest_run(app)
    wait_for(run, "finished")
    app.run()
    assert not app.exception
    diverged = [record.diverged for record in run.records[-1]]
    assert [error.value.split("**")[1][0] for error in app.error] == [
        letter for letter, gone in zip("AB", diverged, strict=True) if gone
    ]
    assert diverged == [False, True]


def test_every_widget_has_help():
    app = open_page("train", contenders="4")
    for kind in (app.selectbox, app.slider, app.select_slider):
        for widget in kind:
            assert widget.proto.help, widget.key
    check_switches_have_help(app)


def check_switches_have_help(app: AppTest) -> None:
    """It stands beside each of them: what Streamlit puts into a switch's label flips it."""
    beside = [text for text in app.markdown if text.help and not text.value]
    assert len(beside) == len(app.toggle) > 0
    assert not any(toggle.help for toggle in app.toggle)


def test_every_contender_shows_its_formula_and_the_data_set_its_licence():
    app = open_page("train", **{"A.loss": "focal", "data": "digits"})
    assert LOSSES["focal"].formula in [formula.value.strip("$\n") for formula in app.latex]
    captions = [caption.value for caption in app.caption]
    assert LOSSES["focal"].when_not in captions
    assert f"Licence: {DATASETS['digits'].licence}" in captions


def test_a_first_page_is_painted_without_heavy_imports():
    code = (
        "import sys\n"
        "from pages.ui.train import channel, details, presets, view\n"
        "heavy = {'torch', 'pandas', 'sklearn', 'scipy', 'altair'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_what_two_threads_must_not_import_at_once_is_there_before_them():
    code = (
        "import sys, app; assert 'narwhals.stable' in sys.modules and 'altair' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_log_grid_holds_its_ends_and_every_default():
    for info in LOSSES.values():
        for parameter in info.parameters:
            if parameter.log and not isinstance(parameter.default, str):
                assert parameter.default in log_grid(parameter.low, parameter.high)
    assert log_grid(1, 20)[0] == 1
    assert log_grid(1, 20)[-1] == 20
