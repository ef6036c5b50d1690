"""Time from the question of a dragged slider to the answer, as the server gives it.

    python -m tests.benchmarks.bench_retraining

"training" is the steps of the `Race` of a retraining, without records; "scoring" is the rest of
what `retrain` does; "transport" is what the channel adds: reading the question,
checks, the way to the process that trains and back, writing the answer. Linear model, 20 epochs,
batches of 256, Adam, one thread. The browser and the network are not in it. The three take turns,
and the quickest tenth is told too: it is what the machine does when nobody else slows it down.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache

import numpy as np

from mlcore.datasets import Dataset, load
from mlcore.training import Race, TrainConfig
from mlcore.training.retraining import LIVE_SECONDS
from mlcore.workers import pool
from pages.ui.server.routes import Reply
from pages.ui.sweep.retrain_channel import answer

ROUNDS = 100
CONFIG = TrainConfig(
    loss="bce_pos_weight", model="linear", epochs=20, learning_rate=0.03, loss_params={}
)
SMALL = {"rows": 2000, "cardinality": 2.0}
CASES = {
    "synthetic, 2,000 rows, 10 labels": ("synthetic", {**SMALL, "labels": 10}),
    "synthetic, 2,000 rows, 20 labels": ("synthetic", {**SMALL, "labels": 20}),
    "digits, 2,000 rows, 10 labels": ("digits", {"rows": 2000}),
}


def training_seconds(title: str, weight: float) -> float:
    """The time of all steps; runs in the process that trains."""
    race = Race([replace(CONFIG, loss_params={"pos_weight": weight})], dataset_of(title))
    race._is_due = lambda step, last: False
    start = time.perf_counter()
    list(race)
    return time.perf_counter() - start


@cache
def dataset_of(title: str) -> Dataset:
    data, options = CASES[title]
    return load(data, **options)


def asked(data: str, options: dict, weight: float) -> tuple[float, float]:
    """The whole time of a question, and what of it the retraining took."""
    question = {"data": data, "options": options, "config": asdict(CONFIG)}
    text = json.dumps({**question, "values": {"pos_weight": weight}, "seq": 1})
    start = time.perf_counter()
    told = json.loads(Reply(answer, text).next_part())
    passed = time.perf_counter() - start
    if "error" in told:
        raise RuntimeError(told["error"])
    return passed, told["seconds"]


def told(name: str, seconds: np.ndarray, is_enough: Callable[[float], str] = lambda _: "") -> None:
    p10, p50, p95 = np.percentile(seconds * 1e3, [10, 50, 95])
    print(f"  {name:10} {p10:8.1f} {p50:8.1f} {p95:8.1f}  {is_enough(p50)}")


def main() -> None:
    weights = np.geomspace(0.1, 100.0, ROUNDS).tolist()
    print(f"milliseconds, {ROUNDS} questions: p10, p50, p95")
    for title, (data, options) in CASES.items():
        print(title)
        for weight in weights[:5]:  # what is done once
            asked(data, options, weight)
        name = f"{__spec__.name}:training_seconds"
        turns = [
            (*asked(data, options, weight), pool.call(name, title, weight)) for weight in weights
        ]
        whole, own, training = np.array(turns).T
        told("training", training)
        told("scoring", own - training)
        told("transport", whole - own)
        told("whole", whole, lambda p50: f"target {LIVE_SECONDS * 1e3:g}")


if __name__ == "__main__":
    main()
