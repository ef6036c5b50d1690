"""Where the Thresholds page takes scores from, without a browser: a generator, races, a file."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mlcore.datasets import DATASETS
from mlcore.training import TrainConfig
from pages.ui.kit.contenders import Setup
from pages.ui.server.jobs import jobs
from tests.app_pages import QUICK, button, newest_run, open_page, wait_for
from tests.conftest import wait_until
from tests.thresholds_page import (
    Drawn,
    captions,
    choose_value,
    markdown,
    open_thresholds,
    report,
    run,
    same,
    same_report,
    show,
)


def test_page_opens_with_the_known_truth_when_no_race_was_run():
    app = open_thresholds()
    assert len(app.title) == 1
    assert app.radio(key="thresholds.source").value == "truth"
    assert "60 validation rows to tune on, 60 test rows to report on" in captions(app)
    assert "source" not in app.query_params


def test_a_race_without_a_race_and_a_file_without_a_file_say_what_to_do():
    app = open_thresholds()
    app.radio(key="thresholds.source").set_value("race").run()
    assert not app.exception
    assert "Race losses on the Train page first" in app.info[0].value
    assert "Train" in app.get("page_link")[0].proto.label
    choose_value(app, "radio", "source", "file")
    assert "Upload a file in the sidebar: the true labels and the scores" in app.main.info[0].value
    choose_value(app, "radio", "source", "truth")
    same(report(app), report(open_thresholds()))


@pytest.mark.parametrize("parameter", DATASETS["synthetic"].parameters, ids=lambda p: p.name)
def test_every_setting_of_the_generator_changes_the_evidence(parameter):
    app = open_thresholds()
    before = Drawn(app, "t details").columns
    slider = app.slider(key=f"thresholds.truth.{parameter.name}")
    value = {"labels": 20, "cap": 0.9, "rows": 600, "cardinality": 1.5}.get(parameter.name)
    slider.set_value(value or (slider.max if slider.value != slider.max else slider.min))
    run(app)
    assert not app.error
    assert not np.array_equal(Drawn(app, "t details").columns, before)


def test_settings_that_do_not_fit_are_a_message_and_the_page_survives():
    app = open_thresholds(**{"truth.labels": "2", "truth.cardinality": "50"})
    assert "cardinality must be <= labels * cap" in app.error[0].value
    assert "A theorem" in "".join(text.value for text in app.subheader)
    choose_value(app, "slider", "truth.cardinality", 0.5)
    assert not app.error
    assert len(report(app)) == 2 + 4


@pytest.fixture(scope="module")
def race():
    """A race of three contenders, the second trained with a positive weight of 10."""
    weight = {"B.bce_pos_weight.pos_weight": "a number", "B.bce_pos_weight.pos_weight.number": "10"}
    app = open_page("train", **QUICK, **weight, contenders="3", rate="0.1")
    button(app, "run_button").click().run()
    found = newest_run(app)
    wait_for(found, "finished")
    return found


def test_each_contender_of_a_race_is_shown_with_its_own_figures(race):
    app = open_thresholds(run=race.id, t="0.3")
    assert app.radio(key="thresholds.source").value == "race"
    assert app.radio(key="thresholds.of").label == "Contender of the race on Synthetic"
    assert "on Synthetic" in markdown(app) + captions(app)
    for place in range(3):
        choose_value(app, "radio", "of", place)
        shown = race.predictions["test"][place] >= np.float32(0.3)
        targets = race.dataset.y[race.dataset.test]
        same_report(app, targets, shown, race.dataset.label_names)
    show(app, "calibration")
    for place in range(3):
        choose_value(app, "radio", "of", place)
        assert ("Trained with positive weight **10**" in markdown(app)) == (place == 1)
    assert dict(app.query_params)["of"] in ("2", ["2"])


def test_all_contenders_of_a_race_are_in_one_chart(race):
    app = open_thresholds(run=race.id, of="1")
    targets = race.dataset.y[race.dataset.test]
    for average in ("samples", "micro"):
        choose_value(app, "selectbox", "average", average)
        chart = Drawn(app, "t chart")
        (panel,) = chart.panels.values()
        assert panel["title"] == f"{average.capitalize()} F1"
        names = [line["name"] for line in panel["lines"] if line["name"]]
        assert [name[0] for name in names] == ["A", "B", "C"]
        reported = [line["column"] for line in panel["lines"] if not line["name"]]
        for place in range(3):
            shown = race.predictions["test"][place] >= np.float32(0.3)
            expected = f1_score(targets, shown, average=average, zero_division=0)
            assert chart.columns[reported[place]][300] == pytest.approx(expected, rel=1e-6)
    assert next(iter(Drawn(app, "t details").panels)) == "F1", "of the one that is looked at"


def test_a_race_with_fewer_contenders_than_the_one_before_is_no_error(race):
    app = open_thresholds(run=race.id, of="2", **QUICK)
    run(app.switch_page("../train.py"))
    choose_value(app, "selectbox", "data", "synthetic")
    button(app, "run_button").click().run()
    short = newest_run(app)
    wait_for(short, "finished")
    assert (len(race.configs), len(short.configs)) == (3, 2)
    run(app.switch_page("../thresholds.py"))
    assert app.query_params["run"] in (short.id, [short.id])
    assert len(app.radio(key="thresholds.of").options) == 2
    assert app.radio(key="thresholds.of").value in (0, 1)


def tables(app) -> list:
    """All that the page shows as tables, which are kept for the evidence that they are of."""
    return [found.value for found in app.dataframe]


def test_a_race_in_training_shows_its_newest_predictions_when_asked():
    config = TrainConfig(model="linear", epochs=20_000, learning_rate=0.1)
    options = {"rows": 300, "labels": 8, "cardinality": 2.0}
    setup = Setup(data="synthetic", options=options, configs=(config,))
    endless = jobs().start_race(setup, owner="somebody")
    try:
        app = open_page("thresholds", run=endless.id, source="race", t="0.3")
        assert not app.exception
        wait_until(lambda: endless.predictions)
        run(app)
        before, step = tables(app), endless.predictions.step
        wait_until(lambda: endless.predictions.step > step)
        button(app, "newest_predictions").click()
        run(app)
        now = tables(app)
        assert len(now) == len(before) > 1
        assert not any(new.equals(old) for new, old in zip(now, before, strict=True))
    finally:
        jobs().stop(endless)
    wait_for(endless, "stopped")
    run(app)
    assert "newest_predictions" not in [found.key for found in app.button]


def test_a_link_to_a_contender_that_does_not_exist_is_told_so(race):
    app = open_page("thresholds", run=race.id, of="7")
    assert not app.exception
    assert "`of=7`: of must be one of 0, 1, 2" in app.warning[0].value.replace("\\", "")
