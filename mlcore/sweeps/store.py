"""Finished runs in a folder of Parquet parts, so that a sweep goes on where it was left.

A row of a part is a run: its key and that of its data, its configuration as JSON, and lists of
float64, which come back to the bit. `pandas.read_parquet(folder)` reads it too.
"""

import hashlib
import json
import os
import secrets
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from mlcore.datasets import DATASETS, Dataset
from mlcore.datasets.source import Data
from mlcore.sweeps.plan import as_plain, config_key
from mlcore.sweeps.results import FIGURES, RunResult, result_columns
from mlcore.training.config import TrainConfig

FORMAT = "multilabel-loss-lab sweep 1"


class StoreWarning(UserWarning):
    """Something about the folder of a sweep's results is not as it should be."""


def fingerprint(data: Data) -> str:
    """Names what a run learns from: equal for equal rows, targets and parts."""
    from joblib import hash as hashed

    if isinstance(data, Dataset):
        arrays = data.x, data.y, data.train, data.validation, data.test
        return hashed(tuple(array.copy() for array in arrays))  # views remember whose they are
    name, options = data
    values = DATASETS[name].check(options)
    values |= {
        parameter.name: float(values[parameter.name]) for parameter in DATASETS[name].parameters
    }
    return hashed((name, sorted(values.items())))


class Store:
    """The runs of one data set in a folder; other data in the same folder are left alone.

    Args:
        folder: Made if it is not there.
        data_key: `fingerprint` of the data set.

    Raises:
        ValueError: If the folder cannot be made.
    """

    def __init__(self, folder: str | Path, data_key: str) -> None:
        if folder == "":
            raise ValueError("store must be a folder, got ''")
        self.folder, self.data_key = Path(folder), data_key
        self._failing = False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ValueError(f"store must be a folder, got {folder}: {problem}") from problem

    def read(self, configs: Sequence[TrainConfig]) -> dict[str, RunResult]:
        """Those of the runs that are here, by `config_key`, in the order of configs."""
        wanted = {config_key(config): config for config in configs}
        found = {}
        for table, row, data, key in _rows(self.folder):
            result = data == self.data_key and key in wanted and _result(table, row, self.folder)
            if result:
                found[key] = replace(result, config=wanted[key])
        return {key: found[key] for key in wanted if key in found}

    def write(self, results: Sequence[RunResult]) -> None:
        """Keep results as one part. If the disk does not take it, warn once and go on."""
        if not results:
            return
        keys = [config_key(result.config) for result in results]
        name = hashlib.sha256("".join([self.data_key, *keys]).encode()).hexdigest()[:20]
        aside = self.folder / f".{name}.{secrets.token_hex(4)}.tmp"
        try:
            parquet.write_table(
                _table(results, keys, self.data_key),
                aside,
                compression="zstd",
                use_dictionary=False,
            )
            os.replace(aside, self.folder / f"part-{name}.parquet")
        except OSError as problem:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            if not self._failing:
                warnings.warn(
                    f"results cannot be stored in {self.folder}: {problem}. The sweep goes on; "
                    "what is not stored would train again",
                    StoreWarning,
                    stacklevel=2,
                )
            self._failing = True


def read_store(folder: str | Path) -> list[RunResult]:
    """All runs in a folder that a sweep stored, whatever their data set.

    Args:
        folder: The `store` of the sweep.

    Raises:
        ValueError: If there is no such folder.
    """
    if not Path(folder).is_dir():
        raise ValueError(f"folder must be there, got {folder}")
    runs = {}
    for table, row, *key in _rows(Path(folder)):
        if (result := _result(table, row, folder)) is not None:
            runs[tuple(key)] = result
    return list(runs.values())


def _rows(folder: Path) -> Iterator[tuple[pa.Table, int, str, str]]:
    """Each run in a folder: its part, its row there, the keys of its data and its own.

    Warns of what is no part.
    """
    for path in sorted(folder.glob("*.parquet")):
        try:
            table = parquet.read_table(path)
            if (table.schema.metadata or {}).get(b"format") != FORMAT.encode():
                raise ValueError(f"it is not marked as {FORMAT!r}")
            table.validate(full=True)
            if missing := {"key", "data"} - set(table.column_names):
                raise ValueError(f"it lacks {', '.join(sorted(missing))}")
        except (OSError, ValueError) as problem:  # what Arrow raises is one of these
            warnings.warn(
                f"{path} is not a part of a sweep that can be read ({problem}). It is left as it "
                "is; runs that were in it train again",
                StoreWarning,
                stacklevel=3,
            )
            continue
        keys = table["data"].to_pylist(), table["key"].to_pylist()
        yield from zip(repeat(table), range(len(table)), *keys)


def _table(results: Sequence[RunResult], keys: Sequence[str], data_key: str) -> pa.Table:
    columns = {
        "key": pa.array(keys, pa.string()),
        "data": pa.array([data_key] * len(keys), pa.string()),
        "config": pa.array(
            [json.dumps(vars(result.config), default=as_plain) for result in results], pa.string()
        ),
        "seconds": pa.array([result.seconds for result in results], pa.float64()),
        "error": pa.array([result.error for result in results], pa.string()),
        "thresholds": _lists([result.thresholds for result in results]),
    }
    for name in result_columns():
        columns[f"epochs.{name}"] = _lists([result.epochs[name] for result in results])
    for figure in FIGURES:
        columns[f"validation.{figure}"] = _lists([r.validation[figure] for r in results])
        columns[f"test.{figure}"] = _lists([r.test[figure] for r in results])
    return pa.table(columns).replace_schema_metadata({"format": FORMAT})


def _lists(arrays: Sequence) -> pa.ListArray:
    """One list a run; NaN stays NaN and does not become missing."""
    arrays = [np.asarray(array) for array in arrays]
    ends = np.cumsum([0, *map(len, arrays)], dtype=np.int32)
    return pa.ListArray.from_arrays(ends, pa.array(np.concatenate(arrays), from_pandas=False))


def _result(table: pa.Table, row: int, folder: str | Path) -> RunResult | None:
    """One run; None, with a warning, if this version cannot read it."""

    def values(name: str) -> np.ndarray:
        return table[name][row].values.to_numpy(zero_copy_only=False).copy()

    try:
        return RunResult(
            config=TrainConfig(**json.loads(table["config"][row].as_py())),
            table=np.column_stack([values(f"epochs.{name}") for name in result_columns()]),
            thresholds=values("thresholds"),
            validation={figure: values(f"validation.{figure}") for figure in FIGURES},
            test={figure: values(f"test.{figure}") for figure in FIGURES},
            seconds=table["seconds"][row].as_py(),
            error=table["error"][row].as_py(),
        )
    except (ValueError, TypeError, KeyError) as problem:
        warnings.warn(
            f"a run in {folder} cannot be read with this version ({problem}); it is left out",
            StoreWarning,
            stacklevel=3,
        )
        return None
