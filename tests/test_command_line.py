"""The command line: what it takes, what it writes, what it says and how it ends."""

import io
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from mlcore.command_line import main, options, output, table, values
from mlcore.sweeps import epoch_frame, stream, summary_frame, sweep
from mlcore.thresholds import figure_names
from mlcore.training import Race, TrainConfig, train
from tests.conftest import ROOT

SMALL = ("--data-set", "rows=200", "labels=8", "cardinality=2")
TINY = (*SMALL, "--model", "linear")
DATA = "synthetic", {"rows": 200, "labels": 8, "cardinality": 2.0}


def run(*words, code=0):
    """Run a command here; its exit code must be as expected."""
    try:
        actual = main(list(words))
    except SystemExit as end:
        actual = end.code
    assert actual == code


def examples(text):
    """The commands that a help text shows."""
    shown = text.split("examples:\n")[1].split("\n\n")[0].replace("\\\n", " ")
    return [shlex.split(line)[3:] for line in shown.splitlines() if line.strip()]


HELP_EXAMPLES = [*examples(options.TRAIN_EXAMPLES), *examples(options.SWEEP_EXAMPLES)]


@pytest.mark.parametrize("words", HELP_EXAMPLES, ids=" ".join)
def test_the_examples_of_the_help_run(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run(*words)
    printed = capsys.readouterr()
    assert "micro F1" in printed.out or "by samples F1" in printed.out
    if "--out" in words:
        name = words[words.index("--out") + 1]
        read = pd.read_csv if name.endswith(".csv") else pd.read_parquet
        assert len(read(tmp_path / name)) > 2
        assert f"rows written to {name}" in printed.err


def test_help_shows_its_examples_at_once_without_torch():
    command = [sys.executable, "-X", "importtime", "-m", "mlcore", "sweep", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert options.SWEEP_EXAMPLES in done.stdout
    assert "mlcore.command_line" in done.stderr
    assert not re.search(r"\| +(torch|pandas|sklearn|numba)\b", done.stderr)


def test_the_metrics_to_rank_by_are_figures():
    assert set(options.METRICS) < set(figure_names())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning_rate=1e-3,0.1", [0.001, 0.1]),
        ("learning_rate=1e-3..1e-1:5:log", [0.001, 0.00316227766017, 0.01, 0.0316227766017, 0.1]),
        ("learning_rate=0.1..0.5:3", [0.1, 0.3, 0.5]),
        ("epochs=10..30:3", [10, 20, 30]),
        ("batch_size=1..3:9", [1, 2, 3]),
        ("hidden=8..32:3:log", [(8,), (16,), (32,)]),
        ("hidden=64,128-64", [(64,), (128, 64)]),
        ("pos_weight=1,balanced,1.0,sqrt", [1.0, "balanced", "sqrt"]),
        ("gamma=0..4:3", [0.0, 2.0, 4.0]),
        ("poly=-1..1:3", [-1.0, 0.0, 1.0]),
        ("detach_focusing=true,no", [True, False]),
        ("optimizer=adam,sgd", ["adam", "sgd"]),
        ("loss=bce,focal", ["bce", "focal"]),
    ],
)
def test_values_to_try_are_read_as_the_setting_takes_them(text, expected):
    name, _, listed = text.partition("=")
    losses = ["bce_pos_weight", "focal", "asymmetric"]
    read = values.read_grid(name, listed, losses)
    assert read == expected
    assert [type(value) for value in read] == [type(value) for value in expected]


def test_ranges_to_draw_from_are_read():
    assert values.read_draw("learning_rate", "1e-4..1:log", ["bce"]) == (1e-4, 1.0, "log")
    assert values.read_draw("gamma", "0..4", ["focal"]) == (0.0, 4.0)
    assert values.read_draw("hidden", "64,128-64", ["bce"]) == [(64,), (128, 64)]


