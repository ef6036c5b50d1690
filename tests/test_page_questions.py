"""The Questions page: each question is whole, and leads to a page that is set up as it says."""

import re
from functools import cache
from math import isfinite, log

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from mlcore.datasets import load
from mlcore.workers import pool
from pages.ui import words
from pages.ui.frame import PAGES
from pages.ui.kit.numbers import filled
from pages.ui.questions.question import Question
from pages.ui.questions.settings import LONGEST
from pages.ui.questions.table import GROUPS, QUESTIONS, found
from tests.app_pages import button, open_page

NAMES = [name for pages in PAGES.values() for name, *_rest in pages]
FIELD = re.compile(r"\{(\w+)")
PLACES = {each.place: each for each in QUESTIONS.values()}


@cache
def figures_of(key: str) -> dict:
    name, *arguments = QUESTIONS[key].figures
    return pool.call(f"mlcore.learn.{name}", *arguments)


def test_there_are_seven_groups_of_questions_with_keys_of_their_own():
    assert len(GROUPS) == 7
    assert all(len(group.questions) >= 4 for group in GROUPS.values())
    asked = [each for group in GROUPS.values() for each in group.questions]
    assert len(asked) == len(QUESTIONS) == len({each.asked for each in asked}) >= 40
    assert all(re.fullmatch(r"[a-z0-9-]{3,40}", key) for key in QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_has_all_its_parts(question: Question):
    assert len(question.asked) <= 70
    assert len(re.findall(r"[.:;!?](?: |$)", question.answer)) >= 2
    assert question.look.endswith(".")
    assert question.page in NAMES
    assert re.fullmatch(r"\[[^]]+\]\(https://\S+\)", question.source)
    figures = figures_of(question.key)
    named = FIELD.findall(question.shown)
    assert named
    assert all(isfinite(figures[name]) for name in named)
    assert not FIELD.search(filled(question.shown, **figures))


@pytest.mark.parametrize("question", PLACES.values(), ids=[each.key for each in PLACES.values()])
def test_a_link_leads_to_a_page_with_its_settings(question: Question):
    app = open_page(question.page, **question.settings)
    assert not app.exception
    assert not [told.value for told in app.warning if "link" in told.value]
    drawn = app.session_state["settings"].drawn
    for name, text in question.settings.items():
        value, setting = drawn[name]
        assert value == setting.read(text), name
        written = setting.write(value)
        is_there = app.query_params.get(name) in (written, [written])
        assert is_there == (value != setting.start), name


def test_figures_are_those_of_torch_and_scikit_learn():
    logits = torch.zeros(512, requires_grad=True)
    targets = torch.zeros(512)
    targets[:5] = 1
    torch.nn.functional.binary_cross_entropy_with_logits(logits, targets).backward()
    size = logits.grad.abs()
    expected = (size[5:].sum() / size.sum()).item()
    assert figures_of("only-zeros")["false"] == pytest.approx(expected, rel=1e-6)
    assert figures_of("focal-zeros")["false"] == pytest.approx(expected, rel=1e-6)
    assert figures_of("large-loss")["total"] == pytest.approx(512 * log(2))
    tags = load("debtags")
    y = tags.y[tags.test]
    assert figures_of("accuracy-99")["accuracy"] == pytest.approx(1 - y.mean())
    same = np.zeros_like(y)
    same[:, np.argsort(-tags.y[tags.train].sum(0, dtype=int), kind="stable")[:5]] = 1
    micro = f1_score(y, same, average="micro")
    assert figures_of("same-labels")["micro"] == pytest.approx(micro)


def test_figures_of_decisions_are_those_of_scikit_learn_and_closed_forms():
    truth = load("synthetic")
    y, p = truth.y[truth.test], truth.probabilities[truth.test]
    occur = np.flatnonzero(y.any(axis=0))
    for name in ("micro", "macro", "samples"):
        labels = occur if name == "macro" else None
        expected = f1_score(y, p >= 0.3, average=name, labels=labels, zero_division=0)
        assert figures_of("micro-macro")[name] == pytest.approx(expected), name
    half = f1_score(
        truth.y[truth.validation], truth.probabilities[truth.validation] >= 0.5, average="micro"
    )
    assert figures_of("half")["half"] == pytest.approx(half)
    assert figures_of("too-many-labels")["threshold"] == pytest.approx(1 / 51)
    assert figures_of("probabilities-too-high")["undone"] == pytest.approx(1 / 31)
    assert figures_of("weight-or-threshold")["differing"] == 0
    assert figures_of("costs")["threshold"] == pytest.approx(1 / 11)
    assert figures_of("below-half")["everything"] == pytest.approx(2 / 101)
    assert figures_of("rarer-in-production")["score"] == pytest.approx(1 / 12)
    assert figures_of("cross-entropy-multi-hot")["multi_hot"] == pytest.approx(4 * log(4))
    assert figures_of("scores-of-one")["logit"] == next(
        z for z in range(40) if torch.sigmoid(torch.tensor(float(z))) == 1
    )
    told = figures_of("stop-on")
    assert told["best"] == pytest.approx(told["best_before"])
    assert told["map"] == pytest.approx(told["map_before"])
    assert told["loss"] > told["loss_before"]


def shown(app) -> str:
    return "\n".join(text.value for text in [*app.markdown, *app.caption, *app.info])


def asked(app) -> list[str]:
    """Keys of the questions that are listed."""
    keys = [each.key.partition(".") for each in app.button if each.key]
    return [key for name, _dot, key in keys if name == "question"]


def test_the_page_opens_on_its_groups_with_nothing_open():
    app = open_page("questions")
    assert not app.exception
    assert app.title[0].value.endswith("?")
    assert [each.label for each in app.text_input] == ["Search"]
    assert len(app.button_group(key="questions.group").options) == len(GROUPS)
    assert asked(app) == [each.key for each in GROUPS["zeros"].questions]
    assert "Computed here" not in shown(app)
    assert not app.query_params


@pytest.mark.parametrize("key", ["only-zeros", "stratified-split"])
@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_link_opens_its_question_with_figures_place_and_source(key, lang):
    app, question = open_page("questions", q=key, lang=lang), QUESTIONS[key]
    assert not app.exception
    assert key in asked(app)
    told = shown(app)
    with words.speaking(lang):
        assert filled(words._(question.shown), **figures_of(key)) in told
        assert (words._("The lab cannot show this yet.") in told) == (not question.yet)
        assert words._(question.answer) in told
    assert question.source in told
    (link,) = (each.proto for each in app.get("page_link"))
    assert link.page.endswith(question.page)
    assert app.query_params["q"] in (key, [key])


def test_an_open_question_says_its_group_whatever_the_link_does():
    for link in ({}, {"group": "data"}):
        app = open_page("questions", q="half", **link)
        assert app.button_group(key="questions.group").value == "thresholds"
        assert set(app.query_params) == {"q"}
    button(app, "question.half").click().run()
    assert app.button_group(key="questions.group").value == "thresholds"
    assert set(app.query_params) == {"group"}


def test_one_question_is_open_at_a_time_and_a_second_click_closes_it():
    app = open_page("questions")
    for key in ("only-zeros", "tiny-loss"):
        button(app, f"question.{key}").click().run()
        assert app.query_params["q"] in (key, [key])
        assert shown(app).count("Computed here") == 1
    button(app, "question.tiny-loss").click().run()
    assert "q" not in app.query_params
    assert "Computed here" not in shown(app)


def test_another_group_shows_its_questions_and_ends_search_and_answer():
    app = open_page("questions", q="only-zeros", find="zeros")
    app.button_group(key="questions.group").set_value("data").run()
    assert asked(app) == [each.key for each in GROUPS["data"].questions]
    assert app.text_input[0].value == ""
    assert set(app.query_params) == {"group"}


def test_a_search_finds_all_words_in_either_language_wherever_they_stand():
    assert "only-zeros" in found("ZEROS predicts")
    assert "only-zeros" in found("only-zeros")
    assert set(found("zeros")) > set(found("zeros focal")) >= {"focal-zeros"}
    assert "half" in found("阈值 half")
    assert found("") == list(QUESTIONS)
    assert not found("zeros xyzzy")
    assert not found("{false:.1%}")


def test_a_search_lists_what_it_finds_and_stands_in_the_link():
    app = open_page("questions", q="half")
    app.text_input[0].set_value("oversampling").run()
    assert asked(app) == found("oversampling")
    assert app.query_params["find"] in ("oversampling", ["oversampling"])
    assert "q" not in app.query_params
    assert asked(open_page("questions", find="oversampling")) == found("oversampling")


def test_a_search_without_a_hit_says_so_and_shows_all():
    app = open_page("questions", find="xyzzy")
    assert "No question has all of these words" in app.info[0].value
    assert asked(app) == list(QUESTIONS)
    assert [each.value for each in app.subheader] == [group.title for group in GROUPS.values()]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("q", "no-such-question", f"one of the {len(QUESTIONS)} there are"),
        ("find", "x" * 200, f"must be <= {LONGEST}"),
    ],
)
def test_a_broken_link_is_told_so(name, text, message):
    app = open_page("questions", **{name: text})
    assert not app.exception
    assert message in app.warning[0].value.replace("\\", "")
    assert name not in app.query_params


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_there_in_every_language(question: Question):
    for name in words.LANGUAGES:
        with words.speaking(name):
            for text in (question.asked, question.answer, question.shown, question.look):
                told = words._(text)
                assert name == "en" or told != text
                assert sorted(re.findall(r"\{[^}]*\}", told)) == sorted(
                    re.findall(r"\{[^}]*\}", text)
                )
