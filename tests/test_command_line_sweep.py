"""Sweeps on the command line: what they write, what they say and how they end."""

import io
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pandas as pd
import pytest

from mlcore.command_line import output, table, values
from mlcore.sweeps import epoch_frame, stream, summary_frame, sweep
from mlcore.training import TrainConfig
from tests.command_line import DATA, TINY, at_count, press_ctrl_c, run
from tests.conftest import PATIENCE, ROOT, wait_until

SWEEP = ("sweep", *TINY, "--epochs", "3", "--engine", "inline")


GRID = ("--loss", "bce_pos_weight", "--grid", "pos_weight=1,balanced", "learning_rate=0.01,0.1")


def test_a_sweep_is_written_as_the_library_gives_it(tmp_path, capsys):
    out = tmp_path / "surface.parquet"
    run(*SWEEP, *GRID, "--seeds", "0-1", "--out", str(out))
    base = TrainConfig(loss="bce_pos_weight", model="linear", epochs=3)
    grid = {"pos_weight": [1.0, "balanced"], "learning_rate": [0.01, 0.1]}
    expected = sweep(base, grid, DATA, seeds=(0, 1), engine="inline")
    pd.testing.assert_frame_equal(pd.read_parquet(out), expected)
    assert "32 rows written to" in capsys.readouterr().err


def test_cells_are_ranked_by_validation_rows_and_reported_on_test_rows(capsys):
    run(*SWEEP, *GRID, "--seeds", "0-2", "--metric", "macro_f1", "--top", "3")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Best 3 of 4 cells by macro F1 on validation rows")
    assert lines[1].startswith("Macro averages are over the labels that occur, those with a true")
    assert lines[2] == "Means over 3 seeds ± half of their range."
    base = TrainConfig(loss="bce_pos_weight", model="linear", epochs=3)
    grid = {"pos_weight": [1.0, "balanced"], "learning_rate": [0.01, 0.1]}
    runs = summary_frame(list(stream(base, grid, DATA, seeds=(0, 1, 2), engine="inline")))
    cells = []
    for (weight, rate), cell in runs.groupby(["pos_weight", "learning_rate"]):
        row = [weight.removesuffix(".0"), f"{rate:g}"]
        for column, digits in (
            ("tuned_validation_macro_f1", 4),
            ("tuned_threshold_macro_f1", 2),
            ("test_macro_f1", 4),
            ("tuned_test_macro_f1", 4),
        ):
            half = (cell[column].max() - cell[column].min()) / 2
            row += [f"{cell[column].mean():.{digits}f} ± {half:.{digits}f}"]
        cells.append((cell["tuned_validation_macro_f1"].mean(), row))
    cells.sort(key=lambda pair: -pair[0])
    printed = [re.split(r" {2,}", line) for line in lines[4:]]
    assert printed == [[str(rank), *row] for rank, (_, row) in enumerate(cells[:3], 1)]


def test_a_figure_that_is_best_where_it_is_least_ranks_upwards():
    results = list(
        stream(
            TrainConfig(model="linear", epochs=3),
            {"learning_rate": [1e-4, 1e-2, 1.0]},
            DATA,
            engine="inline",
        )
    )
    cells = table.rank_cells(results, ["learning_rate"], "hamming_loss", 1)
    assert cells["tuned_validation"].is_monotonic_increasing
    assert cells["tuned_validation"].nunique() > 1


def test_diverged_cells_are_marked_below_the_others_and_are_no_error(capsys):
    words = ("--optimizer", "sgd", "--hidden", "8", "--grid", "learning_rate=1e30,0.1")
    run(*SWEEP, "--model", "mlp", *words, "--seeds", "0-1")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Best 1 of 2 cells")
    assert lines[-2].split()[:2] == ["1", "0.1"]
    assert lines[-1].split() == ["-", "1e+30", "-", "-", "-", "-", "diverged"]


