"""Small files that claim, or unpack to, far more than they may: refused before memory is given."""

import io
import json
import re
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from mlcore.files import example_csv, read_scores, unpacked
from tests.conftest import ROOT

SIZE = 80_000_000  # bytes that each of them is to take
ROOM = 40_000_000  # bytes that reading it may take
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
NAMES = "true:a", "score:a"

READ = r"""
import json, re, sys
from pathlib import Path
from mlcore.files import read_scores

for path in map(Path, sys.argv[1:]):
    try:
        said = str(read_scores(path.read_bytes(), path.name, "logits").scores.shape)
    except ValueError as error:
        said = str(error)
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
    print(json.dumps([path.name, said, 1024 * int(peak)]))
"""


def npy(array=((1.0,),)):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def zipped(*members):
    """A zip of name, content and method; a name may be there twice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings(action="ignore"):
        for name, content, method in members:
            archive.writestr(f"{name}.npy", content, method)
    return file.getvalue()


def long_header():
    """An array whose header is said to be so long, and is."""
    return b"\x93NUMPY\x02\x00" + SIZE.to_bytes(4, "little") + b" " * SIZE


def crowd(count):
    """A zip that lists so many members, and has none."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"")
    entry = file.getvalue()[31:-22]
    end = b"PK\5\6" + bytes(4) + b"\xff" * 4 + (count * len(entry)).to_bytes(4, "little") + bytes(6)
    return count * entry + end


# Parquet: pages, and a footer in Thrift's compact protocol.


class Int32(int):
    """A number that is written as one of 32 bits."""


def varint(value):
    low = [value >> shift & 127 for shift in range(0, max(1, value.bit_length()), 7)]
    return bytes([part | 128 for part in low[:-1]] + low[-1:])


def thrift(value):
    """A value's type, and its bytes; a structure is a dict or a tuple of fields."""
    match value:
        case int():
            kind = 5 if isinstance(value, Int32) else 6
            return kind, varint(2 * value if value >= 0 else -2 * value - 1)
        case bytes():
            return 8, varint(len(value)) + value
        case []:
            return 9, b"\0"
        case list():
            kinds, parts = zip(*map(thrift, value), strict=True)
            return 9, bytes([0xF0 | kinds[0]]) + varint(len(value)) + b"".join(parts)
    out, before = b"", 0
    for number, field in value.items() if isinstance(value, dict) else value:
        kind, content = thrift(field)
        step, before = number - before, number
        out += bytes([step << 4 | kind] if step else [kind, number << 1]) + content
    return 12, out + b"\0"


def page(size=24, values=3, kind=0, encoding=0, content=None):
    """A page, of zeros, packed by zstd, after a header that says what it is."""
    content = pa.compress(bytes(size) if content is None else content, "zstd", asbytes=True)
    sizes = {1: Int32(kind), 2: Int32(size), 3: Int32(len(content))}
    about = {1: Int32(values), 2: Int32(encoding)}
    about = {7: about} if kind == 2 else {5: about | {3: Int32(3), 4: Int32(3)}}
    return thrift(sizes | about)[1] + content


def parquet(body=None, *, rows=3, values=None, dictionary=0, change=None, groups=None, told=None):
    """A file of two columns of doubles; what its footer says need not be true.

    Args:
        body: The pages of each column.
        rows: Of its only group.
        values: Of each column, as many as rows when None.
        dictionary: How many bytes of them are a dictionary.
        change: What is made of the description of each column.
        groups: Instead of the only one.
        told: How many rows there are in all, as many as in the group when None.
    """
    body = page() if body is None else body
    schema = [{4: b"schema", 5: Int32(2)}]
    schema += [{1: Int32(5), 3: Int32(0), 4: name.encode()} for name in NAMES]
    columns = []
    for place, name in enumerate(NAMES):
        begin = 4 + place * len(body)
        about = {1: Int32(5), 2: [Int32(0), Int32(3)], 3: [name.encode()], 4: Int32(6)}
        about |= {5: rows if values is None else values, 6: 24, 7: len(body)}
        about |= {9: begin + dictionary} | ({11: begin} if dictionary else {})
        columns.append(change(about) if change else {2: begin, 3: about})
    groups = groups or [{1: columns, 2: 48, 3: rows}]
    _, footer = thrift({1: Int32(1), 2: schema, 3: told or rows, 4: groups})
    return b"PAR1" + 2 * body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


