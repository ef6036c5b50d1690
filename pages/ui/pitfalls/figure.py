"""The focal variant beside the focal loss: both on a label that does not hold, over γ."""

from math import e

import numpy as np
import streamlit as st

from mlcore.palette import DASHES, PALETTE
from pages.ui.kit.attempts import is_open
from pages.ui.kit.curves import Curve, Panel, Row, SweepChart, sweep_chart
from pages.ui.pitfalls.exercises import TURN
from pages.ui.pitfalls.settings import SETTINGS
from pages.ui.server.compute import compute
from pages.ui.words import _

GAMMA = SETTINGS.by_name["gamma"]
LOW, HIGH = GAMMA.ends
GAMMAS = np.round(np.arange(LOW, HIGH + GAMMA.step / 2, GAMMA.step), 1).tolist()
SIGMAS = np.round(np.linspace(0.005, 0.995, 199), 3).tolist()
CODE = """import torch
from mlcore.losses import focal
from mlcore.learn.pitfalls import focal_variant, turning_point

gamma = {gamma:g}
sigma = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)[None]
logits, negatives = torch.logit(sigma), torch.zeros_like(sigma)

variant = focal_variant(logits, negatives, gamma=gamma)
lin = focal(logits, negatives, gamma=gamma, reduction="none")
print("variant is highest at", sigma[0, variant.argmax()].item())
print("1 - exp(-1 / gamma) =", turning_point(gamma))
print("Lin et al. is highest at", sigma[0, lin.argmax()].item())
"""


def draw_variant() -> None:
    """The theorem, its live figure and code that shows it again."""
    st.subheader(_("The focal variant beside focal loss"), anchor=False)
    if not is_open(TURN):
        return
    st.markdown(
        _(
            "A label that is **not** true, and the probability σ that the model gives it. Lin et "
            "al. multiply its cross entropy by σ^γ; the variant multiplies it by (1 − σ)^γ, the "
            "factor for positives. Drag γ."
        )
    )
    gamma = SETTINGS.draw("gamma")
    _draw_figure()
    st.latex(
        r"\begin{gathered}"
        r"\frac{d}{d\sigma}\left[-(1-\sigma)^\gamma \log(1-\sigma)\right] = 0"
        r"\\ \iff \sigma = 1 - e^{-1/\gamma}"
        r"\end{gathered}"
    )
    with st.expander(_("Code"), icon=":material/code:"):
        st.code(CODE.format(gamma=gamma))


def _draw_figure() -> None:
    curves = compute("mlcore.learn.pitfalls.variant:negative_curves", GAMMAS, SIGMAS)
    chart = SweepChart(
        figures={name: curves[name] for name in ("formula", "found", "top")},
        ends=GAMMA.ends,
        panels=[
            Panel(
                title=_("Loss of one negative (nats)"),
                kind="profile",
                along="formula",
                mark=_("turning point"),
                across=_("σ, the predicted probability of a false label"),
                x=SIGMAS,
                top=1.08 / e,  # a little above the variant's top at gamma 1, 1 / (e gamma)
                lines=[
                    Curve(
                        name=_("variant, (1 − σ)^γ"),
                        colour=PALETTE[1],
                        dash=DASHES[1],
                        points=curves["variant"],
                    ),
                    Curve(name=_("Lin et al., σ^γ"), colour=PALETTE[0], points=curves["lin"]),
                ],
            )
        ],
        rows=[Row(name=name, columns=[name], digits=4) for name in ("formula", "found", "top")],
        caption=_(
            "At γ = {value} the variant turns at σ = 1 − e^(−1/γ) = {formula}. Bisecting its "
            "gradient finds {found}. It costs {top} nats there, and less for every worse "
            "prediction."
        ),
    )
    sweep_chart(chart, key=GAMMA.name)
