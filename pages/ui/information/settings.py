"""What can be set on the Information page, and how a distribution stands in the link."""

from math import isfinite

import streamlit as st

from mlcore.checks import check_number
from pages.ui.information.answer import MOST_LABELS, MOST_OUTCOMES
from pages.ui.kit.controls import Choice, Number, Setting
from pages.ui.settings import Settings
from pages.ui.words import N_

SLACK = 1e-3  # how far from 1 what a link says may sum; it is scaled to 1


def read(text: str) -> list[float]:
    """A distribution from its text in the link, scaled to a sum of exactly 1."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(
            f"a distribution must be numbers with commas between them, got {text!r}"
        ) from None
    if not 2 <= len(values) <= MOST_OUTCOMES:
        raise ValueError(f"a distribution must have 2 to {MOST_OUTCOMES} outcomes")
    if not all(isfinite(value) and value >= 0 for value in values):
        raise ValueError("probabilities must be >= 0 and finite")
    total = sum(values)
    if abs(total - 1) > SLACK:
        raise ValueError(f"probabilities must sum to 1, got {total:g}")
    return [value / total for value in values]


def write(values) -> str:
    """A distribution as text for the link."""
    return ",".join(f"{value:.6g}" for value in values)


def checked(text: str) -> str:
    """The text of a distribution, as `write` writes it; one that it wrote stays as it is."""
    read(text)
    return write(map(float, text.split(",")))


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"a probability must be a number, got {text!r}") from None
    check_number("a probability", value, low=0, high=1)
    return value


SETTINGS = Settings(
    "information",
    Choice(
        "unit",
        {"nats": N_("nats"), "bits": N_("bits")},
        widget=st.segmented_control,
        title="Unit",
        help="Nats take the natural logarithm, as losses do; bits take log₂: yes-or-no answers.",
    ),
    Setting("p", default="0.5,0.25,0.125,0.125", check=checked),
    Setting("q", default="0.25,0.25,0.25,0.25", check=checked),
    Number(
        "m",
        (1, MOST_OUTCOMES),
        default=2,
        integer=True,
        widget=st.number_input,
        title="Multi-hot: m",
        help="How many outcomes share the 1 in the multi-hot preset.",
    ),
    Setting("eta", default=0.25, check=_probability),
    *(Setting(name, default=0.5, check=_probability) for name in ("sigma", "on", "off", "any")),
    Number(
        "labels",
        (1, MOST_LABELS),
        default=512,
        integer=True,
        widget=st.number_input,
        title="Labels",
    ),
    Number(
        "true",
        (0, MOST_LABELS),
        default=5,
        integer=True,
        widget=st.number_input,
        title="True ones",
    ),
    Choice(
        "known",
        {"yes": N_("which labels are true"), "no": N_("only how frequent they are")},
        widget=st.segmented_control,
        title="What a model can know",
    ),
    Number(
        "rate",
        (0.1, 50.0),
        default=5.0,
        step=0.1,
        title="Expected number of labels, eᵘ",
    ),
    Number(
        "share",
        (0.01, 0.99),
        default=0.5,
        title="Share of the softmax on the true labels",
    ),
)
