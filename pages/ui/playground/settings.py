"""What can be set in the playground."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mlcore.checks import Parameter, check_number
from mlcore.datasets import DATASETS
from mlcore.datasets.plane import check_points
from mlcore.losses import LOSSES
from pages.ui.kit.controls import Choice, Number, Setting, settings_of
from pages.ui.kit.slider import FIRST_WEIGHT, drag_slider
from pages.ui.kit.training import MODELS, RATE
from pages.ui.playground.scenes import COLOURED, SCENES
from pages.ui.settings import Settings
from pages.ui.words import N_

MOST_SLIDERS = 2  # of a loss
MOST_PAINTED = 100  # points that a link has room for
NOTHING = "none"
LAST = "last"
# Where the whole range of a setting is more than a hand can aim at.
RANGES = {
    "rate": (1e-4, 1.0),
    "pos_weight": (0.1, 100.0),
    "positive_weight": (0.1, 100.0),
    "negative_weight": (0.01, 100.0),
    "volume": (1.0, 100_000.0),
}
# With these focal loss begins as plain binary cross entropy, and each slider leads away from it.
FIRST = {"focal.gamma": 0.0, "focal.pos_weight": 1.0}
ORDER = ("pos_weight", "gamma")  # of a loss's sliders, before all others
LOSS_TITLES = {key: info.title for key, info in LOSSES.items()} | {
    "focal": N_("BCE, weight and γ (focal)")
}


@dataclass(frozen=True, kw_only=True)
class Points(Setting):
    """Points that were painted on the plane: x1, x2 and the labels A, B, C of each.

    In the link "1.2_-3_5" says one at (1.2, -3) with the labels A (1) and C (4).
    """

    def read(self, text: str) -> tuple[tuple[float, ...], ...]:
        points = []
        for each in text.split("~"):
            try:
                x1, x2, labels = each.split("_")
                point, held = (float(x1), float(x2)), int(labels)
            except ValueError:
                raise ValueError(
                    f"{self.short} must be points such as 1.2_-3_5, got {each!r}"
                ) from None
            check_number(f"the labels of {self.short}", held, low=0, high=7)
            points.append((*point, held & 1, held >> 1 & 1, held >> 2))
        check_number(f"the number of {self.short}", len(points), high=MOST_PAINTED)
        return check_points(tuple(points))

    def write(self, value: tuple[tuple[float, ...], ...]) -> str:
        each = ((x1, x2, int(a + 2 * b + 4 * c)) for x1, x2, a, b, c in value)
        return "~".join(f"{x1:.3g}_{x2:.3g}_{held}" for x1, x2, held in each)


def dragged_of(loss: str) -> list[Parameter]:
    """The numbers of a loss that are dragged, each with its range here and its first value.

    Where the default is a scheme of weights, there is a weight to begin with.
    """
    numbers = []
    for parameter in LOSSES[loss].parameters:
        is_scheme = isinstance(parameter.default, str) and parameter.log
        if parameter.low is None or parameter.name == "cap":  # a cap is for schemes
            continue
        if is_scheme or not isinstance(parameter.default, (bool, str)):
            value = FIRST_WEIGHT if is_scheme else parameter.default
            value = FIRST.get(f"{loss}.{parameter.name}", value)
            ends = RANGES.get(parameter.name, (parameter.low, parameter.high))
            numbers.append(replace(parameter, default=value, range=ends, choices=()))
    first = {name: place for place, name in enumerate(ORDER)}
    numbers.sort(key=lambda each: first.get(each.name, len(first)))
    return numbers[:MOST_SLIDERS]


def rarity_of(scene: str) -> Parameter | None:
    """The option of a scene's data set that is dragged."""
    known = {each.name: each for each in DATASETS[SCENES[scene].data].parameters}
    rarity = known.get(SCENES[scene].rarity)
    is_zipf = rarity is not None and rarity.name == "exponent"
    return replace(rarity, title=N_("Rarity (Zipf)")) if is_zipf else rarity


def question_of(values: Mapping[str, object]) -> dict[str, object]:
    """What the stage asks: the scene, the options of its data set that are set, the contenders.

    Args:
        values: Settings by name.
    """
    scene, model = values["scene"], values["model"]
    losses = [values["loss"]]
    params = {each.name: values[f"{losses[0]}.{each.name}"] for each in dragged_of(losses[0])}
    of_each = [params]
    if values["against"] != NOTHING:
        losses.append(values["against"])
        of_each.append({each.name: each.default for each in dragged_of(losses[1])})
    rarity = rarity_of(scene)
    options = {rarity.name: values[f"{scene}.{rarity.name}"]} if rarity else {}
    if SCENES[scene].picture == COLOURED:
        options["points"] = values["points"]
    return {
        "scene": scene,
        "options": options,
        "configs": [
            {"loss": loss, "loss_params": own, "model": model, "learning_rate": values["rate"]}
            for loss, own in zip(losses, of_each, strict=True)
        ],
    }


def moved_by(loss: str, scene: str) -> dict[str, tuple[str, str]]:
    """By the name of each slider that trains what it moves in a question: a part, and its name."""
    moves = {f"{loss}.{each.name}": ("loss_params", each.name) for each in dragged_of(loss)}
    moves["rate"] = "configs", "learning_rate"
    if (rarity := rarity_of(scene)) is not None:
        moves[f"{scene}.{rarity.name}"] = "options", rarity.name
    return moves


def _checked_step(text: str) -> str:
    """A step of the run, or LAST."""
    if text != LAST:
        if not text.isdecimal() or len(text) > 9:
            raise ValueError(f'step must be a whole number or "{LAST}", got {text!r}')
        return str(int(text))
    return text


def _sliders() -> Iterator[Setting]:
    for loss in LOSSES:
        yield from settings_of(f"{loss}.", dragged_of(loss), drag=True)
    rate = SCENES[next(iter(SCENES))].config.learning_rate
    yield from settings_of("", [replace(RATE, range=RANGES["rate"], default=rate)], drag=True)
    for scene in SCENES:
        if (rarity := rarity_of(scene)) is not None:
            yield from settings_of(f"{scene}.", [rarity], drag=True)


SETTINGS = Settings(
    "playground",
    Choice(
        "scene",
        {key: scene.title for key, scene in SCENES.items()},
        title="Data",
        help="What the network is to learn. Another choice brings the model and rate that suit it.",
    ),
    Choice(
        "loss",
        LOSS_TITLES,
        default="focal",
        title="Loss",
        help="What training makes small; its numbers are the sliders below.",
    ),
    Choice(
        "against",
        {NOTHING: N_("nothing"), **LOSS_TITLES},
        title="Against",
        help="A second loss beside the first, from the same initial weights on the same batches.",
    ),
    Choice(
        "model",
        MODELS,
        title="Model",
        help="A linear model has one weight for each feature and label; an MLP a layer between.",
    ),
    *_sliders(),
    Number(
        "t",
        (0.0, 1.0),
        default=0.5,
        digits=2,
        widget=drag_slider,
        title="Threshold",
        help="A label is predicted when its probability is at least this. It needs no training.",
    ),
    Points("points", default=()),
    Setting("step", default=LAST, check=_checked_step),
)
