"""Loops that numba compiles when they are first called, and keeps for later processes."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile


def compiled(function: Callable) -> Callable:
    """Compile a loop for each kind of arguments when it first comes; other threads run meanwhile.

    What is compiled is kept in `__pycache__`, or where numba else finds a place (`NUMBA_CACHE_DIR`
    or the user's cache). Where none can be written to, every process compiles for itself.

    Args:
        function: Plain Python over numbers and arrays, at the top of a module.
    """
    loop = njit(nogil=True)(function)
    with suppress(RuntimeError):  # numba's, when it finds no place
        loop._cache = _Kept(function)
    return loop


class _Kept(FunctionCache):
    """Numba's store of one function, without which all goes on, only slower."""

    def __init__(self, function: Callable) -> None:
        super().__init__(function)
        place = self._impl.locator
        self._cache_file = _FileForEach(
            place.get_cache_path(), self._impl.filename_base, place.get_source_stamp()
        )

    def load_overload(self, signature, context):
        try:
            return super().load_overload(signature, context)
        except Exception:  # a damaged file may raise anything
            return None

    def save_overload(self, signature, result) -> None:
        with suppress(OSError):  # full, or no longer to be written to
            super().save_overload(signature, result)


class _FileForEach(IndexDataCacheFile):
    """One file for each kind of arguments; it begins with a digest of its origin and content.

    Numba numbers them and keeps the numbers in a second file. Two processes that compile for two
    kinds at once may choose the same number: from then on one kind was answered with the other's
    code, a TypeError in every process.
    """

    def save(self, key: tuple, data: tuple) -> None:
        with self._open_for_write(self._path(key)) as file:
            content = self._dump(data)
            file.write(self._digest(key, content) + content)

    def load(self, key: tuple) -> tuple | None:
        path = self._path(key)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            digest, content = file.read(sha256().digest_size), file.read()
        # Machine code with one wrong bit would end the process.
        return pickle.loads(content) if digest == self._digest(key, content) else None

    def _path(self, key: tuple) -> str:
        """Where code for these arguments on this machine is, of whatever source."""
        signature, machine, _source = key
        kind = sha256(repr((signature, machine)).encode()).hexdigest()[:16]
        return self._index_path.removesuffix("nbi") + f"{kind}.nbc"

    def _digest(self, key: tuple, content: bytes) -> bytes:
        """Of what the content was made from, numba and source included, and of the content."""
        origin = repr((self._version, self._source_stamp, key))
        return sha256(origin.encode() + content).digest()
