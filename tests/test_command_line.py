"""The command line: what it takes, what it says of mistakes, and one run."""

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from mlcore.command_line import options, output, values
from mlcore.figures import FIGURES
from mlcore.training import Race, TrainConfig, train
from tests.command_line import DATA, SMALL, TINY, at_count, press_ctrl_c, run
from tests.conftest import ROOT


def examples(text):
    """The commands that a help text shows."""
    shown = text.split("examples:\n")[1].split("\n\n")[0].replace("\\\n", " ")
    return [shlex.split(line)[3:] for line in shown.splitlines() if line.strip()]


def shortened(words):
    """The same command on a few rows, and in this process unless it names workers."""
    words = [word for word in words if not re.match("--data-set$|rows=|labels=", word)]
    words += [] if "debtags" in words else SMALL
    alone = words[0] == "sweep" and not {"--workers", "--engine"} & set(words)
    return [*words, "--engine", "inline"] if alone else words


HELP_EXAMPLES = [*examples(options.TRAIN_EXAMPLES), *examples(options.SWEEP_EXAMPLES)]


@pytest.mark.parametrize("words", HELP_EXAMPLES, ids=" ".join)
def test_the_examples_of_the_help_run(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    parser, _ = options.build_parser()
    options.dataset_of(parser.parse_args(words))  # as it stands
    run(*shortened(words))
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
    assert set(options.METRICS) < set(FIGURES)


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
    (
        "sweep --engine inline --workers 2",
        r"workers is for engine 'processes' only, got engine 'inline'",
    ),
    (
        "sweep --grid gamma=1,2",
        r"gamma in a grid needs a loss that has it, such as focal, .*; got bce",
    ),
    ("sweep --grid gama=1,2", r"name in grid must be one of .*, poly; got 'gama'"),
    ("sweep --epochs 3 --grid epochs=1,2", r"--epochs has no effect where --grid tries epochs"),
    ("sweep --epochs=3 --grid epochs=1,2", r"--epochs has no effect where --grid tries epochs"),
    ("sweep --loss bce --grid loss=bce,focal", r"--loss has no effect where --grid tries loss"),
    ("sweep --set poly=1 --grid poly=1,2", r"--set poly has no effect where --grid tries poly"),
    (
        "sweep --set poly=1 --grid loss=bce,softmax",
        r"where --grid tries losses, give it their parameters too: --grid poly=1",
    ),
    ("sweep --momentum 0.5 --grid optimizer=adam,adamw", r"needs --optimizer sgd, got adam, adamw"),
    ("train --momentum 0.5", r"--momentum needs --optimizer sgd, got adam"),
    ("train --model linear --hidden 8", r"--hidden needs --model mlp, got linear"),
    ("train --overwrite", r"--overwrite is for --out FILE, which is not given"),
    (f"train --hidden 1{'0' * 400}", r"hidden must be at most 1e308 in size"),
    (f"sweep --seeds 1{'0' * 400}", r"seed must be at most 1e308 in size"),
    ("train --batch-size 1e30", r"batch_size must be <= 2147483647"),
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
    ("sweep --draw-seed 3 --grid learning_rate=0.1,1", r"give --draws N too"),
    ("sweep --draws 3 --grid learning_rate=0.1..1:5", r"must be low\.\.high\[:log\] where --draws"),
    ("sweep --seeds 3-1", r"seeds must go up, by less than 10000, got 3-1"),
    ("sweep --seeds a", r"seeds must be such as 3, 0-4 or 0,1,7; got 'a'"),
    ("sweep --workers 0", r"workers must be a whole number >= 1, got '0'"),
    ("sweep --metric recall", r"--metric: invalid choice: 'recall'"),
    ("sweep --engine dask", r"engine 'dask' needs the address of a scheduler, as in tcp://h"),
    ("sweep --engine dask --address foo", r"address must have a port, .* got 'foo'"),
    ("sweep --address tcp://a:1", r"address is for engine 'dask' only, got engine 'processes'"),
    ("sweep --store=", r"store must be a folder, got ''"),
    ("sweep --store there.csv", r"store must be a folder, got there\.csv: .*File exists"),
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
    # What is written is exact; pandas 2 reads it to a unit in the last place.
    np.testing.assert_array_max_ulp(
        frame["validation_loss"], np.array([record.validation_loss for record in records]), 1
    )
    np.testing.assert_array_max_ulp(
        frame["micro_f1"], np.array([record.scores["micro_f1"][0] for record in records]), 1
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
    assert shown.endswith("those with a true row among the rows looked at.\n")
    at = max(records, key=lambda record: record.scores["micro_f1"][0])
    best = f"micro F1 {at.scores['micro_f1'][0]:.4f} (epoch {at.epoch:.0f})"
    assert f"Best on validation rows, at 0.5: {best}, " in shown


def test_a_run_that_diverges_says_so_and_is_no_error(tmp_path, capsys):
    out = tmp_path / "run.parquet"
    words = ("--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", "3", "--out", str(out))
    run("train", *SMALL, *words)
    assert "The run diverged by epoch 1" in capsys.readouterr().out
    assert pd.read_parquet(out)["diverged"].any()


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


def broken_pipe():
    """A stream that nobody reads any more, as that to a `tee` which Ctrl-C has ended."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w")


@pytest.mark.parametrize("make", [broken_pipe, nullcontext], ids=["broken", "closed"])
@pytest.mark.parametrize(
    "words",
    [
        ("train", "--epochs", "4"),
        ("sweep", "--epochs", "1", "--seeds", "0-3", "--engine", "inline"),
    ],
)
def test_nothing_is_lost_where_nobody_hears_of_it(words, make, tmp_path, monkeypatch, capsys):
    out = str(tmp_path / "run.csv")
    for code, rows in ((0, 5), (130, 3)):
        with make() as stream, monkeypatch.context() as now:
            now.setattr(sys, "stderr", stream)
            if code:
                at_count(now, 2, press_ctrl_c)
            run(*words, *TINY, "--out", out, "--overwrite", code=code)
        assert len(pd.read_csv(out)) >= rows
    assert "micro F1" in capsys.readouterr().out


def test_results_that_cannot_be_printed_are_told_and_no_success(tmp_path, monkeypatch, capsys):
    with broken_pipe() as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        run("train", *TINY, "--epochs", "1", "--out", str(tmp_path / "run.csv"), code=3)
    assert "could not be printed: Broken pipe" in capsys.readouterr().err
    assert len(pd.read_csv(tmp_path / "run.csv")) == 2
