"""The kit that draws exercises: tries, hints, fresh numbers, and the progress over all of them."""

import re
from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.kit.exercises import exercises
from tests.app_pages import open_page

ALL = [exercise for group in exercises().values() for exercise in group]
CASES = range(4)
LAB = ("train", "thresholds", "imbalance", "sweep")


def lesson() -> None:
    """One exercise of each kind, whose answers the test knows."""
    from pages.ui.kit.attempts import draw_exercise
    from pages.ui.kit.exercise import Exercise, Mistake
    from pages.ui.kit.guess import draw_calibration
    from pages.ui.settings import Settings, hear
    from pages.ui.words import N_

    hear()
    settings = Settings("exercises")
    settings.begin()
    for exercise in (
        Exercise(
            key="number",
            title=N_("A number"),
            question="Twice {n}?",
            first={"n": 1},
            fresh=lambda rng: {"n": rng.randint(1, 9)},
            answer=lambda case: 2.0 * case["n"],
            feedback="It is {answer:g}, {figure:g} more",
            figures=lambda case: {"figure": case["n"]},
            hints=("one of {n}", "two"),
            mistakes=(Mistake(value=lambda case: case["n"], why="That is once"),),
            too_low="more than that",
            too_high="less than that",
            tolerance=0.1,
        ),
        Exercise(
            key="choice",
            title=N_("A choice"),
            question="Which?",
            first={"n": 1},
            fresh=lambda rng: {"n": rng.randint(1, 9)},
            answer=lambda case: "b",
            feedback="because",
            hints=("none",),
            options={"a": "first", "b": "second", "c": "third"},
            wrong={"a": "not a", "b": "not b", "c": "not c"},
        ),
    ):
        draw_exercise(exercise)
    draw_calibration()
    settings.end()


def press(app: AppTest, key: str) -> AppTest:
    next(button for button in app.button if button.key == key).click().run()
    assert not app.exception
    return app


def type_number(app: AppTest, value: float) -> AppTest:
    app.number_input[0].set_value(value).run()
    return press(app, "number.check")


def choose(app: AppTest, value: str) -> AppTest:
    app.radio[0].set_value(value).run()
    return press(app, "choice.check")


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button}


def test_exercises_are_many_and_told_apart_by_their_keys():
    keys = [exercise.key for exercise in ALL]
    assert len(set(keys)) == len(keys) >= 28
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", key) for key in keys)  # they stand in links
    assert all(len(exercises()[page]) >= 2 for page in LAB)


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.key)
def test_every_case_can_be_asked_answered_and_every_wrong_answer_has_words_of_its_own(exercise):
    cases = [exercise.case(number) for number in CASES]
    assert cases == [exercise.case(number) for number in CASES], "the same for every reader"
    asked = [exercise.said(exercise.question, case) for case in cases]
    assert all(before != after for before, after in pairwise(asked))
    for case in cases:
        answer = exercise.answer(case)
        assert exercise.is_right(answer, case)
        assert exercise.told(case)
        assert len([exercise.said(hint, case) for hint in exercise.hints]) >= 1
        if exercise.options:
            assert set(exercise.wrong) == set(exercise.options) - ({answer} - set(exercise.wrong))
            wrong = [exercise.told_wrong(name, case) for name in exercise.options if name != answer]
            assert len(set(wrong)) == len(wrong) >= 2
        else:
            assert all(exercise.told_wrong(answer + by, case) for by in (-1e6, 1e6))


@pytest.mark.parametrize(
    "exercise", [each for each in ALL if not each.options], ids=lambda exercise: exercise.key
)
def test_typical_mistakes_are_recognised_and_wrong_the_first_time(exercise):
    case = exercise.first
    for mistake in exercise.mistakes:
        value = float(mistake.value(case))
        if not exercise.is_right(value, case):
            found = {exercise.said(each.why, case) for each in exercise.mistakes}
            assert exercise.told_wrong(value, case) in found
    wrong = [m for m in exercise.mistakes if not exercise.is_right(float(m.value(case)), case)]
    assert len(wrong) >= 1


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.key)
def test_nothing_tells_the_answer_before_it_was_given(exercise):
    """The answer as a number stands in no title, hint or reply; nor is an option called right."""
    if exercise.options:
        return
    case = exercise.first
    answer = exercise.answer(case)
    texts = [exercise.title, *exercise.hints, exercise.too_low, exercise.too_high]
    texts += [mistake.why for mistake in exercise.mistakes]
    asked = set(re.findall(r"\d+\.?\d*", exercise.said(exercise.question, case)))
    for text in texts:
        for number in set(re.findall(r"\d+\.?\d*", exercise.said(text, case))) - asked - {"0", "1"}:
            assert not exercise.is_right(float(number), case), (text, answer)


