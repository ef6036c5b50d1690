"""Charts are tested by the specification that `to_dict()` gives."""

import json

import altair as alt
import pandas as pd
import pytest

from mlcore import charts
from mlcore.palette import DASHES, PALETTE

NAMES = ["focal", "bce", "asymmetric"]  # in no alphabetical order
FIGURES = pd.DataFrame(
    {
        "contender": [name for name in NAMES for _ in range(2)],
        "threshold": [0.25, 0.5] * 3,
        "micro_f1": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        "current": 0.3,
    }
)
BINS = pd.DataFrame(
    {
        "scores": ["as they are", "weight undone"],
        "probability": [0.2, 0.02],
        "true_share": [0.0, 0.03],
        "count": [10, 90],
    }
)
BEST = {"label": "a", "half_f1": 0.3, "lowest": 0.2, "highest": 0.4, "counts": "expected"}
CURVE = {"epoch": 0, "threshold": 0.5, "seed": 0, "curve": "", "value": 1.0, "mark": 0.5}
LABEL = {"number": 0, "label": "a", "rank": 1, "support": 9, "group": "head", "f1": 0.3}
MEAN = {"contender": "A", "group": "head", "low": 9, "high": 9, "mean": 0.3}


def threshold_curves(figures=FIGURES, **options):
    return charts.threshold_curves(figures, "micro_f1", "§micro F1", names=NAMES, **options)


def test_colour_and_dashes_tell_contenders_apart_in_their_given_order():
    encoding = threshold_curves().to_dict()["layer"][1]["encoding"]
    for channel in ("color", "strokeDash"):
        assert encoding[channel]["field"] == "contender"
        assert encoding[channel]["scale"]["domain"] == NAMES
    assert encoding["strokeDash"]["scale"]["range"] == [list(dash) for dash in DASHES]
    assert len(set(PALETTE)) == len(set(DASHES)) == len(PALETTE) == len(DASHES)


def test_a_ready_spec_has_the_theme_and_no_data_and_does_not_depend_on_it():
    before = alt.theme.active
    spec = charts.ready_spec(threshold_curves())
    assert "0.25" not in json.dumps(spec)
    assert spec["config"]["range"]["category"] == list(PALETTE)
    assert spec == charts.ready_spec(threshold_curves(FIGURES.assign(micro_f1=0.9, current=0.7)))
    assert alt.theme.active == before != "lab"  # charts change no notebook's look


@pytest.mark.parametrize("log", [False, True])
def test_a_reliability_diagram_sets_said_against_true_with_a_diagonal(log):
    diagonal, line = charts.reliability_diagram(BINS, log=log).to_dict()["layer"]
    for axis in ("x", "y"):
        scale = line["encoding"][axis]["scale"]
        assert scale == diagonal["encoding"][axis]["scale"], "the diagonal is one"
        assert scale.get("type") == ("log" if log else None)
    # A logarithmic axis has no zero: a bin without true cells is left out, not drawn at the edge.
    assert ("transform" in line) == log
    # Kinds of scores differ by more than colour.
    assert {line["encoding"][channel]["field"] for channel in ("color", "strokeDash", "shape")} == {
        "scores"
    }


def words_of(spec: object) -> set[str]:
    """All titles of axes and tooltips in a specification, at any depth."""
    if isinstance(spec, list):
        return set().union(*map(words_of, spec))
    if not isinstance(spec, dict):
        return set()
    here = {spec["title"]} if isinstance(spec.get("title"), str) else set()
    return here.union(*map(words_of, spec.values()))


def test_every_word_of_a_chart_is_said_in_the_readers_language():
    say = "§{}".format
    curve, label = pd.DataFrame([CURVE | {"marked": ""}]), pd.DataFrame([LABEL])
    scores = pd.DataFrame([LABEL | {"contender": "A"}, MEAN])
    for chart in (
        threshold_curves(say=say),
        charts.reliability_diagram(BINS, say=say),
        charts.half_f1_chart(pd.DataFrame([BEST]), say=say),
        charts.curves_over_epochs(curve, "§loss", say=say),
        charts.curves_over_thresholds(curve, "§loss", say=say),
        charts.rank_chart(label, names=["head"], say=say),
        charts.score_chart(scores, names=["A"], say=say),
    ):
        words = words_of(chart.to_dict()) - {"F1"}
        assert len(words) > 2
        assert all(word.startswith("§") for word in words)
