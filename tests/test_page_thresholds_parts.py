"""The parts of the Thresholds page: what lights up, and what is predicted before the rules."""

import numpy as np
import pandas as pd
import pytest

from mlcore.thresholds import RULES, choose, compare
from pages.ui.thresholds.prediction import CANDIDATES, METRIC, best_of, outcome_text
from tests.app_pages import button
from tests.metrics_page import component
from tests.thresholds_page import (
    LOGITS,
    METRICS,
    NAME,
    TARGETS,
    all_choices,
    choose_value,
    dataset,
    markdown,
    npz,
    open_thresholds,
    parts,
    run,
    show,
    skip,
    upload,
)

GUESS = "guess.thresholds.truth"


def subheaders(app) -> list[str]:
    return [title.value for title in app.subheader]


def test_each_part_shows_its_own_and_a_link_without_one_opens_the_first():
    app = open_thresholds()
    assert app.button_group(key="thresholds.part").value == "drag"
    assert subheaders(app) == ["A theorem, in numbers", "Exercises"]
    show(app, "rules")
    assert subheaders(app) == ["Rules that choose", "Every label"]
    show(app, "calibration")
    assert subheaders(app)[0] == "Do the scores mean what they say?"
    assert app.query_params["part"] in ("calibration", ["calibration"])


def test_rows_show_their_likeliest_labels_and_when_each_is_predicted():
    data = component(open_thresholds(), "rows")
    targets, probabilities = parts()["report"]
    names = dataset().label_names
    assert len(data["lines"]) == 8
    for row, line in enumerate(data["lines"]):
        order = np.argsort(-probabilities[row], kind="stable")  # 8 labels, so all have room
        assert [cell["name"] for cell in line["cells"]] == [names[label] for label in order]
        for cell, label in zip(line["cells"], order, strict=True):
            assert cell["true"] == targets[row, label]
            cuts = np.arange(1001) / 1000 <= probabilities[row, label]
            assert cell["last"] == np.flatnonzero(cuts).max()
            assert cell["decided"] is None


def test_of_many_labels_a_row_shows_the_likeliest_with_all_true_ones_that_have_room():
    data = component(open_thresholds(**{"truth.labels": "60"}), "rows")
    for line in data["lines"]:
        assert len(line["cells"]) == 10
        reached = [cell["last"] for cell in line["cells"]]
        assert reached == sorted(reached, reverse=True)


@pytest.mark.parametrize("rule", ["per_label", "top_k", "global"])
def test_rows_are_decided_by_a_rule_without_a_single_cut(rule):
    app = open_thresholds(rule=rule)
    known = parts()
    choice = choose(rule, *known["tuning"], cardinality=known["cardinality"])
    predicted = choice.predict(known["report"][1])
    names = list(dataset().label_names)
    for row, line in enumerate(component(app, "rows")["lines"]):
        for cell in line["cells"]:
            expected = predicted[row, names.index(cell["name"])]
            assert cell["decided"] == (None if rule == "global" else expected)


def test_the_rules_are_shown_once_a_prediction_was_committed_and_say_who_is_ahead():
    app = open_thresholds(part="rules", rule="per_label")
    assert not any("gap" in frame.value for frame in app.dataframe)
    assert app.button_group(key="thresholds.rule").value == "per_label", "the link is heard"
    known = parts()
    choices = all_choices(known)
    table = compare(choices, known["tuning"], known["report"], METRICS).set_index("rule")
    best = table.loc[list(CANDIDATES), f"{METRIC}_test"].idxmax()
    wrong = next(rule for rule in CANDIDATES if rule != best)
    app.radio(key=f"{GUESS}.choice").set_value(wrong)
    app.button_group(key=f"{GUESS}.confidence").set_value("sure")
    run(app)
    assert not any("gap" in frame.value for frame in app.dataframe), "a choice commits nothing"
    button(app, f"{GUESS}.commit").click()
    run(app)
    (shown,) = (frame.value for frame in app.dataframe if "band" in frame.value)
    assert shown["rule"].tolist() == [info.title for info in RULES.values()]
    row = table.loc[best]
    figures = [row[f"{METRIC}_{name}"] for name in ("test", "low", "high")]
    told = "**Not quite.** Of these **{}** is highest with {:.3f} (95 % band {:.3f} to {:.3f})"
    assert told.format(RULES[best].title, *figures) in markdown(app)
    assert app.session_state["guesses"] == {"thresholds.truth": ("sure", False)}
    show(app, "drag")
    show(app, "rules")
    assert any("gap" in frame.value for frame in app.dataframe), "it is asked once"


