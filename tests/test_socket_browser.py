"""Live components whose connection breaks: they say so, try again, and show what they missed."""

import re

import pytest

from tests.conftest import Server, settle, wait_until
from tests.test_browser import press, progress, updates, wait_for_state

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
LOST = "The connection is lost. Trying again …"
ASKING = {  # what is moved in each component that asks, and what grows when it is answered
    "losses": (".loss-lab", "γ", "answers"),
    "information": (".drag-bars", re.compile("^p of"), "updates"),
    "probabilities": (".board", re.compile("^Logit of"), "drawn"),
    "playground": (".stage", "Positive weight", "runs"),
}


class Line:
    """The way from a page to the live routes of its server, which can be cut."""

    def __init__(self, page) -> None:
        self.is_cut, self.is_mute, self.opened, self.sockets, self.sent = False, False, 0, [], 0
        page.route_web_socket(re.compile("/live/"), self._connect)
        page.reload()
        settle(page)

    def _connect(self, socket) -> None:
        self.opened += 1
        if self.is_cut:
            socket.close(code=1011)
            return
        self.sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda message: self.is_cut or self.is_mute or socket.send(message))
        socket.on_message(lambda message: self._send(server, message))

    def _send(self, server, message: str) -> None:
        self.sent += 1
        server.send(message)

    def cut(self, code: int = 1011) -> None:
        self.is_cut = True
        for socket in self.sockets:
            socket.close(code=code)
        self.sockets.clear()

    def mend(self) -> None:
        self.is_cut = False


def notes(page):
    return page.locator(".connection", has_text=LOST)


def grown(component, figure: str) -> int:
    return int(component.get_attribute(f"data-{figure}") or 0)


@pytest.mark.parametrize("link", ASKING)
def test_what_asks_says_that_it_is_lost_and_asks_again(visit, link):
    page = visit(link)
    line = Line(page)
    name, moved, figure = ASKING[link]
    component = page.locator(name).first
    component.scroll_into_view_if_needed()
    slider = page.get_by_role("slider", name=moved).first
    slider.press("ArrowRight")
    wait_until(lambda: grown(component, figure), "a first answer")
    settle(page)
    line.cut()
    notes(page).first.wait_for()
    known = grown(component, figure)
    slider.press("ArrowRight")
    while line.opened < 4:  # it tries again; the page's calls are what lets the line work
        page.wait_for_timeout(50)
    assert grown(component, figure) <= known + 1, "only the script could tell"
    line.mend()
    notes(page).first.wait_for(state="hidden")
    known = grown(component, figure)
    slider.press("ArrowRight")
    wait_until(lambda: grown(component, figure) > known, "an answer")


def test_the_newest_is_asked_before_the_last_is_answered_but_not_without_end(visit):
    page = visit("losses")
    line = Line(page)
    component = page.locator(".loss-lab[data-answers]")
    component.wait_for()
    settle(page)
    slider = page.get_by_role("slider", name="γ").first
    line.is_mute, line.sent = True, 0
    for _ in range(6):
        slider.press("ArrowRight")
    wait_until(lambda: line.sent == 3, "three questions on their way")
    page.wait_for_timeout(300)
    assert line.sent == 3
    known = grown(component, "answers")
    line.is_mute = False
    line.cut()
    line.mend()
    wait_until(lambda: grown(component, "answers") > known, "the newest to be asked again")


def test_a_race_whose_connection_breaks_is_drawn_to_its_end(visit):
    # So long that it still runs when the page listens.
    page = visit("train?data=digits&digits.rows=3000&model=linear&epochs=200")
    line = Line(page)
    press(page, "Run")
    wait_until(lambda: updates(page) > 2, "figures")
    line.cut()
    notes(page).wait_for()
    known = progress(page)
    page.wait_for_timeout(500)
    assert progress(page) == known
    line.mend()
    notes(page).wait_for(state="hidden")
    wait_for_state(page, "Finished")


def test_it_never_stops_trying(visit):
    page = visit("losses", apart=True)  # a clock is that of all its window
    page.clock.install()
    line = Line(page)
    page.locator(".loss-lab[data-answers]").wait_for()
    line.cut()
    notes(page).wait_for()
    while line.opened < 30:
        page.clock.run_for(7_000)
    line.mend()
    page.clock.run_for(7_000)
    notes(page).wait_for(state="hidden")


def test_who_was_sent_to_sleep_says_nothing_and_asks_when_needed(visit):
    page = visit("losses")
    line = Line(page)
    component = page.locator(".loss-lab[data-answers]")
    component.wait_for()
    line.cut(code=4408)
    line.mend()
    page.locator(".loss-lab[data-connected=false]").wait_for()
    assert page.locator(".connection").inner_text() == ""
    known, opened = grown(component, "answers"), line.opened
    page.get_by_role("slider", name="γ").first.press("ArrowRight")
    wait_until(lambda: grown(component, "answers") > known, "an answer")
    assert line.opened == opened + 1


def test_who_hears_nothing_asks_again(visit):
    page = visit("losses", apart=True)  # a clock is that of all its window
    page.clock.install()
    line = Line(page)
    component = page.locator(".loss-lab[data-answers]")
    component.wait_for()
    line.is_cut = True  # without a word, as when a laptop wakes in another network
    page.get_by_role("slider", name="γ").first.press("ArrowRight")
    settle(page)
    page.clock.run_for(61_000)
    notes(page).wait_for()
    line.mend()
    known = grown(component, "answers")
    page.clock.run_for(7_000)
    wait_until(lambda: grown(component, "answers") > known, "an answer")


def test_a_server_that_starts_anew_is_found_again(browser):
    own = Server()
    try:
        page = browser.new_page(locale="zh-CN")
        page.goto(f"{own.url}/losses")
        page.locator(".loss-lab[data-answers]").wait_for()
        own.end()
        page.locator(".connection", has_text="连接已断开").wait_for()
        own.start()
        page.locator(".connection", has_text="连接已断开").wait_for(state="hidden")
        settle(page)
        component = page.locator(".loss-lab")
        known = grown(component, "answers")
        page.get_by_role("slider", name="γ").first.press("ArrowRight")
        wait_until(lambda: grown(component, "answers") > known, "an answer")
        page.close()
    finally:
        own.stop()
