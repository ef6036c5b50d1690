"""The Probabilities page: known answers, every control, bad input, exercises, the route."""

import contextlib
import io
import os
import signal

import numpy as np
import pytest
import torch

from mlcore.learn.comparison import compare
from mlcore.workers import pool
from pages.ui.probabilities import view
from pages.ui.probabilities.board import SHOWN, answer, figures, shown_labels
from pages.ui.probabilities.exercises import EXERCISES
from pages.ui.probabilities.notes import code, what_to_notice
from pages.ui.probabilities.table import (
    PRESETS,
    check_table,
    parse_table,
    paste_table,
    read_table,
    write_table,
)
from tests.app_pages import open_page
from tests.metrics_page import component, group, press, said

ALONE = {"others": [0.0, 0.0], "rows": 1}  # of a row whose table has no other


def open_probabilities(**link: str):
    app = open_page("probabilities", **link)
    assert not app.exception
    return app


def row(app) -> dict:
    return component(app, "logits board")


# The table as text.


def test_tables_survive_being_written():
    rng = np.random.default_rng(0)
    tables = [(rng.normal(0, 9, shape), rng.random(shape)) for shape in ((1, 1), (3, 5), (1, 512))]
    tables.append((np.array([[1e30, -1e30, 1e-9]]), np.array([[1.0, 0, 0]])))
    for logits, labels in tables:
        read = read_table(write_table(logits, labels))
        np.testing.assert_array_equal(read, (logits, labels))
    for name, text in PRESETS.items():
        assert check_table(text) == check_table(name) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\t2\n-3\t4e1\n", [[1, 2], [-3, 40]]),
        ("[0.6, 0.7, 0.3, 0.4]", [[0.6, 0.7, 0.3, 0.4]]),
        ("[[1, 0],\n [0, 1]]", [[1, 0], [0, 1]]),
        ("1;2\r\n3;4", [[1, 2], [3, 4]]),
        ("array([[ 1. , 0.5],\n       [0., 2.]],\n      dtype=float32)", [[1, 0.5], [0, 2]]),
        ("  1 −2  3 ", [[1, -2, 3]]),
    ],
)
def test_pasted_numbers_are_read(text, expected):
    np.testing.assert_array_equal(parse_table(text, "Logits"), expected)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        ("", "", "Logits: there are no numbers"),
        ("1,,2", "", "Logits, row 1, number 2 is empty"),
        ("1,2\n3,<b>", "", r"row 2, number 2 must be a number from −1e30 to 1e30, got \\<b\\>"),
        ("nan,1", "", "number 1 must be a number from −1e30 to 1e30, got nan"),
        ("1e31", "", "from −1e30 to 1e30, got 1e31"),
        ("1,2\n3", "", "every row must have the same number of cells, got 1 and 2"),
        (",".join("0" * 2000), "", "at most 512 labels, got 2000"),
        ("\n".join("0" * 17), "", "at most 16 rows and 1024 cells, got 17 rows"),
        ("1,2", "1,1.5", "Labels must be from 0 to 1, got 1.5"),
        ("1,2", "1", "a label for each logit: got 1 × 2 logits, 1 × 1 labels"),
    ],
)
def test_bad_tables_are_told(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        paste_table(logits, labels, probabilities=False)
    with pytest.raises(ValueError, match=r"above 0 and below 1, got 1"):
        paste_table("0.5, 1", "", probabilities=True)


# What is drawn.


@pytest.mark.parametrize("name", PRESETS)
def test_figures_of_the_board_are_those_of_pytorch(name):
    logits, labels = (table[0] for table in read_table(name))
    shown = shown_labels(logits, labels)
    told = figures(compare(logits[None], labels[None]), logits, labels, shown, 0.5, 3, **ALONE)
    z, y = torch.tensor(logits), torch.tensor(labels)
    losses = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    assert set(np.flatnonzero(labels)) <= set(shown)
    assert len(shown) == min(len(logits), SHOWN)
    for line, k in zip(told["lines"], shown, strict=True):
        assert line["p"] == pytest.approx([z.softmax(0)[k].item(), z[k].sigmoid().item()])
        assert line["g"][1] == pytest.approx((z[k].sigmoid() - y[k]).item())
        assert line["text"][4] == f"{losses[k]:.4f}"
    assert told["all"]["text"][0] == "1.0000"
    assert told["all"]["text"][2] == "0.0000"
    assert told["all"]["text"][4] == f"{losses.sum():.4f}"
    assert told["all"]["marks"][0] == 1
    assert told["all"]["marks"][3] == 3
    if told["rest"] is not None:
        assert told["rest"]["text"][4] == f"{np.delete(losses.numpy(), shown).sum():.4f}"
    question = {"z": logits.tolist(), "y": labels.tolist(), "shown": shown, "t": 0.5, "k": 3}
    question |= ALONE
    assert answer(question) == told


@pytest.mark.parametrize(
    "change",
    [
        {"z": [float("nan")]},
        {"z": [1.0, 2.0]},
        {"z": [[1.0]]},
        {"z": ["x"]},
        {"z": [0.0] * 2000, "y": [0.0] * 2000},
        {"y": [2.0]},
        {"shown": [1]},
        {"shown": ["0"]},
        {"t": 7},
        {"k": 0},
        {"k": None},
        {"rows": 0},
        {"others": ["a", 0]},
        {"others": None},
        {"others": [1.0]},
    ],
)
def test_what_the_route_is_asked_is_checked(change):
    question = {"z": [1.0], "y": [1.0], "shown": [0], "t": 0.5, "k": 1} | ALONE
    assert answer(question)["all"]["marks"] == [1, 1, 1, 1]
    with pytest.raises((ValueError, TypeError)):
        answer(question | change)


def test_a_drag_is_answered_although_the_process_with_torch_was_killed():
    question = {"z": [2, -1], "y": [1, 0], "shown": [0, 1], "t": 0.5, "k": 1} | ALONE
    before = answer(question)
    os.kill(pool.call("os:getpid"), signal.SIGKILL)
    assert answer(question) == before


def test_presets_show_their_known_answers():
    app = open_probabilities(z="probabilities")
    found = row(app)["figures"]
    assert [line["text"][3] for line in found["lines"]] == ["0.6000", "0.7000", "0.3000", "0.4000"]
    assert [line["marks"][2][1] for line in found["lines"]] == ["✓", "✓", "·", "·"]
    press(app, "z mistaken")
    assert row(app)["figures"]["all"]["marks"][2] == 4
    press(app, "z five")
    told = row(app)["figures"]["reductions"]
    assert (told["mean"], told["batchmean"]) == ("1.264376", "6.321880")
    table = component(app, "logits table")
    cells = [cell for line in table["lines"] for cell in line if cell["kind"] == "input"]
    logits, labels = read_table("five")
    losses = np.logaddexp(0, np.where(labels == 1, -logits, logits))
    assert [cell["small"] for cell in cells] == [f"{loss:.6f}" for loss in losses.ravel()]
    assert (cells[0]["small"], cells[-1]["small"]) == ("0.212685", "0.004589")  # as published
    group(app, "sample").set_value(3).run()
    assert row(app)["z"] == ["1.124632", "1.6056736", "2.9778094", "2.0808482", "2.0735667"]
    press(app, "z wide")
    assert len(row(app)["z"]) == 512
    assert sum(row(app)["y"][k] for k in row(app)["shown"]) == 5
    assert app.query_params["z"] == ["wide"] or app.query_params["z"] == "wide"


def test_notes_follow_the_row_and_every_setting_stands_in_the_link():
    app = open_probabilities(z="2~0_11", note="two", a="2", b="-1")
    table = component(app, "two way")["lines"]
    assert [cell["text"] for cell in table[1][1:3]] == ["0.9525741268224334"] * 2
    app.number_input(key="probabilities.a").set_value(0.0).run()
    assert component(app, "two way")["lines"][1][1]["text"].startswith("0.7310585786300")
    group(app, "note").set_value("sum").run()
    assert "**2 times**" in said(app)
    before = component(app, "one step")["lines"][1][2]["text"]
    app.select_slider(key="probabilities.lr").set_value(10.0).run()
    assert component(app, "one step")["lines"][1][2]["text"] != before
    group(app, "note").set_value("mistaken").run()
    assert "2 of 2 labels reach 0.5 after one sigmoid and 2 after two" in said(app)
    group(app, "note").set_value("notice").run()
    lowered = "pushes it **down**: its probability 0.8808 is more than its share 0.5000"
    assert lowered not in said(app), "an exercise asks for it"
    link = dict(app.query_params)
    assert not app.warning
    again = open_probabilities(**link)
    assert dict(again.query_params) == link
    assert lowered in said(open_probabilities(**link, solved="prob-down"))
    assert not row(again)["detail"]
    again.toggle(key="probabilities.detail").set_value(True).run()
    assert row(again)["detail"]
    assert "True" in again.query_params["detail"]
    cut = open_probabilities(z="2~0_11", cut="0.7", top="1")
    assert row(cut)["figures"]["all"]["marks"] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "must be one of first, probabilities"),
        ("1~2_1", "a label for each logit"),
        ("1~~2_101", "number 2 is empty"),
        ("nan_1", "from −1e30 to 1e30"),
        ("0_" + "1" * 30_000, "at most 20000 characters"),
        ("1_2", "Labels must be from 0 to 1"),
        ("_", "there are no numbers"),
    ],
)
def test_bad_tables_in_a_link_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        check_table(text)


