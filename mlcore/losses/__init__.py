"""Multi-label losses on logits, and `LOSSES`, the table that describes them.

Every loss takes logits and targets of shape (n, k) and keyword-only parameters; most give nats.
Gradients flow to the logits only: targets and weights are constants. Importing them does not import
torch; calling one does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "adjusted": ["class_balanced", "logit_adjusted"],
        "clipped": ["absolute_kl", "bce_on_probabilities"],
        "cross_entropy": [
            "binary_cross_entropy",
            "softmax_cross_entropy",
            "weighted_binary_cross_entropy",
        ],
        "factorisation": ["PoissonFactorisation", "poisson_factorisation"],
        "focusing": ["asymmetric", "focal", "hill"],
        "info": ["LossInfo"],
        "overlap": ["dice", "soft_f1", "tversky"],
        "pairwise": ["two_way", "zlpr"],
        "partition": ["partition_absolute_kl", "partition_kl_mse", "partition_poisson"],
        "table": ["LOSSES"],
        "weights": ["label_counts", "label_priors", "pos_weights"],
    },
)
