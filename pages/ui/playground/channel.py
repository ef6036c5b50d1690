"""What the playground's stage asks: a short race, trained where torch is, with all to look at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np

from mlcore.checks import check_choice, check_number
from mlcore.datasets import DATASETS
from mlcore.datasets.source import resolve
from mlcore.training import TrainConfig
from mlcore.training.config import MODELS
from mlcore.training.playback import THRESHOLDS, Details, Frame
from mlcore.workers import pool
from pages.ui.kit.component import pack_floats
from pages.ui.playground.facts import facts_of, order_of
from pages.ui.playground.scenes import SCENES, Scene
from pages.ui.server.routes import is_wanted

PATH = "/playground"
LARGEST_MESSAGE = 20_000  # bytes: points that were painted
PLAY = "mlcore.training.playback:play"
MOST_CONTENDERS = 2
BATCH = 8  # frames that are sent together, so that a long run is seen to grow


def answer(question: dict) -> Iterator[dict]:
    """What `mlcore.training.playback.play` gives of one of the scenes, in parts as it comes.

    Labels come in the order of their frequency. With "whole" all steps come at all thresholds;
    without it all steps at one threshold, and all thresholds at one step, with its details.

    Args:
        question: "scene", a key of SCENES; "options", values of its data set that are not the
            scene's; "configs", for each contender its loss, loss_params, model and learning_rate;
            "known", the key of the facts that the browser has; "threshold"; "step", of which there
            are details, or None; "whole".

    Raises:
        ValueError: If what is asked does not exist.
        TypeError: If it has another form.
        KeyError: If something is missing.
    """
    check_choice("scene", question["scene"], SCENES)
    scene, step, threshold = (SCENES[question["scene"]], question["step"], question["threshold"])
    data = data_of(scene, question["options"])
    configs = configs_of(scene, question["configs"])
    check_number("threshold", threshold, low=0, high=1)
    if step is not None:
        check_number("step", step, low=0, integer=True)
    place = int(np.abs(THRESHOLDS - threshold).argmin())
    return _parts(scene, data, configs, step, place, question["known"], bool(question["whole"]))


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
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise TypeError(f"configs must be a list of mappings, got {given!r}")
    check_number("the number of configs", len(given), low=1, high=MOST_CONTENDERS)
    configs = []
    for each in given:
        loss, params, model, rate = (
            each[name] for name in ("loss", "loss_params", "model", "learning_rate")
        )
        check_choice("model", model, MODELS)
        config = {"loss": loss, "loss_params": params, "model": model, "learning_rate": rate}
        configs.append(replace(scene.config, **config))
    return configs


def _parts(
    scene: Scene,
    data: tuple[str, dict],
    configs: list[TrainConfig],
    step: int | None,
    place: int,
    known: object,
    whole: bool,
) -> Iterator[dict]:
    dataset = resolve(data)
    key = sha256(repr((scene.title, data)).encode()).hexdigest()[:16]
    first = {} if known == key else {"facts": facts_of(scene, dataset) | {"key": key}}
    order, rows = order_of(dataset), scene.rows_of(dataset)
    threshold = float(THRESHOLDS[place])
    told = pool.stream(
        PLAY, data, configs, rows, detailed=step, threshold=threshold, is_wanted=is_wanted
    )
    for part in _whole(told, order) if whole else _slim(told, order, place, step):
        yield first | part
        first = {}


def _whole(told: Iterable[Frame | Details], order: np.ndarray) -> Iterator[dict]:
    """All tables of all steps, some steps at a time."""
    frames: list[Frame] = []
    place, details = 0, {}
    for each in told:
        if isinstance(each, Details):
            details = {"details": _packed_details(each, order)}
            continue
        if each.step == 0:  # a process may have died, and it begins anew
            frames, place = [], 0
        frames.append(each)
        if len(frames) - place > BATCH:
            yield _packed(frames[place:-1], order) | {"first": place, "more": True} | details
            place, details = len(frames) - 1, {}
    yield _packed(frames[place:], order) | {"first": place, "more": False} | details


def _packed(frames: list[Frame], order: np.ndarray) -> dict:
    return _curves(frames) | {
        "figures": pack_floats([frame.figures for frame in frames]),
        "probabilities": pack_floats([frame.probabilities[..., order] for frame in frames]),
    }


def _slim(
    told: Iterable[Frame | Details], order: np.ndarray, place: int, step: int | None
) -> Iterator[dict]:
    """What is seen of all at one threshold and one step, in one part."""
    told = [*told]
    frames = [each for each in told if isinstance(each, Frame)]
    last = max(k for k, frame in enumerate(frames) if frame.step == 0)
    frames = frames[last:]
    shown = next((frame for frame in frames if frame.step == step), frames[-1])
    details = [each for each in told if isinstance(each, Details)]
    yield _curves(frames) | {
        "curves": pack_floats([frame.figures[..., place] for frame in frames]),
        "over": pack_floats(shown.figures),
        "probabilities": pack_floats(shown.probabilities[..., order]),
        "step": shown.step,
        "threshold": float(THRESHOLDS[place]),
        "details": _packed_details(details[-1], order) if details else None,
        "first": 0,
        "more": False,
    }


def _curves(frames: list[Frame]) -> dict:
    """What there is of each step at no threshold."""
    return {
        "steps": [frame.step for frame in frames],
        "losses": pack_floats([frame.losses for frame in frames]),
        "shares": pack_floats([frame.gradient_shares for frame in frames]),
    }


def _packed_details(details: Details, order: np.ndarray) -> dict:
    return {
        "step": details.step,
        "gradients": pack_floats(details.gradients[..., order]),
        "labels": pack_floats(details.labels[..., order]),
    }