def test_what_is_chosen_or_typed_counts_when_it_is_committed_and_solved_stands_in_the_link():
    app = AppTest.from_function(lesson).run()
    app.number_input[0].set_value(3.0).run()
    app.radio[0].set_value("a").run()
    app.radio[0].set_value("b").run()
    assert not [*app.warning, *app.success]
    assert not {"solved", "seen"} & set(app.query_params)
    type_number(app, 2.05)
    assert "**Right.** It is 2, 1 more" in app.success[0].value
    press(app, "choice.check")
    assert "**Right.** because" in app.success[1].value
    assert app.query_params["solved"] in ("choice.number", ["choice.number"])
    assert "number.check" not in keys(app)


def test_an_empty_check_says_so_and_is_no_try():
    app = AppTest.from_function(lesson).run()
    press(app, "choice.check")
    assert "Choose or type an answer first." in [text.value for text in app.caption]
    assert not app.warning
    choose(app, "a")
    choose(app, "b")
    assert app.success


def test_the_answer_is_told_after_the_second_wrong_try_and_counts_as_seen():
    app = AppTest.from_function(lesson).run()
    type_number(app, 1.0)
    assert [text.value for text in app.warning] == ["**Not quite.** That is once"]
    press(app, "number.check")  # the same once more is no other try
    assert not app.info
    type_number(app, 9.0)
    assert [text.value for text in app.warning] == ["**Not quite.** less than that"]
    assert [text.value for text in app.info] == ["**The answer: 2.000.** It is 2, 1 more"]
    assert app.query_params["seen"] in ("number", ["number"])
    assert "solved" not in app.query_params
    assert app.number_input[0].disabled


def test_a_right_second_try_is_solved():
    app = choose(AppTest.from_function(lesson).run(), "c")
    assert [text.value for text in app.warning] == ["**Not quite.** not c"]
    choose(app, "b")
    assert not app.warning
    assert app.query_params["solved"] in ("choice", ["choice"])


def test_hints_open_one_after_the_other():
    app = AppTest.from_function(lesson).run()

    def told() -> list[str]:
        marked = (text.value for text in app.markdown if ":material/lightbulb:" in text.value)
        return [text.removeprefix(":material/lightbulb: ") for text in marked]

    assert told() == []
    press(app, "number.hint")
    assert told() == ["one of 1"]
    press(app, "number.hint")
    assert told() == ["one of 1", "two"]
    assert "number.hint" not in keys(app)


def test_fresh_numbers_ask_anew_and_what_is_solved_stays_solved():
    app = AppTest.from_function(lesson).run()
    assert "number.again" not in keys(app)
    type_number(app, 2.0)
    press(app, "number.again")
    asked = next(text.value for text in app.markdown if "Twice" in text.value)
    n = int(re.search(r"Twice (\d)", asked)[1])
    assert n != 1
    assert app.number_input[0].value is None
    assert not app.success
    type_number(app, 0.0)
    type_number(app, 100.0)
    assert f"It is {2 * n}" in app.info[0].value
    assert app.query_params["solved"] in ("number", ["number"])
    assert "seen" not in app.query_params


def test_a_link_carries_progress_and_no_answer():
    app = AppTest.from_function(lesson)
    app.query_params["solved"], app.query_params["seen"] = "number", "choice"
    app.run()
    assert [text.value for text in app.caption] == ["Answered before."] * 2
    titles = [text.value for text in app.markdown if text.value.startswith("**A ")]
    assert ["check_circle" in text for text in titles] == [True, False]
    assert ["visibility" in text for text in titles] == [False, True]
    assert not [*app.success, *app.info]
    assert {"number.again", "choice.again"} <= keys(app)
    assert set(app.query_params) == {"solved", "seen"}


def test_progress_counts_what_a_link_says_and_only_what_exists():
    solved = [ALL[0].key, ALL[1].key]
    app = open_page("pitfalls", solved=".".join([*solved, "no-such-exercise"]), seen=ALL[2].key)
    told = f"2 of {len(ALL)} exercises solved, 1 seen"
    assert any(told in (bar.proto.text or "") for bar in app.get("progress"))
    assert set(solved) <= app.session_state["carried.solved"]
    app.switch_page("../metrics.py").run()
    assert set(solved) <= set("".join(app.query_params["solved"]).split("."))


@pytest.mark.parametrize("how", ["solved", "seen"])
@pytest.mark.parametrize("page", ["probabilities", "information", "losses"])
def test_what_waits_for_an_answer_shows_where_the_link_says_it_was_given(page, how):
    def waits(app: AppTest) -> bool:
        told = "\n".join(text.value for text in (*app.markdown, *app.caption))
        return "Answer the question at" in told or "Answer the question above" in told

    assert waits(open_page(page))
    assert not waits(open_page(page, **{how: exercises()[page][0].key}))
