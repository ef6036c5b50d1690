"""Damaged files of every format, read under a limit of memory: nothing but ValueError comes out.

    python -m tests.benchmarks.fuzz_files [rounds [seed]]

A round damages each of the small files below once: bits flipped, bytes set to what is extreme,
parts cut, doubled or taken from another file; of a zip half of the times what is packed in it. A
process of its own reads them, with ROOM more memory than it has after the undamaged ones; that it
dies is a fault too, and so is a file that takes long. Prints how many were read and refused, and
keeps what was at fault in a folder for temporary files.
"""

import io
import multiprocessing
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from mlcore.files import example_csv, read_scores

ROOM = 400_000_000  # bytes
PATIENCE = 20.0  # seconds, on a busy machine
EXTREMES = (0, 1, 0x0F, 0x7F, 0x80, 0xF0, 0xFC, 0xFF)
ROWS, LABELS = 40, 3


def undamaged() -> dict[str, bytes]:
    """Small files in the ways that they may be written, by name."""
    rng = np.random.default_rng(0)
    targets, scores = rng.integers(0, 2, (ROWS, LABELS)), rng.normal(0, 3, (ROWS, LABELS))
    names = ["cat", "dog, big", "猫"]
    files = {"plain.csv": example_csv(targets, scores, names).encode()}
    files["quoted.csv"] = b'"true:a","score:a",id\r\n' + b'"1","0.5",x\r\n' * ROWS
    for save, dtype in product((np.savez, np.savez_compressed), ("f4", ">f8", "i8")):
        file = io.BytesIO()
        save(
            file, targets=np.asfortranarray(targets), scores=scores.astype(dtype), label_names=names
        )
        files[f"{save.__name__}_{dtype}.npz"] = file.getvalue()
    table, types = {}, (pa.int8(), pa.bool_(), pa.int64())
    for label, name in enumerate(names):
        table[f"true:{name}"] = pa.array(targets[:, label], types[label])
        table[f"score:{name}"] = scores[:, label].round(label)
    table |= {"id": [str(row) for row in range(ROWS)], "more": [[1, 2]] * ROWS}
    plain = dict.fromkeys(table, "PLAIN")
    packed = dict.fromkeys(["true:cat", "true:猫"], "DELTA_BINARY_PACKED")
    packed |= dict.fromkeys([f"score:{name}" for name in names], "BYTE_STREAM_SPLIT")
    codecs = ("none", "snappy", "gzip", "brotli", "zstd", "lz4")
    for codec, encoding, version in product(codecs, (None, plain, packed), ("1.0", "2.0")):
        file = io.BytesIO()
        parquet.write_table(
            pa.table(table),
            file,
            compression=codec,
            use_dictionary=encoding is None,
            column_encoding=encoding,
            data_page_version=version,
            row_group_size=ROWS // 2,
        )
        files[f"{codec}_{len(files)}.parquet"] = file.getvalue()
    return files


def damage(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The content after one to three accidents; half of them near its end, where lists stand."""
    if content.startswith(b"PK") and rng.random() < 0.5:
        return damage_member(content, other, rng)
    changed = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        low = max(0, len(changed) - 1500) if rng.random() < 0.5 else 0
        place = int(rng.integers(low, max(low + 1, len(changed))))
        size = int(rng.integers(1, 40))
        match rng.integers(6):
            case 0:
                changed[place : place + 1] = bytes([rng.integers(256)])
            case 1:
                changed[place : place + size % 6] = bytes([rng.choice(EXTREMES)]) * (size % 6)
            case 2:
                del changed[place : place + size]
            case 3:
                changed[place:place] = changed[place : place + size]
            case 4:
                start = int(rng.integers(len(other)))
                changed[place : place + size] = other[start : start + size]
            case 5:
                del changed[place if rng.random() < 0.2 else len(changed) :]
    return bytes(changed)


def damage_member(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A sound zip of the same arrays, one of them damaged."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w") as after:
        chosen = rng.integers(len(before.namelist()))
        for place, name in enumerate(before.namelist()):
            array = before.read(name)
            after.writestr(name, damage(array, other, rng) if place == chosen else array)
    return file.getvalue()


def read_all(rounds: int, first: int, send, seed: int) -> None:
    """Read what these rounds damage, and send what came of each; in a process of its own."""
    files = undamaged()
    for name, content in files.items():
        assert read_scores(content, name, "logits").scores.shape[0] == ROWS, name
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    contents = list(files.values())
    for number in range(first, rounds):
        for place, (name, content) in enumerate(files.items()):
            rng = np.random.default_rng((seed, number, place))
            damaged = damage(content, contents[rng.integers(len(contents))], rng)
            send.send((number, name, damaged, None))
            start = time.perf_counter()
            try:
                read_scores(damaged, name, "logits")
                outcome = "read"
            except ValueError:
                outcome = "refused"
            except BaseException as error:
                outcome = f"FAULT {type(error).__name__}: {error}"
            if time.perf_counter() - start > PATIENCE:
                outcome = f"FAULT took {time.perf_counter() - start:.1f} s"
            send.send((number, name, None, outcome))


def main(rounds: int = 50, seed: int = 0) -> None:
    """Start such a process, and another one where it was ended by a file."""
    counts, first = Counter(), 0
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    while first < rounds:
        receive, send = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(
            target=read_all, args=(rounds, first, send, seed)
        )
        process.start()
        send.close()
        number, damaged, outcome = first, b"", "started"
        try:
            while True:
                number, name, content, outcome = receive.recv()
                damaged = content or damaged
                if outcome is not None:
                    counts[Path(name).suffix, outcome[:60]] += 1
                    if outcome.startswith("FAULT"):
                        (folder / f"{number}_{name}").write_bytes(damaged)
        except EOFError:
            process.join()
        if outcome is None:
            counts[Path(name).suffix, f"FAULT ended its process with {process.exitcode}"] += 1
            (folder / f"{number}_{name}").write_bytes(damaged)
        first = number + 1
    for (ending, outcome), count in sorted(counts.items()):
        print(f"{ending:9}{count:8,} {outcome}")
    at_fault = any(folder.iterdir()) or folder.rmdir()
    print(f"{counts.total():,} damaged files; {f'look into {folder}' if at_fault else 'no fault'}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
