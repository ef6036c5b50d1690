"""Predictions of a preset's race: committed before, settled by the race's own figures."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pages.ui.train.predictions import PREDICTIONS
from pages.ui.train.presets import PRESETS, preset_of
from tests.app_pages import QUICK, button, newest_run, open_page, wait_for

THRESHOLDS = np.array([0.1, 0.5])


def record(step: int = 0, loss: float = 0.7, **scores):
    """What a contender shows at 0.1 and at 0.5."""
    both = {name: np.array(values) for name, values in scores.items()}
    return SimpleNamespace(
        step=step,
        validation_loss=loss,
        thresholds=THRESHOLDS,
        scores=both,
        positive_gradient_share=0.01,
    )


def race(*records):
    return SimpleNamespace(records=list(records), true_labels=5.0)


def labels(count: float):
    return record(labels_per_row=(9.0, count))


def empty(step: int, share: float):
    return record(step, empty_share=(0.0, share))


@pytest.mark.parametrize(
    ("count", "answer"), [(3.3, "few"), (3.4, "right"), (7.5, "right"), (7.6, "many")]
)
def test_an_amount_is_that_of_the_weighted_contender_in_the_end(count, answer):
    late = race([labels(0.0)] * 3, [labels(99.0), labels(count), labels(99.0)])
    assert PREDICTIONS["Weight 50"].answer(late) == answer
    late = race([labels(0.0)] * 3, [labels(99.0), labels(99.0), labels(count)])
    assert PREDICTIONS["Balanced overshoots"].answer(late) == answer


@pytest.mark.parametrize(
    ("shares", "who", "when"),
    [
        ([(1.0, 1.0), (0.0, 0.0)], "AB", "same"),
        ([(1.0, 0.0), (0.0, 0.0)], "A", "sooner"),
        ([(0.0, 1.0), (0.0, 0.0)], "B", "later"),
        ([(0.0, 0.0), (0.0, 0.0)], "none", "same"),
        ([(1.0, 1.0), (1.0, 0.0), (0.0, 0.0)], "AB", "sooner"),
        ([(1.0, 1.0), (1.0, 1.0)], "AB", "same"),
    ],
)
def test_who_collapses_and_who_leaves_first(shares, who, when):
    steps = ([empty(10 * step, share) for share in both] for step, both in enumerate(shares))
    late = race(*steps)
    assert PREDICTIONS["All zeros"].answer(late) == who
    assert PREDICTIONS["Focal"].answer(late) == when


def test_who_is_ahead_is_asked_at_a_tenth():
    both = [record(samples_f1=(0.3, 0.6)), record(samples_f1=(0.4, 0.1))]
    asked = PREDICTIONS["Softmax is fine, its threshold is not"]
    assert asked.answer(race(both)) == "B"
    assert asked.answer(race(both[::-1])) == "A"


@pytest.mark.parametrize(
    ("loss", "answer"), [(0.3, "smaller"), (0.4, "same"), (1.3, "same"), (1.5, "larger")]
)
def test_a_first_loss_is_compared_with_the_other(loss, answer):
    first = [record(loss=0.7), record(loss=loss)]
    assert PREDICTIONS["Prior bias"].answer(race(first, [record(), record()])) == answer


def test_every_preset_has_a_question_of_its_own():
    assert list(PREDICTIONS) == list(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_race_is_known_by_what_its_preset_sets(preset):
    app = open_page("train")
    button(app, f"preset {preset}").click().run()
    button(app, "run_button").click().run()
    run = newest_run(app)
    assert preset_of(run.about) == preset
    other = replace(run.about, configs=run.about.configs[::-1])
    assert preset_of(other) != preset
    button(app, "stop_button").click().run()
    button(app, "reset_button").click().run()


def test_what_was_committed_before_a_race_stands_in_its_verdict(monkeypatch):
    monkeypatch.setitem(PRESETS, "Prior bias", PRESETS["Prior bias"] | QUICK_VALUES)
    app = open_page("train", **QUICK)
    button(app, "preset Prior bias").click().run()
    app.radio(key="guess.train.Prior bias.choice").set_value("same").run()
    assert "guess.train.Prior bias" not in app.session_state, "a choice alone commits nothing"
    button(app, "guess.train.Prior bias.commit").click().run()
    assert any("You said: **about the same**" in text.value for text in app.markdown)
    button(app, "run_button").click().run()
    wait_for(newest_run(app), "finished")
    app.run()
    told = [text.value for text in app.markdown if text.value.startswith("You predicted")]
    assert told == ["You predicted: **about the same**, and it was **less than half of A's**."]


QUICK_VALUES = {
    "data": "synthetic",
    "synthetic.rows": 300,
    "synthetic.labels": 300,
    "epochs": 2,
    "model": "linear",
}
