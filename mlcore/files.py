"""Targets and scores that a user brings: read with care, and refused in plain words."""

import re
import zipfile
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from csv import reader as csv_reader
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from math import prod
from pathlib import PurePath

import numpy as np

from mlcore.checks import check_choice, check_same_shape

KINDS = ("logits", "probabilities")
ENDINGS = (".npz", ".csv", ".parquet")
MAX_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 1_000_000_000  # what a small compressed file may claim to grow to
MAX_CELLS = 60_000_000  # rows times labels
MAX_LABELS = 2_000
MAX_NAME_LENGTH = 200
MAX_QUOTE = 60  # how much of a user's text an error repeats
CELLS_AT_ONCE = 2_000_000
MAX_COLUMNS = 10_000
CSV_BLOCK_BYTES = 4_000_000  # the header, and any row, must fit into one


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """True labels and a model's scores for them. Arrays are read-only.

    Attributes:
        targets: 0 or 1 for each label, uint8, shape (n, k).
        scores: Finite, float32 or float64, shape (n, k).
        kind: What scores are: "logits", or "probabilities" in [0, 1].
        label_names: k different names, without spaces around them.

    Raises:
        ValueError: If a value or a shape is none of that, or one of the limits above is exceeded.

    Example:
        >>> scored = Scored(targets=[[1]], scores=[[0.0]], kind="logits", label_names=["cat"])
        >>> scored.probabilities()
        array([[0.5]])
    """

    targets: np.ndarray
    scores: np.ndarray
    kind: str
    label_names: tuple[str, ...]

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        targets, scores = np.asarray(self.targets), np.asarray(self.scores)
        for name, table in (("targets", targets), ("scores", scores)):
            check_numbers(name, table.dtype)
            check_table(name, table.shape)
        check_same_shape("targets", targets, "scores", scores)
        names = checked_names(self.label_names, targets.shape[1])
        targets = as_targets(targets, names)
        narrow = scores.dtype.kind == "f" and scores.dtype.itemsize <= 4
        with np.errstate(over="ignore"):  # what is too large for float64 is refused as infinite
            scores = np.ascontiguousarray(scores, np.float32 if narrow else np.float64)
        check_scores(scores, self.kind, names)
        for name, table in (("targets", targets), ("scores", scores)):
            view = table.view()  # the array itself may be the caller's, who may go on writing to it
            view.flags.writeable = False
            object.__setattr__(self, name, view)
        object.__setattr__(self, "label_names", names)

    def __setstate__(self, state: dict) -> None:
        self.__init__(**state)  # a pickle forgets that arrays are read-only

    def probabilities(self) -> np.ndarray:
        """The scores themselves, or the sigmoid of logits; read-only, in the dtype of scores."""
        if self.kind == "probabilities":
            return self.scores
        from scipy.special import expit

        probabilities = expit(self.scores)
        probabilities.flags.writeable = False
        return probabilities


def read_scores(content: bytes, name: str, kind: str) -> Scored:
    """Read targets and scores from the bytes of a file. Nothing in it is ever run.

    Formats, by the ending of the name:

    - `.npz`: arrays `targets` and `scores`, shape (n, k), and perhaps `label_names`, shape (k,).
    - `.csv`, comma-separated, UTF-8: for each label a column `true:NAME` and one `score:NAME`.
    - `.parquet`: the same columns.

    Labels come in the order of their `true:` columns; columns of other names are not read.

    Args:
        content: The whole file, at most MAX_BYTES.
        name: Its name; only the ending counts.
        kind: What the scores are, "logits" or "probabilities"; never guessed from the values.

    Raises:
        ValueError: If the file is not what is described above. The text says what must hold, what
            came and where; of the file it repeats at most a few words.

    Example:
        >>> read_scores(b"true:cat,score:cat\\n1,0.75\\n0,0.25\\n", "a.csv", "probabilities").scores
        array([[0.75],
               [0.25]])
    """
    check_choice("kind", kind, KINDS)
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(
            f"the file's name must end in {', '.join(ENDINGS)}; got {quote(name)}. "
            "Save it in one of these formats"
        )
    if not content:
        raise ValueError("the file is empty, 0 bytes. Save it again, then upload it")
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"the file must have at most {MAX_BYTES / 1e6:g} MB, got {len(content) / 1e6:.1f} MB. "
            "Leave out some rows, or bring float32 scores as .npz or .parquet"
        )
    read = {".npz": read_npz, ".csv": read_csv, ".parquet": read_parquet}[ending]
    targets, scores, label_names = read(bytes(content))
    return Scored(targets=targets, scores=scores, kind=kind, label_names=label_names)


