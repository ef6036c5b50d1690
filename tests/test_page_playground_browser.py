"""The playground in a browser: it moves at once, and every number on it is the library's."""

import json
import re
from urllib.parse import parse_qs

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from mlcore.datasets.source import resolve
from mlcore.training.playback import FIGURES, THRESHOLDS, Details, Frame, play
from pages.ui.playground.channel import configs_of, data_of
from pages.ui.playground.facts import order_of
from pages.ui.playground.scenes import SCENES
from tests.conftest import check_fits, settle, wait_until

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
FOCAL = {"loss": "focal", "loss_params": {"pos_weight": 1.0, "gamma": 0.0}, "model": "linear"}


def link_of(page) -> dict[str, str]:
    asked = parse_qs(page.evaluate("location.search.slice(1)"))
    return {name: text for name, [text] in asked.items()}


class Stage:
    """The stage of an open page, and what the library says of the same run."""

    def __init__(self, page) -> None:
        self.page, self.root = page, page.locator(".stage")
        self.root.and_(page.locator("[data-draws]")).wait_for()

    def data(self, name: str) -> int:
        return int(self.root.get_attribute(f"data-{name}") or 0)

    def text(self, part: str) -> str:
        return self.root.locator(part).inner_text()

    def stats(self) -> list[str]:
        return self.root.locator(".stats b").all_inner_texts()

    def wait_live(self) -> None:
        self.wait_for("Trained live on this server")

    def wait_for(self, words: str) -> None:
        self.root.locator(".chip", has_text=words).wait_for()

    def wait_step(self, step: int) -> None:
        self.root.locator(".step", has_text=re.compile(f"^step {step} of")).wait_for()

    def slider(self, name: str):
        return self.page.get_by_role("slider", name=name, exact=True)

    def link(self) -> dict[str, str]:
        return link_of(self.page)

    def wait_link(self, **expected) -> None:
        wait_until(
            lambda: all(self.link().get(name.replace("__", ".")) == text
                        for name, text in expected.items()),
            f"{expected} in the link",
        )  # fmt: skip


@pytest.fixture
def stage(visit):
    def open_stage(link: str = "", *, live: bool = False, **options) -> Stage:
        found = Stage(visit(link, **options))
        if live:
            found.wait_live()
        return found

    return open_stage


def run_of(scene: str, *configs: dict, around=None, threshold=0.5, **options):
    """Frames and details of a scene's run, its data set and the order of labels."""
    chosen = SCENES[scene]
    data = data_of(chosen, options)
    given = [{"learning_rate": chosen.config.learning_rate, **config} for config in configs]
    dataset = resolve(data)
    rows = chosen.rows_of(dataset)
    told = [*play(data, configs_of(chosen, given), rows)]
    if around is not None:
        given = data, configs_of(chosen, given), rows
        told += play(*given, around=around, detailed=True, threshold=threshold)
    frames = [each for each in told if isinstance(each, Frame)]
    return frames, [each for each in told if isinstance(each, Details)], dataset


def figure(frame: Frame, name: str, threshold: float = 0.5, contender: int = 0) -> float:
    # In float32, as it goes to the browser: 0.975 is a little more there, and rounds up.
    return float(np.float32(frame.figures[contender, FIGURES.index(name), round(100 * threshold)]))


def test_it_opens_on_a_recording_that_moves_and_the_first_touch_trains_the_same(stage):
    moving = stage(prepare=lambda page: page.emulate_media(reduced_motion="no-preference"))
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


def test_who_wants_no_motion_sees_it_stand_at_its_end(stage):
    still = stage()
    still.wait_step(78)
    draws = still.data("draws")
    still.page.wait_for_timeout(500)
    assert still.data("draws") - draws <= 1
    assert still.data("runs") == 0


def drag(page, handle, start: float, end: float, *, steps: int = 8) -> None:
    """Hold a slider at a share of its width and move it; it stays held."""
    box = handle.bounding_box()
    up = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], up)
    page.mouse.down()
    for step in range(1, steps + 1):
        share = start + (end - start) * step / steps
        page.mouse.move(box["x"] + share * box["width"], up)
        page.wait_for_timeout(40)


