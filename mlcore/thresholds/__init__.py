"""From probabilities to decisions: one threshold, one for each label, or all of them at once."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bootstrap": ["bootstrap_band", "compare", "figures_of"],
        "choice": ["Choice"],
        "choosing": ["RULES", "RuleInfo", "choose"],
        "decisions": ["as_array", "decide"],
        "export": ["as_json", "as_python", "from_json"],
        "per_label": ["MovingThresholds"],
        "sweep": ["ThresholdSweep", "figure_names"],
    },
)
