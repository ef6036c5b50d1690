"""Uploads: what is wrong is said in plain words."""

import io
import pickle
from codecs import BOM_UTF8
from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from mlcore.files import Scored, example_csv, limits, read_scores
from tests.uploads import NAMES, frame, npy, npz, parquet, problem, written, zipped

NAN = float("nan")
HEADER = b"true:cat,score:cat\n"


def check_refused(content, name, kind, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_scores(content, name, kind)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"x", "a.xlsx", r"must end in .npz, .csv, .parquet; got 'a.xlsx'"),
        (b"x", "csv", r"must end in .npz, .csv, .parquet; got 'csv'"),
        (b"x", "a." + "y" * 9999, r"got 'a\.y{57}…'. Save"),
        (b"", "a.csv", "the file is empty, 0 bytes"),
        (b"x" * 200_000_001, "a.csv", "at most 200 MB, got 200.0 MB. Leave out some rows"),
    ],
)
def test_files_that_cannot_be_scores_are_refused(content, name, message):
    check_refused(content, name, "logits", message)


def test_a_kind_that_is_neither_is_refused():
    with pytest.raises(ValueError, match="kind must be one of logits, probabilities; got 'auto'"):
        read_scores(HEADER + b"1,0.5\n", "a.csv", "auto")


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"scores": 1.5}, "probabilities", r"in \[0, 1\], got 1.5 in row 2 of label 'dog'. If the"),
        ({"scores": 1.0000001}, "probabilities", r"label 'dog'. That is rounding: clip them"),
        ({"scores": -3.0}, "probabilities", "got -3.0 in row 2 .* If these are logits, say so"),
        (
            {"scores": NAN},
            "logits",
            r"finite, got nan \(or an empty cell\) in row 2 of label 'dog'",
        ),
        ({"scores": np.inf}, "logits", "scores must be finite, got inf in row 2 of label 'dog'"),
        ({"targets": 2}, "logits", r"targets must be 0 or 1, got 2(.0)? in row 2 of label 'dog'"),
        ({"targets": 0.5}, "logits", "targets must be 0 or 1, got 0.5 in row 2 of label 'dog'"),
        ({"targets": NAN}, "logits", "targets must be 0 or 1, got nan .* in row 2 of label 'dog'"),
    ],
)
def test_wrong_values_are_refused_with_their_place(ending, change, kind, message):
    tables = {"targets": np.zeros((3, 2)), "scores": np.full((3, 2), 0.5)}
    for key, value in change.items():
        tables[key][1, 1] = value
    content = parquet(frame(**tables, names=("cat", "dog")))
    if ending == "csv":
        content = pd.read_parquet(io.BytesIO(content)).to_csv(index=False).encode()
    elif ending == "npz":
        content = npz(**tables, label_names=["cat", "dog"])
    check_refused(content, f"a.{ending}", kind, message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER, "at least one row and one label, got 0 rows and 1 labels"),
        (HEADER[:-1], "got 0 rows and 1 labels"),
        (b"\n\n", "must have columns true:NAME and score:NAME .* found nothing"),
        (b"a,b,c,d,e\n1,2,3,4,5\n", "found 'a', 'b', 'c' and 2 more"),
        (b"true:cat;score:cat\n1;2\n", "separated by commas in a CSV; found 'true:cat;score:cat'"),
        (b"1,0.5\n0,0.5\n", "must have columns .* found '1', '0.5'"),
        (b"true:cat,score:dog\n1,2\n", "each label must have .* missing 'score:cat'"),
        (b"true:a,score:a,score:b\n1,2,3\n", "missing 'true:b'"),
        (b"true:a,score:a,true:a\n1,2,3\n", "must differ from each other, got 'a' twice"),
        (b"true:a,score:a,score:a\n1,2,3\n", "must differ from each other, got 'a' twice"),
        (b"true:a,score:a,true:a ,score: a\n1,2,3,4\n", "got 'a' twice"),
        (b"true:,score:\n1,2\n", "must have 1 to 200 characters, got '' with 0"),
        (HEADER.replace(b"cat", b"c" * 201) + b"1,2\n", "got 'c{59}…' with 201"),
        (b'"true:a\nb","score:a\nb"\n1,2\n', r"without control characters, got 'a\\nb'"),
        (HEADER + b"\n1,2\n0,yes\n", "column 'score:cat' must hold numbers, got 'yes' in line 4"),
        (HEADER + b"1,True\n", "column 'score:cat' must hold numbers, got 'True' in line 2. Write"),
        (HEADER + b"yes,2\n", "must hold 0 or 1, or True or False, got 'yes' in line 2. Write"),
        (HEADER + b"True,2\n2,2\n", "hold 0 or 1, or True or False, got '2' in line 3"),
        (BOM_UTF8 + b"\n" + HEADER + b"\n1,2\n2,x\n", "must hold numbers, got 'x' in line 5"),
        (HEADER + b"True,2\n,2\n", "0 or 1, got nan .or an empty cell. in row 2"),
        (HEADER + b'1,"0,5"\n', "got '0,5' in line 2. Write numbers with a decimal point"),
        (HEADER + b'1,"' + b"x" * 9999 + b'"\n', "got 'x{59}…' in line 2"),
        (b"id," + HEADER + b"a,1,2\nb,1,x\n", "column 'score:cat' must hold numbers, got 'x'"),
        (HEADER + b"1,2\n1\n", "as many cells as the header, 2; got 1 in line 3: '1'"),
        (HEADER + b"1,2," + b"3," * 9999, "got 10002 in line 2: '1,2,3,.*…'. Separate"),
        (b"<!DOCTYPE html><html>", "must be comma-separated text, got '<!DOCTYPE html><html>'"),
        (b"PK\x03\x04\0\0", r"must be comma-separated text, got 'PK\\x03"),
        ("true:é,score:é\n1,2".encode("utf-16"), "must be comma-separated text"),
        ("true:é,score:é\n1,2".encode("latin-1"), "must be UTF-8 text. Save the table as CSV"),
        (b"\x89\xff\xd8\xe0" * 99, "must be UTF-8 text"),
        (b"," * 3_900_000 + b"\n1", "at most 10,000 columns, got 3,900,001"),
        (b"x" * 300_000, "could not be read as CSV; it may be cut short or of another kind"),
        (HEADER + b"1,2\n" + b"1" * 9_000_000 + b",1\n", "could not be read as CSV: 'stradd"),
    ],
)
def test_a_csv_that_is_not_one_is_refused(content, message):
    check_refused(content, "a.csv", "logits", message)


