"""The playground in a browser: it moves at once, and each control does what it says."""

import pytest

from pages.ui.playground.prediction import DARK
from pages.ui.playground.scenes import SCENES
from tests.conftest import check_fits, settle, wait_until
from tests.playground_browser import FOCAL, Stage, drag, figure, open_stage, run_of

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_it_opens_on_a_recording_that_moves_and_the_first_touch_trains_the_same(visit):
    moving = open_stage(
        visit, prepare=lambda page: page.emulate_media(reduced_motion="no-preference")
    )
    moving.wait_for("A recording of a real run")
    first = moving.data("place")
    wait_until(lambda: moving.data("place") > first, "the picture to move")
    assert moving.data("runs") == 0
    moving.page.keyboard.press("Space")
    moving.wait_live()
    stood = moving.data("place")
    frames, _details, dataset = run_of("digits", FOCAL)
    frame = frames[stood]
    moving.wait_step(frame.step)
    assert moving.stats() == [
        f"{dataset.y[dataset.validation].sum(axis=1).mean():.2f}",
        f"{figure(frame, 'labels_per_row'):.2f}",
        f"{figure(frame, 'samples_f1'):.3f}",
    ]
    moving.page.wait_for_timeout(400)
    assert moving.data("place") == stood, "it is paused"


def test_who_wants_no_motion_sees_it_stand_at_its_end(visit):
    still = open_stage(visit)
    still.wait_step(78)
    draws = still.data("draws")
    still.page.wait_for_timeout(500)
    assert still.data("draws") - draws <= 1
    assert still.data("runs") == 0


def test_a_drag_trains_before_it_is_let_go_and_is_in_the_link_after(visit):
    live = open_stage(visit, "?rate=0.02&t=0.4", live=True)
    runs = live.data("runs")
    handle = live.slider("Positive weight")
    drag(live.page, handle, 0.33, 0.8)
    wait_until(lambda: live.data("runs") > runs, "a run while the slider is held")
    assert "focal.pos_weight" not in live.link()
    live.page.mouse.up()
    wait_until(lambda: "focal.pos_weight" in live.link(), "the weight in the link")
    weight = float(live.link()["focal.pos_weight"])
    params = {"pos_weight": weight, "gamma": 0.0}
    frames, *_rest = run_of("digits", {**FOCAL, "loss_params": params, "learning_rate": 0.02})
    expected = [f"{figure(frames[-1], name, 0.4):.{digits}f}"
                for name, digits in (("labels_per_row", 2), ("samples_f1", 3))]  # fmt: skip
    wait_until(lambda: live.stats()[1:] == expected, f"{expected} on the stage")
    assert f"{figure(frames[-1], 'labels_per_row', 0.4):.2f} labels per row" in live.text(
        ".sentence"
    )


@pytest.mark.parametrize(
    ("name", "key", "press"),
    [
        ("Positive weight", "focal.pos_weight", "PageUp"),
        ("Focusing γ", "focal.gamma", "ArrowRight"),
        ("Learning rate", "rate", "PageDown"),
        ("Rarity (Zipf)", "digits.exponent", "ArrowRight"),
    ],
)
def test_each_slider_trains_by_the_keyboard(visit, name, key, press):
    live = open_stage(visit, "?rate=0.02", live=True)
    before, runs, first = live.text(".stats"), live.data("runs"), live.link().get(key)
    handle = live.slider(name)
    handle.focus()
    for _ in range(4):
        handle.press(press)
    wait_until(lambda: live.link().get(key) != first, f"{key} in the link")
    wait_until(lambda: live.data("runs") > runs, "another run")
    wait_until(lambda: live.text(".stats") != before, "other figures")


def test_the_threshold_and_time_only_look_up(visit):
    live = open_stage(visit, "?step=8&model=linear&rate=0.02", live=True)
    live.wait_step(8)
    runs = live.data("runs")
    frames, *_rest = run_of("digits", {**FOCAL, "learning_rate": 0.02})
    frame = next(each for each in frames if each.step == 8)
    handle = live.slider("Threshold")
    drag(live.page, handle, 0.5, 0.2)
    live.page.mouse.up()
    wait_until(lambda: "t" in live.link(), "the threshold in the link")
    threshold = float(live.link()["t"])
    assert live.stats()[1] == f"{figure(frame, 'labels_per_row', threshold):.2f}"
    scrubber = live.slider("Step of the training")
    scrubber.focus()
    scrubber.press("Home")
    live.wait_step(0)
    live.wait_link(step="0")
    assert "by chance" in live.text(".sentence")
    assert live.stats()[2] == f"{figure(frames[0], 'samples_f1', threshold):.3f}"
    live.root.get_by_role("button", name="To the next recorded step").click()
    live.wait_step(1)
    live.wait_link(step="1")
    live.root.get_by_role("button", name="To the recorded step before").click()
    live.wait_step(0)
    live.wait_link(step="0")
    assert live.data("runs") == runs
    live.page.reload()
    settle(live.page)
    again = Stage(live.page)
    again.wait_live()
    again.wait_step(0)
    assert again.stats()[2] == f"{figure(frames[0], 'samples_f1', threshold):.3f}"


def test_cursors_of_charts_are_time_and_threshold(visit):
    live = open_stage(visit, "?rate=0.02", live=True)
    live.wait_step(78)
    charts = live.root.locator(".u-over")
    for chart in range(3):
        charts.nth(chart).click(position={"x": 2, "y": 20})
        live.wait_step(0)
        live.slider("Step of the training").press("End")
        live.wait_step(78)
    box = charts.nth(3).bounding_box()
    charts.nth(3).click(position={"x": 0.25 * box["width"], "y": 20})
    live.wait_link(t="0.25")


def test_play_runs_to_the_end_and_space_pauses(visit):
    live = open_stage(visit, "?rate=0.02&step=0", live=True)
    live.wait_step(0)
    live.root.get_by_role("button", name="Play").click()
    wait_until(lambda: live.data("place") >= 2, "time to run")
    live.page.locator("h1").click()
    live.page.keyboard.press("Space")
    live.root.get_by_role("button", name="Play").wait_for()
    place = live.data("place")
    live.page.wait_for_timeout(400)
    assert live.data("place") == place


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("scene", SCENES)
def test_all_of_it_is_seen_at_once(visit, size, scene):
    width, height = size
    seen = open_stage(visit, f"?scene={scene}", viewport={"width": width, "height": height})
    if scene == DARK:
        check_seen(seen.page, *size)
        seen.page.get_by_text("hardly any").click()
        seen.page.get_by_role("button", name="Commit").click()
        seen.page.get_by_role("button", name="Look at step").wait_for()
        settle(seen.page)
    check_seen(seen.page, *size)


def check_seen(page, width: int, height: int) -> None:
    for part in (".stage", ".st-key-drags", ".st-key-choices"):
        box = page.locator(part).first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height, part


def test_on_a_phone_the_picture_comes_first_and_sliders_stay_in_sight(visit):
    phone = {"viewport": {"width": 400, "height": 850}, "has_touch": True}
    live = open_stage(visit, "?rate=0.02", live=True, **phone)
    check_fits(live.page, ".stage, .st-key-drags")
    picture = live.root.locator("canvas.picture").bounding_box()
    sliders = live.page.locator(".st-key-drags").bounding_box()
    assert picture["y"] < sliders["y"]
    assert sliders["y"] + sliders["height"] <= 851
    assert sliders["height"] <= 220
    live.page.mouse.move(200, 400)
    live.page.mouse.wheel(0, 300)
    live.page.wait_for_timeout(300)
    assert live.page.locator(".st-key-drags").bounding_box()["y"] < 850