def test_a_link_that_asks_for_nonsense_is_told_so():
    asked = {"z": "<b>_1", "cut": "2", "top": "0.5", "note": "more", "sample": "9"}
    app = open_probabilities(**asked)
    for message in (
        "must be a number from −1e30 to 1e30, got",
        "cut must be <= 1",
        "top must be a whole number",
        "note must be one of",
    ):
        assert message in app.warning[0].value.replace("\\", "")
    assert not set(asked) & set(app.query_params)
    (told,) = open_probabilities(z="five", sample="9").warning
    assert "sample must be one of 1, 2, 3, 4, 5" in told.value


def test_pasting_a_table_replaces_it_and_a_bad_one_leaves_it():
    app = open_probabilities()
    app.text_area(key="paste.numbers").set_value("1e30\t-1e30\n0\t3")
    app.text_area(key="paste.labels").set_value("0 1\n0.25 1")
    submit = next(found for found in app.button if found.label == "Use this table")
    submit.click().run()
    assert not app.exception
    assert row(app)["z"] == ["1e+30", "-1e+30"]
    assert row(app)["figures"]["all"]["text"][4] == "2.0e+30"
    app.text_area(key="paste.numbers").set_value("1, x")
    next(found for found in app.button if found.label == "Use this table").click().run()
    assert (
        "Logits, row 1, number 2 must be a number from −1e30 to 1e30, got x" in app.error[0].value
    )
    assert row(app)["z"] == ["1e+30", "-1e+30"]
    assert not app.run().error


