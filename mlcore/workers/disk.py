"""Arrays that are kept for long and hardly looked at, out of memory."""

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
