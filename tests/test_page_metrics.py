"""The Metrics page: every control changes something, figures against scikit-learn, bad input."""

import contextlib
import io
import re
import statistics

import numpy as np
import pytest
import sklearn.metrics

from mlcore.averages import AVERAGES, FIGURES, average, counts
from pages.ui import metrics_notes, ranking_view
from pages.ui.metrics_table import (
    PRESETS,
    Sheet,
    check_pick,
    check_table,
    read_table,
    write_table,
)
from pages.ui.metrics_view import explain
from tests.conftest import settle
from tests.test_pages import open_page

NAN = float("nan")
ANSWERED = {"share_guess": "1/2"}
browser_test = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def open_metrics(**link: str):
    app = open_page("metrics", **{**ANSWERED, **link})
    assert not app.exception
    return app


def said(app) -> str:
    """All that the page writes in words."""
    return "\n".join(text.value for text in app.markdown)


def press(app, key: str) -> None:
    next(found for found in app.button if found.key == key).click().run()
    assert not app.exception


def group(app, key: str):
    return app.button_group(key=key)


def component(app, key: str) -> dict:
    """What a table's component is given to draw."""
    import json

    for block in app.get("bidi_component"):
        proto = block.proto
        if key in proto.id:
            return json.loads(proto.mixed.json or proto.json)
    raise AssertionError(f"no component {key}")


# The table as text.


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_as_its_name(name):
    assert write_table(*read_table(name)) == name
    assert check_table(PRESETS[name]) == name


def test_a_table_survives_being_written():
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (8, 12), (3, 5), (1, 512)):
        tables = rng.integers(0, 2, (2, *shape)).astype(bool)
        np.testing.assert_array_equal(read_table(write_table(*tables)), tables)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table must be one of sample, empty-row"),
        ("101", "table must be one of sample"),
        ("102-101", "labels of 0 and 1"),
        ("-", "labels of 0 and 1"),
        ("١٠-01", "labels of 0 and 1"),
        ("101-10", r"as many labels in every row, got \[2, 3\]"),
        ("10-10.1-0", r"as many labels in every row, got \[1, 2\]"),
        (".".join(["1-0"] * 9), "at most 8 rows and 12 labels, or one row of 512; got 9 and 1"),
        ("1" * 513 + "-" + "0" * 513, "one row of 512; got 1 and 513"),
        (f"{'1' * 13}-{'0' * 13}.{'1' * 13}-{'0' * 13}", "got 2 and 13"),
    ],
)
def test_a_bad_table_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        check_table(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1", "figure must be one of samples"),
        ("row0.f1", "figure must be one of samples"),
        ("samples.f2", "figure must be one of samples"),
        ("macro.accuracy", "must be one of precision, recall, f1"),
    ],
)
def test_a_figure_that_does_not_exist_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        check_pick(text)


# Figures of the table.


def figures_of(lines) -> dict:
    return {
        cell["id"]: cell
        for line in lines
        for cell in line
        if cell["kind"] == "button" and "figure" in cell["look"]
    }


@pytest.mark.parametrize("zero_division", [0.0, 1.0, NAN])
@pytest.mark.parametrize("name", PRESETS)
def test_figures_on_screen_are_those_of_scikit_learn(name, zero_division):
    targets, predictions = read_table(name)
    sheet = Sheet(targets, predictions, "samples.f1", zero_division, hidden=False)
    figures = figures_of(sheet.lines)
    for average_name in AVERAGES:
        expected = sklearn.metrics.precision_recall_fscore_support(
            targets, predictions, average=average_name, zero_division=zero_division
        )[:3]
        for figure, value in zip(FIGURES, expected, strict=False):
            assert figures[f"{average_name}.{figure}"]["text"] == f"{value:.2f}"
    assert figures["samples.accuracy"]["text"] == (
        f"{1 - sklearn.metrics.hamming_loss(targets, predictions):.2f}"
    )
    if not np.isnan(zero_division):
        jaccard = sklearn.metrics.jaccard_score(
            targets, predictions, average="samples", zero_division=zero_division
        )
        assert figures["samples.jaccard"]["text"] == f"{jaccard:.2f}"
    if targets.shape[1] > 12:
        return
    per_label = sklearn.metrics.recall_score(
        targets, predictions, average=None, zero_division=zero_division
    )
    for label, value in enumerate(per_label):
        shown = figures[f"label{label + 1}.recall"]
        undefined = shown["text"] == "0/0"
        assert shown["small"] == (f"→ {value:g}" if undefined else f"{value:.2f}")
        assert ("undefined" in shown["look"]) == undefined


