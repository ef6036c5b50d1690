"""Below the curves of the Losses page: what to notice, formulas, and code that reproduces them."""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from mlcore.learn.response import Scene
from mlcore.losses import LOSSES
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.numbers import three
from pages.ui.losses.lab import Drawn
from pages.ui.server.compute import compute
from pages.ui.words import _


def draw_notice(losses: Sequence[Drawn], scene: Scene) -> None:
    """Figures that tell the losses apart, and what to see in them."""
    with st.spinner(_("Computing…"), show_time=False):
        found = [landmarks_of(loss, scene) for loss in losses]
        bce = landmarks_of(Drawn(key="bce", params={}), scene)
    plain_table(
        "landmarks",
        (
            _("loss"),
            _("negatives over positives, all logits 0"),
            _("all at the log odds of π"),
            _("a false label at −4 over one at 0"),
            _("π = {prior} becomes").format(prior=three(scene.prior)),
        ),
        [
            (
                _(LOSSES[loss.key].title),
                three(marks["ratio_start"]),
                three(marks["ratio_prior"]),
                three(marks["easy"]),
                "–" if marks["pulled"] is None else three(marks["pulled"]),
            )
            for loss, marks in zip(losses, found, strict=True)
        ],
        label=_("How hard each loss pulls, and to where"),
    )
    st.markdown(
        "\n".join(
            f"- {line}"
            for line in (
                _(
                    "At the start every cell of plain BCE pulls equally hard, so the negatives "
                    "together pull {ratio} times as hard as the positives: the ratio of their "
                    "numbers. The first thing learned is to say no."
                ).format(ratio=three(bce["ratio_start"])),
                _(
                    "Once all logits stand at the log odds of the prior, BCE is balanced "
                    "({ratio}). A loss with another figure there goes on moving all labels at "
                    "once, before it has learned anything from the features."
                ).format(ratio=three(bce["ratio_prior"])),
                _(
                    "What a loss does with easy negatives is in the third figure: BCE still "
                    "pulls with {easy} of its first strength at logit −4. Focusing makes that "
                    "smaller; a margin makes it 0."
                ).format(easy=three(bce["easy"])),
                _(
                    "Only a loss whose σ*(η) is the diagonal gives probabilities that can be "
                    "read. The others need their own threshold, or calibration."
                ),
            )
        )
    )


def landmarks_of(loss: Drawn, scene: Scene) -> dict:
    """`mlcore.learn.response.landmarks` of a loss as it is set."""
    return compute("mlcore.learn.response:landmarks", loss.key, dict(loss.params), scene)


def draw_formulas(losses: Sequence[Drawn]) -> None:
    """Formula, when not to use it, and source of each."""
    for loss in losses:
        info = LOSSES[loss.key]
        st.markdown(f"**{_(info.title)}**")
        st.latex(info.formula)
        st.markdown(_(info.when_not))
        st.caption(_("Source: {source}").format(source=_(info.source)))


CODE = '''import torch
from mlcore.losses import LOSSES
from mlcore.learn.response import Scene, minimiser

losses = {losses}
scene = Scene({scene})
z = {z!r}  # the logit that moves


def at(info, bound, is_true):
    """Loss and its gradient on one logit, by autograd."""
    targets = torch.tensor(scene.targets(info.unit))
    if info.unit == "label":  # then no other cell plays a part
        targets = torch.full((1, 1), float(is_true), dtype=torch.float64)
    rows, labels = targets.shape
    logits = torch.full((rows, labels + info.extra_outputs), scene.others, dtype=torch.float64)
    row, label = (targets == is_true).nonzero()[0].tolist()
    logits[row, label] = z
    loss = info.function(logits.requires_grad_(), targets, **bound, reduction="sum")
    loss.backward()
    return loss.item(), logits.grad[row, label].item()


for key, params in losses.items():
    info = LOSSES[key]
    bound = info.bind(params, torch.tensor(scene.targets("column")))  # weights by scheme, too
    for is_true in (1, 0):
        print(key, is_true, *at(info, bound, is_true))
    print(key, "pulls 0.1 to", minimiser(key, params, [0.1], scene))
'''


def code(losses: Sequence[Drawn], scene: Scene, z: float) -> str:
    """Python that prints loss and gradient of every loss at a logit, and a point of σ*."""
    settings = "".join(f"    {loss.key!r}: {dict(loss.params)!r},\n" for loss in losses)
    named = ", ".join(f"{name}={value!r}" for name, value in asdict(scene).items())
    return CODE.format(losses=f"{{\n{settings}}}", scene=named, z=z)
