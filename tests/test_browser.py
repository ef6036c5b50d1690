"""The lab in a real browser: what is live, what survives a reload, what others cannot see."""

import re
import urllib.request

import pytest

from tests.conftest import Server, settle, wait_until

LONG = "data=synthetic&synthetic.rows=20000&epochs=200&batch=16"  # minutes, if nobody stops it
SHORT = "data=digits&digits.rows=600&model=linear&epochs=3"

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def wait_for_state(page, state: str) -> None:
    page.get_by_text(f"{state} ·").wait_for()


def progress(page) -> str:
    return page.locator(".progress > div").first.inner_text()


def updates(page) -> int:
    return int(page.locator(".race").get_attribute("data-updates") or 0)


def drawn(page) -> int:
    return int(page.locator(".race").get_attribute("data-drawn") or 0)


def run_id(page) -> str | None:
    found = re.search(r"run=([\w-]+)", page.url)
    return found and found.group(1)


def wait_for_background(page, scheme: str) -> None:
    colour = "rgb(255, 255, 255)" if scheme == "light" else "rgb(16, 22, 29)"
    app = page.get_by_test_id("stApp").element_handle()
    page.wait_for_function(
        "([app, c]) => getComputedStyle(app).backgroundColor === c", arg=[app, colour]
    )


def test_first_request_to_a_fresh_server_shows_what_the_tenth_shows(browser):
    fresh = Server()
    try:
        shown = []
        for _ in range(3):
            page = browser.new_page()
            page.goto(f"{fresh.url}/train?epochs=7")
            settle(page)
            navigation = page.get_by_test_id("stTopNav").inner_text()
            epochs = page.get_by_role("slider", name="Epochs").input_value()
            shown.append((page.title(), page.locator("h1").inner_text(), navigation, epochs))
            page.close()
        assert shown[0] == shown[1] == shown[2]
        assert shown[0][0] == "Train · Multi-Label Loss Lab"
        assert "Playground" in shown[0][2]
        assert shown[0][3] == "7"
    finally:
        fresh.stop()


def test_a_link_to_where_the_lab_once_began_opens_the_playground(visit):
    page = visit("start?run=gone")
    page.locator(".stage[data-draws]").wait_for()
    assert page.title() == "Playground · Multi-Label Loss Lab"
    assert page.get_by_role("dialog").count() == 0, "Streamlit would say that there is no such page"


def test_race_is_live_and_obeys_its_buttons(visit):
    page = visit(f"train?{LONG}&synthetic.rows=4000")  # a step is an epoch
    press(page, "Run")
    wait_for_state(page, "Training")
    before = updates(page)
    wait_until(lambda: updates(page) > before, "curves to move")
    assert page.locator(".charts canvas").count() == 10
    assert page.locator(".card").count() == 2
    wait_until(lambda: "rows per second" in progress(page))
    wait_until(lambda: " left" in progress(page))

    press(page, "Pause")
    wait_for_state(page, "Paused")
    paused_at = progress(page)
    page.wait_for_timeout(700)
    assert progress(page) == paused_at
    epoch = int(float(re.search(r"epoch ([\d.]+)", paused_at).group(1)))

    press(page, "Step")
    page.get_by_text(f"Paused · epoch {epoch + 1}.0").wait_for()
    press(page, "Resume")
    wait_for_state(page, "Training")
    press(page, "Stop")
    wait_for_state(page, "Stopped")
    press(page, "Reset")
    page.get_by_text("Nothing has run yet").wait_for()
    assert run_id(page) is None


