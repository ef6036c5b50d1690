"""What the Thresholds page decides, by hand and by rule, against scikit-learn."""

import base64

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mlcore.metrics import row_table
from mlcore.thresholds import RULES, Choice, choose, compare
from mlcore.workers import pool as workers
from pages.ui.server import compute
from pages.ui.thresholds import rules
from pages.ui.thresholds.decision import decided_by
from tests.conftest import wait_until
from tests.metrics_page import component
from tests.thresholds_page import (
    AVERAGES,
    FLOAT32,
    METRICS,
    Drawn,
    all_choices,
    captions,
    choose_value,
    dataset,
    halves,
    npz,
    open_file,
    open_rules,
    open_thresholds,
    parts,
    report,
    same_report,
    show,
    table,
)


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
    assert decided_by(choice, 60) in captions(app)
    assert RULES[rule].description in captions(app)
    space = {"probabilities": probabilities}
    exec(app.code[0].value, space)
    np.testing.assert_array_equal(space["predictions"], predictions)
    one = choice.top is None and np.ndim(choice.threshold) == 0
    assert app.session_state["thresholds.t"] == (round(choice.threshold, 3) if one else 0.3)


@pytest.mark.parametrize(
    ("decides", "told"),
    [
        ({"threshold": 0.12345}, "Threshold 0.123, on"),
        ({"threshold": [0.1, 0.9, 0.25]}, "own threshold, from 0.1 to 0.9, median 0.25; on"),
        ({"top": 1}, "The most likely label of each row, on"),
        ({"top": 5}, "The 5 most likely labels of each row, on"),
    ],
)
def test_how_labels_are_decided_is_a_sentence(decides, told):
    assert f"{told} the 1,234 rows to report on." in decided_by(Choice(rule="x", **decides), 1234)


@pytest.mark.parametrize("average", ["samples", "micro"])
@pytest.mark.parametrize("rule", [*RULES, "own"])
def test_the_table_beside_the_curves_shows_what_the_rule_decides(decided, rule, average):
    app = decided
    app.session_state["thresholds.average"] = average
    app.session_state["thresholds.own"] = {2: 0.7, 7: 0.031} if rule == "own" else {}
    choose_value(app, "button_group", "rule", rule)
    known = parts()
    if rule == "own":
        limits = np.full(8, choose("global", *known["tuning"]).threshold)
        limits[[2, 7]] = 0.7, 0.031
        choice = Choice(rule="own", threshold=limits)
    else:
        choice = choose(rule, *known["tuning"], cardinality=known["cardinality"])
    predictions = {part: choice.predict(known[part][1]) for part in ("tuning", "report")}
    shown, instead = Drawn(app, "t details"), component(app, "t slider")["instead"]
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
    one = choice.top is None and np.ndim(choice.threshold) == 0
    assert instead["isCut"] == one
    assert ("The cursor decides nothing now" in captions(app)) != one
    choose_value(app, "button_group", "rule", "hand")
    assert component(app, "t slider")["instead"] is None
    assert "The cursor decides nothing now" not in captions(app)


def test_the_cursor_follows_a_rule_whose_settings_change():
    app = open_thresholds()
    choose_value(app, "button_group", "rule", "cost")
    assert app.session_state["thresholds.t"] == round(1 / 6, 3)
    choose_value(app, "select_slider", "rule.cost.c_FN", 1.0)
    assert "Threshold 0.5, on" in captions(app), "the rule decides with its new settings"
    assert app.button_group(key="thresholds.rule").value == "cost"
    assert app.session_state["thresholds.t"] == 0.5


def test_rules_table_is_what_the_library_compares():
    app = open_rules()
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
    content = npz(targets=targets, scores=targets.astype(float))
    app = open_file("scores.npz", content, "probabilities", part="rules")
    choose_value(app, "selectbox", "average", "macro")
    shown = table(app, "gap", without="label").set_index("rule")
    for rule in ("half", "global", "per_label"):
        row = shown.loc[RULES[rule].title]
        assert (row["tuning"], row["report"], row["gap"]) == (1, 1, 0)
        assert row["band"] == "1.000 – 1.000"
    words = "in the rows of each: {} and {} of 60".format(*occurring)
    assert words in captions(show(app, "drag"))


def test_bands_of_many_rows_are_those_of_a_sample_and_say_so(monkeypatch):
    monkeypatch.setattr(rules, "MOST_ROWS", 25)
    app = open_rules()
    assert "The band comes from 25 of the 60 report rows, drawn at random;" in captions(app)
    known = parts()
    named = {RULES[rule].title: choice for rule, choice in all_choices(known).items()}
    expected = compare(named, known["tuning"], known["report"], METRICS, most_rows=25)
    bands = zip(expected["samples_f1_low"], expected["samples_f1_high"], strict=True)
    shown = table(app, "gap", without="label")
    assert shown["band"].tolist() == [f"{low:.3f} – {high:.3f}" for low, high in bands]
    monkeypatch.setattr(rules, "MOST_ROWS", 1000)
    monkeypatch.setattr(rules, "MOST_CELLS", 8 * 59 + 7)
    assert "The band comes from 59 of the 60 report rows" in captions(open_rules())
    monkeypatch.setattr(rules, "MOST_CELLS", 8 * 60)
    assert "The band comes from" not in captions(open_rules())


@pytest.mark.parametrize(
    ("work", "drawn"), [("comparison_of", ["Rules that choose"]), ("_choices", [])]
)
def test_work_that_nobody_waits_for_is_ended(work, drawn, monkeypatch):
    """The browser has gone: the script ends there, and so does what a worker does for it."""
    open_rules()  # what comes before is kept
    monkeypatch.setattr(rules, work, getattr(rules, work).__wrapped__)
    monkeypatch.setattr(compute, "is_connected", lambda session: False)
    monkeypatch.setattr(workers, "POLL_SECONDS", 0.0)
    others = set(workers.shared()._tasks)  # races that wait for somebody
    app = open_rules()
    assert [title.value for title in app.subheader] == drawn
    assert not any("gap" in frame.value for frame in app.dataframe)
    wait_until(lambda: others >= set(workers.shared()._tasks), "the work to end")


@pytest.fixture(scope="module")
def settings_page():
    """One opened page for all settings; 2 labels a row is what the default of top k comes to."""
    return open_rules(**{"rule.top_k.k": "a number", "rule.top_k.k.number": "2"})


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
