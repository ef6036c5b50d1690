"""Every loss in plain array code, in the names of `keras.ops`; see `mlcore.frameworks.dialects`.

A recipe takes the settings of its loss by name and returns the body of a function of `logits` and
`targets`, which ends in the mean that `mlcore.losses` gives by default. What is taken from the
training targets stands before the function, in NumPy: see `before`. Numbers have 12 digits, so that
what a slider gave comes back and 1 - 0.9 is 0.1.
"""

from mlcore.losses import LOSSES

BCE = "ops.softplus(logits) - targets * logits"
# -1 for a label that is true, 1 for one that is not; x then grows as the label gets more wrong.
SIDES = (
    "x = (1 - 2 * targets) * logits",
    "surprise = ops.softplus(x)  # -log of the probability given to what is so",
)
SHARE = (
    "row_sum = ops.sum(targets, axis=-1, keepdims=True)",
    "share = targets / ops.where(row_sum > 0, row_sum, 1.0)  # a row without labels stays 0",
)


def body(key: str, settings: dict[str, object]) -> str:
    """The body of the function of a loss, for settings by name, all of them."""
    lines = RECIPES[key](**settings)
    return "\n".join([*lines, "return ops.mean(loss)"])


def softmax(label_smoothing, poly):
    """Cross entropy of the softmax against targets shared out over the row."""
    yield from SHARE
    if label_smoothing:
        yield f"spread = ops.where(row_sum > 0, {label_smoothing:.12g} / logits.shape[-1], 0.0)"
        yield f"share = {1 - label_smoothing:.12g} * share + spread"
    yield "log_p = ops.log_softmax(logits, axis=-1)"
    yield "loss = -ops.sum(share * log_p, axis=-1)"
    if poly:
        yield f"loss = loss + {poly:.12g} * ops.sum(share * (1 - ops.exp(log_p)), axis=-1)"


def bce(label_smoothing, poly):
    """Sigmoid cross entropy."""
    yield from smoothed(label_smoothing)
    yield f"loss = {BCE}"
    if poly:
        wrong = "targets * ops.sigmoid(-logits) + (1 - targets) * ops.sigmoid(logits)"
        yield f"loss = loss + {poly:.12g} * ({wrong})"


def bce_pos_weight(pos_weight, cap, label_smoothing):
    """The term of true labels weighted."""
    yield from smoothed(label_smoothing)
    yield "missed, false_alarm = ops.softplus(-logits), ops.softplus(logits)"
    if pos_weight == "none":
        weight = ""
    elif isinstance(pos_weight, str):
        weight = "pos_weight * "
    else:
        weight = f"{min(pos_weight, cap):.12g} * "
    yield f"loss = {weight}targets * missed + (1 - targets) * false_alarm"


def weighted_bce(positive_weight, negative_weight, label_smoothing):
    """Each label weighted by its target, before smoothing."""
    yield f"weight = {positive_weight:.12g} * targets + {negative_weight:.12g} * (1 - targets)"
    yield from smoothed(label_smoothing)
    yield f"loss = weight * ({BCE})"


def focal(gamma, alpha, pos_weight, poly):
    """Faded out where the prediction is right."""
    yield from SIDES
    yield f"loss = {_power('x', gamma)} * surprise"
    if poly:
        yield f"loss = loss + {poly:.12g} * ops.sigmoid(x) ** {gamma + 1:.12g}"
    if alpha != "none":
        yield f"loss = ({alpha:.12g} * targets + {1 - alpha:.12g} * (1 - targets)) * loss"
    if pos_weight != 1:
        yield f"loss = ({pos_weight:.12g} * targets + (1 - targets)) * loss"


