"""What a grid of thresholds predicts, counted on the processor or on the device of the tensors."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from mlcore.checks import (
    as_array,
    check_binary,
    check_probabilities,
    check_same_shape,
    dense,
    is_tensor,
)
from mlcore.lazy import torch
from mlcore.thresholds import counting
from mlcore.thresholds.precision import as_scores

T = TypeVar("T")
MOST_BLOCKS, SMALLEST_BLOCK = 16, 4096  # of rows; fixed, so that sums are alike on all machines
DEVICE_CELLS = 2**22  # cells in work at a time on a device


class Counts(NamedTuple):
    """What was counted at t thresholds.

    Attributes:
        found: True cells that are predicted, of each label, int64, shape (t, k).
        predicted: The same of all cells.
        rows: The `counting.tally` of rows, float64, shape (t, 7).
        support: True rows of each label, int64, shape (k,).
        untrue: Rows with nothing true.
    """

    found: np.ndarray
    predicted: np.ndarray
    rows: np.ndarray
    support: np.ndarray
    untrue: int


def as_tables(targets, probabilities):
    """Both tables, contiguous, and the precision that the scores came in.

    Returns:
        Targets, uint8; scores, float32 or float64; both NumPy's, or torch's if the scores are on a
        GPU; and a `Precision`.

    Raises:
        ValueError: If shapes differ or are empty, or a target is not 0 or 1; whether it is is
            left to `count_grid` where targets are uint8 already.
    """
    scores, precision = as_scores(probabilities)
    if getattr(scores, "is_cuda", False):
        if not is_tensor(targets):
            targets = torch.tensor(as_array("targets", targets))  # a copy, as it may be read-only
        targets = dense("targets", targets).to(scores.device)
        wide = (torch.float32, torch.float64)
    else:
        targets, scores = as_array("targets", targets), as_array("probabilities", scores)
        wide = (np.float32, np.float64)
    check_same_shape("targets", targets, "probabilities", scores)
    if scores.dtype not in wide:
        scores = scores.astype(np.float64) if isinstance(scores, np.ndarray) else scores.double()
    if str(targets.dtype).removeprefix("torch.") not in ("bool", "uint8"):
        check_binary("targets", targets)  # counting checks the others on its way
    if isinstance(scores, np.ndarray):
        targets = targets.view(np.uint8) if targets.dtype == np.bool_ else targets
        return np.ascontiguousarray(targets, np.uint8), np.ascontiguousarray(scores), precision
    return targets.to(torch.uint8).contiguous(), scores.contiguous(), precision


def count_once(targets, scores, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count at one limit for each label.

    Args:
        targets: 0 or 1, uint8, shape (n, k), NumPy or torch.
        scores: Shape (n, k), of the same kind.
        limits: Of the scores' dtype, shape (k,).

    Returns:
        Found, predicted and true cells of each label, (k, 3), and of each row, (n, 3), int64.
    """
    if isinstance(scores, np.ndarray):
        n, k = scores.shape
        labels, rows = np.zeros((k, 3), np.int64), np.empty((n, 3), np.int64)
        counting.count_cells(targets, scores, limits, labels, rows)
        return labels, rows
    predicted = scores >= scores.new_tensor(limits)
    cells = (predicted & (targets > 0), predicted, targets)
    return tuple(
        np.column_stack([table.sum(dim=axis).cpu().numpy() for table in cells]) for axis in (0, 1)
    )


def count_grid(targets, scores, limits: np.ndarray, beta2: float) -> Counts:
    """Count at each of many limits, all in one pass.

    Args:
        targets: 0 or 1, uint8, shape (n, k), NumPy or torch.
        scores: In [0, 1], shape (n, k), of the same kind.
        limits: Not falling, in [0, 1], of the scores' dtype, shape (t,).
        beta2: Square of beta.

    Raises:
        ValueError: If a target is not 0 or 1, or a score is outside [0, 1] or NaN.
    """
    if len(limits) == 1:
        return _count_single(targets, scores, limits, beta2)
    at_zero = int(np.searchsorted(limits, 0, side="right"))  # they predict everything
    count = _on_processor if isinstance(scores, np.ndarray) else _on_device
    labels, rows, support, sizes = count(targets, scores, limits[at_zero:], beta2)
    n, k = scores.shape
    every_row = np.empty(7)
    counting.tally(np.column_stack([sizes, np.full(n, k), sizes]), beta2, every_row)
    everything = (support, np.full(k, n), every_row)
    counted = (_from_above(labels[..., 1]), _from_above(labels.sum(axis=-1)), rows)
    found, predicted, rows = (
        np.concatenate([np.repeat(zero[None], at_zero, axis=0), above])
        for zero, above in zip(everything, counted, strict=True)
    )
    return Counts(found, predicted, rows, support, int((sizes == 0).sum()))