ONE = np.array([[1]])


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npz(y=ONE, scores=ONE), "must have arrays targets and scores, found 'y', 'scores'. Save"),
        (npz(targets=ONE, scores=ONE.astype(str)), "scores must be real numbers, got .* '<U21'"),
        (npz(targets=np.array([["no"]]), scores=ONE), "or True or False, got 'no'"),
        (npz(targets=ONE, scores=ONE * 1j), "scores must be real numbers, got .* 'complex128'"),
        (npz(targets=ONE.astype("M8[s]"), scores=ONE), "targets must be real numbers"),
        (npz(targets=ONE, scores=ONE[0]), r"scores must have shape \(rows, labels\), got \(1,\)"),
        (npz(targets=ONE[0], scores=ONE[0]), r"got \(1,\). For one label use \(rows, 1\)"),
        (npz(targets=ONE, scores=np.ones((2, 1))), r"same shape, got \(1, 1\) and \(2, 1\)"),
        (npz(targets=np.ones((0, 3)), scores=np.ones((0, 3))), "got 0 rows and 3 labels"),
        (npz(targets=np.ones((3, 0)), scores=np.ones((3, 0))), "got 3 rows and 0 labels"),
        (npz(targets=ONE, scores=ONE, label_names=["a", "b"]), r"got shapes \(2,\) and \(1, 1\)"),
        (npz(targets=ONE, scores=ONE, label_names="a"), r"got shapes \(\) and \(1, 1\)"),
        (npz(targets=ONE, scores=ONE, label_names=[1]), "label_names must be texts, got '1'"),
        (npz(targets=ONE, scores=ONE, label_names=["\ud800"]), r"control .* got '\\ud800'"),
        (npz(targets=np.ones((1, 2)), scores=np.ones((1, 2)), label_names=["a"] * 2), "'a' twice"),
        (npz(targets=ONE, scores=np.full((1, 1), np.longdouble("1e400"))), "finite, got inf"),
        (npz(targets=ONE, scores=np.array([[Trap()]])), "must not hold pickled objects. Save num"),
        (
            npz(targets=ONE, scores=ONE, label_names=np.array([Trap()])),
            r"label_names must not hold pickled objects. Save numpy.array\(names, dtype=str\)",
        ),
        (pickle.dumps(Trap()), "could not be read as npz.*not a zip file"),
        (zipped(targets=pickle.dumps(Trap()), scores=b""), "could not be read as npz"),
        (zipped(targets=npy((9**9, 1)), scores=npy((1, 1))), "at most 60,000,000, got 387,420,489"),
        (zipped(targets=npy((10**6, 9)), scores=npy((1, 1))), "targets in the npz file is cut sho"),
        (zipped(targets=npy((10**3999, 1)), scores=npy((1, 1))), "has an impossible shape"),
        (zipped(targets=npy((-1, 1)), scores=npy((1, 1))), "has an impossible shape"),
        (zipped(targets=npy((1,) * 99), scores=npy((1, 1))), r"got \(1, 1, 1, [1, ]*\. For one"),
        (
            zipped(
                targets=npy((1, 1), data=bytes(8)),
                scores=npy((1, 1), data=bytes(8)),
                label_names=npy((10**12,), "<U0"),  # 0 bytes, and yet a list of 10^12 names
            ),
            r"got shapes \(1000000000000,\) and \(1, 1\)",
        ),
        (npz(targets=ONE, scores=ONE)[:-30], "could not be read as npz"),
        (
            zipped(targets=npy((1, 1), data=bytes(9)), scores=npy((1, 1), data=bytes(8))),
            "The reader says: 'there is more than an array'",
        ),
    ],
)
def test_an_npz_file_that_is_not_one_is_refused(content, message):
    check_refused(content, "a.npz", "logits", message)


