"""Every loss in 60 digits, written from its formula, with slopes that mpmath finds numerically.

mpmath has no largest exponent, so exp(1e4) is no trouble. A definition takes what its unit depends
on: one logit and target, a row, a column, or the whole batch, as lists of numbers.
"""

from functools import partial

import mpmath as mp
import numpy as np

from mlcore.losses import LOSSES

mpf = mp.mpf


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def softplus(z):
    return mp.log(1 + mp.exp(z))


def softmax(row):
    total = sum(mp.exp(z) for z in row)
    return [mp.exp(z) / total for z in row]


# One label of one row.


def bce(z, y, pos_weight=1, weight=1, label_smoothing=0, poly=0):
    y = y * (1 - mpf(label_smoothing)) + mpf(label_smoothing) / 2
    p, rest = sigmoid(z), sigmoid(-z)
    positive = pos_weight * y * (-mp.log(p) + mpf(poly) * rest)
    return weight * (positive + (1 - y) * (-mp.log(rest) + mpf(poly) * p))


def weighted_bce(z, y, positive_weight=1, negative_weight=1, label_smoothing=0):
    weight = mpf(positive_weight) * y + mpf(negative_weight) * (1 - y)
    return weight * bce(z, y, label_smoothing=label_smoothing)


def focal(z, y, gamma=2, alpha=None, pos_weight=1, poly=0):
    p_t, rest = (sigmoid(z), sigmoid(-z)) if y == 1 else (sigmoid(-z), sigmoid(z))
    weight = 1 if alpha is None else (mpf(alpha) if y == 1 else 1 - mpf(alpha))
    weight *= pos_weight if y == 1 else 1
    return weight * rest**gamma * (-mp.log(p_t) + mpf(poly) * rest)


def asymmetric(z, y, gamma_pos=1, gamma_neg=4, margin=0.05, focus_at=None):
    focus_at = z if focus_at is None else focus_at
    if y == 1:
        return sigmoid(-focus_at) ** gamma_pos * -mp.log(sigmoid(z))
    shifted, focus = (max(sigmoid(at) - mpf(margin), mpf(0)) for at in (z, focus_at))
    # 1 - shifted is sigmoid(-z) + margin, which 60 digits can hold where sigmoid(-z) = exp(-1e4).
    survives = sigmoid(-z) + mpf(margin) if shifted > 0 else mpf(1)
    return focus**gamma_neg * -mp.log(survives)


def hill(z, y, lam=1.5, margin=1, gamma=2):
    if y == 1:
        return sigmoid(mpf(margin) - z) ** gamma * -mp.log(sigmoid(z - mpf(margin)))
    return (mpf(lam) - sigmoid(z)) * sigmoid(z) ** 2


def absolute_kl(z, y, epsilon=1e-7):
    y, p = max(y, mpf(epsilon)), max(sigmoid(z), mpf(epsilon))
    return abs((y - p) * mp.log(y / p))


def class_balanced(z, y, label, counts, volume=1000, gamma=0):
    beta = 1 - 1 / mpf(volume)
    weights = [(1 - beta) / (1 - beta ** max(mpf(count), 1)) for count in counts]
    return weights[label] / (sum(weights) / len(weights)) * focal(z, y, gamma=gamma)


def logit_adjusted(z, y, label, priors, tau=1):
    prior = mpf(priors[label])
    return bce(z + mpf(tau) * mp.log(prior / (1 - prior)), y)


# A row.


def softmax_cross_entropy(row, targets, label_smoothing=0, poly=0):
    total = sum(targets)
    if total == 0:
        return mpf(0)
    smoothing = mpf(label_smoothing)
    shares = [y / total * (1 - smoothing) + smoothing / len(row) for y in targets]
    log_sum = mp.log(sum(mp.exp(z) for z in row))
    return sum(
        share * (log_sum - z + mpf(poly) * (1 - p))
        for share, z, p in zip(shares, row, softmax(row), strict=True)
    )


def zlpr(row, targets):
    above = sum((1 - y) * mp.exp(z) for z, y in zip(row, targets, strict=True))
    below = sum(y * mp.exp(-z) for z, y in zip(row, targets, strict=True))
    return mp.log(1 + above) + mp.log(1 + below)


def partition_kl_mse(row, targets, count_weight=1):
    *row, u = row
    m = sum(targets)
    divergence = sum(
        y / m * mp.log(y / m / s) for y, s in zip(targets, softmax(row), strict=True) if y
    )
    return divergence + mpf(count_weight) * (m - max(mpf(0.01), u)) ** 2


def partition_absolute_kl(row, targets, epsilon=1e-7):
    *row, u = row
    q = [max(max(mpf(0.01), u) * s, mpf(epsilon)) for s in softmax(row)]
    y = [max(y, mpf(epsilon)) for y in targets]
    return sum(abs((y - q) * mp.log(y / q)) for y, q in zip(y, q, strict=True))


