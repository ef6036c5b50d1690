"""The Metrics page without a browser: every control changes something, bad input."""

import numpy as np
import pytest
import sklearn.metrics

from mlcore.figures import AVERAGES
from mlcore.metrics.averages import average
from pages.ui.metrics.table import PRESETS, read_table
from tests.app_pages import open_page
from tests.metrics_page import (
    component,
    figures_of,
    group,
    open_metrics,
    press,
    run_code,
    said,
)


def test_figures_are_hidden_until_the_reader_has_answered():
    app = open_page("metrics")
    assert not app.exception
    assert "?" in {cell["text"] for cell in figures_of(component(app, "cells")["lines"]).values()}
    assert not [group for group in app.button_group if group.key == "metrics.topic"]
    group(app, "share_guess").set_value("3/5").run()
    assert "Right, if you read it as Hamming accuracy: **3/5**" in said(app)
    assert "?" not in {
        cell["text"] for cell in figures_of(component(app, "cells")["lines"]).values()
    }
    assert app.query_params["share_guess"] in ("3/5", ["3/5"])
    assert "Exercises" in [heading.value for heading in app.subheader]


@pytest.mark.parametrize(
    ("guess", "words"),
    [
        ("1/2", "read it as Jaccard: **1/2** (2/4 cells"),
        ("3/5", "read it as Hamming accuracy: **3/5** (3/5 cells"),
        ("2/3", "read it as recall: **2/3** (2/3 cells"),
        ("Just show me", "Three answers are right"),
    ],
)
def test_each_answer_gets_its_own_feedback(guess, words):
    assert words in said(open_metrics(share_guess=guess))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fills_the_table(name):
    app = open_metrics(table="1-1")
    press(app, f"table {name}")
    assert app.session_state["metrics.table"] == name


@pytest.mark.parametrize(("choice", "value"), [("0", "0.44"), ("1", "0.78"), ("nan", "0.67")])
def test_zero_division_changes_figures_and_words(choice, value):
    app = open_metrics(table="empty-row", topic="zero-division")
    group(app, "zero_division").set_value(choice).run()
    assert f"Samples F1 = {value}" in said(app)
    figures = figures_of(component(app, "cells")["lines"])
    assert figures["row2.f1"]["small"] == f"→ {choice}"
    lines = component(app, "zero_division_table")["lines"]
    column = [cell["text"] for cell in lines[0]].index(choice)
    assert lines[1][column]["text"] == f"{value} ←"


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("zeros", "Hamming accuracy?"),
        ("zero-division", "0/0 in this table, 5 times"),
        ("macro", "scikit-learn gives the mean of the F1s"),
        ("notice", "One row, three shares"),
    ],
)
def test_a_topic_is_shown_when_chosen(topic, words):
    app = open_metrics(table="empty-row")
    shown = said(app) + "".join(group.label for group in app.button_group)
    assert words not in shown
    group(app, "topic").set_value(topic).run()
    assert words in said(app) + "".join(group.label for group in app.button_group)


def test_what_to_notice_waits_for_the_exercises_that_it_answers():
    told = {"metrics-never-named": "One table, four F1s", "metrics-empty-row": "moves samples F1"}
    for solved, words in told.items():
        assert words not in said(open_metrics(topic="notice"))
        assert words in said(open_metrics(topic="notice", solved=solved))


def test_three_readings_of_the_chosen_row():
    app = open_metrics(table="empty-row")

    def readings():
        lines = component(app, "readings_table")["lines"][1:]
        return [tuple(cell["text"] for cell in line[:3]) for line in lines]

    assert readings() == [
        ("Jaccard", "2/4", "0.50"),
        ("Hamming accuracy", "3/5", "0.60"),
        ("Recall", "2/3", "0.67"),
    ]
    group(app, "share_row").set_value(2).run()
    assert readings()[0] == ("Jaccard", "0/0", "→ 0")
    app.session_state["metrics.table"] = "sample"
    app.run()
    assert not app.exception, "the chosen row is gone"
    assert readings()[0][1] == "2/4"


def test_accuracy_flatters_zeros_and_shows_it_in_the_table():
    app = open_metrics(topic="zeros")
    assert "99.0 %" not in said(app)
    group(app, "zeros_guess").set_value("about 50 %").run()
    assert "No: accuracy is 507/512 = **99.0 %**, and F1 is 0/5 = **0.00**" in said(app)
    group(app, "zeros_guess").set_value("about 99 %").run()
    assert "Right: accuracy is 507/512" in said(app)
    press(app, "show_zeros")
    assert app.session_state["metrics.table"] == "zeros"
    assert "Hamming accuracy of row 1 = 507/512" in said(app)
    group(app, "topic").set_value("notice").run()
    assert "all zeros on 512 labels get 99.0 %" in said(app)


