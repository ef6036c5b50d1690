"""What a race is: its data set, its contenders, and what is the same for all."""

import streamlit as st

from mlcore.losses import LOSSES
from mlcore.training import TrainConfig
from pages.ui.kit.contenders import COLOURS, LETTERS, MARKS, Setup, draw_about, draw_elsewhere
from pages.ui.kit.controls import Choice, Number, Switch
from pages.ui.kit.data_set import data_settings, draw_data_set
from pages.ui.kit.figures import figure_heading
from pages.ui.kit.slider import drag_slider
from pages.ui.kit.training import draw_loss, draw_training, loss_settings, training_settings
from pages.ui.settings import Settings
from pages.ui.words import N_, _

FIRST_LOSSES = ("bce", "bce_pos_weight", "focal", "asymmetric")
SMALL = N_("The loss that this contender minimises on the training rows.")
SETTINGS = Settings(
    "train",
    data_settings(N_("What to learn.")),
    Choice(
        "contenders",
        (2, 3, 4),
        title="How many",
        help="Losses that race each other from the same first weights on the same batches.",
    ),
    *(
        loss_settings(f"{letter}.", loss, SMALL)
        for letter, loss in zip(LETTERS, FIRST_LOSSES, strict=True)
    ),
    training_settings(),
    Number(
        "threshold",
        (0.01, 0.99),
        default=0.5,
        digits=2,
        widget=drag_slider,
        title="Threshold: a label is predicted when its probability is at least this",
        help="One cut for all labels; every figure and every curve follows it, past steps too.",
    ),
    Switch(
        "log",
        default=True,
        title="Log steps",
        help="A logarithmic step axis, because a collapse happens within the first epochs.",
    ),
    Choice(
        "judge",
        ("samples_f1", "micro_f1", "macro_f1"),
        titles=figure_heading,
        widget=st.segmented_control,
        title="Judge by",
        help="The figure that thresholds are tuned for, and by which contenders are compared.",
    ),
)


def choose_setup(devices: tuple[str, ...]) -> Setup:
    """Draw all settings of a race; returns what they say."""
    data, options = draw_data_set(SETTINGS)
    st.subheader(_("Contenders"), anchor=False)
    count = SETTINGS.draw("contenders")
    contenders = [choose_contender(place) for place in range(count)]
    st.subheader(_("Same for all"), anchor=False)
    shared = draw_training(SETTINGS, devices)
    configs = tuple(TrainConfig(**contender, **shared) for contender in contenders)
    return Setup(data=data, options=options, configs=configs)


def choose_contender(place: int) -> dict[str, object]:
    """One contender's loss, its parameters and its initial bias."""
    letter = LETTERS[place]
    with st.container(border=True):
        st.markdown(f":{COLOURS[place]}[**{MARKS[place]} {letter}**]")
        loss = SETTINGS.draw(f"{letter}.loss")
        about = st.container(horizontal=True)
        said = draw_loss(SETTINGS, f"{letter}.", loss)
        with about:
            draw_about(LOSSES[loss])
            draw_elsewhere(loss, said["loss_params"], key=f"{letter}.elsewhere")
    return said


def choose_view() -> tuple[float, bool]:
    """The decision threshold, and whether early steps are spread out."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    return SETTINGS.draw("threshold", left), SETTINGS.draw("log", right)
