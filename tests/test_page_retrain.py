"""The panel that retrains, without a browser: its sliders, and what reaches its charts."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from mlcore.training.retraining import retrain
from pages.ui.sweep import retrain_channel
from pages.ui.sweep.retrain import MOST_SLIDERS, draggable
from tests.conftest import PATIENCE
from tests.metrics_page import component

OPTIONS = {"rows": 2000, "labels": 20, "cardinality": 2.0}
WEIGHTED = TrainConfig(
    loss="bce_pos_weight",
    loss_params={"pos_weight": 10.0},
    model="linear",
    epochs=20,
    learning_rate=0.03,
)


def panel(config: dict) -> None:
    """The panel alone, under settings that the test may change between runs."""
    import streamlit as st

    from mlcore.training import TrainConfig
    from pages.ui.sweep.retrain import draw_retrain
    from pages.ui.sweep.settings import SETTINGS

    config = TrainConfig(**st.session_state.get("config", config))
    SETTINGS.begin()
    draw_retrain("synthetic", {"rows": 300}, config)
    SETTINGS.end()


def open_panel(config: TrainConfig, **link: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=PATIENCE, args=(asdict(config),))
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


def charted(app: AppTest) -> dict:
    return component(app, "-retrain")


def test_sliders_begin_where_the_sidebar_stands():
    app = open_panel(WEIGHTED)
    assert "Macro averages are over the labels that occur" in app.caption[0].value
    given = charted(app)
    assert given["values"] == {"pos_weight": 10.0, "label_smoothing": 0.0, "learning_rate": 0.03}
    assert given["sliders"] == {
        "r.bce_pos_weight.pos_weight": "pos_weight",
        "r.bce_pos_weight.label_smoothing": "label_smoothing",
        "r.learning_rate": "learning_rate",
    }
    assert given["question"]["data"] == "synthetic"
    assert given["question"]["options"] == {"rows": 300}


def test_what_the_charts_ask_is_answered():
    config = replace(WEIGHTED, epochs=2, device="cuda")  # wherever sweeps run
    given = charted(open_panel(config))
    told = retrain_channel.answer({**given["question"], "values": given["values"]})
    assert not told["diverged"]


def test_every_slider_reaches_the_charts_and_the_link():
    asked = {
        "r.focal.gamma": "4.5",
        "r.focal.pos_weight": "3.5",
        "r.focal.poly": "0.7",
        "r.learning_rate": "0.2",
    }
    app = open_panel(replace(WEIGHTED, loss="focal", loss_params={}), **asked)
    values = {"gamma": 4.5, "pos_weight": 3.5, "poly": 0.7, "learning_rate": 0.2}
    assert charted(app)["values"] == values
    for key, text in asked.items():
        assert app.query_params[key] == text


def test_a_value_that_is_let_go_reaches_the_charts_and_the_link():
    app = open_panel(WEIGHTED)
    key = "r.bce_pos_weight.pos_weight"
    app.session_state[f"sweep.{key}"] = 25.0
    app.run()
    assert charted(app)["values"]["pos_weight"] == 25.0
    assert app.query_params[key] == "25.0"


def test_a_new_setting_of_the_sidebar_moves_its_slider_and_no_other():
    app = open_panel(WEIGHTED, **{"r.learning_rate": "0.2"})
    config = replace(WEIGHTED, loss_params={"pos_weight": 40.0})
    app.session_state["config"] = asdict(config)
    app.run()
    assert charted(app)["values"]["pos_weight"] == 40.0
    assert charted(app)["values"]["learning_rate"] == 0.2


def test_a_scheme_of_weights_is_what_a_number_is_compared_with():
    app = open_panel(replace(WEIGHTED, loss_params={"pos_weight": "sqrt"}))
    assert charted(app)["values"]["pos_weight"] == 10.0
    assert charted(app)["question"]["config"]["loss_params"] == {"pos_weight": "sqrt"}


def test_a_link_that_asks_for_nonsense_is_told():
    app = open_panel(WEIGHTED, **{"r.learning_rate": "fast"})
    assert "learning_rate must be a number" in app.warning[0].value.replace("\\", "")
    assert charted(app)["values"]["learning_rate"] == 0.03


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_sliders_within_the_ends_of_its_parameters(loss):
    parameters = list(draggable(TrainConfig(loss=loss, learning_rate=5.0)))
    assert 1 <= len(parameters) <= MOST_SLIDERS
    assert parameters[-1].name == "learning_rate"
    assert parameters[-1].high == 5.0, "what the sidebar says can be shown"
    values = {parameter.name: parameter.default for parameter in parameters}
    config = retrain_channel.dragged(TrainConfig(loss=loss), values)
    for parameter in parameters:
        for end in (parameter.low, parameter.default, parameter.high):
            retrain_channel.dragged(config, {parameter.name: end})


def test_what_there_is_to_notice_is_so():
    """The claims of the panel, on the first settings of the page."""

    def run(**changes):
        return retrain("synthetic", OPTIONS, replace(WEIGHTED, **changes))

    runs = [run(loss_params={"pos_weight": weight}) for weight in (0.3, 1.0, 3.0, 10.0, 100.0)]
    at_half = [outcome.at_half["macro_f1"] for outcome in runs]
    tuned = [outcome.tuned["macro_f1"][1] for outcome in runs]
    assert np.ptp(at_half) > 4 * np.ptp(tuned)
    predicted = [outcome.at_half["labels_per_row"] for outcome in runs]
    assert predicted == sorted(predicted)
    careful = runs[0]
    assert careful.at_half["labels_per_row"] < careful.true_labels_per_row
    assert (careful.label_f1[10:] == 0).all(), "rare labels have no bar"
    assert runs[3].curves[1, -1] > 1.5 * runs[2].curves[1, -1]
    assert tuned[3] >= tuned[2], "though nothing got worse"
    slow, fast = run(learning_rate=1e-3).curves[1], run(learning_rate=0.1).curves[1]
    assert slow[-1] == slow.min(), "it would go on"
    assert fast[-1] > fast.min()