def test_two_macro_f1s_stand_side_by_side():
    app = open_metrics(table="never", topic="macro")
    lines = component(app, "macro_table")["lines"]
    targets, predictions = read_table("never")
    options = {"average": "macro", "zero_division": 0}
    precision = sklearn.metrics.precision_score(targets, predictions, **options)
    recall = sklearn.metrics.recall_score(targets, predictions, **options)
    mean = sklearn.metrics.f1_score(targets, predictions, **options)
    of_means = 2 * precision * recall / (precision + recall)
    shown = [line[1]["text"] for line in lines[1:]]
    assert shown == [f"{mean:.3f}", f"{mean:.3f}", f"{of_means:.3f}"]
    assert f"differ by {of_means - mean:.3f}" in said(app)


@pytest.mark.parametrize(
    ("topic", "table"), [("macro", "macro_table"), ("zero-division", "zero_division_table")]
)
def test_macro_over_the_labels_that_occur_stands_beside_scikit_learns(topic, table):
    app = open_metrics(table="sample", topic=topic)
    tables = read_table("sample")
    options = {"average": "macro", "zero_division": 0}
    ours = sklearn.metrics.f1_score(*tables, labels=[0, 2, 4], **options)
    theirs = sklearn.metrics.f1_score(*tables, **options)
    lines = [
        [cell["text"].removesuffix(" ←") for cell in line]
        for line in component(app, table)["lines"]
    ]
    if topic == "macro":
        assert [line[1] for line in lines[1:3]] == [f"{ours:.3f}", f"{theirs:.3f}"]
        assert "over the labels that occur: 3 of 5 have a true row here" in said(app)
    else:
        values = {line[0]: line[1:] for line in lines[1:]}
        assert values["macro F1"] == [f"{ours:.2f}"] * 3, "which no 0/0 changes"
        in_scikit_learn = (
            sklearn.metrics.f1_score(*tables, average="macro", zero_division=value)
            for value in (0, 1, np.nan)
        )
        assert values["macro F1 over all labels"] == [f"{value:.2f}" for value in in_scikit_learn]


@pytest.mark.parametrize("zero_division", ["0", "1", "nan"])
@pytest.mark.parametrize("table", ["empty-row", "zeros", "1-0.0-1.1-1"])
def test_the_code_gives_the_figures_on_screen(table, zero_division):
    app = open_metrics(table=table, zero_division=zero_division, topic="code")
    printed = run_code(app.code[0].value)
    targets, predictions = read_table(table)
    for name in AVERAGES:
        found = average(targets, predictions, name, "f1", zero_division=float(zero_division))
        assert f"F1 {found.value:.2f} = {found.formula()}" in printed
        figures = figures_of(component(app, "cells")["lines"])
        assert f"{name}: P {figures[f'{name}.precision']['text']}" in printed


def test_link_holds_the_settings_and_gives_them_back():
    link = {
        "share_guess": "2/3",
        "table": "01-11.10-00",
        "pick": "row2.recall",
        "zero_division": "nan",
        "topic": "macro",
        "scores": "10~1.5~-2_01~0~3",
        "rank_by": "float32 probabilities",
    }
    app = open_page("metrics", **link)
    assert not app.warning
    assert {key: np.ravel(value)[0] for key, value in dict(app.query_params).items()} == link
    assert "Recall of row 2 = 0/1 = 0.00" in said(app)


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("table", "10-2", "table must be one of sample"),
        ("pick", "row1.f3", "figure must be one of samples"),
        ("zero_division", "0.5", "zero_division must be one of 0, 1, nan"),
        ("topic", "none", "topic must be one of readings"),
        ("share_guess", "4/5", "share_guess must be one of 1/2, 3/5, 2/3"),
        ("zeros_guess", "maybe", "zeros_guess must be one of"),
        ("share_row", "9", "share_row must be one of"),
        ("scores", "10~nan~1", "a score must be finite, got nan"),
        ("scores", "10~a~1", "a score must be a number, got 'a'"),
        ("scores", "12~1~1", "scores must be one of saturated"),
        ("scores", "10~1", "a score for each"),
        ("rank_by", "luck", "rank_by must be one of logits"),
    ],
)
def test_a_link_that_asks_for_nonsense_is_told_so(key, text, message):
    topic = {"zeros_guess": "zeros"}.get(key, "readings")
    link = {"table": "empty-row", "topic": topic, key: text}
    app = open_metrics(**link)
    assert f"`{key}={text}`" in app.warning[0].value
    assert message in app.warning[0].value.replace("\\", "")


def test_a_picked_row_that_is_gone_gives_way_to_the_average():
    app = open_metrics(table="sample", pick="row3.f1")
    assert "Samples F1 = 0.67" in said(app)
