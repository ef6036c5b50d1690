"""A race on screen: the threshold, the buttons, what went wrong, and the live view."""

import streamlit as st

from mlcore.checks import check_number
from mlcore.losses import LOSSES
from mlcore.runs import Run
from pages.ui import link, live, pool
from pages.ui.controls import LETTERS, Setup, contender_names, parse_switch
from pages.ui.drag_slider import drag_slider
from pages.ui.live_race import live_race
from pages.ui.words import N_, _

ASKED = "race.asked"
# What a loss is a mean of, by its unit and whether it is in nats.
MEASURES = {
    ("label", True): N_("nats per label"),
    ("row", True): N_("nats per row"),
    ("batch", True): N_("nats per batch"),
    ("label", False): N_("per label, without unit"),
    ("column", False): N_("per label over a whole batch, without unit"),
}


def choose_view() -> tuple[float, bool]:
    """The decision threshold, and whether early steps are spread out."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        threshold = link.widget(
            drag_slider,
            "threshold",
            0.5,
            _threshold,
            label=_("Threshold: a label is predicted when its probability is at least this"),
            min_value=0.01,
            max_value=0.99,
            step=0.01,
            help=_(
                "One cut for all labels; every figure and every curve follows it, past steps too."
            ),
        )
    log_steps = link.widget(
        right.toggle,
        "log",
        True,
        parse_switch,
        label=_("Log steps"),
        value=True,
        help=_("A logarithmic step axis, because a collapse happens within the first epochs."),
    )
    return threshold, log_steps


def _threshold(text: str) -> float:
    value = float(text)
    check_number("threshold", value, low=0.01, high=0.99)
    return round(value, 2)


def draw_race(run: Run | None, setup: Setup | None, *, threshold: float, log_steps: bool) -> None:
    """Buttons, errors and the live view; without a setup, only what belongs to watching."""
    if setup is not None:
        draw_buttons(run, setup)
    if run is None:
        return
    draw_errors(run)
    if setup not in (None, pool.setup_of(run)):
        st.caption(_("The settings have changed since. Run starts a race with them."))
    live_race(run, threshold=threshold, log_steps=log_steps)
    draw_measures(run)


def draw_buttons(run: Run | None, setup: Setup) -> None:
    """Run, Pause or Resume, Step, Stop, Reset."""
    active = run is not None and run.active
    paused = active and run.state == "paused"
    with st.container(horizontal=True):
        st.button(
            _("Run"),
            icon=":material/play_arrow:",
            type="primary",
            help=_("Race the contenders on the left from the start."),
            key="run_button",
            on_click=ask,
            args=(ASKED,),
        )
        st.button(
            _("Resume") if paused else _("Pause"),
            icon=":material/resume:" if paused else ":material/pause:",
            on_click=live.send,
            args=(run, "resume" if paused else "pause"),
            disabled=not active,
            key="pause_button",
        )
        st.button(
            _("Step"),
            icon=":material/skip_next:",
            help=_("Train one epoch, then pause."),
            key="step_button",
            on_click=_step,
            args=(run,),
        )
        st.button(
            _("Stop"),
            icon=":material/stop:",
            on_click=live.send,
            args=(run, "stop"),
            disabled=not active,
            key="stop_button",
        )
        st.button(
            _("Reset"),
            icon=":material/restart_alt:",
            help=_("Stop, and go back to before the race; its figures stay under Races."),
            disabled=run is None,
            key="reset_button",
            on_click=live.close_run,
            args=(run,),
        )
    start_if_asked(ASKED, setup)


def _step(run: Run | None) -> None:
    if run is not None and run.active:
        live.send(run, "step")
    else:
        ask(ASKED, one_epoch=True)


def ask(key: str, *, one_epoch: bool = False) -> None:
    """Note under a key that a race shall start; call from a callback.

    Streamlit forgets a press that is only read by the script, when something else that the browser
    asks, such as the end of a race, ends that run of the script before.
    """
    st.session_state[key] = one_epoch


def start_if_asked(key: str, setup: Setup) -> None:
    """Begin the race that the settings ask for, or say why there is none."""
    if key not in st.session_state:
        return
    try:
        live.start_setup(setup, one_epoch=st.session_state[key])
    except (ValueError, RuntimeError) as error:
        del st.session_state[key]
        st.error(_("This race cannot start: {error}").format(error=error), icon=":material/error:")
        return
    del st.session_state[key]
    link.rerun()


def draw_errors(run: Run) -> None:
    """What went wrong in a race, and what to do."""
    if run.state == "failed":
        st.error(
            _("This race ended with an error. {error}").format(error=run.error),
            icon=":material/error:",
        )
    newest = run.records[-1] if run.records else []
    for record, name in zip(newest, contender_names(run.configs), strict=False):
        if record.diverged:
            st.error(
                _(
                    "**{name}** diverged by step {step}: its loss is no longer a finite number, "
                    "so it takes no more steps. Try a smaller learning rate."
                ).format(name=name, step=record.step),
                icon=":material/trending_up:",
            )


def draw_measures(run: Run) -> None:
    """What the loss curves are, where contenders have different losses."""
    if len({(config.loss, repr(config.loss_params)) for config in run.configs}) == 1:
        return
    letters: dict[str, list[str]] = {}
    for letter, config in zip(LETTERS, run.configs, strict=False):
        info = LOSSES[config.loss]
        letters.setdefault(MEASURES[info.unit, info.in_nats], []).append(letter)
    st.caption(
        _(
            "Each loss curve is a contender's own loss ({measures}): it says how far that "
            "contender has come, not which one is ahead. Compare them by F1."
        ).format(measures="; ".join(f"{' '.join(own)}: {_(text)}" for text, own in letters.items()))
    )


def draw_invitation() -> None:
    """What the page says before the first race."""
    st.info(
        _(
            "Nothing has run yet. Run races the contenders on the left; Step trains one epoch at "
            "a time, so that a class can guess what comes next."
        ),
        icon=":material/flag:",
    )
