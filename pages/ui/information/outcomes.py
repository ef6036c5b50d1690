"""Two distributions over the same outcomes, dragged: the Information page's main part."""

from math import isfinite

import streamlit as st

from pages.ui import link
from pages.ui.information.answer import MOST_OUTCOMES, outcomes_frame
from pages.ui.information.bars import drag_bars
from pages.ui.information.channel import PATH
from pages.ui.information.notes import code
from pages.ui.server.compute import compute
from pages.ui.words import N_, _

UNITS = (N_("nats"), N_("bits"))
FIRST_P = "0.5,0.25,0.125,0.125"
SLACK = 1e-3  # how far from 1 what a link says may sum; it is scaled to 1
PRESETS = {
    "uniform": N_("uniform"),
    "one-hot": N_("one-hot"),
    "shared": N_("multi-hot, shared out"),
    "zipf": N_("Zipf"),
}
DESCENT, PLAY = "information.descent", "information.play"


def choose_unit() -> str:
    """Nats or bits, for everything on the page."""

    def parse(text: str) -> str:
        if text not in UNITS:
            raise ValueError(f"unit must be one of nats, bits; got {text!r}")
        return text

    return link.widget(
        st.segmented_control,
        "unit",
        "nats",
        parse,
        label=_("Unit"),
        options=UNITS,
        format_func=_,
        required=True,
        help=_("Nats take the natural logarithm, as losses do; bits take log₂: yes-or-no answers."),
    )


def draw_outcomes(unit: str) -> None:
    """The bars of p and q with all that follows from them, presets for both, and the code."""
    p = read(link.widget(_held, "p", FIRST_P, checked))
    _fit_q(len(p))
    q = read(link.widget(_held, "q", write(_uniform(len(p))), _checked_like_p))
    _draw_presets(len(p))
    st.caption(
        _(
            "Drag a bar, or move it by the arrow keys (0.01, with Shift 0.1), or type. The others "
            "keep their proportions, so that the sum stays 1."
        )
    )
    drag_bars(
        "outcome bars",
        route=PATH,
        kind="outcomes",
        unit=unit,
        frame=outcomes_frame(p, q, unit),
        names=[str(place + 1) for place in range(len(p))],
        series=({"key": "p", "letter": "p"}, {"key": "q", "letter": "q"}),
        heads=(_("surprise"), _("p × surprise")),
        words=bar_words("p", "q", unit) | {"bar": _("{letter} of outcome {name}")},
        on_move=_take,
        path=_path(unit),
    )
    _tell_descent()
    with st.expander(_("Code"), icon=":material/code:"):
        st.code(code(p, q, unit))


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


def _checked_like_p(text: str) -> str:
    q, p = read(text), read(link.get("p"))
    if len(q) != len(p):
        raise ValueError(f"q must have as many outcomes as p, {len(p)}, got {len(q)}")
    return checked(text)


def _held(key: str) -> str:
    """A setting whose widget is the bars."""
    return st.session_state[key]


def _uniform(k: int) -> list[float]:
    return [1 / k] * k


def _fit_q(k: int) -> None:
    """A q kept from a p with another number of outcomes becomes uniform."""
    kept = st.session_state.get(link.KEPT, {})
    q = link.key("q")
    for store in (st.session_state, kept):
        if q in store and len(read(store[q])) != k:
            del store[q]


def bar_words(p: str, q: str, unit: str) -> dict[str, str]:
    """What the bars are called, whatever p and q are."""
    return {
        "cross": f"H({p}, {q})",
        "entropy": f"H({p})",
        "kl": f"KL({p}‖{q})",
        "unit": _(unit),
        "probability": _("probability"),
        "bad": _("A probability must be a number from 0 to 1. The value before was kept."),
    }


