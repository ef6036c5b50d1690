"""The Losses page: what reaches its charts, its code and figures, its exercises, bad input."""

import base64
import json

import numpy as np
import pytest

from mlcore.learn.response import PACKED, POINTS, Scene, curves
from mlcore.losses import LOSSES
from pages.ui.kit.numbers import three
from pages.ui.losses import channel
from pages.ui.losses.exercises import EXERCISES
from pages.ui.losses.lab import Drawn
from pages.ui.losses.notes import code
from pages.ui.server import routes
from tests.app_pages import open_page
from tests.metrics_page import component

SEEN = {"seen": "losses-prior.losses-weight"}  # so that the theorems are open


def open_losses(**link: str):
    app = open_page("losses", **SEEN | link)
    assert not app.exception
    return app


def charted(app) -> dict:
    return component(app, "loss_lab")


def predict(app, number: float):
    app.number_input(key="losses-start.0.choice").set_value(number).run()
    app.button(key="losses-start.check").click().run()
    assert not app.exception
    return app


def test_the_prediction_comes_first_and_opens_the_figures():
    app = open_losses()
    assert not charted(app)["balance"]
    assert [loss["key"] for loss in charted(app)["losses"]] == ["bce", "bce_pos_weight", "focal"]
    assert charted(app)["losses"][1]["params"]["pos_weight"] == 10.0, "a number to drag"
    assert any("Answer the question above" in text.value for text in app.markdown)
    predict(app, 10.0)
    assert not charted(app)["balance"], "there is a second try"
    predict(app, 20.0)
    assert "**101.4 times**" in app.info[0].value
    assert charted(app)["balance"]
    table = component(app, "landmarks")
    texts = [[cell["text"] for cell in line] for line in table["lines"]]
    assert texts[1] == ["Sigmoid BCE", "101", "1.00", "0.0360", "0.00977"]
    assert texts[2][4] == three(10 * 5 / (10 * 5 + 507))
    said = "\n".join(text.value for text in app.markdown)
    assert "the entropy of the prior, H(π) = 0.05492 nats: **12.6 times** smaller" in said
    shift = component(app, "theorem.weight.table")["lines"]
    assert shift[1][1]["text"] == "+2.30259 to +2.30259"
    assert shift[2][1]["text"] == "0.090909"


SETTINGS = {
    "focal.gamma": "4.5",
    "focal.pos_weight": "3.0",
    "focal.alpha": "a number",
    "asymmetric.margin": "0.2",
    "asymmetric.detach_focusing": "True",
    "bce_pos_weight.pos_weight": "balanced",
    "bce_pos_weight.pos_weight.number": "77.0",
    "bce.label_smoothing": "0.3",
    "positives": "9",
    "others": "-2.5",
    "cells": "64",
    "reach": "16",
    "z": "1.5",
    "logy": "True",
}


def test_every_setting_of_the_link_reaches_the_charts_and_stays_in_the_link():
    losses = {"losses": "focal.asymmetric.bce_pos_weight.bce"}
    before = charted(open_losses(**losses))
    sliders = set(before["sliders"])
    assert {"focal.gamma", "asymmetric.margin", "positives", "others"} <= sliders
    together = {
        key: text for key, text in SETTINGS.items() if key != "bce_pos_weight.pos_weight"
    } | losses
    app = open_losses(**together, topic="code")
    assert dict(app.query_params) == together | {"topic": "code"} | SEEN
    after = charted(app)
    params = {loss["key"]: loss["params"] for loss in after["losses"]}
    assert params["focal"] | {"gamma": 4.5, "pos_weight": 3.0, "alpha": 0.5} == params["focal"]
    assert params["asymmetric"]["margin"] == 0.2
    assert params["asymmetric"]["detach_focusing"] is True
    assert params["bce_pos_weight"]["pos_weight"] == 77.0
    assert params["bce"]["label_smoothing"] == 0.3
    scene = {"cells": 64, "positives": 9, "others": -2.5, "low": -16, "high": 16}
    assert after["scene"] == scene
    assert after["cursor"]["value"] == 1.5
    assert after["log"]
    assert "'gamma': 4.5" in app.code[0].value
    assert "z = 1.5" in app.code[0].value
    scheme = open_losses(losses="bce_pos_weight", **{"bce_pos_weight.pos_weight": "balanced"})
    assert charted(scheme)["losses"][0]["params"]["pos_weight"] == "balanced"


def test_what_is_set_rarely_is_folded_below_the_charts():
    app = open_losses(losses="focal.bce.zlpr", **{"focal.alpha": "a number"})
    (more,) = [each for each in app.expander if each.label == "More settings"]
    folded = {box.key for box in more.selectbox}
    assert folded == {"losses.focal.alpha", "losses.cells", "losses.reach"}
    assert "This one has no parameters." in [text.value for text in app.caption]
    assert "Focal loss" in "".join(text.value for text in more.markdown)
    assert "Sigmoid BCE" not in "".join(text.value for text in more.markdown), "it has no others"


