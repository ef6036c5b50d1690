"""Figures of predictions and of rankings, and how an average is put together."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "averages": ["average", "cells", "counts", "f1_of_means"],
        "ranking": ["RankingScores", "float32_probabilities", "ranking_scores", "row_ranks"],
        "report": ["classification_report", "row_table", "scores"],
    },
)
