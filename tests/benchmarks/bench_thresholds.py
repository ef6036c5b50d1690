"""Time and memory of a threshold sweep, in classification reports of scikit-learn.

    python -m tests.benchmarks.bench_thresholds

The yardstick is one `sklearn.metrics.classification_report` at a threshold of 0.5 on sparse tables
made beforehand, its fast path. Scores are calibrated: sigmoids of logits that are normal around
those of each label (normal, 1.5), with targets drawn from them, 1 % true. A spread of 3 there
predicts 0.4 % of the cells at 0.5, about as BCE does on the Debian tags; with 1.8 a model knows
less, and the yardstick has less to count. "Broad" ones have odds 50 times as high, or as many
times as a label's false rows outnumber its true ones, as after training with such weights. All
contenders take turns within a round, so that a slow moment of the machine hits all of them; a ratio
is the median over rounds of that round's time over the yardstick's. What ends in "by 3" is measured
on three thresholds or labels and multiplied. The table says what a ratio should be at most, where
there is a target.
"""

import ctypes
import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numba
import numpy as np
import sklearn
from scipy.sparse import csr_matrix
from sklearn.metrics import (
    average_precision_score,
    classification_report,
    label_ranking_average_precision_score,
    precision_recall_curve,
)

from mlcore.thresholds import ThresholdSweep
from mlcore.thresholds.ranking import ranking_of

CURVES = 20  # labels to time precision_recall_curve on, where there are more
GRID = (0.01, 0.1, 0.5)  # thresholds to time scikit-learn at
MOVES = LOOK_UPS = 1_000


@dataclass(frozen=True)
class Setting:
    """A table to measure on, and what is to be reached on it, in reports.

    Attributes:
        build: Target of building a sweep of 101 thresholds.
        rounds: How often everything takes its turn.
        spread: Standard deviation of the logits around those of a label.
        odds: What the odds of calibrated scores are multiplied by; 0 for "balanced" weights.
        dense: Whether to time the yardstick on dense tables, too.
        long: Whether to time scikit-learn where that takes many reports.
    """

    rows: int
    labels: int
    build: float
    rounds: int
    spread: float = 3.0
    odds: float = 1.0
    dense: bool = False
    long: bool = True


SETTINGS = [
    Setting(2_000, 10, 0.2, 40),
    Setting(10_000, 100, 0.85, 15),
    Setting(30_000, 512, 0.8, 7, dense=True),
    Setting(30_000, 512, 0.8, 7, spread=1.8, long=False),
    Setting(30_000, 512, 0.15, 7, odds=50.0, long=False),
    Setting(30_000, 512, 0.15, 5, odds=0.0, long=False),
    Setting(100_000, 512, 0.9, 5, long=False),
]


@dataclass
class Contender:
    """Something to time: calls per turn, what to multiply by, and the target in reports."""

    name: str
    step: Callable[[], object]
    calls: float = 1
    target: float | None = None
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        start = time.perf_counter()
        self.step()
        self.seconds.append((time.perf_counter() - start) / self.calls)


def tables(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """Targets, uint8, and probabilities, float32, of a setting."""
    rng = np.random.default_rng(0)
    shape = setting.rows, setting.labels
    logits = rng.standard_normal(shape, np.float32) * np.float32(setting.spread)
    logits += rng.standard_normal(setting.labels, np.float32) * np.float32(1.5)
    few = logits[:2_000]
    low, high = -20.0, 0.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(few + middle).mean() < 0.01 else (low, middle)
    logits += np.float32(low)
    targets = (rng.random(shape, np.float32) < sigmoid(logits)).view(np.uint8)
    share = targets.mean(axis=0).clip(1 / setting.rows, 1 - 1 / setting.rows)
    logits += np.log(setting.odds or (1 - share) / share).astype(np.float32)
    return targets, sigmoid(logits)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    p = np.exp(-logits)
    p += 1
    return np.reciprocal(p, out=p)


def report(targets, predictions) -> dict:
    return classification_report(targets, predictions, output_dict=True, zero_division=0)


def contenders(setting: Setting, targets: np.ndarray, scores: np.ndarray) -> list[Contender]:
    """What is timed; the yardstick comes first."""
    sparse = csr_matrix(targets), csr_matrix((scores >= 0.5).view(np.uint8))
    sweep = ThresholdSweep(targets, scores)
    swept = sweep.thresholds.tolist()
    moving = sweep.moving(0.5)
    rng = np.random.default_rng(0)
    labels, limits = rng.integers(0, setting.labels, MOVES), rng.random(MOVES)
    moves = list(zip(labels.tolist(), limits.tolist(), strict=True))

    def look_up():
        for i in range(LOOK_UPS):
            sweep.at(swept[i % 101])

    def move():
        for label, threshold in moves:
            moving.move(label, threshold)

    def at_grid():
        for threshold in GRID:
            report(sparse[0], csr_matrix((scores >= threshold).view(np.uint8)))

    curves = min(CURVES, setting.labels)

    def by_curves():
        for label in range(curves):
            precision, recall, limits = precision_recall_curve(targets[:, label], scores[:, label])
            f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-30)
            limits[f1[:-1].argmax()]

    found = [
        Contender("one report, sparse", lambda: report(*sparse)),
        Contender("building 101", lambda: ThresholdSweep(targets, scores), target=setting.build),
        Contender("building 1001", lambda: ThresholdSweep(targets, scores, thresholds=1001)),
        Contender("1,000 look-ups on the grid", look_up, target=0.1),
        Contender("one move of a label", move, MOVES, target=1 / 500),
        Contender("best_per_label alone", sweep.best_per_label, target=1.4),
        Contender(
            "building 101, then best_per_label",
            lambda: ThresholdSweep(targets, scores).best_per_label(),
            target=1.4,
        ),
        Contender("mAP and LRAP", lambda: ranking_of(targets, scores, "occurring")),
        Contender("reading both tables, .max()", lambda: (scores.max(), targets.max())),
    ]
    if setting.dense:
        dense = targets, (scores >= 0.5).view(np.uint8)
        found.append(Contender("one report, dense", lambda: report(*dense)))
    if setting.long:
        found.append(
            Contender(
                "mAP and LRAP of scikit-learn",
                lambda: (
                    average_precision_score(targets, scores),
                    label_ranking_average_precision_score(targets, scores),
                ),
            )
        )
        name = f"101 reports, by {len(GRID)}"
        found.append(Contender(name, at_grid, len(GRID) / 101))
        name = f"precision_recall_curve, all labels, by {curves}"
        found.append(Contender(name, by_curves, curves / setting.labels))
    return found


