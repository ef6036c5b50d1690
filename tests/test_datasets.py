"""The data sets: what they promise of themselves, and what they say to bad input."""

import inspect
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from mlcore.datasets import DATASETS, Dataset, debtags, digits, load, synthetic
from mlcore.datasets.base import split_rows

SMALL = {
    "debtags": {},
    "digits": {"rows": 400},
    "synthetic": {"rows": 400, "labels": 30},
    "plane": {"rows": 150, "points": ((1.0, 2.0, 1, 0, 1),)},
}


def tiny(**changes) -> Dataset:
    values = {
        "name": "tiny",
        "x": np.arange(12.0).reshape(4, 3),
        "y": np.array([[1, 0], [0, 0], [1, 1], [0, 1]]),
        "label_names": ("a", "b"),
        "train": [1, 0],
        "validation": [2],
        "test": [3],
        "description": "",
        "source": "",
        "licence": "",
    }
    return Dataset(**values | changes)


# --- Dataset


def test_dataset_has_fixed_types_and_sorted_parts():
    dataset = tiny(row_names=list("wxyz"))
    assert dataset.x.dtype == np.float32
    assert dataset.y.dtype == np.uint8
    assert dataset.train.dtype == np.int64
    assert dataset.train.tolist() == [0, 1]
    assert dataset.row_names == ("w", "x", "y", "z")
    assert (dataset.n_labels, dataset.cardinality, dataset.density) == (2, 1.0, 0.5)


def test_dataset_cannot_be_written_to_but_the_callers_array_can():
    x = np.zeros((4, 3), np.float32)
    dataset = tiny(x=x)
    for name in ("x", "y", "train", "validation", "test"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(dataset, name)[0] = 1
    with pytest.raises(FrozenInstanceError):
        dataset.x = x
    x[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.zeros(4)}, r"x must have two dimensions, got shape \(4,\)"),
        ({"y": np.zeros((4, 2, 1))}, r"y must have two dimensions, got shape \(4, 2, 1\)"),
        ({"x": np.zeros((5, 3))}, "x and y must have equally many rows, got 5 and 4"),
        ({"x": np.full((4, 3), np.nan)}, "x must be finite, got nan"),
        ({"x": np.full((4, 3), 1e300)}, "x must be finite, got inf"),
        ({"y": np.full((4, 2), 0.5)}, "y must be 0 or 1, got 0.5"),
        ({"label_names": ("a",)}, "label_names must be 2 names, got 1"),
        ({"label_names": ("a", "a")}, "label_names must differ from each other, got 'a' twice"),
        ({"row_names": ("w",)}, "row_names must be 4 names, got 1"),
        ({"test": []}, "test must name at least one row, got none"),
        ({"test": [2]}, "each of the 4 rows once, got 4 indices, 3 of them different"),
        ({"test": [4]}, "each of the 4 rows once, got 4 indices, 4 of them different"),
        ({"test": [3, 3]}, "each of the 4 rows once, got 5 indices, 4 of them different"),
        ({"image_shape": (2, 2)}, r"multiply to the 3 columns of x, got \(2, 2\)"),
        ({"probabilities": np.zeros((4, 1))}, r"same shape, got \(4, 1\) and \(4, 2\)"),
        ({"probabilities": np.full((4, 2), 1.5)}, r"probabilities must be in \[0, 1\], got 1.5"),
    ],
)
def test_dataset_refuses_what_does_not_fit_together(changes, message):
    with pytest.raises(ValueError, match=message):
        tiny(**changes)


# --- all of them


@pytest.mark.parametrize("name", DATASETS)
def test_dataset_tells_what_it_is_and_shares_out_its_rows(name):
    dataset = load(name, **SMALL[name])
    n = len(dataset.x)
    assert dataset.name == name
    assert dataset.description
    assert dataset.source
    assert dataset.licence
    if name == "plane":  # its test rows are the whole plane, see test_plane.py
        return
    assert [len(part) / n for part in (dataset.train, dataset.validation, dataset.test)] == (
        # A hash shares out 6,511 rows with a standard deviation of 0.006 at most.
        pytest.approx([0.70, 0.15, 0.15], abs=0.02 if name == "debtags" else 1e-9)
    )


