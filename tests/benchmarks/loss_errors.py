"""The largest error of each loss and of its gradient, in float64, against its definition.

    python -m tests.benchmarks.loss_errors

Definitions and inputs are those of `tests/loss_definitions.py`: logits up to ±1e4, targets of 0 and
1, an empty and a full row, a label never and one always true, each loss at several settings. An
absolute error is that of a value or slope up to 1, a relative one that of one above. The definition
of BCE on probabilities is torch.nn.BCELoss.
"""

import mpmath as mp
import numpy as np
import torch

from mlcore.losses import LOSSES
from tests.loss_definitions import SETTINGS, define, problems


def by_pytorch(logits: torch.Tensor, targets: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    logits = logits.detach().requires_grad_()
    value = torch.nn.BCELoss(reduction="none")(logits.sigmoid(), targets)
    value.sum().backward()
    return value.detach().numpy(), logits.grad.numpy()


def largest_errors(key: str) -> dict[str, float]:
    """Over all settings and inputs: absolute and relative, of value and of gradient."""
    info, errors = LOSSES[key], {}
    for params in ({}, *SETTINGS.get(key, ())):
        for logits, targets in problems(key):
            z, y = torch.tensor(logits, requires_grad=True), torch.tensor(targets)
            bound = info.bind(params, y)
            value = info.function(z, y, reduction="none", **bound)
            value.sum().backward()
            if key == "bce_on_probabilities":
                expected = by_pytorch(z, y)
            else:
                with mp.workdps(60):
                    expected = define(key, logits.tolist(), targets.tolist(), bound)
            for name, actual, right in zip(
                ("value", "gradient"), (value.detach(), z.grad), expected, strict=True
            ):
                right = np.array(right, dtype=np.float64)
                error, above = np.abs(actual.numpy() - right), np.abs(right) > 1
                for kind, part in (
                    ("absolute", np.where(above, 0, error)),
                    ("relative", np.where(above, error / np.fmax(np.abs(right), 1), 0)),
                ):
                    place = f"{name} {kind}"
                    errors[place] = max(errors.get(place, 0.0), part.max())
    return errors


def main() -> None:
    print(f"torch {torch.__version__}, float64")
    print(f"{'':22} {'value':^23} {'gradient':^23}")
    print(f"{'':22} {'absolute':>11} {'relative':>11} {'absolute':>11} {'relative':>11}")
    for key in LOSSES:
        errors = largest_errors(key)
        print(f"{key:22}", *(f"{error:11.1e}" for error in errors.values()))


if __name__ == "__main__":
    main()
