"""Files as people upload them, and as they should not be."""

import io
import zipfile

import numpy as np
import pandas as pd

from mlcore.files import example_csv

NAMES = ("cat", "dog, big", 'the "other"', "猫 العربية", "=1+1")


def problem(rows=20, labels=5, dtype=np.float64):
    rng = np.random.default_rng(0)
    return rng.integers(0, 2, (rows, labels)), rng.normal(0, 3, (rows, labels)).astype(dtype)


def npz(save=np.savez, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def frame(targets, scores, names=NAMES):
    columns = {}
    for label, name in enumerate(names[: targets.shape[1]]):
        columns[f"true:{name}"], columns[f"score:{name}"] = targets[:, label], scores[:, label]
    return pd.DataFrame(columns)


def parquet(table):
    file = io.BytesIO()
    table.to_parquet(file)
    return file.getvalue()


def npy(shape, descr="<f8", data=b""):
    """A .npy file with a header that need not be true."""
    file = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + data


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def written(targets, scores, names, ending):
    if ending == "csv":
        return example_csv(targets, scores, names).encode()
    if ending == "parquet":
        return parquet(frame(targets, scores, names))
    return npz(targets=targets, scores=scores, label_names=np.array(names))