def example_csv(targets, scores, label_names: Sequence[str]) -> str:
    """A CSV text that `read_scores` takes: the same numbers, to the last digit.

    Args:
        targets: 0 or 1 for each label, shape (n, k).
        scores: Finite numbers, shape (n, k).
        label_names: k names.

    Raises:
        ValueError: As `Scored`.

    Example:
        >>> print(example_csv([[1, 0]], [[0.9, 0.2]], ["cat", "dog"]), end="")
        true:cat,score:cat,true:dog,score:dog
        1,0.9,0,0.2
    """
    import pandas as pd

    table = Scored(targets=targets, scores=scores, kind="logits", label_names=label_names)
    columns = {}
    for label, name in enumerate(table.label_names):
        columns[f"true:{name}"] = table.targets[:, label]
        columns[f"score:{name}"] = table.scores[:, label]
    return pd.DataFrame(columns).to_csv(index=False, lineterminator="\n")


# One reader for each format: bytes in; targets, scores and names out.


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


def check_unpacked(size: int) -> None:
    """Refuse a file that says it holds more than memory should be given for."""
    if size > MAX_UNPACKED_BYTES:
        raise ValueError(
            f"the file must unpack to at most {MAX_UNPACKED_BYTES / 1e6:g} MB, "
            f"got {size / 1e6:.0f} MB. Leave out some rows"
        )


def check_table(name: str, shape: tuple[int, ...]) -> None:
    """Refuse arrays that are not (n, k), or too small or large."""
    if len(shape) != 2:
        raise ValueError(
            f"{name} must have shape (rows, labels), got {str(shape)[:MAX_QUOTE]}. "
            "For one label use (rows, 1)"
        )
    check_size(*shape)


def check_size(rows: int, labels: int) -> None:
    """Refuse tables with nothing in them, or with more than the limits."""
    if rows < 1 or labels < 1:
        raise ValueError(
            f"there must be at least one row and one label, got {rows} rows and {labels} labels"
        )
    if labels > MAX_LABELS:
        raise ValueError(
            f"there must be at most {MAX_LABELS:,} labels, got {labels:,}. Leave out some"
        )
    if rows * labels > MAX_CELLS:
        raise ValueError(
            f"rows times labels must be at most {MAX_CELLS:,}, "
            f"got {rows:,} times {labels:,}. Leave out some rows"
        )


def check_numbers(name: str, dtype: np.dtype) -> None:
    """Refuse arrays that hold no real numbers."""
    if dtype.kind not in "biuf":
        raise ValueError(f"{name} must be real numbers, got the dtype {quote(str(dtype))}")


def checked_names(names: Iterable, count: int) -> tuple[str, ...]:
    """The names without spaces around them, if they can stand for as many labels."""
    names = tuple(names)
    if len(names) != count:
        raise ValueError(f"label_names must be {count} names, got {len(names)}")
    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"label_names must be texts, got {quote(repr(name))}")
        if not name.strip() or len(name) > MAX_NAME_LENGTH:
            raise ValueError(
                f"label_names must have 1 to {MAX_NAME_LENGTH} characters, got {quote(name)} "
                f"with {len(name.strip())}"
            )
        if re.search(
            r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", name
        ):  # half a UTF-16 pair breaks a page
            raise ValueError(f"label_names must be without control characters, got {quote(name)}")
    names = tuple(name.strip() for name in names)
    (name, times), *_ = Counter(names).most_common(1) or [("", 0)]
    if times > 1:
        raise ValueError(f"label_names must differ from each other, got {quote(name)} twice")
    return names


def as_targets(values: np.ndarray, names: Sequence[str], rows_before: int = 0) -> np.ndarray:
    """The values as uint8, if each is 0 or 1."""
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        raise ValueError(
            f"targets must be 0 or 1, got {first_of(values, wrong, names, rows_before)}"
        )
    return np.ascontiguousarray(values, np.uint8)


def check_scores(scores: np.ndarray, kind: str, names: Sequence[str]) -> None:
    """Refuse what is not finite, and as probabilities what is outside [0, 1]."""
    wrong = ~np.isfinite(scores)
    if wrong.any():
        raise ValueError(f"scores must be finite, got {first_of(scores, wrong, names)}")
    wrong = (scores < 0) | (scores > 1) if kind == "probabilities" else wrong
    if wrong.any():
        raise ValueError(
            f"probabilities must be in [0, 1], got {first_of(scores, wrong, names)}. "
            "If these are logits, say so"
        )


def first_of(values, wrong, names: Sequence[str], rows_before: int = 0) -> str:
    """The first wrong value and its place, rows counted from 1 without a header."""
    row, label = np.unravel_index(wrong.argmax(), wrong.shape)
    value = values[row, label].item()
    missing = " (or an empty cell)" if value != value else ""
    return f"{value}{missing} in row {rows_before + row + 1} of label {quote(names[label])}"


def quote(text: str | bytes) -> str:
    """The start of a user's text, in quotes and without anything that is not to be seen."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return repr(text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…")


def quote_list(names: Sequence[str]) -> str:
    """The first names of a list in quotes, and how many more there are."""
    shown = ", ".join(quote(name) for name in names[:3]) or "nothing"
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
