"""What was stored comes back to the bit, and what cannot be stored or read stops nothing."""

import warnings
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlcore.datasets import load
from mlcore.sweeps import StoreWarning, config_key, read_store, run_group, stream, sweep
from mlcore.sweeps.results import RunResult
from mlcore.sweeps.store import Store, fingerprint
from mlcore.training import TrainConfig, available_devices

BASE = TrainConfig(model="linear", epochs=2, batch_size=64)
DATA = "synthetic", {"labels": 8, "rows": 300, "cardinality": 2.0, "features": 6}
GRID = {"loss": ["bce", "focal"], "learning_rate": [0.01, 0.1]}


def bits(result):
    """All that a result holds, floats as their bytes."""
    arrays = [result.thresholds, *result.validation.values(), *result.test.values()]
    columns = [result.epochs[name].to_numpy() for name in result.epochs]
    return (
        result.config,
        np.float64(result.seconds).tobytes(),
        result.error,
        list(result.validation),
        list(result.test),
        list(result.epochs),
        [(array.dtype, array.shape, array.tobytes()) for array in [*arrays, *columns]],
    )


def test_everything_of_a_result_comes_back_to_the_bit(tmp_path):
    configs = [
        TrainConfig(hidden=(8, 4), epochs=2, seed=2**32 - 1, learning_rate=np.float64(0.1) / 3),
        TrainConfig(hidden=(8, 4), epochs=2, loss="asymmetric", loss_params={"margin": 0.1}),
        TrainConfig(hidden=(8, 4), epochs=2, loss="bce_pos_weight", loss_params={"cap": 7}),
        TrainConfig(hidden=(8, 4), epochs=2, learning_rate=1e38),
    ]
    results = run_group(load(DATA[0], **DATA[1]), configs)
    assert results[-1].diverged
    results.append(
        RunResult(config=replace(BASE, loss="focal"), error="OSError: «no»\n", seconds=0.25)
    )
    odd = results[0].test["micro_f1"]
    odd[:4] = [-0.0, 5e-324, np.nextafter(1, 2), np.uint64(0x7FF8000000000123).view(np.float64)]
    Store(tmp_path, "a").write(results)
    again = Store(tmp_path, "a").read([result.config for result in results])
    assert list(again) == [config_key(result.config) for result in results]
    assert [bits(result) for result in again.values()] == [bits(result) for result in results]
    assert [bits(result) for result in read_store(tmp_path)] == [bits(r) for r in results]
    assert Store(tmp_path, "b").read(configs) == {}


def test_a_stored_run_is_given_with_the_configuration_that_was_asked_for(tmp_path):
    written = replace(BASE, loss="focal")
    asked = replace(BASE, loss="focal", loss_params={"gamma": 2})  # which is the default
    Store(tmp_path, "a").write([RunResult(config=written)])
    (result,) = Store(tmp_path, "a").read([asked]).values()
    assert result.config is asked


@pytest.fixture
def trained(monkeypatch):
    """The configurations that were trained, in their order."""
    from mlcore.sweeps import engine

    seen = []
    original = engine.train_part

    def train_part(data, configs):
        seen.extend(configs)
        return original(data, configs)

    monkeypatch.setattr(engine, "train_part", train_part)
    return seen


def test_a_sweep_that_was_stopped_goes_on_where_it_was(tmp_path, trained):
    whole = sweep(BASE, GRID, DATA, seeds=(0, 1), engine="inline")
    trained.clear()
    stopped = stream(BASE, GRID, DATA, seeds=(0, 1), engine="inline", store=tmp_path / "new")
    next(stopped)
    stopped.close()
    assert 0 < len(trained) < 8
    frame = sweep(BASE, GRID, DATA, seeds=(0, 1), engine="inline", store=tmp_path / "new")
    assert len(trained) == len(set(map(config_key, trained))) == 8  # none of them twice
    pd.testing.assert_frame_equal(frame, whole, check_exact=True)
    again = sweep(BASE, GRID, DATA, seeds=(0, 1), engine="inline", store=tmp_path / "new")
    assert len(trained) == 8
    pd.testing.assert_frame_equal(again, whole, check_exact=True)
    assert not list((tmp_path / "new").glob(".*"))


