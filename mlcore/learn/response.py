"""How a loss responds to one logit: value and slope, balance at the start, risk minimiser.

All comes from the kernels of `mlcore.losses`. A loss that looks at more than one label is asked
with a whole table of cells, of which one moves. Importing this does not import torch; calling it
does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from math import log

import numpy as np

from mlcore.checks import as_array, check_choice, check_number
from mlcore.lazy import torch
from mlcore.losses import LOSSES, LossInfo

POINTS = 321  # logits of a curve: steps of 0.05 from -8 to 8
ETAS = 201  # true probabilities of a minimiser's curve: steps of 0.005
FURTHEST = 30.0  # logits are searched from -30 to 30; a minimum at an end counts as 0 or 1
STEP = 1 / 16
HALVINGS = 30  # of the bracket of two steps: leaves 1e-10
TO_BE_SEEN = 12  # halvings that leave 3e-5: less than a pixel
MOST_CELLS = 2048


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The table of cells, one label of one row each, in which one logit moves.

    For a loss of a row it is one row of that many labels, for a loss of a column one label in that
    many rows, for a loss of a batch a table about as high as wide. A loss of single labels sees
    only the one that moves.

    Attributes:
        cells: How many there are, 2 to 2048.
        positives: How many are true, spread evenly; they also say how frequent a label is.
        others: The logit of all cells that stand still, and of outputs that are no label.
        low: The lowest logit of the one that moves.
        high: The highest.
    """

    cells: int = 512
    positives: int = 5
    others: float = 0.0
    low: float = -8.0
    high: float = 8.0

    def __post_init__(self) -> None:
        check_number("cells", self.cells, low=2, high=MOST_CELLS, integer=True)
        check_number("positives", self.positives, low=1, high=self.cells - 1, integer=True)
        for name in ("others", "low", "high"):
            check_number(name, getattr(self, name), low=-1e6, high=1e6)
        if self.low >= self.high:
            raise ValueError(f"low must be < high, got {self.low} and {self.high}")

    @property
    def prior(self) -> float:
        """The share of the cells that are true."""
        return self.positives / self.cells

    @property
    def prior_logit(self) -> float:
        """Its log odds."""
        return log(self.positives / (self.cells - self.positives))

    def logits(self) -> np.ndarray:
        """The places of a curve, shape (POINTS,)."""
        return np.linspace(self.low, self.high, POINTS)

    def shape(self, unit: str) -> tuple[int, int]:
        """Rows and labels of the table for a loss of this unit."""
        if unit == "column":
            return self.cells, 1
        if unit == "batch":  # the largest divisor up to the square root, so that all cells fit
            root = int(self.cells**0.5)
            rows = next(n for n in range(root, 0, -1) if self.cells % n == 0)
            return rows, self.cells // rows
        return 1, self.cells

    def targets(self, unit: str) -> np.ndarray:
        """0 or 1 for each cell, shape `shape(unit)`; cell 0 is true, and some cell is not."""
        flat = np.zeros(self.cells)
        flat[np.arange(self.positives) * self.cells // self.positives] = 1
        return flat.reshape(self.shape(unit))


def _remembered(function: Callable) -> Callable:
    """A hand on one slider asks again and again with all others where they were."""
    kept = lru_cache(256)(
        lambda key, params, *rest, **named: function(key, dict(params), *rest, **named)
    )
    return wraps(function)(
        lambda key, params, *rest, **named: kept(key, tuple(sorted(params.items())), *rest, **named)
    )


@_remembered
def curves(key: str, params: Mapping[str, object], scene: Scene) -> np.ndarray:
    """Value and slope of a loss while one logit moves.

    Args:
        key: Of the loss in LOSSES.
        params: Its parameters; what is left out takes its default. Schemes of weights take the
            scene's cells as one label's training targets.
        scene: Where the logit moves.

    Returns:
        Shape (4, POINTS), float64: the loss in nats while a true cell's logit moves, its
        derivative by that logit, and the same for a false cell. Of a loss that looks at more than
        one label it is the loss of the whole table.

    Raises:
        ValueError: If the key, a name or a value is unknown or not allowed.
        TypeError: If a value has the wrong type.

    Example:
        >>> middle = POINTS // 2  # logit 0
        >>> curves("bce", {}, Scene())[:, middle].round(3)
        array([ 0.693, -0.5  ,  0.693,  0.5  ])
    """
    info, bound = _bound(key, params, scene.cells, scene.positives)
    z = torch.from_numpy(scene.logits())
    if info.unit == "label":
        both = [info.kernel(z[:, None], torch.full_like(z[:, None], y), **bound) for y in (1, 0)]
        lines = [line[:, 0] for pair in both for line in pair]
        return _kept(torch.stack(lines))
    targets = torch.from_numpy(scene.targets(info.unit))
    lines = []
    for cell in (0, int((targets.flatten() == 0).nonzero()[0])):
        logits = _table(info, targets, scene.others).repeat(POINTS, 1, 1)
        row, label = divmod(cell, targets.shape[1])
        logits[:, row, label] = z
        value, slope = info.kernel(logits, targets, **bound)
        lines += [value.reshape(POINTS, -1).sum(1), slope[:, row, label]]
    return _kept(torch.stack(lines))


@_remembered
def balance(key: str, params: Mapping[str, object], scene: Scene) -> np.ndarray:
    """Sums of the gradient's size over false cells and over true ones, all at the same logit.

    Args:
        key, params: As in `curves`.
        scene: The table of cells.

    Returns:
        Shape (3, 2): at logit 0, at the log odds of the scene's prior, at its `others`; how hard
        the false cells pull in all, and how hard the true ones do.

    Example:
        >>> balance("bce", {}, Scene())[0]
        array([253.5,   2.5])
    """
    info, bound = _bound(key, params, scene.cells, scene.positives)
    unit = "column" if info.unit == "label" else info.unit  # its parameters are one label's
    targets = torch.from_numpy(scene.targets(unit))
    tables = [_table(info, targets, z) for z in (0.0, scene.prior_logit, scene.others)]
    _, slope = info.kernel(torch.stack(tables), targets, **bound)
    size = slope[..., : targets.shape[1]].abs()
    return _kept(torch.stack([(size * side).sum((1, 2)) for side in (1 - targets, targets)], 1))


def minimiser(
    key: str, params: Mapping[str, object], etas: Sequence[float], scene: Scene
) -> np.ndarray | None:
    """The probability that a loss pulls a label to whose true probability is eta.

    With positives in a share eta of the cases, training moves the logit z against
    eta g1(z) + (1 - eta) g0(z), the slopes for a true and for a false label. The integral of that
    is searched for its least value on a grid of logits, then its slope for a change of sign
    around there, so losses with several valleys are followed into the deepest. Where a whole
    stretch is least, its low end counts. It is the gradient that is followed: with
    `detach_focusing` that is not the slope of the loss.

    Args:
        key, params: As in `curves`.
        etas: True probabilities, in [0, 1], shape (e,).
        scene: Says how frequent the label is in training, where the loss depends on that.

    Returns:
        Shape (e,), or None for a loss that looks at more than one label: what it pulls one
        label to depends on the others.

    Raises:
        ValueError: As in `curves`.

    Example:
        >>> minimiser("bce_pos_weight", {"pos_weight": 9.0}, [0.1], Scene()).round(4)
        array([0.5])
    """
    etas = as_array("etas", etas).astype(np.float64)
    if not ((etas >= 0) & (etas <= 1)).all():
        raise ValueError(f"etas must be in [0, 1], got {etas}")
    return _minimiser(key, params, tuple(etas), _frequency(key, params, scene), HALVINGS)


def packed(asked: Sequence[tuple[str, Mapping[str, object]]], scene: Scene) -> bytes:
    """All that a chart of some losses needs, for a browser.

    Args:
        asked: Key and parameters of each loss.
        scene: Where the logit moves.

    Returns:
        Little-endian float32, for each loss: `curves`, `balance`, then `minimiser` at `ETAS`
        probabilities from 0 to 1, NaN where there is none; `PACKED` numbers in all.

    Raises:
        ValueError: As in `curves`.
    """
    etas = tuple(np.linspace(0, 1, ETAS))
    parts = []
    for key, params in asked:
        frequency = _frequency(key, params, scene)
        pulled = _minimiser(key, params, etas, frequency, TO_BE_SEEN)
        parts += [
            curves(key, params, scene).ravel(),
            balance(key, params, scene).ravel(),
            np.full(ETAS, np.nan) if pulled is None else pulled,
        ]
    return np.concatenate(parts).astype("<f4").tobytes()


PACKED = 4 * POINTS + 6 + ETAS


def landmarks(key: str, params: Mapping[str, object], scene: Scene) -> dict:
    """A few figures that tell losses apart.

    Args:
        key, params: As in `curves`.
        scene: The table of cells.

    Returns:
        `ratio_start` and `ratio_prior`: how many times as hard the negatives pull as the
        positives, all logits 0 or at the log odds of the prior; `easy`: the gradient on a false
        label at logit -4 over that at 0; `pulled`: the minimiser at the prior, or None.

    Example:
        >>> round(landmarks("focal", {}, Scene())["pulled"], 3)
        0.152
    """
    (start, prior, _) = (
        float(false / true) if true else float("inf") for false, true in balance(key, params, scene)
    )
    slope = curves(key, params, replace(scene, low=-4.0, high=0.0))[3]
    pulled = minimiser(key, params, [scene.prior], scene)
    return {
        "ratio_start": start,
        "ratio_prior": prior,
        "easy": float(slope[0] / slope[-1]),
        "pulled": None if pulled is None else float(pulled[0]),
    }


def weight_shift(weight: float) -> dict:
    """What a positive weight does to BCE's minimiser, found by search and not from its formula.

    Args:
        weight: w, 0.001 to 10,000.

    Returns:
        `low` and `high`: the least and the largest move of the logit, over true probabilities
        from 0.01 to 0.99; `threshold`: the true probability that is pulled to one half, to 1e-6.

    Raises:
        ValueError: If the weight is not allowed.

    Example:
        >>> weight_shift(3.0)
        {'low': 1.098612, 'high': 1.098612, 'threshold': 0.25}
    """
    etas = np.linspace(0.01, 0.99, 99)
    pulled = minimiser("bce_pos_weight", {"pos_weight": weight}, etas, Scene())
    moved = np.log(pulled / (1 - pulled)) - np.log(etas / (1 - etas))
    threshold, width = 0.5, 0.5
    for _ in range(2):  # once over all, once closely around there
        etas = np.linspace(max(threshold - width, 0), min(threshold + width, 1), 1001)
        pulled = minimiser("bce_pos_weight", {"pos_weight": weight}, etas, Scene())
        threshold, width = float(np.interp(0.5, pulled, etas)), 0.001
    return {
        "low": round(float(moved.min()), 6),
        "high": round(float(moved.max()), 6),
        "threshold": round(threshold, 6),
    }


@_remembered
def _minimiser(
    key: str, params: Mapping[str, object], etas: tuple, frequency: tuple[int, int], halvings: int
) -> np.ndarray | None:
    info, bound = _bound(key, params, *frequency)
    if info.unit != "label":
        return None
    eta = torch.tensor(etas, dtype=torch.float64)

    def slopes(z):  # for a true and for a false label, each of the shape of z
        y = torch.ones_like(z)
        _, slope = info.kernel(torch.cat([z, z])[:, None], torch.cat([y, 1 - y])[:, None], **bound)
        return slope[:, 0].chunk(2)

    grid = torch.arange(-FURTHEST, FURTHEST + STEP / 2, STEP, dtype=torch.float64)
    zero = grid.new_zeros(1)
    for_true, for_false = (
        torch.cat([zero, torch.cumulative_trapezoid(slope)]) for slope in slopes(grid)
    )
    risk = torch.addr(for_false, eta, for_true - for_false)  # eta true + (1 - eta) false
    place = risk.argmin(1)
    low = grid[(place - 1).clamp(min=0)]
    high = grid[(place + 1).clamp(max=len(grid) - 1)]
    for _ in range(halvings):
        middle = (low + high) / 2
        for_true, for_false = slopes(middle)
        rises = torch.lerp(for_false, for_true, eta) >= 0
        low, high = torch.where(rises, low, middle), torch.where(rises, middle, high)
    found = torch.sigmoid((low + high) / 2)
    found[place == 0], found[place == len(grid) - 1] = 0.0, 1.0
    return _kept(found)


def _frequency(key: str, params: Mapping[str, object], scene: Scene) -> tuple[int, int]:
    """Cells and positives, or always the same where the loss does not look at them."""
    check_choice("loss", key, LOSSES)
    looks = LOSSES[key].from_targets or any(
        isinstance(params.get(parameter.name, parameter.default), str)
        for parameter in LOSSES[key].parameters
    )
    return (scene.cells, scene.positives) if looks else (2, 1)


def _bound(
    key: str, params: Mapping[str, object], cells: int, positives: int
) -> tuple[LossInfo, dict]:
    """A loss and its parameters, for one label that is true in so many of the cells."""
    check_choice("loss", key, LOSSES)
    column = Scene(cells=cells, positives=positives).targets("column")
    return LOSSES[key], LOSSES[key].bind(params, column)


def _table(info: LossInfo, targets, logit: float):
    """Logits for a table of targets, all the same."""
    rows, labels = targets.shape
    return torch.full((rows, labels + info.extra_outputs), logit, dtype=torch.float64)


def _kept(figures) -> np.ndarray:
    """As an array that many callers can share."""
    array = figures.numpy()
    array.flags.writeable = False
    return array
