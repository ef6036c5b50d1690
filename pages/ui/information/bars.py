"""Bars of probabilities that are dragged, with the sum of lengths that they make.

While one is dragged, the browser asks the channel and draws the frame that it is told
(`information_frame`); what is let go comes to the script.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from pages.ui.kit.component import component
from pages.ui.kit.socket import SOCKET, channel


def drag_bars(
    key: str,
    *,
    route: str,
    kind: str,
    unit: str,
    frame: dict,
    names: Sequence[str],
    series: Sequence[Mapping],
    heads: Sequence[str],
    words: Mapping[str, str],
    on_move: Callable[[list[float], list[float]], None],
    times: Sequence[int] = (),
    path: Mapping | None = None,
) -> None:
    """Draw the bars.

    Args:
        key: Its name in the session.
        route: The path of the WebSocket route that is asked.
        kind: "outcomes" or "labels".
        unit: "nats" or "bits".
        frame: What is shown first.
        names: Of the outcomes or labels.
        series: {"key": "p" or "q", "letter": what it is called, "fixed": whether it stays}.
        heads: Of the columns of figures beside the bars.
        words: Texts that the browser shows.
        on_move: Told p and q that were let go, before the script runs.
        times: How many labels each bar stands for.
        path: {"id": ..., "frames": [...]}: frames to play once, ending in `frame`.
    """
    data = {
        "channel": channel(route),
        "kind": kind,
        "unit": unit,
        "times": list(times),
        "frame": frame,
        "names": list(names),
        "series": list(series),
        "heads": list(heads),
        "words": dict(words),
        "path": path,
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
