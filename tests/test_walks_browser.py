"""Walks through the lab in a browser: from page to page, back and forward, after a race."""

import re
from functools import partial
from typing import NamedTuple

import pytest

from pages.ui.frame import PAGES
from tests.conftest import settle, wait_until
from tests.test_browser import press, run_id, wait_for_state
from tests.thresholds_browser import choose_option

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
MENU = [(section, name) for section, pages in PAGES.items() for name, *_rest in pages]
ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"


class Stop(NamedTuple):
    """Where a walk is: how many entries the history has, and what is shown."""

    entries: int
    settings: str  # the path and the link, without the language
    title: str
    control: str


def control(page):
    """A control of the page: its first slider, or else an option that is not chosen at first."""
    sliders, radios = page.get_by_role("slider"), page.get_by_role("radio")
    sliders.or_(radios).first.wait_for()
    return sliders.first if sliders.count() else radios.nth(1)


def stop(page) -> Stop:
    assert page.locator(ERRORS).count() == 0
    entries, link, title = page.evaluate(
        "[history.length, location.pathname + location.search, document.title]"
    )
    held = control(page).evaluate("node => node.ariaChecked ?? node.ariaValueNow ?? node.value")
    return Stop(entries, re.sub("[?&]lang=(en|zh)$", "", link), title, held)


def open_by_menu(page, section: str, name: str) -> Stop:
    """Click the page in the menu; it makes one entry of the history."""
    before = page.evaluate("history.length")
    if section:
        page.get_by_test_id("stTopNavSection").nth([*PAGES].index(section) - 1).click()
    page.locator(f"a[href$='/{name}']:visible").last.click()
    page.wait_for_function("name => location.pathname.endsWith(`/${name}`)", arg=name)
    settle(page)
    shown = stop(page)
    assert shown.entries == before + 1, f"{name} takes more than one Back"
    return shown


def choose(page, act) -> Stop:
    """Do what makes a new link; it makes one entry of the history."""
    entries, before = page.evaluate("[history.length, location.search]")
    act()
    page.wait_for_function("before => location.search !== before", arg=before)
    settle(page)
    shown = stop(page)
    assert shown.entries == entries + 1, f"{shown} takes more than one Back"
    return shown


def speak_chinese(page) -> None:
    press(page, "中文")
    page.wait_for_function("document.documentElement.lang === 'zh'")


def go(page, steps: int) -> None:
    """Go through the history, as Back and Forward do, and wait for the script to have run."""
    page.evaluate(
        """steps => new Promise(done => {
            const app = document.querySelector("[data-test-script-state]");
            const look = () => app.dataset.testScriptState === "running" && done();
            new MutationObserver(look).observe(app, { attributes: true });
            history.go(steps);
            setTimeout(done, 3000);  // a run that is over before it was drawn
        })""",
        steps,
    )
    settle(page)


def shows(page, shown: Stop) -> bool:
    return stop(page)[1:] == shown[1:]


def test_the_menu_from_end_to_end_and_back_and_forward_keeps_what_was_set(visit):
    page = visit("playground?seen=pitfalls-turn")  # which opens the slider of that page
    walk = [stop(page)]
    for section, name in MENU[1:]:
        fresh = open_by_menu(page, section, name)
        moved = control(page)
        is_option = moved.get_attribute("role") == "radio"
        act = moved.click if is_option else partial(moved.press, "ArrowRight")
        walk.append(choose(page, act))
        assert walk[-1].control != fresh.control
        if len(walk) == len(MENU) // 2:
            spoken = choose(page, partial(speak_chinese, page))
            assert (spoken.settings, spoken.control) == (walk[-1].settings, walk[-1].control)
            assert spoken.title != walk[-1].title
            walk.append(spoken)
            page.reload()
            settle(page)
            assert stop(page) == spoken
    for way in (walk[::-1], walk):
        here = way[0].entries
        for shown in way[1:]:
            go(page, shown.entries - here)
            here = shown.entries
            wait_until(partial(shows, page, shown), str(shown))