def test_a_drag_trains_before_it_is_let_go_and_is_in_the_link_after(stage):
    live = stage("?rate=0.02&t=0.4", live=True)
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
def test_each_slider_trains_by_the_keyboard(stage, name, key, press):
    live = stage("?rate=0.02", live=True)
    before, runs, first = live.text(".stats"), live.data("runs"), live.link().get(key)
    handle = live.slider(name)
    handle.focus()
    for _ in range(4):
        handle.press(press)
    wait_until(lambda: live.link().get(key) != first, f"{key} in the link")
    wait_until(lambda: live.data("runs") > runs, "another run")
    wait_until(lambda: live.text(".stats") != before, "other figures")


def test_the_threshold_and_time_only_look_up(stage):
    live = stage("?step=8&model=linear&rate=0.02", live=True)
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


def test_cursors_of_charts_are_time_and_threshold(stage):
    live = stage("?rate=0.02", live=True)
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


def test_play_runs_to_the_end_and_space_pauses(stage):
    live = stage("?rate=0.02&step=0", live=True)
    live.wait_step(0)
    live.root.get_by_role("button", name="Play").click()
    wait_until(lambda: live.data("place") >= 2, "time to run")
    live.page.locator("h1").click()
    live.page.keyboard.press("Space")
    live.root.get_by_role("button", name="Play").wait_for()
    place = live.data("place")
    live.page.wait_for_timeout(400)
    assert live.data("place") == place


def test_a_second_loss_stands_beside_the_first(stage):
    live = stage("?against=softmax", live=True)
    softmax = {"loss": "softmax", "loss_params": {}, "model": "linear"}
    frames, *_rest = run_of("digits", FOCAL, softmax)
    live.wait_step(78)
    assert live.root.locator("canvas.picture").count() == 2
    for place, (name, digits) in enumerate((("labels_per_row", 2), ("samples_f1", 3)), 1):
        both = [f"{figure(frames[-1], name, contender=each):.{digits}f}" for each in (0, 1)]
        assert live.stats()[place] == " | ".join(both)


def test_what_is_pointed_at_is_told(stage):
    live = stage("?step=8&rate=0.02&t=0.3", live=True)
    live.wait_step(8)
    config = {**FOCAL, "learning_rate": 0.02}
    frames, [details], dataset = run_of("digits", config, around=8, threshold=0.3)
    frame = next(each for each in frames if each.step == 8)
    order, rows = order_of(dataset), dataset.validation[:12]
    live.root.locator("canvas.picture").focus()
    live.page.keyboard.press("ArrowRight")
    for _ in range(2):
        live.page.keyboard.press("ArrowDown")
    live.page.keyboard.press("ArrowRight")
    row, label = 2, order[1]
    gradient = details.gradients[0, row, label]
    tip = live.root.locator(".tip")
    tip.filter(has_not_text="…").wait_for()
    name, probability, told = tip.inner_text().splitlines()
    truth = "true" if dataset.y[rows[row], label] else "not true"
    assert name == f"row {rows[row]}, label {dataset.label_names[label]}: {truth}"
    assert probability == f"probability {frame.probabilities[0, row, label]:.3f}"
    number = float(re.search(r"[−+][0-9.]+", told)[0].replace("−", "-"))
    assert number == pytest.approx(gradient, rel=5e-3)
    assert ("up" if gradient < 0 else "down") in told
    for _ in range(3):
        live.page.keyboard.press("ArrowUp")
    tip.filter(has_text="precision").filter(has_not_text="…").wait_for()
    validation = dataset.validation
    all_frames = list(
        play(("digits", {"rows": 2000, "exponent": 1.0}),
             configs_of(SCENES["digits"], [config]), validation)
    )  # fmt: skip
    predicted = next(each for each in all_frames if each.step == 8).probabilities[0]
    predicted = predicted >= np.float32(THRESHOLDS[30])
    figures = precision_recall_fscore_support(
        dataset.y[validation][:, label], predicted[:, label], average="binary", zero_division=0
    )[:3]
    frequency = dataset.y[dataset.train].mean(axis=0)[label]
    assert tip.inner_text().splitlines() == [
        dataset.label_names[label],
        f"true in {100 * frequency:.1f} % of training rows",
        "precision {:.3f}, recall {:.3f}, F1 {:.3f} at this threshold".format(*figures),
    ]


