"""The way to the playground and on from it: other scenes, links, lost connections, pages."""

import psutil
import pytest

from tests.conftest import settle, wait_until
from tests.playground_browser import FOCAL, Stage, figure, link_of, open_stage, run_of

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_another_scene_keeps_the_loss_and_start_over_resets_all(visit):
    live = open_stage(visit, "?focal.pos_weight=20&rate=0.02&t=0.2&step=3", live=True)
    live.page.get_by_role("combobox", name="Data", exact=False).click()
    live.page.get_by_role("option", name="512 tags").click()
    kept = {"scene": "tags", "focal.pos_weight": "20.0", "t": "0.2"}
    wait_until(lambda: live.link() == kept, f"{kept} in the link")
    other = Stage(live.page)
    other.wait_live()
    other.slider("Step of the training").press("Home")
    other.wait_link(step="0")
    live.page.get_by_role("button", name="Start over").click()
    wait_until(lambda: live.link() == {"scene": "tags"}, "only the scene in the link")
    skip = live.page.get_by_role("button", name="Skip")
    skip.wait_for()
    other.wait_step(0)
    skip.click()
    other.wait_step(90)
    frames, *_rest = run_of("tags", {**FOCAL, "model": "mlp"})
    expected = f"{figure(frames[-1], 'labels_per_row'):.2f}"
    wait_until(lambda: other.stats()[1] == expected, "the figures of the scene's beginning")


def test_a_run_whose_worker_dies_on_the_way_begins_anew_and_comes_to_its_end(visit, server):
    live = open_stage(visit, "?scene=tags&rate=0.0133&against=softmax")
    wait_until(lambda: live.data("runs") >= 2, "the second part")
    for worker in psutil.Process(server.process.pid).children(recursive=True):
        if "mlcore.workers.worker" in " ".join(worker.cmdline()):
            worker.kill()
    live.root.locator(".step", has_text="of 90").wait_for()
    live.slider("Step of the training").press("End")
    live.wait_step(90)


def test_a_step_chosen_while_a_run_grows_stays(visit):
    live = open_stage(visit, "?scene=tags&rate=0.0214&against=softmax&step=20")
    wait_until(lambda: live.data("runs") >= 1, "the first part")
    live.slider("Step of the training").press("Home")
    live.root.locator(".step", has_text="of 90").wait_for()
    live.wait_step(0)
    live.wait_link(step="0")


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("?scene=moon", "scene must be one of digits, tags, truth, plane; got 'moon'"),
        ("?step=-3", "step must be a whole number"),
        ("?scene=plane&points=99_0_1", "must be ≤ 6"),
        ("?scene=plane&points=all", "points must be points such as 1.2_-3_5, got 'all'"),
        ("?t=7", "t must be ≤ 1"),
        ("?loss=none", "loss must be one of"),
    ],
)
def test_a_link_that_asks_for_what_there_is_not_says_so_and_shows_the_rest(visit, link, told):
    live = open_stage(visit, link)
    live.page.get_by_text(told, exact=False).wait_for()
    assert live.text(".sentence")


def test_a_step_beyond_the_end_is_the_end(visit):
    live = open_stage(visit, "?step=99999", live=True)
    live.wait_step(78)


def test_a_run_that_diverges_is_said(visit):
    live = open_stage(visit, "?rate=0.02", live=True)
    live.page.evaluate(
        """() => window.dispatchEvent(new CustomEvent("lab-drag",
            { detail: { key: "rate", value: 1e38, done: false } }))"""
    )
    live.root.locator(".sentence", has_text="has diverged").wait_for()
    assert live.stats()[1:] == ["–", "–"]


def test_the_last_picture_stays_when_the_connection_is_lost(visit):
    live = open_stage(visit, "?rate=0.02", live=True)
    before = live.stats()
    live.page.context.set_offline(True)
    try:
        handle = live.slider("Positive weight")
        handle.focus()
        handle.press("PageUp")
        assert live.stats() == before
        assert live.root.locator("canvas.picture").is_visible()
    finally:
        live.page.context.set_offline(False)


def test_it_goes_on_in_train_thresholds_and_sweep(visit):
    live = open_stage(visit, "?focal.pos_weight=7.3&rate=0.02&t=0.3", live=True)
    page = live.page
    page.get_by_role("link", name="Open in Train").click()
    page.get_by_role("heading", name="Race losses").wait_for()
    settle(page)
    asked = link_of(page)
    assert asked["data"] == "digits"
    assert asked["A.loss"] == "focal"
    assert float(asked["A.focal.pos_weight"]) == 7.3
    assert float(asked["rate"]) == 0.02
    assert float(asked["threshold"]) == 0.3
    page.go_back()
    settle(page)
    Stage(page).wait_live()
    page.get_by_role("link", name="Open in Sweep").click()
    page.get_by_role("heading", name="Sweep the settings").wait_for()
    settle(page)
    page.go_back()
    settle(page)
    Stage(page).wait_live()
    page.get_by_role("button", name="Open in Thresholds").click()
    page.get_by_role("heading", name="Choose the threshold").wait_for()
    settle(page)
    page.locator(".curves").first.wait_for()
    wait_until(lambda: link_of(page).get("t") == "0.3", "the threshold in the link")
