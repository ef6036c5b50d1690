"""Two distributions over the same outcomes, dragged: the Information page's main part."""

import streamlit as st

from mlcore.learn.information import shared_out, zipf
from pages.ui.information.answer import MOST_OUTCOMES, outcomes_frame
from pages.ui.information.bars import drag_bars
from pages.ui.information.notes import code
from pages.ui.information.settings import SETTINGS, checked, read, write
from pages.ui.kit.numbers import three
from pages.ui.server.compute import compute
from pages.ui.words import N_, _

PRESETS = {
    "uniform": N_("uniform"),
    "one-hot": N_("one-hot"),
    "shared": N_("multi-hot, shared out"),
    "zipf": N_("Zipf"),
}
HELPS = {
    "one-hot": N_("The first outcome has all."),
    "shared": N_("m outcomes have the same share each: the target of a row with m true labels."),
    "zipf": N_("Zipf's law: the second is half as frequent as the first, the third a third."),
}
DESCENT, PLAY = "information.descent", "information.play"


def draw_outcomes(unit: str) -> None:
    """The bars of p and q with all that follows from them, what sets them, and the code."""
    p = read(SETTINGS.draw("p"))
    uniform = write(_uniform(len(p)))

    def check(text: str) -> str:
        if len(read(text)) != len(p):
            raise ValueError(f"q must have as many outcomes as p, {len(p)}, got {len(read(text))}")
        return checked(text)

    if len(read(SETTINGS["q"])) != len(p):  # kept from a p with another number of outcomes
        SETTINGS["q"] = uniform
    q = read(SETTINGS.draw("q", default=uniform, check=check))
    bars = st.container()
    _draw_presets(len(p))
    with bars:
        _draw_bars(p, q, unit)
    _tell_descent()
    with st.expander(_("Code"), icon=":material/code:"):
        st.code(code(p, q, unit))


def _draw_bars(p: list[float], q: list[float], unit: str) -> None:
    drag_bars(
        "outcome bars",
        ("p", "q"),
        kind="outcomes",
        unit=unit,
        frame=outcomes_frame(p, q, unit),
        names=[str(place + 1) for place in range(len(p))],
        heads=(_("surprise"), _("p × surprise")),
        bar=_("{letter} of outcome {name}"),
        on_move=_take,
        path=_path(unit),
    )
    st.caption(
        _(
            "A surprise is −log of the expected probability, H is its mean, and KL, the "
            "Kullback–Leibler divergence, is what expecting q instead of p adds to it."
        )
    )
    st.caption(
        _(
            "Drag a bar, move it with the arrow keys (0.01, with Shift 0.1), or type. The others "
            "keep their proportions, so that the sum stays 1."
        )
    )


def _uniform(k: int) -> list[float]:
    return [1 / k] * k


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
            help=_("A removed outcome leaves its share to the others; a new one starts with none."),
        )
        kept = SETTINGS.draw("m", ends=(1, k), width=130)
        for name in ("p", "q"):
            with st.popover(_("Set {name}").format(name=name), icon=":material/bar_chart:"):
                for preset, title in PRESETS.items():
                    st.button(
                        _(title),
                        key=f"{name}.{preset}",
                        help=_(HELPS.get(preset, "")) or None,
                        on_click=_apply,
                        args=(name, preset, kept),
                    )
        # What a bar was let go at may come together with the click, so both are read then.
        st.button("q = p", key="q.same", on_click=lambda: _set_texts(q=SETTINGS["p"]))
        st.button(
            _("Swap p and q"),
            key="swap",
            on_click=lambda: _set_texts(p=SETTINGS["q"], q=SETTINGS["p"]),
            icon=":material/swap_vert:",
        )
        st.button(
            _("Gradient descent on q"),
            key="descend",
            on_click=_descend,
            icon=":material/trending_down:",
            help=_("q = softmax(z); z follows the gradient of the cross entropy, 60 steps."),
        )


def _apply(name: str, preset: str, m: int) -> None:
    k = len(read(SETTINGS["p"]))
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
        values = (read(SETTINGS[name]) + [0.0] * k)[:k]
        total = sum(values)
        _set(**{name: [value / total for value in values] if total else _uniform(k)})


def _set(**values) -> None:
    _set_texts(**{name: write(shares) for name, shares in values.items()})


def _set_texts(**texts: str) -> None:
    for name, text in texts.items():
        SETTINGS[name] = text
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
    p, q = read(SETTINGS["p"]), read(SETTINGS["q"])
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
    p = read(SETTINGS["p"])
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
            "by at most {gap} on the way: **as losses they are the same**, only what is shown "
            "differs."
        ).format(
            steps=len(kl) - 1,
            first=cross[0],
            last=cross[-1],
            first_kl=kl[0],
            last_kl=kl[-1],
            floor=cross[-1] - kl[-1],
            gap=three(seen.gap),
        )
    )