def test_512_tags_go_dark_and_come_back(stage):
    live = stage("?scene=tags&step=10", live=True)
    live.wait_step(10)
    frames, _details, dataset = run_of("tags", {**FOCAL, "model": "mlp"})
    frame = next(each for each in frames if each.step == 10)
    assert figure(frame, "labels_per_row") < 0.005
    share = 1 - frame.gradient_shares[0]
    assert live.text(".sentence") == (
        f"At step 10, nothing reaches the threshold. {100 * share:.1f} % of the gradient comes "
        "from labels that are not true, and pulls everything down."
    )
    live.slider("Step of the training").press("End")
    live.wait_step(90)
    assert live.stats()[1] == f"{figure(frames[-1], 'labels_per_row'):.2f}"
    y = dataset.y[dataset.validation]
    assert live.stats()[0] == f"{y.sum(axis=1).mean():.2f}"


def test_known_truth_and_its_figures(stage):
    live = stage("?scene=truth&truth.exponent=1.5", live=True)
    frames, _details, dataset = run_of("truth", FOCAL, exponent=1.5)
    rows = dataset.validation
    all_frames = list(
        play(data_of(SCENES["truth"], {"exponent": 1.5}),
             configs_of(SCENES["truth"], [{**FOCAL, "learning_rate": 0.03}]), rows)
    )  # fmt: skip
    predicted = all_frames[-1].probabilities[0] >= 0.5
    live.wait_step(frames[-1].step)
    expected = f1_score(dataset.y[rows], predicted, average="samples", zero_division=0)
    assert live.stats()[2] == f"{expected:.3f}"


def test_points_are_painted_taken_back_and_kept(stage):
    live = stage("?scene=plane", live=True)
    runs = live.data("runs")
    live.root.get_by_role("button", name="label A").click()
    live.root.get_by_role("button", name="label C").click()
    canvas = live.root.locator("canvas.picture")
    box = canvas.bounding_box()
    centre = {"x": box["width"] / 2, "y": box["height"] / 2}
    canvas.click(position=centre)
    wait_until(lambda: "points" in live.link(), "a point in the link")
    x1, x2, held = live.link()["points"].split("_")
    assert abs(float(x1)) < 0.2
    assert abs(float(x2)) < 0.2
    assert held == "4"
    wait_until(lambda: live.data("runs") > runs, "a run with the point")
    live.page.reload()
    settle(live.page)
    again = Stage(live.page)
    again.wait_live()
    points = ((float(x1), float(x2), 0, 0, 1),)
    frames, *_rest = run_of("plane", {**FOCAL, "model": "mlp"}, points=points)
    expected = f"{figure(frames[-1], 'labels_per_row'):.2f}"
    wait_until(lambda: again.stats()[1] == expected, "the figures of the painted point")
    again.root.get_by_role("button", name="Take back").click()
    wait_until(lambda: "points" not in again.link(), "no point in the link")


def test_another_scene_keeps_the_loss_and_start_over_resets_all(stage):
    live = stage("?focal.pos_weight=20&rate=0.02&t=0.2&step=3", live=True)
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
    other.wait_step(90)
    frames, *_rest = run_of("tags", {**FOCAL, "model": "mlp"})
    expected = f"{figure(frames[-1], 'labels_per_row'):.2f}"
    wait_until(lambda: other.stats()[1] == expected, "the figures of the scene's beginning")