def test_run_goes_on_while_the_user_is_elsewhere_and_survives_a_reload(visit):
    page = visit(f"train?{LONG}")
    press(page, "Run")
    wait_for_state(page, "Training")
    page.wait_for_function("location.search.includes('run=')")
    here = run_id(page)
    page.get_by_role("slider", name="Seed").press("ArrowRight")  # a widget elsewhere
    page.get_by_text("This race was started with other settings").wait_for()
    page.get_by_test_id("stTopNav").get_by_role("link", name="Playground").click()
    page.locator(".stage[data-draws]").wait_for()
    page.wait_for_timeout(500)
    page.get_by_test_id("stMain").get_by_role("link", name="Train", exact=True).click()
    wait_for_state(page, "Training")
    assert run_id(page) == here
    assert page.get_by_role("slider", name="Seed").input_value() == "1"
    page.reload()
    settle(page)
    wait_for_state(page, "Training")
    assert run_id(page) == here
    press(page, "Stop")
    wait_for_state(page, "Stopped")


def test_two_users_do_not_see_each_other(visit):
    first, second = visit(f"train?{SHORT}"), visit(f"train?{SHORT}")
    press(first, "Run")
    wait_for_state(first, "Finished")
    second.reload()
    settle(second)
    assert second.get_by_text("Nothing has run yet").count() == 1
    assert second.locator(".race").count() == 0
    press(second, "Run")
    wait_for_state(second, "Finished")
    second.wait_for_function("location.search.includes('run=')")
    assert run_id(first) != run_id(second)


def test_who_started_a_race_controls_it_after_a_reload_too_and_others_watch(visit):
    owner = visit(f"train?{LONG}&seed=5")
    press(owner, "Run")
    wait_for_state(owner, "Training")
    owner.wait_for_function("location.search.includes('run=')")
    watcher = visit(owner.url.rpartition("/")[2])
    wait_for_state(watcher, "Training")
    watcher.get_by_text("Somebody else started this race").wait_for()
    for name in ("Pause", "Step", "Stop"):
        assert watcher.get_by_role("button", name=name, exact=True).is_disabled()
    owner.reload()
    settle(owner)
    wait_for_state(owner, "Training")
    assert owner.get_by_text("Somebody else").count() == 0
    press(owner, "Pause")
    wait_for_state(owner, "Paused")
    wait_for_state(watcher, "Paused")
    theirs = run_id(owner)
    press(watcher, "Run")
    wait_for_state(watcher, "Training")
    watcher.wait_for_function(f"!location.search.includes('{theirs}')")
    assert watcher.get_by_text("Somebody else").count() == 0
    press(watcher, "Stop")
    wait_for_state(watcher, "Stopped")
    wait_for_state(owner, "Paused")
    press(owner, "Resume")
    wait_for_state(owner, "Training")
    press(owner, "Stop")
    wait_for_state(owner, "Stopped")


def test_run_ends_when_its_user_leaves_and_goes_on_when_they_come_back(visit):
    page = visit(f"train?{LONG}")
    press(page, "Run")
    wait_for_state(page, "Training")
    press(page, "Pause")  # a paused run would wait for ever
    wait_for_state(page, "Paused")
    page.wait_for_function("location.search.includes('run=')")
    link, context = page.url, page.context
    page.close()
    other = visit("playground")
    other.wait_for_timeout(34_000)
    other.goto(link)
    settle(other)
    wait_for_state(other, "Stopped")
    assert other.get_by_role("button", name="Resume from step").is_disabled()
    back = context.new_page()
    back.goto(link)
    settle(back)
    wait_for_state(back, "Stopped")
    back.get_by_text("Nobody was connected for 30 seconds").wait_for()
    back.get_by_role("button", name="Resume from step").click()
    wait_for_state(back, "Training")
    wait_for_state(other, "Training")
    press(back, "Stop")
    wait_for_state(back, "Stopped")