def test_the_best_rule_is_told_right():
    known = parts()
    choices = {rule: choice for rule, choice in all_choices(known).items() if rule in CANDIDATES}
    table = compare(choices, known["tuning"], known["report"], [METRIC]).set_index("rule")
    app = open_thresholds(part="rules")
    app.radio(key=f"{GUESS}.choice").set_value(table[f"{METRIC}_test"].idxmax())
    run(app)
    button(app, f"{GUESS}.commit").click()
    run(app)
    assert "**Right.** Of these **" in markdown(app)


def test_rules_that_are_shown_alike_are_equal():
    figures = pd.Series({"half": 0.4, "global": 0.50004, "per_label": 0.50012, "top_k": 0.49996})
    assert best_of(figures) == ["global", "per_label", "top_k"]
    table = pd.DataFrame({f"{METRIC}_test": figures})
    best, *others = best_of(figures)
    assert outcome_text(best, others, table) == (
        "**One threshold, One for each label, The k most likely** are equal with 0.500."
    )


@pytest.mark.parametrize("best", CANDIDATES)
def test_every_rule_has_a_reason_in_the_figures_of_the_run(best, monkeypatch):
    monkeypatch.setattr("pages.ui.thresholds.prediction.best_of", lambda figures: [best])
    app = open_thresholds(part="rules")
    app.radio(key=f"{GUESS}.choice").set_value(best)
    run(app)
    button(app, f"{GUESS}.commit").click()
    run(app)
    known = parts()
    choices = all_choices(known)
    table = compare(choices, known["tuning"], known["report"], [METRIC]).set_index("rule")
    targets, probabilities = known["report"]
    cut = choices["global"].threshold
    (told,) = (text.value for text in app.markdown if text.value.startswith("**Right.**"))
    wanted = {
        "half": [f"{cut:.2f}", f"comes to {table[f'{METRIC}_test']['global']:.3f}"],
        "global": [
            f"cuts at {cut:.2f}",
            f"predicts {(probabilities >= cut).sum(axis=1).mean():.1f} labels",
            f"0.5 predicts {(probabilities >= 0.5).sum(axis=1).mean():.1f}",
        ],
        "per_label": [f"it keeps {table[f'{METRIC}_test']['per_label']:.3f}"],
        "top_k": [
            f"gives each row {choices['top_k'].top} labels",
            f"{targets.sum(axis=1).mean():.1f} are true on average",
            f"leaves {(~(probabilities >= cut).any(axis=1)).mean():.0%} of the rows",
        ],
    }[best]
    for words in wanted:
        assert words in told


def test_an_answer_of_one_source_does_not_open_another():
    app = show(open_thresholds(), "rules")
    assert any("gap" in frame.value for frame in app.dataframe)
    choose_value(app, "radio", "source", "file")
    upload(app, NAME, npz(targets=TARGETS, scores=LOGITS))
    assert not any("gap" in frame.value for frame in app.dataframe)
    assert any("gap" in frame.value for frame in skip(app).dataframe)
    upload(app, NAME, npz(targets=TARGETS, scores=-LOGITS))
    assert not any("gap" in frame.value for frame in app.dataframe), "another file of that name"