def test_facts_and_details_are_those_of_the_run_on_show(stage):
    live = stage("?focal.pos_weight=2&step=78", live=True)
    slider = live.slider("Rarity (Zipf)")
    true = live.stats()[0]
    for value in (2.8, 1.0, 2.8, 1.0):
        live.page.evaluate(
            """([value, done]) => window.dispatchEvent(new CustomEvent("lab-drag",
                { detail: { key: "digits.exponent", value, done } }))""",
            [value, False],
        )
        live.page.wait_for_timeout(20)
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowLeft")
    live.page.wait_for_timeout(1500)
    wait_until(lambda: live.stats()[0] == true, "the facts of the rarity that is set")
    told = []
    for weight in ("1", "30"):
        field = live.page.get_by_role("spinbutton", name="Positive weight", exact=True)
        field.fill(weight)
        field.press("Enter")
        live.wait_link(focal__pos_weight=f"{float(weight)}") if weight != "1" else None
        live.page.wait_for_timeout(600)
        live.root.locator("canvas.picture").focus()
        live.page.keyboard.press("ArrowRight")
        live.page.keyboard.press("ArrowUp")
        tip = live.root.locator(".tip", has_text="precision").filter(has_not_text="…")
        tip.wait_for()
        told.append(tip.inner_text())
        field.focus()
    assert told[0] != told[1]


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
def test_a_link_that_asks_for_what_there_is_not_says_so_and_shows_the_rest(stage, link, told):
    live = stage(link)
    live.page.get_by_text(told, exact=False).wait_for()
    assert live.text(".sentence")


def test_a_step_beyond_the_end_is_the_end(stage):
    live = stage("?step=99999", live=True)
    live.wait_step(78)


def test_a_run_that_diverges_is_said(stage):
    live = stage("?rate=0.02", live=True)
    live.page.evaluate(
        """() => window.dispatchEvent(new CustomEvent("lab-drag",
            { detail: { key: "rate", value: 1e38, done: false } }))"""
    )
    live.root.locator(".sentence", has_text="has diverged").wait_for()
    assert live.stats()[1:] == ["–", "–"]


def test_the_last_picture_stays_when_the_connection_is_lost(stage):
    live = stage("?rate=0.02", live=True)
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


def test_it_goes_on_in_train_thresholds_and_sweep(stage):
    live = stage("?focal.pos_weight=7.3&rate=0.02&t=0.3", live=True)
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


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("scene", ["digits", "plane"])
def test_all_of_it_is_seen_at_once(stage, size, scene):
    width, height = size
    seen = stage(f"?scene={scene}", viewport={"width": width, "height": height})
    for part in (".stage", ".st-key-drags", ".st-key-choices"):
        box = seen.page.locator(part).first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height, part


def test_on_a_phone_the_picture_comes_first_and_sliders_stay_in_sight(stage):
    phone = {"viewport": {"width": 400, "height": 850}, "has_touch": True}
    live = stage("?rate=0.02", live=True, **phone)
    check_fits(live.page, ".stage, .st-key-drags")
    picture = live.root.locator("canvas.picture").bounding_box()
    sliders = live.page.locator(".st-key-drags").bounding_box()
    assert picture["y"] < sliders["y"]
    assert sliders["y"] + sliders["height"] <= 851
    live.page.mouse.move(200, 400)
    live.page.mouse.wheel(0, 300)
    live.page.wait_for_timeout(300)
    assert live.page.locator(".st-key-drags").bounding_box()["y"] < 850


def test_a_reader_that_sees_nothing_is_told(stage):
    live = stage("?rate=0.02&step=8", live=True)
    live.wait_step(8)
    live.page.wait_for_timeout(500)
    label = live.root.locator("canvas.picture").get_attribute("aria-label")
    assert live.text(".sentence") in label
    charts = live.root.locator(".holder")
    frames, *_rest = run_of("digits", {**FOCAL, "learning_rate": 0.02})
    frame = next(each for each in frames if each.step == 8)
    macro = f"macro {figure(frame, 'macro_f1'):.3f}"
    assert macro in charts.first.get_attribute("aria-label")
    assert json.dumps(charts.nth(1).get_attribute("aria-label"))
