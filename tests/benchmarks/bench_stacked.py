"""Time of many runs as one stacked model against the same runs one by one.

    python -m tests.benchmarks.bench_stacked

"usual" is the loop of `bench_training` (TensorDataset, DataLoader, BCEWithLogitsLoss, Adam,
`loss.item()`) once for each run. "one by one" is a race of each configuration by itself, by
autograd. "stacked" is all as one model. All train to the end and record nothing on the way, on two
threads. "recorded" is stacked with every validation row scored after each epoch at 101 thresholds.
Runs differ in pos_weight. They take turns within a round; a ratio is the median over rounds of that
round's time over that of "usual" (or of "one by one").

The share of the peak is the arithmetic of a step's matrix products over the time it took, against
the best of several large products in the same run.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch

from mlcore.training import Race, TrainConfig
from tests.benchmarks.bench_training import BATCH_SIZE, THREADS, make_rows, our_epoch, usual_epoch

CASES = [  # features, hidden, labels, training rows, runs, epochs, rounds, targets
    (64, (), 10, 2_000, 32, 20, 5, "stacked <= 1/40 of usual"),
    (64, (), 10, 2_000, 16, 20, 5, "stacked <= 1/4 of one by one"),
    (128, (128,), 512, 6_500, 8, 2, 7, "stacked <= 0.45 of usual"),
    (128, (512,), 512, 6_500, 4, 1, 7, ""),
    (512, (), 512, 6_500, 4, 2, 7, ""),
]


def peak_flops(size: int = 2048, device: str = "cpu") -> float:
    """Multiplications and additions a second in the best of several large matrix products."""
    a, b = torch.randn(2, size, size, device=device)
    return 2 * size**3 / min(seconds_of(lambda: a @ b, device) for _ in range(8))


def seconds_of(action: Callable[[], object], device: str = "cpu") -> float:
    """What an action takes, until a GPU too is done with it."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    start = time.perf_counter()
    action()
    wait()
    return time.perf_counter() - start


def configs_of(hidden: tuple[int, ...], runs: int, epochs: int, device: str) -> list[TrainConfig]:
    """Runs that differ in pos_weight."""
    base = TrainConfig(
        loss="bce_pos_weight",
        model="mlp" if hidden else "linear",
        hidden=hidden,
        batch_size=BATCH_SIZE,
        epochs=epochs,
        device=device,
    )
    weights = np.geomspace(1, 50, runs).tolist()
    return [replace(base, loss_params={"pos_weight": weight}) for weight in weights]


def flops_of_step(widths: tuple[int, ...]) -> int:
    """Of one run's matrix products: forward, gradient of weights, and of inputs but the first."""
    products = [2 * BATCH_SIZE * wide * narrow for wide, narrow in pairwise(widths)]
    return 3 * sum(products) - products[0]


def main() -> None:
    torch.set_num_threads(THREADS)
    print(f"torch {torch.__version__}, {THREADS} threads, batches of {BATCH_SIZE}, Adam, seconds")
    for features, hidden, labels, rows, runs, epochs, rounds, target in CASES:
        configs = configs_of(hidden, runs, epochs, "cpu")
        dataset = make_rows(features, labels, rows)

        def usual(config=configs[0], data=dataset, runs=runs, epochs=epochs):
            for _ in range(runs):
                epoch = usual_epoch(config, data)
                for _ in range(epochs):
                    epoch()

        def one_by_one(configs=configs, data=dataset, epochs=epochs):
            for config in configs:
                epoch = our_epoch([config], data, stacked=False)
                for _ in range(epochs):
                    epoch()

        def stacked(configs=configs, data=dataset, epochs=epochs):
            epoch = our_epoch(configs, data, stacked=True)
            for _ in range(epochs):
                epoch()

        def recorded(configs=configs, data=dataset):
            for _ in Race(configs, data, thresholds=np.arange(101) / 100):
                pass

        ways = {"usual": usual, "one by one": one_by_one, "stacked": stacked, "recorded": recorded}
        seconds = {name: [] for name in ways}
        for place in range(rounds + 1):
            for name, train in ways.items():
                took = seconds_of(train)
                if place:  # the first round fills caches
                    seconds[name].append(took)
        times = {name: np.array(values) for name, values in seconds.items()}
        shape = "-".join(map(str, (features, *hidden, labels)))
        print(f"\n{shape}, {rows} rows, {runs} runs of {epochs} epochs; {rounds} rounds. {target}")
        for name, values in times.items():
            low, ratio, high = np.percentile(values / times["usual"], [25, 50, 75])
            own = np.median(values / times["one by one"])
            print(
                f"  {name:12} {np.median(values):8.3f} s  of usual {ratio:6.4f} "
                f"({low:.4f}-{high:.4f}) = 1/{1 / ratio:<6.1f} of one by one {own:.3f}"
            )
        steps = -(-rows // BATCH_SIZE) * epochs
        done = flops_of_step((features, *hidden, labels)) * steps * runs
        speed = done / np.median(times["stacked"])
        peak = peak_flops()
        print(
            f"  stacked: {speed / 1e9:.0f} of {peak / 1e9:.0f} GFLOP/s, "
            f"{speed / peak:.0%} of the measured peak of a matrix product"
        )


if __name__ == "__main__":
    main()
