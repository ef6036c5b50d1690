"""The lab of the Losses page: curves that follow their sliders, and what they show."""

import streamlit as st

from mlcore.learn.response import Scene
from mlcore.losses import LOSSES
from pages.ui.kit.attempts import draw_question, is_answered
from pages.ui.kit.frameworks import draw_frameworks
from pages.ui.kit.notes import as_let_go, draw_topics
from pages.ui.kit.numbers import filled
from pages.ui.losses.exercises import EXERCISES
from pages.ui.losses.lab import Drawn, loss_lab
from pages.ui.losses.notes import code, draw_formulas, draw_notice
from pages.ui.losses.settings import SETTINGS, choose_losses, choose_parameters, draw_more
from pages.ui.words import N_, _, ngettext, paragraph

START = EXERCISES[0]
UNITS = N_(
    "A nat is the unit of −log p by the natural logarithm. σ*(η) is the probability that the loss "
    "pulls a label to which is true with probability η; on the dotted diagonal, it is η itself."
)
# What a curve is where a loss looks at more than the label whose logit moves.
WHOLE = {
    "row": N_(
        "**{loss}** has one value per row: its curve is the loss of one row of {cells} labels, "
        "{positives} of them true, while one label's logit moves and the others stay at {others}."
    ),
    "column": N_(
        "**{loss}** has one value per label over a batch: its curve is the loss of one label "
        "over {cells} rows, true in {positives}, while its logit in one row moves and the others "
        "stay at {others}."
    ),
    "batch": N_(
        "**{loss}** has one value per batch: its curve is the loss of {rows} rows of {labels} "
        "labels, {positives} of all cells true, while one logit moves and the others stay at "
        "{others}."
    ),
}


def draw_lab() -> None:
    """Choice, charts, the question and notes; a fragment of its own."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large", key="loss_choice"):
        keys = choose_losses()
        log = SETTINGS.draw("logy")
    if not keys:
        st.info(_("Choose at least one loss."))
        return
    with st.container(key="loss_play"):
        sliders = st.container(key="loss_sliders")
        charts = st.container(key="loss_charts")
        moving = st.container()
        with st.expander(_("More settings"), icon=":material/tune:"):
            more, scene = draw_more(keys)
    with sliders:
        losses = choose_parameters(keys, more)
    answered = is_answered(START)
    z = SETTINGS.draw("z", moving, ends=(scene.low, scene.high))
    with charts:
        loss_lab(losses, scene, z=z, log=log, balance=answered)
    st.caption(_(UNITS))
    if not answered:
        st.caption(_("Answer the question below to see how hard both sides pull."))
    with as_let_go("kinds", but=("z",)):
        _draw_kinds(losses, scene)
    with st.container(border=True):
        draw_question(START)
    with as_let_go("notes", but=() if SETTINGS["topic"] == "code" else ("z",)):
        _draw_topic(losses, scene, answered)


def _draw_kinds(losses: list[Drawn], scene: Scene) -> None:
    """What the curves are of losses that look at several labels, and why σ* misses them."""
    lines = []
    for loss in losses:
        info = LOSSES[loss.key]
        if info.unit == "label":
            continue
        rows, labels = scene.shape(info.unit)
        lines.append(
            _(WHOLE[info.unit]).format(
                loss=_(info.title),
                cells=scene.cells,
                positives=scene.positives,
                rows=rows,
                labels=labels,
                others=filled("{z:g}", z=scene.others),
            )
        )
        if info.extra_outputs:
            outputs = ngettext(
                "Its {n} output that is not a label stays there too.",
                "Its {n} outputs that are not labels stay there too.",
                info.extra_outputs,
            ).format(n=info.extra_outputs)
            lines[-1] = paragraph((lines[-1], outputs))
    if lines:
        lines.append(
            _(
                "There is no curve σ*(η) here: what such a loss pulls one label to depends on the "
                "other labels."
            )
        )
        st.caption("  \n".join(lines))


def _draw_topic(losses: list[Drawn], scene: Scene, answered: bool) -> None:
    draw_topics(
        SETTINGS,
        "topic",
        {
            "notice": lambda: _draw_notice(losses, scene, answered),
            "formulas": lambda: draw_formulas(losses),
            "framework": lambda: _draw_framework(losses),
            "code": lambda: st.code(code(losses, scene, SETTINGS["z"])),
        },
    )


def _draw_notice(losses: list[Drawn], scene: Scene, answered: bool) -> None:
    if answered:
        draw_notice(losses, scene)
    else:
        st.markdown(_("Answer the question above: its answer is one of the figures here."))


def _draw_framework(losses: list[Drawn]) -> None:
    shown = losses[0]
    if len(losses) > 1:
        titles = {loss.key: LOSSES[loss.key].title for loss in losses}
        key = SETTINGS.draw("shown", options=titles)
        shown = next(loss for loss in losses if loss.key == key)
    draw_frameworks(shown.key, shown.params, key="losses")
