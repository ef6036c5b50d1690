"""Memory that is given back: by arrays that are hardly looked at, and by what was freed."""

import ctypes
import gc
import os
import tempfile
from collections.abc import Sequence

import numpy as np

ALIGNMENT = 8  # bytes


def on_disk(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The same arrays, read-only, from a file without a name that goes when the last of them does.

    Raises:
        OSError: If the disk does not take them.

    Example:
        >>> [array.tolist() for array in on_disk([np.arange(3), np.ones((1, 2))])]
        [[0, 1, 2], [[1.0, 1.0]]]
    """
    with tempfile.TemporaryFile() as file:
        for array in arrays:
            file.write(np.ascontiguousarray(array).data)
            file.write(bytes(-array.nbytes % ALIGNMENT))
        file.flush()
        whole = np.asarray(np.memmap(file, np.uint8, "r"))
    kept, start = [], 0
    for array in arrays:
        part = whole[start : start + array.nbytes]
        kept.append(part.view(array.dtype).reshape(array.shape))
        start += array.nbytes + -array.nbytes % ALIGNMENT
    return kept


def give_back() -> None:
    """Return to the system what is free; the C library of Linux keeps it otherwise."""
    if os.name == "posix" and hasattr(library := ctypes.CDLL(None), "malloc_trim"):
        library.malloc_trim(0)


def tidy() -> None:
    """Collect all garbage, and give back what it took."""
    gc.collect()
    give_back()