def test_one_back_undoes_one_choice_through_a_language_and_a_reload(visit):
    page = visit("playground")

    def shows(path: str, title: str, weight: str | None) -> None:
        """Wait for a page, with this positive weight of a contender if it has one."""
        name = re.compile("^(Positive weight: number|正例权重)")
        sliders = page.get_by_role("slider", name=name)
        weights = [weight] if weight else []
        page.wait_for_function("title => document.title.startsWith(title)", arg=title)
        wait_until(
            lambda: sliders.evaluate_all("all => all.map(each => each.ariaValueText)") == weights
        )
        settle(page)
        assert page.evaluate("location.pathname") == path

    open_train(page)
    choose(page, page.get_by_role("button", name="Weight 50").click)
    shows("/train", "Train", "50")
    choose(page, partial(speak_chinese, page))
    page.reload()
    shows("/train", "训练", "50")
    go(page, -1)
    shows("/train", "Train", "50")
    assert "lab-language=en" in page.evaluate("document.cookie"), "what new links open in"
    go(page, -1)
    shows("/train", "Train", None)
    go(page, -1)
    shows("/playground", "Playground", None)
    go(page, 3)
    shows("/train", "训练", "50")


def test_a_solved_exercise_stays_solved_without_a_back_of_its_own(visit):
    page = visit("playground")
    open_by_menu(page, "Learn", "probabilities")
    entries = page.evaluate("history.length")
    page.get_by_text("all three", exact=True).click()
    page.get_by_role("button", name="Check", exact=True).first.click()
    page.wait_for_function("location.search.includes('solved=prob-raise')")
    settle(page)
    assert page.evaluate("history.length") == entries
    go(page, -1)
    page.wait_for_function("location.pathname === '/playground'")


def open_train(page) -> None:
    page.get_by_test_id("stMain").get_by_role("link", name="Train", exact=True).click()
    page.wait_for_url("**/train")
    settle(page)


def test_a_race_is_followed_from_its_preset_to_its_labels_and_back(visit):
    page = visit("playground")
    open_train(page)
    choose(page, page.get_by_role("button", name="Weight 50").click)
    choose(page, partial(choose_option, page, "Data set", "Digit collages"))
    choose(page, partial(page.get_by_role("slider", name="Epochs").press, "Home"))
    runs = []
    for _ in range(2):
        choose(page, partial(press, page, "Run"))
        wait_for_state(page, "Finished")
        runs.append(run_id(page))
        weight = page.get_by_role("slider", name="Positive weight: number")
        choose(page, partial(weight.press, "ArrowRight"))
    first, newest = runs
    assert first != newest
    weighted = "BCE with pos_weight 70"
    open_by_menu(page, "Lab", "thresholds")
    page.get_by_role("radio", name=weighted).wait_for()
    assert run_id(page) == newest
    open_by_menu(page, "Lab", "imbalance")
    page.get_by_text(f"B {weighted} gains most over A Sigmoid BCE").wait_for()
    assert run_id(page) == newest
    for path, run in (
        ("/thresholds", newest),
        ("/train", newest),  # with the weight after it
        ("/train", newest),
        ("/train", first),  # with the weight after it
        ("/train", first),
        ("/train", None),
    ):
        go(page, -1)
        assert (page.evaluate("location.pathname"), run_id(page)) == (path, run)
    page.get_by_text("Nothing has run yet").wait_for()
    go(page, 1)
    wait_for_state(page, "Finished")
    assert run_id(page) == first


def test_in_a_narrow_window_the_menu_closes_behind_who_chose_a_page(visit):
    page = visit("playground", viewport={"width": 400, "height": 850})
    menu = page.get_by_test_id("stSidebar")
    for name in ("losses", "train", "train"):
        page.get_by_test_id("stExpandSidebarButton").click()
        menu.locator(f"a[href$='/{name}']").click()
        page.wait_for_url(f"**/{name}")
        page.wait_for_function(
            "document.querySelector('[data-testid=stSidebar]').dataset.collapsed === 'true'"
        )
        settle(page)


def test_a_sidebar_that_is_kept_empty_takes_no_room(visit):
    page = visit("train")
    left = page.get_by_test_id("stMain").evaluate("main => main.getBoundingClientRect().left")
    assert left > 200
    page.get_by_test_id("stSidebarUserContent").evaluate("content => content.replaceChildren()")
    page.wait_for_function(
        "document.querySelector('[data-testid=stMain]').getBoundingClientRect().left === 0"
    )