def partition_poisson(row, targets):
    *row, u = row
    whole = mp.exp(u) if u < 20 else mp.exp(20) * (u - 19)
    return whole - sum(y * (u + mp.log(s)) for y, s in zip(targets, softmax(row), strict=True))


# A column.


def tversky(column, targets, alpha=0.3, beta=0.7, smoothing=1):
    hits = sum(y * sigmoid(z) for z, y in zip(column, targets, strict=True)) + mpf(smoothing)
    false_alarms = sum((1 - y) * sigmoid(z) for z, y in zip(column, targets, strict=True))
    misses = sum(y * sigmoid(-z) for z, y in zip(column, targets, strict=True))
    return 1 - hits / (hits + mpf(alpha) * false_alarms + mpf(beta) * misses)


def soft_f1(column, targets, smoothing=1):
    p = [sigmoid(z) for z in column]
    hits = sum(p * y for p, y in zip(p, targets, strict=True))
    return 1 - 2 * (hits + mpf(smoothing)) / (sum(p) + sum(targets) + 2 * mpf(smoothing))


def dice(column, targets, smoothing=1):
    p = [sigmoid(z) for z in column]
    hits = sum(p * y for p, y in zip(p, targets, strict=True))
    squares = sum(p * p for p in p) + sum(y * y for y in targets)
    return 1 - (2 * hits + mpf(smoothing)) / (squares + mpf(smoothing))


# The batch.


def two_way(table, targets, positive_temperature=4, negative_temperature=1):
    high, low = mpf(negative_temperature), mpf(positive_temperature)

    def mean(lines, line_targets):
        losses = []
        for line, y in zip(lines, line_targets, strict=True):
            above = sum(mp.exp(z / high) for z, y in zip(line, y, strict=True) if y == 0)
            below = sum(mp.exp(-z / low) for z, y in zip(line, y, strict=True) if y == 1)
            if below:
                losses.append(softplus(high * mp.log(above) + low * mp.log(below)) if above else 0)
        return sum(losses) / len(losses) if losses else mpf(0)

    return mean(table, targets) + mean(zip(*table, strict=True), list(zip(*targets, strict=True)))


DEFINITIONS = {
    "softmax": softmax_cross_entropy,
    "bce": bce,
    "bce_pos_weight": bce,
    "weighted_bce": weighted_bce,
    "focal": focal,
    "asymmetric": asymmetric,
    "class_balanced": class_balanced,
    "zlpr": zlpr,
    "logit_adjusted": logit_adjusted,
    "hill": hill,
    "soft_f1": soft_f1,
    "dice": dice,
    "tversky": tversky,
    "two_way": two_way,
    "absolute_kl": absolute_kl,
    "partition_kl_mse": partition_kl_mse,
    "partition_absolute_kl": partition_absolute_kl,
    "partition_poisson": partition_poisson,
}

# What is tried of each loss beside its defaults.
SETTINGS = {
    "softmax": [{"label_smoothing": 0.1}, {"poly": 2.0}, {"poly": -1.0, "label_smoothing": 0.1}],
    "bce": [{"label_smoothing": 0.1}, {"poly": 2.0}, {"poly": -1.0, "label_smoothing": 0.1}],
    "bce_pos_weight": [{"pos_weight": "balanced"}, {"pos_weight": 50.0, "label_smoothing": 0.1}],
    "weighted_bce": [{"positive_weight": 50.0, "negative_weight": 0.1, "label_smoothing": 0.1}],
    "focal": [{"gamma": 0.5}, {"alpha": 0.25}, {"poly": 2.0, "gamma": 1.0, "pos_weight": 5.0}],
    "asymmetric": [{"margin": 0.0}, {"gamma_pos": 0.0, "gamma_neg": 0.5, "margin": 0.3}],
    "class_balanced": [{"volume": 1.0}, {"volume": 1e6}, {"volume": 2.0, "gamma": 1.5}],
    "logit_adjusted": [{"tau": 0.3}, {"tau": 3.0}],
    "hill": [{"lam": 1.0, "margin": 0.0}, {"lam": 3.0, "margin": 5.0, "gamma": 0.5}],
    "soft_f1": [{"smoothing": 0.0}, {"smoothing": 10.0}],
    "dice": [{"smoothing": 0.0}, {"smoothing": 10.0}],
    "tversky": [{"smoothing": 0.0}, {"alpha": 0.0, "beta": 1.0}, {"alpha": 1.0, "beta": 0.0}],
    "two_way": [{"positive_temperature": 0.1, "negative_temperature": 10.0}],
    "absolute_kl": [{"epsilon": 0.05}],
    "partition_absolute_kl": [{"epsilon": 0.05}],
    "partition_kl_mse": [{"count_weight": 0.1}],
}
SIZES = (1e-8, 0.5, 3.0, 20.0, 37.0, 100.0, 745.0, 1e4)


