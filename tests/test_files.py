"""Uploads: what is read is what was written."""

import io
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from mlcore.files import Scored, example_csv, formats, read_scores
from tests.uploads import NAMES, frame, npz, parquet, problem, written

NAN = float("nan")
HEADER = b"true:cat,score:cat\n"


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_written_is_read_back(ending, dtype):
    targets, scores = problem(dtype=dtype)
    scored = read_scores(written(targets, scores, NAMES, ending), f"a.{ending}", "logits")
    np.testing.assert_array_equal(scored.targets, targets)
    # A CSV knows no float32; its shortest decimals are exact again once they are float32.
    np.testing.assert_array_equal(scored.scores.astype(dtype), scores)
    assert scored.scores.dtype == (np.float64 if ending == "csv" else dtype)
    assert (scored.targets.dtype, scored.kind, scored.label_names) == (np.uint8, "logits", NAMES)


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
@pytest.mark.parametrize(("rows", "labels"), [(1, 1), (1, 3), (4, 1), (3, 983)])
@pytest.mark.parametrize("value", [0, 1])
def test_small_wide_and_one_sided_tables_are_read(ending, rows, labels, value):
    targets, scores = np.full((rows, labels), value), np.full((rows, labels), 0.25)
    names = [f"name {label}" for label in range(labels)]
    content = written(targets, scores, names, ending)
    scored = read_scores(content, f"A.{ending.upper()}", "probabilities")
    np.testing.assert_array_equal(scored.targets, targets)
    np.testing.assert_array_equal(scored.probabilities(), scores)
    assert list(scored.label_names) == names


def test_a_long_csv_is_read_block_by_block(monkeypatch):
    monkeypatch.setattr(formats, "CSV_BLOCK_BYTES", 400)
    targets, scores = problem(rows=300)
    content = example_csv(targets, scores, NAMES).encode()
    scored = read_scores(content, "a.csv", "logits")
    np.testing.assert_array_equal(scored.targets, targets)
    np.testing.assert_array_equal(scored.scores, scores)
    content = content.replace(b"\n", b"\n\n").replace(b"\n\n", b"\n", 100)
    with pytest.raises(ValueError, match="got 'x' in line 503"):  # 301 + 201 empty
        read_scores(content + b"1," * 9 + b"x\n", "a.csv", "logits")
    with pytest.raises(ValueError, match="got 9 in line 503: '1,1,1,1,1,1,1,1,x'"):
        read_scores(content + b"1," * 8 + b"x\n", "a.csv", "logits")
    with pytest.raises(ValueError, match=r"targets must be 0 or 1, got 7\.0 in row 301 of label"):
        read_scores(content + b"7," * 9 + b"1\n", "a.csv", "logits")
    for end in (b"\r\n", b"\r"):
        ended = b"\n" + (content + b"1," * 9 + b"x").replace(b"\n", end)
        with pytest.raises(ValueError, match="got 'x' in line 504"):
            read_scores(ended, "a.csv", "logits")


def test_csv_is_taken_as_people_write_it():
    for content in (
        b"\xef\xbb\xbftrue:cat,score:cat\r\n1,0.5\r\n",
        b"\xef\xbb\xbf\r\n\ntrue:cat,score:cat\n1,0.5\n",
        b"\n\n true:cat , score:cat\n\n1,.5\n\n",
        b"true:cat,score:cat\r1,5e-1\r",
        b'"true:cat","score:cat"\n"1.0"," 0.5 "',
        b"id,score:cat,,true:cat,\n\xe7\x8c\xab,0.5,x,1,\n",
    ):
        scored = read_scores(content, "a.csv", "probabilities")
        assert (scored.targets.tolist(), scored.scores.tolist()) == ([[1]], [[0.5]])
        assert scored.label_names == ("cat",)


WORDS = [
    ("True", "False"),
    ("true ", "false "),
    ("true", "false"),
    ("TRUE", "FALSE"),
    ("true", "0"),
    ("1", "False"),
    ("1.00", "False"),
    ("True", "0.000000"),
]


