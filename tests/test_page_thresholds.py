"""The Thresholds page without a browser: figures against scikit-learn, every control, bad files."""

import base64
import io
import json
import re
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from mlcore import calibration
from mlcore.datasets import DATASETS, load
from mlcore.files import example_csv
from mlcore.metrics import classification_report, row_table
from mlcore.thresholds import RULES, Choice, ThresholdSweep, choose, compare
from mlcore.training import TrainConfig
from pages.ui import pool
from pages.ui.theorems_view import WEIGHT
from tests.test_pages import QUICK, button, newest_run, open_page, wait_for

SMALL = {"truth.labels": "8", "truth.rows": "400", "truth.cardinality": "2.0"}
AVERAGES = ("samples", "weighted", "macro", "micro")
METRICS = ("samples_f1", "micro_f1", "macro_f1", "weighted_f1")
GRID = np.linspace(0, 1, 1001)
FLOAT32 = {"rtol": 1e-6, "atol": 1e-7}  # the browser is sent float32
NAME = "scores.npz"


def open_thresholds(**link: str):
    app = open_page("thresholds", **{**SMALL, **link})
    assert not app.exception
    assert not app.warning
    return app


def run(app):
    app.run()
    assert not app.exception
    return app


def choose_value(app, kind: str, key: str, value):
    getattr(app, kind)(key=key).set_value(value)
    return run(app)


def dataset():
    return load("synthetic", labels=8, rows=400, cardinality=2.0)


def parts(data=None) -> dict:
    """Targets and true probabilities of the rows to tune on and to report on, cardinality too."""
    data = data or dataset()
    return {
        "tuning": (data.y[data.validation], data.probabilities[data.validation]),
        "report": (data.y[data.test], data.probabilities[data.test]),
        "cardinality": float(data.y[data.train].sum(axis=1).mean()),
    }


def all_choices(known: dict, settings: dict | None = None) -> dict[str, Choice]:
    return {
        rule: choose(
            rule,
            *known["tuning"],
            cardinality=known["cardinality"],
            **(settings or {}).get(rule, {}),
        )
        for rule in RULES
    }


def table(app, column: str, *, without: str = "nothing") -> pd.DataFrame:
    """The table on screen that has this column, or a row of this name."""
    for frame in app.dataframe:
        names = {*frame.value.columns, *frame.value.index}
        if column in names and without not in names:
            return frame.value
    raise AssertionError(f"no table with {column}")


def report(app) -> pd.DataFrame:
    """What stands in the two tables of the classification report."""
    labels = table(app, "f1-score", without="micro avg")
    return pd.concat([labels, table(app, "micro avg")])


def same(actual: pd.DataFrame, expected: pd.DataFrame) -> None:
    # scikit-learn and the page divide whole numbers; only the order of sums differs.
    pd.testing.assert_frame_equal(actual, expected, check_dtype=False, rtol=1e-12, atol=1e-12)


def captions(app) -> str:
    return "\n".join(caption.value for caption in app.caption)


def markdown(app) -> str:
    return "\n".join(text.value for text in app.markdown)


class Drawn:
    """What a chart's component is given: its figures by name of row and by panel and line."""

    def __init__(self, app, key: str) -> None:
        proto = next(b.proto for b in app.get("bidi_component") if b.proto.id.endswith(key))
        self.data = json.loads(proto.mixed.json or proto.json)
        numbers = np.frombuffer(base64.b64decode(self.data["columns"]), "<f4")
        self.columns = numbers.reshape(-1, self.data["size"])
        self.panels = {panel["title"]: panel for panel in self.data["panels"]}

    def row(self, name: str) -> dict[str, np.ndarray]:
        """The figures below each head of a row of the table."""
        columns = next(row["columns"] for row in self.data["rows"] if row["name"] == name)
        named = zip(self.data["heads"], columns, strict=True)
        return {head: self.columns[place] for head, place in named if place is not None}

    def line(self, panel: str, name: str) -> np.ndarray:
        lines = self.panels[panel]["lines"]
        return self.columns[next(line["column"] for line in lines if line["name"] == name)]


# Where scores come from.


