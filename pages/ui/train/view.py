"""A race on screen: the threshold, the buttons, what went wrong, and the live view."""

import streamlit as st

from mlcore.losses import LOSSES
from pages.ui.kit import races
from pages.ui.kit.contenders import LETTERS, Setup
from pages.ui.kit.figures import macro_note, ranking_note
from pages.ui.kit.races import NOT_YOURS, ask, draw_fate, start_if_asked
from pages.ui.server import jobs
from pages.ui.server.jobs import Race
from pages.ui.train.live import live_race
from pages.ui.train.settings import SETTINGS
from pages.ui.words import N_, _, paragraph

ASKED = "race.asked"
# What a loss is a mean of, by its unit and whether it is in nats.
MEASURES = {
    ("label", True): N_("nats per label"),
    ("row", True): N_("nats per row"),
    ("batch", True): N_("nats per batch"),
    ("label", False): N_("per label, without unit"),
    ("column", False): N_("per label over a whole batch, without unit"),
}


def draw_race(run: Race | None, setup: Setup, *, threshold: float, log_steps: bool) -> None:
    """Errors and the live view; before the first race, what to do."""
    if run is None:
        draw_invitation()
        return
    draw_fate(run)
    if jobs.race_key(setup) != run.key:
        st.caption(
            _(
                "This race was started with other settings than those chosen now. Run starts one "
                "with these."
            )
        )
        st.button(
            _("Choose its settings"),
            icon=":material/settings_backup_restore:",
            key="adopt_button",
            on_click=SETTINGS.reset,
            args=(run.about.settings(),),
        )
    if run.known_steps:
        st.caption(
            _(
                "The same race, with the same seed, was trained here before, so its figures up to "
                "step {step:,} are shown at once."
            ).format(step=run.known_steps)
        )
    live_race(run, threshold=threshold, log_steps=log_steps)
    occurring = run.dataset.y[run.dataset.validation].any(axis=0)
    st.caption(paragraph((macro_note(occurring), ranking_note())))
    draw_measures(run)


def draw_buttons(run: Race | None, setup: Setup) -> None:
    """Run, Pause or Resume, Step, Stop, Reset; of somebody else's race only what starts another."""
    active = run is not None and run.active
    paused = active and run.state == "paused"
    mine = run is None or jobs.is_mine(run)
    why = None if mine else _(NOT_YOURS)
    with st.container(horizontal=True):
        st.button(
            _("Run"),
            icon=":material/play_arrow:",
            type="secondary" if paused else "primary",
            help=_("Race the chosen contenders from the start."),
            key="run_button",
            on_click=ask,
            args=(ASKED,),
        )
        st.button(
            _("Resume") if paused else _("Pause"),
            icon=":material/resume:" if paused else ":material/pause:",
            type="primary" if paused else "secondary",
            help=why,
            on_click=jobs.steer,
            args=(run, "resume" if paused else "pause"),
            disabled=not (active and mine) or run.state == "queued",
            key="pause_button",
        )
        st.button(
            _("Step"),
            icon=":material/skip_next:",
            help=why or _("Train one epoch, then pause."),
            key="step_button",
            on_click=_step,
            args=(run,),
            disabled=active and not mine,
        )
        st.button(
            _("Stop"),
            icon=":material/stop:",
            help=why,
            on_click=jobs.steer,
            args=(run, "stop"),
            disabled=not (active and mine),
            key="stop_button",
        )
        st.button(
            _("Reset"),
            icon=":material/restart_alt:",
            help=_("Stop, and go back to before the race; its figures stay under Races."),
            disabled=run is None,
            key="reset_button",
            on_click=races.close_run,
            args=(run,),
        )
    if not mine:
        st.caption(
            _(
                "Somebody else started this race, so you can only watch it. Run starts a copy of "
                "your own."
            )
        )
    start_if_asked(ASKED, setup)


def _step(run: Race | None) -> None:
    if run is not None and run.active:
        jobs.steer(run, "step")
    else:
        ask(ASKED, one_epoch=True)


def draw_measures(run: Race) -> None:
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
        ).format(
            measures=_("; ").join(f"{' '.join(own)}: {_(text)}" for text, own in letters.items())
        )
    )


def draw_invitation() -> None:
    """What the page says before the first race."""
    st.info(
        _(
            "Nothing has run yet. Run races the chosen contenders; Step trains one epoch at a "
            "time, so that a class can guess what comes next."
        ),
        icon=":material/flag:",
    )