def _count_single(targets, scores, limits: np.ndarray, beta2: float) -> Counts:
    """The same for one limit, for which there is nothing to put in order."""
    check_binary("targets", targets)
    check_probabilities("probabilities", scores)
    labels, rows = count_once(targets, scores, limits.repeat(scores.shape[1]))
    found, predicted, support = np.ascontiguousarray(labels.T[:, None])
    of_rows = np.empty((1, 7))
    counting.tally(rows, beta2, of_rows[0])
    return Counts(found, predicted, of_rows, support[0], int((rows[:, 2] == 0).sum()))


def over_blocks(function: Callable[[slice], T], n: int) -> Iterator[T]:
    """What a function of a block of rows gives for each block of n rows, on all cores."""
    block = max(SMALLEST_BLOCK, -(-n // MOST_BLOCKS))
    blocks = [slice(first, first + block) for first in range(0, n, block)]
    if len(blocks) == 1:
        yield function(blocks[0])
        return
    with ThreadPoolExecutor(min(len(blocks), os.cpu_count() or 1)) as threads:
        yield from threads.map(function, blocks)


def _from_above(steps: np.ndarray) -> np.ndarray:
    return np.cumsum(steps[::-1], axis=0)[::-1]


def _on_processor(targets, scores, limits, beta2):
    """Cells of each label by limit and target, (t, k, 2); tally of rows; support; row sizes."""
    n, k = scores.shape
    ends = np.append(limits, np.inf).astype(scores.dtype)
    starts = counting.bucket_starts(ends)
    sizes = np.empty(n, np.int64)

    def count(rows):
        labels = np.zeros((k, len(ends), 2), np.int32)
        steps, support = np.zeros((len(ends), 7)), np.zeros(k, np.int32)
        out = labels, steps, support
        if counting.count_over(targets[rows], scores[rows], ends, starts, beta2, *out, sizes[rows]):
            return out
        check_binary("targets", targets[rows])
        check_probabilities("probabilities", scores[rows])
        raise AssertionError("refused for no reason")

    labels, steps, support = map(sum, zip(*over_blocks(count, n), strict=True))
    labels = labels[:, :-1].transpose(1, 0, 2).astype(np.int64)
    rows = _from_above(steps[:-1])
    rows[:, 6] += (sizes == 0).sum()  # what predicts nothing is right where nothing is true
    return labels, rows, support, sizes


def _on_device(targets, scores, limits, beta2):
    """The same by torch, where the tensors lie."""
    (n, k), t = scores.shape, len(limits)
    limits = torch.as_tensor(limits, dtype=scores.dtype, device=scores.device)
    labels = torch.zeros((k, t, 2), dtype=torch.int64, device=scores.device)
    rows = torch.zeros((t, 7), dtype=torch.float64, device=scores.device)
    sizes = targets.sum(dim=1, dtype=torch.int64)
    block = max(1, DEVICE_CELLS // max(k, t))
    for first in range(0, n, block):
        y, p = targets[first : first + block], scores[first : first + block]
        check_binary("targets", y)
        check_probabilities("probabilities", p)
        bins = torch.bucketize(p, limits, right=True) - 1
        row, label = torch.nonzero(bins >= 0, as_tuple=True)
        place = 2 * bins[row, label] + y[row, label].long()
        labels += (place + 2 * t * label).bincount(minlength=labels.numel()).view(k, t, 2)
        cells = (place + 2 * t * row).bincount(minlength=2 * t * len(y)).view(len(y), t, 2)
        rows += _tally_on_device(cells, sizes[first : first + block, None], beta2)
    support = targets.sum(dim=0, dtype=torch.int64)
    labels = labels.transpose(0, 1)
    return tuple(part.cpu().numpy() for part in (labels, rows, support, sizes))


def _tally_on_device(cells, size, beta2):
    """The tally of rows from their cells by limit and target, (n, t, 2), and sizes, (n, 1)."""
    true = cells[..., 1].flip(1).cumsum(1).flip(1).double()
    predicted = cells.sum(dim=-1).flip(1).cumsum(1).flip(1).double()
    parts = (
        true / predicted.clamp(min=1),
        true / size.clamp(min=1),
        (1 + beta2) * true / (beta2 * size + predicted).clamp(min=min(1, beta2)),
        true / (predicted + size - true).clamp(min=1),
        predicted > 0,
        (predicted > 0) & (size == 0),
        (true == predicted) & (true == size),
    )
    return torch.stack([part.double().sum(dim=0) for part in parts], dim=1)
