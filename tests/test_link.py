"""Settings survive what can happen between two runs of a page."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import link


def settings() -> None:
    """A choice whose words depend on the language, and buttons."""
    import streamlit as st

    from pages.ui import link
    from pages.ui.words import language

    def switch() -> None:
        link.switch_language("zh")
        st.session_state["pick"] = "a"  # what Streamlit makes of a word of the other language

    link.begin()
    link.widget(
        st.selectbox,
        "pick",
        "a",
        str,
        label="Pick",
        options=["a", "b", "c"],
        format_func=lambda option: f"{option} in {language()}",
    )
    st.button("switch", on_click=switch)
    st.button("preset", on_click=link.set_all, args=({"other": "x"},))
    link.end()


@pytest.mark.parametrize(("settling", "expected"), [(60.0, "c"), (0.0, "a")])
def test_a_choice_survives_a_browser_that_is_late_to_learn_the_language(
    monkeypatch, settling, expected
):
    monkeypatch.setattr(link, "SETTLING", settling)
    app = AppTest.from_function(settings).run()
    app.selectbox[0].set_value("c").run()
    app.button[0].click().run()
    assert app.session_state["pick"] == expected
    assert app.query_params["lang"] == "zh"


def test_a_preset_gives_all_others_their_defaults():
    app = AppTest.from_function(settings).run()
    app.selectbox[0].set_value("b").run()
    app.button[1].click().run()
    assert app.session_state["pick"] == "a"
    assert app.session_state["other"] == "x"
    assert "pick" not in app.query_params