def test_a_file_that_would_unpack_to_more_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 10**6)
    content = npz(np.savez_compressed, targets=np.zeros((5_000, 300), np.uint8), scores=ONE)
    check_refused(content, "a.npz", "logits", "must unpack to at most 1 MB, got 2 MB")
    table = pa.table({"true:a": np.zeros(2 * 10**5), "score:a": np.zeros(2 * 10**5)})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, use_dictionary=False, compression="zstd")
    check_refused(file.getvalue(), "a.parquet", "logits", "at most 1 MB, got 3 MB")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"a": [1]}, "must have columns true:NAME and score:NAME .* found 'a'"),
        ({"true:a": [1], "score:b": [1]}, "missing 'score:a'"),
        ({"true:a": [1], "score:a": ["1"]}, "'score:a' must hold numbers, got the type '.*string'"),
        ({"true:a": [1], "score:a": [[1.0]]}, "must hold numbers, got the type 'list"),
        ({"true:a": [1], "score:a": [None]}, "must hold numbers, got the type 'null'"),
        ({"true:a": [True, None], "score:a": [0.5, 0.5]}, "0 or 1, got nan .* in row 2"),
        ({"true:a": ["True", None], "score:a": [0.5, 0.5]}, "0 or 1, got nan .* in row 2"),
        ({"true:a": ["True", "no"], "score:a": [0.5, 0.5]}, "or True or False, got 'no'"),
        ({"true:a": [["True"]], "score:a": [0.5]}, "must hold numbers, got the type 'list"),
        ({"true:a": [1, 0], "score:a": [0.5, None]}, "got nan .or an empty cell. in row 2"),
        ({"true:a": pa.array([], "int8"), "score:a": pa.array([], "float")}, "got 0 rows"),
    ],
)
def test_a_parquet_file_with_other_columns_is_refused(table, message):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(table), file)
    check_refused(file.getvalue(), "a.parquet", "logits", message)


