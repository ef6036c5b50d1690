"""Charts, labels, calibration and theorems of the Thresholds page against independent figures."""

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    label_ranking_average_precision_score,
    precision_score,
    recall_score,
)

from mlcore import calibration
from mlcore.datasets import load
from mlcore.files import example_csv
from mlcore.thresholds import ThresholdSweep, choose
from pages.ui.kit.numbers import three
from pages.ui.thresholds.settings import WEIGHT
from tests.app_pages import open_page
from tests.thresholds_page import (
    AVERAGES,
    FLOAT32,
    GRID,
    LOGITS,
    TARGETS,
    Drawn,
    captions,
    choose_value,
    dataset,
    halves,
    markdown,
    open_rules,
    open_thresholds,
    parts,
    show,
    table,
    upload,
)

# Charts.


@pytest.fixture(scope="module")
def app():
    """One opened page for the tests that choose all that they depend on."""
    return open_rules()


def test_what_no_threshold_moves_is_told_in_one_line(app):
    show(app, "drag")
    told = []
    for y, p in (parts()["tuning"], parts()["report"]):
        own = np.flatnonzero(y.any(axis=0))
        mean = average_precision_score(y[:, own], p[:, own])
        told.append((mean, label_ranking_average_precision_score(y, p)))
    (mean, lrap), (report_mean, report_lrap) = told
    line = f"**mAP** {mean:.3f}, {report_mean:.3f} · **LRAP** {lrap:.3f}, {report_lrap:.3f}"
    assert line in markdown(app)


@pytest.mark.parametrize(
    ("beta", "averages"), [(1.0, AVERAGES), (2.0, ("macro",)), (0.5, ("samples",))]
)
def test_chart_holds_every_threshold_for_each_beta_and_average(app, beta, averages):
    show(app, "drag")
    choose_value(app, "selectbox", "beta", beta)
    known = parts()
    sweeps = {
        part: ThresholdSweep(*known[part], thresholds=1001, beta=beta)
        for part in ("tuning", "report")
    }
    for average in averages:
        choose_value(app, "selectbox", "average", average)
        drawn, large = Drawn(app, "t details"), Drawn(app, "t chart")
        rows = {f"{each} F{beta:g}": f"{each}_f{beta:g}" for each in AVERAGES} | {
            f"{average} precision": f"{average}_precision",
            f"{average} recall": f"{average}_recall",
            f"{average} Jaccard": f"{average}_jaccard",
            "labels per row": "labels_per_row",
            "rows with nothing predicted": "empty_share",
            "rows exactly right (subset accuracy)": "subset_accuracy",
            "cells wrong (Hamming loss)": "hamming_loss",
            "distinct labels predicted": "labels_predicted",
        }
        assert {row["name"] for row in drawn.data["rows"]} == set(rows)
        for name, figure in rows.items():
            columns = drawn.row(name)
            tuning, reported = (sweeps[part].figures[figure] for part in ("tuning", "report"))
            np.testing.assert_allclose(columns["tuning"], tuning, **FLOAT32)
            np.testing.assert_allclose(columns["report"], reported, **FLOAT32)
            np.testing.assert_allclose(columns["gap"], reported - tuning, **FLOAT32)
        panel = f"{average.capitalize()} precision, recall, Jaccard"
        for line in ("precision", "recall", "Jaccard"):
            expected = sweeps["tuning"].figures[f"{average}_{line.lower()}"]
            np.testing.assert_allclose(drawn.line(panel, line), expected, **FLOAT32)
        at, best = sweeps["tuning"].best(f"{average}_f{beta:g}")
        (panel,) = large.panels.values()
        assert (panel["title"], panel["tall"]) == (f"F{beta:g}", True)
        assert f"threshold {at:.3g}, with {best:.3f}" in panel["summary"]
        for each in AVERAGES:
            expected = sweeps["tuning"].figures[f"{each}_f{beta:g}"]
            np.testing.assert_allclose(large.line(panel["title"], each), expected, **FLOAT32)
        expected = np.full(1001, known["cardinality"])
        line = drawn.line("Labels predicted per row", "true")
        np.testing.assert_allclose(line, expected, **FLOAT32)


