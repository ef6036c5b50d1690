"""Multi-label losses on logits, and `LOSSES`, the table that describes them.

Every loss takes logits and targets of shape (n, k) and keyword-only parameters, and gives nats.
Gradients flow to the logits only: targets and weights are constants. Importing the table does not
import torch; importing a loss does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cross_entropy": [
            "binary_cross_entropy",
            "softmax_cross_entropy",
            "weighted_binary_cross_entropy",
        ],
        "focusing": ["asymmetric", "focal"],
        "info": ["LossInfo"],
        "table": ["LOSSES"],
        "weights": ["pos_weights"],
    },
)