INDICES = page(3, encoding=8, content=b"\1\6\0")  # three values, each the first of a dictionary


def with_dictionary(size, **options):
    dictionary = page(size, size // 8, kind=2)
    return parquet(dictionary + INDICES, dictionary=len(dictionary), **options)


def hostile():
    """Name, content and what is to be said of it."""
    one = npy()
    scores = ("scores", one, STORED)
    yield "header.npz", zipped(("targets", long_header(), DEFLATED), scores), "EOF: reading array"
    message = "targets must be stored or deflated in the npz file, got the zip method "
    yield "bzip2.npz", zipped(("targets", long_header(), BZIP2), scores), f"{message}12. Save it by"
    yield "lzma.npz", zipped(("targets", one, LZMA), scores), f"{message}14. Save it by"
    twice = [("targets", part, DEFLATED) for part in (one, bytes(SIZE))]
    yield "twice.npz", zipped(*twice, scores), "have each array once, got 'targets' 2 times. Save"
    names = npy(np.array(["a" * (SIZE // 4)]))
    content = zipped(("targets", one, STORED), scores, ("label_names", names, DEFLATED))
    yield "names.npz", content, "1 to 200 characters, got the dtype '<U20000000'. Save numpy.array"
    yield "crowd.npz", crowd(100_000), "must have at most 1,000 arrays, got 100,000. Save targets"

    message = "must unpack to at most 10 MB for 3 rows times 1 labels, got 160 MB. Save it again"
    yield "page.parquet", parquet(page(SIZE)), message
    yield "pages.parquet", parquet(page(SIZE // 20) * 20), message
    yield "dictionary.parquet", with_dictionary(SIZE), message
    tall = page(SIZE, values=SIZE // 8)
    yield "values.parquet", parquet(tall, values=SIZE // 8), "it has 10000000 values in 3 rows"
    content = parquet(tall, rows=SIZE // 8, told=3)
    yield "rows.parquet", content, "its parts have 10000000 rows, and it says 3"
    yield "claim.parquet", parquet(rows=10**9), "at most 60,000,000, got 1,000,000,000 times 1"
    content = parquet(groups=[{1: [{2: 0}] * 200_000, 2: 0, 3: 3}])
    yield "columns.parquet", content, "footer has more than 200,000 parts"
    file, repeated = io.BytesIO(), pa.array(np.zeros(1_000, np.int32))
    words = pa.DictionaryArray.from_arrays(repeated, pa.array(["x" * (SIZE // 50)]))
    table = pa.table({"true:a": words, "score:a": np.zeros(1_000)})
    pyarrow.parquet.write_table(table, file, store_schema=False)  # plain text, it says
    yield "words.parquet", file.getvalue(), "0 or 1, or True or False, got 'xxx"
    content = parquet(change=lambda about: {2: 0, 3: about | {3: [b"a" * 5_000_000]}})
    yield "footer.parquet", content, "footer has 10.0 MB, of at most 8.0"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says how much memory was taken")
def test_hostile_files_are_refused_before_memory_is_given(tmp_path):
    honest = pd.read_csv(io.StringIO(example_csv(np.eye(3), np.ones((3, 3)), "abc")))
    honest.to_csv(tmp_path / "honest.csv", index=False)
    honest.to_parquet(tmp_path / "honest.parquet")
    np.savez(tmp_path / "honest.npz", targets=np.eye(3), scores=np.ones((3, 3)))
    paths, messages = sorted(tmp_path.iterdir()), ["3, 3"] * 3
    for name, content, message in hostile():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
        messages.append(message)
    rows = 8_000_000
    scored = {"true:a": np.zeros(rows, np.int8), "score:a": np.linspace(-9, 9, rows, dtype="f4")}
    paths.append(tmp_path / "large.parquet")
    pd.DataFrame(scored).to_parquet(paths[-1])
    command = [sys.executable, "-c", READ, *paths]
    printed = subprocess.check_output(command, cwd=ROOT, text=True).splitlines()
    *told, (_, shape, largest) = map(json.loads, printed)
    for (name, said, peak), message in zip(told, messages, strict=True):
        assert re.search(message, said), name
        assert peak - told[2][2] < ROOM, name
    assert shape == f"({rows}, 1)"
    assert largest - told[2][2] < ROOM + 3 * rows * (1 + 4), "three times its cells"


def test_the_files_that_are_made_here_are_read_where_they_tell_the_truth(monkeypatch):
    extra = {8: []}  # a list of nothing is one of no type, as some write it
    for content in (
        parquet(),
        parquet(page(8, 1) * 3),
        parquet(change=lambda about: {2: 0, 3: dict(sorted((about | extra).items()))}),
        with_dictionary(8),
    ):
        assert read_scores(content, "a.parquet", "logits").scores.tolist() == [[0.0]] * 3
    monkeypatch.setattr(unpacked, "MAX_PAGES", 5)
    with pytest.raises(ValueError, match="it has more than 5 pages"):
        read_scores(parquet(page(8, 1) * 3), "a.parquet", "logits")


@pytest.mark.parametrize("codec", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_pages_of_plain_numbers_unpack_to_eight_bytes_each(codec, version):
    fields = [pa.field(str(number), pa.float64(), nullable=False) for number in range(3)]
    table = pa.table([np.arange(5000.0)] * 3, pa.schema(fields))
    file = io.BytesIO()
    options = {"row_group_size": 2000, "data_page_size": 1000, "use_dictionary": False}
    options |= {"compression": codec, "data_page_version": version}
    pyarrow.parquet.write_table(table, file, **options)
    content = file.getvalue()
    footer = unpacked.read_footer(content)
    assert unpacked.unpacked_size(content, footer, [0, 2]) == 5000 * 8 * 2
    # The sizes that pyarrow tells have the headers of pages in them.
    metadata = pyarrow.parquet.read_metadata(io.BytesIO(content))
    columns = [metadata.row_group(group).column(0) for group in range(3)]
    told = sum(column.total_uncompressed_size for column in columns)
    assert 0.9 * told < unpacked.unpacked_size(content, footer, [0]) < told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # Thrift keeps the dictionary of the first, and would unpack what nobody has looked at.
        (
            with_dictionary(800, change=lambda about: ((3, about), (3, about))),
            "fields of its headers do not come in their order",
        ),
        # Thrift reads numbers where texts are promised, and finds other fields behind them.
        (
            parquet(change=lambda about: {2: 0, 3: about | {2: [b"\0"]}}),
            "a list of its footer holds something else",
        ),
        (parquet(change=lambda about: {2: 0, 3: about | {9: -1}}), "it has .* bytes at -1"),
        (parquet(change=lambda about: {2: 0, 3: about | {7: -1}}), "it has -1 bytes at"),
        # Thrift takes the last 64 bits of it, which are right.
        (
            with_dictionary(800, change=lambda about: {3: about | {11: 2**64 + about[11]}}),
            "number in its headers has too many bytes",
        ),
        (parquet(b"\x18" + varint(2**40) + page()), "its headers are cut short"),
        # So many values that take no place.
        (parquet(b"\x19\xf1" + varint(2**50) + page()), "its headers are cut short"),
        (parquet(change=lambda about: {2: 0}), r"The reader says: '\(3, 12\)'"),
        (parquet(page().replace(b"\x30", b"\x2f", 1)), "that unpack to -24"),
        (parquet(b"\x15" + b"\xff" * 10 + b"\0"), "number in its headers has too many bytes"),
        (parquet(page()[:9]), "could not be read as parquet"),
        (parquet(page()[:5] * 60_000), "could not be read as parquet"),
    ],
)
def test_a_footer_that_can_be_read_in_two_ways_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        read_scores(content, "a.parquet", "logits")