def test_hidden_figures_are_question_marks_that_cannot_be_picked():
    sheet = Sheet(*read_table("sample"), "samples.f1", 0.0, hidden=True)
    for cell in figures_of(sheet.lines).values():
        assert (cell["text"], cell["small"], cell["off"], cell["on"]) == ("?", "", True, False)
    assert not sheet.below.any()


@pytest.mark.parametrize(
    ("pick", "below", "above"),
    [
        ("row1.precision", "11001", "10001"),
        ("row1.recall", "10101", "10001"),
        ("row1.jaccard", "11101", "10001"),
        ("row1.accuracy", "11111", "10011"),
        ("label3.f1", "00100", "00000"),
        ("micro.f1", "11101", "10001"),
    ],
)
def test_a_figure_lights_the_cells_it_comes_from(pick, below, above):
    sheet = Sheet(*read_table("sample"), pick, 0.0, hidden=False)
    looks = [
        cell["look"].split()[-1] if "ove" in cell["look"] or "below" in cell["look"] else ""
        for cell in sheet.lines[1]
        if cell.get("id", "").startswith("true")
    ]
    assert "".join(str(int(look in ("below", "above"))) for look in looks) == below
    assert "".join(str(int(look == "above")) for look in looks) == above
    assert figures_of(sheet.lines)[pick]["on"]


@pytest.mark.parametrize(
    ("pick", "parts"),
    [
        ("samples.f1", {"row1.f1", "row2.f1", "row3.f1"}),
        ("macro.recall", {f"label{k}.recall" for k in range(1, 6)}),
        ("weighted.precision", {f"label{k}.precision" for k in range(1, 6)}),
        ("micro.f1", set()),
    ],
)
def test_an_average_marks_the_figures_it_is_the_mean_of(pick, parts):
    sheet = Sheet(*read_table("empty-row"), pick, 0.0, hidden=False)
    figures = figures_of(sheet.lines)
    assert {name for name, cell in figures.items() if "part" in cell["look"].split()} == parts
    supports = [cell for cell in sheet.lines[-2] if cell["kind"] == "text"]
    assert all((cell["look"] == "part") == pick.startswith("weighted") for cell in supports)


def test_a_figure_is_explained_with_its_counts():
    tables = read_table("empty-row")
    assert "(4/6 + \\[0/0 → 0\\] + 2/3) / 3 = **0.44**" in explain("samples.f1", *tables, 0.0)
    assert "1 of 3 parts are nan and left out" in explain("samples.f1", *tables, NAN)
    assert "Of 3 predicted (✓ ✗), 2 are true (✓)." in explain("row1.precision", *tables, 0.0)
    assert "= 2/4 = 0.50" in explain("row1.jaccard", *tables, 0.0)
    assert "count it as 1" in explain("row2.recall", *tables, 1.0)
    assert "is nan, so it is left out" in explain("label3.precision", *tables, NAN)
    assert "(2 + 0 + 1) / (3 + 0 + 2) = **0.60**" in explain("micro.recall", *tables, 0.0)


# The page without a browser.


