"""Every check lets through what it should and says what came when it refuses."""

import re
from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from mlcore.checks import (
    Parameter,
    as_array,
    check_binary,
    check_choice,
    check_finite,
    check_number,
    check_probabilities,
    check_range,
    check_same_shape,
)

NAN, INF = float("nan"), float("inf")


TABLE = np.array([[1, 0, 1], [0, 0, 1]])
SPARSE = [
    getattr(sparse, f"{form}_{kind}")
    for form in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
    for kind in ("array", "matrix")
]
PANDAS = [
    "bool",
    "boolean",
    "int8",
    "Int64",
    "float16",
    "float32",
    "Float32",
    "float64",
    "object",
    "Sparse[int]",
]


@pytest.mark.parametrize("form", SPARSE, ids=lambda form: form.__name__)
def test_sparse_tables_become_arrays(form):
    np.testing.assert_array_equal(as_array("y", form(TABLE)), TABLE, strict=True)


@pytest.mark.parametrize("dtype", PANDAS)
def test_frames_of_any_dtype_become_arrays_of_numbers(dtype):
    array = as_array("y", pd.DataFrame(TABLE).astype(dtype))
    assert array.dtype.kind in "bif"
    np.testing.assert_array_equal(array, TABLE)


def test_a_frame_whose_columns_differ_keeps_the_precision_that_holds_them_all():
    columns = {"a": [True, False], "b": pd.array([1, 0], "Int8"), "c": np.float32([0.1, 1])}
    array = as_array("y", pd.DataFrame(columns))
    np.testing.assert_array_equal(array, np.float32([[1, 1, 0.1], [0, 0, 1]]), strict=True)


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.float16, torch.bfloat16])
def test_tensors_of_any_dtype_and_layout_become_arrays(dtype):
    tensor = torch.tensor(TABLE).to(dtype)
    np.testing.assert_array_equal(as_array("y", tensor), TABLE)
    np.testing.assert_array_equal(as_array("y", tensor.to_sparse()), TABLE)


def test_values_become_an_array_without_a_copy_where_they_can():
    values = np.array([[0.5, 0.2]])
    assert as_array("p", values) is values
    model_output = torch.tensor(values, requires_grad=True)
    assert np.shares_memory(as_array("p", model_output), model_output.detach().numpy())
    assert as_array("p", [[0.5, 0.2]]).tolist() == values.tolist()
    assert as_array("p", 0.5).shape == ()


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (pd.DataFrame({"cat": [1, None]}, index=["a", "b"]), ValueError, "row 'b', column 'cat'$"),
        (pd.DataFrame({"cat": pd.array([None, 1], "Int64")}), ValueError, "row 0, column 'cat'$"),
        (pd.Series([1, None]), ValueError, "y must have no missing values, got one in row 1$"),
        (np.ma.array([1, 0], mask=[True, False]), ValueError, "no missing values, got masked ones"),
        (pd.DataFrame({"cat": ["yes"]}), TypeError, "y must be numbers, got dtype <U3"),
        ([[1, 0], [1]], ValueError, "y must be a table, got rows of different lengths"),
        ([[1, None]], TypeError, "y must be numbers, got dtype object"),
        ([[1j]], TypeError, "y must be numbers, got dtype complex128"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, r"numbers, got dtype datetime64\[D\]"),
        (None, TypeError, "y must be numbers, got NoneType"),
        ("cat", TypeError, "y must be numbers, got str"),
        ({"cat": 1}, TypeError, "y must be numbers, got dict"),
    ],
)
def test_what_is_no_numbers_is_refused_by_name(values, error, message):
    with pytest.raises(error, match=message) as caught:
        as_array("y", values)
    assert str(caught.value).startswith("y must")