def test_page_opens_with_the_known_truth_when_no_race_was_run():
    app = open_thresholds()
    assert len(app.title) == 1
    assert app.radio(key="source").value == "truth"
    assert "60 validation rows to tune on, 60 test rows to report on" in captions(app)
    assert "source" not in app.query_params


def test_a_race_without_a_race_and_a_file_without_a_file_say_what_to_do():
    app = open_thresholds()
    app.radio(key="source").set_value("race").run()
    assert not app.exception
    assert "Race losses on the Train page first" in app.info[0].value
    assert len(app.get("page_link")) == 1
    choose_value(app, "radio", "source", "file")
    assert "Bring the true labels and the scores" in app.info[0].value
    choose_value(app, "radio", "source", "truth")
    same(report(app), report(open_thresholds()))


@pytest.mark.parametrize("parameter", DATASETS["synthetic"].parameters, ids=lambda p: p.name)
def test_every_setting_of_the_generator_changes_the_evidence(parameter):
    app = open_thresholds()
    before = Drawn(app, "t chart").columns
    slider = app.slider(key=f"truth.{parameter.name}")
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
    assert app.radio(key="source").value == "race"
    for place in range(3):
        choose_value(app, "radio", "of", place)
        shown = race.predictions["test"][place] >= np.float32(0.3)
        expected = classification_report(
            race.dataset.y[race.dataset.test], shown, label_names=race.dataset.label_names
        )
        same(report(app), expected)
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
    assert len(app.radio(key="of").options) == 2
    assert app.radio(key="of").value in (0, 1)


def test_a_race_in_training_shows_its_newest_predictions_when_asked():
    config = TrainConfig(model="linear", epochs=20_000, learning_rate=0.1)
    endless = pool.run_pool().start([config], load("synthetic", rows=300, labels=8, cardinality=2))
    try:
        app = open_page("thresholds", run=endless.id, source="race", t="0.3")
        assert not app.exception
        wait_until(lambda: endless.predictions)
        run(app)
        before, version = report(app), endless.predictions_version
        wait_until(lambda: endless.predictions_version > version + 1)
        button(app, "newest_predictions").click()
        run(app)
        assert not report(app).equals(before)
    finally:
        pool.run_pool().send(endless.id, "stop")
    wait_for(endless, "stopped")
    run(app)
    assert "newest_predictions" not in [found.key for found in app.button]


def wait_until(is_so) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_link_to_a_contender_that_does_not_exist_is_told_so(race):
    app = open_page("thresholds", run=race.id, of="7")
    assert not app.exception
    assert "`of=7`: contender must be one of 0, 1, 2" in app.warning[0].value


# The decision.


@pytest.mark.parametrize("threshold", ["0.0", "0.3", "0.123", "1.0"])
def test_report_at_the_cursor_is_that_of_scikit_learn(threshold):
    app = open_thresholds(t=threshold)
    targets, probabilities = parts()["report"]
    predictions = probabilities >= float(threshold)
    names = dataset().label_names
    same(report(app), classification_report(targets, predictions, label_names=names))
    expected = row_table(targets, predictions, names)
    shown = table(app, "missed")
    assert [list(row) for row in shown["missed"]] == expected["missed"].tolist()
    np.testing.assert_allclose(shown["f1"], expected["f1"])
    assert f"Threshold {float(threshold):.3g}, on the 60 rows to report on." in captions(app)


@pytest.mark.parametrize("rule", RULES)
def test_report_of_a_rule_is_that_of_scikit_learn(rule):
    app = open_thresholds(t="0.3")
    choose_value(app, "button_group", "rule", rule)
    known = parts()
    targets, probabilities = known["report"]
    choice = choose(rule, *known["tuning"], cardinality=known["cardinality"])
    predictions = choice.predict(probabilities)
    names = dataset().label_names
    same(report(app), classification_report(targets, predictions, label_names=names))
    assert f"Threshold {choice.in_words()}, on the 60 rows" in captions(app)
    assert RULES[rule].description in captions(app)
    space = {"probabilities": probabilities}
    exec(app.code[0].value, space)
    np.testing.assert_array_equal(space["predictions"], predictions)
    one = choice.top is None and np.ndim(choice.threshold) == 0
    assert app.session_state["t"] == (round(choice.threshold, 3) if one else 0.3)


