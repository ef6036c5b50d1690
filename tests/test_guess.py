"""Committed guesses with a confidence, and the reader's own calibration."""

import pyarrow as pa
from streamlit.testing.v1 import AppTest

from tests.app_pages import open_page
from tests.test_exercises import choose, lesson, press, type_number


def race() -> None:
    """A question whose answer is known later."""
    import streamlit as st

    from pages.ui.kit.guess import draw_guess, forget_guess, settle_guess

    guess = draw_guess("who", "Who is ahead?", {"A": "BCE", "B": "focal"})
    st.text(f"committed {guess.value if guess else 'no'}")
    if st.toggle("known"):
        st.text(f"right {settle_guess('who', 'B')}")
    st.button("anew", key="anew", on_click=forget_guess, args=("who",))


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def logged(app: AppTest) -> dict:
    return app.session_state["guesses"] if "guesses" in app.session_state else {}  # noqa: SIM401


def test_a_guess_is_committed_by_a_button_and_settled_when_the_answer_is_known():
    app = AppTest.from_function(race).run()
    app.radio[0].set_value("B").run()
    app.button_group[0].set_value("sure").run()
    assert texts(app) == ["committed no"]
    press(app, "guess.who.commit")
    assert texts(app) == ["committed B"]
    assert "You said: **focal**" in [text.value for text in app.markdown]
    assert not app.radio
    assert logged(app) == {}, "nobody knows yet"
    app.toggle[0].set_value(True).run()
    assert texts(app) == ["committed B", "right True"]
    assert logged(app) == {"who": ("sure", True)}
    app.toggle[0].set_value(False).run()
    press(app, "anew")
    assert texts(app) == ["committed no"]


def test_a_skipped_guess_is_neither_right_nor_wrong():
    app = AppTest.from_function(race).run()
    press(app, "guess.who.commit")
    assert texts(app) == ["committed no"], "nothing was chosen"
    press(app, "guess.who.skip")
    app.toggle[0].set_value(True).run()
    assert texts(app) == ["committed None", "right None"]
    assert logged(app) == {}


def test_only_first_tries_with_a_confidence_are_logged():
    app = AppTest.from_function(lesson).run()
    type_number(app, 2.0)
    assert logged(app) == {}
    confidence = next(each for each in app.button_group if each.key == "choice.0.confidence")
    confidence.set_value("fairly").run()
    choose(app, "a")
    choose(app, "b")
    assert logged(app) == {"choice.0": ("fairly", False)}
    assert "1 of 10 answers until your own calibration is drawn." in [
        text.value for text in app.caption
    ]


def test_the_calibration_is_drawn_from_ten_answers():
    app = open_page("playground")
    assert "Your own calibration" not in [text.value for text in app.subheader]
    answers = [("sure", n < 6) for n in range(8)] + [("guess", n < 1) for n in range(2)]
    app.session_state["guesses"] = {str(n): answer for n, answer in enumerate(answers)}
    app.run()
    assert not app.exception
    told = "When you were **sure**, 6 of 8 answers were right."
    assert told in [text.value for text in app.markdown]
    (chart,) = app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")
    table = pa.ipc.open_stream(chart.proto.datasets[0].data.data).read_all().to_pydict()
    assert table["answers"] == ["sure: 6 of 8", "a guess: 1 of 2"]
    assert table["share"] == [0.75, 0.5]
