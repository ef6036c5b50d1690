"""The plane: its features, its three regions, the points painted on it, and what a model finds."""

import pickle
import re
from math import hypot, pi, sin, sqrt

import numpy as np
import pytest

from mlcore.datasets import DATASETS, load, plane
from mlcore.datasets.source import check_data, resolve
from mlcore.sweeps.store import fingerprint
from mlcore.training import Race, TrainConfig

PAINTED = ((1.0, 2.0, 1, 0, 1), (-6, 6.0, 0, 0, 0))


def inside_by_hand(x1, x2, rare):
    """Which regions a point lies in, from what their description says."""
    radius = sqrt(144 * rare / pi)
    above_the_wave = x2 >= 1.2 * sin(x1) - 1
    in_the_band = abs(x1 - x2) <= 2 * sqrt(2)
    return above_the_wave, in_the_band, hypot(x1 - 2.2, x2 - 0.3) <= radius


def test_plane_features_are_those_of_the_playground_at_unit_size():
    rng = np.random.default_rng(0)
    points = rng.uniform(-6, 6, (200_000, 2))
    features = plane.plane_features(points)
    assert features.dtype == np.float32
    size = np.sqrt(np.mean(features.astype(float) ** 2, axis=0))
    # Five standard deviations of the mean of the squared product, the widest of them: its relative
    # spread is sqrt(9 / 5 ** 2 * 9 - 1) = 1.5, which the root halves.
    np.testing.assert_allclose(size, 1, atol=5 * 1.5 / 2 / sqrt(200_000))
    for (x1, x2), found in zip(points[:50], features, strict=False):
        raw = [x1, x2, x1 * x1, x2 * x2, x1 * x2, sin(x1), sin(x2)]
        np.testing.assert_allclose(found * plane.SCALES, raw, rtol=1e-6)  # float32


def test_plane_points_undoes_the_features():
    points = np.random.default_rng(0).uniform(-6, 6, (50, 2))
    found = plane.plane_points(plane.plane_features(points))
    np.testing.assert_allclose(found, points, rtol=1e-6)  # float32 between


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((4, 3)), r"points must have shape \(n, 2\), got \(4, 3\)"),
        (np.zeros(2), r"points must have shape \(n, 2\), got \(2,\)"),
        ([[0.0, np.nan]], "points must be finite, got nan"),
    ],
)
def test_plane_features_refuse_what_is_no_list_of_points(points, message):
    with pytest.raises(ValueError, match=message):
        plane.plane_features(points)


def test_plane_has_400_training_points_within_the_square_and_a_grid_for_tests():
    dataset = load("plane")
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == (
        [400, 200, 900]
    )
    assert dataset.label_names == ("A", "B", "C")
    points = plane.plane_points(dataset.x)
    assert abs(points).max() <= 6
    assert abs(points[:600]).max() > 5.9
    # Five standard deviations of the mean of 600.
    np.testing.assert_allclose(points[:600].mean(axis=0), 0, atol=5 * 12 / sqrt(12 * 600))


def test_plane_test_rows_are_cells_row_by_row_from_the_top_left():
    dataset = load("plane")
    points = plane.plane_points(dataset.x[dataset.test])
    expected = [(-5.8 + 0.4 * column, 5.8 - 0.4 * row) for row in range(30) for column in range(30)]
    np.testing.assert_allclose(points, expected, atol=1e-5)
    assert plane.GRID == 30


@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("rare", [0.01, 0.03, 0.3])
def test_plane_test_labels_are_the_regions_whatever_the_noise(rare, noise):
    dataset = load("plane", rare=rare, noise=noise)
    y = dataset.y[dataset.test].astype(bool)
    by_hand = [inside_by_hand(x1, x2, rare) for x1, x2 in plane.grid_points()]
    np.testing.assert_array_equal(y, by_hand)
    # The disc's edge crosses about 2 pi r / 0.4 cells, each half in on average.
    assert y[:, 2].mean() == pytest.approx(rare, abs=0.003)
    shares = y.mean(axis=0)
    assert shares[0] > shares[1] > shares[2]


def test_plane_regions_overlap_in_every_way():
    dataset = load("plane")
    together = {tuple(row) for row in dataset.y[dataset.test].tolist()}
    assert len(together) == 8


@pytest.mark.parametrize("noise", [0.0, 0.2, 1.0])
def test_plane_labels_are_drawn_by_their_probabilities(noise):
    seeds = range(10)
    drawn = [load("plane", rows=3000, rare=0.1, noise=noise, seed=seed) for seed in seeds]
    p = np.concatenate([dataset.probabilities[:3000] for dataset in drawn])
    y = np.concatenate([dataset.y[:3000] for dataset in drawn])
    for low in np.arange(0, 1, 0.1):
        among = (p >= low) & (p <= low + 0.1)
        if among.any():
            spread = sqrt(np.mean(p[among] * (1 - p[among])) / among.sum())
            assert y[among].mean() == pytest.approx(p[among].mean(), abs=5 * spread + 1e-12)
    if noise == 0:
        np.testing.assert_array_equal(y, p)


def test_plane_probability_is_a_half_on_an_edge_and_falls_with_the_noise():
    on_edges = [[0.0, -1.0], [3.0, 3.0 - 2 * sqrt(2)], [2.2, 0.3 - sqrt(144 * 0.03 / pi)]]
    for label, point in enumerate(on_edges):
        for noise in (0.1, 1.0):
            p = plane.plane_probabilities([point], 0.03, noise)[0, label]
            assert p == pytest.approx(0.5, abs=1e-12)
    # One unit above A's edge, by the logistic function.
    p = plane.plane_probabilities([[0.0, 0.0]], 0.03, 0.5)[0, 0]
    assert p == pytest.approx(1 / (1 + np.exp(-2)), rel=1e-12)


