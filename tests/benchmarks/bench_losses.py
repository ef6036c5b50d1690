"""Time of each loss, forward and backward, against PyTorch's own binary cross entropy.

    python -m tests.benchmarks.bench_losses

Logits are 256 x 512 in float32 with about 1 % true labels, on two threads. "kernel" is what
training runs: value and derivative without checks or autograd function, the mean, and
`logits.backward(derivative / count)`. "checked" is the public function with all its checks, and its
`backward()`. "usual formula" is the loss as it is usually written, differentiated by autograd. All
take turns within a round, so that a slow moment of the machine hits all of them;
a ratio is the median over rounds of that round's time over the yardstick's.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from mlcore.losses import LOSSES
from tests.usual_losses import USUAL

ROWS, LABELS, THREADS, ROUNDS, CALLS_A_ROUND = 256, 512, 2, 100, 4
YARDSTICK = "torch binary_cross_entropy_with_logits"
SETTINGS = [
    ("bce", {}),
    ("bce_pos_weight", {}),
    ("weighted_bce", {}),
    ("softmax", {}),
    ("focal", {}),
    ("focal", {"gamma": 0.5}),
    ("focal", {"gamma": 1.7}),
    ("focal", {"alpha": 0.25}),
    ("asymmetric", {}),
    ("asymmetric", {"detach_focusing": True}),
    ("asymmetric", {"gamma_neg": 3.7}),
    *((key, {}) for key in USUAL if key not in ("focal", "asymmetric")),
    ("softmax", {"poly": 2.0}),
    ("bce", {"poly": 2.0}),
    ("focal", {"poly": 2.0}),
]


def contenders(logits: torch.Tensor, targets: torch.Tensor) -> dict[str, Callable[[], None]]:
    """What is timed, by name; each call leaves a fresh gradient in logits.grad."""

    def by_autograd(function, **parameters):
        def step():
            logits.grad = None
            function(logits, targets, **parameters).backward()

        return step

    def by_kernel(kernel, parameters):
        def step():
            logits.grad = None
            value, derivative = kernel(logits.detach(), targets, **parameters)
            value.mean()
            logits.backward(derivative.div_(value.numel()))

        return step

    steps = {YARDSTICK: by_autograd(binary_cross_entropy_with_logits)}
    for key, params in SETTINGS:
        info = LOSSES[key]
        bound = info.bind(params, targets)
        name = " ".join([key, *(f"{name}={value}" for name, value in params.items())])
        steps[f"{name}: kernel"] = by_kernel(info.hard_kernel, bound)
        steps[f"{name}: checked"] = by_autograd(info.function, **bound)
        if key in USUAL and not params:
            steps[f"{name}: usual formula"] = by_autograd(USUAL[key], **bound)
    return steps


def main() -> None:
    torch.set_num_threads(THREADS)
    generator = torch.Generator().manual_seed(0)
    logits = (torch.randn(ROWS, LABELS, generator=generator) * 4).requires_grad_()
    targets = (torch.rand(ROWS, LABELS, generator=generator) < 0.01).float()
    steps = contenders(logits, targets)
    seconds = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(CALLS_A_ROUND):
                step()
            seconds[name].append((time.perf_counter() - start) / CALLS_A_ROUND)

    print(
        f"torch {torch.__version__}, {THREADS} threads, {ROWS} x {LABELS} float32, {ROUNDS} rounds"
    )
    print(f"{'microseconds':44} {'median':>8} {'quartiles':>13} {'ratio':>6} {'quartiles':>11}")
    yardstick = np.array(seconds[YARDSTICK])
    for name, values in seconds.items():
        low, median, high = np.percentile(np.array(values) * 1e6, [25, 50, 75])
        ratio_low, ratio, ratio_high = np.percentile(np.array(values) / yardstick, [25, 50, 75])
        print(
            f"{name:44} {median:8.0f} {low:6.0f}-{high:<6.0f} {ratio:6.2f} "
            f"{ratio_low:5.2f}-{ratio_high:<5.2f}"
        )


if __name__ == "__main__":
    main()