def problems(key, soft=False):
    """Logits and targets as float64 arrays: ordinary ones, extremes, a single row, a single label.

    There are an empty row and a full one, a label never true and one always true. Soft targets are
    in [0, 1], not equal to any probability that the logits could have. All are float32 numbers, so
    that both precisions are asked for the same.
    """
    rng = np.random.default_rng(0)
    extra = LOSSES[key].extra_outputs
    never, always = rng.random((4, 4)) < 0.4, rng.random((4, 4)) < 0.4
    never[0] = never[:, 0] = False
    always[0] = always[:, 0] = True
    signs = rng.choice([-1.0, 1.0], (4, 4))
    extremes = signs * np.resize(SIZES, (4, 4)).T
    for y, logits in (
        (never, rng.normal(0, 2, (4, 4))),
        (always, rng.normal(0, 8, (4, 4))),
        (never, extremes),
        (always, extremes),
        (never, -np.abs(extremes)),
        (always, np.abs(extremes)),
        (never[1:2], extremes[1:2]),
        (always[:, 1:2], extremes[:, 1:2]),
        (never[1:2, :1], extremes[:1, :1]),
        (always[1:2, :1], extremes[3:, 3:]),
    ):
        y = rng.random(y.shape) * 0.9 + 0.05 if soft else y.astype(float)
        # The count u of a partition is read as e^u, which is ordinary up to 20 or so.
        u = rng.normal(0, 12, (len(y), extra))
        if len(y) > 1:
            u[1:3] = [[1e4], [-1e4]]
        yield tuple(part.astype(np.float32).astype(float) for part in (np.hstack([logits, u]), y))


def define(key, logits, targets, bound):
    """Values and slopes of a loss, as nested lists of the shapes of value and logits.

    Args:
        key: A key of LOSSES that is in DEFINITIONS.
        logits: Nested lists of numbers, n by k (k + 1 for a partition).
        targets: The same, n by k.
        bound: What `LossInfo.bind` gave; a tensor of shape (k,) becomes a list.
    """
    values, slopes = [], [[None] * len(row) for row in logits]
    for loss, places in _units(key, targets, bound, len(logits[0])):
        line = [mpf(logits[i][j]) for i, j in places]
        values.append(loss(line))
        for at, (i, j) in enumerate(places):
            slopes[i][j] = mp.diff(partial(_moved, loss, line, at), line[at])
    k = len(targets[0])
    match LOSSES[key].unit:
        case "label":
            values = [values[i : i + k] for i in range(0, len(values), k)]
        case "batch":
            (values,) = values
    return values, slopes


def define_bends(key, logits, targets, bound, direction):
    """Second derivatives of the sum of a loss times a direction, a nested list like the logits."""
    bends = [[None] * len(row) for row in logits]
    for loss, places in _units(key, targets, bound, len(logits[0])):
        line, along = ([mpf(table[i][j]) for i, j in places] for table in (logits, direction))

        def slope_there(step, at, loss=loss, line=line, along=along):
            there = [z + step * v for z, v in zip(line, along, strict=True)]
            return mp.diff(partial(_moved, loss, there, at), there[at])

        for at, (i, j) in enumerate(places):
            bends[i][j] = mp.diff(partial(slope_there, at=at), 0)
    return bends


def _moved(loss, line, at, x):
    """The loss of a line of logits with x in one place."""
    return loss([*line[:at], x, *line[at + 1 :]])


def _units(key, targets, bound, width):
    """Of each unit its loss as a function of a list of its logits, and where those stand."""
    parameters = {
        name: value.tolist() if hasattr(value, "tolist") else value
        for name, value in bound.items()
        if name != "detach_focusing"  # test_losses has its definition
    }
    of = partial(DEFINITIONS[key], **parameters)
    y = [[mpf(number) for number in row] for row in targets]
    n, k = len(y), len(y[0])
    match LOSSES[key].unit:
        case "label":
            for i, j in np.ndindex(n, k):
                own = {"label": j} if key in ("class_balanced", "logit_adjusted") else {}
                if key == "bce_pos_weight":
                    own = {"pos_weight": mpf(parameters["pos_weight"][j])}
                yield lambda z, y=y[i][j], own=own: of(*z, y, **own), [(i, j)]
        case "row":
            for i in range(n):
                yield lambda row, y=y[i]: of(row, y), [(i, j) for j in range(width)]
        case "column":
            for j in range(k):
                column = [row[j] for row in y]
                yield lambda z, y=column: of(z, y), [(i, j) for i in range(n)]
        case _:

            def of_flat(flat):
                return of([flat[i : i + width] for i in range(0, len(flat), width)], y)

            yield of_flat, list(np.ndindex(n, width))
