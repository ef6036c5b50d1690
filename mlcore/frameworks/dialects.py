"""One way to write array code, and how four frameworks write the same.

A recipe is written with the names of `keras.ops`, which Keras took from NumPy; for the others the
names are exchanged. Only what the recipes need is here.
"""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a framework writes what a recipe says.

    Attributes:
        title: Its name.
        imports: The lines above the code.
        arguments: Of a loss function, in the framework's order.
        names: From the name of an operation in `keras.ops` to its name here.
        prefix: For operations that are not in `names`.
        keywords: From keyword to keyword.
    """

    title: str
    imports: str
    arguments: str
    prefix: str
    names: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, str] = field(default_factory=dict)

    def write(self, recipe: str) -> str:
        """A recipe in this dialect.

        Example:
            >>> DIALECTS["tensorflow"].write("ops.sum(ops.exp(x), axis=-1)")
            'tf.reduce_sum(tf.exp(x), axis=-1)'
        """
        text = re.sub(
            r"\bops\.(\w+)", lambda found: self.names.get(found[1], self.prefix + found[1]), recipe
        )
        for keyword, ours in self.keywords.items():
            text = re.sub(rf"\b{keyword}=", f"{ours}=", text)
        return text


DIALECTS = {
    "pytorch": Dialect(
        title="PyTorch",
        imports="import torch\nimport torch.nn.functional as F",
        arguments="logits, targets",
        prefix="torch.",
        names={
            "softplus": "F.softplus",
            "log_softmax": "F.log_softmax",
            "convert_to_tensor": "torch.as_tensor",
            "stop_gradient": "torch.detach",
            "max": "torch.amax",
        },
        keywords={"axis": "dim", "keepdims": "keepdim"},
    ),
    "keras": Dialect(
        title="Keras 3",
        imports="import keras\nfrom keras import ops",
        arguments="targets, logits",
        prefix="ops.",
    ),
    "tensorflow": Dialect(
        title="TensorFlow",
        imports="import tensorflow as tf",
        arguments="logits, targets",
        prefix="tf.",
        names={
            "sum": "tf.reduce_sum",
            "mean": "tf.reduce_mean",
            "max": "tf.reduce_max",
            "logsumexp": "tf.reduce_logsumexp",
            "log": "tf.math.log",
            "softplus": "tf.math.softplus",
            "log_softmax": "tf.nn.log_softmax",
            "clip": "tf.clip_by_value",
            "concatenate": "tf.concat",
        },
    ),
    "jax": Dialect(
        title="JAX and Optax",
        imports="import jax\nimport jax.numpy as jnp\nimport optax",
        arguments="logits, targets",
        prefix="jnp.",
        names={
            "sigmoid": "jax.nn.sigmoid",
            "softplus": "jax.nn.softplus",
            "log_softmax": "jax.nn.log_softmax",
            "logsumexp": "jax.nn.logsumexp",
            "convert_to_tensor": "jnp.asarray",
            "stop_gradient": "jax.lax.stop_gradient",
        },
    ),
}
