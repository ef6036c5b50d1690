"""Where a framework has a function of its own for a loss: how it is called, what differs there.

Each function of `CALLS` takes the settings of a loss and returns the body of a function of `logits`
and `targets` in that framework's words, or None where its own function cannot do these settings.
"""

from collections.abc import Callable

from mlcore.frameworks.recipes import SHARE, smoothed

Settings = dict[str, object]


def _torch_softmax(settings: Settings) -> str | None:
    if settings["poly"]:
        return None
    extra = _option("label_smoothing", settings["label_smoothing"])
    return _lines(*SHARE, f"return F.cross_entropy(logits, share{extra})")


def _torch_bce(settings: Settings) -> str | None:
    if settings["poly"]:
        return None
    call = "return F.binary_cross_entropy_with_logits(logits, targets)"
    return _lines(*smoothed(settings["label_smoothing"]), call)


def _torch_pos_weight(settings: Settings) -> str:
    weight = _weight_words(settings)
    weight = weight and f", pos_weight={weight}"
    call = f"return F.binary_cross_entropy_with_logits(logits, targets{weight})"
    return _lines(*smoothed(settings["label_smoothing"]), call)


def _weight_words(settings: Settings) -> str:
    """How the weight of true labels is written: the tensor of a scheme, or a number."""
    weight = settings["pos_weight"]
    if isinstance(weight, str):
        return "" if weight == "none" else "pos_weight"
    return f"torch.tensor({min(weight, settings['cap']):.12g})"


def _torch_weighted(settings: Settings) -> str:
    positive, negative = settings["positive_weight"], settings["negative_weight"]
    return _lines(
        f"weight = {positive:.12g} * targets + {negative:.12g} * (1 - targets)",
        *smoothed(settings["label_smoothing"]),
        "return F.binary_cross_entropy_with_logits(logits, targets, weight=weight)",
    )


def _torch_on_probabilities(settings: Settings) -> str:
    return "return F.binary_cross_entropy(torch.sigmoid(logits), targets)"


def _torch_poisson(settings: Settings) -> str:
    return _lines(
        "log_rate = F.log_softmax(logits[..., :-1], dim=-1) + logits[..., -1:]",
        'loss = F.poisson_nll_loss(log_rate, targets, log_input=True, reduction="none")',
        "return loss.sum(dim=-1).mean()",
    )


def _keras_softmax(settings: Settings) -> str | None:
    if settings["poly"]:
        return None
    extra = _option("label_smoothing", settings["label_smoothing"])
    call = f"keras.losses.CategoricalCrossentropy(from_logits=True{extra})"
    return _lines(*SHARE, f"return {call}(share, logits)")


def _keras_bce(settings: Settings) -> str | None:
    if settings["poly"]:
        return None
    extra = _option("label_smoothing", settings["label_smoothing"])
    return f"return keras.losses.BinaryCrossentropy(from_logits=True{extra})(targets, logits)"


def _keras_focal(settings: Settings) -> str | None:
    if settings["poly"] or settings["pos_weight"] != 1:
        return None
    alpha = settings["alpha"]
    extra = "" if alpha == "none" else f", apply_class_balancing=True, alpha={alpha:.12g}"
    options = f"gamma={settings['gamma']:.12g}, from_logits=True{extra}"
    return _lines(
        f"loss = keras.losses.BinaryFocalCrossentropy({options})",
        "return loss(targets, logits)",
    )


def _keras_on_probabilities(settings: Settings) -> str:
    return "return keras.losses.BinaryCrossentropy()(targets, ops.sigmoid(logits))"


def _tf_softmax(settings: Settings) -> str | None:
    if settings["poly"] or settings["label_smoothing"]:
        return None
    return _lines(
        *SHARE,
        "loss = tf.nn.softmax_cross_entropy_with_logits(labels=share, logits=logits)",
        "return tf.reduce_mean(tf.where(row_sum[..., 0] > 0, loss, 0.0))",
    )


def _tf_bce(settings: Settings) -> str | None:
    if settings["poly"]:
        return None
    call = "tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)"
    return _lines(*smoothed(settings["label_smoothing"]), f"return tf.reduce_mean({call})")


def _tf_pos_weight(settings: Settings) -> str:
    weight = settings["pos_weight"]
    if weight == "none":
        weight = 1.0
    words = "pos_weight" if isinstance(weight, str) else f"{min(weight, settings['cap']):.12g}"
    call = f"tf.nn.weighted_cross_entropy_with_logits(targets, logits, pos_weight={words})"
    return _lines(*smoothed(settings["label_smoothing"]), f"return tf.reduce_mean({call})")


def _tf_poisson(settings: Settings) -> str:
    return _lines(
        "log_rate = tf.nn.log_softmax(logits[..., :-1]) + logits[..., -1:]",
        "loss = tf.nn.log_poisson_loss(targets, log_rate)",
        "return tf.reduce_mean(tf.reduce_sum(loss, axis=-1))",
    )


def _optax_softmax(settings: Settings) -> str | None:
    if settings["poly"] or settings["label_smoothing"]:
        return None
    return _lines(*SHARE, "return optax.losses.softmax_cross_entropy(logits, share).mean()")


def _optax_bce(settings: Settings) -> str | None:
    if settings["poly"]:
        return None
    call = "return optax.losses.sigmoid_binary_cross_entropy(logits, targets).mean()"
    return _lines(*smoothed(settings["label_smoothing"]), call)


def _optax_focal(settings: Settings) -> str | None:
    if settings["poly"] or settings["pos_weight"] != 1:
        return None
    alpha = settings["alpha"]
    extra = "" if alpha == "none" else f", alpha={alpha:.12g}"
    options = f"gamma={settings['gamma']:.12g}{extra}"
    return f"return optax.losses.sigmoid_focal_loss(logits, targets, {options}).mean()"


def _option(name: str, value: float) -> str:
    return f", {name}={value:.12g}" if value else ""


def _lines(*lines: str) -> str:
    return "\n".join(lines)


CALLS: dict[tuple[str, str], Callable[[Settings], str | None]] = {
    ("pytorch", "softmax"): _torch_softmax,
    ("pytorch", "bce"): _torch_bce,
    ("pytorch", "bce_pos_weight"): _torch_pos_weight,
    ("pytorch", "weighted_bce"): _torch_weighted,
    ("pytorch", "bce_on_probabilities"): _torch_on_probabilities,
    ("pytorch", "partition_poisson"): _torch_poisson,
    ("keras", "softmax"): _keras_softmax,
    ("keras", "bce"): _keras_bce,
    ("keras", "focal"): _keras_focal,
    ("keras", "bce_on_probabilities"): _keras_on_probabilities,
    ("tensorflow", "softmax"): _tf_softmax,
    ("tensorflow", "bce"): _tf_bce,
    ("tensorflow", "bce_pos_weight"): _tf_pos_weight,
    ("tensorflow", "partition_poisson"): _tf_poisson,
    ("jax", "softmax"): _optax_softmax,
    ("jax", "bce"): _optax_bce,
    ("jax", "focal"): _optax_focal,
}
