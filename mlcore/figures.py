"""FIGURES: every figure of decisions and of rankings, by its key. Imports nothing heavy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

AVERAGES = ("micro", "macro", "weighted", "samples")
MACRO_OVER = {  # which labels macro averages are means of, with the words for them
    "occurring": "labels that occur",
    "all": "all labels",
}
RATIOS = {  # of one row, one label or a whole table, with their names
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "jaccard": "Jaccard",
    "accuracy": "Hamming accuracy",
}
AVERAGED = {
    "precision": "{average} precision",
    "recall": "{average} recall",
    "f1": "{average} F1",
    "jaccard": "{average} Jaccard",
}
F1S = ("micro_f1", "macro_f1", "samples_f1")  # those that are shown where there is room for three
RANKINGS = ("mean_average_precision", "lrap")  # those of the order of the scores: no threshold


@dataclass(frozen=True, kw_only=True)
class FigureInfo:
    """One figure as a person meets it.

    Attributes:
        key: Its key in FIGURES.
        title: Its name within a sentence, with `{average}` where it is one of four.
        average: "micro", "macro" (over the labels that occur, if nothing else is asked for),
            "weighted", "samples", or "" where there is nothing to average.
        ratio: A key of `AVERAGED`, or "".
        better: Whether it is best where it is "high" or "low".
        judges: Whether it compares with what is true; the others count what is predicted.
        is_cut: Whether it is of what a threshold decides; the others judge the order of the scores
            and are the same at any threshold.
        digits: Decimals that are shown.
    """

    key: str
    title: str
    average: str = ""
    ratio: str = ""
    better: str = "high"
    judges: bool = True
    is_cut: bool = True
    digits: int = 3

    @property
    def tuned_by(self) -> str:
        """The figure whose best threshold this one is read at.

        That is itself; for precision and recall the F1 of their average, because each of them
        alone is best where next to nothing, or everything, is predicted.
        """
        return f"{self.average}_f1" if self.ratio in ("precision", "recall") else self.key

    def in_words(self, say: Callable[[str], str] = str) -> str:
        """Its name; `say` translates.

        >>> FIGURES["macro_f1"].in_words()
        'macro F1'
        """
        return say(self.title).format(average=say(self.average) if self.average else "")


_ALL = (
    *(
        FigureInfo(key=f"{average}_{ratio}", title=title, average=average, ratio=ratio)
        for average in AVERAGES
        for ratio, title in AVERAGED.items()
    ),
    FigureInfo(key="subset_accuracy", title="subset accuracy"),
    FigureInfo(key="hamming_loss", title="Hamming loss", better="low"),
    FigureInfo(key="labels_per_row", title="labels per row", judges=False, digits=2),
    FigureInfo(key="empty_share", title="rows with nothing predicted", better="low", judges=False),
    FigureInfo(key="labels_predicted", title="distinct labels predicted", judges=False, digits=0),
    FigureInfo(key=RANKINGS[0], title="mAP", average="macro", is_cut=False),
    FigureInfo(key=RANKINGS[1], title="LRAP", average="samples", is_cut=False),
)

FIGURES: Mapping[str, FigureInfo] = MappingProxyType({info.key: info for info in _ALL})


@cache
def figure_names(beta: float = 1.0) -> tuple[str, ...]:
    """The keys of those FIGURES that a threshold decides, in their order, F1 as F-beta.

    Args:
        beta: Weight of recall against precision, > 0.

    >>> figure_names(2.0)[:3]
    ('micro_precision', 'micro_recall', 'micro_f2')
    """
    return tuple(
        f"{info.average}_f{beta:g}" if info.ratio == "f1" else key
        for key, info in FIGURES.items()
        if info.is_cut
    )


def macro_in_words(say: Callable[[str], str] = str) -> str:
    """Which labels macro averages are over, in a sentence; `say` translates."""
    return say(
        "Macro averages are over the labels that occur, those with a true row among the rows "
        "looked at."
    )


def lower_is_better(figure: str) -> bool:
    """Whether a figure, of `figure_names` of any beta, is best where it is least."""
    return figure in FIGURES and FIGURES[figure].better == "low"