@pytest.mark.parametrize("name", DATASETS)
def test_dataset_is_the_same_for_the_same_options(name):
    first = load(name, **SMALL[name])
    debtags.load_debtags.cache_clear()
    second = load(name, **SMALL[name])
    assert first is not second
    for attribute in ("x", "y", "train", "validation", "test"):
        np.testing.assert_array_equal(getattr(first, attribute), getattr(second, attribute))


@pytest.mark.parametrize("name", ["digits", "synthetic", "plane"])
def test_dataset_differs_for_another_seed(name):
    first, second = (load(name, **SMALL[name], seed=seed) for seed in (0, 1))
    assert not np.array_equal(first.x, second.x)
    assert not np.array_equal(first.y, second.y)


@pytest.mark.parametrize("name", DATASETS)
def test_dataset_survives_a_pickle(name):
    dataset = load(name, **SMALL[name])
    copy = pickle.loads(pickle.dumps(dataset))
    for attribute, value in vars(dataset).items():
        np.testing.assert_array_equal(getattr(copy, attribute), value)
    assert not copy.x.flags.writeable
    assert replace(copy, name="copy").cardinality == dataset.cardinality


@pytest.mark.parametrize("name", DATASETS)
def test_parameters_are_those_of_the_function(name):
    signature = inspect.signature(DATASETS[name].function).parameters
    assert DATASETS[name].defaults == {
        option: parameter.default for option, parameter in signature.items()
    }
    assert DATASETS[name].check({}) == DATASETS[name].defaults
    for parameter in DATASETS[name].parameters:
        parameter.check(parameter.default)
        assert parameter.help.endswith(".")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (None, {}, "dataset must be one of debtags, digits, synthetic, plane; got None"),
        ("debtag", {}, "dataset must be one of debtags, digits, synthetic, plane; got 'debtag'"),
        ("digits", {"cap": 0.1}, "option of digits must be one of rows, exponent, .*; got 'cap'"),
        ("debtags", {"seed": 0}, "option of debtags must be one of components; got 'seed'"),
        ("digits", {"rows": 99}, "rows must be >= 100, got 99"),
        ("digits", {"rows": 150.5}, "rows must be a whole number, got 150.5"),
        ("synthetic", {"labels": 1001}, "labels must be <= 1000, got 1001"),
        ("synthetic", {"signal": float("nan")}, "signal must be finite, got nan"),
        ("synthetic", {"labels": 10}, r"cardinality must be <= labels \* cap = 10 \* 0.3 = 3, got"),
    ],
)
def test_load_says_what_exists_and_what_is_allowed(name, options, message):
    with pytest.raises(ValueError, match=message):
        load(name, **options)


def test_load_refuses_a_value_that_is_no_number():
    with pytest.raises(TypeError, match="rows must be a number, got str 'many'"):
        load("digits", rows="many")


def test_load_takes_a_whole_number_written_as_a_float():
    assert load("digits", rows=200.0).x.shape == (200, 256)


