"""The settings of the Thresholds page: its link, what of it is refused, and their help."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mlcore.thresholds import choose
from pages.ui.thresholds.settings import SETTINGS
from tests.app_pages import check_switches_have_help, open_page
from tests.thresholds_page import (
    CHOSEN,
    SEEN,
    SMALL,
    Drawn,
    captions,
    choose_value,
    dataset,
    open_rules,
    open_thresholds,
    parts,
    report,
    same,
    same_report,
    show,
    skip,
)


def plain(app) -> dict[str, str]:
    return {key: np.ravel(value)[0] for key, value in dict(app.query_params).items()}


@pytest.mark.parametrize("part", CHOSEN)
def test_link_holds_the_settings_of_a_part_and_gives_them_back(part):
    link = CHOSEN[part] | ({} if part == "drag" else {"part": part})
    app = open_thresholds(**link, source="truth")
    assert plain(app) == SEEN | SMALL | link
    assert app.button_group(key="thresholds.part").value == part
    if "rule" in link:
        assert app.session_state["thresholds.t"] == 0.3
        assert app.button_group(key="thresholds.rule").value == "per_label"


def test_what_was_set_in_one_part_is_there_again_after_another():
    app = open_thresholds(**CHOSEN["drag"])
    for part, now in (("rules", "label"), ("calibration", "bins"), ("drag", "beta")):
        show(app, part)
        assert now in app.session_state["settings"].drawn
    assert plain(app) == SEEN | SMALL | CHOSEN["drag"]


NONSENSE = [
    ("part", "charts", "part must be one of drag, rules, calibration"),
    ("source", "net", "source must be one of race, truth, file"),
    ("t", "half", "t must be a number"),
    ("rule", "best", "rule must be one of hand, half, global"),
    ("average", "mean", "must be one of samples, weighted, macro, micro"),
    ("beta", "3", "must be one of 1.0, 2.0, 0.5"),
    ("own", "3-.7_9-.2", "a label of own must be <= 8, got 9"),
    ("logt", "yes", "must be one of True, False"),
]
OF_CALIBRATION = [
    ("cells", "none", "cells must be one of"),
    ("bins", "3", "bins must be one of quantile, uniform"),
    ("weight", "0", "weight must be >= 1"),
    ("logc", "no", "must be one of True, False"),
]
OF_RULES = [("label", "<img src=x>", "label must be one of the 8 there are")]


@pytest.mark.parametrize(
    ("part", "nonsense"),
    [({}, NONSENSE), ({"part": "calibration"}, OF_CALIBRATION), ({"part": "rules"}, OF_RULES)],
    ids=["drag", "calibration", "rules"],
)
def test_a_link_that_asks_for_nonsense_is_told_so(part, nonsense):
    app = open_page("thresholds", **SMALL, **part, **{key: text for key, text, _ in nonsense})
    assert not app.exception
    (warning,) = app.warning
    lines = warning.value.replace("\\", "").splitlines()
    for key, text, message in nonsense:
        (line,) = (line for line in lines if line.startswith(f"- `{key}={text}`: "))
        assert message in line
        assert key not in app.query_params


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3-7", "a threshold of own must be <= 1.0, got 7"),
        ("0-.5", "a label of own must be >= 1, got 0"),
        ("3-.7-.2", "own must be label numbers with their thresholds, such as 3-.7_15-.2"),
        ("3-nan", "got '3-nan'"),
        ("3-.7_3-.2", "own must name each label once, got 3 twice"),
        ("_", "got ''"),
        ("³-.7", "got '³-.7'"),
    ],
)
def test_thresholds_by_hand_that_are_nonsense_are_told_so(text, message):
    app = open_page("thresholds", **SMALL, rule="own", own=text)
    assert not app.exception
    assert message in app.warning[0].value.replace("\\", "")
    assert app.session_state["thresholds.own"] == {}


def test_thresholds_by_hand_stand_in_the_link_and_come_back_with_it():
    limits = {label: (label * 37 % 1001) / 1000 for label in range(512)}
    setting = replace(SETTINGS.by_name["own"], labels=512)
    link = setting.write(limits)
    assert setting.read(link) == limits
    assert len(link) < 512 * len("512-.999_")
    app = open_rules(rule="own", own="3-.7_8-.031")
    known = parts()
    cuts = np.full(8, choose("global", *known["tuning"]).threshold)
    cuts[[2, 7]] = 0.7, 0.031
    targets, probabilities = known["report"]
    names = dataset().label_names
    same_report(app, targets, probabilities >= cuts, names)
    assert "Moved by hand: 2 of 8 labels. The others take " in captions(app)
    assert app.query_params["own"] in ("3-.7_8-.031", ["3-.7_8-.031"])
    before = report(app)
    same(report(open_thresholds(rule="own")), report(open_thresholds(rule="global")))
    choose_value(app, "slider", "truth.labels", 9)
    choose_value(app, "slider", "truth.labels", 8)
    same(report(app), before)


def test_other_labels_keep_their_own_thresholds_while_one_is_dragged():
    app = open_rules(own="1-.9_4-.05", label="label 3")
    known = parts()
    cuts = np.full(8, choose("global", *known["tuning"]).threshold)
    cuts[[0, 3]] = 0.9, 0.05
    row = Drawn(app, "own 2 chart").row("macro F1, each label at its own threshold")
    for place in (100, 640):
        cuts[2] = place / 1000
        expected = f1_score(
            known["report"][0], known["report"][1] >= cuts, average="macro", zero_division=0
        )
        assert row["report"][place] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("text", ["7", "nan"])
def test_a_threshold_out_of_range_is_told_so(text):
    app = open_page("thresholds", **SMALL, t=text)
    assert f"`t={text}`: t must be" in app.warning[0].value


@pytest.mark.parametrize("part", CHOSEN)
def test_every_widget_has_help(part):
    app = skip(open_thresholds(part=part, cells="the selected label"))
    kinds = (app.selectbox, app.slider, app.select_slider, app.radio)
    for widget in (widget for kind in kinds for widget in kind):
        assert widget.proto.help, widget.key
    if part != "rules":  # which has none
        check_switches_have_help(app)