def test_figures_are_hidden_until_the_reader_has_answered():
    app = open_page("metrics")
    assert not app.exception
    assert "?" in {cell["text"] for cell in figures_of(component(app, "cells")["lines"]).values()}
    assert not [group for group in app.button_group if group.key == "topic"]
    group(app, "share_guess").set_value("3/5").run()
    assert "Right, if you read it as Hamming accuracy: **3/5**" in said(app)
    assert "?" not in {
        cell["text"] for cell in figures_of(component(app, "cells")["lines"]).values()
    }
    assert app.query_params["share_guess"] in ("3/5", ["3/5"])


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
    press(app, f"table_{name}")
    assert app.session_state["table"] == name


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
        ("notice", "One table, four F1s"),
    ],
)
def test_a_topic_is_shown_when_chosen(topic, words):
    app = open_metrics(table="empty-row")
    shown = said(app) + "".join(group.label for group in app.button_group)
    assert words not in shown
    group(app, "topic").set_value(topic).run()
    assert words in said(app) + "".join(group.label for group in app.button_group)


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
    app.session_state["table"] = "sample"
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
    assert app.session_state["table"] == "zeros"
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
    assert [line[1]["text"] for line in lines[1:]] == [f"{mean:.3f}", f"{of_means:.3f}"]
    assert f"differ by {of_means - mean:.3f}" in said(app)


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


def run_code(text: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(text, {})
    return out.getvalue()


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
        ("share_guess", "4/5", "share_guess must be one of 1/2, 2/3, 3/5"),
        ("zeros_guess", "maybe", "zeros_guess must be one of"),
        ("share_row", "9", "share_row must be one of"),
        ("scores", "10~nan~1", "a score must be finite, got nan"),
        ("scores", "10~a~1", "a score must be a number, got 'a'"),
        ("scores", "12~1~1", "scores must be one of saturated"),
        ("scores", "10~1", "one for each label and row"),
        ("rank_by", "luck", "rank_by must be one of logits"),
    ],
)
def test_a_link_that_asks_for_nonsense_is_told_so(key, text, message):
    topic = {"zeros_guess": "zeros"}.get(key, "readings")
    link = {"table": "empty-row", "topic": topic, key: text}
    app = open_metrics(**link)
    assert f"`{key}={text}`" in app.warning[0].value
    assert message in app.warning[0].value


def test_a_picked_row_that_is_gone_gives_way_to_the_average():
    app = open_metrics(table="sample", pick="row3.f1")
    assert "Samples F1 = 0.67" in said(app)


# Ranking.


def ranked(app) -> dict:
    """The ranking metrics on screen by the first words of their lines."""
    lines = component(app, "row_metrics")["lines"][1:]
    return {line[0]["text"].split(":")[0]: line[1]["text"] for line in lines}


@pytest.mark.parametrize("name", ranking_view.PRESETS)
def test_ranking_metrics_are_those_of_scikit_learn(name):
    app = open_metrics()
    group(app, "scores_preset").set_value(name).run()
    assert not app.exception
    targets, logits = ranking_view.read_scores(name)
    unranked = np.isin(targets.mean(axis=1), (0, 1))
    lrap = sklearn.metrics.label_ranking_average_precision_score(targets, logits)
    assert ranked(app)["LRAP"] == ("undefined" if unranked.all() else f"{lrap:.2f}")
    assert (f"{unranked.sum()} of {len(targets)} rows" in said(app)) == unranked.any()
    lines = component(app, "scored")["lines"]
    for line, score, undefined in (
        (lines[-2], sklearn.metrics.average_precision_score, ~targets.any(axis=0)),
        (lines[-1], sklearn.metrics.roc_auc_score, np.isin(targets.mean(axis=0), (0, 1))),
    ):
        for label, cell in enumerate(line[1:-1]):
            if undefined[label]:
                assert cell["text"] == "undefined"
                assert cell["small"] in ("true in no row", "true in every row")
            else:
                value = score(targets[:, label], logits[:, label])
                assert cell["text"] == f"{value:.2f}"
        assert line[-1]["small"].endswith(f"{(~undefined).sum()} of {targets.shape[1]} labels")


