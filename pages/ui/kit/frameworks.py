"""The same loss in the reader's framework."""

from collections.abc import Mapping

import streamlit as st

from mlcore.frameworks import FRAMEWORKS, snippet
from mlcore.losses import LOSSES
from pages.ui.kit.notes import draw_points
from pages.ui.words import _

CHOSEN = "my framework"  # the reader's framework, kept for the visit


def draw_frameworks(loss: str, params: Mapping[str, object], *, key: str = "snippet") -> None:
    """Code for a loss at its settings, and what is done by another convention there.

    Args:
        loss: A key of LOSSES.
        params: Values of its parameters.
        key: Different for every place on a page.
    """
    framework = st.segmented_control(
        _("Framework"),
        list(FRAMEWORKS),
        default=st.session_state.get(CHOSEN, "pytorch"),
        format_func=FRAMEWORKS.__getitem__,
        required=True,
        key=f"{key}.framework",
        label_visibility="collapsed",
    )
    st.session_state[CHOSEN] = framework
    made = snippet(loss, params, framework)
    if not made.code:
        st.markdown(
            _("{framework} has no layer for {loss}.").format(
                framework=FRAMEWORKS[framework], loss=_(LOSSES[loss].title)
            )
        )
    else:
        if not made.native:
            st.caption(
                _("{framework} has no function of its own for this, so it is written out.").format(
                    framework=FRAMEWORKS[framework]
                )
            )
        st.code(made.code, language=made.language)
    draw_points(map(_, made.notes))
