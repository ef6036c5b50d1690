"""What a race recorded, as a table, and the collapse in it."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import load
from mlcore.training import (
    Collapse,
    EpochRecord,
    TrainConfig,
    find_collapse,
    history_frame,
    race,
    threshold_frame,
)


def record_of(step, *, loss=0.5, thresholds=(0.2, 0.5), **figures):
    figures = {name: np.array(figure, dtype=float) for name, figure in figures.items()}
    return EpochRecord(
        step=step,
        epoch=step / 4,
        train_loss=loss,
        validation_loss=loss + 1,
        positive_gradient_share=0.25,
        thresholds=np.array(thresholds),
        scores=figures,
    )


def test_a_history_has_a_row_for_each_record_of_each_contender():
    records = [
        [record_of(0, micro_f1=[0.1, 0.2]), record_of(0, micro_f1=[0.3, 0.4], loss=0.7)],
        [record_of(4, micro_f1=[0.5, 0.6]), record_of(4, micro_f1=[0.7, 0.8])],
    ]
    frame = history_frame(records, ["z", "a"])
    expected = pd.DataFrame(
        {
            "contender": pd.Categorical(["z", "a"] * 2, categories=["z", "a"], ordered=True),
            "step": [0, 0, 4, 4],
            "epoch": [0.0, 0.0, 1.0, 1.0],
            "train_loss": [0.5, 0.7, 0.5, 0.5],
            "validation_loss": [1.5, 1.7, 1.5, 1.5],
            "positive_gradient_share": 0.25,
            "mean_average_precision": np.nan,
            "lrap": np.nan,
            "diverged": False,
            "micro_f1": [0.2, 0.4, 0.6, 0.8],
        }
    )
    pd.testing.assert_frame_equal(frame, expected)


@pytest.mark.parametrize(
    ("threshold", "expected"), [(0.0, 1), (0.34, 1), (0.36, 2), (0.5, 2), (0.9, 3), (1.0, 3)]
)
def test_a_history_takes_the_nearest_recorded_threshold(threshold, expected):
    records = [[record_of(0, thresholds=(0.2, 0.5, 0.8), micro_f1=[1, 2, 3])]]
    frame = history_frame(records, ["a"], threshold=threshold)
    assert frame["micro_f1"].tolist() == [expected]


def test_a_history_without_records_is_an_empty_table():
    frame = history_frame([], ["a", "b"])
    assert len(frame) == 0
    assert {"contender", "step", "train_loss", "diverged"} <= set(frame.columns)


def test_a_history_refuses_names_that_do_not_fit():
    records = [[record_of(0, micro_f1=[0.1, 0.2])]]
    with pytest.raises(ValueError, match="names must have one for each contender, got 2"):
        history_frame(records, ["a", "b"])


def test_a_threshold_frame_has_a_row_for_each_contender_and_threshold():
    frame = threshold_frame(
        [record_of(4, micro_f1=[0.1, 0.2]), record_of(4, micro_f1=[0.3, 0.4])], ["b", "a"]
    )
    expected = pd.DataFrame(
        {
            "contender": ["b", "b", "a", "a"],
            "threshold": [0.2, 0.5, 0.2, 0.5],
            "micro_f1": [0.1, 0.2, 0.3, 0.4],
        }
    )
    pd.testing.assert_frame_equal(frame, expected)
    with pytest.raises(ValueError, match="zip"):
        threshold_frame([record_of(4, micro_f1=[0.1, 0.2])], ["b", "a"])


# The collapse.


def history(empty_share, *, steps=None, share=None):
    n = len(empty_share)
    return pd.DataFrame(
        {
            "step": range(n) if steps is None else steps,
            "empty_share": empty_share,
            "positive_gradient_share": [0.25] * n if share is None else share,
        }
    )


@pytest.mark.parametrize("empty_share", [[0.0, 0.5, 0.98], [0.0], [], [math.nan, math.nan]])
def test_no_stretch_of_empty_rows_is_no_collapse(empty_share):
    assert find_collapse(history(empty_share)) is None


def test_a_collapse_that_ended_is_told_from_the_records_in_it():
    table = history(
        [0.0, 0.9, 0.99, 1.0, 0.995, 0.4, 0.0],
        steps=[0, 10, 20, 40, 50, 60, 70],
        share=[0.5, 0.1, 0.7, 0.8, 0.9, 0.9, 0.9],
    )
    assert find_collapse(table) == Collapse(
        first_step=20,
        last_step=50,
        ongoing=False,
        empty_share=0.99,
        zeros_gradient_share=pytest.approx(1 - (0.5 + 0.1) / 2),
    )


def test_a_collapse_may_go_on_at_the_newest_record():
    collapse = find_collapse(history([0.0, 1.0, 1.0]))
    assert collapse == Collapse(
        first_step=1, last_step=2, ongoing=True, empty_share=1.0, zeros_gradient_share=0.75
    )


def test_a_collapse_from_the_start_has_the_gradient_of_its_first_record():
    collapse = find_collapse(history([1.0, 1.0, 0.0], share=[0.2, 0.6, 0.6]))
    assert (collapse.first_step, collapse.last_step, collapse.ongoing) == (0, 1, False)
    assert collapse.zeros_gradient_share == pytest.approx(0.8)


def test_of_two_stretches_the_one_with_more_steps_counts():
    # The first has more records, the second more steps.
    table = history([1.0, 1.0, 1.0, 0.0, 1.0, 1.0], steps=[0, 1, 2, 3, 10, 30])
    collapse = find_collapse(table)
    assert (collapse.first_step, collapse.last_step, collapse.ongoing) == (10, 30, True)
    table["step"] = [0, 10, 20, 30, 31, 32]
    collapse = find_collapse(table)
    assert (collapse.first_step, collapse.last_step, collapse.ongoing) == (0, 20, False)


def test_divergence_ends_a_collapse():
    collapse = find_collapse(history([0.0, 1.0, 1.0, math.nan, math.nan]))
    assert (collapse.first_step, collapse.last_step, collapse.ongoing) == (1, 2, False)


def test_a_single_record_can_be_a_collapse():
    collapse = find_collapse(history([0.0, 1.0, 0.0]))
    assert (collapse.first_step, collapse.last_step, collapse.ongoing) == (1, 1, False)


def test_the_level_of_a_collapse_can_be_chosen():
    table = history([0.0, 0.7, 0.8, 0.2])
    assert find_collapse(table) is None
    assert find_collapse(table, level=0.7).empty_share == 0.7


def test_rare_labels_make_bce_collapse_and_a_weight_prevents_it():
    rare = load("synthetic", labels=100, rows=1000, cardinality=2.0)
    config = TrainConfig(hidden=(32,), epochs=8, batch_size=64, learning_rate=1e-2)
    configs = [config, replace(config, loss="bce_pos_weight", loss_params={"pos_weight": 50})]
    records = list(race(configs, rare, record="dense"))
    table = history_frame(records, ["bce", "weight 50"])
    plain = find_collapse(table[table["contender"] == "bce"])
    assert 0 < plain.first_step < plain.last_step
    assert not plain.ongoing
    assert plain.zeros_gradient_share > 0.9
    assert find_collapse(table[table["contender"] == "weight 50"]) is None
