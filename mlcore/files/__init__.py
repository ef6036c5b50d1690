"""Targets and scores that a user brings: read with care, and refused in plain words."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "limits": ["MAX_BYTES"],
        "scored": ["Scored", "example_csv", "read_scores"],
    },
)
