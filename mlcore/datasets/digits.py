"""Collages of handwritten digits: pictures with several labels each."""

from functools import cache

import numpy as np

from mlcore.checks import Parameter
from mlcore.datasets.base import SEED, Dataset, DatasetInfo, split_rows

N_CELLS = 4  # 2 × 2
SIDE = 8  # pixels, of a cell


def make_digits(
    *, rows: int = 3000, exponent: float = 1.0, empty: float = 0.25, seed: int = 0
) -> Dataset:
    r"""Pictures of four cells, each empty or one handwritten digit; labels: the digits present.

    A cell is empty with the chance asked for, independently of the others, so a picture may be
    empty by chance and then has no label. A filled cell shows digit d with a chance

    .. math:: P(d) \propto (d + 1)^{-s}, \quad d = 0, \dots, 9

    The handwriting is split 70/15/15 before pictures are composed, digit by digit: no scan stands
    in pictures of two parts.

    Args:
        rows: Pictures, 100 to 20,000.
        exponent: s, 0 to 3. With 0 all digits are equally frequent.
        empty: Chance that a cell is empty, 0 to 0.9.
        seed: Fixes scans, cells and their places.

    Returns:
        x of shape (rows, 256), the pixels of 16 × 16 in [0, 1], y of shape (rows, 10).

    Source:
        scikit-learn's load_digits: 1,797 scans from Alpaydin & Kaynak 1998, Optical Recognition of
        Handwritten Digits, UCI Machine Learning Repository, doi:10.24432/C50P49.
    """
    scans, digits = load_scans()
    rng = np.random.default_rng(seed)
    sources = split_scans(digits, rng)
    parts = split_rows(rows)
    chances = np.arange(1.0, 11.0) ** -exponent
    pictures, labels = [], []
    for source, part in zip(sources, parts, strict=True):
        cells, shown = draw_cells(digits, source, len(part), chances, empty, rng)
        pictures.append(compose(scans, cells))
        labels.append(shown)
    train, validation, test = parts
    return Dataset(
        **INFO.told,
        x=np.concatenate(pictures),
        y=np.concatenate(labels),
        label_names=[str(digit) for digit in range(10)],
        train=train,
        validation=validation,
        test=test,
        image_shape=(2 * SIDE, 2 * SIDE),
    )


@cache
def load_scans() -> tuple[np.ndarray, np.ndarray]:
    """The handwriting in [0, 1], shape (1797, 8, 8), and which digit each is; read once."""
    from sklearn.datasets import load_digits

    scans, digits = load_digits(return_X_y=True)
    return scans.reshape(-1, SIDE, SIDE).astype(np.float32) / 16, digits


def split_scans(digits: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Indices of the scans for train, validation and test: 70/15/15 of every digit."""
    shuffled = [rng.permutation(np.flatnonzero(digits == digit)) for digit in range(10)]
    cut = [[scans[part] for part in split_rows(len(scans))] for scans in shuffled]
    return [np.concatenate(part) for part in zip(*cut, strict=True)]


def draw_cells(
    digits: np.ndarray,
    source: np.ndarray,
    n: int,
    chances: np.ndarray,
    empty: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Which scan is in which cell, and which digits a picture then shows.

    Args:
        digits: The digit of each scan.
        source: Indices of the scans that may be used.
        n: Pictures to draw.
        chances: How often each digit is to be seen, of any sum, shape (10,).
        empty: Chance that a cell is empty.
        rng: Where the chance comes from.

    Returns:
        Scan in each cell, -1 in an empty one, shape (n, 4); labels, shape (n, 10).
    """
    weights = chances / np.bincount(digits[source], minlength=10)  # of one scan of each digit
    scan_weights = weights[digits[source]]
    cells = rng.choice(source, (n, N_CELLS), p=scan_weights / scan_weights.sum())
    cells[rng.random((n, N_CELLS)) < empty] = -1
    row, cell = np.nonzero(cells >= 0)
    shown = np.zeros((n, 10), np.uint8)
    shown[row, digits[cells[row, cell]]] = 1
    return cells, shown


def compose(scans: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Put scans of 8 × 8 pixels into cells of 2 × 2; returns the pixels, shape (n, 256)."""
    blank = np.zeros((1, SIDE, SIDE), scans.dtype)
    grid = np.concatenate([scans, blank])[cells]  # index -1 is the blank
    grid = grid.reshape(-1, 2, 2, SIDE, SIDE).swapaxes(2, 3)  # row of cells, row of pixels, ...
    return grid.reshape(len(cells), -1)


INFO = DatasetInfo(
    name="digits",
    title="Digit collages",
    description="Pictures of up to four handwritten digits; the labels are the digits present.",
    source="scikit-learn load_digits, from UCI Optical Recognition of Handwritten Digits",
    licence="CC BY 4.0 (UCI Machine Learning Repository)",
    parameters=(
        Parameter(
            name="rows",
            title="Pictures",
            default=3000,
            range=(100, 20_000),
            step=100,
            help="How many pictures are composed.",
        ),
        Parameter(
            name="exponent",
            title="Zipf exponent",
            default=1.0,
            range=(0.0, 3.0),
            step=0.1,
            help="How steeply digits get rarer from 0 to 9; at 0 all are equally frequent.",
        ),
        Parameter(
            name="empty",
            title="Empty cells",
            default=0.25,
            range=(0.0, 0.9),
            step=0.05,
            help="Chance that a cell shows no digit; more of it means fewer labels per picture.",
        ),
        SEED,
    ),
    function=make_digits,
    is_heavy=True,
)
