"""What the playground can show: a data set, the rows to look at, and how they are trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mlcore.datasets import DATASETS, Dataset
from mlcore.datasets.plane import GRID
from mlcore.training import TrainConfig
from pages.ui.words import N_

PLOTTED, LIT, COLOURED = "bars", "lights", "plane"  # how the answers are drawn


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One of them.

    Attributes:
        title: On screen.
        data: A key of `mlcore.datasets.DATASETS`.
        options: Where they are not that data set's own defaults.
        picture: PLOTTED: a bar for each label of a row; LIT: a light; COLOURED: a plane.
        rarity: Which option of the data set makes rare labels rarer, if one does.
        open_options: Others that the stage may set.
        rows: How many validation rows are looked at, or which rows.
        config: How it is trained at first.
        follows: Whether it is trained within the time that a drag leaves.
    """

    title: str
    data: str
    options: Mapping[str, float] = field(default_factory=dict)
    picture: str = PLOTTED
    rarity: str = ""
    open_options: tuple[str, ...] = ()
    rows: int | tuple[int, ...] = 12
    config: TrainConfig
    follows: bool = True

    def rows_of(self, dataset: Dataset) -> np.ndarray:
        """The rows to look at, by number."""
        if isinstance(self.rows, tuple):
            return np.array(self.rows)
        part = dataset.test if self.picture == COLOURED else dataset.validation
        return part[: self.rows]


SMALL = TrainConfig(
    loss="focal", loss_params={"gamma": 0.0}, model="linear", learning_rate=0.03, epochs=13
)
SCENES: dict[str, Scene] = {
    "digits": Scene(
        title=DATASETS["digits"].title,
        data="digits",
        options={"rows": 2000},
        rarity="exponent",
        config=SMALL,
    ),
    "tags": Scene(
        title=N_("512 tags"),
        data="debtags",
        picture=LIT,
        rows=(4157, 5497, 2005, 4858, 1866, 4862),
        config=replace(SMALL, model="mlp", hidden=(64,), learning_rate=0.01, epochs=5),
        follows=False,
    ),
    "truth": Scene(
        title=N_("Known truth"),
        data="synthetic",
        options={"rows": 2000, "labels": 12, "features": 16, "cardinality": 3.0, "cap": 0.7},
        rarity="exponent",
        config=SMALL,
    ),
    "plane": Scene(
        title=DATASETS["plane"].title,
        data="plane",
        picture=COLOURED,
        rarity="rare",
        open_options=("points",),
        rows=GRID * GRID,
        config=replace(SMALL, model="mlp", hidden=(8,), batch_size=128, epochs=30),
    ),
}
