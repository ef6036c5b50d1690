"""Two theorems of the Losses page, computed on the spot, and the page's sources."""

from math import log

import streamlit as st

from pages.ui.kit.attempts import is_open
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.numbers import MINUS, signed
from pages.ui.losses.exercises import BY_KEY
from pages.ui.losses.settings import SETTINGS
from pages.ui.server.compute import compute
from pages.ui.settings import part
from pages.ui.words import N_, _

CELLS = 512

SOURCES = N_(
    """
- Lin et al. 2017, [Focal Loss for Dense Object Detection](https://arxiv.org/abs/1708.02002): focal
  loss, and the bias at the prior's log odds in section 4.1
- Elkan 2001, *The Foundations of Cost-Sensitive Learning*, IJCAI: weights and thresholds
- Charoenphakdee et al. 2021,
  [On Focal Loss for Class-Posterior Probability Estimation](https://arxiv.org/abs/2011.09172):
  where focal loss is least
- [torch.nn.BCEWithLogitsLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html)
"""
)


def draw_theorems() -> None:
    """Both theorems, each a fragment of its own."""
    st.subheader(_("Two theorems, in numbers"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        if is_open(BY_KEY["losses-weight"]):
            part(_draw_weight)
    with right:
        if is_open(BY_KEY["losses-prior"]):
            part(_draw_start)


def _draw_weight() -> None:
    st.markdown(f"**{_('A positive weight is a shifted logit, and that is a threshold.')}**")
    weight = SETTINGS.draw("theorem.weight")
    found = compute("mlcore.learn.response:weight_shift", weight)
    plain_table(
        "theorem.weight.table",
        (_("for w = {weight}").format(weight=f"{weight:g}"), _("found by search"), _("theory")),
        [
            (
                _("logit of σ*(η) minus logit of η, η from 0.01 to 0.99"),
                _("{low} to {high}").format(low=signed(found["low"]), high=signed(found["high"])),
                f"log w = {signed(log(weight))}",
            ),
            (
                _("η that is pulled to 0.5"),
                f"{found['threshold']:.6f}",
                f"1/(1 + w) = {1 / (1 + weight):.6f}",
            ),
        ],
        label=_("A weight as a shift and as a threshold"),
    )
    st.markdown(
        _(
            "So training with weight w and cutting at 0.5 decides as training without it and "
            "cutting at {threshold}. Where training finds the minimum, a weight adds nothing that "
            "the threshold does not; it changes how the minimum is approached."
        ).format(threshold=f"{found['threshold']:.4f}")
    )
    st.latex(r"\sigma^*(\eta) = \frac{w \eta}{w \eta + 1 - \eta}")


def _draw_start() -> None:
    st.markdown(f"**{_('A bias set to the prior starts where the first epochs would lead.')}**")
    positives = SETTINGS.draw("theorem.positives")
    found = compute("mlcore.learn.starting:prior_bias", positives, CELLS)
    plain_table(
        "theorem.start.table",
        (
            _("π = {positives}/{cells}").format(positives=positives, cells=CELLS),
            _("bias 0"),
            _("bias {bias}").format(bias=f"{found['bias']:.3f}".translate(MINUS)),
        ),
        [
            (
                _("first BCE, nats per label"),
                f"{found['loss_zero']:.5f}",
                f"{found['loss_prior']:.5f}",
            ),
            (
                _("gradient of the bias"),
                signed(found["gradient_zero"]),
                signed(found["gradient_prior"]),
            ),
        ],
        label=_("The first loss and gradient with both biases"),
    )
    st.markdown(
        _(
            "With the bias log(π/(1 − π)) the first loss is the entropy of the prior, H(π) = "
            "{entropy} nats: **{times} times** smaller than with a bias of zero. The bias then has "
            "nothing left to learn, so the features have the first step to themselves."
        ).format(entropy=f"{found['entropy']:.5f}", times=f"{found['times']:.1f}")
    )
    st.latex(r"H(\pi) = -\pi \log \pi - (1 - \pi) \log (1 - \pi)")
