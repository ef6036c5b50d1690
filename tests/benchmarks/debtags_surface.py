"""A response surface on debtags: pos_weight × gamma of focal loss, several seeds.

    python -m tests.benchmarks.debtags_surface

Prints each cell's micro and macro F1 on the test rows, at 0.5 and at the threshold tuned on the
validation rows, as means over the seeds; the time of the sweep on all cores; and the time of the
same runs one by one: by the loop that is usually written, and by `train` without stacking, both
measured on `--sample` runs that are spread over the grid, on as many threads as there are cores;
with `--device cuda` all of them train on the GPU, the sweep in one process.
"""

import argparse
import os
import time
from dataclasses import replace

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from mlcore.datasets import load
from mlcore.losses import LOSSES
from mlcore.sweeps import config_key, expand, stream, with_seeds
from mlcore.sweeps.surface import make_surface
from mlcore.training import TrainConfig, available_devices
from mlcore.training.models import build_model
from tests.one_by_one import OneByOne

WEIGHTS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
GAMMAS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
BASE = TrainConfig(loss="focal", hidden=(128,), epochs=15, learning_rate=3e-3)


def usual_run(config: TrainConfig, dataset) -> None:
    """TensorDataset, DataLoader, autograd, Adam, `loss.item()`; nothing is scored."""
    x = torch.from_numpy(dataset.x[dataset.train])
    y = torch.from_numpy(dataset.y[dataset.train]).float()
    loader = DataLoader(TensorDataset(x, y), batch_size=config.batch_size, shuffle=True)
    model = build_model(x.shape[1], y.shape[1], config.layers).to(config.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    focal, params = LOSSES["focal"].function, config.loss_params
    for _ in range(config.epochs):
        for batch_x, batch_y in loader:
            optimizer.zero_grad()
            logits = model(batch_x.to(config.device))
            loss = focal(logits, batch_y.to(config.device), **params)
            loss.backward()
            optimizer.step()
            loss.item()


def seconds(function, *arguments) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def print_surface(title: str, values: np.ndarray) -> None:
    print(f"\n{title}; rows gamma, columns pos_weight")
    print("       " + "".join(f"{weight:7g}" for weight in WEIGHTS))
    for gamma, row in zip(GAMMAS, values, strict=True):
        print(f"{gamma:7g}" + "".join(f"{value:7.3f}" for value in row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=16)
    parser.add_argument("--device", choices=available_devices(), default="cpu")
    parser.add_argument("--store", help="a folder that keeps what is trained")
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    dataset, seeds = load("debtags"), range(options.seeds)
    base = replace(BASE, device=options.device)
    engine = "processes" if options.device == "cpu" else "inline"
    how = {"seeds": seeds, "engine": engine, "store": options.store}
    grid = {"gamma": GAMMAS, "pos_weight": WEIGHTS}
    start, results = time.perf_counter(), {}
    for result in stream(base, grid, ("debtags", {}), **how):
        results[config_key(result.config)] = result
    swept = time.perf_counter() - start
    cells = expand(base, grid)
    by_cell = [[results[config_key(replace(cell, seed=seed))] for seed in seeds] for cell in cells]
    rows = [by_cell[first : first + len(WEIGHTS)] for first in range(0, len(cells), len(WEIGHTS))]
    for figure in ("micro_f1", "macro_f1"):
        surface = make_surface(figure, rows)
        for reading in ("half", "tuned"):
            print_surface(f"{figure}, {reading}", surface.mean(reading))
            print(f"cells differ by {surface.difference(reading):.3f}", end=", ")
            print(f"seeds of a cell by {np.nanmean(2 * surface.spread(reading)):.3f}")
    configs = with_seeds(cells, seeds)
    sample = configs[:: max(1, len(configs) // options.sample)]
    usual_run(replace(sample[0], epochs=1), dataset)  # the first one fills caches
    usual = np.mean([seconds(usual_run, config, dataset) for config in sample])
    alone = np.mean([seconds(list, OneByOne([config], dataset)) for config in sample])
    n = len(configs)
    where = f"{options.device}, {os.cpu_count()} cores"
    print(f"\n{n} runs, {BASE.epochs} epochs, MLP 128-{BASE.hidden[0]}-512, {where}")
    print(f"sweep, epochs scored at 0.5, the last one at 101 thresholds: {swept:.0f} s")
    for name, one in (
        ("usual loop, nothing scored", usual),
        ("train, epochs scored at 0.5", alone),
    ):
        print(
            f"one by one, {name}: {one:.2f} s a run (mean of {len(sample)}), "
            f"{one * n:.0f} s for all: {one * n / swept:.2f} times the sweep"
        )


if __name__ == "__main__":
    main()
