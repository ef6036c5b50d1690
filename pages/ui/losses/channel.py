"""Curves of losses for a browser that drags their parameters: computed where torch is."""

import base64

from mlcore.checks import check_choice
from mlcore.learn.response import Scene
from mlcore.losses import LOSSES
from mlcore.workers import pool

PATH = "/losses"
MOST_LOSSES = 4


def answer(question: dict) -> dict:
    """What `mlcore.learn.response.packed` gives for {"losses": [[key, params], …], "scene": {…}}.

    Raises:
        ValueError: If what is asked does not exist.
        TypeError: If it has another form.
        KeyError: If something is missing.
    """
    asked = [(key, params) for key, params in question["losses"]]
    if not 1 <= len(asked) <= MOST_LOSSES:
        raise ValueError(f"losses must be 1 to {MOST_LOSSES}, got {len(asked)}")
    for key, params in asked:  # here, where a mistake costs the other process nothing
        check_choice("loss", key, LOSSES)
        LOSSES[key].check(params)
    scene = Scene(**question["scene"])
    figures = pool.call("mlcore.learn.response:packed", asked, scene)
    return {"figures": base64.b64encode(figures).decode(), "prior_logit": scene.prior_logit}
