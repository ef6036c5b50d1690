"""One reader for each format: bytes in; targets, scores and names out."""

import re
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from csv import reader as csv_reader
from io import BytesIO, StringIO
from itertools import islice
from math import prod

import numpy as np

from mlcore.files.limits import (
    MAX_QUOTE,
    as_targets,
    check_numbers,
    check_size,
    check_table,
    check_unpacked,
    checked_names,
    quote,
    quote_list,
)

CELLS_AT_ONCE = 2_000_000
MAX_COLUMNS = 10_000
CSV_BLOCK_BYTES = 4_000_000  # the header, and any row, must fit into one


def read_npz(content: bytes):
    """Arrays from a zip of .npy files, after a look at what they claim to be."""
    with whole_file("npz"), zipfile.ZipFile(BytesIO(content)) as archive:
        found = [info.filename.removesuffix(".npy") for info in archive.infolist()]
    if not {"targets", "scores"} <= set(found):
        raise ValueError(
            f"the npz file must have arrays targets and scores, found {quote_list(found)}. "
            "Save it by numpy.savez(file, targets=..., scores=...)"
        )
    with whole_file("npz"):
        wanted = ["targets", "scores", *{"label_names"}.intersection(found)]
        headers = npz_headers(content, wanted)
    check_unpacked(sum(size for *_, size in headers.values()))
    for key, (shape, dtype, size) in headers.items():
        if dtype.hasobject:
            instead = "numpy.array(names, dtype=str)" if key == "label_names" else "numbers"
            raise ValueError(f"{key} must not hold pickled objects. Save {instead}")
        if key != "label_names":
            check_numbers(key, dtype)
            check_table(key, shape)
        elif shape != headers["targets"][0][1:]:
            raise ValueError(
                "label_names must be one name for each column of targets, "
                f"got shapes {str(shape)[:MAX_QUOTE]} and {headers['targets'][0]}"
            )
        # NumPy reserves memory for the shape before it finds that the bytes are not there.
        if prod(shape) * dtype.itemsize > size:
            raise ValueError(f"{key} in the npz file is cut short. Save the file again")
    with whole_file("npz"), np.load(BytesIO(content), allow_pickle=False) as arrays:
        targets, scores = arrays["targets"], arrays["scores"]
        names = arrays["label_names"].tolist() if "label_names" in headers else None
    return targets, scores, names or [f"label {place + 1}" for place in range(targets.shape[1])]


def npz_headers(content: bytes, keys: Iterable[str]) -> dict[str, tuple[tuple, np.dtype, int]]:
    """Shape, dtype and unpacked size of arrays in a zip, of which only the headers are read."""
    from numpy.lib import format as npy

    headers = {}
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for key in keys:
            with archive.open(f"{key}.npy") as file:
                first = npy.read_magic(file) == (1, 0)
                read = npy.read_array_header_1_0 if first else npy.read_array_header_2_0
                shape, _, dtype = read(file)
                if not all(0 <= size < 2**40 for size in shape):
                    raise ValueError(f"{key} has an impossible shape")
            headers[key] = shape, dtype, archive.getinfo(f"{key}.npy").file_size
    return headers


def read_csv(content: bytes):
    """Columns from comma-separated text, some rows at a time."""
    import pyarrow as pa
    from pyarrow import csv

    header = csv_header(content)
    names, columns = label_columns(header)
    text = content.lstrip(b"\r\n") if content[:1] in b"\r\n" else content
    text += b"" if b"\n" in text else b"\n"  # without one, pyarrow cannot tell where rows begin
    try:
        batches = csv.open_csv(
            pa.BufferReader(text),
            # One thread: only then are rows numbered in what pyarrow says of a bad one.
            csv.ReadOptions(
                use_threads=False, block_size=CSV_BLOCK_BYTES, column_names=header, skip_rows=1
            ),
            convert_options=csv.ConvertOptions(
                include_columns=columns, column_types=dict.fromkeys(columns, pa.float64())
            ),
        )
        return *gather(batches, names), names
    except pa.ArrowException as error:
        raise ValueError(csv_problem(content, header, str(error))) from error


def csv_header(content: bytes) -> list[str]:
    """The cells of the first line, in a file that looks like a CSV."""
    page = content[:100].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml"))
    if page or b"\0" in content:
        raise ValueError(
            f"the file must be comma-separated text, got {quote(content[:MAX_QUOTE])}. "
            "Save the table as CSV (UTF-8), or give the file its right ending"
        )
    try:
        start = getincrementaldecoder("utf-8-sig")().decode(content[:CSV_BLOCK_BYTES])
    except UnicodeDecodeError:
        raise ValueError("the file must be UTF-8 text. Save the table as CSV (UTF-8)") from None
    with whole_file("CSV"):
        header = [
            cell.strip()
            for cell in next(csv_reader(StringIO(start.lstrip("\r\n"), newline="")), [])
        ]
    if len(header) > MAX_COLUMNS:  # pyarrow needs minutes for millions
        raise ValueError(
            f"the file must have at most {MAX_COLUMNS:,} columns, got {len(header):,}. "
            "A CSV begins with one line of column names"
        )
    return header


