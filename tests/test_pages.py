"""Pages without a browser: what they say, and that every control changes something."""

import subprocess
import sys
from dataclasses import replace

import narwhals.stable  # noqa: F401 - before there are threads, as in app.py
import pytest
import streamlit as st

from mlcore.datasets import debtags
from pages.ui.imbalance.scores import QUICK_RACE
from pages.ui.kit.contenders import Setup
from pages.ui.kit.races import load_cached
from pages.ui.server.jobs import RACE, jobs
from pages.ui.train.settings import SETTINGS
from tests.app_pages import QUICK, ROOT, button, newest_run, open_page, wait_for
from tests.conftest import wait_until


@pytest.mark.parametrize("name", ["playground", "train"])
def test_page_opens_without_an_error(name):
    app = open_page(name)
    assert not app.exception
    assert len(app.title) == 1


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
    # As many rows as no other test has: that race is not known yet.
    setup = Setup(data="synthetic", options={"rows": 370}, configs=configs)
    run = jobs().start_race(setup, owner="somebody")
    own = {"synthetic.rows": "370", "B.bce_pos_weight.pos_weight": "sqrt"}
    link = {**QUICK, **own, "run": run.id}
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