def _draw_presets(k: int) -> None:
    st.session_state["outcomes"] = k
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            _("Outcomes"),
            2,
            MOST_OUTCOMES,
            key="outcomes",
            on_change=_resize,
            width=130,
            help=_("An outcome that goes leaves its share to the others; a new one has none."),
        )
        kept = link.widget(_few(k), "m", 2, int, label=_("Multi-hot: m"), width=130)
        for name in ("p", "q"):
            with st.popover(_("Set {name}").format(name=name), icon=":material/bar_chart:"):
                for preset, title in PRESETS.items():
                    st.button(
                        _(title), key=f"{name}.{preset}", on_click=_apply, args=(name, preset, kept)
                    )
        st.button("q = p", key="q.same", on_click=_same)
        st.button(_("Swap p and q"), key="swap", on_click=_swap, icon=":material/swap_vert:")
        st.button(
            _("Gradient descent on q"),
            key="descend",
            on_click=_descend,
            icon=":material/trending_down:",
            help=_("q = softmax(z); z follows the gradient of the cross entropy, 60 steps."),
        )


def _few(k: int):
    """A field for 1..k that stays in range when k shrinks."""

    def kind(key: str, **options):
        st.session_state[key] = min(max(1, st.session_state[key]), k)
        text = _("How many outcomes share the 1 in the multi-hot preset.")
        return st.number_input(min_value=1, max_value=k, key=key, help=text, **options)

    return kind


def _apply(name: str, preset: str, m: int) -> None:
    from mlcore.learn.information import shared_out, zipf

    k = len(read(link.get("p")))
    values = {
        "uniform": lambda: shared_out(k, k),
        "one-hot": lambda: shared_out(k, 1),
        "shared": lambda: shared_out(k, min(m, k)),
        "zipf": lambda: zipf(k),
    }[preset]()
    _set(**{name: values})


def _resize() -> None:
    k = st.session_state["outcomes"]
    for name in ("p", "q"):
        values = (read(link.get(name)) + [0.0] * k)[:k]
        total = sum(values)
        _set(**{name: [value / total for value in values] if total else _uniform(k)})


def _same() -> None:
    _set_texts(q=link.get("p"))


def _swap() -> None:
    _set_texts(p=link.get("q"), q=link.get("p"))


def _set(**values) -> None:
    _set_texts(**{name: write(shares) for name, shares in values.items()})


def _set_texts(**texts: str) -> None:
    link.put(**texts)
    st.session_state.pop(DESCENT, None)


def _take(p: object, q: object) -> None:
    """What was let go becomes the state, if it is a pair of distributions."""
    try:
        _set(p=read(_joined(p)), q=read(_joined(q)))
    except (ValueError, TypeError):
        return


def _joined(values: object) -> str:
    if not isinstance(values, list):
        raise TypeError(f"a distribution must be a list, got {type(values).__name__}")
    return ",".join(map(str, values))


def _descend() -> None:
    p, q = read(link.get("p")), read(link.get("q"))
    seen = compute("mlcore.learn.descent:descend", p, q)
    _set(q=seen.path[-1])
    st.session_state[DESCENT] = seen
    st.session_state[PLAY] = st.session_state.get("information.plays", 0) + 1
    st.session_state["information.plays"] = st.session_state[PLAY]


def _path(unit: str) -> dict | None:
    """The frames of a descent that was just asked for; once."""
    number, seen = st.session_state.pop(PLAY, None), st.session_state.get(DESCENT)
    if number is None or seen is None:
        return None
    p = read(link.get("p"))
    return {"id": number, "frames": [outcomes_frame(p, q, unit) for q in seen.path]}


def _tell_descent() -> None:
    if (seen := st.session_state.get(DESCENT)) is None:
        return
    cross, kl = seen.cross_entropy, seen.kl
    st.markdown(
        _(
            "In {steps} steps the cross entropy fell from {first:.4f} to {last:.4f} nats and KL "
            "from {first_kl:.4f} to {last_kl:.4f}. Between them there was always the same "
            "H(p) = **{floor:.4f}**, which no q can take away. The gradients of the two differed "
            "by at most {gap:.0e} on the way: **as losses they are the same**, only what is shown "
            "differs."
        ).format(
            steps=len(kl) - 1,
            first=cross[0],
            last=cross[-1],
            first_kl=kl[0],
            last_kl=kl[-1],
            floor=cross[-1] - kl[-1],
            gap=seen.gap,
        )
    )