@pytest.fixture
def session(monkeypatch):
    """A session with a row, for what the board sends."""
    state = {"probabilities.z": "first"}
    monkeypatch.setattr(view.st, "session_state", state)
    return state


@pytest.mark.parametrize(
    ("what", "text", "table"),
    [
        ("z.1", "-2.5", "2~-2.5~0.5~-1_1010"),
        ("y.0", "", "2~1~0.5~-1_0010"),
        ("more", "", "2~1~0.5~-1~0_10100"),
        ("fewer", "", "2~1~0.5_101"),
    ],
)
def test_what_is_done_in_the_board_changes_the_table(session, what, text, table):
    view._obey(what, text)
    assert session["probabilities.z"] == table
    assert "z.problem" not in session


def test_labels_that_share_a_line_are_moved_together(session):
    session["probabilities.z"] = "wide"
    before, labels = read_table("wide")
    view._obey("rest", "-6")
    after, labels_after = read_table(session["probabilities.z"])
    shown = shown_labels(before[0], labels[0])
    moved = np.delete(after - before, shown, axis=1)
    np.testing.assert_allclose(moved, moved[0, 0], atol=1e-6)
    # The board shows the mean to a tenth, so it is met to half of one.
    assert np.delete(after, shown, axis=1).mean() == pytest.approx(-6, abs=0.05)
    np.testing.assert_array_equal(after[0, shown], before[0, shown])
    np.testing.assert_array_equal(labels, labels_after)


@pytest.mark.parametrize("text", ["", "abc", "nan", "1e31", "1,x", ",".join("0" * 2000)])
def test_what_is_wrong_in_the_board_is_told_and_changes_nothing(session, text):
    view._obey("z.1", text)
    assert session["probabilities.z"] == "first"
    assert session["z.problem"]


@pytest.mark.parametrize("name", ["first", "wide", "2_1", "1e30~-1e30_01", "3~1_0.5~0.5", "3_0"])
def test_sentences_are_written_for_any_row(name):
    logits, labels = read_table(name)
    lines = what_to_notice(logits[0], labels[0], compare(logits, labels))
    assert len(lines) >= 3
    assert all("nan" not in line and "{" not in line for line in lines)


@pytest.mark.parametrize("name", ["0.85~-0.85_10", "0.4~-0.4~1.3~-1.3_1010", "first"])
def test_what_rounding_leaves_of_0_is_told_as_0(name):
    logits, labels = read_table(name)
    row = compare(logits, labels)
    assert 0 < abs(row.softmax_gradient.sum()) < 1e-15, "there is something to round"
    told = " ".join(what_to_notice(logits[0], labels[0], row))
    assert "add up to 0: what" in told
    assert "e-1" not in told
    shown = figures(row, logits[0], labels[0], [0], 0.5, 1, **ALONE)["all"]["text"]
    assert shown[2] == "0.0000"
    assert "e-1" not in shown[5]


def test_code_on_the_page_prints_what_is_on_it():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code(*read_table("five")), {})
    assert "tensor(1.2644" in out.getvalue()
    assert "tensor(6.3219" in out.getvalue()
    assert "tensor(2.7968" in out.getvalue()


# Exercises.

ANSWERS = {
    "prob-raise": ("all", "none", "0.609 to 0.809"),
    "prob-twice": (4, 2, "0.646, 0.668, 0.574, 0.599"),
    "prob-two-way": (3.0, 2.0, "0.952574"),
    "prob-sum": (512.0, 1.0, "0.000977"),
    "prob-down": ("down", "up", "+0.441"),
}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.key)
def test_exercises_accept_the_right_answer_and_explain_the_wrong_one(exercise):
    right, wrong, figure = ANSWERS[exercise.key]
    assert exercise.is_right(right, exercise.first)
    assert not exercise.is_right(wrong, exercise.first)
    assert figure in exercise.told(exercise.first)