def test_ranking_by_float32_probabilities_loses_order():
    app = open_metrics()
    before = ranked(app)
    group(app, "rank_by").set_value("float32 probabilities").run()
    after = ranked(app)
    assert float(after["LRAP"]) < float(before["LRAP"])
    assert f"LRAP {before['LRAP']} becomes {after['LRAP']}" in said(app)
    assert "are exactly 1" in said(app)
    looks = [cell["look"] for line in component(app, "scored")["lines"] for cell in line]
    assert "tied" in looks
    printed = run_code(app.code[-1].value)
    assert f"logits: LRAP {before['LRAP']}" in printed
    assert f"float32: LRAP {after['LRAP']}" in printed


def test_scores_survive_being_written():
    targets = np.array([[True, False, True]])
    for scores in ([[1e30, -1e30, 0.1]], [[-0.0, 12345678.0, 1.7e308]]):
        text = ranking_view.write_scores(targets, np.array(scores))
        np.testing.assert_array_equal(ranking_view.read_scores(text)[1], scores)


def test_row_counts_of_the_sample_are_those_of_the_question():
    (row,) = counts(*read_table("sample"))
    assert row == (2, 1, 1, 1)
    assert metrics_notes.GUESSES


# In a browser.


def sheet(page):
    """The component with the table of true and predicted labels, once it is there."""
    table = page.get_by_role("table", name="True and predicted labels")
    table.wait_for()
    return page.locator(".sheet", has=table)


@browser_test
def test_clicks_in_the_table_change_cells_figures_and_the_link(visit):
    page = visit("metrics?share_guess=1%2F2")
    cell = page.get_by_role("button", name="row 1, label D, predicted: 0", exact=False)
    cell.click()
    page.get_by_text("Samples F1 = 0.57").wait_for()
    page.wait_for_function("location.search.includes('table=10101-11011')")
    page.get_by_role("button", name="row 1, label D, true: 0", exact=False).click()
    page.get_by_text("Samples F1 = 0.75").wait_for()
    page.get_by_role("button", name="precision of row 1", exact=False).click()
    page.get_by_text("Precision of row 1 = 3/4 = 0.75").wait_for()
    lit = sheet(page).locator("td.predicted.below, td.predicted.above")
    assert lit.count() == 4
    page.wait_for_function("location.search.includes('pick=row1.precision')")
    page.reload()
    settle(page)
    page.get_by_text("Precision of row 1 = 3/4 = 0.75").wait_for()


@browser_test
def test_quick_clicks_are_all_counted(visit):
    page = visit("metrics?share_guess=1%2F2&table=00000-00000")
    page.locator('[data-id="predicted.0.0"]').wait_for()
    for label in range(5):
        page.locator(f'[data-id="predicted.0.{label}"]').evaluate("button => button.click()")
    page.wait_for_function("location.search.includes('table=00000-11111')")


@browser_test
def test_the_table_is_worked_with_the_keyboard(visit):
    page = visit("metrics?share_guess=1%2F2")
    assert sheet(page).locator('button[tabindex="0"]').count() == 1
    sheet(page).locator('button[tabindex="0"]').focus()
    for key in ("ArrowRight", "ArrowDown", "Space"):  # label B, its lower half
        page.keyboard.press(key)
    page.wait_for_function("location.search.includes('table=10101-10001')")
    focused = page.evaluate(
        "document.activeElement.shadowRoot?.activeElement?.dataset.id"
        " ?? document.activeElement.dataset.id"
    )
    assert focused == "predicted.0.1", "focus stays where it was"


@browser_test
def test_rows_and_labels_are_added_and_removed(visit):
    page = visit("metrics?share_guess=1%2F2")
    for name, table in (
        ("+ row", "10101-11001.00000-00000"),
        ("+ label", "101010-110010.000000-000000"),
        ("− row", "101010-110010"),
        ("− label", None),
    ):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_function(
            "table => new URLSearchParams(location.search).get('table') === table", arg=table
        )
    assert page.get_by_role("button", name="− row", exact=True).is_disabled()