def test_the_cursor_follows_a_rule_whose_settings_change():
    app = open_thresholds()
    choose_value(app, "button_group", "rule", "cost")
    assert app.session_state["t"] == round(1 / 6, 3)
    choose_value(app, "select_slider", "rule.cost.c_FN", 1.0)
    assert "Threshold 0.5, on" in captions(app), "the rule decides with its new settings"
    assert app.button_group(key="rule").value == "cost"
    assert app.session_state["t"] == 0.5


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
def test_every_setting_of_a_rule_changes_its_threshold(kind, rule, name, value):
    link = {"rule.top_k.k": "a number"} if rule == "top_k" else {}
    app = open_thresholds(**link)
    before = table(app, "gap", without="label").set_index("rule")["threshold"]
    widget = f"rule.{rule}.{name}" + (".number" if rule == "top_k" else "")
    choose_value(app, kind, widget, value)
    shown = table(app, "gap", without="label").set_index("rule")["threshold"]
    expected = all_choices(parts(), {rule: {name: value}})
    assert shown.to_dict() == {
        RULES[key].title: choice.in_words() for key, choice in expected.items()
    }
    assert shown[RULES[rule].title] != before[RULES[rule].title]
    assert app.button_group(key="rule").value == "hand", "no threshold was dragged"


def test_with_more_labels_a_row_than_there_are_all_are_predicted():
    app = open_thresholds(
        **{"rule.top_k.k": "a number", "rule.top_k.k.number": "1000", "rule": "top_k"}
    )
    assert (report(app)["recall"].head(8) == 1).all()


# Charts.


@pytest.mark.parametrize("beta", [1.0, 2.0, 0.5])
def test_chart_holds_every_threshold_for_each_beta_and_average(beta):
    app = open_thresholds()
    choose_value(app, "selectbox", "beta", beta)
    known = parts()
    sweeps = {
        part: ThresholdSweep(*known[part], thresholds=1001, beta=beta)
        for part in ("tuning", "report")
    }
    for average in AVERAGES:
        choose_value(app, "selectbox", "average", average)
        drawn = Drawn(app, "t chart")
        rows = {f"{each} F{beta:g}": f"{each}_f{beta:g}" for each in AVERAGES} | {
            f"{average} precision": f"{average}_precision",
            f"{average} recall": f"{average}_recall",
            f"{average} Jaccard": f"{average}_jaccard",
            "labels per row": "labels_per_row",
            "rows with nothing predicted": "empty_share",
            "rows exactly right (subset acc.)": "subset_accuracy",
            "cells wrong (Hamming loss)": "hamming_loss",
            "labels predicted for any row": "labels_predicted",
        }
        assert {row["name"] for row in drawn.data["rows"]} == set(rows)
        for name, figure in rows.items():
            columns = drawn.row(name)
            tuning, reported = (sweeps[part].figures[figure] for part in ("tuning", "report"))
            np.testing.assert_allclose(columns["tuning"], tuning, **FLOAT32)
            np.testing.assert_allclose(columns["report"], reported, **FLOAT32)
            np.testing.assert_allclose(columns["gap"], reported - tuning, **FLOAT32)
        panel = f"{average.capitalize()} precision, recall, Jaccard"
        for line in ("precision", "recall", "Jaccard"):
            expected = sweeps["tuning"].figures[f"{average}_{line.lower()}"]
            np.testing.assert_allclose(drawn.line(panel, line), expected, **FLOAT32)
        at, best = sweeps["tuning"].best(f"{average}_f{beta:g}")
        assert f"threshold {at:.3g}, with {best:.3f}" in drawn.panels[f"F{beta:g}"]["summary"]
        expected = np.full(1001, known["cardinality"])
        line = drawn.line("Labels predicted per row", "true in training")
        np.testing.assert_allclose(line, expected, **FLOAT32)


def test_logarithmic_threshold_reaches_the_chart():
    app = open_thresholds()
    assert not Drawn(app, "t chart").data["log"]
    choose_value(app, "toggle", "logt", True)
    assert Drawn(app, "t chart").data["log"]


