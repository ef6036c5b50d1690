"""The live view of a race: a component that listens to `channel` and draws by itself."""

from mlcore.losses import LOSSES
from mlcore.palette import DASHES, PALETTE
from pages.ui.kit.component import PLOT, component
from pages.ui.kit.contenders import contender_names
from pages.ui.kit.socket import SOCKET, channel
from pages.ui.server.jobs import Race
from pages.ui.train.channel import PATH
from pages.ui.train.message import LOSS, PANELS, Panel
from pages.ui.words import _, language


def live_race(run: Race, *, threshold: float, log_steps: bool) -> None:
    """Draw a race and keep it up to date, without running the script again until its state changes.

    It also follows a `drag_slider` with the key "threshold", while that is dragged.

    Args:
        run: The race.
        threshold: A label is predicted from this probability on.
        log_steps: Whether the step axis is logarithmic; it then starts at step 1.
    """
    names = contender_names(run.configs)
    data = {
        "channel": channel(PATH.format(run_id=run.id)),
        "state": run.state,
        "threshold": threshold,
        "log": log_steps,
        "names": names,
        "colours": PALETTE[: len(names)],
        "dashes": DASHES[: len(names)],
        "steps": run.steps,
        "panels": [panel._asdict() | {"title": _panel_title(panel, run)} for panel in PANELS],
        "language": language(),
        "step": _("step {step}"),
        "best": _("{figure} (best {best})"),
        "steps_label": _("step"),
        "rows": _(
            "Cards and curves are of the {n:,} validation rows; the training loss and the gradient "
            "are of the training rows."
        ).format(n=len(run.dataset.validation)),
    }
    # A new state is the one thing that the rest of the page must hear of.
    parts = (*PLOT, SOCKET)
    component("train/live", data, key="live race", parts=parts, on_event=lambda *state: None)


def _panel_title(panel: Panel, run: Race) -> str:
    if panel.value == LOSS and all(LOSSES[each.loss].in_nats for each in run.configs):
        return _("Validation loss in nats (thin: training)")
    return _(panel.title)
