"""Time of one epoch of a race against the loop that is usually written.

    python -m tests.benchmarks.bench_training

"usual" is TensorDataset, DataLoader(shuffle=True), BCEWithLogitsLoss, Adam with its defaults, and
`loss.item()` at each step. "ours" is the same batches of the same size through the same model by
the steps of a `Race` of one contender: shuffling, forward, loss, backward, optimizer. "recorded" is
a whole `Race` with record="epoch": the same, and after each epoch the validation rows (21 % as many
as for training) are predicted and scored. All on two threads. The three take turns within a round,
so that a slow moment of the machine hits all of them; a ratio is the median over rounds of that
round's time over that of "usual".
"""

import time
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from mlcore.datasets import Dataset
from mlcore.training import Race, TrainConfig
from mlcore.training.models import build_model
from tests.one_by_one import OneByOne

THREADS, BATCH_SIZE, LABEL_DENSITY = 2, 256, 0.01
CASES = [  # features, hidden, labels, training rows, rounds, target for "ours"
    (64, (), 10, 2_000, 100, 0.35),
    (128, (128,), 512, 6_500, 40, 0.5),
    (128, (512,), 512, 6_500, 20, None),
    (512, (1024, 1024), 512, 6_500, 8, None),
]


def make_rows(features: int, labels: int, rows: int) -> Dataset:
    """Noise with rare labels: what is in the rows does not change the time."""
    held_out = rows * 21 // 100
    parts = np.split(np.arange(rows + 2 * held_out), [rows, rows + held_out])
    rng = np.random.default_rng(0)
    return Dataset(
        name="noise",
        x=rng.normal(size=(rows + 2 * held_out, features)),
        y=rng.random((rows + 2 * held_out, labels)) < LABEL_DENSITY,
        label_names=tuple(map(str, range(labels))),
        **dict(zip(("train", "validation", "test"), parts, strict=True)),
        description="",
        source="",
        licence="",
    )


def usual_epoch(config: TrainConfig, dataset: Dataset) -> Callable[[], None]:
    """The loop that is usually written."""
    x = torch.from_numpy(dataset.x[dataset.train])
    y = torch.from_numpy(dataset.y[dataset.train]).float()
    loader = DataLoader(TensorDataset(x, y), batch_size=config.batch_size, shuffle=True)
    model = build_model(x.shape[1], y.shape[1], config.layers)
    loss_function = torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)

    def epoch():
        total = 0.0
        for batch_x, batch_y in loader:
            optimizer.zero_grad()
            loss = loss_function(model(batch_x), batch_y)
            loss.backward()
            optimizer.step()
            total += loss.item()

    return epoch


def our_epoch(
    configs: Sequence[TrainConfig],
    dataset: Dataset,
    *,
    stacked: bool = True,
    graphed: bool = True,
) -> Callable[[], None]:
    """The steps of a race without its records; on a GPU also without graphs."""
    race = (Race if stacked else OneByOne)(configs, dataset)
    if not graphed:
        for _members, part in race.parts:
            part._take = part._step
    batches = race._batches()
    next(batches)  # the one that is only looked at

    def epoch():
        for batch in islice(batches, race.steps_per_epoch):
            for _members, part in race.parts:
                part.step(batch)

    return epoch


def recorded_epoch(config: TrainConfig, dataset: Dataset) -> Callable[[], None]:
    """A race as its users run it."""
    records = iter(Race([config], dataset))
    next(records)
    return lambda: next(records)


def main() -> None:
    torch.set_num_threads(THREADS)
    print(
        f"torch {torch.__version__}, {THREADS} threads, batches of {BATCH_SIZE}, Adam, "
        "milliseconds an epoch"
    )
    print(
        f"{'':34} {'rounds':>6} {'median':>8} {'quartiles':>17} {'ratio':>6} {'quartiles':>11} "
        "target"
    )
    for features, hidden, labels, rows, rounds, target in CASES:
        config = TrainConfig(
            model="mlp" if hidden else "linear",
            hidden=hidden,
            batch_size=BATCH_SIZE,
            epochs=10**6,
        )
        dataset = make_rows(features, labels, rows)
        epochs = {
            "usual": usual_epoch(config, dataset),
            "ours": our_epoch([config], dataset),
            "recorded": recorded_epoch(config, dataset),
        }
        seconds = {name: [] for name in epochs}
        for place in range(rounds + 2):
            for name, epoch in epochs.items():
                start = time.perf_counter()
                epoch()
                if place >= 2:  # the first rounds fill caches
                    seconds[name].append(time.perf_counter() - start)
        shape = "-".join(map(str, (features, *hidden, labels)))
        for name, values in seconds.items():
            low, median, high = np.percentile(np.array(values) * 1e3, [25, 50, 75])
            ratios = np.array(values) / np.array(seconds["usual"])
            ratio_low, ratio, ratio_high = np.percentile(ratios, [25, 50, 75])
            print(
                f"{f'{shape}, {rows} rows: {name}':34} {rounds:6} {median:8.2f} "
                f"{low:8.2f}-{high:<8.2f} {ratio:6.2f} {ratio_low:5.2f}-{ratio_high:<5.2f} "
                f"{target if name == 'ours' and target else ''}"
            )


if __name__ == "__main__":
    main()
