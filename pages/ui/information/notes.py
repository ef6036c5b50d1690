"""What follows from the bars of the Information page: how many times which, code, sources."""

from math import log

import streamlit as st

from mlcore.learn.information import bernoulli_cross_entropy, cross_entropy, entropy, kl_divergence
from mlcore.losses.factorisation import poisson_factorisation
from pages.ui.information.exercises import BY_KEY
from pages.ui.information.settings import SETTINGS
from pages.ui.kit.attempts import is_answered
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.notes import draw_points
from pages.ui.kit.numbers import signed
from pages.ui.words import N_, _

SOURCES = N_("""
- Shannon 1948, [A Mathematical Theory of Communication](https://doi.org/10.1002/j.1538-7305.1948.tb01338.x)
- Kullback and Leibler 1951, [On Information and Sufficiency](https://doi.org/10.1214/aoms/1177729694)
- Cover and Thomas 2006, *Elements of Information Theory*, 2nd edition, chapters 2 and 5
- McCullagh and Nelder 1989, *Generalized Linear Models*, chapter 6, on Poisson counts
""")


def draw_notice() -> None:
    """What the bars show, in computed figures."""
    bold, even = (0.99, 0.01), (0.5, 0.5)
    silence = [bernoulli_cross_entropy([y], [0.01]).item() for y in (1.0, 0.0)]
    points = [
        _(
            "**KL can be brought to 0; H(p) does not depend on q.** Drag any bar of q: only the "
            "striped piece changes. Drag p: both do."
        ),
        _(
            "**KL has a direction.** For p = (0.5, 0.5) and q = (0.99, 0.01) it is {there:.4f} "
            "nats, and swapped {back:.4f}: expecting too little costs more than too much."
        ).format(there=kl_divergence(even, bold), back=kl_divergence(bold, even)),
        _(
            "**Being sure and wrong is what costs.** A true label with σ = 0.01 costs {missed:.3f} "
            "nats; a false one with the same σ costs {right:.3f}, {ratio:.0f} times less."
        ).format(missed=silence[0], right=silence[1], ratio=silence[0] / silence[1]),
        _(
            "**Bits are nats divided by log 2.** A fair coin has {nats:.4f} nats or {bits:.0f} "
            "bit; which q is best does not depend on it."
        ).format(nats=entropy((0.5, 0.5)), bits=entropy((0.5, 0.5), unit="bits")),
        _(
            "**One-hot targets hide the difference.** H(p) = 0 there, so cross entropy and KL are "
            "the same number: {cross:.4f} and {kl:.4f} nats for q = (0.7, 0.2, 0.1)."
        ).format(
            cross=cross_entropy((1.0, 0.0, 0.0), (0.7, 0.2, 0.1)),
            kl=kl_divergence((1.0, 0.0, 0.0), (0.7, 0.2, 0.1)),
        ),
    ]
    if not is_answered(BY_KEY["information-which"]):
        del points[2]
    draw_points(points)


def draw_partition(k: int, m: int) -> None:
    """A row of counts under independent Poissons is how many, times which; to the last digit."""
    st.markdown(
        _(
            "**How many, times which.** Let every label's count be Poisson with rate "
            "$\\lambda_j = e^u s_j$, where $s$ is a softmax. Then the likelihood of the row is the "
            "Poisson of their number times the softmax's choice of which: the loss is a sum, and "
            "its second term is the softmax cross entropy from above, times the number of true "
            "labels, less a constant."
        )
    )
    left, right = st.columns(2)
    rate, share = SETTINGS.draw("rate", left), SETTINGS.draw("share", right)
    if not 0 < m < k:
        st.markdown(_("Choose some true labels above, and some that are not."))
        return
    z = [log(share / m)] * m + [log((1 - share) / (k - m))] * (k - m)
    parts = poisson_factorisation([*z, log(rate)], [1] * m + [0] * (k - m))
    plain_table(
        "partition",
        (_("Negative log likelihood of the row"), _("nats")),
        [
            (_("independent Poisson counts"), f"{parts.joint:.10f}"),
            (_("how many: Poisson"), f"{parts.count:.10f}"),
            (_("which: multinomial"), f"{parts.which:.10f}"),
            (_("the first minus the other two"), signed(parts.difference)),
        ],
        _("The Poisson likelihood and its two factors"),
    )


def code(p: list[float], q: list[float], unit: str) -> str:
    """A script that prints the figures of the bars, by this library and by PyTorch."""
    bits = unit == "bits"
    return f"""import math

import torch
from mlcore.learn.information import cross_entropy, entropy, kl_divergence, surprise

p = {[float(f"{value:.6g}") for value in p]}
q = {[float(f"{value:.6g}") for value in q]}
print("surprise of q:", surprise(q, unit="{unit}"))
print("H(p)    =", entropy(p, unit="{unit}"))
print("KL(p|q) =", kl_divergence(p, q, unit="{unit}"))
print("H(p, q) =", cross_entropy(p, q, unit="{unit}"))

# The same by PyTorch, whose losses take logits and give nats.
logits, target = torch.tensor(q).log()[None], torch.tensor(p)[None]
{"scale = math.log(2)  # nats in a bit" if bits else "scale = 1.0  # math.log(2) for bits"}
print(torch.nn.functional.cross_entropy(logits, target).item() / scale)
print(torch.nn.functional.kl_div(logits, target, reduction="batchmean").item() / scale)
"""