def csv_problem(content: bytes, header: list[str], text: str) -> str:
    """What is wrong with a CSV file, in plain words, from what pyarrow says."""

    def line(row: str) -> int:  # pyarrow does not count empty lines, an editor does
        lines = enumerate(BytesIO(content), 1)
        filled = (number for number, line in lines if line.strip(b"\r\n"))
        return next(islice(filled, int(row) - 1, None), int(row))

    ragged = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+): (.*)", text, re.DOTALL)
    if ragged:
        row, expected, cells, start = ragged.groups()
        return (
            f"each line must have as many cells as the header, {expected}; "
            f"got {cells} in line {line(row)}: {quote(start)}. "
            "Separate cells by commas, and put quotes around a name that has a comma in it"
        )
    wrong = re.search(r"column #(\d+): Row #(\d+): .*invalid value '(.*)'", text, re.DOTALL)
    if wrong:
        column, row, value = wrong.groups()
        return (
            f"column {quote(header[int(column)])} must hold numbers, got {quote(value)} in "
            f"line {line(row)}. Write numbers with a decimal point, 0 or 1 for targets"
        )
    return f"the file could not be read as CSV: {quote(text)}"


def read_parquet(content: bytes):
    """Columns from a Parquet file, some rows at a time."""
    import pyarrow as pa
    from pyarrow import parquet

    with whole_file("parquet"):
        file = parquet.ParquetFile(pa.BufferReader(content))
        groups = [file.metadata.row_group(index) for index in range(file.num_row_groups)]
        rows, size = file.metadata.num_rows, sum(group.total_byte_size for group in groups)
        schema = file.schema_arrow
    names, columns = label_columns(schema.names)
    check_size(rows, len(names))
    check_unpacked(size)
    for column in columns:
        kind = schema.field(column).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or kind == pa.bool_()):
            raise ValueError(
                f"column {quote(column)} must hold numbers, got the type {quote(str(kind))}"
            )
    with whole_file("parquet"):
        table = file.read(columns=columns).select(columns)
    batches = table.to_batches(max_chunksize=max(1, CELLS_AT_ONCE // len(names)))
    return *gather(batches, names), names


READERS = {".npz": read_npz, ".csv": read_csv, ".parquet": read_parquet}

# What the readers share.


def label_columns(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """The labels' names, and the columns of the header: true, score, true, score and so on."""
    true, score = (
        [column.removeprefix(part) for column in header if column.startswith(part)]
        for part in ("true:", "score:")
    )
    if not true or not score:
        raise ValueError(
            "the file must have columns true:NAME and score:NAME for each label, separated by "
            f"commas in a CSV; found {quote_list(header)}"
        )
    check_size(1, max(len(true), len(score)))
    for part, there, other in (("score:", score, true), ("true:", true, score)):
        missing = [part + name for name in other if name not in there]
        if missing:
            raise ValueError(
                "each label must have a column true:NAME and one score:NAME; "
                f"missing {quote_list(missing)}"
            )
        checked_names(there, len(there))
    return true, [part + name for name in true for part in ("true:", "score:")]


def gather(batches: Iterable, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Targets and scores from batches of rows whose columns are true, score, true, score..."""
    targets, scores = [np.empty((0, len(names)), np.uint8)], []
    rows = 0
    for batch in batches:
        check_size(max(1, rows + batch.num_rows), len(names))
        columns = [
            (column.cast("uint8") if str(column.type) == "bool" else column).to_numpy(
                zero_copy_only=False  # an empty cell becomes nan
            )
            for column in batch.columns
        ]
        targets.append(as_targets(np.column_stack(columns[::2]), names, rows))
        scores.append(np.column_stack(columns[1::2]))
        rows += batch.num_rows
    return np.concatenate(targets), np.concatenate(scores or targets)


@contextmanager
def whole_file(kind: str) -> Iterator[None]:
    """Around a reader: a broken file makes it fail in many ways, and one error says so."""
    try:
        yield
    except Exception as error:
        raise ValueError(
            f"the file could not be read as {kind}; it may be cut short or of another kind. "
            f"Save it again. The reader says: {quote(str(error))}"
        ) from error
