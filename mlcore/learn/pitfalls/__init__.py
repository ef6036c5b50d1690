"""Famous mistakes as code that runs, beside their repairs.

`SPECIMENS` holds them; `run` executes one in the process that has torch. Importing either imports
no torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "runner": ["run"],
        "specimen": ["OUTCOMES", "THEMES", "Result", "Specimen", "judge"],
        "table": ["SPECIMENS"],
        "variant": ["focal_variant", "negative_curves", "turning_point"],
    },
)
