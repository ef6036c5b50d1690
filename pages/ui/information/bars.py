"""Bars of probabilities that are dragged, with the sum of lengths that they make.

While one is dragged, the browser asks the channel and draws the frame that it is told (see
`answer.py`); what is let go comes to the script.
"""

import json
from collections.abc import Callable, Sequence

from pages.ui.information.channel import PATH
from pages.ui.kit.component import component
from pages.ui.kit.socket import SOCKET, channel
from pages.ui.words import _


def drag_bars(
    key: str,
    letters: tuple[str, str],
    *,
    unit: str,
    bar: str,
    heads: Sequence[str],
    on_move: Callable[[list[float], list[float]], None],
    fixed: bool = False,
    **data,
) -> None:
    """Draw the bars.

    Args:
        key: Its name in the session.
        letters: What p and q are called.
        unit: "nats" or "bits".
        bar: What a screen reader calls a bar, with {letter} and {name}.
        heads: Of the columns of figures beside the bars.
        on_move: Told p and q that were let go, before the script runs.
        fixed: Whether p stays.
        **data: `kind`: "outcomes" or "labels"; `frame`: what is shown first; `names`: of the
            outcomes or labels; with labels `times`: how many each bar stands for; and maybe `path`,
            {"id": ..., "frames": [...]}: frames to play once, ending in `frame`.
    """
    p, q = letters
    data |= {
        "channel": channel(PATH),
        "unit": unit,
        "heads": heads,
        "series": [{"key": "p", "letter": p, "fixed": fixed}, {"key": "q", "letter": q}],
        "words": {
            "bar": bar,
            "cross": f"H({p}, {q})",
            "entropy": f"H({p})",
            "kl": f"KL({p}‖{q})",
            "unit": _(unit),
            "probability": _("probability"),
            "bad": _("A probability must be a number from 0 to 1. The value before was kept."),
        },
    }

    def take(_event: str, text: str) -> None:
        """Hand on what was let go; it comes from outside, so whoever takes it checks it."""
        try:
            moved = json.loads(text)
        except ValueError:
            return
        if isinstance(moved, dict):
            on_move(moved.get("p"), moved.get("q"))

    component("information/bars", data, key=key, parts=(SOCKET,), on_event=take)