def test_a_failed_run_is_told_with_its_reason_and_the_others_are_kept(
    tmp_path, monkeypatch, capsys
):
    from mlcore.sweeps import run as running

    really = running._run

    def run_or_fail(dataset, configs):
        if any(config.learning_rate == 0.1 for config in configs):
            raise RuntimeError("out of memory")
        return really(dataset, configs)

    monkeypatch.setattr(running, "_run", run_or_fail)
    out = tmp_path / "kept.csv"
    run(*SWEEP, "--grid", "learning_rate=0.01,0.1", "--out", str(out), code=1)
    printed = capsys.readouterr()
    assert "error: 1 of 2 runs failed:\n  RuntimeError: out of memory\n" in printed.err
    assert printed.out.splitlines()[-1].endswith("failed")
    assert set(pd.read_csv(out)["epoch"]) == {0, 1, 2, 3}


def test_a_cluster_that_is_not_there_is_told_without_a_traceback(monkeypatch, capsys):
    from mlcore.sweeps import cluster

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    words = ("--engine", "dask", "--address", "tcp://127.0.0.1:9")
    run("sweep", *TINY, "--epochs", "3", *words, code=1)
    printed = capsys.readouterr()
    assert "error: no Dask scheduler answers at tcp://127.0.0.1:9" in printed.err
    assert "0 of 1 runs are finished." in printed.err


def test_draws_over_losses_give_each_its_own_parameters(capsys, tmp_path):
    out = tmp_path / "drawn.csv"
    drawn = ("--draws", "6", "--grid", "loss=bce,focal", "gamma=0..3", "learning_rate=1e-3..1:log")
    run(*SWEEP, *drawn, "--out", str(out))
    assert "Best 6 of 6 cells" in capsys.readouterr().out
    cells = pd.read_csv(out).groupby("learning_rate").first()
    assert (cells["gamma"].notna() == (cells["loss"] == "focal")).all()
    assert set(cells["loss"]) == {"bce", "focal"}
    run(*SWEEP, *drawn, "--draw-seed", "1", "--out", str(tmp_path / "others.csv"))
    others = pd.read_csv(tmp_path / "others.csv")
    assert not set(others["learning_rate"]) & set(cells.index)


class Terminal(io.StringIO):
    """Somebody who types, or whom is written to."""

    def isatty(self):
        return True


MANY = ("--grid", "learning_rate=0.01..0.1:4", "--seeds", "0-1", "--most-runs", "7")


def test_too_many_runs_are_refused_with_how_long_they_would_take(capsys):
    run(*SWEEP, *MANY, code=2)
    message = r"the sweep has 8 runs, about \d+ s on one core, which is more than --most-runs 7"
    assert re.search(message, capsys.readouterr().err)
    run(*SWEEP, "--seeds", "0-7", *MANY[-2:], code=2)
    assert re.search(message, capsys.readouterr().err), "of seeds alone too"
    run(*SWEEP, *MANY[:-1], "8")
    assert "Best 4 of 4 cells" in capsys.readouterr().out


def test_a_grid_beyond_all_counting_is_refused_quickly(capsys):
    start = time.process_time()
    axes = "learning_rate=0.01..0.1:9000", "weight_decay=0..1:9000", "momentum=0..0.9:9000"
    run(*SWEEP, "--optimizer", "sgd", "--grid", *axes, code=2)
    assert "729,000,000,000 runs, about " in capsys.readouterr().err
    assert time.process_time() - start < 10


@pytest.mark.parametrize(("quiet", "shown"), [((), True), (("--quiet",), False)])
def test_a_bar_shows_on_a_terminal_unless_it_is_to_be_quiet(quiet, shown, monkeypatch):
    told = Terminal()
    monkeypatch.setattr(sys, "stderr", told)
    run(*SWEEP, "--grid", "learning_rate=0.01,0.1", *quiet)
    assert ("2/2" in told.getvalue()) == shown


def test_a_store_is_read_instead_of_training_again(tmp_path, monkeypatch, capsys):
    words = (*SWEEP, *GRID, "--store", str(tmp_path / "new" / "store"))
    run(*words)
    first = capsys.readouterr().out
    from mlcore.sweeps import engine

    monkeypatch.delattr(engine, "train_part")
    run(*words)
    assert capsys.readouterr().out == first


