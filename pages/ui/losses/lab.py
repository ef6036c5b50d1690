"""The charts of the Losses page: a component that asks `pages.ui.losses.channel` during a drag."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from mlcore.learn.response import PACKED, POINTS, Scene
from mlcore.losses import LOSSES
from mlcore.palette import DASHES, PALETTE
from pages.ui.kit.component import PLOT, component
from pages.ui.kit.socket import SOCKET, channel
from pages.ui.losses.channel import PATH
from pages.ui.words import _

SCENE_SLIDERS = ("positives", "others")  # named as what of the scene they move


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One loss of the chart.

    Attributes:
        key: In LOSSES.
        params: Its parameters by name.
        sliders: By the key of a `drag_slider` the name of the parameter that it moves.
    """

    key: str
    params: Mapping[str, object]
    sliders: Mapping[str, str] = field(default_factory=dict)


def loss_lab(losses: Sequence[Drawn], scene: Scene, *, z: float, log: bool, balance: bool) -> None:
    """Draw curves, minimisers and sums of gradients; they follow all sliders that are named.

    Args:
        losses: At most as many as there are colours.
        scene: The table of cells around the one that moves.
        z: The logit where figures are read; its slider is "z".
        log: Whether the axis of the loss is logarithmic.
        balance: Whether the sums of gradients are shown.
    """
    sliders = {name: (None, name) for name in SCENE_SLIDERS}
    for place, loss in enumerate(losses):
        sliders |= {slider: (place, name) for slider, name in loss.sliders.items()}
    units = {LOSSES[loss.key].in_nats for loss in losses}
    data = {
        "channel": channel(PATH),
        "losses": [
            {
                "key": loss.key,
                "params": dict(loss.params),
                "title": _(LOSSES[loss.key].title),
                "legend": _legend(loss.key, mixed=len(units) == 2),
                "colour": colour,
                "dash": dash,
            }
            for loss, colour, dash in zip(losses, PALETTE, DASHES, strict=False)
        ],
        "sliders": sliders,
        "scene": asdict(scene),
        "cursor": {"key": "z", "value": z},
        "log": log,
        "balance": balance,
        "points": POINTS,
        "packed": PACKED,
        "words": _words(in_nats=all(units)),
    }
    component("losses/lab", data, key="loss_lab", parts=(*PLOT, SOCKET))


def _legend(key: str, *, mixed: bool) -> str:
    """A loss's title, with its unit where that of another differs."""
    title = _(LOSSES[key].title)
    if not mixed:
        return title
    unit = _("{loss} (nats)") if LOSSES[key].in_nats else _("{loss} (no unit)")
    return unit.format(loss=title)


def _words(*, in_nats: bool) -> dict:
    losses = (
        [_("Loss of a true label (nats)"), _("Loss of a false label (nats)")]
        if in_nats
        else [_("Loss of a true label"), _("Loss of a false label")]
    )
    return {
        "waiting": _("The first curves are being computed."),
        "error": _("These curves were not computed: {error}"),
        "panels": [
            *losses,
            _("Gradient on a true label"),
            _("Gradient on a false label"),
            _("Risk minimiser σ*(η)"),
        ],
        "across": [_("its logit"), _("true probability η")],
        "heads": [_("true: loss"), _("gradient"), _("false: loss"), _("gradient")],
        "at": _("At logit {logit}"),
        "at_eta": _("At true probability 0.1"),
        "balance": _("How hard {negatives} negatives and {positives} positives pull"),
        "balance_heads": [_("Σ negatives"), _("Σ positives"), _("ratio")],
        "places": [
            _("all logits 0: the start"),
            _("all logits {logit}: the log odds of the prior"),
            _("all logits {logit}: as set"),
        ],
    }