WRONG = [
    ("train --out run.txt", r"--out must end in \.csv or \.parquet, got 'run\.txt'"),
    ("train --out no/where/run.csv", r"--out must be in a folder .* 'no/where': No such file"),
    ("train --out there.csv", r"--out is there already: 'there\.csv'; give --overwrite"),
    ("train --out folder.csv", r"--out must be a file, got the folder 'folder\.csv'"),
    ("train --loss hinge", r"--loss: invalid choice: 'hinge'"),
    ("train --loss focal --set gama=3", r"parameter of focal must be one of gamma, .*; got 'gama'"),
    ("train --loss focal --set gamma=x", r"gamma must be a number, got 'x'"),
    ("train --loss focal --set gamma=11", r"gamma must be <= 10\.0, got 11"),
    ("train --loss focal --set alpha=x", r"alpha must be a number or one of none, got 'x'"),
    ("train --loss focal --set gamma", r"--set must be name=value, got 'gamma'"),
    ("train --set poly=1 --set poly=2", r"--set must name each thing once, got poly twice"),
    ("train --loss zlpr --set a=1", r"parameter of zlpr must be one of none, .*; got 'a'"),
    ("train --loss asymmetric --set detach_focusing=1", r"one of true, yes, false, no; got '1'"),
    ("train --data-set rowz=5", r"option of synthetic must be one of labels, .*; got 'rowz'"),
    ("train --data-set rows=5", r"rows must be >= 100, got 5"),
    ("train --data-set rows=inf", r"rows must be finite, got 'inf'"),
    ("train --learning-rate nan", r"learning_rate must be finite, got 'nan'"),
    ("train --data-set rows=100.5", r"rows must be a whole number, got 100\.5"),
    ("train --data-set labels=4 cardinality=4", r"cardinality must be <= labels \* cap"),
    ("train --epochs 0", r"epochs must be >= 1, got 0"),
    ("train --epochs x", r"--epochs: epochs must be a number, got 'x'"),
    ("train --epochs 1.5", r"--epochs: epochs must be a whole number, got 1\.5"),
    ("train --hidden 8x8", r"hidden must be widths such as 512 or 256-128, got '8x8'"),
    ("train --device mps", r"device must be one of cpu.*; got 'mps'"),
    ("sweep --grid gamma=1,2 loss=bce,foo", r"loss must be one of softmax, .*; got 'foo'"),
    ("sweep --engine inline --workers 2", r"--workers is for --engine processes only, got inline"),
    ("sweep --grid gamma=1,2", r"what is tried must be one of .*, poly; got 'gamma'"),
    ("sweep --grid seed=1,2", r"seed is not a setting of --grid: give --seeds 0-2"),
    ("sweep --grid learning_rate=0.1..1", r"must say how many values to try, as in learning_rate="),
    ("sweep --grid learning_rate=1..0.1:3", r"learning_rate must go from low to high"),
    ("sweep --grid learning_rate=0..1:3:log", r"learning_rate must be > 0 where it is logarith"),
    ("sweep --grid learning_rate=0..1:1", r"learning_rate must be 2 to 10000 values, got 1"),
    ("sweep --grid learning_rate=1..2:b", r"must be a,b,c or low\.\.high:count\[:log\], got"),
    (
        "sweep --grid loss=a..b:3",
        r"loss must be one of|loss takes no numbers|loss must be a number",
    ),
    ("sweep --grid learning_rate=0,1", r"learning_rate must be > 0, got 0"),
    ("sweep --draws 3", r"--draws must have something to draw"),
    ("sweep --draws 3 --grid learning_rate=0.1..1:5", r"must be low\.\.high\[:log\] where --draws"),
    ("sweep --seeds 3-1", r"seeds must go up, by less than 10000, got 3-1"),
    ("sweep --seeds a", r"seeds must be such as 3, 0-4 or 0,1,7; got 'a'"),
    ("sweep --workers 0", r"workers must be a whole number >= 1, got '0'"),
    ("sweep --metric recall", r"--metric: invalid choice: 'recall'"),
    ("sweep --engine dask", r"address must be given for engine 'dask'"),
    ("sweep --store there.csv", r"--store must be a folder, 'there\.csv': File exists"),
    ("sweep --out gone/x.csv", r"--out must be in a folder that can be written to; 'gone'"),
    ("sweep --seed 3", r"unrecognized arguments: --seed 3"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[words for words, _ in WRONG])
def test_wrong_arguments_are_told_before_anything_is_trained(
    words, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("kept")
    (tmp_path / "folder.csv").mkdir()
    run(*words.split(), code=2)
    printed = capsys.readouterr()
    assert re.search(message, printed.err)
    assert printed.out == ""
    assert (tmp_path / "there.csv").read_text() == "kept"


def test_a_trained_run_is_written_as_the_library_trains_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = "--loss focal --set gamma=1 --learning-rate 0.05 --epochs 4 --seed 3 --out run.csv"
    run("train", *TINY, *words.split())
    frame = pd.read_csv("run.csv")
    from mlcore.datasets import load

    dataset = load(DATA[0], **DATA[1])
    config = TrainConfig(
        loss="focal", loss_params={"gamma": 1.0}, learning_rate=0.05, epochs=4, seed=3,
        model="linear",
    )  # fmt: skip
    records = list(train(config, dataset))
    assert frame["epoch"].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(
        frame["validation_loss"], [record.validation_loss for record in records]
    )
    np.testing.assert_array_equal(
        frame["micro_f1"], [record.scores["micro_f1"][0] for record in records]
    )

    # The test rows once more, by the definition: scikit-learn at every threshold of the grid.
    race = Race([config], dataset)
    list(race)
    grid = np.arange(101) / 100
    truth = {rows: dataset.y[getattr(dataset, rows)] for rows in ("validation", "test")}
    probabilities = {rows: race.probabilities(0, getattr(dataset, rows)) for rows in truth}

    def micro(rows, threshold):
        predicted = probabilities[rows] >= np.float32(threshold)
        return f1_score(truth[rows], predicted, average="micro", zero_division=0)

    best = grid[len(grid) - 1 - np.argmax([micro("validation", t) for t in grid[::-1]])]
    last = frame.iloc[-1]
    assert last["tuned_threshold_micro_f1"] == best
    assert last["tuned_test_micro_f1"] == pytest.approx(micro("test", best), abs=1e-12)
    assert last["test_micro_f1"] == pytest.approx(micro("test", 0.5), abs=1e-12)
    assert frame["test_micro_f1"].isna().tolist() == [True] * 4 + [False]
    shown = capsys.readouterr().out
    assert re.search(rf"threshold +0\.50 +{best:.2f} ", shown)
    assert re.search(rf"micro F1 +{micro('test', 0.5):.4f} +{micro('test', best):.4f} ", shown)
    assert "30 test rows; thresholds are tuned on 30 validation rows" in shown


def test_a_run_that_diverges_says_so_and_is_no_error(tmp_path, capsys):
    out = tmp_path / "run.parquet"
    words = ("--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", "3", "--out", str(out))
    run("train", *SMALL, *words)
    assert "The run diverged by epoch 1" in capsys.readouterr().out
    assert pd.read_parquet(out)["diverged"].any()


class Bar:
    """Stands for the progress bar; calls something when it comes to a count."""

    def __init__(self, count, then):
        self.n, self.count, self.then = 0, count, then

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def set_postfix_str(self, *_, **__):
        pass

    def update(self, more=1):
        self.n += more
        if more and self.n == self.count:
            self.then()


def at_count(monkeypatch, count, then):
    monkeypatch.setattr(output, "progress", lambda *_: Bar(count, then))


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_keeps_the_epochs_of_a_run_that_are_finished(tmp_path, monkeypatch, capsys):
    at_count(monkeypatch, 2, press_ctrl_c)
    out = tmp_path / "run.csv"
    run("train", *TINY, "--epochs", "50", "--out", str(out), code=130)
    assert pd.read_csv(out)["epoch"].tolist() == [0, 1, 2]
    printed = capsys.readouterr()
    assert "Interrupted after 2 of 50 epochs." in printed.err
    assert printed.out == ""


def test_ctrl_c_again_does_not_disturb_what_is_written(tmp_path, monkeypatch):
    at_count(monkeypatch, 2, press_ctrl_c)
    write, out = output.write_table, tmp_path / "run.csv"

    def write_impatiently(frame, path):
        press_ctrl_c()
        write(frame, path)

    monkeypatch.setattr(output, "write_table", write_impatiently)
    before = signal.getsignal(signal.SIGINT)
    run("train", *TINY, "--epochs", "50", "--out", str(out), code=130)
    assert pd.read_csv(out)["epoch"].tolist() == [0, 1, 2]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_that_fails_keeps_its_epochs_and_shows_no_traceback(tmp_path, monkeypatch, capsys):
    def fail():
        raise RuntimeError("out of memory")

    at_count(monkeypatch, 1, fail)
    out = tmp_path / "run.csv"
    run("train", *TINY, "--epochs", "5", "--out", str(out), code=1)
    assert len(pd.read_csv(out)) == 2
    assert "error: the run failed: out of memory" in capsys.readouterr().err


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
    assert lines[1] == "Means over 3 seeds ± half of their range."
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
    printed = [re.split(r" {2,}", line) for line in lines[3:]]
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

    def run_or_fail(dataset, configs, start):
        if any(config.learning_rate == 0.1 for config in configs):
            raise RuntimeError("out of memory")
        return really(dataset, configs, start)

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


class Terminal(io.StringIO):
    """Somebody who types, or whom is written to."""

    def isatty(self):
        return True


MANY = ("--grid", "learning_rate=0.01..0.1:4", "--seeds", "0-1", "--most-runs", "7")


def test_too_many_runs_are_refused_with_how_many_where_nobody_can_be_asked(capsys):
    run(*SWEEP, *MANY, code=2)
    message = r"the sweep has 8 runs, about \d+ s on one core, which is more than --most-runs 7"
    assert re.search(message, capsys.readouterr().err)
    run(*SWEEP, *MANY, "--yes")
    assert "Best 4 of 4 cells" in capsys.readouterr().out


def test_a_grid_beyond_all_counting_is_refused_quickly(capsys):
    start = time.monotonic()
    axes = "learning_rate=0.01..0.1:9000", "weight_decay=0..1:9000", "momentum=0..0.9:9000"
    run(*SWEEP, "--grid", *axes, code=2)
    assert "729,000,000,000 runs, about " in capsys.readouterr().err
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("", 2)])
def test_too_many_runs_are_asked_back_on_a_terminal(answer, code, monkeypatch, capsys):
    told = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", told)
    run(*SWEEP, *MANY, "--quiet", code=code)
    assert re.search(r"That is 8 runs, about \d+ s on one core\. Go on\? \[y/N\]", told.getvalue())
    assert ("Best 4 of 4" in capsys.readouterr().out) == (code == 0)


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