def test_collapse_is_told_in_the_races_own_figures(visit):
    page = visit("train")
    page.evaluate(
        """() => {
            const draw = CanvasRenderingContext2D.prototype.fillText;
            window.written = new Set();
            CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
                window.written.add(text);
                return draw.call(this, text, ...place);
            };
        }"""
    )
    page.get_by_role("button", name="All zeros").click()
    settle(page)
    press(page, "Run")
    page.get_by_text(re.compile(r"A Sigmoid BCE predicts nothing for at least 99")).wait_for()
    page.get_by_text(re.compile(r"^From step \d+ to step \d+, A Sigmoid BCE")).wait_for()
    press(page, "Stop")
    wait_for_state(page, "Stopped")
    sentence = page.locator(".story p").first.inner_text()
    first, last = map(int, re.search(r"From step (\d+) to step (\d+)", sentence).groups())
    assert first < 20 < last
    zeros = float(re.search(r"([\d.]+)% of its gradient", sentence).group(1))
    assert 95 < zeros < 100
    ticks = page.evaluate("[...window.written]")
    assert "0" in ticks
    assert not [tick for tick in ticks if tick.startswith("−")], "nothing here is below 0"


def test_threshold_moves_every_figure(visit):
    page = visit(f"train?{SHORT}&digits.rows=1200")
    press(page, "Run")
    wait_for_state(page, "Finished")
    page.get_by_text("at threshold 0.50").first.wait_for()
    slider = page.get_by_role("slider", name="Threshold")
    number = page.get_by_role("spinbutton", name="Threshold")
    shown = [page.locator(".card").first.inner_text()]

    def expect_threshold(value: str) -> None:
        page.get_by_text(f"at threshold {float(value):.2f}").first.wait_for()
        page.wait_for_function(f"location.search.includes('threshold={value}')")
        assert slider.input_value() == number.input_value() == value
        card = page.locator(".card").first
        page.wait_for_function(
            "([card, text]) => card.innerText !== text", arg=[card.element_handle(), shown[-1]]
        )
        shown.append(card.inner_text())

    slider.press("ArrowLeft")
    expect_threshold("0.49")
    slider.press("PageDown")
    expect_threshold("0.39")
    number.fill("0.25")
    number.press("Enter")
    expect_threshold("0.25")
    drag(page, slider, 0.25, 0.6)
    page.mouse.up()
    expect_threshold(slider.input_value())
    assert float(slider.input_value()) > 0.5
    page.reload()
    settle(page)
    page.get_by_text(f"at threshold {float(slider.input_value()):.2f}").first.wait_for()
    assert page.locator(".card").first.inner_text() == shown[-1]


def test_curves_follow_a_dragged_threshold_by_look_up(visit):
    page = visit(f"train?{SHORT}")
    cut_off = []

    def relay(socket):
        server = socket.connect_to_server()
        server.on_message(lambda message: cut_off or socket.send(message))

    page.route_web_socket(re.compile("/live/race/"), relay)
    page.reload()
    settle(page)
    press(page, "Run")
    wait_for_state(page, "Finished")
    page.get_by_text("at threshold 0.50").first.wait_for()
    chart = page.get_by_role("img", name=re.compile("^Samples F1")).locator("canvas").first
    slider = page.get_by_role("slider", name="Threshold")
    pictures = set()

    def look(moved: int) -> None:
        page.wait_for_function(
            "([race, n]) => Number(race.dataset.drawn ?? 0) > n",
            arg=[page.locator(".race").element_handle(), drawn_before + moved],
        )
        pictures.add(chart.evaluate("canvas => canvas.toDataURL()"))

    cut_off.append(True)  # no word from the server from here on
    heard, drawn_before = updates(page), drawn(page)
    drag(page, slider, 0.5, 0.1, steps=20, after_each=look)
    assert len(pictures) > 10, "the curves do not follow"
    assert updates(page) == heard
    assert page.get_by_text("at threshold 0.50").count() == 2, "Python hears what is let go"
    page.mouse.up()
    page.get_by_text(f"at threshold {float(slider.input_value()):.2f}").first.wait_for()
    assert float(slider.input_value()) < 0.2


