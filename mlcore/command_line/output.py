"""Files that are written whole or not at all, and tables in plain text."""

import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from mlcore.lazy import pd

ENDINGS = (".csv", ".parquet")


def check_out(out: str | None, overwrite: bool) -> Path | None:
    """Where to write; raises ValueError for what could not be written after hours of training."""
    if out is None:
        if overwrite:
            raise ValueError("--overwrite is for --out FILE, which is not given")
        return None
    path = Path(out)
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(f"--out must end in {' or '.join(ENDINGS)}, got {out!r}")
    if path.is_dir():
        raise ValueError(f"--out must be a file, got the folder {out!r}")
    if path.exists() and not overwrite:
        raise ValueError(f"--out is there already: {out!r}; give --overwrite to replace it")
    check_folder("--out", path.parent)
    return path


def check_folder(option: str, folder: Path) -> None:
    """Raise ValueError unless files can be made in a folder."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = f"{str(folder)!r}: {error.strerror}"
        raise ValueError(f"{option} must be in a folder that can be written to; {reason}") from None


def write_table(frame: "pd.DataFrame", path: Path) -> None:
    """Write a table as CSV or Parquet, by the ending, aside and then renamed."""
    aside = path.with_name(f".{secrets.token_hex(4)}.part")
    try:
        if path.suffix.lower() == ".csv":
            frame.to_csv(aside, index=False)
        else:
            frame.to_parquet(aside, index=False)
        os.replace(aside, path)
    finally:
        with suppress(OSError):  # what went wrong before is what counts
            aside.unlink()


def keep(frame: "pd.DataFrame", path: Path | None) -> bool:
    """Write a table and say so; where that fails, to a temporary folder. Whether it went well."""
    if path is not None:
        try:
            write_table(frame, path)
        except OSError as error:
            note(f"error: {path} could not be written: {error.strerror or error}")
        else:
            note(f"{len(frame):,} rows written to {path}")
            return True
    try:
        elsewhere = Path(tempfile.mkdtemp(prefix="mlcore-")) / (path or Path("sweep.csv")).name
        write_table(frame, elsewhere)
    except OSError as error:
        note(f"error: nor could they be written elsewhere: {error.strerror or error}")
    else:
        note(f"The results are in {elsewhere}")
    return False


def show(result: str) -> bool:
    """Print a result; whether that went well. What was written to a file does not depend on it."""
    if sys.stdout is None:  # as after >&-: nobody wants it
        return True
    try:
        print(result, flush=True)
    except OSError as error:
        _give_up(sys.stdout)
        note(f"error: the results could not be printed: {error.strerror or error}")
        return False
    return True


def note(message: str) -> None:
    """Say something that is not a result, if anybody can hear it: no result is lost over it."""
    if sys.stderr is not None:  # as after 2>&-
        try:
            print(message, file=sys.stderr, flush=True)
        except OSError:
            _give_up(sys.stderr)


def _give_up(stream: TextIO) -> None:
    """Have what could not be written dropped, which Python would try again at its end."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with the first column to the left and the others to the right.

    >>> print(aligned(["figure", "value"], [["micro F1", "0.51"]]))
    figure    value
    micro F1   0.51
    """
    table = [list(header), *map(list, rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = []
    for first, *others in table:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(42.3), duration(200), duration(7200), duration(1e6)
    ('42 s', '3 min 20 s', '2 h', '11 days 13 h')
    """
    whole = max(1, round(seconds))
    units = ("days", 86_400), ("h", 3_600), ("min", 60), ("s", 1)
    for (unit, length), (smaller, part) in pairwise(units):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length:,} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def progress(total: int, unit: str, quiet: bool):
    """A bar on stderr, which is off where nobody looks at it."""
    from tqdm import tqdm

    hidden = quiet or sys.stderr is None or not sys.stderr.isatty()
    return tqdm(total=total, unit=f" {unit}s", file=sys.stderr, disable=hidden, dynamic_ncols=True)
