"""A run as it goes to the browser: tables of float32, for run.js, which looks things up in them."""

from collections.abc import Iterable, Iterator

import numpy as np

from mlcore.training.playback import THRESHOLDS, Details, Frame
from pages.ui.kit.component import pack_floats

BATCH = 8  # frames that are sent together, so that a long run is seen to grow


def whole(told: Iterable[Frame | Details], order: np.ndarray) -> Iterator[dict]:
    """All steps at all thresholds, some steps at a time.

    Args:
        told: What `play` yields; from its start again where a process died.
        order: Of the labels.
    """
    frames: list[Frame] = []
    sent = 0
    for frame in told:
        if frame.step == 0:
            frames, sent = [], 0
        frames.append(frame)
        if len(frames) - sent > BATCH:  # the newest stays here, for it may be the last
            yield _tables(frames[sent:-1], order) | {"first": sent, "more": True}
            sent = len(frames) - 1
    yield _tables(frames[sent:], order) | {"first": sent, "more": False}


def at_one(
    told: Iterable[Frame | Details], order: np.ndarray, place: int, step: int | None
) -> Iterator[dict]:
    """All steps at one threshold, and all thresholds at one step, in one part.

    Args:
        told, order: As in `whole`.
        place: Of the threshold.
        step: The last one where there is none of this number.
    """
    frames: list[Frame] = []
    details = None
    for each in told:
        if isinstance(each, Details):
            details = each
        elif each.step == 0:
            frames = [each]
        else:
            frames.append(each)
    shown = next((frame for frame in frames if frame.step == step), frames[-1])
    yield _curves(frames) | {
        "curves": pack_floats([_at(frame, place) for frame in frames]),
        "over": pack_floats(shown.figures),
        "probabilities": pack_floats(shown.probabilities[..., order]),
        "step": shown.step,
        "threshold": float(THRESHOLDS[place]),
        "details": details and _of_cells(details, order),
    }


def _at(frame: Frame, place: int) -> np.ndarray:
    """Figures at that threshold, which is the only one at steps that nobody looks at."""
    return frame.figures[..., place if frame.figures.shape[-1] > 1 else 0]


def _tables(frames: list[Frame], order: np.ndarray) -> dict:
    return _curves(frames) | {
        "figures": pack_floats([frame.figures for frame in frames]),
        "probabilities": pack_floats([frame.probabilities[..., order] for frame in frames]),
    }


def _curves(frames: list[Frame]) -> dict:
    """What there is of each step at no threshold."""
    return {
        "steps": [frame.step for frame in frames],
        "losses": pack_floats([frame.losses for frame in frames]),
        "shares": pack_floats([frame.gradient_shares for frame in frames]),
    }


def _of_cells(details: Details, order: np.ndarray) -> dict:
    return {
        "step": details.step,
        "gradients": pack_floats(details.gradients[..., order]),
        "labels": pack_floats(details.labels[..., order]),
    }
