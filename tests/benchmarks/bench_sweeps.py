"""Time of a sweep against the same runs one by one.

    python -m tests.benchmarks.bench_sweeps

8 learning rates x 8 weight decays x 3 seeds of a linear model. "one by one" does for each what a
sweep does, on one thread: it trains by autograd, scores each epoch at 0.5 and the end at 101
thresholds. "processes" includes the start of its processes, each of which imports torch.
"""

import time

import numpy as np
import torch

from mlcore.datasets import Dataset, load
from mlcore.sweeps import expand, expected_seconds, stream, with_seeds
from mlcore.thresholds import ThresholdSweep
from mlcore.training import TrainConfig
from tests.one_by_one import OneByOne

BASE = TrainConfig(model="linear", epochs=10, batch_size=256)
GRID = {
    "learning_rate": np.geomspace(1e-4, 1, 8).tolist(),
    "weight_decay": [0.0, *np.geomspace(1e-6, 1e-1, 7).tolist()],
}
SEEDS = (0, 1, 2)
DATA = "synthetic", {"labels": 20, "rows": 2000, "cardinality": 2.0, "features": 32}


def train_alone(config: TrainConfig, dataset: Dataset) -> None:
    race = OneByOne([config], dataset)
    for _ in race:
        pass
    for rows in (dataset.validation, dataset.test):
        ThresholdSweep(dataset.y[rows], race.probabilities(0, rows))


def main() -> None:
    torch.set_num_threads(1)
    dataset = load(DATA[0], **DATA[1])
    configs = with_seeds(expand(BASE, GRID), SEEDS)
    train_alone(configs[0], dataset)  # fills caches

    start = time.perf_counter()
    for config in configs:
        train_alone(config, dataset)
    alone = time.perf_counter() - start
    print(f"{len(configs)} runs of {BASE.epochs} epochs, {len(dataset.train)} training rows")
    print(f"{'one by one':12} {alone:6.2f} s")
    for engine in ("inline", "processes"):
        start, first = time.perf_counter(), None
        for _ in stream(BASE, GRID, DATA, seeds=SEEDS, engine=engine):
            first = first or time.perf_counter() - start
        seconds = time.perf_counter() - start
        print(
            f"{engine:12} {seconds:6.2f} s, first result after {first:5.2f} s, "
            f"{alone / seconds:5.2f} times as quick as one by one"
        )
    print(f"expected_seconds said {expected_seconds(configs, dataset):.2f} s on one core")


if __name__ == "__main__":
    main()
