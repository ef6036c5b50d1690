"""The same for labels, each true or not: one of them, and many at once."""

import streamlit as st

from mlcore.checks import check_number
from mlcore.learn import information
from pages.ui.information.answer import labels_frame
from pages.ui.information.bars import drag_bars
from pages.ui.information.notes import draw_partition
from pages.ui.information.settings import SETTINGS
from pages.ui.kit.cell_table import plain_table
from pages.ui.words import _, ngettext


def draw_one(unit: str) -> None:
    """One label: η is how often it is true, σ what is predicted."""
    eta, sigma = SETTINGS.draw("eta"), SETTINGS.draw("sigma")

    def take(p: object, q: object) -> None:
        _keep(p, ("eta",))
        _keep(q, ("sigma",))

    _draw_bars("one label", unit, [eta], [sigma], [1], names=[_("one label")], on_move=take)


def draw_many(unit: str, answered: bool) -> None:
    """Many labels, true ones and others or all alike, and what follows from how many they are.

    Args:
        unit: "nats" or "bits".
        answered: Whether the page's first question has an answer, which is one of the floors.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = SETTINGS.draw("labels", width=130)
        m = SETTINGS.draw("true", ends=(0, k), width=130)
        known = SETTINGS.draw("known")
    if known == "yes":
        keys, p, times = ("on", "off"), [1.0, 0.0], [m, k - m]
        names = [
            ngettext("{n} true label", "{n} true labels", m).format(n=m),
            ngettext("{n} other", "{n} others", k - m).format(n=k - m),
        ]
        starts = {_("Untrained: σ = {value:.4g}"): 0.5, _("Frequency: σ = {value:.4g}"): m / k}
        with st.container(horizontal=True):
            for place, (title, value) in enumerate(starts.items()):
                start = {"on_click": _keep, "args": ([value] * 2, keys)}
                st.button(title.format(value=value), key=f"start{place}", **start)
        q = [SETTINGS.draw("on"), SETTINGS.draw("off")]
    else:
        keys, p, times = ("any",), [m / k], [k]
        names = [ngettext("{n} label", "{n} labels", k).format(n=k)]
        q = [SETTINGS.draw("any")]
    keep = {"on_move": lambda _p, q: _keep(q, keys), "fixed": True}
    _draw_bars(f"many labels {known}", unit, p, q, times, names=names, **keep)
    st.subheader(_("Why cross entropy is the loss, and where it stops"), anchor=False)
    if answered:
        _draw_floors(unit, k, m)
    else:
        st.markdown(_("Answer the question above: its answer is one of the figures here."))
    draw_partition(k, m)


def _draw_floors(unit: str, k: int, m: int) -> None:
    """What a perfect model leaves of each loss, for the labels chosen above."""
    if m == 0:
        st.markdown(_("Choose at least one true label above to see the floors."))
        return
    p, options = information.shared_out(k, m), {"unit": unit}
    floor = information.cross_entropy(p, p, **options)

    def losses(title: str, q, sigma) -> tuple[str, ...]:
        found = (
            information.cross_entropy(p, q, **options),
            information.kl_divergence(p, q, **options),
            information.bernoulli_cross_entropy(p > 0, sigma, total=True, **options),
        )
        return (title, *(f"{loss:.4f}" for loss in found))

    rows = [
        losses(_("Knows which labels are true"), p, p > 0),
        losses(_("Knows only how frequent they are"), information.shared_out(k, k), [m / k] * k),
    ]
    head = (
        _("Lowest possible loss of a row"),
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


def _draw_bars(key: str, unit: str, p, q, times, **more) -> None:
    drag_bars(
        key,
        ("η", "σ"),
        kind="labels",
        unit=unit,
        times=times,
        frame=labels_frame(p, q, times, unit),
        heads=(_("surprise if true"), _("surprise if false"), _("mean, summed")),
        bar=_("{letter} of {name}"),
        **more,
    )


def _keep(values: object, keys: tuple[str, ...]) -> None:
    """What was let go becomes the state, if it is as many probabilities as there are keys."""
    if not isinstance(values, list) or len(values) != len(keys):
        return
    try:
        for value in values:
            check_number("a probability", value, low=0, high=1)
    except (ValueError, TypeError):
        return
    for key, value in zip(keys, values, strict=True):
        SETTINGS[key] = float(value)
