"""Ranking metrics on the Metrics page, against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics

from pages.ui.metrics import ranking_table
from tests.metrics_page import (
    component,
    group,
    open_metrics,
    press,
    run_code,
    said,
)


def ranked(app) -> dict:
    """The ranking metrics on screen by the first words of their lines."""
    lines = component(app, "row_metrics")["lines"][1:]
    return {line[0]["text"].split(":")[0]: line[1]["text"] for line in lines}


@pytest.mark.parametrize("name", ranking_table.PRESETS)
def test_ranking_metrics_are_those_of_scikit_learn(name):
    app = open_metrics()
    press(app, f"scores {name}")
    assert not app.exception
    targets, logits = ranking_table.read_scores(name)
    unranked = np.isin(targets.mean(axis=1), (0, 1))
    lrap = sklearn.metrics.label_ranking_average_precision_score(targets, logits)
    assert ranked(app)["LRAP"] == ("undefined" if unranked.all() else f"{lrap:.2f}")
    assert (f"{unranked.sum()} of {len(targets)} rows" in said(app)) == unranked.any()
    lines = component(app, "scored")["lines"]
    for line, score, undefined in (
        (lines[-2], sklearn.metrics.average_precision_score, ~targets.any(axis=0)),
        (lines[-1], sklearn.metrics.roc_auc_score, np.isin(targets.mean(axis=0), (0, 1))),
    ):
        for label, cell in enumerate(line[1:-1]):
            if undefined[label]:
                assert cell["text"] == "undefined"
                assert cell["small"] in ("true in no row", "true in every row")
            else:
                value = score(targets[:, label], logits[:, label])
                assert cell["text"] == f"{value:.2f}"
        assert line[-1]["small"].endswith(f"{(~undefined).sum()} of {targets.shape[1]} labels")


def test_ranking_by_float32_probabilities_loses_order():
    app = open_metrics()
    before = ranked(app)
    group(app, "rank_by").set_value("float32 probabilities").run()
    after = ranked(app)
    assert float(after["LRAP"]) < float(before["LRAP"])
    assert f"LRAP {before['LRAP']} becomes {after['LRAP']}" in said(app)
    assert "are exactly 1" in said(app)
    looks = [cell["look"] for line in component(app, "scored")["lines"] for cell in line]
    assert "tied" in looks
    printed = run_code(app.code[-1].value)
    assert f"logits: LRAP {before['LRAP']}" in printed
    assert f"float32: LRAP {after['LRAP']}" in printed


def test_scores_survive_being_written():
    targets = np.array([[True, False, True]])
    for scores in ([[1e30, -1e30, 0.1]], [[-0.0, 12345678.0, 1.7e308]]):
        text = ranking_table.write_scores(targets, np.array(scores))
        np.testing.assert_array_equal(ranking_table.read_scores(text)[1], scores)