def test_importing_the_table_imports_nothing_heavy():
    code = (
        "import sys, mlcore.datasets as d; d.DATASETS;"
        "print({'torch', 'sklearn', 'scipy', 'pandas', 'streamlit'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# --- debtags


def cells_of(pictures):
    """Cells of 8 × 8 pixels, cut out by plain slices: shape (n, 4, 64)."""
    pictures = pictures.reshape(-1, 16, 16)
    corners = [(0, 0), (0, 8), (8, 0), (8, 8)]
    cut = [pictures[:, top : top + 8, left : left + 8] for top, left in corners]
    return np.stack(cut, axis=1).reshape(len(pictures), 4, 64)


def test_digits_labels_are_the_digits_in_the_picture_and_no_scan_is_on_two_sides():
    from sklearn.datasets import load_digits

    scans, digit_of = load_digits(return_X_y=True)
    number = {(scan / 16).astype(np.float32).tobytes(): i for i, scan in enumerate(scans)}
    assert len(number) == len(scans), "two scans look alike: the look-up would be ambiguous"
    dataset = load("digits", rows=3000)
    assert dataset.image_shape == (16, 16)
    used = []
    for part in (dataset.train, dataset.validation, dataset.test):
        scans_of_part = set()
        for cells, y in zip(cells_of(dataset.x[part]), dataset.y[part], strict=True):
            seen = {number[cell.tobytes()] for cell in cells if cell.any()}
            assert set(np.flatnonzero(y)) == {digit_of[scan] for scan in seen}
            scans_of_part |= seen
        used.append(scans_of_part)
    assert not used[0] & used[1]
    assert not used[0] & used[2]
    assert not used[1] & used[2]


def test_digits_split_is_stratified():
    digit_of = np.repeat(np.arange(10), 100)
    parts = digits.split_scans(digit_of, np.random.default_rng(0))
    for part, size in zip(parts, (70, 15, 15), strict=True):
        assert np.bincount(digit_of[part]).tolist() == [size] * 10


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_digits_frequency_falls_with_the_rank(exponent):
    dataset = load("digits", rows=20_000, exponent=exponent, empty=0.25)
    share = np.arange(1.0, 11) ** -exponent
    # A digit is absent when none of four cells shows it.
    expected = 1 - (1 - 0.75 * share / share.sum()) ** 4
    # Four standard deviations of a share of 20,000 pictures are at most 0.014.
    np.testing.assert_allclose(dataset.y.mean(axis=0), expected, atol=0.014)


def test_digits_cells_are_empty_as_often_as_asked():
    filled = cells_of(load("digits", rows=5000, empty=0.4).x).any(axis=2)
    # Four standard deviations of a share of 20,000 cells.
    assert filled.mean() == pytest.approx(0.6, abs=0.014)
    assert (~filled.any(axis=1)).mean() == pytest.approx(0.4**4, abs=0.01)
    assert cells_of(load("digits", rows=100, empty=0.0).x).any(axis=2).all()


def test_digits_pixels_are_in_0_1():
    x = load("digits", rows=400).x
    assert (x.min(), x.max()) == (0, 1)


# --- synthetic


@pytest.mark.parametrize(
    ("labels", "cardinality", "exponent", "cap"),
    [(100, 5, 1, 0.9), (100, 5, 1, 0.2), (1000, 5, 3, 0.3), (10, 2, 0, 0.5), (3, 2.1, 1, 0.7)],
)
def test_prevalences_sum_to_the_cardinality_below_the_cap(labels, cardinality, exponent, cap):
    actual = synthetic.prevalences(labels, cardinality, exponent, cap)
    assert actual.sum() == pytest.approx(cardinality, rel=1e-12)
    assert actual.max() <= cap
    free = actual < cap * (1 - 1e-9)
    weights = np.arange(1.0, labels + 1) ** -exponent
    if free.any():  # below the cap, the law holds
        np.testing.assert_allclose(actual[free] / weights[free], actual[-1] / weights[-1])


@pytest.mark.parametrize("signal", [0.0, 0.5, 2.0, 10.0])
def test_intercepts_give_the_prevalences_asked_for(signal):
    wanted = np.array([0.9, 0.3, 0.01, 1e-6])
    for intercept, expected in zip(synthetic.solve_intercepts(wanted, signal), wanted, strict=True):
        actual, _ = quad(
            lambda t, b=intercept: expit(signal * t + b) * np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi),
            -12,
            12,
            points=[np.clip(-intercept / signal, -11, 11)] if signal else None,
            epsabs=1e-14,
            limit=500,
        )
        # The adaptive integral is good to about 1e-10 of the value at the steepest sigmoid.
        assert actual == pytest.approx(expected, rel=1e-8)


