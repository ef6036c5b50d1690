"""What the playground's stage is told, and what it may not ask for."""

import base64
import json

import numpy as np
import pytest

from mlcore.datasets.source import resolve
from mlcore.training.playback import FIGURES, THRESHOLDS, Frame, play
from mlcore.workers import pool
from pages.ui.playground.channel import MOST_CONTENDERS, answer, configs_of, data_of
from pages.ui.playground.facts import order_of
from pages.ui.playground.scenes import SCENES
from pages.ui.server.routes import Reply

CONFIG = {
    "loss": "focal",
    "loss_params": {"gamma": 0.0, "pos_weight": 4.0},
    "model": "linear",
    "learning_rate": 0.03,
}
QUESTION = {
    "scene": "truth",
    "options": {"exponent": 1.5},
    "configs": [CONFIG, {**CONFIG, "loss": "softmax", "loss_params": {}}],
    "known": [],
    "threshold": 0.3,
    "step": None,
    "detailed": False,
    "whole": True,
}


def parts_of(**changes) -> list[dict]:
    reply, parts = Reply(answer, json.dumps({"seq": 7, **QUESTION, **changes})), []
    while not reply.is_over:
        parts.append(json.loads(reply.next_part()))
    return parts


def floats(text: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(shape)


@pytest.fixture(scope="module")
def expected() -> tuple[np.ndarray, list[Frame]]:
    """The order of labels, and the frames of the question."""
    scene = SCENES["truth"]
    dataset = resolve(data := data_of(scene, QUESTION["options"]))
    configs = configs_of(scene, QUESTION["configs"])
    return order_of(dataset), list(play(data, configs, scene.rows_of(dataset)))


def test_the_whole_run_comes_in_parts(expected):
    order, frames = expected
    parts = parts_of()
    assert len(parts) > 1
    assert [part["more"] for part in parts] == [True] * (len(parts) - 1) + [False]
    assert [step for part in parts for step in part["steps"]] == [frame.step for frame in frames]
    for part in parts:
        assert part["seq"] == 7
        own = frames[part["first"] :][: len(part["steps"])]
        figures = floats(part["figures"], len(own), 2, len(FIGURES), len(THRESHOLDS))
        np.testing.assert_array_equal(figures, np.float32([each.figures for each in own]))
        shown = floats(part["probabilities"], len(own), 2, 12, 12)
        np.testing.assert_array_equal(shown, [each.probabilities[..., order] for each in own])
        losses = floats(part["losses"], len(own), 2, 2)
        np.testing.assert_array_equal(losses, np.float32([each.losses for each in own]))


def test_what_is_seen_while_something_is_dragged_is_a_cut_of_it(expected):
    order, frames = expected
    every = {frame.step: frame for frame in frames}
    step = 26
    (told,) = parts_of(whole=False, step=step, detailed=True)
    assert told["step"] == step
    assert told["threshold"] == 0.3
    assert step in told["steps"]
    assert told["steps"][-1] == frames[-1].step
    assert len(told["steps"]) < 0.6 * len(frames)
    curves = floats(told["curves"], len(told["steps"]), 2, len(FIGURES))
    for place, recorded in enumerate(told["steps"]):
        if recorded in every:
            np.testing.assert_array_equal(
                curves[place], np.float32(every[recorded].figures[..., 30])
            )
    over = floats(told["over"], 2, len(FIGURES), len(THRESHOLDS))
    np.testing.assert_array_equal(over, np.float32(every[step].figures))
    shown = floats(told["probabilities"], 2, 12, 12)
    np.testing.assert_array_equal(shown, every[step].probabilities[..., order])
    assert told["details"]["step"] == step
    assert len(floats(told["details"]["gradients"], -1)) == 2 * 12 * 12
    assert len(floats(told["details"]["labels"], -1)) == 2 * 3 * 12


def test_a_step_beyond_the_end_shows_the_end(expected):
    (told,) = parts_of(whole=False, step=10**6, detailed=True)
    assert told["step"] == expected[1][-1].step
    assert told["details"] is None


def test_facts_come_once():
    first, *others = parts_of()
    assert not any("facts" in part for part in others)
    facts = first["facts"]
    assert all("facts" not in part for part in parts_of(known=["other", first["key"]]))
    assert "facts" in parts_of(known=[first["key"]], options={"exponent": 1.6})[0]
    dataset = resolve(data_of(SCENES["truth"], QUESTION["options"]))
    order = order_of(dataset)
    assert facts["names"] == [dataset.label_names[label] for label in order]
    frequencies = floats(facts["frequencies"], -1)
    np.testing.assert_allclose(frequencies, dataset.y[dataset.train].mean(axis=0)[order])
    assert (np.diff(frequencies) <= 0).all()
    rows = dataset.validation[:12]
    targets = np.frombuffer(base64.b64decode(facts["targets"]), np.uint8).reshape(12, 12)
    np.testing.assert_array_equal(targets, dataset.y[rows][:, order])
    truth = floats(facts["truth"], 12, 12)
    np.testing.assert_allclose(truth, dataset.probabilities[rows][:, order], rtol=1e-6)
    assert facts["cardinality"] == dataset.y[dataset.validation].sum(axis=1).mean()


def test_painted_points_are_trained_on():
    points = [[1.0, 2.0, 0, 0, 1], [1.5, 2.5, 0, 0, 1]]
    told = parts_of(scene="plane", options={"points": points}, configs=[CONFIG])[0]
    places = floats(told["facts"]["points"]["places"], -1, 2)
    np.testing.assert_allclose(places[-2:], [[1.0, 2.0], [1.5, 2.5]], atol=1e-5)
    assert len(floats(told["probabilities"], -1)) == 8 * 900 * 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scene": "nowhere"}, "scene must be one of digits, tags, truth, plane; got 'nowhere'"),
        ({"options": {"rows": 20_000}}, "an option must be one of exponent; got 'rows'"),
        ({"options": {"exponent": 99}}, "exponent must be <= 3.0, got 99"),
        ({"options": [1]}, "options must be values by name, got [1]"),
        ({"configs": []}, "the number of configs must be >= 1, got 0"),
        ({"configs": [CONFIG] * (MOST_CONTENDERS + 1)}, "must be <= 2, got 3"),
        ({"configs": ["bce"]}, "configs must be a list of mappings, got ['bce']"),
        ({"configs": [{**CONFIG, "model": "transformer"}]}, "model must be one of linear, mlp"),
        ({"configs": [{**CONFIG, "loss": "none"}]}, "loss must be one of"),
        ({"configs": [{**CONFIG, "learning_rate": 0}]}, "learning_rate must be > 0, got 0"),
        ({"known": 3}, "known must be a list, got 3"),
        ({"threshold": 2}, "threshold must be <= 1, got 2"),
        ({"step": -1}, "step must be >= 0, got -1"),
        ({"step": 1.5}, "step must be a whole number, got 1.5"),
        ({"scene": "plane", "options": {"points": [[99, 0, 1, 0, 0]]}}, "must be <= 6"),
        ({"scene": "plane", "options": {"points": [["a", 0, 1, 0, 0]]}}, "must be a number"),
        ({"scene": "plane", "options": {"points": "all"}}, "points must be"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(changes, message):
    (told,) = parts_of(**changes)
    assert message in told["error"]
    assert told["seq"] == 7


def test_a_worker_that_dies_begins_anew(monkeypatch, expected):
    _order, frames = expected

    def dying(*_arguments, **_more):
        yield from frames[:20]
        yield from frames

    monkeypatch.setattr(pool, "stream", dying)
    parts = parts_of()
    assert [part["first"] for part in parts].count(0) == 2
    last = max(k for k, part in enumerate(parts) if part["first"] == 0)
    steps = [step for part in parts[last:] for step in part["steps"]]
    assert steps == [frame.step for frame in frames]
    (told,) = parts_of(whole=False)
    assert told["steps"] == steps
