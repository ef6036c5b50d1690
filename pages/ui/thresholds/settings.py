"""What can be set on the Thresholds page."""

import re
from dataclasses import dataclass

import streamlit as st

from mlcore.checks import Parameter, check_number
from mlcore.datasets import DATASETS
from mlcore.figures import AVERAGES
from mlcore.thresholds import RULES
from pages.ui.kit.controls import Choice, Number, Setting, Switch, settings_of
from pages.ui.kit.slider import drag_slider
from pages.ui.settings import Settings
from pages.ui.words import N_, _

SMALLEST = 0.001  # threshold above 0, the step of its slider
BY_HAND, OWN = "hand", "own"  # rules that take what is dragged here: one threshold, or each label's
POOLED, ONE = N_("all labels together"), N_("the selected label")
WEIGHT = Parameter(
    name="weight",
    title="Positive weight w",
    default=10.0,
    range=(1.0, 1000.0),
    log=True,
    help="How much more a missed label counted than a wrong one while training.",
)


@dataclass(frozen=True, kw_only=True)
class OwnThresholds(Setting):
    """Thresholds of the labels that have one of their own, by a label's place.

    In the link "3-.7_15-.031" says them of the third and of the fifteenth label.

    Attributes:
        labels: How many there are.
    """

    labels: int = 0

    def read(self, text: str) -> dict[int, float]:
        found = {}
        for pair in text.split("_"):
            match = re.fullmatch(r"([0-9]{1,9})-([0-9]*\.?[0-9]+)", pair)
            if match is None:
                raise ValueError(
                    f"{self.short} must be label numbers with their thresholds, such as 3-.7_15-.2,"
                    f" got {pair!r}"
                )
            number, threshold = int(match[1]), float(match[2])
            check_number(f"a label of {self.short}", number, low=1, high=self.labels)
            check_number(f"a threshold of {self.short}", threshold, low=0.0, high=1.0)
            if number - 1 in found:
                raise ValueError(f"{self.short} must name each label once, got {number} twice")
            found[number - 1] = max(round(threshold, 3), SMALLEST if threshold else 0.0)
        return found

    def write(self, value: dict[int, float]) -> str:
        each = ((label + 1, f"{threshold:.3g}") for label, threshold in sorted(value.items()))
        return "_".join(f"{number}-{text.removeprefix('0') or 0}" for number, text in each)

    def fit(self, value: dict[int, float]) -> dict[int, float]:
        return {label: limit for label, limit in value.items() if label < self.labels}


SETTINGS = Settings(
    "thresholds",
    Choice(
        "part",
        {"drag": N_("Drag"), "rules": N_("Rules"), "calibration": N_("Calibration")},
        widget=st.segmented_control,
        title="Part of the page",
    ),
    Choice(
        "source",
        {
            "race": N_("A race from this visit"),
            "truth": N_("Known truth (synthetic)"),
            "file": N_("My own file"),
        },
        widget=st.radio,
        title="Scores from",
        help="Whose probabilities the thresholds cut.",
    ),
    Choice(
        "of",
        widget=st.radio,
        help="Whose probabilities for the validation and test rows are taken. A pos_weight of sqrt "
        "is, for each label, the square root of its false rows over its true ones.",
    ),
    settings_of("truth.", DATASETS["synthetic"].parameters),
    Choice(
        "scores_kind",
        (N_("logits"), N_("probabilities")),
        default=None,
        titles=_,
        widget=st.segmented_control,
        title="The scores are",
        help="You say which: logits can all lie between 0 and 1 too, so it is never guessed.",
    ),
    Choice(
        "average",
        AVERAGES[::-1],
        titles=_,
        title="Average in detail",
        help="Samples: the mean over rows. Macro: over labels. Weighted: over labels, by how often "
        "each is true. Micro: of all cells counted together. Jaccard is found / (true or "
        "predicted).",
    ),
    Choice(
        "beta",
        (1.0, 2.0, 0.5),
        titles="{:g}".format,
        title="β of F",
        help="2 counts recall more, 0.5 precision.",
    ),
    Switch(
        "logt",
        title="Logarithmic threshold",
        help="Spreads out the small thresholds, where scores of rare labels are.",
    ),
    *(settings_of(f"rule.{info.key}.", info.parameters) for info in RULES.values()),
    Choice(
        "rule",
        {
            BY_HAND: N_("The cursor"),
            **{key: info.title for key, info in RULES.items()},
            OWN: N_("Label by label, by hand"),
        },
        widget=st.pills,
        title="Decide by",
        help="What the report, the rows and the downloads use. The cursor follows a rule that has "
        "one threshold; moving it by hand leaves the rule.",
    ),
    Number(
        "t",
        (0.0, 1.0),
        default=0.5,
        step=0.001,
        digits=3,
        widget=drag_slider,
        title="Threshold: a label is predicted when its probability is at least this",
        help="One cut for all labels.",
    ),
    OwnThresholds("own", default={}),
    Choice("label", listed=False, title="Selected label", help="Type to search."),
    *settings_of("", [WEIGHT]),
    Choice("cells", (POOLED, ONE), titles=_, title="Cells", help="Which cells are compared."),
    Choice(
        "bins",
        (N_("quantile"), N_("uniform")),
        titles=_,
        title="Bins",
        help="Quantile: with the same number of cells in each. Uniform: all of the same width.",
    ),
    Switch(
        "logc",
        default=True,
        title="Logarithmic axes",
        help="Nearly all probabilities of rare labels are small.",
    ),
    *settings_of("theorem.", [WEIGHT]),
)
