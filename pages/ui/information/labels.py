"""The same for labels, each true or not: one of them, and many at once."""

import streamlit as st

from mlcore.checks import check_number
from pages.ui import link
from pages.ui.information.answer import MOST_LABELS, labels_frame
from pages.ui.information.bars import drag_bars
from pages.ui.information.channel import PATH
from pages.ui.information.notes import draw_partition
from pages.ui.information.outcomes import bar_words
from pages.ui.kit.cell_table import plain_table
from pages.ui.words import N_, _, ngettext

KNOWN = {"yes": N_("which labels are true"), "no": N_("only how frequent they are")}


def draw_one(unit: str) -> None:
    """One label: η is how often it is true, σ what is predicted."""
    eta, sigma = (_held_probability(key, first) for key, first in (("eta", 0.25), ("sigma", 0.5)))

    def take(p: object, q: object) -> None:
        _keep(p, ("eta",))
        _keep(q, ("sigma",))

    _draw_bars("one label", unit, [eta], [sigma], [1], [_("one label")], take)


def draw_many(unit: str, answered: bool) -> None:
    """Many labels, true ones and others or all alike, and what follows from how many they are.

    Args:
        unit: "nats" or "bits".
        answered: Whether the page's first question has an answer, which is one of the floors.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = link.widget(
            st.number_input,
            "labels",
            512,
            _whole("labels", 1, MOST_LABELS),
            label=_("Labels"),
            min_value=1,
            max_value=MOST_LABELS,
            width=130,
        )
        m = link.widget(
            _up_to(k), "true", 5, _whole("true", 0, MOST_LABELS), label=_("True ones"), width=130
        )
        known = link.widget(
            st.segmented_control,
            "known",
            "yes",
            _known,
            label=_("What a model can know"),
            options=list(KNOWN),
            format_func=lambda key: _(KNOWN[key]),
            required=True,
        )
    if known == "yes":
        keys, p, times = ("on", "off"), [1.0, 0.0], [m, k - m]
        names = [
            ngettext("{n} true label", "{n} true labels", m).format(n=m),
            ngettext("{n} other", "{n} others", k - m).format(n=k - m),
        ]
        with st.container(horizontal=True):
            starts = (
                (_("Untrained: σ = {value:.4g}"), 0.5),
                (_("Frequency: σ = {value:.4g}"), m / k),
            )
            for place, (title, value) in enumerate(starts):
                st.button(
                    title.format(value=value),
                    key=f"start{place}",
                    on_click=_keep,
                    args=([value] * 2, keys),
                )
        q = [_held_probability("on", 0.5), _held_probability("off", 0.5)]
    else:
        keys, p, times = ("any",), [m / k], [k]
        names = [ngettext("{n} label", "{n} labels", k).format(n=k)]
        q = [_held_probability("any", 0.5)]
    _draw_bars(
        f"many labels {known}", unit, p, q, times, names, lambda _p, q: _keep(q, keys), fixed=True
    )
    st.subheader(_("Why cross entropy is the loss, and where it stops"), anchor=False)
    if answered:
        _draw_floors(unit, k, m)
    else:
        st.markdown(_("Answer the question at the top: its answer is one of the figures here."))
    draw_partition(k, m)


def _draw_floors(unit: str, k: int, m: int) -> None:
    """What a perfect model leaves of each loss, for the labels chosen above."""
    from mlcore.learn.information import (
        bernoulli_cross_entropy,
        cross_entropy,
        kl_divergence,
        shared_out,
    )

    if m == 0:
        st.markdown(_("Choose at least one true label above to see the floors."))
        return
    p, options = shared_out(k, m), {"unit": unit}
    floor = cross_entropy(p, p, **options)

    def losses(title: str, q, sigma) -> tuple[str, ...]:
        found = (
            cross_entropy(p, q, **options),
            kl_divergence(p, q, **options),
            bernoulli_cross_entropy(p > 0, sigma, total=True, **options),
        )
        return (title, *(f"{loss:.4f}" for loss in found))

    rows = [
        losses(_("Knows which labels are true"), p, p > 0),
        losses(_("Knows only how frequent they are"), shared_out(k, k), [m / k] * k),
    ]
    head = (
        _("Loss of a row at best"),
        _("softmax cross entropy"),
        _("softmax KL"),
        _("sigmoid BCE, summed"),
    )
    plain_table("floors", head, rows, _("The lowest value of each loss"))
    st.markdown(
        _(
            "With {m} of {k} labels true, the softmax cross entropy of a perfect model is log {m} "
            "= {floor:.4f} {unit}; its KL is 0, with the same gradient; sigmoid BCE is 0. So a "
            "loss of {floor:.4f} may mean that nothing is left to learn: know the floor before "
            "you judge a curve."
        ).format(m=m, k=k, floor=float(floor), unit=_(unit))
    )


def _draw_bars(key: str, unit: str, p, q, times, names, take, fixed: bool = False) -> None:
    drag_bars(
        key,
        route=PATH,
        kind="labels",
        unit=unit,
        times=times,
        frame=labels_frame(p, q, times, unit),
        names=names,
        series=({"key": "p", "letter": "η", "fixed": fixed}, {"key": "q", "letter": "σ"}),
        heads=(_("surprise if true"), _("surprise if false"), _("mean, summed")),
        words=bar_words("η", "σ", unit) | {"bar": _("{letter} of {name}")},
        on_move=take,
    )


def _held_probability(key: str, first: float) -> float:
    return link.widget(lambda key: st.session_state[key], key, first, _probability)


def _probability(text: str) -> float:
    value = float(text)
    check_number("a probability", value, low=0, high=1)
    return value


def _keep(values: object, keys: tuple[str, ...]) -> None:
    """What was let go becomes the state, if it is as many probabilities as there are keys."""
    if not isinstance(values, list) or len(values) != len(keys):
        return
    try:
        for value in values:
            check_number("a probability", value, low=0, high=1)
    except (ValueError, TypeError):
        return
    link.put(**dict(zip(keys, map(float, values), strict=True)))


def _known(text: str) -> str:
    if text not in KNOWN:
        raise ValueError(f"known must be one of {', '.join(KNOWN)}; got {text!r}")
    return text


def _whole(name: str, low: int, high: int):
    def parse(text: str) -> int:
        value = int(text)
        check_number(name, value, low=low, high=high)
        return value

    return parse


def _up_to(k: int):
    """A field for 0..k that stays in range when k shrinks."""

    def kind(key: str, **options):
        st.session_state[key] = min(st.session_state[key], k)
        return st.number_input(min_value=0, max_value=k, key=key, **options)

    return kind
