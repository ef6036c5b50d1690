"""The kit that draws exercises, and the progress over all of them."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.kit.exercises import exercises
from tests.test_pages import open_page

ALL = [exercise for group in exercises().values() for exercise in group]


def test_exercises_are_many_and_told_apart_by_their_keys():
    keys = [exercise.key for exercise in ALL]
    assert len(keys) >= 10
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys)  # they stand in links
    for exercise in ALL:
        assert len(exercise.hints) >= 1, exercise.key


def lesson() -> None:
    """One exercise of each kind, whose answers the test knows."""
    from pages.ui.kit.exercises import Exercise, draw_exercise
    from pages.ui.settings import Settings
    from pages.ui.words import N_

    settings = Settings("exercises")
    settings.begin()
    for exercise in (
        Exercise(
            key="number",
            title=N_("A number"),
            question="How many?",
            answer=lambda: 2.0,
            feedback="{guess:g} against {answer:g}",
            figures=lambda guess: {"guess": guess},
            hints=("one", "two"),
            tolerance=0.1,
        ),
        Exercise(
            key="choice",
            title=N_("A choice"),
            question="Which?",
            answer=lambda: "b",
            feedback="{guess} against {answer}",
            figures=lambda guess: {"guess": guess},
            hints=("none",),
            options={"a": "first", "b": "second"},
        ),
    ):
        draw_exercise(exercise)
    settings.end()


def press(app: AppTest, key: str) -> AppTest:
    return next(button for button in app.button if button.key == key).click().run()


def test_a_guess_is_judged_only_when_it_is_committed_and_solved_stays_in_the_link():
    app = AppTest.from_function(lesson).run()
    assert not app.success
    assert not app.warning
    app.number_input[0].set_value(3.0).run()
    assert not app.warning  # typed, not yet checked
    press(app, "number.check")
    assert "3 against 2" in app.warning[0].value
    assert "solved" not in app.query_params
    app.number_input[0].set_value(2.05).run()
    press(app, "number.check")
    assert "2.05 against 2" in app.success[0].value
    app.radio[0].set_value("b").run()
    assert "b against b" in app.success[1].value
    assert app.query_params["solved"] == "choice.number"


def test_each_hint_opens_by_itself():
    app = AppTest.from_function(lesson).run()
    folded = app.get("popover")
    hints = [(block.proto.popover.label, block.markdown[0].value) for block in folded]
    assert hints == [("Hint 1", "one"), ("Hint 2", "two"), ("Hint 1", "none")]


def test_progress_counts_what_a_link_says_is_solved_and_only_what_exists():
    solved = [ALL[0].key, ALL[1].key]
    app = open_page("pitfalls", solved=".".join([*solved, "no-such-exercise"]))
    told = f"2 of {len(ALL)} exercises solved"
    assert any(told in (bar.proto.text or "") for bar in app.get("progress"))
    assert set(solved) <= app.session_state["settings"].solved
    app.switch_page("../metrics.py").run()
    assert set(solved) <= set(app.query_params["solved"].split("."))


@pytest.mark.parametrize("page", ["probabilities", "information", "losses"])
def test_what_waits_for_an_answer_shows_where_the_link_says_it_is_solved(page):
    def waits(app: AppTest) -> bool:
        told = "\n".join(text.value for text in (*app.markdown, *app.caption))
        return "Answer the question at" in told or "Answer the question above" in told

    assert waits(open_page(page))
    assert not waits(open_page(page, solved=exercises()[page][0].key))