def test_runs_that_cannot_be_stored_are_stored_elsewhere(tmp_path, monkeypatch, capsys):
    store, copied = tmp_path / "store", tmp_path / "copied"

    def lose_store():
        shutil.rmtree(store)
        store.write_text("no folder any more")

    words = *SWEEP, *GRID, "--store"
    with monkeypatch.context() as patched:
        at_count(patched, 1, lose_store)
        run(*words, str(store), code=3)
    printed = capsys.readouterr()
    assert f"warning: results cannot be stored in {store}" in printed.err
    elsewhere = re.search(r"The runs are in (\S+): copy its files to", printed.err)[1]
    shutil.copytree(elsewhere, copied)
    from mlcore.sweeps import engine

    monkeypatch.delattr(engine, "train_part")
    run(*words, str(copied))
    assert capsys.readouterr().out == printed.out


def test_a_name_as_long_as_a_name_may_be_is_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".csv")
    assert output.keep(pd.DataFrame({"n": [1]}), path)
    assert path.read_text() == "n\n1\n"


def test_a_file_that_is_replaced_is_whole_and_nothing_lies_beside_it(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_text("old")
    frame = pd.DataFrame({"hidden": [(8, 4), 2], "pos_weight": [1.5, "balanced"], "n": [1, 2]})
    assert output.keep(frame, path)
    assert pd.read_parquet(path).to_dict("list") == {
        "hidden": ["8-4", "2"],
        "pos_weight": ["1.5", "balanced"],
        "n": [1, 2],
    }
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


def test_ctrl_c_in_a_sweep_keeps_what_is_finished_and_the_same_command_goes_on(tmp_path, capsys):
    store, out = tmp_path / "store", tmp_path / "runs.csv"
    grid = "learning_rate=1e-3..1e-1:16:log"  # four groups, one after the other
    words = ["sweep", *TINY, "--epochs", "150", "--engine", "inline", "--grid", grid]
    kept = ["--store", str(store), "--out", str(out)]
    command = [sys.executable, "-m", "mlcore", *words, *kept]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while len(list(store.glob("*.parquet"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    printed, told = process.communicate(timeout=60)
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