def test_other_data_in_the_same_folder_are_not_mixed_up(tmp_path, trained):
    other = DATA[0], {**DATA[1], "seed": 1}
    dataset = load(DATA[0], **DATA[1])
    for data in (DATA, other, dataset):
        list(stream(BASE, {}, data, engine="inline", store=tmp_path))
    assert len(trained) == 3
    for data in (DATA, (DATA[0], {**DATA[1], "seed": 0}), other, load(DATA[0], **DATA[1])):
        list(stream(BASE, {}, data, engine="inline", store=tmp_path))
    assert len(trained) == 3
    assert len(read_store(tmp_path)) == 3
    assert fingerprint(replace(dataset, x=dataset.x + 1)) != fingerprint(dataset)
    changed = replace(dataset, train=dataset.validation, validation=dataset.train)
    assert fingerprint(changed) != fingerprint(dataset)


def test_broken_and_foreign_files_are_named_and_left_alone(tmp_path, trained):
    whole = sweep(BASE, GRID, DATA, engine="inline", store=tmp_path)
    first, second = sorted(tmp_path.glob("*.parquet"))
    first.write_bytes(first.read_bytes()[:1000])
    (tmp_path / "foreign.parquet").write_text("not Parquet at all")
    pd.DataFrame({"key": ["mine"]}).to_parquet(tmp_path / "other.parquet")
    (tmp_path / "notes.txt").write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path != first}
    trained.clear()
    with pytest.warns(StoreWarning) as caught:
        again = sweep(BASE, GRID, DATA, engine="inline", store=tmp_path)
    for name in (first.name, "foreign.parquet", "other.parquet"):
        assert any(f"{name} is not a part of a sweep" in str(w.message) for w in caught)
    assert len(caught) == 3
    assert len(trained) == 2  # what was in the broken part, which is whole again
    pd.testing.assert_frame_equal(again, whole, check_exact=True)
    assert {path: path.read_bytes() for path in before} == before
    assert second in before


def test_a_run_that_this_version_does_not_know_is_left_out(tmp_path):
    list(stream(BASE, GRID, DATA, engine="inline", store=tmp_path))
    for part in tmp_path.glob("*.parquet"):
        table = parquet.read_table(part)
        foreign = [text.replace('"bce"', '"hinge"') for text in table["config"].to_pylist()]
        place = table.schema.get_field_index("config")
        parquet.write_table(table.set_column(place, "config", pa.array(foreign)), part)
    with pytest.warns(StoreWarning, match="loss must be one of .*; got 'hinge'.*left out"):
        assert [result.config.loss for result in read_store(tmp_path)] == ["focal", "focal"]


@pytest.mark.parametrize("lost", ["test.micro_jaccard", "thresholds", "key"])
def test_runs_that_lack_something_train_again(lost, tmp_path, trained):
    list(stream(BASE, GRID, DATA, engine="inline", store=tmp_path))
    part = min(tmp_path.glob("*.parquet"))
    table = parquet.read_table(part)
    parquet.write_table(table.drop_columns([lost]), part)
    trained.clear()
    with pytest.warns(
        StoreWarning, match=f"cannot be read with this version .*{lost}|lacks {lost}"
    ):
        assert len(list(stream(BASE, GRID, DATA, engine="inline", store=tmp_path))) == 4
    assert len(trained) == 2
    assert len(read_store(tmp_path)) == 4  # the part was written again


@contextmanager
def files_of_at_most(size: int):
    """A disk that is full for any larger file: writing one fails as on a full disk."""
    resource = pytest.importorskip("resource")
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


def test_a_full_disk_costs_no_result(tmp_path):
    whole = sweep(BASE, GRID, DATA, engine="inline")
    with warnings.catch_warnings(record=True) as caught, files_of_at_most(2000):
        warnings.simplefilter("always")
        frame = sweep(BASE, GRID, DATA, engine="inline", store=tmp_path)
    pd.testing.assert_frame_equal(frame, whole, check_exact=True)
    (warning,) = caught  # one for all groups
    assert warning.category is StoreWarning
    assert f"cannot be stored in {tmp_path}" in str(warning.message)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"store must be a folder, got .*file"):
        stream(BASE, {}, DATA, store=tmp_path / "file")
    with pytest.raises(ValueError, match="folder must be there"):
        read_store(tmp_path / "nowhere")


def test_failed_runs_are_not_kept_and_tried_again(tmp_path, trained):
    wrong = replace(BASE, device="cuda" if "cuda" not in available_devices() else "mps")
    for _ in range(2):
        (result,) = stream(wrong, {}, DATA, engine="inline", store=tmp_path)
        assert "device" in result.error
    assert len(trained) == 2
    assert not list(tmp_path.iterdir())
