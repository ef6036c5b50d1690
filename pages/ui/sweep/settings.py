"""What can be set on the Sweep page: data, a base setting, two axes, seeds, and what is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from mlcore.checks import Parameter, check_choice
from mlcore.figures import AVERAGES, FIGURES
from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from pages.ui.kit.contenders import draw_about
from pages.ui.kit.controls import Choice, Number, Setting, capitalised
from pages.ui.kit.data_set import data_settings, draw_data_set
from pages.ui.kit.figures import figure_heading
from pages.ui.kit.training import draw_loss, draw_training, loss_settings, training_settings
from pages.ui.settings import Settings
from pages.ui.sweep.plan import (
    LEARNING_RATE,
    WEIGHT_DECAY,
    Axis,
    Base,
    Plan,
    axis_parameters,
    axis_values,
    first_range,
    nearest_mark,
)
from pages.ui.words import N_, _

PREFIX = "s."  # in the link, where the settings of a race have none
# Where the page's first settings are not those of a race: a surface within seconds.
DATA_DEFAULTS = {
    "data": "synthetic",
    "synthetic": {"labels": 20, "rows": 2000, "cardinality": 2.0},
}
TRAINING_DEFAULTS = {"model": "linear", "width": 64, "epochs": 20, "rate": 0.03}
PICKED = {"x": f"{PREFIX}cell.x", "y": f"{PREFIX}cell.y"}
BEST = "best"  # or the text of a value
SHOWN = {"mean": N_("Mean over seeds"), "spread": N_("Spread over seeds")}
FIGURE_NAMES = (
    *(
        f"{average}_{ratio}"
        for ratio in ("f1", "precision", "recall", "jaccard")
        for average in sorted(AVERAGES)
    ),
    *(key for key, info in FIGURES.items() if info.judges and not info.ratio),
)
# Key of the parameter on the x-axis, and the one on the y-axis; all other settings go to defaults.
PRESETS: dict[str, dict[str, object]] = {
    N_("Positive weight × learning rate"): {},
    N_("Debian packages: positive weight × γ"): {
        "data": "debtags",
        "loss": "focal",
        "focal.x": "pos_weight",
        "focal.y": "gamma",
        "x.values": 8,
        "y.values": 8,
        "seeds": 3,
        "model": "mlp",
        "epochs": 10,
        "rate": 0.003,
    },
}


@dataclass(frozen=True, kw_only=True)
class Range(Number):
    """From where to where an axis goes; ends are such as the slider of the setting can show."""

    of: Parameter
    default: tuple[float, float]

    @property
    def short(self) -> str:
        return self.of.name

    def read(self, text: str) -> tuple[float, float]:
        checked = [super(Range, self).read(end) for end in text.strip("()").split(",")]
        ends = [nearest_mark(self.of, end) for end in checked]
        if len(ends) != 2 or not ends[0] < ends[1]:
            raise ValueError(_("a range must be (low, high), got {text!r}").format(text=text))
        return tuple(ends)

    def fit(self, value: tuple[float, float]) -> tuple[float, float]:
        return tuple(value)

    def draw(self, key: str, **more) -> tuple[float, float]:
        return super().draw(key, value=self.default, **more)


def _range(name: str, of: Parameter) -> Range:
    return Range(
        name,
        (of.low, of.high),
        of=of,
        default=first_range(of),
        step=max(1, int(of.step)) if of.integer else of.step,
        log=of.log,
        title="Range",
        help="The lowest and the highest value on the axis.",
    )


def _axes(loss: str) -> Iterator[Setting]:
    """The parameters on the axes, and the range of each of the loss's own."""
    names = list(axis_parameters(loss))
    second = names[-2] if len(names) > 2 else names[-1]  # the learning rate, where x has another
    yield Choice(
        f"{PREFIX}{loss}.x",
        names,
        title="From left to right (x)",
        help="The setting that differs between columns.",
    )
    yield Choice(
        f"{PREFIX}{loss}.y",
        names,
        default=second,
        title="From bottom to top (y)",
        help="The setting that differs between rows.",
    )
    for name, parameter in axis_parameters(loss).items():
        if parameter not in (LEARNING_RATE, WEIGHT_DECAY):
            yield _range(f"{PREFIX}{loss}.{name}.range", parameter)


