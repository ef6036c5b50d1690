"""Training as a generator of records; names that need torch are loaded when first used."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "config": ["DEVICES", "MODELS", "OPTIMIZERS", "EpochRecord", "TrainConfig"],
        "history": ["Collapse", "find_collapse", "history_frame", "threshold_frame"],
        "loop": ["Race", "available_devices", "race", "train"],
    },
)