def test_what_else_is_in_a_parquet_file_may_be_large():
    table = pa.table({"text": ["x" * 11_000_000], "true:a": [1], "score:a": [0.5]})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    assert read_scores(file.getvalue(), "a.parquet", "logits").scores == [[0.5]]


def test_names_with_dots_are_no_parts_of_other_columns():
    targets, scores = problem(labels=3)
    names = ("a", "a.b", "a.b.c")
    table = frame(targets, scores, names)
    scored = read_scores(parquet(table), "a.parquet", "logits")
    assert scored.label_names == names
    np.testing.assert_array_equal(scored.scores, scores)
    table = pa.table({"true:a": [1], "score:a": [0.5], "true:a.b": [{"c": 1}]})
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    check_refused(file.getvalue(), "a.parquet", "logits", "missing 'score:a.b'")


def test_columns_that_are_there_twice_in_a_parquet_file_are_refused():
    table = pa.table([[1], [0.5], [0.5]], names=["true:a", "score:a", "score:a"])
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    check_refused(file.getvalue(), "a.parquet", "logits", "got 'a' twice")


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
def test_more_labels_or_cells_than_the_limits_are_refused(ending, monkeypatch):
    targets, scores = np.zeros((4, 2001)), np.zeros((4, 2001))
    names = [str(label) for label in range(2001)]
    table = frame(targets, scores, names)
    content = {
        "npz": lambda: npz(targets=targets, scores=scores),
        "csv": lambda: table.to_csv(index=False).encode(),
        "parquet": lambda: parquet(table),
    }[ending]()
    check_refused(content, f"a.{ending}", "logits", "at most 2,000 labels, got 2,001")
    monkeypatch.setattr(limits, "MAX_LABELS", 3000)
    monkeypatch.setattr(limits, "MAX_CELLS", 8000)
    message = "rows times labels must be at most 8,000, got 4 times 2,001"
    check_refused(content, f"a.{ending}", "logits", message)


@pytest.mark.parametrize("ending", ["npz", "csv", "parquet"])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(ending):
    content = written(*problem(), NAMES, ending)
    rng = np.random.default_rng(0)
    for place in rng.integers(1, len(content), 60):
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        for broken in (content[:place], bytes(damaged)):
            with suppress(ValueError):
                read_scores(broken, f"a.{ending}", "logits")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "odds"}, "kind must be one of logits, probabilities; got 'odds'"),
        ({"label_names": ["a"]}, "label_names must be 2 names, got 1"),
        ({"label_names": ["a", None]}, "label_names must be texts, got 'None'"),
        ({"label_names": ["a", " "]}, "must have 1 to 200 characters"),
        ({"scores": [[0.5]]}, r"same shape, got \(1, 2\) and \(1, 1\)"),
        ({"scores": [["a", "b"]]}, "scores must be numbers, got dtype <U1"),
    ],
)
def test_scored_refuses_what_does_not_fit(change, message):
    fitting = {"targets": [[1, 0]], "scores": [[0.5, 0.5]], "label_names": ["a", "b"]}
    with pytest.raises((ValueError, TypeError), match=message):
        Scored(**({"kind": "logits"} | fitting | change))


def test_an_example_refuses_what_could_not_be_read_back():
    with pytest.raises(ValueError, match="scores must be finite, got nan"):
        example_csv([[1]], [[NAN]], ["a"])