def measure(setting: Setting) -> None:
    targets, scores = tables(setting)
    print(
        f"\n{setting.rows:,} x {setting.labels} float32, spread {setting.spread:g}, "
        f"odds times {setting.odds or 'false / true'}, "
        f"{setting.rounds} rounds: {targets.mean():.2%} true, {(scores >= 0.01).mean():.1%} of "
        f"scores >= 0.01, {(scores >= 0.5).mean():.2%} predicted at 0.5"
    )
    runners = contenders(setting, targets, scores)
    for _ in range(setting.rounds):
        for runner in runners:
            runner.run()
    yardstick = np.array(runners[0].seconds)
    print(
        f"{'milliseconds':44} {'median':>9} {'quartiles':>19} {'ratio':>9} {'quartiles':>19} target"
    )
    for runner in runners:
        seconds = np.array(runner.seconds)
        low, median, high = np.percentile(seconds * 1e3, [25, 50, 75])
        ratio_low, ratio, ratio_high = np.percentile(seconds / yardstick, [25, 50, 75])
        target = "" if runner.target is None else f"{runner.target:g}"
        print(
            f"{runner.name:44} {median:9.3f} {low:9.3f}-{high:<9.3f} {ratio:9.4f} "
            f"{ratio_low:9.4f}-{ratio_high:<9.4f} {target}"
        )
    by_name = {runner.name: np.array(runner.seconds) for runner in runners}
    for name, seconds in by_name.items():
        for slow, fast in (
            ("precision_recall_curve", "building 101, then best_per_label"),
            ("101 reports", "building 101"),
        ):
            if name.startswith(slow):
                low, ratio, high = np.percentile(seconds / by_name[fast], [25, 50, 75])
                target = ", target at least 20" if slow == "precision_recall_curve" else ""
                print(f"{name}: {ratio:.0f} times ({low:.0f}-{high:.0f}) {fast}{target}")


def resident(entry: str) -> int:
    """Bytes that Linux says this process has (VmRSS), or had at most (VmHWM)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{entry}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(entry)


def measure_memory(setting: Setting) -> None:
    """What building takes at most, beside the tables: by NumPy, and all that Linux sees."""
    targets, scores = tables(setting)
    size = targets.nbytes + scores.nbytes
    print(f"\nMemory at {setting.rows:,} x {setting.labels}, both tables {size / 1e6:.0f} MB")
    actions = {
        "building 101": lambda: ThresholdSweep(targets, scores),
        "building 1001": lambda: ThresholdSweep(targets, scores, thresholds=1001),
        "building 101, then best_per_label": lambda: ThresholdSweep(
            targets, scores
        ).best_per_label(),
        "moving(0.5)": lambda: ThresholdSweep(targets, scores).moving(0.5),
    }
    for name, action in actions.items():
        in_all = ""
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)  # else freed memory is used again, uncounted
            Path("/proc/self/clear_refs").write_text("5")  # the highest from now on
            before = resident("VmRSS")
            action()
            in_all = f", {(resident('VmHWM') - before) / size:6.3f} in all"
        tracemalloc.start()
        action()
        by_numpy = tracemalloc.get_traced_memory()[1] / size
        tracemalloc.stop()
        print(f"{name:44} {by_numpy:6.3f} of the tables by NumPy{in_all}")


def main() -> None:
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, numba {numba.__version__}, "
        f"scikit-learn {sklearn.__version__}, {os.cpu_count()} cores"
    )
    start = time.perf_counter()
    small = Setting(2_000, 3, 0.0, 1)
    for contender in contenders(small, *tables(small)):  # compiles all loops
        contender.run()
    print(f"compiled or read from the cache in {time.perf_counter() - start:.1f} s")
    for setting in SETTINGS:
        measure(setting)
    measure_memory(SETTINGS[-1])
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
