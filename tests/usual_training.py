"""Training as tutorials write it, to compare a race with."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from mlcore.losses import LOSSES
from tests.usual_losses import USUAL


def usual_loss(config, logits, y, train_y):
    """The loss as PyTorch has it or as papers print it, with our default parameters.

    Two partition losses, which have tests of their own, are called by their public name: then it is
    autograd and the reduction that are independent of the race.
    """
    match config.loss:
        case "softmax":
            return cross_entropy(logits, y / y.sum(1, keepdim=True).clamp(min=1))
        case "bce":
            return binary_cross_entropy_with_logits(logits, y)
        case "bce_pos_weight":
            positives = train_y.sum(0).clamp(min=1)
            weight = ((len(train_y) - positives) / positives).sqrt()
            return binary_cross_entropy_with_logits(logits, y, pos_weight=weight)
        case "weighted_bce":
            return binary_cross_entropy_with_logits(logits, y, weight=1 + y)
        case "partition_poisson":
            rates = logits[:, -1:].exp() * logits[:, :-1].softmax(1)
            return nn.functional.poisson_nll_loss(rates.log(), y, reduction="none").sum(1).mean()
    info = LOSSES[config.loss]
    function = USUAL.get(config.loss, info.function)
    return function(logits, y, **info.bind({}, train_y))


def usual_probabilities(config, logits):
    """What is read from logits, label by label."""
    if config.loss == "softmax":
        return logits.softmax(1)
    if not config.loss.startswith("partition"):
        return logits.sigmoid()
    share, u = logits[:, :-1].softmax(1), logits[:, -1:]
    if config.loss == "partition_poisson":
        return 1 - (-u.exp() * share).exp()
    return torch.minimum(torch.ones(()), torch.clamp(u, min=0.01) * share)


def usual_optimizer(config, parameters):
    options = {"lr": config.learning_rate, "weight_decay": config.weight_decay, "foreach": False}
    classes = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "sgd": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "adadelta": torch.optim.Adadelta,
        "rmsprop": torch.optim.RMSprop,
    }
    if config.optimizer == "sgd":
        options["momentum"] = config.momentum
    return classes[config.optimizer](parameters, **options)


def usual_model(config, features, labels):
    """The model by hand; a count output has zero weights and says one label."""
    torch.manual_seed(config.seed)
    if config.model == "linear":
        model = nn.Sequential(nn.Linear(features, labels))
    else:
        width = config.hidden[0]
        model = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, labels))
    nn.init.zeros_(model[-1].bias)
    if config.loss.startswith("partition"):
        wider = nn.Linear(model[-1].in_features, labels + 1)
        nn.init.zeros_(wider.weight)
        nn.init.zeros_(wider.bias)
        wider.weight.data[:labels] = model[-1].weight.data
        wider.bias.data[labels] = 0 if config.loss == "partition_poisson" else 1
        model[-1] = wider
    return model


def usual_logits(weights, x):
    """What a model with these weights and biases of its layers makes of rows."""
    *hidden, (weight, bias) = zip(weights[::2], weights[1::2], strict=True)
    for inner, shift in hidden:
        x = np.maximum(x @ inner.T + shift, 0)
    return x @ weight.T + bias


def usual_loop(config, dataset):
    """Losses after each epoch and test probabilities, by the loop that every tutorial has."""
    x, y = torch.tensor(dataset.x), torch.tensor(dataset.y, dtype=torch.float32)
    training, validation, test = (
        torch.tensor(rows) for rows in (dataset.train, dataset.validation, dataset.test)
    )
    train_x, train_y = x[training], y[training]
    model = usual_model(config, x.shape[1], y.shape[1])
    optimizer = usual_optimizer(config, model.parameters())
    order = torch.Generator().manual_seed(config.seed)
    losses = []
    for _ in range(config.epochs):
        batch_losses = []
        for rows in torch.randperm(len(train_x), generator=order).split(config.batch_size):
            loss = usual_loss(config, model(train_x[rows]), train_y[rows], train_y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.item())
        with torch.no_grad():
            loss = usual_loss(config, model(x[validation]), y[validation], train_y)
        losses.append((np.mean(batch_losses), loss.item()))
    with torch.no_grad():
        return losses, usual_probabilities(config, model(x[test]))
