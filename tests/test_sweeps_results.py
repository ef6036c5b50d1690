"""What runs give, against scikit-learn and a race of one; and the tables made of it."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import f1_score, hamming_loss

from mlcore.datasets import load
from mlcore.figures import RANKINGS
from mlcore.sweeps import (
    RunResult,
    epoch_frame,
    expand,
    expected_seconds,
    run_group,
    summary_frame,
    with_seeds,
)
from mlcore.thresholds import figure_names
from mlcore.training import Race, TrainConfig

BASE = TrainConfig(model="linear", epochs=3, batch_size=64, learning_rate=0.05)
FIGURES = (*figure_names(), *RANKINGS)


@pytest.fixture(scope="module")
def dataset():
    return load("synthetic", labels=12, rows=600, cardinality=2.0, features=8)


@pytest.fixture(scope="module")
def results(dataset):
    grid = {"loss": ["bce", "focal"], "gamma": [1.0, 4.0], "learning_rate": [0.05, 1e38]}
    return run_group(dataset, with_seeds(expand(BASE, grid), (0, 1)))


def test_thresholds_are_tuned_on_validation_rows_and_reported_on_test_rows(dataset, results):
    result = results[0]
    race = Race([result.config], dataset)
    assert list(race)  # to its end
    predicted = {
        part: race.probabilities(0, getattr(dataset, part)) for part in ("validation", "test")
    }
    targets = {part: dataset.y[getattr(dataset, part)] for part in predicted}

    def score(part, function, threshold, **options):
        # Compared in the precision of the scores, as everywhere in the lab.
        decided = predicted[part] >= np.float32(threshold)
        return function(targets[part], decided, **options)

    for figure, function, options, sign in (
        ("micro_f1", f1_score, {"average": "micro", "zero_division": 0.0}, 1),
        ("macro_f1", f1_score, {"average": "macro", "zero_division": 0.0}, 1),
        ("hamming_loss", hamming_loss, {}, -1),
    ):
        values = [score("validation", function, t / 100, **options) for t in range(101)]
        best = max(range(101), key=lambda t, of=values, sign=sign: (sign * round(of[t], 12), t))
        threshold, value = result.tuned(figure)
        assert threshold == best / 100
        assert value == pytest.approx(score("test", function, threshold, **options), abs=1e-12)
        at_half = score("test", function, 0.5, **options)
        assert result.at_half(figure) == pytest.approx(at_half, abs=1e-12)
        np.testing.assert_allclose(result.validation[figure], values, atol=1e-12)


def test_epochs_are_what_a_race_records(dataset, results):
    result = next(r for r in results if r.config.loss == "focal" and r.config.seed == 1)
    records = [record for (record,) in Race([result.config], dataset, thresholds=[0.25, 0.5])]
    assert result.epochs["epoch"].tolist() == [0, 1, 2, 3]
    # One model alone and the same model stacked with others: float32 in another order.
    for name in ("train_loss", "validation_loss"):
        wanted = [getattr(record, name) for record in records]
        np.testing.assert_allclose(result.epochs[name], wanted, rtol=1e-5)
    for figure in FIGURES:
        wanted = [record.figure(figure, 1) for record in records]
        np.testing.assert_allclose(result.epochs[figure], wanted, atol=1e-9)
    for figure in FIGURES:
        last = result.epochs[figure].iloc[-1]  # the same sums in another order
        assert last == pytest.approx(result.validation[figure][50], abs=1e-12)


def test_company_changes_figures_by_rounding_only(dataset, results):
    for result in results:
        (alone,) = run_group(dataset, [result.config])
        first, second = alone.epochs, result.epochs
        assert first["diverged"].equals(second["diverged"])
        if not alone.diverged:
            # What trains together is one matrix product, whose sums are taken in another order:
            # a relative 2e-7 was seen in a loss.
            np.testing.assert_allclose(
                first["validation_loss"], second["validation_loss"], rtol=1e-5
            )
            assert first[list(FIGURES)].equals(second[list(FIGURES)])


def test_the_same_group_gives_the_same_bits(dataset, results):
    again = run_group(dataset, [result.config for result in results])
    pd.testing.assert_frame_equal(epoch_frame(results), epoch_frame(again), check_exact=True)


def test_a_run_that_diverges_is_marked_and_harms_no_other(results):
    for result in results:
        wild = result.config.learning_rate == 1e38  # logits beyond what float32 holds
        assert not result.error
        assert result.diverged == wild
        assert math.isnan(result.at_half("micro_f1")) == wild
        assert all(math.isnan(value) == wild for value in result.tuned("micro_f1"))


def test_a_diverged_run_has_nan_where_it_has_nothing(results):
    (place, *_) = np.flatnonzero([result.diverged for result in results])
    row = summary_frame(results).iloc[place]
    assert row["diverged"]
    assert np.isnan([row[f"{part}_{f}"] for part in ("validation", "test") for f in FIGURES]).all()
    parts = ("threshold", "validation", "test")
    assert np.isnan([row[f"tuned_{part}_{f}"] for part in parts for f in FIGURES]).all()
    epochs = epoch_frame(results[place : place + 1])
    assert epochs["epoch"].tolist() == [0, 1, 2, 3]
    assert epochs["micro_f1"].isna().tolist() == epochs["diverged"].tolist()
    assert epochs["diverged"].iloc[-1]


def test_only_the_guilty_run_of_a_group_fails(dataset, monkeypatch):
    class Small(Race):
        """A race whose memory is too small for what has its labels smoothed."""

        def __init__(self, configs, dataset, **options):
            if any(config.loss_params.get("label_smoothing") for config in configs):
                raise RuntimeError("out of memory")
            super().__init__(configs, dataset, **options)

    monkeypatch.setattr("mlcore.training.Race", Small)
    results = run_group(dataset, [*expand(BASE, {"label_smoothing": [0.0, 0.1]}), BASE])
    assert [result.error for result in results] == ["", "RuntimeError: out of memory", ""]
    failed = results[1]
    assert not failed.diverged
    assert failed.epochs.empty
    assert math.isnan(failed.at_half("micro_f1"))
    assert len(epoch_frame(results)) == 2 * 4
    summary = summary_frame(results)
    assert summary["error"].tolist() == [result.error for result in results]
    assert summary["test_micro_f1"].isna().tolist() == [False, True, False]


def test_a_device_that_is_not_there_is_an_error_of_the_run(dataset):
    missing = "mps" if not torch.backends.mps.is_available() else "cuda"
    (result,) = run_group(dataset, [replace(BASE, device=missing)])
    assert result.error.startswith("ValueError: device must be one of")


def test_the_summary_has_a_row_for_each_run(results):
    frame = summary_frame(results)
    assert len(frame) == len(results) == 12
    assert list(frame)[:7] == [
        "loss",
        "learning_rate",
        "gamma",
        "seed",
        "seconds",
        "diverged",
        "error",
    ]
    assert frame["gamma"].isna().tolist() == (frame["loss"] == "bce").tolist()
    figures = {
        f"{part}_{figure}"
        for figure in FIGURES
        for part in ("validation", "test", "tuned_threshold", "tuned_validation", "tuned_test")
    }
    assert set(list(frame)[7:]) == figures
    for (_, row), result in zip(frame.iterrows(), results, strict=True):
        assert row["loss"] == result.config.loss
        threshold, value = result.tuned("samples_f1")
        pairs = [
            (row["validation_samples_f1"], result.epochs["samples_f1"].iloc[-1]),
            (row["test_samples_f1"], result.at_half("samples_f1")),
            (row["tuned_threshold_samples_f1"], threshold),
            (row["tuned_validation_samples_f1"], result.validation["samples_f1"].max()),
            (row["tuned_test_samples_f1"], value),
        ]
        np.testing.assert_allclose(*zip(*pairs, strict=True), atol=1e-12)


def test_the_epochs_are_tidy(results):
    frame = epoch_frame(results)
    assert len(frame) == 12 * 4
    names = ["loss", "learning_rate", "gamma", "seed", "epoch"]
    assert list(frame)[:5] == names
    assert not frame.duplicated(names).any()
    assert frame["epoch"].tolist() == [0, 1, 2, 3] * 12
    last = frame[frame["epoch"] == 3].reset_index(drop=True)
    summary = summary_frame(results)
    for figure in FIGURES:
        pd.testing.assert_series_equal(last[f"test_{figure}"], summary[f"test_{figure}"])
        pd.testing.assert_series_equal(
            last[f"tuned_test_{figure}"], summary[f"tuned_test_{figure}"]
        )
        before = frame.loc[frame["epoch"] < 3, [f"test_{figure}", f"tuned_test_{figure}"]]
        assert before.isna().all(axis=None)


def made_up(results, **changes) -> list[RunResult]:
    """Results with other configurations, one for each value of each name."""
    values = list(zip(*changes.values(), strict=True))
    return [
        replace(results[0], config=replace(BASE, **dict(zip(changes, value, strict=True))))
        for value in values
    ]


def test_columns_of_a_table_are_numbers_unless_words_are_among_them(results):
    made = made_up(
        results,
        model=["mlp"] * 3,
        loss=["bce_pos_weight"] * 3,
        loss_params=[{"pos_weight": "balanced"}, {"pos_weight": 3}, {"pos_weight": 0.1234567891}],
        hidden=[(64,), (64, 32), (64,)],
        batch_size=[8, 16, 8],
    )
    frame = summary_frame(made)
    assert list(frame)[:3] == ["hidden", "batch_size", "pos_weight"]
    assert frame["pos_weight"].tolist() == ["balanced", "3.0", "0.1234567891"]
    assert frame["hidden"].tolist() == ["64", "64-32", "64"]
    assert frame["batch_size"].dtype == np.int64


def test_what_has_no_effect_has_no_value_and_what_was_tried_has_a_column(results):
    made = made_up(
        results,
        model=["linear", "mlp", "mlp"],
        hidden=[(64,), (8,), (8,)],
        optimizer=["adam", "adam", "sgd"],
        momentum=[0.5, 0.5, 0.9],
    )
    frame = summary_frame(made)
    assert "hidden" not in frame
    assert list(frame)[:2] == ["model", "optimizer"]
    frame = summary_frame(made, {"hidden", "momentum", "epochs"})
    assert frame["hidden"].fillna("none").tolist() == ["none", "8", "8"]
    assert frame["momentum"].isna().tolist() == [True, True, False]
    assert frame["epochs"].tolist() == [made[0].config.epochs] * 3
    assert "momentum" in epoch_frame(made, ["momentum"])


def test_tables_of_no_results_are_empty_and_have_columns():
    assert summary_frame([]).empty
    assert epoch_frame([]).empty
    assert {"seed", "epoch", "train_loss", "tuned_test_micro_f1"} < set(epoch_frame([]))


def test_expected_seconds_of_runs_that_diverge_are_seconds(dataset):
    wild = replace(BASE, optimizer="sgd", learning_rate=1e38)
    assert 0 < expected_seconds([wild, wild], dataset) < 10


def test_expected_seconds_grow_with_epochs_and_runs(dataset):
    few = expand(replace(BASE, epochs=4), {"learning_rate": [0.1, 0.2]})
    many = [replace(config, epochs=400) for config in with_seeds(few, range(8))]
    short, long = expected_seconds(few, dataset), expected_seconds(many, dataset)
    assert 0 < 20 * short < long  # 640 times the epochs, in larger groups
    assert expected_seconds([], dataset) == 0
