"""PyTorch's optimizers, as a `TrainConfig` asks for them."""

from collections.abc import Iterable

import torch
from torch import nn

from mlcore.training.config import TrainConfig

FUSED_ADAM = getattr(torch, "_fused_adam_", None)  # private to PyTorch, so it may go


class LightAdam:
    """`torch.optim.Adam` with its defaults, fused, on one tensor and without hooks.

    Calls the arithmetic that class ends in: for a small model, what lies around it takes several
    times as long.

    Args:
        parameter: Moved by `step` along its gradient.
        lr: Learning rate.
        weight_decay: As PyTorch's Adam has it.
    """

    def __init__(self, parameter: nn.Parameter, *, lr: float, weight_decay: float) -> None:
        moving = parameter.detach()
        moments = [torch.zeros_like(moving)], [torch.zeros_like(moving)]
        self._steps = torch.zeros((), device=moving.device)
        self._state = [moving], [parameter.grad], *moments, [], [self._steps]
        self._settings = {"lr": lr, "weight_decay": weight_decay, "beta1": 0.9, "beta2": 0.999}
        self._settings |= {"eps": 1e-8, "amsgrad": False, "maximize": False}

    def step(self) -> None:
        """Take a step; the gradient stays where it is."""
        self._steps.add_(1)
        FUSED_ADAM(*self._state, **self._settings)


def light_adam(
    parameter: nn.Parameter, *, lr: float, weight_decay: float
) -> LightAdam | torch.optim.Adam:
    """A `LightAdam`, or where PyTorch lacks what it calls, the optimizer that it is short for."""
    if FUSED_ADAM:
        return LightAdam(parameter, lr=lr, weight_decay=weight_decay)
    return torch.optim.Adam([parameter], lr=lr, weight_decay=weight_decay, fused=True)


def settings_of(config: TrainConfig) -> dict[str, float]:
    """What may differ between parameters of one optimizer."""
    settings = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    return settings | {"momentum": config.momentum} if config.optimizer == "sgd" else settings


def build_optimizer(
    config: TrainConfig, parameters: Iterable, *, capturable: bool = False
) -> torch.optim.Optimizer:
    """The optimizer, in PyTorch's fused form where it has one.

    Args:
        config: Its settings are those of each parameter that has none of its own.
        parameters: As `torch.optim.Optimizer` takes them: tensors, or dicts of "params" and
            settings of their own.
        capturable: Whether its steps can be part of a CUDA graph; not with Adagrad.
    """
    settings = settings_of(config)
    graphed = {"capturable": True} if capturable else {}
    match config.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, **settings, **graphed, fused=True)
        case "adamw":
            return torch.optim.AdamW(parameters, **settings, **graphed, fused=True)
        case "sgd":
            return torch.optim.SGD(parameters, **settings, fused=True)
        case "adagrad":
            return torch.optim.Adagrad(parameters, **settings)
        case "adadelta":
            return torch.optim.Adadelta(parameters, **settings, **graphed)
        case _:
            return torch.optim.RMSprop(parameters, **settings, **graphed)
