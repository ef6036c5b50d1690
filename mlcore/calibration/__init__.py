"""Do probabilities mean what they say, and what that decides: weights, thresholds, F1."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "best_f1": ["BestF1", "lipton_threshold"],
        "diagram": ["brier", "expected_calibration_error", "reliability"],
        "weights": [
            "calibrated_threshold",
            "reweighted_threshold",
            "undo_pos_weight",
            "weight_is_a_threshold",
        ],
    },
)