def test_logarithmic_threshold_reaches_the_chart(app):
    show(app, "drag")
    assert not Drawn(app, "t chart").data["log"]
    choose_value(app, "toggle", "logt", True)
    assert Drawn(app, "t chart").data["log"]


# Labels.


def test_labels_table_is_counted_right(app):
    show(app, "rules")
    shown = table(app, "gain").sort_index()
    known = parts()
    targets, probabilities = known["report"]
    best = ThresholdSweep(*known["tuning"]).best_per_label()
    shared = choose("global", *known["tuning"]).threshold
    f1 = {
        name: f1_score(targets, probabilities >= limits, average=None, zero_division=0)
        for name, limits in (("now", shared), ("own", best))
    }
    assert shown["label"].tolist() == list(dataset().label_names)
    np.testing.assert_array_equal(shown["support"], targets.sum(axis=0))
    np.testing.assert_array_equal(shown["tuning"], known["tuning"][0].sum(axis=0))
    np.testing.assert_allclose(shown["threshold"], best)
    np.testing.assert_allclose(shown["now"], f1["now"])
    np.testing.assert_allclose(shown["own"], f1["own"])
    np.testing.assert_allclose(shown["gain"], f1["own"] - f1["now"], atol=1e-12)


@pytest.mark.parametrize("label", [1, 7])
def test_the_selected_label_has_its_own_curves(app, label):
    show(app, "rules")
    choose_value(app, "selectbox", "label", f"label {label + 1}")
    drawn = Drawn(app, f"own {label} chart")
    known = parts()
    shared = choose("global", *known["tuning"]).threshold
    for part in ("tuning", "report"):
        targets, probabilities = known[part]
        sweep = ThresholdSweep(targets, probabilities)
        for place in (0, 100, 250, 500, 1000):
            true, said = targets[:, label], probabilities[:, label] >= GRID[place]
            counted = {
                "✓ true and predicted": (said & (true == 1)).sum(),
                "○ true, not predicted": (~said & (true == 1)).sum(),
                "✗ predicted, not true": (said & (true == 0)).sum(),
            }
            ratios = {
                "precision": precision_score(true, said, zero_division=np.nan),
                "recall": recall_score(true, said, zero_division=np.nan),
                "F1": f1_score(true, said, zero_division=np.nan),
            }
            limits = np.full(8, shared)
            limits[label] = GRID[place]
            whole = sweep.at(limits)
            averages = {
                f"{each} F1, each label at its own threshold": whole[f"{each}_f1"]
                for each in ("micro", "macro", "samples")
            }
            for name, value in (counted | ratios | averages).items():
                np.testing.assert_allclose(
                    drawn.row(name)[part][place], value, **FLOAT32, err_msg=f"{name} {place}"
                )
    for name in ("precision", "F1", "macro F1, each label at its own threshold"):
        row = drawn.row(name)
        # Differences of the float32 that are sent, so one more rounding.
        np.testing.assert_allclose(row["gap"], row["report"] - row["tuning"], atol=2e-7)


def test_a_label_that_the_new_evidence_lacks_gives_way_to_the_most_frequent():
    app = open_page("thresholds", part="rules", source="file", t="0.3")
    for letters in ("abcde", "vwxyz"):
        upload(app, "a.csv", example_csv(TARGETS, LOGITS, list(letters)).encode())
        most = TARGETS[halves(60)[1]].sum(axis=0).argmax()
        assert app.selectbox(key="thresholds.label").value == letters[most]
        assert Drawn(app, f"own {most} chart").data["size"] == 1001


# Calibration and theorems.