# Labels.


def test_labels_table_is_counted_right():
    shown = table(open_thresholds(), "gain").sort_index()
    known = parts()
    targets, probabilities = known["report"]
    best = ThresholdSweep(*known["tuning"]).best_per_label()
    shared = choose("global", *known["tuning"]).threshold
    f1 = {
        name: f1_score(targets, probabilities >= limits, average=None, zero_division=0)
        for name, limits in (("now", shared), ("own", best))
    }
    assert shown["label"].tolist() == list(dataset().label_names)
    np.testing.assert_array_equal(shown["support"], targets.sum(axis=0))
    np.testing.assert_array_equal(shown["tuning"], known["tuning"][0].sum(axis=0))
    np.testing.assert_allclose(shown["threshold"], best)
    np.testing.assert_allclose(shown["now"], f1["now"])
    np.testing.assert_allclose(shown["own"], f1["own"])
    np.testing.assert_allclose(shown["gain"], f1["own"] - f1["now"], atol=1e-12)


@pytest.mark.parametrize("label", [1, 7])
def test_the_label_under_the_glass_has_its_own_curves(label):
    app = open_thresholds()
    choose_value(app, "selectbox", "label", f"label {label + 1}")
    drawn = Drawn(app, f"own {label} chart")
    known = parts()
    shared = choose("global", *known["tuning"]).threshold
    for part in ("tuning", "report"):
        targets, probabilities = known[part]
        sweep = ThresholdSweep(targets, probabilities)
        for place in (0, 100, 250, 500, 1000):
            true, said = targets[:, label], probabilities[:, label] >= GRID[place]
            counted = {
                "✓ true and predicted": (said & (true == 1)).sum(),
                "○ true, not predicted": (~said & (true == 1)).sum(),
                "✗ predicted, not true": (said & (true == 0)).sum(),
            }
            ratios = {
                "precision": precision_score(true, said, zero_division=np.nan),
                "recall": recall_score(true, said, zero_division=np.nan),
                "F1": f1_score(true, said, zero_division=np.nan),
            }
            limits = np.full(8, shared)
            limits[label] = GRID[place]
            whole = sweep.at(limits)
            averages = {
                f"{each} F1 of all labels": whole[f"{each}_f1"]
                for each in ("micro", "macro", "samples")
            }
            for name, value in (counted | ratios | averages).items():
                np.testing.assert_allclose(
                    drawn.row(name)[part][place], value, **FLOAT32, err_msg=f"{name} {place}"
                )
    for name in ("precision", "F1", "macro F1 of all labels"):
        row = drawn.row(name)
        # Differences of the float32 that are sent, so one more rounding.
        np.testing.assert_allclose(row["gap"], row["report"] - row["tuning"], atol=2e-7)


def test_a_label_that_the_new_evidence_lacks_gives_way_to_the_most_frequent():
    app = open_page("thresholds", source="file", t="0.3")
    for letters in ("abcde", "vwxyz"):
        upload(app, "a.csv", example_csv(TARGETS, LOGITS, list(letters)).encode())
        most = TARGETS[halves(60)[1]].sum(axis=0).argmax()
        assert app.selectbox(key="label").value == letters[most]
        assert Drawn(app, f"own {most} chart").data["size"] == 1001


# Calibration and theorems.