@pytest.mark.parametrize("make", [np.array, torch.tensor])
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.5, 1.0000001], "got 1.0000001. That is rounding: clip them, as by .clip(0, 1)"),
        ([-1e-7, 1.000001], "got -1e-07. That is rounding: clip them, as by .clip(0, 1)"),
        ([1.0000001, 1.5], "got 1.0000001. If they are logits, take their sigmoid first"),
        ([0.5, -3.0], "got -3.0. If they are logits, take their sigmoid first"),
        ([0.5, NAN], "got nan"),
    ],
)
def test_what_is_no_probability_is_refused_with_advice(make, values, said):
    message = re.escape(f"p must be in [0, 1], {said}")
    with pytest.raises(ValueError, match=f"^{message}$"):
        check_probabilities("p", make(np.array(values)))
    check_probabilities("p", make([0.0, 1.0]))


def test_half_precision_rounds_more():
    with pytest.raises(ValueError, match="That is rounding"):
        check_probabilities("p", torch.tensor([1.0078125], dtype=torch.bfloat16))
    with pytest.raises(ValueError, match="If they are logits"):
        check_probabilities("p", torch.tensor([1.0078125]))


def test_a_frame_may_have_columns_of_any_name():
    frame = pd.DataFrame({"detach": [1, 0], "toarray": [0, 1], "is_cuda": [1, 1]})
    np.testing.assert_array_equal(as_array("y", frame), [[1, 0, 1], [0, 1, 1]])


def test_a_choice_outside_the_list_is_refused_with_the_list():
    check_choice("colour", "red", ["red", "blue"])
    check_choice("colour", "red", {"red": 1})
    with pytest.raises(ValueError, match=r"^colour must be one of red, blue; got 'green'$"):
        check_choice("colour", "green", iter(["red", "blue"]))
    with pytest.raises(ValueError, match=r"^colour must be one of red; got None$"):
        check_choice("colour", None, ["red"])


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        (0, {"low": 0}),
        (1, {"high": 1}),
        (1e-9, {"above": 0}),
        (3.0, {"integer": True}),
        (np.float32(0.5), {"low": 0, "high": 1}),
        (np.int64(7), {"integer": True}),
        (Fraction(1, 3), {}),
    ],
)
def test_a_number_in_range_passes(value, limits):
    check_number("rate", value, **limits)


