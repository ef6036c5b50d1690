"""Settings survive what can happen between two runs of a page."""

import copy
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.kit.controls import Choice
from tests.conftest import PATIENCE, settle


def settings() -> None:
    """Choices whose words depend on the language, and buttons."""
    import streamlit as st

    from pages.ui import settings
    from pages.ui.kit.controls import Choice, Several
    from pages.ui.words import language

    def title(option: str) -> str:
        return f"{option} in {language()}"

    def late() -> None:
        """Switch, and hear from a browser that still speaks the language before."""
        settings.switch_language("zh")
        page["pick"] = "c in en"
        page["picks"] = ["b in en", "c in zh", "a"]

    page = settings.Settings(
        "test",
        Choice("pick", "abc", title="Pick", titles=title),
        Several("picks", "abc", title="Picks", titles=title, default=("a",)),
        Choice("other", "xyz", title="Not drawn"),
    )
    settings.hear()
    page.begin()
    page.draw("pick")
    page.draw("picks")
    st.button("switch", on_click=late)
    st.button("preset", on_click=page.reset, args=({"other": "y"},))
    page.end()
    if st.button("again"):
        settings.rerun()


@pytest.mark.parametrize("default", ["b", None])
def test_a_choice_of_which_nothing_is_chosen_is_at_its_default(default):
    choice = Choice("pick", "abc", title="Pick", default=default)
    assert choice.fit(None) == default
    assert choice.fit("d") == default
    assert choice.fit("c") == "c"


def hiding() -> None:
    """Two settings, of which a link may hide one or both."""
    from mlcore.checks import Parameter
    from pages.ui import settings
    from pages.ui.kit.controls import settings_of

    numbers = [
        Parameter(name=name, title=name, default=1.0, help="A number.", range=(0.0, 5.0))
        for name in ("one", "two")
    ]
    page = settings.Settings("test", settings_of("a.", numbers))
    settings.hear()
    page.begin()
    page.draw_parameters("a.", numbers)
    page.end()


@pytest.mark.parametrize(
    ("hide", "drawn"), [("a.one", ["test.a.two"]), ("a.", []), ("a.one,a.two", []), ("", 2)]
)
def test_a_link_hides_controls_which_keep_the_values_that_it_gives_them(hide, drawn):
    app = AppTest.from_function(hiding)
    app.query_params.update({"a.one": "3.0", "hide": hide})
    app.run()
    keys = [slider.key for slider in (*app.slider, *app.number_input)]
    assert keys == drawn if isinstance(drawn, list) else len(keys) == drawn
    link = {name: str(np.ravel(text)[0]) for name, text in dict(app.query_params).items()}
    assert link == {"a.one": "3.0"} | ({"hide": hide} if hide else {})
    assert not app.warning


def test_a_link_that_hides_what_there_is_not_says_so():
    app = AppTest.from_function(hiding)
    app.query_params.update({"hide": "a.one,b,c."})
    app.run()
    assert "hide=b" in app.warning[0].value
    assert "hide=c." in app.warning[0].value
    assert "hide must name settings of this page" in app.warning[0].value


def test_a_choice_is_understood_in_the_words_of_the_language_before():
    app = AppTest.from_function(settings).run()
    app.button[0].click().run()
    assert app.query_params["lang"] == "zh"
    assert app.selectbox[0].value == app.session_state["test.pick"] == "c"
    assert app.multiselect[0].value == ["b", "c", "a"]


@pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_browser_that_has_not_drawn_the_new_language_yet_is_understood(browser, server):
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="zh-CN")
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    held = None  # what the server says, while the browser does not hear it

    def pass_on(client) -> None:
        def hear(message) -> None:
            if held is None:
                client.send(message)
            else:
                held.append((client, message))

        client.connect_to_server().on_message(hear)

    page.route_web_socket("**/_stcore/stream*", pass_on)
    page.goto(f"{server.url}/train?data=synthetic&C.loss=softmax&contenders=3")
    settle(page)
    before = parse_qs(urlsplit(page.url).query)
    page.get_by_text("步数轴取对数").click()
    page.wait_for_function("location.search.includes('log=')")
    settle(page)
    held = []
    page.get_by_role("button", name="English").press("Enter")
    wait_until_said(page, held)
    page.get_by_text("步数轴取对数").click()
    wait_until_said(page, held)
    for client, message in held:
        client.send(message)
    held = None
    page.wait_for_function("document.title === 'Train · Multi-Label Loss Lab'")
    page.wait_for_function("!location.search.includes('log=')")
    settle(page)
    now = parse_qs(urlsplit(page.url).query)
    assert now == before | {"lang": ["en"]}
    losses = page.get_by_role("combobox", name="Loss")
    assert losses.nth(2).input_value() == "Softmax cross entropy"
    context.close()


