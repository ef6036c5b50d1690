"""What the Sweep page asks for: no control without effect, axes, values."""

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.losses import LOSSES
from mlcore.sweeps import expand
from mlcore.training import TrainConfig
from pages.ui.kit.controls import log_grid
from pages.ui.sweep.plan import axis_parameters, axis_values, first_range
from pages.ui.sweep.settings import SETTINGS
from tests.app_pages import all_widgets, check_setting
from tests.conftest import PATIENCE


def settings() -> None:
    """The settings alone; what they say is kept for the test."""
    import streamlit as st

    from pages.ui.sweep.settings import SETTINGS, choose_plan, choose_view

    SETTINGS.begin()
    plan = choose_plan(("cpu", "cuda"))
    st.session_state["said"] = plan, choose_view(plan)
    SETTINGS.end()


def open_settings(link: dict[str, str]) -> AppTest:
    app = AppTest.from_function(settings, default_timeout=PATIENCE)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    "link",
    [
        {},
        {
            "s.data": "digits",
            "s.loss": "focal",
            "s.focal.x": "weight_decay",
            "s.focal.y": "gamma",
            "s.model": "mlp",
            "s.optimizer": "sgd",
        },
    ],
    ids=["default", "other"],
)
def test_every_setting_changes_what_is_swept(link):
    app = open_settings(link)
    keys = list(all_widgets(app))
    assert len(keys) == len(set(keys)) > 15
    for key in reversed(keys):  # what others depend on comes first on the page
        check_setting(app, key, all_widgets(app)[key])
    again = open_settings(dict(app.query_params))
    assert again.session_state["said"] == app.session_state["said"]


@pytest.mark.parametrize("loss", LOSSES)
def test_every_number_of_every_loss_can_be_an_axis(loss):
    for parameter in axis_parameters(loss).values():
        low, high = first_range(parameter)
        if parameter.log:
            assert {low, high} <= set(log_grid(parameter.low, parameter.high)), "marks of a slider"
        values = axis_values(parameter, low, high, 5)
        assert len(values) == 5
        assert (values[0], values[-1]) == (low, high)
        assert len(expand(TrainConfig(loss=loss), {parameter.name: values})) == 5


def test_a_link_may_name_any_two_axes():
    app = open_settings({"s.bce_pos_weight.x": "learning_rate"})
    plan, _view = app.session_state["said"]
    assert list(plan.grid) == ["pos_weight", "learning_rate"]
    range_of_weights = {"s.bce_pos_weight.pos_weight.range": "(2.0, 20.0)"}
    plan, _view = open_settings(range_of_weights).session_state["said"]
    assert (plan.x.values[0], plan.x.values[-1]) == (2.0, 20.0)


def test_axis_values_are_such_as_the_sliders_of_a_race_can_show():
    gamma = axis_parameters("focal")["gamma"]
    assert axis_values(gamma, 0.0, 5.0, 8) == (0.0, 0.7, 1.4, 2.1, 2.9, 3.6, 4.3, 5.0)
    weight = axis_parameters("focal")["pos_weight"]
    assert axis_values(weight, 1.0, 100.0, 6) == (1.0, 2.0, 7.0, 15.0, 50.0, 100.0)
    assert axis_values(weight, 1.0, 2.0, 12) == (1.0, 1.5, 2.0), "there are no more"
    most = SETTINGS.by_name["s.x.values"].ends[1]
    assert len(axis_values(weight, 1e-3, 1e4, most)) == most
