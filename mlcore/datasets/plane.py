"""Points of a plane with three labels that overlap, the last one rare, and known truth."""

from math import pi, sin, sqrt

import numpy as np

from mlcore.checks import Parameter, as_array, check_finite, check_number
from mlcore.datasets.base import SEED, Dataset, DatasetInfo, Extra
from mlcore.lazy import special

HALF = 6.0  # the square is [-6, 6] × [-6, 6]
GRID = 30  # cells along a side
LABELS = ("A", "B", "C")
TRAIN_SHARE = 2 / 3  # of the drawn points, as the test points are none of them
MOST_POINTS = 300  # that are painted
# Root mean squares over the square of x1, x2, their squares, their product, and their sines.
SCALES = np.array(
    [HALF / sqrt(3)] * 2
    + [HALF**2 / sqrt(5)] * 2
    + [HALF**2 / 3]
    + [sqrt(1 / 2 - sin(2 * HALF) / (4 * HALF))] * 2
)


def make_plane(
    *,
    rows: int = 600,
    rare: float = 0.03,
    noise: float = 0.5,
    seed: int = 0,
    points: tuple[tuple[float, float, int, int, int], ...] = (),
) -> Dataset:
    r"""Points drawn evenly from a square, with the seven features of TensorFlow Playground.

    Each label has a region, and holds by how far from its edge a point lies, d > 0 being inside:

    .. math:: P(y_j = 1 \mid x) = \sigma(d_j(x) / \mathrm{noise})
    .. math:: d_A = x_2 + 1 - 1.2 \sin x_1
    .. math:: d_B = 2 - |x_1 - x_2| / \sqrt{2}
    .. math:: d_C = r - \sqrt{(x_1 - 2.2)^2 + (x_2 - 0.3)^2}, \quad \pi r^2 = 144 \, \mathrm{rare}

    A is a large part of the plane with a wavy edge, B a diagonal band, and C a disc where the edges
    of both cross, so that labels come together in every way. Given x, they are independent.

    Test points are not drawn: they are the centres of `GRID` × `GRID` cells, row by row from the
    top left (-5.8, 5.8). Figures over them are areas, and whoever draws the plane finds there what
    a model answers. Their y has no noise: 1 where P >= 0.5.

    Args:
        rows: Points drawn, 30 to 3,000. Two thirds are for training, the others for validation.
        rare: Share of the plane that C's disc has, 0.01 to 0.3. Another one changes labels C only.
        noise: Width of the edges, 0 to 1. With 0, the place alone decides. A wider edge spreads C
            over more points than its disc has.
        seed: Fixes what is drawn.
        points: Painted by hand, at most 300, as (x1, x2, A, B, C) with 0 or 1 for each label. They
            join the training rows, behind the drawn ones. Their probabilities are those of the
            place, whatever was painted.

    Returns:
        x of shape (n, 7), see `plane_features`; y and probabilities of shape (n, 3). n is
        rows + len(points) + 900: training, validation and test rows in this order.

    Source:
        Square and features: Smilkov et al. 2017, Direct-Manipulation Visualization of Deep
        Networks, arXiv:1708.03788, as in tensorflow/playground, src/playground.ts.
    """
    # One draw for a point and its labels, so that what has other edges has the same points.
    drawn = np.random.default_rng(seed).random((rows, 2 + len(LABELS)))
    places = HALF * (2 * drawn[:, :2] - 1)
    y = drawn[:, 2:] < plane_probabilities(places, rare, noise)
    n_train = round(rows * TRAIN_SHARE)
    painted = np.array(points, float).reshape(-1, 2 + len(LABELS))
    cells = grid_points()
    truth = plane_probabilities(cells, rare, noise) >= 0.5
    parts = places[:n_train], painted[:, :2], places[n_train:], cells
    places = np.concatenate(parts)
    _, train_end, validation_end, end = np.cumsum([len(part) for part in parts])
    return Dataset(
        **INFO.told,
        x=plane_features(places),
        y=np.concatenate([y[:n_train], painted[:, 2:], y[n_train:], truth]),
        label_names=LABELS,
        train=np.arange(train_end),
        validation=np.arange(train_end, validation_end),
        test=np.arange(validation_end, end),
        probabilities=plane_probabilities(places, rare, noise),
    )


