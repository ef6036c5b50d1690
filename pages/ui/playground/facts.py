"""What the stage is told of a scene's data set: names, pictures and what is true."""

from base64 import b64encode

import numpy as np

from mlcore.datasets import Dataset
from mlcore.datasets.plane import plane_points
from pages.ui.kit.component import pack_floats
from pages.ui.playground.scenes import COLOURED, Scene

LEVELS = 255  # of grey in a picture


def order_of(dataset: Dataset) -> np.ndarray:
    """Labels, those most often true in training rows first."""
    return np.argsort(-dataset.y[dataset.train].sum(axis=0, dtype=np.int64), kind="stable")


def facts_of(scene: Scene, dataset: Dataset, painted: int = 0) -> dict:
    """All that training does not change, with labels in the order of their frequency.

    Args:
        scene: What is shown.
        dataset: Its data.
        painted: How many of its last training rows were painted by hand.
    """
    order, rows = order_of(dataset), scene.rows_of(dataset)
    targets, validation = dataset.y[rows][:, order], dataset.y[dataset.validation]
    told = {
        "columns": order.tolist(),
        "names": [dataset.label_names[label] for label in order],
        "frequencies": pack_floats(dataset.y[dataset.train].mean(axis=0)[order]),
        "named": dataset.row_names is not None,
        "rows": [row_name(dataset, row) for row in rows] if scene.picture != COLOURED else [],
        "targets": b64encode(targets.tobytes()).decode(),
        "cardinality": float(validation.sum(axis=1, dtype=np.int64).mean()),
        "validation": len(validation),
    }
    if dataset.probabilities is not None and scene.picture != COLOURED:
        told["truth"] = pack_floats(dataset.probabilities[rows][:, order])
    if dataset.image_shape is not None:
        grey = np.round(dataset.x[rows] * LEVELS).astype(np.uint8)
        told["images"] = {"shape": dataset.image_shape, "grey": b64encode(grey.tobytes()).decode()}
    if scene.picture == COLOURED:
        points = plane_points(dataset.x[dataset.train])
        told["points"] = {
            "places": pack_floats(points),
            "labels": b64encode(dataset.y[dataset.train][:, order].tobytes()).decode(),
        }
        told["painted"] = painted
    return told


def row_name(dataset: Dataset, row: int) -> str:
    """What a row is called: its name, or its number."""
    return dataset.row_names[row] if dataset.row_names is not None else str(row)