SETTINGS = Settings(
    "sweep",
    data_settings(N_("What to learn."), PREFIX, DATA_DEFAULTS),
    Number(
        f"{PREFIX}seeds",
        (1, 5),
        default=1,
        integer=True,
        title="Seeds for each cell",
        help="How many times each cell is trained, each time with other initial weights and "
        "another batch order.",
    ),
    loss_settings(PREFIX, "bce_pos_weight", N_("The loss that is minimised on the training rows.")),
    training_settings(PREFIX, TRAINING_DEFAULTS),
    *(_axes(loss) for loss in LOSSES),
    *(_range(f"{PREFIX}{of.name}.range", of) for of in (LEARNING_RATE, WEIGHT_DECAY)),
    *(
        Number(
            f"{PREFIX}{side}.values",
            (2, 12),
            default=6,
            integer=True,
            title="How many values",
            help="Spread over the range, rounded to the steps of the setting's slider.",
        )
        for side in "xy"
    ),
    Choice(
        f"{PREFIX}figure",
        FIGURE_NAMES,
        titles=figure_heading,
        title="Figure",
        help="What the cells show. The tuned threshold is the best one for this figure; for "
        "precision and recall it is the best one for F1, because each alone is best at an extreme. "
        "Macro averages are over the labels that occur in the rows looked at; mAP and LRAP say how "
        "well scores are ranked, whatever the threshold.",
    ),
    Choice(
        f"{PREFIX}show",
        SHOWN,
        title="Cells show",
        help="The spread is half of the range over the seeds of a cell: how much is chance.",
    ),
    *(Setting(name, default=BEST) for name in PICKED.values()),
)


def preset_of(plan: Plan) -> str | None:
    """The preset that sweeps the same two settings of the same loss on the same data."""
    loss = plan.base.config.loss
    said = {"data": plan.base.data, "loss": loss}
    said |= {f"{loss}.x": plan.x.name, f"{loss}.y": plan.y.name}
    for title, values in PRESETS.items():
        wanted = {name: SETTINGS.by_name[f"{PREFIX}{name}"].start for name in said} | values
        if all(wanted[name] == value for name, value in said.items()):
            return title
    return None


def _draw_presets(plan: Plan) -> None:
    """One click sets up a sweep."""
    presets = {
        title: {f"{PREFIX}{name}": value for name, value in preset.items()}
        for title, preset in PRESETS.items()
    }
    told = _("Sets the data set, the loss, both axes and everything else.")
    SETTINGS.draw_presets(presets, preset_of(plan), key="sweep preset", help=told)


def choose_plan(devices: tuple[str, ...]) -> Plan:
    """Draw the sidebar: data, loss, axes, seeds, and what all cells have alike."""
    data, options = draw_data_set(SETTINGS, PREFIX)
    loss = SETTINGS.draw(f"{PREFIX}loss")
    draw_about(LOSSES[loss])
    axes: dict[str, Axis] = {}
    for side in "xy":
        with st.container(border=True):
            axes[side] = _choose_axis(side, loss, [each.name for each in axes.values()])
    seeds = SETTINGS.draw(f"{PREFIX}seeds")
    st.subheader(_("Base setting"), anchor=False)
    st.caption(_("The grid varies two of these settings and leaves the others as they are here."))
    said = draw_loss(SETTINGS, PREFIX, loss)
    config = TrainConfig(**said, **draw_training(SETTINGS, devices, PREFIX))
    base = Base(data=data, options=options, config=config)
    return Plan(base=base, **axes, seeds=tuple(range(config.seed, config.seed + seeds)))


def _choose_axis(side: str, loss: str, taken: list[str]) -> Axis:
    parameters = axis_parameters(loss)
    free = [name for name in parameters if name not in taken]

    def check(name: str) -> str:
        check_choice(side, name, free)
        return name

    key = f"{PREFIX}{loss}.{side}"
    first = SETTINGS.by_name[key].start
    first = free[0] if first in taken else first
    if SETTINGS[key] in taken:
        SETTINGS[key] = first
    name = SETTINGS.draw(
        key,
        default=first,
        check=check,
        titles=lambda each: capitalised(_(parameters[each].title)),
        on_change=_keep_apart,
        args=(loss, side),
    )
    parameter = parameters[name]
    own = "" if parameter in (LEARNING_RATE, WEIGHT_DECAY) else f"{loss}."
    low, high = SETTINGS.draw(f"{PREFIX}{own}{name}.range")
    count = SETTINGS.draw(f"{PREFIX}{side}.values")
    axis = Axis(parameter=parameter, values=axis_values(parameter, low, high, count))
    words = _("{n} values: {values}")
    st.caption(words.format(n=len(axis.values), values=_(", ").join(axis.texts)))
    return axis


def _keep_apart(loss: str, side: str) -> None:
    """An axis that takes the other's setting gives it its own."""
    chosen, other = f"{PREFIX}{loss}.{side}", f"{PREFIX}{loss}.{'y' if side == 'x' else 'x'}"
    if SETTINGS[chosen] == SETTINGS[other]:
        SETTINGS[other] = SETTINGS.before(chosen)


def choose_view(plan: Plan) -> tuple[str, str]:
    """Draw presets and the view: the figure, and whether its mean over seeds or its spread."""
    for name in PICKED.values():  # the cell picked, which the maps set
        SETTINGS.draw(name)
    left, middle, right = st.columns([6, 2, 2], vertical_alignment="bottom")
    with left:
        _draw_presets(plan)
    return SETTINGS.draw(f"{PREFIX}figure", middle), SETTINGS.draw(f"{PREFIX}show", right)
