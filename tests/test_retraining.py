"""Retraining: the same numbers as the library's training, and what is too large for it."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mlcore.datasets import load
from mlcore.thresholds.sweep import even_grid
from mlcore.training import Race, TrainConfig, retraining, train
from mlcore.training.retraining import CURVES, F1S, MOST_WEIGHTS, TooLong, check_size, retrain

OPTIONS = {"rows": 400, "labels": 8, "cardinality": 2.0}
CONFIG = TrainConfig(
    loss="bce_pos_weight",
    loss_params={"pos_weight": 3.0},
    model="linear",
    learning_rate=0.03,
    epochs=4,
)


@pytest.fixture(scope="module")
def outcome():
    return retrain("synthetic", OPTIONS, CONFIG)


@pytest.fixture(scope="module")
def predicted():
    """Validation and test rows: targets, and probabilities after a race of the same settings."""
    dataset = load("synthetic", **OPTIONS)
    race = Race([CONFIG], dataset)
    list(race)
    parts = (dataset.validation, dataset.test)
    return dataset, [(dataset.y[rows], race.probabilities(0, rows)) for rows in parts]


@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_curves_are_those_of_train(model):
    config = TrainConfig(loss="focal", model=model, hidden=(8,), epochs=3, seed=5)
    curves = dict(zip(CURVES, retrain("digits", {"rows": 200}, config).curves, strict=True))
    for place, record in enumerate(train(config, load("digits", rows=200), record="epoch")):
        assert curves["train_loss"][place] == record.train_loss
        assert curves["validation_loss"][place] == record.validation_loss
        for name in F1S:
            assert curves[name][place] == record.scores[name][0]
    assert place == 3


def test_the_same_question_has_the_same_answer(outcome):
    again = retrain("synthetic", OPTIONS, CONFIG)
    np.testing.assert_array_equal(again.curves, outcome.curves)
    assert (again.at_half, again.tuned) == (outcome.at_half, outcome.tuned)


def test_figures_at_one_half_are_those_of_scikit_learn(outcome, predicted):
    _dataset, (_validation, (targets, probabilities)) = predicted
    decisions = probabilities >= 0.5
    for name in F1S:
        average = name.removesuffix("_f1")
        expected = f1_score(targets, decisions, average=average, zero_division=0)
        assert outcome.at_half[name] == pytest.approx(expected, abs=1e-12)
    assert outcome.at_half["labels_per_row"] == pytest.approx(decisions.sum(1).mean())
    assert outcome.at_half["empty_share"] == pytest.approx((~decisions.any(1)).mean())
    assert outcome.true_labels_per_row == pytest.approx(targets.sum(1).mean())


def test_thresholds_are_tuned_on_validation_rows_and_reported_on_test_rows(outcome, predicted):
    _dataset, (validation, test) = predicted
    for name in F1S:
        average = name.removesuffix("_f1")

        def f1(part, threshold, average=average):
            targets, probabilities = part
            decisions = probabilities >= np.float32(threshold)
            return f1_score(targets, decisions, average=average, zero_division=0)

        threshold, value = outcome.tuned[name]
        values = [f1(validation, each) for each in even_grid(101)]
        assert f1(validation, threshold) == pytest.approx(max(values), abs=1e-12)
        assert value == pytest.approx(f1(test, threshold), abs=1e-12)


def test_labels_stand_in_the_order_of_their_support_in_training_rows(outcome, predicted):
    dataset, (_validation, (targets, probabilities)) = predicted
    support = dataset.y[dataset.train].sum(axis=0, dtype=int)
    assert (np.diff(support[outcome.labels]) <= 0).all()
    each = f1_score(targets, probabilities >= 0.5, average=None, zero_division=0)
    np.testing.assert_allclose(outcome.label_f1, each[outcome.labels], atol=1e-12)
    assert outcome.label_f1.mean() == pytest.approx(outcome.at_half["macro_f1"])


def test_a_run_that_diverges_says_so_and_has_no_figures():
    config = TrainConfig(
        model="mlp", hidden=(8,), optimizer="sgd", learning_rate=1e30, epochs=3, loss="zlpr"
    )
    outcome = retrain("synthetic", OPTIONS, config)
    assert outcome.diverged
    assert np.isfinite(outcome.curves[:, 0]).all(), "the start is as it was"
    assert np.isnan(outcome.curves[:, -1]).all()
    assert np.isnan([*outcome.at_half.values(), *sum(outcome.tuned.values(), ())]).all()
    assert np.isnan(outcome.label_f1).all()


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ("iris", {}, "data must be one of debtags, digits, synthetic, plane; got 'iris'"),
        ("digits", {"labels": 3}, "option of digits must be one of rows"),
        ("synthetic", {"rows": float("nan")}, "rows must be a whole number"),
        (
            "synthetic",
            {"rows": 20_000, "labels": 1000},
            r"epochs must be at most 200,000,000 to retrain, got 400,000,000",
        ),
    ],
)
def test_what_is_too_large_or_unknown_is_refused_before_it_is_loaded(data, options, message):
    with pytest.raises(ValueError, match=message):
        check_size(data, options, epochs=20)


def test_a_model_with_too_many_weights_is_refused():
    config = TrainConfig(hidden=(65536, 65536))
    with pytest.raises(ValueError, match=f"at most {MOST_WEIGHTS:,} weights to retrain, got 4,2"):
        retrain("synthetic", OPTIONS, config)


def test_a_run_that_would_take_too_long_is_left_early(monkeypatch):
    monkeypatch.setattr(retraining, "PROBE_SECONDS", 0.05)
    monkeypatch.setattr(retraining, "LONGEST_SECONDS", 0.2)
    config = TrainConfig(model="linear", batch_size=1, epochs=5000)
    with pytest.raises(TooLong, match=r"at most 0.2 s, this one would take about \d+ s") as error:
        retrain("synthetic", OPTIONS, config)
    assert error.value.seconds > 10, "280 × 5,000 steps"