@browser_test
def test_512_labels_are_toggled_true_and_predicted(visit):
    page = visit("metrics?share_guess=1%2F2&table=zeros&pick=micro.recall")
    page.get_by_text("Micro recall = 0.00").wait_for()
    assert sheet(page).locator(".many .cell").count() == 512
    missed = sheet(page).locator(".cell.missed")
    assert missed.count() == 5
    missed.first.click()
    page.get_by_text("Micro recall = 0.20").wait_for()
    sheet(page).locator(".cell.found").first.press("t")
    page.get_by_text("Micro recall = 0.00").wait_for()
    sheet(page).locator(".cell.wrong").first.click(modifiers=["Shift"])
    page.get_by_text("Micro recall = 0.20").wait_for()


@browser_test
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("abc", "A score must be a number, got 'abc' (row 1, label A)."),
        ("nan", "A score must be finite, got nan"),
        ("", "A score must be a number, got ''"),
        ("1e999", "A score must be finite, got inf"),
    ],
)
def test_a_bad_score_is_a_message_and_the_table_keeps_what_it_had(visit, typed, message):
    page = visit("metrics?share_guess=1%2F2")
    box = page.get_by_label("row 1, label A: logit")
    box.fill(typed)
    box.press("Enter")
    page.get_by_text(message).wait_for()
    page.wait_for_function("box => box.value === '25'", arg=box.element_handle())
    assert "scores=" not in page.url
    box.fill("-1e30")
    box.press("Enter")
    page.wait_for_function("location.search.includes('scores=')")
    page.get_by_text(message).wait_for(state="hidden")
    page.wait_for_function("box => box.value === '-1e+30'", arg=box.element_handle())


@browser_test
def test_scores_are_pasted_from_a_spreadsheet(visit):
    page = visit("metrics?share_guess=1%2F2")
    paste = """(box, text) => {
        const data = new DataTransfer();
        data.setData('text/plain', text);
        box.dispatchEvent(new ClipboardEvent('paste',
            {clipboardData: data, bubbles: true, cancelable: true, composed: true}));
    }"""
    box = page.get_by_label("row 2, label B: logit")
    box.evaluate(paste, "7\t8\n9\t1e30\n")
    page.wait_for_function("box => box.value === '7'", arg=box.element_handle())
    last = page.get_by_label("row 3, label C: logit")
    page.wait_for_function("box => box.value === '1e+30'", arg=last.element_handle())
    box.evaluate(paste, "7\tno\n9\t1e30\n")
    page.get_by_text("A score must be a number, got 'no' (row 2, label C).").wait_for()
    box.evaluate(paste, "1\t2\t3\t4\n")
    page.get_by_text("do not fit into the table").wait_for()
    assert box.input_value() == "7"


@browser_test
@pytest.mark.parametrize(("width", "scheme"), [(400, "light"), (1440, "dark")])
def test_the_page_fits_its_window(visit, width, scheme):
    for table in ("empty-row", "zeros"):
        page = visit(
            f"metrics?share_guess=1%2F2&table={table}",
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        )
        sheet(page).locator("button").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page = visit("metrics", viewport={"width": width, "height": 900}, color_scheme=scheme)
    question = page.get_by_text("What share of the labels is correct?")
    assert question.bounding_box()["y"] < 600, "the first screen says what to do"


@browser_test
def test_a_click_is_answered_at_once(visit):
    page = visit("metrics?share_guess=1%2F2&table=empty-row")
    cell = page.locator('[data-id="predicted.0.1"]')
    times = [
        cell.evaluate("""async (cell) => {
            const sheet = cell.closest('.sheet'), before = sheet.dataset.seq;
            const start = performance.now();
            cell.click();
            while (sheet.dataset.seq === before) await new Promise((done) => setTimeout(done, 1));
            return performance.now() - start;
        }""")
        for _ in range(20)
    ]
    # Some 100 ms on two quiet cores; a shared machine is often several times slower.
    assert statistics.median(times) < 1500, times
    assert re.search("share_guess", page.url)