def wait_until_said(page, held: list) -> None:
    """Until the server has begun to say something new, and is quiet."""
    start = len(held)
    while len(held) == start:
        page.wait_for_timeout(100)
    before = start
    while len(held) > before:
        before = len(held)
        page.wait_for_timeout(1000)


@pytest.mark.parametrize("again", [False, True])
def test_an_old_link_undoes_nothing_and_a_new_one_is_read(again):
    app = AppTest.from_function(settings)
    app.query_params["pick"] = "b"
    app.run().selectbox[0].set_value("c")
    if again:
        app.button[2].click()
    app.run()
    assert app.query_params["pick"] == "c"
    app.query_params["pick"] = "b"  # a browser that asks again before it has heard
    app.multiselect[0].set_value(["b"]).run()
    assert app.query_params["pick"] == "c"
    assert (app.session_state["test.pick"], app.session_state["test.picks"]) == ("c", ["b"])
    app.run()  # now it has
    app.query_params["pick"] = "b"
    app.run()
    assert app.session_state["test.pick"] == "b"


def following() -> None:
    """Two boxes that a click sets too; one of them follows it."""
    import streamlit as st

    from pages.ui.kit.controls import Choice, following
    from pages.ui.settings import Settings

    def pick() -> None:
        page["plain"] = page["follows"] = "b"

    page = Settings("test", Choice("plain", "abc"), Choice("follows", "abc", widget=following))
    page.begin()
    page.draw("plain")
    page.draw("follows")
    st.button("pick", on_click=pick)
    page.end()


def test_what_was_picked_outlives_a_browser_that_has_not_heard_of_it():
    app = AppTest.from_function(following).run()
    late = copy.copy(app)  # what the browser knew before the click
    for box in late.selectbox:
        box.set_value("a")
    app.button[0].click().run()
    assert [box.value for box in app.selectbox] == ["b", "b"]
    late.button[0].set_value(False).run()
    assert [box.value for box in app.selectbox] == ["a", "b"], "the plain box is why it follows"
    assert app.query_params["follows"] == "b"
    app.selectbox[1].set_value("c").run()
    assert app.session_state["test.follows"] == app.selectbox[1].value == "c"
    app.button[0].click().run()
    assert app.selectbox[1].value == "b"


@pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_back_brings_a_setting_back_to_its_default(visit):
    from playwright.sync_api import expect

    page = visit("sweep")
    figure, shown = (page.get_by_role("combobox", name=name) for name in ("Figure", "Cells show"))

    def says(*expected: str) -> None:
        for box, value in zip((figure, shown), expected[1:], strict=True):
            expect(box).to_have_value(value, timeout=PATIENCE * 1000)
        settle(page)
        assert urlsplit(page.url).query == expected[0]

    for box, option, words in (
        (figure, "Micro F1", "micro_f1"),
        (shown, "Spread over seeds", "spread"),
    ):
        box.scroll_into_view_if_needed()
        box.click()
        page.get_by_role("option", name=option, exact=True).click()
        page.wait_for_function("words => location.search.includes(words)", arg=words)
        settle(page)
    both = "s.figure=micro_f1&s.show=spread", "Micro F1", "Spread over seeds"
    one = "s.figure=micro_f1", "Micro F1", "Mean over seeds"
    says(*both)
    page.go_back()
    says(*one)
    page.go_back()
    says("", "Macro F1", "Mean over seeds")
    page.go_forward()
    says(*one)
    page.go_forward()
    says(*both)


def test_a_preset_gives_all_others_their_defaults():
    app = AppTest.from_function(settings).run()
    app.selectbox[0].set_value("b").run()
    app.button[1].click().run()
    assert app.session_state["test.pick"] == "a"
    assert app.session_state["test.other"] == "y"
    assert "pick" not in app.query_params