@pytest.mark.parametrize(("true", "false"), WORDS)
def test_targets_may_be_words(true, false):
    targets, scores = problem()
    words = np.where(targets == 1, true, false)
    table = frame(words, scores)
    in_categories = table.astype({f"true:{name}": "category" for name in NAMES})
    for content, name in (
        (npz(targets=words, scores=scores), "a.npz"),
        (table.to_csv(index=False).encode(), "a.csv"),
        (table.to_csv(index=False).replace(f",{true}", f", {true}").encode(), "a.csv"),
        (parquet(table), "a.parquet"),
        (parquet(in_categories), "a.parquet"),
    ):
        scored = read_scores(content, name, "logits")
        np.testing.assert_array_equal(scored.targets, targets)
        np.testing.assert_array_equal(scored.scores, scores)


def test_a_word_may_come_late_in_a_csv(monkeypatch):
    monkeypatch.setattr(formats, "CSV_BLOCK_BYTES", 400)
    content = HEADER + b"1,0.5\n" * 300 + b"False,0.5\n"
    assert read_scores(content, "a.csv", "logits").targets.sum() == 300


def test_labels_come_in_the_order_of_their_true_columns():
    content = b"score:a,true:b,score:b,true:a\n0.1,1,0.2,0\n"
    same = parquet(pd.read_csv(io.BytesIO(content)))
    for scored in (
        read_scores(content, "a.csv", "logits"),
        read_scores(same, "a.parquet", "logits"),
    ):
        assert scored.label_names == ("b", "a")
        assert (scored.targets.tolist(), scored.scores.tolist()) == ([[1, 0]], [[0.2, 0.1]])


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.uint64, np.float32, np.float64])
def test_targets_may_be_any_numbers_that_are_0_or_1(dtype):
    targets, scores = problem()
    for content, name in (
        (npz(targets=np.asfortranarray(targets.astype(dtype)), scores=scores), "a.npz"),
        (parquet(frame(targets.astype(dtype), scores)), "a.parquet"),
    ):
        scored = read_scores(content, name, "logits")
        np.testing.assert_array_equal(scored.targets, targets)
        assert scored.targets.dtype == np.uint8


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [(np.float16, np.float32), (">f4", np.float32), (">f8", np.float64), (np.int32, np.float64)],
)
def test_scores_of_other_types_become_float32_or_float64(dtype, kept):
    targets, scores = problem()
    scores = scores.astype(dtype)
    scored = read_scores(
        npz(np.savez_compressed, targets=targets, scores=scores), "a.npz", "logits"
    )
    assert scored.scores.dtype == kept
    assert scored.scores.dtype.isnative
    np.testing.assert_array_equal(scored.scores, scores)
    assert scored.label_names == tuple(f"label {number}" for number in range(1, 6))


def test_labels_of_a_parquet_file_may_have_scores_of_different_types():
    table = frame(*problem(dtype=np.float32))
    assert read_scores(parquet(table), "a.parquet", "logits").scores.dtype == np.float32
    table["score:cat"] = table["score:cat"].astype(np.float64)
    assert read_scores(parquet(table), "a.parquet", "logits").scores.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_are_the_sigmoid_of_logits_or_the_scores_themselves(dtype):
    targets, scores = problem(dtype=dtype)
    options = {"targets": targets, "label_names": NAMES}
    probabilities = Scored(scores=scores, kind="logits", **options).probabilities()
    assert probabilities.dtype == dtype
    np.testing.assert_array_equal(probabilities, expit(scores))
    scored = Scored(scores=probabilities, kind="probabilities", **options)
    np.testing.assert_array_equal(scored.probabilities(), probabilities)


def test_arrays_are_read_only_also_after_a_pickle():
    targets, scores = problem()
    made = Scored(targets=targets, scores=scores, kind="logits", label_names=NAMES)
    for scored in (made, pickle.loads(pickle.dumps(made))):
        for table in (scored.targets, scored.scores, scored.probabilities()):
            with pytest.raises(ValueError, match="read-only"):
                table[0, 0] = 0
    assert scores.flags.writeable
