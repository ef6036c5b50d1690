"""How rare labels are, how they come together, and how a score falls from head to tail."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "groups": [
            "CUTS",
            "GROUPS",
            "CutInfo",
            "Gap",
            "GroupScore",
            "companions",
            "group_gaps",
            "group_scores",
            "groups",
            "label_f1",
        ],
        "measures": [
            "ABSENT",
            "Imbalance",
            "cvir",
            "irlbl",
            "mean_ir",
            "measure",
            "scumble",
            "scumble_per_label",
            "scumble_per_row",
        ],
        "pairs": ["PAIR_MEASURES", "Pair", "Pairs"],
    },
)
