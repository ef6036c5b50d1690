"""What the browser is told of a retraining, and what it may not ask for."""

import base64
import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.training import TrainConfig, train
from mlcore.training.retraining import CURVES, TooLong
from mlcore.workers import pool
from pages.ui.server import routes
from pages.ui.sweep.retrain_channel import answer

OPTIONS = {"rows": 300, "labels": 6, "cardinality": 1.5}
CONFIG = TrainConfig(loss="focal", model="linear", epochs=3)
QUESTION = {
    "data": "synthetic",
    "options": OPTIONS,
    "config": {**asdict(CONFIG), "hidden": [512]},
    "values": {"gamma": 1.5, "learning_rate": 0.02},
}

TOO_MANY = "rows × labels × epochs must be at most 200,000,000 to retrain"


def asked(**changes) -> dict:
    return json.loads(
        routes.Reply(answer, json.dumps({"seq": 7, **QUESTION, **changes})).next_part()
    )


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_the_answer_is_a_run_with_the_values_that_were_dragged():
    told = asked()
    assert told["seq"] == 7
    curves = floats(told["curves"]).reshape(len(CURVES), -1)
    config = replace(CONFIG, loss_params={"gamma": 1.5}, learning_rate=0.02)
    records = list(train(config, load("synthetic", **OPTIONS), record="epoch"))
    losses = [record.validation_loss for record in records]
    np.testing.assert_array_equal(curves[1], np.float32(losses))
    f1s = [record.scores["macro_f1"][0] for record in records]
    np.testing.assert_array_equal(curves[CURVES.index("macro_f1")], np.float32(f1s))
    assert len(floats(told["label_f1"])) == 6
    assert told["at_half"]["macro_f1"] == pytest.approx(floats(told["label_f1"]).mean(), abs=1e-6)
    assert told["seconds"] > 0
    assert not told["diverged"]


def test_what_a_diverged_run_lacks_is_told_as_nothing():
    told = asked(config={"loss": "zlpr", "optimizer": "sgd", "epochs": 2, "hidden": [8]},
                 values={"learning_rate": 1e30})  # fmt: skip
    assert told["diverged"]
    assert told["at_half"]["macro_f1"] is None
    assert told["tuned"]["macro_f1"] == [None, None]
    assert np.isnan(floats(told["curves"])[-1])


def test_a_run_that_would_take_too_long_is_told_with_its_time(monkeypatch):
    def refuse(*_given, **_more):
        raise TooLong(31.5)

    monkeypatch.setattr(pool, "call", refuse)
    assert asked() == {"expected": 31.5, "seq": 7}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"data": "iris"}, "data must be one of"),
        ({"data": ["synthetic"]}, "data must be one of"),
        ({"options": {"rows": 10**9}}, "rows must be <= 20000"),
        ({"options": {"rows": 20_000}, "config": {"loss": "focal", "epochs": 200}}, TOO_MANY),
        ({"options": {"rows": [300]}}, "rows must be a number"),
        ({"options": {"path": "/etc"}}, "option of synthetic must be one of"),
        ({"options": 3}, "options must be a mapping"),
        ({"config": {"loss": "os:system"}}, "loss must be one of"),
        ({"config": {"loss": ["bce"]}}, "loss must be one of"),
        ({"config": {"loss": "focal", "epochs": 10**7}}, TOO_MANY),
        ({"config": {"hidden": [65536] * 3, "loss": "focal"}}, "a model must have at most"),
        ({"config": {"hidden": "wide"}}, "hidden must be widths"),
        ({"config": {"colour": 1}}, "colour"),
        ({"config": []}, "config must be a mapping"),
        ({"values": {"gamma": -1}}, "gamma must be >= 0"),
        ({"values": {"tau": 1}}, "parameter of focal must be one of"),
        ({"values": {"learning_rate": "fast"}}, "learning_rate must be a number"),
        ({"values": None}, "values must be a mapping"),
    ],
)
def test_the_channel_refuses_what_does_not_exist_or_is_too_large(wrong, message):
    told = asked(**wrong)
    assert told["seq"] == 7
    assert message in told["error"]


def test_a_question_that_lacks_something_is_refused():
    told = json.loads(routes.Reply(answer, json.dumps({"seq": 1, "data": "digits"})).next_part())
    assert told["error"] == "'options'"