def plane_features(points: np.ndarray) -> np.ndarray:
    """x1, x2, x1², x2², x1·x2, sin x1, sin x2, each divided by its root mean square over the plane.

    Args:
        points: (x1, x2) of each, shape (n, 2).

    Returns:
        Features, float32, shape (n, 7).

    Raises:
        ValueError: If points are not finite or of another shape.

    Example:
        >>> plane_features([[6.0, -6.0]]).round(2)
        array([[ 1.73, -1.73,  2.24,  2.24, -3.  , -0.39,  0.39]], dtype=float32)
    """
    x1, x2 = _columns(points)
    features = np.column_stack([x1, x2, x1**2, x2**2, x1 * x2, np.sin(x1), np.sin(x2)])
    return (features / SCALES).astype(np.float32)


def plane_points(x: np.ndarray) -> np.ndarray:
    """Where the rows of x lie, shape (n, 2): `plane_features` undone, to the digits of float32."""
    return np.asarray(x)[:, :2] * SCALES[:2]


def plane_probabilities(points: np.ndarray, rare: float, noise: float) -> np.ndarray:
    """The exact P(y = 1 | x) of points (n, 2), with rare and noise as in `make_plane`: (n, 3)."""
    x1, x2 = _columns(points)
    radius = 2 * HALF * sqrt(rare / pi)
    distances = [
        x2 + 1 - 1.2 * np.sin(x1),
        2 - abs(x1 - x2) / sqrt(2),
        radius - np.hypot(x1 - 2.2, x2 - 0.3),
    ]
    # Without noise it is all or nothing: the width is far less than float32 can tell.
    return special.expit(np.column_stack(distances) / max(noise, 1e-9))


def grid_points() -> np.ndarray:
    """Centres of the cells, row by row from the top left, shape (900, 2)."""
    along = HALF * ((2 * np.arange(GRID) + 1) / GRID - 1)
    x1, x2 = np.meshgrid(along, along[::-1])
    return np.column_stack([x1.ravel(), x2.ravel()])


def check_points(points: object) -> tuple[tuple[float, ...], ...]:
    """Raise ValueError or TypeError unless these are points as one may paint them.

    Returns:
        The same with all numbers as float.
    """
    columns = ("x1", "x2", *LABELS)
    wanted = f"points must be a tuple of tuples ({', '.join(columns)})"
    if not isinstance(points, tuple):
        raise TypeError(f"{wanted}, got {type(points).__name__}")
    if len(points) > MOST_POINTS:
        raise ValueError(f"points must be at most {MOST_POINTS}, got {len(points)}")
    for place, point in enumerate(points):
        if not isinstance(point, tuple):
            raise TypeError(f"{wanted}, got {type(point).__name__} at {place}")
        if len(point) != len(columns):
            raise ValueError(f"{wanted}, got {len(point)} numbers at {place}")
        for column, value in zip(columns, point, strict=True):
            name = f"{column} of points[{place}]"
            if column in LABELS:
                check_number(name, value)
                if value not in (0, 1):
                    raise ValueError(f"{name} must be 0 or 1, got {value}")
            else:
                check_number(name, value, low=-HALF, high=HALF)
    return tuple(tuple(map(float, point)) for point in points)


def _columns(points: np.ndarray) -> np.ndarray:
    """x1 and x2 of points."""
    points = as_array("points", points).astype(float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points must have shape (n, 2), got {points.shape}")
    check_finite("points", points)
    return points.T


INFO = DatasetInfo(
    name="plane",
    title="Two dimensions",
    description="Points of a plane with three labels that overlap, one of them rare.",
    source="generated by mlcore.datasets.plane, with the features of TensorFlow Playground",
    licence="MIT (generated by this project's code)",
    parameters=(
        Parameter(
            name="rows",
            title="Points",
            default=600,
            range=(30, 3000),
            step=30,
            help="How many points are drawn: two thirds for training, the others for validation.",
        ),
        Parameter(
            name="rare",
            title="Share of label C",
            default=0.03,
            range=(0.01, 0.3),
            step=0.01,
            help="How much of the plane the region of the rare label takes.",
        ),
        Parameter(
            name="noise",
            title="Noise",
            default=0.5,
            range=(0.0, 1.0),
            step=0.05,
            help="How wide the edges of the regions are; at 0 the place alone decides.",
        ),
        SEED,
    ),
    extras=(Extra(name="points", default=(), check=check_points),),
    function=make_plane,
)
