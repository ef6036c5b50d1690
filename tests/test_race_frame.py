"""What the browser is told of a race: the words, and the numbers of its curves."""

import json

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.runs import Run
from mlcore.training import TrainConfig, history_frame, race
from pages.ui.race_frame import PANELS, collapse_sentence, race_frame

GRID = (0.25, 0.5)


@pytest.fixture(scope="module")
def run():
    """A race of three epochs, with two pulses between its records."""
    dataset = load("synthetic", labels=20, rows=400, cardinality=2.0)
    configs = tuple(TrainConfig(loss=loss, hidden=(8,), epochs=3) for loss in ("bce", "focal"))
    made = Run(id="x", configs=configs, dataset=dataset, state="running", seconds=2.0)
    made.records = list(race(configs, dataset, thresholds=GRID))
    made.pulses = [(1, [0.5, 0.25]), (3, [0.4, 0.2])]
    return made


def test_frame_holds_every_record_and_the_losses_between(run):
    frame = json.loads(json.dumps(race_frame(run, 0.5, 0)))
    assert frame["step"] == [0, 1, 2, 3, 4, 6]
    panels = {panel.value: told for panel, told in zip(PANELS, frame["panels"], strict=True)}
    history = history_frame(run.records, ["a", "b"], 0.5)
    f1 = history["samples_f1"].to_numpy()[1::2]
    told = panels["samples_f1"]["lines"][1]
    assert [value for value in told if value is not None] == pytest.approx(list(f1), rel=1e-5)
    assert [place for place, value in enumerate(told) if value is None] == [1, 3]
    assert panels["validation_loss"]["faint"][0][1] == 0.5
    assert panels["validation_loss"]["faint"][1][3] == 0.2
    assert "A Sigmoid BCE: 0." in panels["samples_f1"]["summary"]


def test_frame_in_parts_is_the_whole(run):
    whole = race_frame(run, 0.25, 0)
    part = race_frame(run, 0.25, 4)
    assert part["first"] == 4
    assert part["step"] == whole["step"][4:]
    for of_part, of_whole in zip(part["panels"], whole["panels"], strict=True):
        assert of_part["lines"] == [line[4:] for line in of_whole["lines"]]


def test_threshold_changes_cards_and_curves(run):
    low, high = race_frame(run, 0.25, 0), race_frame(run, 0.5, 0)
    assert low["cards"] != high["cards"]
    assert low["panels"][1]["lines"] != high["panels"][1]["lines"]


def test_progress_names_speed_and_time_left(run):
    # 6 steps of 6 are recorded, so nothing is left.
    progress = race_frame(run, 0.5, 0)["progress"]
    rows = 3 * len(run.dataset.train) / 2.0
    assert progress["share"] == 1.0
    assert f"{rows:,.0f} rows per second" in progress["text"]
    assert "0 s left" in progress["text"]


def test_run_without_records_has_progress_alone():
    dataset = load("synthetic", labels=20, rows=400, cardinality=2.0)
    frame = race_frame(Run(id="x", configs=(TrainConfig(),), dataset=dataset), 0.5, 0)
    assert frame["progress"]["share"] == 0
    assert frame["progress"]["text"].startswith("Starting")
    assert frame["panels"] == frame["cards"] == frame["story"] == []


@pytest.mark.parametrize(
    ("empty", "sentence"),
    [
        ([0, 0.995, 1, 0.5], "From step 1 to step 2, A predicts nothing for at least 99.5%"),
        ([0, 0, 0.99, 1], "From step 2 on, A predicts nothing for at least 99.0%"),
        ([1, 1, 0, 0], "There, 80.0% of its gradient came from labels that are not true"),
        ([0, 0.995, 1, 0], "Before that, 80.0% of its gradient came from labels that are not"),
    ],
)
def test_collapse_is_told_with_its_figures(run, empty, sentence):
    history = history_frame(run.records, ["a", "b"], 0.5).iloc[::2].copy()
    history["step"], history["empty_share"] = np.arange(4), empty
    history["positive_gradient_share"] = 0.2
    assert sentence in collapse_sentence(history, "A")


def test_no_collapse_is_not_told(run):
    history = history_frame(run.records, ["a", "b"], 0.5).iloc[::2].copy()
    history["empty_share"] = 0.9
    assert collapse_sentence(history, "A") is None
