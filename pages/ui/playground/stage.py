"""The playground's stage: a component that asks `channel` while something is dragged."""

from collections.abc import Mapping
from contextlib import suppress

from mlcore.datasets.plane import LABELS
from mlcore.figures import FIGURES
from mlcore.palette import DASHES, PALETTE
from mlcore.training import playback
from pages.ui.kit.component import PLOT, component
from pages.ui.kit.socket import SOCKET, channel
from pages.ui.playground.channel import PATH
from pages.ui.playground.recording import recording_of
from pages.ui.playground.scenes import COLOURED, LIT, SCENES, Scene
from pages.ui.playground.settings import LOSS_TITLES, MOST_PAINTED, SETTINGS
from pages.ui.words import _

SHOWN = ("samples_f1", "micro_f1", "macro_f1")
ROOM = ("run", "picture", "charts", "time", "told", "brush", "trainer")
PARTS = (*PLOT, SOCKET, *(f"playground/{part}" for part in ROOM))


def draw_stage(
    question: Mapping[str, object],
    moves: Mapping[str, tuple[str, str]],
    step: str,
    *,
    is_held: bool,
) -> None:
    """Draw what the network answers and what it comes to.

    Args:
        question: The scene, options and configs of `pages.ui.playground.channel.answer`.
        moves: By the name of a slider what it moves in the question: a part, and a name in it.
        step: Of the run, to be shown.
        is_held: Whether to stand at the start until that is over, and then to play.
    """
    scene = SCENES[question["scene"]]
    data = {
        "channel": channel(PATH),
        "question": dict(question),
        "moves": dict(moves),
        "threshold": SETTINGS["t"],
        "step": step,
        "held": is_held,
        "picture": scene.picture,
        "follows": scene.follows,
        "most": MOST_PAINTED,
        "titles": [_(LOSS_TITLES[each["loss"]]) for each in question["configs"]],
        "recording": recording_of(question) if step == "last" else None,
        "figures": playback.FIGURES,
        "f1s": SHOWN,
        "colours": PALETTE,
        "dashes": DASHES,
        "words": _words(scene),
    }
    component("playground/stage", data, key="stage", parts=PARTS, on_event=_take)


def _take(event: str, text: str) -> None:
    """What the stage tells: it comes from outside, so it is read as a link is."""
    if event in ("step", "points"):
        setting = SETTINGS.by_name[event]
        with suppress(ValueError, TypeError):
            SETTINGS[event] = setting.read(text) if text else setting.start


def _keys(scene: Scene) -> list[tuple[str, str, str]]:
    """What marks and colours of the picture mean: a mark, its look, words."""
    if scene.picture == COLOURED:
        keys = [("", name, _("label {name}").format(name=name)) for name in LABELS]
        return [*keys, ("", "painted", _("painted"))]
    keys = [
        ("✓", "found", _("found")),
        ("✗", "wrong", _("wrong")),
        ("○", "missed", _("missed")),
        ("", "framed", _("true")),
    ]
    if scene.picture == LIT:
        return [("", "lit", _("brightness: probability")), *(("", *key[1:]) for key in keys[:-1])]
    keys += [("", "cut", _("threshold"))]
    if scene.data == "synthetic":
        keys += [("", "tick", _("true probability"))]
    return [("", "height", _("height: probability")), *keys]


def _words(scene: Scene) -> dict:
    return {
        "waiting": _("Training the first live run …"),
        "recorded": _("A recording of a real run. Touch anything, and it trains live."),
        "training": _("Training live on this server …"),
        "live": _("Trained live on this server"),
        "error": _("Not trained: {error}"),
        "picture": _("What the network answers."),
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("To the recorded step before"),
        "on": _("To the next recorded step"),
        "time": _("Step of the training"),
        "step": _("step {step} of {steps}"),
        "paint": _("Paint points that have"),
        "unlabelled": _("no label"),
        "brush": _("label {name}"),
        "undo": _("Take back"),
        "clear": _("Remove painted points"),
        "full": _("{n} points are painted, which is all there is room for."),
        "first": _("{loss}: "),
        "second": _("{loss} (paler curves)"),
        "other": _(" {loss}: {predicted} labels per row, samples F1 {f1}."),
        "same": _(" Both give the same answers: with these numbers they are the same loss."),
        "keys": _keys(scene),
        "lit": _("{name}: {lit} lit, {held} true"),
        "stats": {
            "true": _("true labels per row"),
            "predicted": _("predicted per row"),
            "f1": _("samples F1"),
        },
        "panels": [
            _("F1 over training"),
            _("Labels predicted per row (dashed: true)"),
            _("Mean loss"),
            _("F1 at each threshold"),
        ],
        "axes": {"step": "", "threshold": ""},
        "f1s": [_(FIGURES[name].average) for name in SHOWN],
        "losses": [_("training"), _("validation")],
        "at": _("At step {step} and threshold {threshold}: {values}"),
        "truths": [_("not true"), _("true")],
        "up": _(": training pushes it up"),
        "down": _(": training pushes it down"),
        "row": _("row {n}"),
        "cell": _(
            "{row}, label {name}: {truth}\nprobability {probability}\n"
            "gradient {gradient}{direction}"
        ),
        "spot": _("{name}: {truth}, probability {probability}, gradient {gradient} {arrow}"),
        "label": _(
            "{name}\ntrue in {frequency} of training rows\nprecision {precision}, recall {recall}, "
            "F1 {f1} at this threshold"
        ),
        "seen": {
            "start": _(
                "Before the first step the network answers by chance: {predicted} labels per row "
                "reach the threshold where {true} are true."
            ),
            "dark": _(
                "At step {step}, nothing reaches the threshold. {wrong} of the gradient comes from "
                "labels that are not true, and pulls down."
            ),
            "none": _(
                "At step {step}, nothing reaches the threshold of {threshold}. A lower one lets "
                "labels through."
            ),
            "few": _(
                "At step {step}, only {predicted} labels per row reach the threshold where {true} "
                "are true. A lower threshold lets more through."
            ),
            "empty": _(
                "At step {step}, only {predicted} labels per row reach the threshold where {true} "
                "are true; {empty} of the rows get none. A lower threshold lets more through."
            ),
            "many": _(
                "At step {step}, {predicted} labels per row reach the threshold where {true} are "
                "true: too many. A higher threshold lets fewer through."
            ),
            "right": _(
                "At step {step}, {predicted} labels per row reach the threshold where {true} are "
                "true: samples F1 is {f1}, macro F1 {macro}."
            ),
            "diverged": _(
                "By step {step} this run has diverged: its loss is no longer finite. Lower the "
                "learning rate."
            ),
        },
    }