def test_results_that_cannot_be_written_are_offered_elsewhere(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "folder"
    folder.mkdir()
    at_count(monkeypatch, 1, lambda: shutil.rmtree(folder))
    words = "--grid", "learning_rate=0.01,0.1", "--out", str(folder / "surface.csv")
    run(*SWEEP, *words, code=3)
    printed = capsys.readouterr()
    assert "surface.csv could not be written: " in printed.err
    elsewhere = re.search(r"The results are in (\S+)", printed.err)[1]
    assert len(pd.read_csv(elsewhere)) == 8
    assert "Best 2 of 2 cells" in printed.out


def test_runs_that_cannot_be_stored_are_told_shown_and_kept(tmp_path, monkeypatch, capsys):
    store = tmp_path / "store"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def lose_store():
        shutil.rmtree(store)
        store.write_text("no folder any more")

    at_count(monkeypatch, 1, lose_store)
    run(*SWEEP, *GRID, "--store", str(store), code=3)
    printed = capsys.readouterr()
    assert f"warning: results cannot be stored in {store}" in printed.err
    assert "Best 4 of 4 cells" in printed.out
    kept = pd.read_csv(re.search("The results are in (.+)", printed.err)[1])
    assert len(kept) == 16


def test_a_name_as_long_as_a_name_may_be_is_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".csv")
    assert output.keep(pd.DataFrame({"n": [1]}), path)
    assert path.read_text() == "n\n1\n"


def test_a_file_that_is_replaced_is_whole_and_nothing_lies_beside_it(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_text("old")
    frame = pd.DataFrame({"hidden": ["8-4", "2"], "n": [1, 2]})
    assert output.keep(frame, path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


@pytest.mark.parametrize("command", [SWEEP, ("train", *TINY, "--epochs", "2")], ids=str)
def test_ctrl_c_while_the_file_is_written_changes_nothing(command, tmp_path, monkeypatch, capsys):
    real = output.write_table

    def interrupted(*table):
        press_ctrl_c()
        real(*table)

    monkeypatch.setattr(output, "write_table", interrupted)
    out = tmp_path / "table.csv"
    run(*command, "--out", str(out))
    assert "micro F1" in capsys.readouterr().out
    assert len(pd.read_csv(out)) == 1 + int(command[-1] if command[0] == "train" else 3)


def test_what_was_tried_has_a_column_even_with_one_value(tmp_path):
    out = tmp_path / "one.csv"
    run(*SWEEP, "--draws", "1", "--grid", "learning_rate=1e-3..1e-1:log", "--out", str(out))
    rates = set(pd.read_csv(out)["learning_rate"])
    assert len(rates) == 1
    assert 1e-3 <= rates.pop() <= 1e-1


def test_fewer_runs_than_draws_are_told(capsys):
    run(*SWEEP, "--loss", "focal", "--draws", "9", "--grid", "gamma=1,2")
    assert "Of 9 draws 2 are different." in capsys.readouterr().err


def test_ctrl_c_in_a_sweep_keeps_what_is_finished_and_the_same_command_goes_on(tmp_path, capsys):
    store, out = tmp_path / "store", tmp_path / "runs.csv"
    grid = "learning_rate=1e-3..1e-1:16:log"  # four groups, one after the other
    words = ["sweep", *TINY, "--epochs", "150", "--engine", "inline", "--grid", grid]
    kept = ["--store", str(store), "--out", str(out)]
    command = [sys.executable, "-m", "mlcore", *words, *kept]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: len(list(store.glob("*.parquet"))) >= 2, "two groups")
    process.send_signal(signal.SIGINT)
    printed, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    finished = int(re.search(r"Interrupted: (\d+) of 16 runs are finished\.", told)[1])
    assert 4 <= finished < 16
    assert "Traceback" not in told
    assert f" of {finished} cells" in printed
    assert len(pd.read_csv(out)) == finished * 151
    onwards = re.search(r"To go on: python -m mlcore (.*)", told)[1]
    assert shlex.split(onwards) == [*words, *kept, "--overwrite"]

    run(*shlex.split(onwards))
    assert "Best 10 of 16 cells" in capsys.readouterr().out
    config = TrainConfig(model="linear", epochs=150)
    rates = {"learning_rate": values.read_grid("learning_rate", grid.split("=")[1], ["bce"])}
    whole = epoch_frame(list(stream(config, rates, DATA, engine="inline")))
    pd.testing.assert_frame_equal(pd.read_csv(out), whole)
