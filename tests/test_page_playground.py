"""The playground's settings: what its link says, what its stage asks, where it leads."""

import pytest

from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from pages.ui.playground.channel import configs_of, data_of
from pages.ui.playground.scenes import SCENES
from pages.ui.playground.settings import (
    LOSS_TITLES,
    MOST_PAINTED,
    NOTHING,
    SETTINGS,
    dragged_of,
    moved_by,
    question_of,
    rarity_of,
)
from pages.ui.playground.ways import setup_of, sweep_link, train_link
from pages.ui.sweep.settings import SETTINGS as SWEEP
from pages.ui.train.settings import SETTINGS as TRAIN
from tests.app_pages import button, open_page
from tests.metrics_page import component

FIRST = {name: each.start for name, each in SETTINGS.by_name.items()}
POINTS = SETTINGS.by_name["points"]


def stage(app) -> dict:
    return component(app, "stage")


def test_the_page_begins_with_plain_bce_on_digits_and_its_recording():
    app = open_page("playground")
    assert not app.exception
    data = stage(app)
    assert data["question"]["scene"] == "digits"
    (config,) = data["question"]["configs"]
    assert config["loss"] == "focal"
    assert config["loss_params"] == {"pos_weight": 1.0, "gamma": 0.0}
    assert data["recording"]


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_can_be_shown_with_its_sliders(loss):
    app = open_page("playground", loss=loss)
    assert not app.exception
    data = stage(app)
    sliders = {name for name, (part, _name) in data["moves"].items() if part == "loss_params"}
    assert sliders == {f"{loss}.{each.name}" for each in dragged_of(loss)}
    assert bool(data["recording"]) == (loss == "focal")
    configs = configs_of(SCENES["digits"], data["question"]["configs"])
    assert configs[0].loss == loss
    for parameter in dragged_of(loss):
        assert parameter.low <= parameter.default <= parameter.high


@pytest.mark.parametrize("scene", SCENES)
def test_what_a_slider_moves_is_in_the_question(scene):
    values = FIRST | {"scene": scene, "against": "softmax"}
    question = question_of(values)
    for part, name in moved_by("focal", scene).values():
        where = {
            "options": question["options"],
            "loss_params": question["configs"][0]["loss_params"],
            "configs": question["configs"][1],
        }[part]
        assert name in where
    data_of(SCENES[scene], question["options"])
    assert len(configs_of(SCENES[scene], question["configs"])) == 2
    assert (rarity_of(scene) is None) == (scene == "tags")


def test_each_scene_begins_with_its_own_model_and_rate():
    for scene, info in SCENES.items():
        app = open_page("playground", scene=scene)
        assert not app.exception
        (config,) = stage(app)["question"]["configs"]
        assert config["model"] == info.config.model
        assert config["learning_rate"] == info.config.learning_rate
        assert stage(app)["picture"] == info.picture
        assert dict(app.query_params) == {} or scene != "digits"


@pytest.mark.parametrize("name", ["scene", "loss", "against", "model"])
def test_every_choice_changes_what_is_asked(name):
    app = open_page("playground")
    before = stage(app)["question"]
    box = app.selectbox(key=f"playground.{name}")
    assert box.help
    box.select_index(1 if box.index == 0 else 0).run()
    assert not app.exception
    assert stage(app)["question"] != before


def test_points_in_the_link():
    points = ((1.25, -3.1, 1, 0, 1), (0.0, 6.0, 0, 0, 0))
    text = POINTS.write(points)
    assert text == "1.25_-3.1_5~0_6_0"
    assert POINTS.read(text) == points
    POINTS.read("~".join(["1_1_7"] * MOST_PAINTED))
    for bad, message in (
        ("1_1_8", "must be <= 7"),
        ("1_1", "points such as"),
        ("nan_1_0", "finite"),
        ("1_7_0", "must be <= 6"),
        ("~".join(["1_1_7"] * (MOST_PAINTED + 1)), f"must be <= {MOST_PAINTED}"),
    ):
        with pytest.raises(ValueError, match=message):
            POINTS.read(bad)


def test_the_ways_carry_what_is_set():
    values = FIRST | {"focal.pos_weight": 7.3, "rate": 0.02, "digits.exponent": 1.7}
    setup = setup_of(question_of(values))
    assert [config.loss for config in setup.configs] == ["focal", "bce"]
    assert isinstance(setup.configs[0], TrainConfig)
    link = train_link(setup, 0.3)
    assert link["threshold"] == "0.3"
    assert link["digits.exponent"] == "1.7"
    for name, text in link.items():
        TRAIN.by_name[name].read(text)
    app = open_page("train", **link)
    assert not app.warning
    for name, text in sweep_link(setup).items():
        SWEEP.by_name[name].read(text)
    assert not open_page("sweep", **sweep_link(setup)).warning


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({}, "bce_pos_weight"),
        ({"loss": "bce"}, "bce_pos_weight"),
        ({"focal.gamma": 2.0}, "bce"),
        ({"loss": "asymmetric"}, "bce"),
        ({"against": "softmax"}, "softmax"),
    ],
)
def test_the_second_contender_is_another_loss(changes, other):
    setup = setup_of(question_of(FIRST | changes))
    assert setup.configs[1].loss == other
    assert setup.configs[1].learning_rate == setup.configs[0].learning_rate


def test_painted_points_stay_in_the_playground():
    values = FIRST | {"scene": "plane", "points": ((1.0, 1.0, 1, 0, 0),)}
    assert "points" not in setup_of(question_of(values)).options


@pytest.mark.parametrize(
    ("guess", "told"), [("none", "**Right**: 0.0"), ("many", "**Not quite, hardly any**: 0.0")]
)
def test_the_dark_scene_is_predicted_before_it_is_told(guess, told):
    app = open_page("playground", scene="tags")
    button(app, "guess.playground.dark.commit").click().run()
    assert [toast.value for toast in app.toast] == ["Choose an answer first, or skip the question."]
    app.radio(key="guess.playground.dark.choice").set_value(guess).run()
    assert not any("as this scene is set up" in text.value for text in app.markdown)
    button(app, "guess.playground.dark.commit").click().run()
    assert any(text.value.startswith(told) for text in app.markdown)
    assert stage(app)["step"] == "last"
    button(app, "dark_step").click().run()
    assert stage(app)["step"] == "10"
    assert not open_page("playground").radio, "only this scene asks"
    assert not open_page("playground", scene="tags", step="10").radio, "it is seen already"


def test_titles_of_losses():
    assert set(LOSS_TITLES) == set(LOSSES)
    assert NOTHING not in LOSSES
