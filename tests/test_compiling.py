"""What numba compiled is kept where it can be, and nothing depends on that."""

import importlib.util
import os
import shutil
import subprocess
import sys

import numba
import numpy as np
import pytest

from tests.conftest import ROOT

SOURCE = """
from mlcore.thresholds.compiling import compiled

@compiled
def total(values):
    found = {start}
    for value in values:
        found += value
    return found
"""
KINDS = [np.ones(3, np.float32), np.ones(3, np.float64)]


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Loads a module anew, as a process does that begins, with its code kept in a folder."""

    def load(kept, start: float = 0.0):
        monkeypatch.setattr(numba.config, "CACHE_DIR", str(kept))
        file = tmp_path / "some_loop.py"
        source = SOURCE.format(start=start)
        if not file.exists() or file.read_text() != source:  # to older numba the time says which
            file.write_text(source)
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, file.stem, module)
        spec.loader.exec_module(module)
        return module.total

    return load


def files_in(folder):
    return {path.name: path for path in folder.rglob("*") if path.is_file()}


def test_what_one_process_compiled_the_next_does_not(fresh, tmp_path):
    assert [fresh(tmp_path / "kept")(values) for values in KINDS] == [3, 3]
    again = fresh(tmp_path / "kept")
    assert [again(values) for values in KINDS] == [3, 3]
    assert sum(again.stats.cache_hits.values()) == 2
    assert not again.stats.cache_misses


def test_processes_that_compile_for_two_kinds_at_once_write_two_files(fresh, tmp_path):
    """In numba's own way both files have one name, and who reads it may find the other's code."""
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder, values in zip(folders, KINDS, strict=True):
        fresh(folder)(values)
    (one, first), (other, second) = (files_in(folder).popitem() for folder in folders)
    assert one != other
    shutil.copy(second, first.parent)
    both = fresh(folders[0])
    assert [both(values) for values in KINDS] == [3, 3]
    assert not both.stats.cache_misses


def test_code_of_another_source_is_not_taken(fresh, tmp_path):
    assert fresh(tmp_path / "kept")(KINDS[0]) == 3
    # A text of another length, for Python itself tells sources of one second apart by that alone.
    assert fresh(tmp_path / "kept", start=0.25)(KINDS[0]) == 3.25
    assert len(files_in(tmp_path / "kept")) == 1


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_a_file_that_is_cut_short_is_compiled_anew(share, fresh, tmp_path):
    fresh(tmp_path / "kept")(KINDS[0])
    ((_name, file),) = files_in(tmp_path / "kept").items()
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    assert fresh(tmp_path / "kept")(KINDS[0]) == 3
    repaired = fresh(tmp_path / "kept")
    repaired(KINDS[0])
    assert not repaired.stats.cache_misses


def test_a_file_with_one_wrong_bit_is_compiled_anew(fresh, tmp_path):
    fresh(tmp_path / "kept")(KINDS[0])
    ((_name, file),) = files_in(tmp_path / "kept").items()
    content = bytearray(file.read_bytes())
    content[len(content) * 3 // 4] ^= 16
    file.write_bytes(content)
    mended = fresh(tmp_path / "kept")
    assert mended(KINDS[0]) == 3
    assert mended.stats.cache_misses


def test_a_full_disk_stops_nothing(fresh, tmp_path, monkeypatch):
    def full(*_paths):
        raise OSError(28, "No space left on device")

    total = fresh(tmp_path / "kept")
    monkeypatch.setattr(os, "replace", full)
    assert total(KINDS[0]) == 3
    assert not files_in(tmp_path / "kept")


def test_where_nothing_can_be_written_a_run_trains(tmp_path):
    """Not even as root: where folders should be there are files."""
    shutil.copytree(ROOT / "mlcore", tmp_path / "mlcore", ignore=lambda *_: ["__pycache__"])
    for package in {file.parent for file in (tmp_path / "mlcore").rglob("*.py")}:
        (package / "__pycache__").touch()
    kept = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "PYTHONPATH", "PYTHONPYCACHEPREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in kept}
    command = "-m mlcore train --data-set rows=100 --model linear --epochs 1 --quiet"
    done = subprocess.run(
        [sys.executable, "-W", "error", *command.split()],
        cwd=tmp_path,
        env=environment | {"HOME": os.devnull},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "micro F1" in done.stdout
    assert not done.stderr
