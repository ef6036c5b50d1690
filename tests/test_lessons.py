"""Lessons: their files are checked, their links set pages up, and their bar leads through them."""

from html import escape

import numpy as np
import pytest

from pages.ui.lesson.reading import (
    FOLDER,
    OWN_FOLDER,
    LessonError,
    Step,
    in_language,
    read_lesson,
    read_lessons,
)
from pages.ui.lesson.shelf import sheet_of
from pages.ui.words import LANGUAGES
from tests.app_pages import button, name_of, open_page

SHIPPED, _problems = read_lessons()
STEPS = {
    f"{key}-{place}": step
    for key, lesson in SHIPPED.items()
    for place, step in enumerate(lesson.steps, start=1)
}
STEP = """
  - link: /losses?losses=bce
    minutes: 3
    sentence: Look.
    question: {en: Who pulls, zh: 谁在拉？}
    talk: They do.
"""
GOOD = f"title: Own\nsteps:{STEP}{STEP}"


def link_of(app) -> dict[str, str]:
    return {name: str(np.ravel(text)[0]) for name, text in dict(app.query_params).items()}


@pytest.fixture
def write(tmp_path):
    def made(text: str, name: str = "own.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return made


def test_two_lessons_ship_of_20_and_45_minutes_in_all_languages():
    assert sorted(lesson.minutes for lesson in SHIPPED.values()) == [20, 45]
    for lesson in SHIPPED.values():
        assert set(lesson.title) == set(LANGUAGES)
    for name, step in STEPS.items():
        for text in (step.sentence, step.question, step.talk):
            assert set(text) == set(LANGUAGES), name


@pytest.mark.parametrize("name", STEPS)
def test_the_link_of_a_step_sets_its_page_up(name):
    step: Step = STEPS[name]
    app = open_page(step.page, **step.query)
    assert not app.exception
    assert not [each.value for each in app.warning if "do not exist" in each.value]


def test_a_lesson_is_what_its_file_says(write):
    lesson = read_lesson(write(GOOD))
    assert (lesson.key, lesson.minutes, len(lesson.steps)) == ("own", 6, 2)
    step = lesson.steps[0]
    assert (step.page, step.query) == ("losses", {"losses": "bce"})
    assert in_language(step.sentence, "zh") == "Look."
    assert in_language(step.question, "zh") == "谁在拉？"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: Own", "titel: Own", "line 1: a lesson has title, steps, but no 'titel'"),
        ("title: Own\n", "", "line 1: a lesson must have title"),
        ("title: Own", "title: []", "line 1: title must be a text"),
        ("minutes: 3", "minutes: soon", "line 4: minutes must be a number above 0, got 'soon'"),
        ("minutes: 3", "minutes: 0", "line 4: minutes must be a number above 0, got '0'"),
        ("link: /losses", "link: /loses", "line 3: link must begin with one of playground,"),
        ("link: /losses", "link: //x.org/losses", "line 3: link must begin with one of"),
        ("    talk: They do.\n", "", "line 3: a step must have talk"),
        ("sentence: Look.", "sentence: ''", "line 5: sentence must be a text"),
        ("{en: Who", "{fr: Qui, en: Who", "line 6: question must be in languages of en, zh; got"),
        ("question: {", "question: {{", "line 7:"),
        ("steps:", "steps: none\nother:", "line 3: a lesson has title, steps, but no 'other'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(write, old, new, told):
    with pytest.raises(LessonError) as error:
        read_lesson(write(GOOD.replace(old, new, 1)))
    assert f"{error.value}".startswith("own.yaml, line")
    assert told in f"{error.value}"


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "steps: []\ntitle: a\n", "\x00"])
def test_a_file_that_is_no_lesson_at_all_is_refused(write, text):
    with pytest.raises(LessonError, match=r"own\.yaml"):
        read_lesson(write(text))