@pytest.mark.parametrize(
    ("value", "limits", "error", "message"),
    [
        (-1, {"low": 0}, ValueError, "rate must be >= 0, got -1"),
        (1.5, {"high": 1}, ValueError, "rate must be <= 1, got 1.5"),
        (0.0, {"above": 0}, ValueError, "rate must be > 0, got 0.0"),
        (2.5, {"integer": True}, ValueError, "rate must be a whole number, got 2.5"),
        (NAN, {"integer": True}, ValueError, "rate must be a whole number, got nan"),
        (NAN, {}, ValueError, "rate must be finite, got nan"),
        (INF, {"low": 0}, ValueError, "rate must be finite, got inf"),
        (-INF, {}, ValueError, "rate must be finite, got -inf"),
        ("2", {}, TypeError, "rate must be a number, got str '2'"),
        (None, {}, TypeError, "rate must be a number, got NoneType None"),
        (True, {}, TypeError, "rate must be a number, got bool True"),
        (1j, {}, TypeError, "rate must be a number, got complex 1j"),
    ],
)
def test_a_number_out_of_range_is_refused_with_its_rule(value, limits, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        check_number("rate", value, **limits)


@pytest.mark.parametrize(
    ("first", "second", "error", "message"),
    [
        (
            np.zeros((4, 3)),
            torch.zeros(4, 2),
            ValueError,
            "a and b must have the same shape, got (4, 3) and (4, 2)",
        ),
        (
            np.zeros(3),
            np.zeros(3),
            ValueError,
            "a and b must have shape (n_samples, n_labels), got (3,)",
        ),
        (
            np.zeros((2, 2)),
            [[0, 1], [1, 0]],
            TypeError,
            "b must be an array or tensor of shape (n_samples, n_labels), got list",
        ),
        (
            None,
            np.zeros((2, 2)),
            TypeError,
            "a must be an array or tensor of shape (n_samples, n_labels), got NoneType",
        ),
    ],
)
def test_two_tables_of_other_shapes_are_refused(first, second, error, message):
    check_same_shape("a", np.zeros((4, 3)), "b", torch.zeros(4, 3))
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        check_same_shape("a", first, "b", second)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_values_outside_a_range_are_refused_with_the_first_of_them(make):
    check_range("p", make([[0.0, 1.0], [0.5, 1e-300]]), 0, 1)
    for values, shown in (([0.5, 1.5, 2.5], "1.5"), ([-0.25, 0.5], "-0.25"), ([0.5, NAN], "nan")):
        with pytest.raises(ValueError, match=rf"^p must be in \[0, 1\], got {shown}$"):
            check_range("p", make(values), 0, 1)
    with pytest.raises(ValueError, match=r"^margin must be in \[0, 0.5\], got 0.75$"):
        check_range("margin", make([0.75]), 0.0, 0.5)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_values_that_are_not_finite_are_refused(make):
    check_finite("x", make([0.0, -1e38, 1e38]))
    for value, shown in ((NAN, "nan"), (INF, "inf"), (-INF, "-inf")):
        with pytest.raises(ValueError, match=f"^x must be finite, got {shown}$"):
            check_finite("x", make([[0.0, value]]))


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_values_other_than_0_and_1_are_refused(make):
    for good in ([[0, 1]], [[0.0, 1.0]], [[False, True]]):
        check_binary("y", make(good))
    for bad, shown in (([0, 2], "2"), ([0.0, 0.5], "0.5"), ([1.0, NAN], "nan"), ([-1, 1], "-1")):
        with pytest.raises(ValueError, match=f"^y must be 0 or 1, got {shown}$"):
            check_binary("y", make(bad))


PARAMETERS = {
    "number": Parameter(name="gamma", title="", default=2.0, range=(0.0, 10.0), help=""),
    "whole": Parameter(name="rows", title="", default=5, range=(1, 9), help=""),
    "word": Parameter(name="model", title="", default="mlp", choices=("mlp", "linear"), help=""),
    "both": Parameter(
        name="weight", title="", default="sqrt", range=(0.5, 9.0), choices=("sqrt",), help=""
    ),
    "switch": Parameter(name="detach", title="", default=False, help=""),
}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", 0),
        ("number", 10.0),
        ("whole", 9),
        ("word", "linear"),
        ("both", "sqrt"),
        ("both", 0.5),
        ("switch", True),
    ],
)
def test_a_parameter_takes_what_it_allows(kind, value):
    PARAMETERS[kind].check(value)


@pytest.mark.parametrize(
    ("kind", "value", "error", "message"),
    [
        ("number", -0.1, ValueError, "gamma must be >= 0.0, got -0.1"),
        ("number", 11, ValueError, "gamma must be <= 10.0, got 11"),
        ("number", NAN, ValueError, "gamma must be finite, got nan"),
        ("number", "2", TypeError, "gamma must be a number, got str '2'"),
        ("number", True, TypeError, "gamma must be a number, got bool True"),
        ("whole", 2.5, ValueError, "rows must be a whole number, got 2.5"),
        ("word", "tree", ValueError, "model must be one of mlp, linear; got 'tree'"),
        ("word", 3, ValueError, "model must be one of mlp, linear; got 3"),
        ("both", "cube", ValueError, "weight must be one of sqrt; got 'cube'"),
        ("both", 0.4, ValueError, "weight must be >= 0.5, got 0.4"),
        ("switch", 1, TypeError, "detach must be True or False, got 1"),
        ("switch", "yes", TypeError, "detach must be True or False, got 'yes'"),
    ],
)
def test_a_parameter_refuses_what_it_does_not_allow(kind, value, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        PARAMETERS[kind].check(value)


def test_a_parameter_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PARAMETERS["number"].low = -1.0