def asymmetric(gamma_pos, gamma_neg, margin, detach_focusing):
    """One gamma for each target, probabilities of negatives moved down."""
    yield "p = ops.sigmoid(logits)"
    yield f"moved = ops.clip(p - {margin:.12g}, 1e-12, 1.0)  # a power of 0 may have no slope"
    faded, on = _power("-logits", gamma_pos), f"moved ** {gamma_neg:.12g}"
    if detach_focusing:
        faded, on = f"ops.stop_gradient({faded})", f"ops.stop_gradient({on})"
    yield f"positive = {faded} * ops.softplus(-logits)"
    surprise = f"-ops.log(ops.clip(ops.sigmoid(-logits) + {margin:.12g}, 0.0, 1.0))"
    yield f"negative = {on} * {surprise if margin else 'ops.softplus(logits)'}"
    yield "loss = targets * positive + (1 - targets) * negative"


def class_balanced(volume, gamma):
    """Each label's whole term weighted by its effective number of rows."""
    yield from SIDES
    yield f"loss = {_power('x', gamma)} * surprise" if gamma else "loss = surprise"
    yield "loss = weight * loss"


def zlpr():
    """Log of one plus a sum, of false and of true labels."""
    yield "zero = ops.zeros_like(logits[..., :1])"
    yield "out = 1e30  # leaves a label out of a sum"
    yield "false = ops.concatenate([zero, logits - out * targets], axis=-1)"
    yield "true = ops.concatenate([zero, -logits - out * (1 - targets)], axis=-1)"
    yield "loss = ops.logsumexp(false, axis=-1) + ops.logsumexp(true, axis=-1)"


def logit_adjusted(tau):
    """BCE of logits moved by the label's log odds; leave `shift` away in use."""
    yield "logits = logits + shift"
    yield f"loss = {BCE}"


def hill(lam, margin, gamma):
    """Focal with a margin for positives, a hill for negatives."""
    yield "p = ops.sigmoid(logits)"
    yield f"moved = logits - {margin:.12g}"
    yield f"positive = {_power('-moved', gamma)} * ops.softplus(-moved)"
    yield f"negative = ({lam:.12g} - p) * p**2"
    yield "loss = targets * positive + (1 - targets) * negative"


def soft_f1(smoothing):
    """Overlap of what is true and predicted, a label over the batch."""
    yield from tversky(0.5, 0.5, smoothing)


def tversky(alpha, beta, smoothing):
    """The same with a cost for each kind of error."""
    yield "p = ops.sigmoid(logits)"
    yield f"hits = ops.sum(targets * p, axis=0) + {smoothing:.12g}"
    yield f"false_alarms = {alpha:.12g} * ops.sum((1 - targets) * p, axis=0)"
    yield f"misses = {beta:.12g} * ops.sum(targets * (1 - p), axis=0)"
    yield "loss = 1 - hits / (hits + false_alarms + misses)"


def dice(smoothing):
    """The same with squares below."""
    yield "p = ops.sigmoid(logits)"
    yield f"overlap = 2 * ops.sum(targets * p, axis=0) + {smoothing:.12g}"
    yield f"whole = ops.sum(p**2, axis=0) + ops.sum(targets**2, axis=0) + {smoothing:.12g}"
    yield "loss = 1 - overlap / whole"


def two_way(positive_temperature, negative_temperature):
    """The worst false against the worst true entry, along rows and along labels."""
    low, high = positive_temperature, negative_temperature
    yield "out = 1e30  # leaves an entry out of a sum"
    yield f"false = logits / {high:.12g} - out * targets"
    yield f"true = -logits / {low:.12g} - out * (1 - targets)"
    yield "loss = 0.0"
    yield "for axis in (0, 1):"
    yield f"    gap = {high:.12g} * ops.logsumexp(false, axis=axis)"
    yield f"    gap = gap + {low:.12g} * ops.logsumexp(true, axis=axis)"
    yield "    some = ops.max(targets, axis=axis)  # lines without a true entry do not count"
    yield "    count = ops.sum(some)"
    yield "    mean = ops.sum(some * ops.softplus(gap)) / ops.where(count > 0, count, 1.0)"
    yield "    loss = loss + mean"


def bce_on_probabilities():
    """What saturates: logarithms of probabilities, clipped."""
    yield "p = ops.sigmoid(logits)"
    yield "log_p = ops.where(p > 0, ops.log(ops.where(p > 0, p, 1.0)), -100.0)"
    yield "log_rest = ops.where(p < 1, ops.log(ops.where(p < 1, 1 - p, 1.0)), -100.0)"
    yield "loss = -targets * log_p - (1 - targets) * log_rest"


