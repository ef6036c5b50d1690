"""Charts are tested by the specification that `to_dict()` gives."""

import json

import altair as alt
import pandas as pd
import pytest

from mlcore.charts import (
    half_f1_chart,
    ready_spec,
    reliability_diagram,
    theme,
    threshold_curves,
    whole_spec,
)
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
    assert [entry["title"] for entry in tooltip] == ["contender", "threshold", "micro F1"]


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


@pytest.fixture
def bins():
    return pd.DataFrame(
        {
            "scores": ["as they are", "weight undone"],
            "probability": [0.2, 0.02],
            "true_share": [0.0, 0.03],
            "count": [10, 90],
        }
    )


@pytest.mark.parametrize("log", [False, True])
def test_a_reliability_diagram_sets_said_against_true_with_a_diagonal(bins, log):
    spec = whole_spec(reliability_diagram(bins, log=log))
    diagonal, line = spec["layer"]
    for axis, field in (("x", "probability"), ("y", "true_share")):
        assert line["encoding"][axis]["field"] == field
        scale = line["encoding"][axis]["scale"]
        assert scale == diagonal["encoding"][axis]["scale"], "the diagonal is one"
        assert scale.get("type") == ("log" if log else None)
        assert scale["domain"][1] == 1
    # A logarithmic axis has no zero: a bin without true cells is left out, not drawn at the edge.
    assert ("transform" in line) == log


def test_two_kinds_of_scores_differ_by_more_than_colour(bins):
    encoding = reliability_diagram(bins).to_dict()["layer"][1]["encoding"]
    assert {encoding[channel]["field"] for channel in ("color", "strokeDash", "shape")} == {
        "scores"
    }


def test_half_f1_is_drawn_against_the_whole_range_of_best_thresholds():
    row = {"label": "a", "half_f1": 0.3, "lowest": 0.2, "highest": 0.4, "counts": "expected"}
    _, span, end = half_f1_chart(pd.DataFrame([row])).to_dict()["layer"]
    assert span["encoding"]["x"]["field"] == "half_f1"
    assert span["encoding"]["y"]["field"] == "lowest"
    assert span["encoding"]["y2"]["field"] == "highest"
    assert end["encoding"]["shape"]["field"] == "counts"


def words_of(spec: object) -> set[str]:
    """All titles of axes and tooltips in a specification, at any depth."""
    if isinstance(spec, list):
        return set().union(*map(words_of, spec))
    if not isinstance(spec, dict):
        return set()
    here = {spec["title"]} if isinstance(spec.get("title"), str) else set()
    return here.union(*map(words_of, spec.values()))


def test_every_word_of_a_chart_is_said_in_the_readers_language(figures, bins):
    row = {"label": "a", "half_f1": 0.3, "lowest": 0.2, "highest": 0.4, "counts": "expected"}
    say = "§{}".format
    for chart in (
        threshold_curves(figures, "micro_f1", say("micro F1"), names=NAMES, say=say),
        reliability_diagram(bins, say=say),
        half_f1_chart(pd.DataFrame([row]), say=say),
    ):
        words = words_of(chart.to_dict())
        assert len(words) > 2
        assert all(word.startswith("§") for word in words)


def test_a_whole_spec_has_theme_and_data(bins):
    spec = whole_spec(reliability_diagram(bins))
    assert spec["config"]["range"]["category"] == list(PALETTE)
    assert any(len(rows) == 2 for rows in spec["datasets"].values())