def drag(page, slider, start: float, end: float, *, steps: int = 10, after_each=None) -> None:
    """Hold a slider from 0.01 to 0.99 where it is at the start, and move it; it stays held."""
    box = slider.bounding_box()
    for step in range(steps + 1):
        share = (start + (end - start) * step / steps - 0.01) / 0.98
        # The thumb is 16 pixels wide and stays within the track.
        page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2)
        if step == 0:
            page.mouse.down()
        elif after_each:
            after_each(step - 1)


def test_report_downloads_as_csv(visit):
    page = visit(f"train?{SHORT}")
    press(page, "Run")
    wait_for_state(page, "Finished")
    page.get_by_role("button", name="Report as CSV").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report as CSV").click()
    with open(download.value.path(), encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[0] == "label,precision,recall,f1-score,support"
    assert len(lines) == 1 + 10 + 4


def test_curves_can_be_read_with_the_keyboard_and_by_a_screen_reader(visit):
    page = visit(f"train?{SHORT}")
    press(page, "Run")
    wait_for_state(page, "Finished")
    chart = page.get_by_role("img", name=re.compile(r"^Samples F1\. A .*: 0\.\d+, best .*; B "))
    chart.wait_for()
    chart.press("ArrowLeft")
    chart.press("ArrowRight")
    step, *told = chart.locator(".tooltip").inner_text().splitlines()
    assert step.startswith("step ")
    # Each contender's own figure at the last step, which its card says with three digits, too.
    cards = [
        re.search(r"F1 on validation rows: samples ([\d.]+)", card)
        for card in page.locator(".card").all_inner_texts()
    ]
    expected = [float(found.group(1)) for found in cards]
    assert len(set(expected)) == len(expected) > 1
    assert [text.partition(": ")[0] for text in told] == ["A", "B"]
    read = [float(text.partition(": ")[2].split()[0]) for text in told]  # then the best
    assert read == pytest.approx(expected, abs=6e-4)


def test_bad_link_and_unknown_race_are_messages(visit):
    page = visit("train?A.loss=hinge&epochs=900&run=gone")
    page.get_by_text("loss must be one of").wait_for()
    page.get_by_text(re.compile("epochs must be (<=|≤) 200")).wait_for()
    page.get_by_text("no longer there").wait_for()


def test_diverging_contender_is_a_message_and_earlier_runs_stay(visit):
    page = visit(
        "train?data=synthetic&synthetic.rows=300&epochs=20&optimizer=sgd&rate=10&momentum=0.99"
        "&layers=3&width=64&batch=16&B.bce_pos_weight.pos_weight=a+number"
        "&B.bce_pos_weight.pos_weight.number=10000"
    )
    press(page, "Run")
    page.get_by_text("diverged by step").first.wait_for()
    press(page, "Run")
    page.get_by_text("Races of this visit").wait_for()


def test_run_stays_in_its_place_when_a_preset_is_chosen(visit):
    for width in (1440, 400):
        page = visit("train", viewport={"width": width, "height": 900})
        run = page.get_by_role("button", name="Run", exact=True)
        before = run.bounding_box()
        page.get_by_role("button", name="Focal", exact=True).click()
        page.locator("p", has_text="Predict: Focal loss was made").wait_for()
        assert run.bounding_box() == before


def test_a_browser_is_given_a_name_once_that_scripts_cannot_read(server):
    def cookie(path: str = "/train", **headers: str) -> str | None:
        asked = urllib.request.Request(f"{server.url}{path}", headers=headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.headers.get("Set-Cookie")

    first, second = (cookie(Accept="text/html") for _ in range(2))
    name, *flags = first.split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert len(name.partition("=")[2]) == 32
    assert name != second.split("; ")[0]
    assert cookie(Accept="text/html", Cookie=name) is None
    assert cookie(Accept="text/html", Cookie="lab-visitor=guess") is not None
    assert "lab-visitor" not in (cookie("/_stcore/health", Accept="*/*") or "")


def test_other_sites_may_not_frame(server):
    with urllib.request.urlopen(server.url) as response:
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
