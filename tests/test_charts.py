"""Charts are tested by the specification that `to_dict()` gives."""

import json

import altair as alt
import pandas as pd
import pytest

from mlcore.charts import ready_spec, theme, threshold_curves
from mlcore.palette import DASHES, PALETTE

NAMES = ["focal", "bce", "asymmetric"]  # in no alphabetical order


@pytest.fixture
def figures():
    return pd.DataFrame(
        {
            "contender": [name for name in NAMES for _ in range(2)],
            "threshold": [0.25, 0.5] * 3,
            "micro_f1": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            "current": 0.3,
        }
    )


@pytest.fixture
def chart(figures):
    return threshold_curves(figures, "micro_f1", "micro F1", names=NAMES)


def test_threshold_curves_draw_the_value_at_every_threshold(chart):
    rule, line = chart.to_dict()["layer"]
    assert rule["mark"]["type"] == "rule"
    assert line["mark"]["type"] == "line"
    x, y = line["encoding"]["x"], line["encoding"]["y"]
    assert (x["field"], x["type"]) == ("threshold", "quantitative")
    assert (y["field"], y["type"], y["title"]) == ("micro_f1", "quantitative", "micro F1")


def test_threshold_curves_mark_the_threshold_in_use_once(chart):
    x = chart.to_dict()["layer"][0]["encoding"]["x"]
    assert (x["field"], x["aggregate"], x["title"]) == ("current", "min", "threshold")
    assert x["scale"]["domain"] == [0, 1]


def test_colour_and_dashes_tell_contenders_apart_in_their_given_order(chart):
    encoding = chart.to_dict()["layer"][1]["encoding"]
    for channel in ("color", "strokeDash"):
        assert encoding[channel]["field"] == "contender"
        assert encoding[channel]["scale"]["domain"] == NAMES
    assert encoding["strokeDash"]["scale"]["range"] == [list(dash) for dash in DASHES]


def test_a_tooltip_names_contender_threshold_and_value(chart):
    tooltip = chart.to_dict()["layer"][1]["encoding"]["tooltip"]
    assert [entry["field"] for entry in tooltip] == ["contender", "threshold", "micro_f1"]


def test_the_chart_holds_the_table_it_was_given(chart, figures):
    (rows,) = chart.to_dict()["datasets"].values()
    assert rows == figures.to_dict("records")


def test_the_theme_uses_the_palette():
    assert theme()["config"]["range"]["category"] == list(PALETTE)
    assert alt.theme.active != "lab"  # importing the charts changes no notebook's look
    assert len(set(PALETTE)) == len(set(DASHES)) == len(PALETTE) == len(DASHES)


def test_a_ready_spec_has_the_theme_and_no_data(chart):
    before = alt.theme.active
    spec = ready_spec(chart)
    assert "datasets" not in spec
    assert "data" not in spec
    assert "0.25" not in json.dumps(spec)
    assert spec["config"]["range"]["category"] == list(PALETTE)
    assert spec["layer"] == chart.to_dict()["layer"]
    assert alt.theme.active == before


def test_a_ready_spec_does_not_depend_on_the_values(chart, figures):
    other = threshold_curves(
        figures.assign(micro_f1=0.9, current=0.7), "micro_f1", "micro F1", names=NAMES
    )
    assert ready_spec(chart) == ready_spec(other)
