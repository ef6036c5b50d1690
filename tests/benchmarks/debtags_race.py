"""The debtags race in figures: `python -m tests.benchmarks.debtags_race`.

    python -m tests.benchmarks.debtags_race --seeds 3 --tune micro_f1 --losses bce softmax

Every loss of `LOSSES` with its default parameters gets the same: an MLP 128-512-512, Adam at 1e-3,
batches of 256, 30 epochs, the same first weights and batches. What it predicts for the test rows is
scored at 0.5, and at the one threshold with the best figure (micro F1, unless told) on the
validation rows. A figure is the mean over seeds ± half the distance from the smallest to the
largest; the table is printed after each seed, over those so far. Nothing else is tuned, so this
says what each loss does as it comes, not which one is best.
"""

import argparse
import time

import numpy as np
import torch

from mlcore.datasets import Dataset, load
from mlcore.losses import LOSSES
from mlcore.thresholds import choose, decide, figures_of
from mlcore.training import Race, TrainConfig

FIGURES = ("micro_f1", "macro_f1", "samples_f1", "labels_per_row", "empty_share")
HEADS = ("micro F1", "macro F1", "samples F1", "labels/row", "no label")


def figures_of_a_seed(losses: list[str], dataset: Dataset, seed: int, tune: str) -> np.ndarray:
    """Threshold 0.5 and then the tuned one, for each its figures: shape (losses, 2, 1 + 5)."""
    race = Race([TrainConfig(loss=loss, seed=seed) for loss in losses], dataset)
    for _ in race:
        pass
    tuning, report = dataset.y[dataset.validation], dataset.y[dataset.test]
    table = []
    for place in range(len(losses)):
        choice = choose(
            "global", tuning, race.probabilities(place, dataset.validation), metric=tune
        )
        probabilities = race.probabilities(place, dataset.test)
        for threshold in (0.5, choice.threshold):
            found = figures_of(report, decide(probabilities, threshold))
            table.append([threshold, *(found[name] for name in FIGURES)])
    return np.array(table).reshape(len(losses), 2, -1)


def print_table(losses: list[str], seeds: np.ndarray) -> None:
    """Print mean ± half range over the first axis of figures, shape (seeds, losses, 2, 6)."""
    mean, half = seeds.mean(axis=0), np.ptp(seeds, axis=0) / 2
    for cut, title in enumerate(("at 0.5", "at the threshold tuned on validation rows")):
        print(f"\n{title}\n{'':22}{'threshold':>14}", *(f"{head:>14}" for head in HEADS))
        for place, loss in enumerate(losses):
            pairs = zip(mean[place, cut], half[place, cut], strict=True)
            print(
                f"{loss:22}",
                *(f"{middle:7.3f} ±{spread:5.3f}" for middle, spread in pairs),
                flush=True,
            )


def main() -> None:
    """Race all losses once for each seed and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0 on")
    parser.add_argument("--tune", choices=FIGURES[:3], default="micro_f1")
    parser.add_argument("--losses", nargs="+", choices=LOSSES, default=list(LOSSES))
    asked = parser.parse_args()
    torch.set_num_threads(1)  # the same figures on every number of cores
    dataset, found = load("debtags"), []
    for seed in range(asked.seeds):
        began = time.monotonic()
        found.append(figures_of_a_seed(asked.losses, dataset, seed, asked.tune))
        print(f"\n{seed + 1} of {asked.seeds} seeds, this one in {time.monotonic() - began:.0f} s")
        print(f"test rows; the tuned threshold is the best of the validation rows for {asked.tune}")
        print_table(asked.losses, np.array(found))


if __name__ == "__main__":
    main()
