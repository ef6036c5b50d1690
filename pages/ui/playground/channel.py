"""What the playground's stage asks: a short race, trained where torch is, with all to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np

from mlcore.checks import check_choice, check_number
from mlcore.datasets import DATASETS
from mlcore.datasets.source import resolve
from mlcore.training import TrainConfig
from mlcore.training.config import MODELS
from mlcore.training.playback import THRESHOLDS
from mlcore.workers import pool
from pages.ui.playground.facts import facts_of, order_of
from pages.ui.playground.packing import at_one, whole
from pages.ui.playground.scenes import SCENES, Scene
from pages.ui.server.routes import is_wanted

PATH = "/playground"
LARGEST_MESSAGE = 20_000  # bytes: points that were painted
PLAY = "mlcore.training.playback:play"
MOST_CONTENDERS = 2


def answer(question: dict) -> Iterator[dict]:
    """What `mlcore.training.playback.play` gives of one of the scenes, in parts as it comes.

    Labels come in the order of their frequency. With "whole" all steps come at all thresholds;
    without it all steps at one threshold, and all thresholds at one step.

    Args:
        question: "scene", a key of SCENES; "options", values of its data set that are not the
            scene's; "configs", for each contender its loss, loss_params, model and learning_rate;
            "known", keys of facts that the browser has; "threshold"; "step"; "detailed", whether
            cells and labels are told of at that step and threshold, too; "whole".

    Raises:
        ValueError: If what is asked does not exist.
        TypeError: If it has another form.
        KeyError: If something is missing.
    """
    check_choice("scene", question["scene"], SCENES)
    scene, step = SCENES[question["scene"]], question["step"]
    data = data_of(scene, question["options"])
    configs = configs_of(scene, question["configs"])
    check_number("threshold", question["threshold"], low=0, high=1)
    if step is not None:
        check_number("step", step, low=0, integer=True)
    place = int(np.abs(THRESHOLDS - question["threshold"]).argmin())
    dataset = resolve(data)
    key = sha256(repr((question["scene"], data)).encode()).hexdigest()[:16]
    start = {"key": key}
    if key not in check_list("known", question["known"]):
        start["facts"] = facts_of(scene, dataset, painted=len(data[1].get("points", ())))
    told = pool.stream(
        PLAY,
        data,
        configs,
        scene.rows_of(dataset),
        around=None if question["whole"] else step,
        detailed=bool(question["detailed"]) and not question["whole"],
        threshold=float(THRESHOLDS[place]),
        is_wanted=is_wanted,
    )
    order = order_of(dataset)
    parts = whole(told, order) if question["whole"] else at_one(told, order, place, step)
    # Where a process died, the parts begin anew, and the browser with them.
    return ((part if part.get("first") else start | part) for part in parts)


def check_list(name: str, given: object) -> list:
    """The list, or TypeError if it is none."""
    if not isinstance(given, list):
        raise TypeError(f"{name} must be a list, got {given!r}")
    return given


def data_of(scene: Scene, options: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Name and options of a scene's data set, checked, with those that differ from the scene's."""
    if not isinstance(options, Mapping):
        raise TypeError(f"options must be values by name, got {options!r}")
    for name in options:
        check_choice("an option", name, {scene.rarity, *scene.open_options})
    if isinstance(options.get("points"), list):  # in JSON there are no tuples
        options = {**options, "points": tuple(map(tuple, options["points"]))}
    checked = DATASETS[scene.data].check({**scene.options, **options})
    return scene.data, {name: checked[name] for name in (*scene.options, *options)}


def configs_of(scene: Scene, given: object) -> list[TrainConfig]:
    """A scene's contenders, checked."""
    if not all(isinstance(each, Mapping) for each in check_list("configs", given)):
        raise TypeError(f"configs must be a list of mappings, got {given!r}")
    check_number("the number of configs", len(given), low=1, high=MOST_CONTENDERS)
    names = "loss", "loss_params", "model", "learning_rate"
    for each in given:
        check_choice("model", each["model"], MODELS)
    return [replace(scene.config, **{name: each[name] for name in names}) for each in given]
