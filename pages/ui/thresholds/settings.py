"""What can be set on the Thresholds page."""

import streamlit as st

from mlcore.checks import Parameter
from mlcore.datasets import DATASETS
from mlcore.figures import AVERAGES
from mlcore.thresholds import RULES
from pages.ui.kit.controls import Choice, Number, Switch, settings_of
from pages.ui.kit.slider import drag_slider
from pages.ui.settings import Settings
from pages.ui.words import N_, _

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
SETTINGS = Settings(
    "thresholds",
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
        help="Whose probabilities for the validation and test rows are taken.",
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
        help="Whose precision, recall and Jaccard are drawn.",
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
    Choice("label", listed=False, title="Selected label", help="Type to search."),
    *settings_of("", [WEIGHT]),
    Choice("cells", (POOLED, ONE), titles=_, title="Cells", help="Which cells are compared."),
    Choice(
        "bins",
        (N_("quantile"), N_("uniform")),
        titles=_,
        title="Bins",
        help="With the same number of cells in each, or all of the same width.",
    ),
    Switch(
        "logc",
        default=True,
        title="Logarithmic axes",
        help="Nearly all probabilities of rare labels are small.",
    ),
    *settings_of("theorem.", [WEIGHT]),
)
