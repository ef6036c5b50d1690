"""One reader for each format: bytes in; targets, scores and names out."""

import re
import zipfile
from codecs import BOM_UTF8, getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from csv import reader as csv_reader
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from math import prod

import numpy as np
from numpy.lib import format as npy

from mlcore.files import limits
from mlcore.files.unpacked import read_footer, unpacked_size

ROWS_AT_ONCE, CELLS_AT_ONCE = 262_144, 8_000_000  # at most, of Parquet
MAX_COLUMNS = 10_000
MAX_MEMBERS = 1_000
MAX_HEADER_BYTES = 65_536
CSV_BLOCK_BYTES = 4_000_000  # the header, and any row, must fit into one
INVALID = re.compile(r"column #(\d+): Row #(\d+): .*invalid value '(.*)'", re.DOTALL)


def read_npz(content: bytes):
    """Arrays from a zip of .npy files, after a look at what they claim to be."""
    if (count := content.count(b"PK\1\2")) > MAX_MEMBERS:  # each entry of its list begins so
        raise ValueError(
            f"the npz file must have at most {MAX_MEMBERS:,} arrays, got {count:,}. "
            "Save targets, scores and label_names alone"
        )
    with whole_file("npz"):
        archive = zipfile.ZipFile(BytesIO(content))
    members = npz_members(archive)
    wanted = ["targets", "scores", *{"label_names"}.intersection(members)]
    limits.check_unpacked(sum(members[key].file_size for key in wanted))
    headers = {key: npz_header(archive, key, members[key]) for key in wanted}
    if "label_names" in headers:
        (table, _), (shape, dtype) = headers["targets"], headers["label_names"]
        if shape != table[1:]:
            raise ValueError(
                "label_names must be one name for each column of targets, "
                f"got shapes {str(shape)[: limits.MAX_QUOTE]} and {table}"
            )
        if dtype.itemsize * prod(shape) > 4 * limits.MAX_NAME_LENGTH * limits.MAX_LABELS:
            raise ValueError(
                f"label_names must have 1 to {limits.MAX_NAME_LENGTH} characters, got the dtype "
                f"{limits.quote(str(dtype))}. Save numpy.array(names, dtype=str)"
            )
    with whole_file("npz"):
        targets, scores, *names = (npz_array(archive, members[key]) for key in wanted)
    targets = limits.from_words(targets) if targets.dtype.kind == "U" else targets
    default = [f"label {place + 1}" for place in range(targets.shape[1])]
    return targets, scores, names[0].tolist() if names else default