def test_synthetic_labels_hold_as_often_as_asked():
    dataset = load("synthetic", rows=20_000, labels=50, cardinality=5.0, cap=0.4)
    expected = synthetic.prevalences(50, 5.0, 1.0, 0.4)
    # Five standard deviations of a share of 20,000 rows, for 50 labels at once.
    tolerance = 5 * np.sqrt(expected * (1 - expected) / 20_000)
    assert (abs(dataset.y.mean(axis=0) - expected) < tolerance).all()
    assert dataset.label_names[0] == "label 1"


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_synthetic_probabilities_are_calibrated(correlation):
    dataset = load("synthetic", rows=20_000, correlation=correlation)
    p, y = dataset.probabilities.ravel(), dataset.y.ravel()
    for low in (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9):
        among = (p >= low) & (p < low + 0.1)
        # Correlated labels of a row count as few; 0.01 is over five standard deviations.
        assert y[among].mean() == pytest.approx(p[among].mean(), abs=0.012)


def test_synthetic_logits_are_linear_in_x():
    dataset = load("synthetic", rows=500, features=8, signal=3.0)
    logits = np.log(dataset.probabilities) - np.log1p(-dataset.probabilities)
    x = np.column_stack([dataset.x, np.ones(500)]).astype(float)
    weights, *_ = np.linalg.lstsq(x, logits)
    np.testing.assert_allclose(x @ weights, logits, atol=1e-6)  # log1p near p = 1 loses digits
    np.testing.assert_allclose(np.linalg.norm(weights[:-1], axis=0), 3.0, rtol=1e-6)


def test_synthetic_correlation_makes_labels_come_together():
    def pairs_per_row(correlation):
        y = load("synthetic", rows=5000, labels=30, signal=0.0, correlation=correlation).y
        size = y.sum(axis=1, dtype=int)
        return (size * (size - 1) / 2).mean()

    alone, some, much = (pairs_per_row(correlation) for correlation in (0.0, 0.5, 0.95))
    prevalence = synthetic.prevalences(30, 5.0, 1.0, 0.3)
    independent = (prevalence.sum() ** 2 - (prevalence**2).sum()) / 2
    assert alone == pytest.approx(independent, rel=0.05)
    assert much > 1.2 * some > 1.2 * 1.2 * alone


def test_synthetic_pair_comes_together_as_its_copula_allows():
    from scipy.stats import multivariate_normal, norm

    options = {"labels": 2, "cardinality": 0.8, "cap": 0.4, "signal": 0.0}
    dataset = load("synthetic", rows=20_000, correlation=0.9, **options)
    together = dataset.y.all(axis=1).mean()

    def expected(cosine):
        z = norm.ppf([0.4, 0.4])
        return multivariate_normal([0, 0], [[1, 0.9 * cosine], [0.9 * cosine, 1]]).cdf(z)

    # Loadings are >= 0, so their cosine is in [0, 1].
    assert expected(0.0) - 0.01 < together < expected(1.0) + 0.01


def test_synthetic_hides_labels_in_training_rows_only():
    whole = load("synthetic")
    holed = load("synthetic", missing=0.4)
    np.testing.assert_array_equal(whole.x, holed.x)
    np.testing.assert_array_equal(whole.probabilities, holed.probabilities)
    for part in (whole.validation, whole.test):
        np.testing.assert_array_equal(whole.y[part], holed.y[part])
    before, after = whole.y[whole.train], holed.y[whole.train]
    assert (after <= before).all()
    assert after.sum() == round(0.6 * before.sum())


def test_synthetic_takes_its_extremes():
    for options in (
        {"labels": 1000, "signal": 10.0, "exponent": 3.0, "cap": 0.9},
        {"labels": 2, "cardinality": 0.1, "features": 1, "signal": 0.0},
        {"labels": 10, "cardinality": 9.0, "cap": 0.9, "correlation": 0.95, "missing": 0.9},
    ):
        dataset = load("synthetic", rows=100, **options)
        assert np.isfinite(dataset.probabilities).all()


def test_split_rows_covers_every_row_in_order():
    np.testing.assert_array_equal(np.concatenate(split_rows(101)), np.arange(101))
