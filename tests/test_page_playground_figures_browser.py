"""Every number on the playground is the library's, and what is pointed at is told."""

import json
import re

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from mlcore.training.playback import THRESHOLDS, play
from pages.ui.playground.channel import configs_of, data_of
from pages.ui.playground.facts import order_of
from pages.ui.playground.scenes import SCENES
from tests.conftest import settle, wait_until
from tests.playground_browser import FOCAL, Stage, figure, open_stage, run_of

pytestmark = pytest.mark.filterwarnings(
    # Playwright's own event loop is still open when pytest looks for leaks.
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


def test_a_second_loss_stands_beside_the_first(visit):
    live = open_stage(visit, "?against=softmax", live=True)
    softmax = {"loss": "softmax", "loss_params": {}, "model": "linear"}
    frames, *_rest = run_of("digits", FOCAL, softmax)
    live.wait_step(78)
    assert live.root.locator("canvas.picture").count() == 2
    for place, (name, digits) in enumerate((("labels_per_row", 2), ("samples_f1", 3)), 1):
        both = [f"{figure(frames[-1], name, contender=each):.{digits}f}" for each in (0, 1)]
        assert live.stats()[place] == " | ".join(both)


def test_512_tags_wait_at_the_start_for_a_prediction_and_then_play(visit):
    live = open_stage(visit, "?scene=tags", live=True)
    live.wait_step(0)
    curves = live.root.locator(".panels")
    assert "blur" in curves.evaluate("shown => getComputedStyle(shown).filter")
    live.page.get_by_role("button", name="Skip").click()
    live.wait_step(90)  # where motion is reduced it is there at once
    assert curves.evaluate("shown => getComputedStyle(shown).filter") == "none"
    assert "step" not in live.link()


def test_another_weight_ends_the_wait_of_512_tags(visit):
    def with_motion(page):
        page.emulate_media(reduced_motion="no-preference")

    live = open_stage(visit, "?scene=tags", live=True, prepare=with_motion)
    live.wait_step(0)
    live.page.wait_for_timeout(300)
    assert live.data("place") == 0
    live.slider("Positive weight").press("ArrowRight")
    live.page.get_by_role("button", name="Skip").wait_for(state="detached")
    wait_until(lambda: live.data("place") > 2, "time to run")


def test_512_tags_go_dark_and_come_back(visit):
    live = open_stage(visit, "?scene=tags&step=10", live=True)
    live.wait_step(10)
    frames, _details, dataset = run_of("tags", {**FOCAL, "model": "mlp"})
    frame = next(each for each in frames if each.step == 10)
    assert figure(frame, "labels_per_row") < 0.005
    share = 1 - frame.gradient_shares[0]
    assert live.text(".sentence") == (
        f"At step 10, nothing reaches the threshold. {100 * share:.1f} % of the gradient comes "
        "from labels that are not true, and pulls down."
    )
    live.slider("Step of the training").press("End")
    live.wait_step(90)
    assert live.stats()[1] == f"{figure(frames[-1], 'labels_per_row'):.2f}"
    y = dataset.y[dataset.validation]
    assert live.stats()[0] == f"{y.sum(axis=1).mean():.2f}"


def test_known_truth_and_its_figures(visit):
    live = open_stage(visit, "?scene=truth&truth.exponent=1.5", live=True)
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


def test_what_is_pointed_at_is_told(visit):
    live = open_stage(visit, "?step=8&rate=0.02&t=0.3", live=True)
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


def test_facts_and_details_are_those_of_the_run_on_show(visit):
    live = open_stage(visit, "?focal.pos_weight=2&step=78", live=True)
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


def test_a_place_of_the_plane_is_told_and_painted_by_the_keyboard(visit):
    live = open_stage(visit, "?scene=plane&step=40", live=True)
    live.wait_step(40)
    config = {**FOCAL, "model": "mlp"}
    frames, [details], dataset = run_of("plane", config, around=40)
    frame = next(each for each in frames if each.step == 40)
    live.root.locator("canvas.picture").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):  # from the middle
        live.page.keyboard.press(key)
    place = 14 * 30 + 16
    tip = live.root.locator(".tip").filter(has_not_text="…")
    tip.wait_for()
    where, *labels = tip.inner_text().splitlines()
    assert where == "x₁ 0.6, x₂ 0.2"
    order = order_of(dataset)
    for told, label in zip(labels, order, strict=True):
        truth = "true" if dataset.y[dataset.test[place], label] else "not true"
        probability = frame.probabilities[0, place, label]
        name = dataset.label_names[label]
        assert told.startswith(f"{name}: {truth}, probability {probability:.3f}, gradient ")
        number = float(re.search(r"gradient ([−+][0-9.]+)", told)[1].replace("−", "-"))
        assert number == pytest.approx(details.gradients[0, place, label], rel=5e-3)
        assert told.endswith("↑" if number < 0 else "↓")
    live.page.keyboard.press("Enter")
    wait_until(lambda: live.link().get("points") == "0.6_0.2_1", "a point with label A there")


def test_a_point_painted_right_after_others_were_removed_stays_and_is_one(visit):
    live = open_stage(visit, "?scene=plane&points=-5_-5_1~-5_0_1~-5_5_1", live=True)
    canvas = live.root.locator("canvas.picture")
    box = canvas.bounding_box()
    side = min(box["width"], box["height"] - 4)
    place = {"x": box["width"] / 2 + side / 4, "y": side / 4}
    live.root.get_by_role("button", name="Take back").click()
    canvas.click(position=place)
    wait_until(lambda: "3_3_1" in live.link().get("points", ""), "the point in the link")
    live.page.wait_for_timeout(500)
    assert live.link()["points"] == "-5_-5_1~-5_0_1~3_3_1"
    live.root.get_by_role("button", name="Remove painted points").click()
    canvas.click(position=place)
    live.wait_link(points="3_3_1")
    live.page.wait_for_timeout(500)
    assert live.link()["points"] == "3_3_1"


def test_points_are_painted_taken_back_and_kept(visit):
    live = open_stage(visit, "?scene=plane", live=True)
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
    live.page.get_by_text("The points that you painted stay here.").wait_for()
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


def test_a_reader_that_sees_nothing_is_told(visit):
    live = open_stage(visit, "?rate=0.02&step=8", live=True)
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
