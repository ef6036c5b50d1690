"""Where a framework has a function of its own for a loss: how it is called, what differs there."""

from collections.abc import Mapping

from mlcore.frameworks.recipes import SHARE, smoothed


def _words(settings: Mapping[str, object]) -> dict[str, str]:
    """How settings are written in calls: as numbers, and as arguments that may be left out."""
    numbers = {
        name: f"{value:.12g}" for name, value in settings.items() if not isinstance(value, str)
    }
    smoothing, alpha = settings.get("label_smoothing"), numbers.get("alpha")
    # A scheme's weights are a tensor that stands before the function.
    scheme = settings.get("pos_weight")
    weight = "pos_weight" if isinstance(scheme, str) else ""
    if not weight and "cap" in settings:
        weight = f"{min(scheme, settings['cap']):.12g}"
    torch_weight = weight if isinstance(scheme, str) else f"torch.tensor({weight})"
    return numbers | {
        "smoothed": "\n".join(smoothed(smoothing)),
        "smoothing": f", label_smoothing={smoothing:.12g}" if smoothing else "",
        "weight": "1" if scheme == "none" else weight,
        "torch_weight": "" if scheme == "none" else f", pos_weight={torch_weight}",
        "alpha": f", alpha={alpha}" if alpha else "",
        "balancing": f", apply_class_balancing=True, alpha={alpha}" if alpha else "",
    }


TORCH_BCE = "return F.binary_cross_entropy_with_logits(logits, targets"
TF_BCE = "tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)"
TF_WEIGHTED = "tf.nn.weighted_cross_entropy_with_logits(targets, logits, pos_weight={weight})"

# By framework and loss: lines with fields of `_words`, of which empty ones are left out.
CALLS = {
    ("pytorch", "softmax"): (*SHARE, "return F.cross_entropy(logits, share{smoothing})"),
    ("pytorch", "bce"): ("{smoothed}", f"{TORCH_BCE})"),
    ("pytorch", "bce_pos_weight"): ("{smoothed}", f"{TORCH_BCE}{{torch_weight}})"),
    ("pytorch", "weighted_bce"): (
        "weight = {positive_weight} * targets + {negative_weight} * (1 - targets)",
        "{smoothed}",
        f"{TORCH_BCE}, weight=weight)",
    ),
    ("pytorch", "bce_on_probabilities"): (
        "return F.binary_cross_entropy(torch.sigmoid(logits), targets)",
    ),
    ("pytorch", "partition_poisson"): (
        "log_rate = F.log_softmax(logits[..., :-1], dim=-1) + logits[..., -1:]",
        'loss = F.poisson_nll_loss(log_rate, targets, log_input=True, reduction="none")',
        "return loss.sum(dim=-1).mean()",
    ),
    ("keras", "softmax"): (
        *SHARE,
        "return keras.losses.CategoricalCrossentropy(from_logits=True{smoothing})(share, logits)",
    ),
    ("keras", "bce"): (
        "return keras.losses.BinaryCrossentropy(from_logits=True{smoothing})(targets, logits)",
    ),
    ("keras", "focal"): (
        "loss = keras.losses.BinaryFocalCrossentropy(gamma={gamma}, from_logits=True{balancing})",
        "return loss(targets, logits)",
    ),
    ("keras", "bce_on_probabilities"): (
        "return keras.losses.BinaryCrossentropy()(targets, ops.sigmoid(logits))",
    ),
    ("tensorflow", "softmax"): (
        *SHARE,
        "loss = tf.nn.softmax_cross_entropy_with_logits(labels=share, logits=logits)",
        "return tf.reduce_mean(tf.where(row_sum[..., 0] > 0, loss, 0.0))",
    ),
    ("tensorflow", "bce"): ("{smoothed}", f"return tf.reduce_mean({TF_BCE})"),
    ("tensorflow", "bce_pos_weight"): ("{smoothed}", f"return tf.reduce_mean({TF_WEIGHTED})"),
    ("tensorflow", "partition_poisson"): (
        "log_rate = tf.nn.log_softmax(logits[..., :-1]) + logits[..., -1:]",
        "loss = tf.nn.log_poisson_loss(targets, log_rate)",
        "return tf.reduce_mean(tf.reduce_sum(loss, axis=-1))",
    ),
    ("jax", "softmax"): (*SHARE, "return optax.losses.softmax_cross_entropy(logits, share).mean()"),
    ("jax", "bce"): (
        "{smoothed}",
        "return optax.losses.sigmoid_binary_cross_entropy(logits, targets).mean()",
    ),
    ("jax", "focal"): (
        "return optax.losses.sigmoid_focal_loss(logits, targets, gamma={gamma}{alpha}).mean()",
    ),
}
# Settings without which one cannot do it; poly is known to none.
ONLY = {
    ("keras", "focal"): {"pos_weight": 1.0},
    ("tensorflow", "softmax"): {"label_smoothing": 0.0},
    ("jax", "softmax"): {"label_smoothing": 0.0},
    ("jax", "focal"): {"pos_weight": 1.0},
}


def native(framework: str, loss: str, settings: Mapping[str, object]) -> str | None:
    """The body of a function of `logits` and `targets`, by the framework's own for a loss.

    None where it has none, or one that cannot do these settings.
    """
    lines, only = CALLS.get((framework, loss)), ONLY.get((framework, loss), {})
    if not lines or settings.get("poly") or any(settings[name] != only[name] for name in only):
        return None
    words = _words(settings)
    return "\n".join(filter(None, (line.format(**words) for line in lines)))