def shown_metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("bins", ["quantile", "uniform"])
@pytest.mark.parametrize("weight", [10.0, 100.0])
def test_calibration_on_screen_is_that_of_the_library(weight, bins):
    app = open_thresholds()
    choose_value(app, "select_slider", "weight", weight)
    choose_value(app, "selectbox", "bins", bins)
    targets, truth = parts()["report"]
    weighted = truth * weight / (truth * weight + 1 - truth)
    both = {"as they are": weighted, "weight undone": truth}

    def expected(columns: slice) -> dict[str, str]:
        figures = {}
        for title, scores in both.items():
            cells = targets[:, columns], scores[:, columns]
            error = calibration.expected_calibration_error(*cells, strategy=bins)
            figures[f"ECE, {title}"] = f"{error:.4f}"
            figures[f"Brier score, {title}"] = f"{((cells[1] - cells[0]) ** 2).mean():.4f}"
        return figures

    assert shown_metrics(app) == expected(slice(None))
    assert f"or at **{1 / (1 + weight):.4g}** with the weight undone" in markdown(app)
    assert f"**0** of {targets.size} decisions differ" in markdown(app)
    shown = table(app, "ECE, as they are").sort_index()
    for title, scores in both.items():
        cells = targets, scores
        errors = calibration.expected_calibration_error(*cells, strategy=bins, per_label=True)
        # Undoing a weight rounds, and a score on an edge can then change its bin.
        np.testing.assert_allclose(shown[f"ECE, {title}"], errors, atol=1e-9)
        squares = ((scores - targets) ** 2).mean(axis=0)
        np.testing.assert_allclose(shown[f"Brier, {title}"], squares, atol=1e-9)
    choose_value(app, "selectbox", "label", "label 2")
    choose_value(app, "selectbox", "cells", "the label under the glass")
    assert shown_metrics(app) == expected(slice(1, 2))
    assert "cells: label 2" in captions(app)


def specs(app) -> list[str]:
    kinds = ("vega_lite_chart", "arrow_vega_lite_chart")
    return [chart.proto.spec for kind in kinds for chart in app.get(kind)]


def test_logarithmic_axes_of_the_diagram_can_be_switched_off():
    app = open_thresholds()
    before = specs(app)
    assert '"log"' in before[0]
    choose_value(app, "toggle", "logc", False)
    after = specs(app)
    assert '"log"' not in after[0]
    assert before[1:] == after[1:]


def test_theorems_are_told_in_the_numbers_of_the_library():
    app = open_thresholds()
    data = load("synthetic")
    for weight in (WEIGHT.default, 100.0):
        choose_value(app, "select_slider", "theorem.weight", weight)
        found = calibration.weight_is_a_threshold(data.probabilities, weight)
        text = markdown(app)
        assert f"w = {weight:g} and cut at 0.5 predicts {found['positive']:,} of" in text
        assert f"of {data.probabilities.size:,} cells" in text
        assert f"1/(1 + w) = {1 / (1 + weight):.4f} predict the same" in text
        assert f"except for **{found['differing']:,}** cells" in text
        assert found["differing"] == 0
        assert f"to within {found['largest_error']:.1e}" in text
    best = calibration.lipton_threshold(data.probabilities)
    inside = (best.lowest <= best.half_f1) & (best.half_f1 <= best.highest)
    assert f"**{inside.sum()} of 100** labels" in text
    drawn = calibration.lipton_threshold(data.probabilities, data.y)
    off = np.abs(drawn.highest - drawn.half_f1)
    assert f"{np.median(off):.3f} away from F*/2 in the median, {off.max():.3f} at most" in text


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
        "cells": "the label under the glass",
        "weight": "3.0",
        "theorem.weight": "30.0",
        "rule.global.metric": "micro_f1",
        "rule.cost.c_FN": "2.0",
    }
    app = open_thresholds(**link)
    assert plain(app) == {key: value for key, value in link.items() if key != "source"}
    assert app.session_state["t"] == 0.3
    assert app.button_group(key="rule").value == "per_label"