def npz_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The arrays in a zip, by name."""
    names = [member.filename.removesuffix(".npy") for member in archive.infolist()]
    members = dict(zip(names, archive.infolist(), strict=True))
    if not {"targets", "scores"} <= set(members):
        raise ValueError(
            f"the npz file must have arrays targets and scores, found {limits.quote_list(names)}. "
            "Save it by numpy.savez(file, targets=..., scores=...)"
        )
    (name, times), *_ = Counter(names).most_common(1)
    if times > 1:
        raise ValueError(
            f"the npz file must have each array once, got {limits.quote(name)} {times} times. "
            "Save it by numpy.savez"
        )
    return members


def npz_header(
    archive: zipfile.ZipFile, key: str, member: zipfile.ZipInfo
) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of an array that may be read as targets, scores or label_names."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            f"{key} must be stored or deflated in the npz file, got the zip method "
            f"{member.compress_type}. Save it by numpy.savez or numpy.savez_compressed"
        )
    with whole_file("npz"):
        with archive.open(member) as file:
            start = BytesIO(file.read(MAX_HEADER_BYTES))
        readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        shape, _, dtype = readers[npy.read_magic(start)](start)
        if not all(0 <= size < 2**40 for size in shape):
            raise ValueError(f"{key} has an impossible shape")
    if dtype.hasobject:
        instead = "numpy.array(names, dtype=str)" if key == "label_names" else "numbers"
        raise ValueError(f"{key} must not hold pickled objects. Save {instead}")
    if key != "label_names":
        if key == "scores" or dtype.kind != "U":  # words are read later
            limits.check_numbers(key, dtype)
        limits.check_table(key, shape)
    # NumPy reserves memory for the shape before it finds that the bytes are not there.
    if prod(shape) * dtype.itemsize > member.file_size - start.tell():
        raise ValueError(f"{key} in the npz file is cut short. Save the file again")
    return shape, dtype


def npz_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """An array whose header is known."""
    with archive.open(member) as file:
        array = npy.read_array(file, allow_pickle=False)
        if file.read(1):  # at its end a zip file also checks its sum
            raise ValueError("there is more than an array")
        return array


def read_csv(content: bytes):
    """Columns from comma-separated text, some rows at a time."""
    import pyarrow as pa
    from pyarrow import csv

    content = content.removeprefix(BOM_UTF8)  # or an empty line behind it would look filled
    header = csv_header(content)
    names, columns = label_columns(header)
    text = content.lstrip(b"\r\n") if content[:1] in b"\r\n" else content
    text += b"" if b"\n" in text else b"\n"  # without one, pyarrow cannot tell where rows begin
    # A label takes three bytes at least: its target, a comma, and what ends an empty score.
    most = min(len(text) // (3 * len(names)) + 1, limits.MAX_CELLS // len(names))

    def tables(target_type):
        batches = csv.open_csv(
            pa.BufferReader(text),
            # One thread: only then are rows numbered in what pyarrow says of a bad one.
            csv.ReadOptions(
                use_threads=False, block_size=CSV_BLOCK_BYTES, column_names=header, skip_rows=1
            ),
            convert_options=csv.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(columns[::2], target_type)
                | dict.fromkeys(columns[1::2], pa.float64()),
                true_values=limits.TRUE,
                false_values=limits.FALSE,
            ),
        )
        return *gather(batches, names, most, np.float64), names

    try:
        try:
            return tables(pa.float64())
        except pa.ArrowInvalid as error:
            wrong = INVALID.search(str(error))
            if not (wrong and wrong[3].strip() in limits.TRUE + limits.FALSE):
                raise
        return tables(pa.bool_())
    except pa.ArrowException as error:
        raise ValueError(csv_problem(content, header, str(error))) from error


def csv_header(content: bytes) -> list[str]:
    """The cells of the first line, in a file that looks like a CSV."""
    page = content[:100].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml"))
    if page or b"\0" in content:
        raise ValueError(
            "the file must be comma-separated text, "
            f"got {limits.quote(content[: limits.MAX_QUOTE])}. "
            "Save the table as CSV (UTF-8), or give the file its right ending"
        )
    try:
        start = getincrementaldecoder("utf-8")().decode(content[:CSV_BLOCK_BYTES])
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

    ragged = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+): (.*)", text, re.DOTALL)
    if ragged:
        row, expected, cells, start = ragged.groups()
        return (
            f"each line must have as many cells as the header, {expected}; "
            f"got {cells} in line {line_of(content, int(row))}: {limits.quote(start)}. "
            "Separate cells by commas, and put quotes around a name that has a comma in it"
        )
    wrong = INVALID.search(text)
    if wrong:
        column, row, value = wrong.groups()
        name = header[int(column)]
        must, write = (
            ("0 or 1, or True or False", "Write one of these in each cell")
            if name.startswith("true:")
            else ("numbers", "Write numbers with a decimal point")
        )
        return (
            f"column {limits.quote(name)} must hold {must}, "
            f"got {limits.quote(value)} in line {line_of(content, int(row))}. {write}"
        )
    return f"the file could not be read as CSV: {limits.quote(text)}"


def line_of(content: bytes, row: int) -> int:
    """Where the row stands: pyarrow does not count empty lines, an editor does."""
    lines = TextIOWrapper(BytesIO(content), "latin-1")  # whatever a line ends with, it is "\n" here
    filled = (number for number, line in enumerate(lines, 1) if line != "\n")
    return next(islice(filled, row - 1, None), row)


def read_parquet(content: bytes):
    """Columns from a Parquet file, some rows at a time."""
    import pyarrow as pa
    from pyarrow import parquet

    with whole_file("parquet"):
        footer = read_footer(content)
        file = parquet.ParquetFile(pa.BufferReader(content))
        schema, rows = file.schema_arrow, file.metadata.num_rows
    names, columns = label_columns(schema.names)
    limits.check_size(rows, len(names))
    kinds = [schema.field(column).type for column in columns]
    words = word_columns(columns, kinds)
    wanted, flat = set(columns), file.schema
    numbers = [number for number in range(len(flat)) if flat.column(number).path in wanted]
    with whole_file("parquet"):
        size = unpacked_size(content, footer, numbers)
    limits.check_unpacked(size)
    most = limits.MAX_CELL_BYTES * rows * len(names) + limits.SPARE_BYTES
    if size > most:
        raise ValueError(
            f"the file must unpack to at most {most / 1e6:.0f} MB for {rows:,} rows times "
            f"{len(names):,} labels, got {size / 1e6:.0f} MB. Save it again"
        )

    def batches() -> Iterator:
        with whole_file("parquet"):
            # Each different word once: repeated as often as they occur they could fill the memory.
            file = parquet.ParquetFile(pa.BufferReader(content), read_dictionary=words)
            batch_size = min(ROWS_AT_ONCE, CELLS_AT_ONCE // len(names))
            yield from file.iter_batches(batch_size, columns=columns)

    found = np.result_type(*(kind.to_pandas_dtype() for kind in kinds[1::2]))
    narrow = found.kind == "f" and found.itemsize <= 4
    return *gather(batches(), names, rows, np.float32 if narrow else np.float64), names


def word_columns(columns: list[str], kinds: list) -> list[str]:
    """The targets among the columns that are words; refuses others that are no numbers."""
    import pyarrow as pa

    texts = pa.string(), pa.large_string()
    words = [
        column
        for column, kind in zip(columns[::2], kinds[::2], strict=True)
        if (kind.value_type if pa.types.is_dictionary(kind) else kind) in texts
    ]
    for column, kind in zip(columns, kinds, strict=True):
        is_number = pa.types.is_floating(kind) or pa.types.is_integer(kind) or kind == pa.bool_()
        if not (is_number or column in words):
            raise ValueError(
                f"column {limits.quote(column)} must hold numbers, "
                f"got the type {limits.quote(str(kind))}"
            )
    return words


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
            f"commas in a CSV; found {limits.quote_list(header)}"
        )
    limits.check_size(1, max(len(true), len(score)))
    for part, there, other in (("score:", score, true), ("true:", true, score)):
        missing = [part + name for name in other if name not in there]
        if missing:
            raise ValueError(
                "each label must have a column true:NAME and one score:NAME; "
                f"missing {limits.quote_list(missing)}"
            )
        limits.checked_names(there, len(there))
    return true, [part + name for name in true for part in ("true:", "score:")]


def gather(
    batches: Iterable, names: list[str], rows: int, dtype: type
) -> tuple[np.ndarray, np.ndarray]:
    """Targets and scores from batches, of so many rows at most, true, score, true, score..."""
    targets, scores = np.empty((rows, len(names)), np.uint8), np.empty((rows, len(names)), dtype)
    start = 0
    for batch in batches:
        end = start + batch.num_rows
        limits.check_size(max(1, end), len(names))
        columns = [column_array(column) for column in batch.columns]
        targets[start:end] = limits.as_targets(np.column_stack(columns[::2]), names, start)
        np.stack(columns[1::2], axis=1, out=scores[start:end])
        start = end
    return targets[:start], scores[:start]


def column_array(column) -> np.ndarray:
    """A column of numbers, truth values or words for them; an empty cell becomes nan."""
    if hasattr(column, "dictionary"):
        words = limits.from_words(column.dictionary.to_numpy(zero_copy_only=False))
        return np.append(words, np.nan)[column.indices.fill_null(len(words)).to_numpy()]
    column = column.cast("uint8") if str(column.type) == "bool" else column
    return column.to_numpy(zero_copy_only=False)


@contextmanager
def whole_file(kind: str) -> Iterator[None]:
    """Around a reader: a broken file makes it fail in many ways, and one error says so."""
    try:
        yield
    except Exception as error:
        raise ValueError(
            f"the file could not be read as {kind}; it may be cut short or of another kind. "
            f"Save it again. The reader says: {limits.quote(str(error))}"
        ) from error