def absolute_kl(epsilon):
    """|(y - p) log(y / p)|, clipped."""
    yield f"y = ops.clip(targets, {epsilon:.12g}, 1.0)"
    yield f"p = ops.clip(ops.sigmoid(logits), {epsilon:.12g}, 1.0)"
    yield "loss = ops.abs((y - p) * (ops.log(y) - ops.log(p)))"


def partition_kl_mse(count_weight):
    """KL of which, squared error of how many."""
    yield from _which_and_how_many()
    yield from SHARE
    yield "safe = ops.where(share > 0, share, 1.0)"
    yield "which = ops.sum(share * (ops.log(safe) - log_p), axis=-1)"
    yield "how_many = (row_sum[..., 0] - ops.clip(count, 0.01, 1e9)) ** 2"
    yield f"loss = which + {count_weight:.12g} * how_many"


def partition_absolute_kl(epsilon):
    """`absolute_kl` of the product of which and how many."""
    yield from _which_and_how_many()
    yield "count = ops.clip(count, 0.01, 1e9)[..., None]"
    yield f"y = ops.clip(targets, {epsilon:.12g}, 1.0)"
    yield f"q = ops.clip(count * ops.exp(log_p), {epsilon:.12g}, 1e9)"
    yield "loss = ops.sum(ops.abs((y - q) * (ops.log(y) - ops.log(q))), axis=-1)"


def partition_poisson():
    """Poisson likelihood of every label."""
    yield from _which_and_how_many()
    yield "log_rate = log_p + count[..., None]"
    yield "loss = ops.sum(ops.exp(log_rate) - targets * log_rate, axis=-1)"


def smoothed(label_smoothing):
    """Targets drawn to one half."""
    if label_smoothing:
        yield f"targets = {1 - label_smoothing:.12g} * targets + {label_smoothing / 2:.12g}"


def _power(x: str, gamma: float) -> str:
    """The sigmoid of x to a power, which below 1 has a slope even where the sigmoid rounds to 0."""
    if gamma == 0:
        return "1.0"
    if gamma < 1:
        minus_x = x[1:] if x[0] == "-" else f"-{x}"
        return f"ops.exp(-{gamma:.12g} * ops.softplus({minus_x}))"
    return f"ops.sigmoid({x}) ** {gamma:.12g}"


def _which_and_how_many():
    yield "log_p, count = ops.log_softmax(logits[..., :-1], axis=-1), logits[..., -1]"


RECIPES = {key: globals()[key] for key in LOSSES}

COUNTS = """positives = train_targets.sum(0)
negatives = len(train_targets) - positives
positives, negatives = np.maximum(positives, 1), np.maximum(negatives, 1)"""
SCHEMES = {
    "balanced": "negatives / positives",
    "sqrt": "np.sqrt(negatives / positives)",
    "effective": "(1 - 0.999**negatives) / (1 - 0.999**positives)",
}


def before(key: str, settings: dict[str, object]) -> str:
    """The lines before the function: what it takes from the training targets, or nothing."""
    if key == "class_balanced":
        decay = 1 - 1 / settings["volume"]
        return f"""positives = np.maximum(train_targets.sum(0), 1)
weight = 1 / (1 - {decay!r} ** positives)
weight = ops.convert_to_tensor((weight / weight.mean()).astype("float32"))"""
    if key == "logit_adjusted":
        return f"""half_a_row = 0.5 / len(train_targets)
priors = np.clip(train_targets.mean(0), half_a_row, 1 - half_a_row)
shift = {settings["tau"]:.12g} * np.log(priors / (1 - priors))
shift = ops.convert_to_tensor(shift.astype("float32"))"""
    if settings.get("pos_weight") in SCHEMES:
        weight = f"np.minimum({SCHEMES[settings['pos_weight']]}, {settings['cap']:.12g})"
        return f"""{COUNTS}
pos_weight = ops.convert_to_tensor({weight}.astype("float32"))"""
    return ""