def test_an_own_folder_adds_lessons_and_what_is_wrong_in_it_leaves_the_others(
    write, monkeypatch, tmp_path
):
    write(GOOD)
    write("title: Broken", "broken.yaml")
    monkeypatch.setenv(OWN_FOLDER, str(tmp_path))
    lessons, problems = read_lessons()
    assert set(lessons) == {*SHIPPED, "own"}
    assert problems == ["broken.yaml, line 1: a lesson must have steps"]
    app = open_page("playground")
    assert any("broken.yaml, line 1" in each.value for each in app.warning)
    monkeypatch.setenv(OWN_FOLDER, str(tmp_path / "none"))
    assert "LAB_LESSONS must be a folder" in read_lessons()[1][0]


def test_a_lesson_is_begun_led_through_and_ended():
    app = open_page("playground")
    button(app, "begin_nothing").click().run()
    first, second, third, *_rest = SHIPPED["nothing"].steps
    assert link_of(app)["lesson"] == "nothing"
    assert any(first.sentence["en"] in each.value for each in app.markdown)
    assert app.session_state["playground.scene"] == "tags"
    button(app, "lesson_next").click().run()
    assert any(second.question["en"] in each.value for each in app.markdown)
    button(app, "lesson_next").click().run()
    assert app.title[0].value == "What does a loss pull at?"
    assert any("**3 of 8**" in each.value for each in app.markdown)
    assert any(third.question["en"] in each.value for each in app.markdown)
    app = open_page("losses", losses="bce", lesson="nothing", at="3")
    button(app, "lesson_back").click().run()
    assert any("**2 of 8**" in each.value for each in app.markdown)
    app = open_page("losses", losses="bce", lesson="nothing", at="3")
    button(app, "lesson_end").click().run()
    assert "lesson" not in dict(app.query_params)
    assert not any("of 8**" in each.value for each in app.markdown)


def test_what_was_changed_in_a_step_is_set_up_again():
    app = open_page("losses", losses="bce", lesson="nothing", at="3")
    app.multiselect(key="losses.losses").set_value(["focal"]).run()
    assert link_of(app)["losses"] == "focal"
    button(app, "lesson_again").click().run()
    assert link_of(app)["losses"] == "bce"
    assert name_of(app, "losses.losses") == "losses"


@pytest.mark.parametrize(("at", "shown"), [("99", 8), ("0", 1), ("x", 1), ("-3", 1), ("9" * 30, 1)])
def test_a_step_that_there_is_not_is_the_nearest(at, shown):
    app = open_page("metrics", lesson="nothing", at=at, zero_division="1")
    assert any(f"**{shown} of 8**" in each.value for each in app.markdown)


def test_a_link_to_no_more_than_a_step_opens_it():
    app = open_page("playground", lesson="nothing", at="3")
    assert app.title[0].value == "What does a loss pull at?"
    assert link_of(app)["losses"] == "bce"


def test_a_lesson_that_there_is_not_is_said():
    app = open_page("metrics", lesson="<b>")
    assert any("a lesson that does not exist" in each.value for each in app.warning)
    assert "lesson" not in dict(app.query_params)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", SHIPPED)
def test_the_sheet_has_all_that_a_teacher_says(key, language):
    lesson = SHIPPED[key]
    sheet = sheet_of(lesson, language)
    for step in lesson.steps:
        for text in (step.sentence, step.question, step.talk):
            shown = escape(text[language])
            assert shown in sheet
    assert f"&amp;lang={language}" in sheet
    assert ("Minutes" in sheet) == (language == "en")


def test_a_sheet_shows_markup_as_it_is(write):
    lesson = read_lesson(write(GOOD.replace("They do.", "<script>alert(1)</script>")))
    assert "<script>" not in sheet_of(lesson, "en")


def test_the_files_stand_where_the_readme_of_the_data_says():
    readme = (FOLDER.parents[0] / "README.md").read_text(encoding="utf-8")
    for key in SHIPPED:
        assert f"lessons/{key}.yaml" in readme
