"""The Thresholds page without a browser: sources, decisions and rules against scikit-learn."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mlcore.datasets import DATASETS
from mlcore.metrics import row_table
from mlcore.thresholds import RULES, choose, compare
from mlcore.training import TrainConfig
from mlcore.workers import pool as workers
from pages.ui.kit.contenders import Setup
from pages.ui.server import compute
from pages.ui.server.jobs import jobs
from pages.ui.thresholds import rules
from pages.ui.thresholds.settings import SETTINGS
from tests.conftest import wait_until
from tests.test_pages import (
    QUICK,
    button,
    check_switches_have_help,
    newest_run,
    open_page,
    wait_for,
)
from tests.thresholds_page import (
    AVERAGES,
    FLOAT32,
    METRICS,
    SMALL,
    Drawn,
    all_choices,
    captions,
    choose_value,
    dataset,
    halves,
    markdown,
    npz,
    open_file,
    open_thresholds,
    parts,
    report,
    run,
    same,
    same_report,
    table,
)

# Where scores come from.


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
    assert len(app.get("page_link")) == 1
    choose_value(app, "radio", "source", "file")
    assert "Upload a file in the sidebar: the true labels and the scores" in app.main.info[0].value
    choose_value(app, "radio", "source", "truth")
    same(report(app), report(open_thresholds()))


@pytest.mark.parametrize("parameter", DATASETS["synthetic"].parameters, ids=lambda p: p.name)
def test_every_setting_of_the_generator_changes_the_evidence(parameter):
    app = open_thresholds()
    before = Drawn(app, "t chart").columns
    slider = app.slider(key=f"thresholds.truth.{parameter.name}")
    value = {"labels": 20, "cap": 0.9, "rows": 600, "cardinality": 1.5}.get(parameter.name)
    slider.set_value(value or (slider.max if slider.value != slider.max else slider.min))
    run(app)
    assert not app.error
    assert not np.array_equal(Drawn(app, "t chart").columns, before)


def test_settings_that_do_not_fit_are_a_message_and_the_page_survives():
    app = open_thresholds(**{"truth.labels": "2", "truth.cardinality": "50"})
    assert "cardinality must be <= labels * cap" in app.error[0].value
    assert "Two theorems" in "".join(text.value for text in app.subheader)
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
        assert ("Trained with positive weight **10**" in markdown(app)) == (place == 1)
    assert dict(app.query_params)["of"] in ("2", ["2"])


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
    assert "`of=7`: of must be one of 0, 1, 2" in app.warning[0].value


# The decision.


@pytest.mark.parametrize("threshold", ["0.0", "0.3", "0.123", "1.0"])
def test_report_at_the_cursor_is_that_of_scikit_learn(threshold):
    app = open_thresholds(t=threshold)
    targets, probabilities = parts()["report"]
    predictions = probabilities >= float(threshold)
    names = dataset().label_names
    same_report(app, targets, predictions, names)
    expected = row_table(targets, predictions, names)
    shown = table(app, "missed")
    assert [list(row) for row in shown["missed"]] == expected["missed"].tolist()
    np.testing.assert_allclose(shown["f1"], expected["f1"])
    assert f"Threshold {float(threshold):.3g}, on the 60 rows to report on." in captions(app)


@pytest.fixture(scope="module")
def decided():
    """One opened page for all rules."""
    return open_thresholds()


@pytest.mark.parametrize("rule", RULES)
def test_report_of_a_rule_is_that_of_scikit_learn(decided, rule):
    app = decided
    app.session_state["thresholds.t"] = 0.3
    choose_value(app, "button_group", "rule", rule)
    known = parts()
    targets, probabilities = known["report"]
    choice = choose(rule, *known["tuning"], cardinality=known["cardinality"])
    predictions = choice.predict(probabilities)
    names = dataset().label_names
    same_report(app, targets, predictions, names)
    assert f"Threshold {choice.in_words()}, on the 60 rows" in captions(app)
    assert RULES[rule].description in captions(app)
    space = {"probabilities": probabilities}
    exec(app.code[0].value, space)
    np.testing.assert_array_equal(space["predictions"], predictions)
    one = choice.top is None and np.ndim(choice.threshold) == 0
    assert app.session_state["thresholds.t"] == (round(choice.threshold, 3) if one else 0.3)


@pytest.mark.parametrize("average", ["samples", "micro"])
@pytest.mark.parametrize("rule", [*RULES, "own"])
def test_the_table_beside_the_curves_shows_what_the_rule_decides(decided, rule, average):
    app = decided
    app.session_state["thresholds.average"] = average
    app.session_state["thresholds.own"] = {2: 0.7, 7: 0.031} if rule == "own" else {}
    choose_value(app, "button_group", "rule", rule)
    known = parts()
    choice = choose("global" if rule == "own" else rule, *known["tuning"], cardinality=2.0)
    if rule != "own":
        choice = choose(rule, *known["tuning"], cardinality=known["cardinality"])
        predictions = {part: choice.predict(known[part][1]) for part in ("tuning", "report")}
    else:
        limits = np.full(8, choice.threshold)
        limits[[2, 7]] = 0.7, 0.031
        predictions = {part: known[part][1] >= limits for part in ("tuning", "report")}
    shown, instead = Drawn(app, "t chart"), slider_data(app, "t slider")["instead"]
    figures = np.frombuffer(base64.b64decode(instead["figures"]), "<f4")
    rows = {row["name"]: figures[row["columns"]] for row in shown.data["rows"]}
    for name in ("micro", "macro", "weighted", "samples"):
        expected = [
            f1_score(known[part][0], predictions[part], average=name, zero_division=0)
            for part in ("tuning", "report")
        ]
        np.testing.assert_allclose(rows[f"{name} F1"][:2], expected, **FLOAT32)
    np.testing.assert_allclose(
        rows["labels per row"][:2],
        [predictions[part].sum(axis=1).mean() for part in ("tuning", "report")],
        **FLOAT32,
    )
    reported = report(app).loc["micro avg", "f1-score"]
    assert rows["micro F1"][1] == pytest.approx(reported, rel=1e-6)
    one = choice.top is None and np.ndim(choice.threshold) == 0 and rule != "own"
    assert instead["isCut"] == one
    assert ("The cursor decides nothing now" in captions(app)) != one
    choose_value(app, "button_group", "rule", "hand")
    assert slider_data(app, "t slider")["instead"] is None
    assert "The cursor decides nothing now" not in captions(app)


def slider_data(app, key: str) -> dict:
    proto = next(b.proto for b in app.get("bidi_component") if b.proto.id.endswith(key))
    (data,) = json.loads(proto.json)
    return data


def test_the_cursor_follows_a_rule_whose_settings_change():
    app = open_thresholds()
    choose_value(app, "button_group", "rule", "cost")
    assert app.session_state["thresholds.t"] == round(1 / 6, 3)
    choose_value(app, "select_slider", "rule.cost.c_FN", 1.0)
    assert "Threshold 0.5, on" in captions(app), "the rule decides with its new settings"
    assert app.button_group(key="thresholds.rule").value == "cost"
    assert app.session_state["thresholds.t"] == 0.5


def test_rules_table_is_what_the_library_compares():
    app = open_thresholds()
    known = parts()
    named = {RULES[rule].title: choice for rule, choice in all_choices(known).items()}
    expected = compare(named, known["tuning"], known["report"], METRICS)
    for average in AVERAGES:
        choose_value(app, "selectbox", "average", average)
        shown = table(app, "gap", without="label")
        metric = f"{average}_f1"
        assert shown["rule"].tolist() == expected["rule"].tolist()
        assert shown["threshold"].tolist() == expected["threshold"].tolist()
        for name, column in {
            "labels": "labels_per_row",
            "tuning": f"{metric}_validation",
            "report": f"{metric}_test",
            "gap": f"{metric}_gap",
            **{other: f"{other}_test" for other in METRICS if other != metric},
        }.items():
            np.testing.assert_allclose(shown[name], expected[column], err_msg=name)
        bands = zip(expected[f"{metric}_low"], expected[f"{metric}_high"], strict=True)
        assert shown["band"].tolist() == [f"{low:.3f} – {high:.3f}" for low, high in bands]
    caption = next(text.value for text in app.caption if "bootstrap" in text.value)
    assert "Macro averages are over the labels that occur: 8 of 8" in caption


def test_a_perfect_model_has_no_gap_though_labels_do_not_occur():
    targets = np.eye(40, 60, dtype=np.uint8) | np.eye(40, 60, 3, dtype=np.uint8)
    tuning, rows = halves(40)
    occurring = [targets[part].any(axis=0).sum() for part in (tuning, rows)]
    assert max(occurring) < 43
    app = open_file(
        "scores.npz", npz(targets=targets, scores=targets.astype(float)), "probabilities"
    )
    choose_value(app, "selectbox", "average", "macro")
    shown = table(app, "gap", without="label").set_index("rule")
    for rule in ("half", "global", "per_label"):
        row = shown.loc[RULES[rule].title]
        assert (row["tuning"], row["report"], row["gap"]) == (1, 1, 0)
        assert row["band"] == "1.000 – 1.000"
    words = "in the rows of each: {} and {} of 60".format(*occurring)
    assert words in captions(app)


def test_bands_of_many_rows_are_those_of_a_sample_and_say_so(monkeypatch):
    monkeypatch.setattr(rules, "MOST_ROWS", 25)
    app = open_thresholds()
    assert "The band comes from 25 of the 60 report rows, drawn at random;" in captions(app)
    known = parts()
    named = {RULES[rule].title: choice for rule, choice in all_choices(known).items()}
    expected = compare(named, known["tuning"], known["report"], METRICS, most_rows=25)
    bands = zip(expected["samples_f1_low"], expected["samples_f1_high"], strict=True)
    shown = table(app, "gap", without="label")
    assert shown["band"].tolist() == [f"{low:.3f} – {high:.3f}" for low, high in bands]
    monkeypatch.setattr(rules, "MOST_ROWS", 1000)
    monkeypatch.setattr(rules, "MOST_CELLS", 8 * 59 + 7)
    assert "The band comes from 59 of the 60 report rows" in captions(open_thresholds())
    monkeypatch.setattr(rules, "MOST_CELLS", 8 * 60)
    assert "The band comes from" not in captions(open_thresholds())


@pytest.mark.parametrize(
    ("work", "drawn"), [("comparison_of", ["Rules that choose"]), ("_choices", [])]
)
def test_work_that_nobody_waits_for_is_ended(work, drawn, monkeypatch):
    """The browser has gone: the script ends there, and so does what a worker does for it."""
    open_thresholds()  # what comes before is kept
    monkeypatch.setattr(rules, work, getattr(rules, work).__wrapped__)
    monkeypatch.setattr(compute, "is_connected", lambda session: False)
    monkeypatch.setattr(workers, "POLL_SECONDS", 0.0)
    others = set(workers.shared()._tasks)  # races that wait for somebody
    app = open_thresholds()
    assert [title.value for title in app.subheader] == drawn
    assert not any("gap" in frame.value for frame in app.dataframe)
    wait_until(lambda: others >= set(workers.shared()._tasks), "the work to end")


@pytest.fixture(scope="module")
def settings_page():
    """One opened page for all settings; 2 labels a row is what the default of top k comes to."""
    return open_thresholds(**{"rule.top_k.k": "a number", "rule.top_k.k.number": "2"})


@pytest.mark.parametrize(
    ("kind", "rule", "name", "value"),
    [
        ("selectbox", "global", "metric", "micro_recall"),
        ("selectbox", "per_label_guarded", "metric", "micro_recall"),
        ("slider", "per_label_guarded", "strength", 500.0),
        ("slider", "top_k", "k", 3),
        ("select_slider", "cost", "c_FP", 3.0),
        ("select_slider", "cost", "c_FN", 100.0),
    ],
)
def test_every_setting_of_a_rule_changes_its_threshold(settings_page, kind, rule, name, value):
    app = settings_page
    before = table(app, "gap", without="label").set_index("rule")["threshold"]
    widget = f"rule.{rule}.{name}" + (".number" if rule == "top_k" else "")
    default = getattr(app, kind)(key=f"thresholds.{widget}").value
    choose_value(app, kind, widget, value)
    shown = table(app, "gap", without="label").set_index("rule")["threshold"]
    choose_value(app, kind, widget, default)
    expected = all_choices(parts(), {rule: {name: value}})
    assert shown.to_dict() == {
        RULES[key].title: choice.in_words() for key, choice in expected.items()
    }
    assert shown[RULES[rule].title] != before[RULES[rule].title]
    assert app.button_group(key="thresholds.rule").value == "hand", "no threshold was dragged"


def test_with_more_labels_a_row_than_there_are_all_are_predicted():
    app = open_thresholds(
        **{"rule.top_k.k": "a number", "rule.top_k.k.number": "1000", "rule": "top_k"}
    )
    assert (report(app)["recall"].head(8) == 1).all()


# The link.


def plain(app) -> dict[str, str]:
    return {key: np.ravel(value)[0] for key, value in dict(app.query_params).items()}


def test_link_holds_the_settings_and_gives_them_back():
    link = SMALL | {
        "source": "truth",
        "t": "0.3",
        "rule": "per_label",
        "label": "label 5",
        "beta": "2.0",
        "average": "micro",
        "logt": "True",
        "logc": "False",
        "bins": "uniform",
        "cells": "the selected label",
        "weight": "3.0",
        "theorem.weight": "30.0",
        "rule.global.metric": "micro_f1",
        "rule.cost.c_FN": "2.0",
    }
    app = open_thresholds(**link)
    assert plain(app) == {key: value for key, value in link.items() if key != "source"}
    assert app.session_state["thresholds.t"] == 0.3
    assert app.button_group(key="thresholds.rule").value == "per_label"


NONSENSE = [
    ("source", "net", "source must be one of race, truth, file"),
    ("t", "half", "t must be a number"),
    ("rule", "best", "rule must be one of hand, half, global"),
    ("average", "mean", "must be one of samples, weighted, macro, micro"),
    ("beta", "3", "must be one of 1.0, 2.0, 0.5"),
    ("label", "<img src=x>", "label must be one of the 8 there are"),
    ("own", "3-.7_9-.2", "a label of own must be <= 8, got 9"),
    ("cells", "none", "cells must be one of"),
    ("bins", "3", "bins must be one of quantile, uniform"),
    ("weight", "0", "weight must be >= 1"),
    ("logt", "yes", "must be one of True, False"),
    ("logc", "no", "must be one of True, False"),
]


def test_a_link_that_asks_for_nonsense_is_told_so():
    app = open_page("thresholds", **SMALL, **{key: text for key, text, _ in NONSENSE})
    assert not app.exception
    (warning,) = app.warning
    lines = warning.value.splitlines()
    for key, text, message in NONSENSE:
        (line,) = (line for line in lines if line.startswith(f"- `{key}={text}`: "))
        assert message in line
        assert key not in app.query_params


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3-7", "a threshold of own must be <= 1.0, got 7"),
        ("0-.5", "a label of own must be >= 1, got 0"),
        ("3-.7-.2", "own must be label numbers with their thresholds, such as 3-.7_15-.2"),
        ("3-nan", "got '3-nan'"),
        ("_", "got ''"),
        ("³-.7", "got '³-.7'"),
    ],
)
def test_thresholds_by_hand_that_are_nonsense_are_told_so(text, message):
    app = open_page("thresholds", **SMALL, rule="own", own=text)
    assert not app.exception
    assert message in app.warning[0].value
    assert app.session_state["thresholds.own"] == {}


def test_thresholds_by_hand_stand_in_the_link_and_come_back_with_it():
    limits = {label: (label * 37 % 1001) / 1000 for label in range(512)}
    setting = replace(SETTINGS.by_name["own"], labels=512)
    link = setting.write(limits)
    assert setting.read(link) == limits
    assert len(link) < 512 * len("512-.999_")
    app = open_thresholds(rule="own", own="3-.7_8-.031")
    known = parts()
    cuts = np.full(8, choose("global", *known["tuning"]).threshold)
    cuts[[2, 7]] = 0.7, 0.031
    targets, probabilities = known["report"]
    names = dataset().label_names
    same_report(app, targets, probabilities >= cuts, names)
    assert "Moved by hand: 2 of 8 labels." in captions(app)
    assert app.query_params["own"] in ("3-.7_8-.031", ["3-.7_8-.031"])
    before = report(app)
    same(report(open_thresholds(rule="own")), report(open_thresholds(rule="global")))
    choose_value(app, "slider", "truth.labels", 9)
    choose_value(app, "slider", "truth.labels", 8)
    same(report(app), before)


def test_other_labels_keep_their_own_thresholds_while_one_is_dragged():
    app = open_thresholds(own="1-.9_4-.05", label="label 3")
    known = parts()
    cuts = np.full(8, choose("global", *known["tuning"]).threshold)
    cuts[[0, 3]] = 0.9, 0.05
    row = Drawn(app, "own 2 chart").row("macro F1, each label at its own threshold")
    for place in (100, 640):
        cuts[2] = place / 1000
        expected = f1_score(
            known["report"][0], known["report"][1] >= cuts, average="macro", zero_division=0
        )
        assert row["report"][place] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("text", ["7", "nan"])
def test_a_threshold_out_of_range_is_told_so(text):
    app = open_page("thresholds", **SMALL, t=text)
    assert f"`t={text}`: t must be" in app.warning[0].value


def test_every_widget_has_help():
    app = open_thresholds()
    kinds = (app.selectbox, app.slider, app.select_slider, app.radio)
    for widget in (widget for kind in kinds for widget in kind):
        assert widget.proto.help, widget.key
    check_switches_have_help(app)