def shown_metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("bins", ["quantile", "uniform"])
@pytest.mark.parametrize("weight", [10.0, 100.0])
def test_calibration_on_screen_is_that_of_the_library(app, weight, bins):
    show(app, "calibration")
    choose_value(app, "selectbox", "cells", "all labels together")
    choose_value(app, "select_slider", "weight", weight)
    choose_value(app, "selectbox", "bins", bins)
    targets, truth = parts()["report"]
    weighted = truth * weight / (truth * weight + 1 - truth)
    both = {"as they are": weighted, "weight undone": truth}

    def expected(columns: slice) -> dict[str, str]:
        figures = {}
        for title, scores in both.items():
            cells = targets[:, columns], scores[:, columns]
            error = calibration.expected_calibration_error(*cells, strategy=bins)
            figures[f"ECE, {title}"] = f"{error:.4f}"
            figures[f"Brier score, {title}"] = f"{((cells[1] - cells[0]) ** 2).mean():.4f}"
        return figures

    assert shown_metrics(app) == expected(slice(None))
    assert f"or at **{1 / (1 + weight):.4g}** with the weight undone" in markdown(app)
    assert f"**0** of {targets.size} decisions differ" in markdown(app)
    shown = table(app, "ECE, as they are").sort_index()
    for title, scores in both.items():
        cells = targets, scores
        errors = calibration.expected_calibration_error(*cells, strategy=bins, per_label=True)
        # Undoing a weight rounds, and a score on an edge can then change its bin.
        np.testing.assert_allclose(shown[f"ECE, {title}"], errors, atol=1e-9)
        squares = ((scores - targets) ** 2).mean(axis=0)
        np.testing.assert_allclose(shown[f"Brier, {title}"], squares, atol=1e-9)
    choose_value(app, "selectbox", "cells", "the selected label")
    choose_value(app, "selectbox", "label", "label 2")
    assert shown_metrics(app) == expected(slice(1, 2))
    assert "cells: label 2" in captions(app)


def specs(app) -> list[str]:
    kinds = ("vega_lite_chart", "arrow_vega_lite_chart")
    return [chart.proto.spec for kind in kinds for chart in app.get(kind)]


def test_logarithmic_axes_of_the_diagram_can_be_switched_off(app):
    show(app, "calibration")
    before = specs(app)
    assert '"log"' in before[0]
    choose_value(app, "toggle", "logc", False)
    after = specs(app)
    assert '"log"' not in after[0]
    assert before[1:] == after[1:]


def test_charts_that_are_kept_speak_the_language_of_each_reader():
    for part, words in (("calibration", "mean probability in the bin"), ("drag", "best F1")):
        english, chinese, again = (
            specs(open_thresholds(part=part, lang=name)) for name in ("en", "zh", "en")
        )
        assert words in english[0]
        assert words not in chinese[0]
        assert again == english


def test_theorems_are_told_in_the_numbers_of_the_library(app):
    data = load("synthetic")
    show(app, "calibration")
    for weight in (WEIGHT.default, 100.0):
        choose_value(app, "select_slider", "theorem.weight", weight)
        found = calibration.weight_is_a_threshold(data.probabilities, weight)
        text = markdown(app)
        assert f"w = {weight:g} and cut at 0.5 predicts {found['positive']:,} of" in text
        assert f"of {data.probabilities.size:,} cells" in text
        assert f"1/(1 + w) = {1 / (1 + weight):.4f} differ from that in" in text
        assert f"in **{found['differing']:,}** cells" in text
        assert found["differing"] == 0
        assert f"to within {three(found['largest_error'])}" in text
    text = markdown(show(app, "drag"))
    best = calibration.lipton_threshold(data.probabilities)
    inside = (best.lowest <= best.half_f1) & (best.half_f1 <= best.highest)
    assert f"**{inside.sum()} of 100** labels" in text
    drawn = calibration.lipton_threshold(data.probabilities, data.y)
    off = np.abs(drawn.highest - drawn.half_f1)
    assert f"{np.median(off):.3f} away from F*/2 in the median, {off.max():.3f} at most" in text