def test_plane_with_another_rare_changes_labels_of_c_only_and_adds_to_them():
    small, large = (load("plane", rare=rare) for rare in (0.02, 0.2))
    np.testing.assert_array_equal(small.x, large.x)
    np.testing.assert_array_equal(small.y[:, :2], large.y[:, :2])
    assert (small.y[:, 2] <= large.y[:, 2]).all()
    assert small.y[:, 2].sum() < large.y[:, 2].sum()


def test_plane_with_another_noise_keeps_its_points():
    np.testing.assert_array_equal(load("plane", noise=0.0).x, load("plane", noise=1.0).x)


def test_plane_painted_points_join_the_training_rows_and_move_nothing_else():
    plain, painted = load("plane"), load("plane", points=PAINTED)
    assert painted.train.tolist() == list(range(402))
    np.testing.assert_allclose(plane.plane_points(painted.x[400:402]), [[1, 2], [-6, 6]], rtol=1e-6)
    assert painted.y[400:402].tolist() == [[1, 0, 1], [0, 0, 0]]
    for name in ("x", "y", "probabilities"):
        before, after = getattr(plain, name), getattr(painted, name)
        np.testing.assert_array_equal(before[plain.train], after[painted.train[:400]])
        np.testing.assert_array_equal(before[plain.validation], after[painted.validation])
        np.testing.assert_array_equal(before[plain.test], after[painted.test])
    there = plane.plane_probabilities([[1.0, 2.0]], 0.03, 0.5)
    np.testing.assert_array_equal(painted.probabilities[400], there[0])


def test_plane_painted_points_are_part_of_what_a_data_set_is_known_by():
    data = pickle.loads(pickle.dumps(("plane", {"rows": 90, "points": PAINTED})))
    other = "plane", {"rows": 90, "points": PAINTED[:1]}
    check_data(data)
    assert resolve(data) is resolve(("plane", {"points": PAINTED, "rows": 90}))
    assert resolve(data) is not resolve(other)
    assert len(resolve(data).x) == 90 + 2 + 900
    as_floats = "plane", {"rows": 90.0, "points": tuple(tuple(map(float, p)) for p in PAINTED)}
    assert fingerprint(data) == fingerprint(as_floats) != fingerprint(other)
    assert fingerprint(("plane", {})) == fingerprint(("plane", {"points": ()}))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(1.0, 2.0, 1, 0, 1)], "points must be a tuple of tuples (x1, x2, A, B, C), got list"),
        (([1.0, 2.0, 1, 0, 1],), "points must be a tuple of tuples (x1, x2, A, B, C), got list at"),
        (((1.0, 2.0, 1, 0),), "a tuple of tuples (x1, x2, A, B, C), got 4 numbers at 0"),
        ((PAINTED[0],) * 301, "points must be at most 300, got 301"),
        ((PAINTED[0], (6.1, 0, 0, 0, 0)), "x1 of points[1] must be <= 6.0, got 6.1"),
        (((0, -7, 0, 0, 0),), "x2 of points[0] must be >= -6.0, got -7"),
        (((float("nan"), 0, 0, 0, 0),), "x1 of points[0] must be finite, got nan"),
        ((("0", 0, 0, 0, 0),), "x1 of points[0] must be a number, got str '0'"),
        (((0, 0, 0, 0.5, 0),), "B of points[0] must be 0 or 1, got 0.5"),
        (((0, 0, 0, 0, 2),), "C of points[0] must be 0 or 1, got 2"),
    ],
)
def test_plane_refuses_points_that_cannot_be_painted(points, message):
    for ask in (resolve, check_data, lambda data: load(data[0], **data[1])):
        with pytest.raises((ValueError, TypeError), match=re.escape(message)):
            ask(("plane", {"points": points}))


def test_plane_takes_as_many_points_as_it_says():
    assert len(load("plane", rows=30, points=(PAINTED[0],) * 300).train) == 320


def test_points_are_an_option_of_the_plane_alone():
    with pytest.raises(
        ValueError, match=r"option of plane must be one of rows, .*, seed, points; "
    ):
        DATASETS["plane"].check({"cap": 0.1})
    with pytest.raises(ValueError, match=r"option of digits must be one of rows, .*; got 'points'"):
        load("digits", points=())


@pytest.mark.parametrize("layers", [(), (8,)])
def test_plane_loses_c_to_plain_bce_finds_it_by_weight_and_drowns_in_it_by_more(layers):
    dataset = load("plane")
    model = {"model": "mlp", "hidden": layers} if layers else {"model": "linear"}
    configs = [
        TrainConfig(
            **model,
            loss="bce_pos_weight",
            loss_params={"pos_weight": weight},
            learning_rate=0.03,
            epochs=50,  # 100 steps
        )
        for weight in (1.0, 7.0, 50.0)
    ]
    race = Race(configs, dataset, thresholds=(0.5,))
    for _records in race:
        pass
    plain, weighted, drowned = (
        (race.probabilities(place, dataset.test)[:, 2] >= 0.5).mean() for place in range(3)
    )
    area = dataset.y[dataset.test, 2].mean()
    assert plain < 0.2 * area  # a wider network finds it without weights
    assert area < weighted < 4 * area
    assert drowned > 4 * area
