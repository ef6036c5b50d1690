"""Time of many runs on a GPU: one by one, as one stacked model, and with its step in a graph.

    python -m tests.benchmarks.bench_cuda

"usual" is the loop of `bench_training` on the GPU (TensorDataset, DataLoader, `.to("cuda")`,
BCEWithLogitsLoss, Adam, `loss.item()`) once for each run, measured on one run. "one by one" is a
race of each configuration by itself by autograd, measured on one. "stacked" is all as one model,
its kernels launched one after the other; "graphed" is the same as one CUDA graph a step, which is
what a race does; "on the CPU" is the stacked model on this machine's cores. All train to the end
and record nothing. They take turns within a round; times are medians over rounds.

The share of the peak is the arithmetic of the matrix products over the time of "graphed", against
the best of several large float32 matrix products (no TF32, as in training) in the same run.
"""

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from mlcore.training import TrainConfig
from mlcore.training.models import build_model
from tests.benchmarks.bench_stacked import configs_of, flops_of_step, peak_flops, seconds_of
from tests.benchmarks.bench_training import BATCH_SIZE, make_rows, our_epoch

ROUNDS = 5
CASES = [  # features, hidden, labels, training rows, runs, epochs
    (64, (), 10, 2_000, 32, 20),
    (64, (), 10, 2_000, 256, 20),
    (128, (128,), 512, 6_500, 8, 4),
    (128, (128,), 512, 6_500, 64, 4),
    (128, (512,), 512, 6_500, 16, 4),
    (512, (1024, 1024), 512, 6_500, 8, 4),
]


def usual_run(config: TrainConfig, dataset) -> None:
    x = torch.from_numpy(dataset.x[dataset.train])
    y = torch.from_numpy(dataset.y[dataset.train]).float()
    loader = DataLoader(TensorDataset(x, y), batch_size=config.batch_size, shuffle=True)
    model = build_model(x.shape[1], y.shape[1], config.layers).cuda()
    loss_function = torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    for _ in range(config.epochs):
        for batch_x, batch_y in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch_x.to("cuda")), batch_y.to("cuda"))
            loss.backward()
            optimizer.step()
            loss.item()


def our_run(configs: list[TrainConfig], dataset, *, stacked: bool, graphed: bool = True) -> None:
    epoch = our_epoch(configs, dataset, stacked=stacked, graphed=graphed)
    for _ in range(configs[0].epochs):
        epoch()


def main() -> None:
    peak = peak_flops(8192, "cuda")
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}, batches of {BATCH_SIZE}")
    print(f"peak of a float32 matrix product: {peak / 1e12:.1f} TFLOP/s; times in seconds")
    for features, hidden, labels, rows, runs, epochs in CASES:
        on_cpu, configs = (configs_of(hidden, runs, epochs, at) for at in ("cpu", "cuda"))
        dataset = make_rows(features, labels, rows)
        ways = {
            "usual": (runs, lambda c=configs[0], d=dataset: usual_run(c, d)),
            "one by one": (runs, lambda c=configs, d=dataset: our_run(c[:1], d, stacked=False)),
            "on the CPU": (1, lambda c=on_cpu, d=dataset: our_run(c, d, stacked=True)),
            "stacked": (
                1,
                lambda c=configs, d=dataset: our_run(c, d, stacked=True, graphed=False),
            ),
            "graphed": (1, lambda c=configs, d=dataset: our_run(c, d, stacked=True)),
        }
        times = {name: [] for name in ways}
        for place in range(ROUNDS + 1):
            for name, (times_run, run) in ways.items():
                took = times_run * seconds_of(run, "cuda")
                if place:  # the first round compiles kernels and fills caches
                    times[name].append(took)
        medians = {name: float(np.median(values)) for name, values in times.items()}
        shape = "-".join(map(str, (features, *hidden, labels)))
        print(f"\n{shape}, {rows} rows, {runs} runs of {epochs} epochs")
        for name, took in medians.items():
            print(f"  {name:12} {took:9.3f} s  1/{medians['usual'] / took:<7.1f} of usual")
        steps = -(-rows // BATCH_SIZE) * epochs
        done = flops_of_step((features, *hidden, labels)) * steps * runs
        speed = done / medians["graphed"]
        print(f"  graphed: {speed / 1e12:.2f} TFLOP/s, {speed / peak:.1%} of the measured peak")


if __name__ == "__main__":
    main()