def test_other_losses_and_topics_are_drawn_and_whole_losses_say_what_they_are():
    app = open_losses(losses="softmax.partition_poisson")
    app.multiselect(key="losses.losses").set_value(["softmax", "zlpr", "soft_f1", "two_way"]).run()
    assert not app.exception
    assert app.query_params["losses"] == "softmax.zlpr.soft_f1.two_way"
    told = next(text.value for text in app.caption if "There is no curve" in text.value)
    assert "one row of 512 labels, 5 of them true" in told
    assert "one label over 512 rows" in told
    assert "16 rows of 32 labels" in told
    legend = [loss["legend"] for loss in charted(app)["losses"]]
    assert legend[0] == "Softmax cross entropy (nats)"
    assert legend[2] == "Soft F1 (no unit)"
    assert charted(app)["words"]["panels"][0] == "Loss of a true label"
    app.button_group(key="losses.topic").set_value("formulas").run()
    assert len(app.latex) == 4 + 2  # the theorems' two
    app.button_group(key="losses.topic").set_value("framework").run()
    app.selectbox(key="losses.shown").set_value("zlpr").run()
    assert not app.exception
    assert "def " in app.code[0].value
    app.multiselect(key="losses.losses").set_value([]).run()
    assert "Choose at least one loss." in app.info[0].value
    app.multiselect(key="losses.losses").set_value(["partition_poisson"]).run()
    assert not app.exception
    assert any("Its 1 output that is not a label" in text.value for text in app.caption)
    assert charted(app)["losses"][0]["legend"] == "Partition: Poisson"
    assert charted(app)["words"]["panels"][0] == "Loss of a true label (nats)"


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("losses", "bce.hinge", "losses must be one of softmax"),
        ("losses", "bce.focal.softmax.zlpr.hill", "losses must be at most 4, got 5"),
        ("focal.gamma", "1e30", "gamma must be <= 10"),
        ("focal.gamma", "nan", "gamma must be finite"),
        ("focal.gamma", "much", "gamma must be a number"),
        ("positives", "2.5", "positives must be a whole number"),
        ("cells", "9", "cells must be one of 512, 64, 8"),
        ("z", "1e9", "z must be <= 40"),
    ],
)
def test_a_link_that_asks_for_nonsense_is_told_so(key, text, message):
    app = open_losses(**{key: text})
    assert f"`{key}={text}`" in app.warning[0].value
    assert message in app.warning[0].value.replace("\\", "")
    assert key not in app.query_params


def test_settings_that_no_longer_fit_are_moved_to_the_nearest_that_do():
    app = open_losses(positives="300", cells="64", z="-12.0", reach="8")
    assert charted(app)["scene"]["positives"] == 63
    assert charted(app)["cursor"]["value"] == -8.0


def test_the_code_runs_as_printed_and_prints_what_the_curves_say(capsys):
    scene = Scene(cells=12, positives=4, others=-0.5)
    drawn = [Drawn(key=key, params={}) for key in LOSSES]
    place = 250
    z = float(scene.logits()[place])
    exec(code(drawn, scene, z), {})
    lines = [line.split(" ") for line in capsys.readouterr().out.splitlines()]
    printed = {(line[0], line[1]): line[2:] for line in lines}
    for key in LOSSES:
        found = curves(key, {}, scene)[:, place].reshape(2, 2)
        for is_true, expected in zip(("1", "0"), found, strict=True):
            np.testing.assert_allclose(
                [float(text) for text in printed[key, is_true]], expected, rtol=1e-6, atol=1e-12
            )
        assert ("None" in printed[key, "pulls"]) == (LOSSES[key].unit != "label")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.key)
def test_an_exercise_takes_the_computed_answer_and_explains_a_wrong_one(exercise):
    known = {
        "losses-start": (507 / 5, "101.4 times"),
        "losses-weight": (0.5, "**0.500**"),
        "losses-focal": ("less", "**0.694**"),
        "losses-prior": (12.62, "12.6 times"),
    }
    right, text = known[exercise.key]
    wrong = "more" if exercise.options else 1.1 * right
    assert exercise.is_right(right, exercise.first)
    assert not exercise.is_right(wrong, exercise.first)
    assert text in exercise.told(exercise.first)


QUESTION = {"losses": [["focal", {"gamma": 3.0}], ["softmax", {}]], "scene": {"cells": 64}}


def test_the_channel_answers_with_figures():
    answer = channel.answer(QUESTION)
    figures = np.frombuffer(base64.b64decode(answer["figures"]), "<f4").reshape(2, PACKED)
    expected = curves("focal", {"gamma": 3.0}, Scene(cells=64))
    np.testing.assert_allclose(figures[0, : 4 * POINTS], expected.ravel(), rtol=1e-6, atol=1e-30)
    assert answer["prior_logit"] == pytest.approx(np.log(5 / 59))


@pytest.mark.parametrize(
    "wrong",
    [
        {"losses": []},
        {"losses": [["bce", {}]] * 5},
        {"losses": [["os:system", {}]]},
        {"losses": [["focal", {"gamma": float("inf")}]]},
        {"losses": [["focal", {"gamma": [1]}]]},
        {"losses": [["focal", {"colour": 1}]]},
        {"losses": [["focal"]]},
        {"losses": 7},
        {"scene": {"cells": 10**9}},
        {"scene": {"cells": "many"}},
        {"scene": {"where": 1}},
        {"scene": None},
    ],
)
def test_the_channel_refuses_what_does_not_exist(wrong):
    told = json.loads(
        routes.Reply(channel.answer, json.dumps({"seq": 3, **QUESTION, **wrong})).next_part()
    )
    assert told["seq"] == 3
    assert told["error"]