NONSENSE = [
    ("source", "net", "source must be one of race, truth, file"),
    ("t", "half", "threshold must be a number"),
    ("rule", "best", "rule must be one of hand, half, global"),
    ("average", "mean", "must be one of samples, weighted, macro, micro"),
    ("beta", "3", "must be one of 1.0, 2.0, 0.5"),
    ("label", "<img src=x>", "label must be one of the 8 labels"),
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


@pytest.mark.parametrize("text", ["7", "nan"])
def test_a_threshold_out_of_range_is_told_so(text):
    app = open_page("thresholds", **SMALL, t=text)
    assert f"`t={text}`: threshold must be" in app.warning[0].value


def test_every_widget_has_help():
    app = open_thresholds()
    kinds = (app.selectbox, app.slider, app.select_slider, app.toggle, app.radio)
    for widget in (widget for kind in kinds for widget in kind):
        assert widget.proto.help, widget.key


# Files.


def scored() -> tuple[np.ndarray, np.ndarray]:
    """Targets and logits of a file."""
    rng = np.random.default_rng(1)
    logits = rng.normal(-1, 2, (60, 5))
    targets = (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.uint8)
    return targets, logits


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def parquet(text: str) -> bytes:
    file = io.BytesIO()
    pd.read_csv(io.StringIO(text)).to_parquet(file)
    return file.getvalue()


def halves(rows: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(0).permutation(rows)
    return np.sort(order[: rows // 2]), np.sort(order[rows // 2 :])


def upload(app, name: str, content: bytes, kind: str | None = "logits"):
    app.file_uploader[0].set_value((name, content, "application/octet-stream"))
    if kind:
        app.button_group(key="scores_kind").set_value(kind)
    return run(app)


def open_file(name: str, content: bytes, kind: str | None = "logits"):
    return upload(open_page("thresholds", source="file", t="0.3"), name, content, kind)


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_a_file_is_read_and_shown_as_scikit_learn_sees_it(ending, kind):
    targets, scores = scored()
    names = ["a", "b,c", "δ", "<i>e</i>", "f"]
    probabilities = 1 / (1 + np.exp(-scores))
    if kind == "probabilities":
        scores = probabilities
    text = example_csv(targets, scores, names)
    content = {
        "npz": lambda: npz(targets=targets, scores=scores, label_names=np.array(names)),
        "csv": text.encode,
        "parquet": lambda: parquet(text),
    }[ending]()
    app = open_file(f"scores.{ending}", content, kind)
    assert not app.error
    _, rows = halves(60)
    expected = classification_report(targets[rows], probabilities[rows] >= 0.3, label_names=names)
    same(report(app), expected)
    assert table(app, "missed")["row"].tolist() == [f"row {row + 1}" for row in rows]
    assert "30 rows drawn at random to tune on, 30 to report on" in captions(app)


def test_what_the_scores_are_must_be_said():
    targets, scores = scored()
    app = open_file(NAME, npz(targets=targets, scores=scores), kind=None)
    assert "Say what the scores are" in app.warning[0].value
    assert not app.dataframe
    choose_value(app, "button_group", "scores_kind", "logits")
    assert not app.warning
    assert len(report(app)) == 5 + 4


TARGETS, LOGITS = scored()
BAD = {
    "above one": (npz(targets=TARGETS, scores=LOGITS), NAME, "probabilities", "probabilities"),
    "nan": (npz(targets=TARGETS, scores=LOGITS * np.nan), NAME, "logits", "nan"),
    "target two": (npz(targets=TARGETS + 1, scores=LOGITS), NAME, "logits", "got 2"),
    "shapes": (npz(targets=TARGETS[1:], scores=LOGITS), NAME, "logits", "same shape"),
    "no scores": (npz(targets=TARGETS), NAME, "logits", "targets and scores"),
    "not an npz": (b"PK\x03\x04 no zip at all", NAME, "logits", "npz"),
    "no csv": (b"\x00\x01\x02", "a.csv", "logits", "comma-separated text"),
    "a page": (b"<html><script>alert(1)</script>", "a.csv", "logits", "comma-separated text"),
    "ragged": (b"true:a,score:a\n1,2\n1\n", "a.csv", "logits", "line 3"),
    "words": (b"true:a,score:a\n1,high\n", "a.csv", "logits", "must hold numbers"),
    "no pair": (b"true:a,score:b\n1,2\n", "a.csv", "logits", "score:a"),
    "header alone": (b"true:a,score:a\n", "a.csv", "logits", "row"),
    "empty": (b"", "a.csv", "logits", "empty"),
    "no parquet": (b"PAR1", "a.parquet", "logits", "parquet"),
    "pickle": (
        npz(targets=np.array([[{}]], object), scores=LOGITS),
        NAME,
        "logits",
        "pickled",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_a_message_and_what_was_read_before_stays(case):
    content, name, kind, message = BAD[case]
    app = open_file(NAME, npz(targets=TARGETS, scores=LOGITS))
    before = report(app)
    upload(app, name, content, kind)
    assert "What was read before is still below" in app.error[0].value
    assert message in app.text[0].value
    same(report(app), before)
    assert not re.search("Traceback|Error:", app.text[0].value)


def test_a_bad_file_that_comes_first_is_a_message():
    app = open_file(NAME, b"PK", "logits")
    assert app.error[0].value == "This file was not read."
    assert "npz" in app.text[0].value
    assert not app.dataframe


EDGES = {
    "one row": (np.array([[1, 0]]), np.array([[2.0, -1.0]])),
    "one true cell": (np.array([[1]]), np.array([[2.0]])),
    "one label": (TARGETS[:, :1], LOGITS[:, :1]),
    "two rows": (TARGETS[:2], LOGITS[:2]),
    "a label always true": (np.maximum(TARGETS, [1, 0, 0, 0, 0]), LOGITS),
    "a label never true": (np.minimum(TARGETS, [0, 1, 1, 1, 1]), LOGITS),
    "no positives": (np.zeros_like(TARGETS), LOGITS),
    "all true": (np.ones_like(TARGETS), LOGITS),
    "one score": (TARGETS, np.zeros_like(LOGITS)),
    "saturated": (TARGETS, LOGITS * 1e30),
    "five true cells": (np.eye(40, 5, dtype=np.uint8), LOGITS[:40]),
}


@pytest.mark.parametrize("case", EDGES)
def test_odd_tables_are_shown_with_the_figures_of_scikit_learn(case):
    targets, logits = EDGES[case]
    app = open_file(NAME, npz(targets=targets, scores=logits))
    with np.errstate(over="ignore"):
        probabilities = 1 / (1 + np.exp(-logits))
    rows = halves(len(targets)) if len(targets) > 1 else ([0], [0])
    tuning, reported = ((targets[part], probabilities[part]) for part in rows)
    names = [f"label {place + 1}" for place in range(targets.shape[1])]
    for rule in ("half", "per_label_guarded", "top_k", "cardinality"):
        choose_value(app, "button_group", "rule", rule)
        choice = choose(rule, *tuning, cardinality=float(tuning[0].sum(axis=1).mean()))
        predictions = choice.predict(reported[1])
        same(report(app), classification_report(reported[0], predictions, label_names=names))


def test_983_labels_are_shown():
    rng = np.random.default_rng(0)
    logits = rng.normal(-4, 2, (200, 983)).astype(np.float32)
    targets = (rng.random(logits.shape) < 0.01).astype(np.uint8)
    app = open_file(NAME, npz(targets=targets, scores=logits))
    _, rows = halves(200)
    predictions = 1 / (1 + np.exp(-logits[rows])) >= np.float32(0.3)
    names = [f"label {place + 1}" for place in range(983)]
    same(report(app), classification_report(targets[rows], predictions, label_names=names))
    choose_value(app, "selectbox", "label", "label 983")
    assert Drawn(app, "own 982 chart").data["size"] == 1001


MARKED = "**a** :red[b] $c$ [d](http://e.example) <i>f</i>"


def words(app) -> str:
    """All that the page writes as Markdown."""
    kinds = (app.caption, app.markdown, app.error, app.warning, app.info)
    return "\n".join(text.value for kind in kinds for text in kind)


def test_the_name_of_a_label_is_text_and_not_markdown():
    content = example_csv(TARGETS[:, :1], LOGITS[:, :1], [MARKED]).encode()
    app = open_file("a.csv", content)
    choose_value(app, "selectbox", "cells", "the label under the glass")
    assert app.selectbox(key="label").value == MARKED
    assert MARKED not in words(app)


def test_the_name_of_a_file_is_text_and_not_markdown():
    app = open_file("**a** :red[b].npz", npz(targets=TARGETS, scores=LOGITS))
    assert "**a** :red[b]" not in words(app)


def test_the_example_file_can_be_read():
    app = open_page("thresholds", source="file")
    assert app.download_button(key="scores_example").label == "A small example file"
    from pages.ui.sources import example_file

    app = open_file("example-scores.csv", example_file().encode(), "probabilities")
    assert not app.error
    assert len(report(app)) == 4 + 4
