"""The races of this visit: starting and choosing them, and what became of them."""

import time
from math import isnan

import streamlit as st

from mlcore.datasets import DATASETS, Dataset
from mlcore.datasets.source import resolve
from mlcore.workers.queue import Queue, counted_down
from pages.ui.frame import FOLDER
from pages.ui.kit.contenders import Setup, contender_names
from pages.ui.kit.numbers import about
from pages.ui.server import jobs
from pages.ui.server.jobs import RACE, Job, Race
from pages.ui.server.visitors import me
from pages.ui.settings import rerun
from pages.ui.words import N_, _, ngettext

STATES = {
    "starting": N_("Starting a worker process …"),
    "running": N_("Training"),
    "paused": N_("Paused"),
    "finished": N_("Finished"),
    "stopped": N_("Stopped"),
    "failed": N_("Failed"),
}
NOT_YOURS = N_("Only the person who started it can do that.")


@st.cache_resource(max_entries=16, show_spinner=False)
def load_cached(name: str, **options) -> Dataset:
    """A data set, shared by all sessions that ask for the same one."""
    return resolve((name, options))


def start_setup(setup: Setup, *, one_epoch: bool = False) -> Race:
    """Begin the race that the settings ask for, in place of this session's own before."""
    before = jobs.listed(RACE)
    with st.spinner(_("Loading the data set …")):
        race = jobs.jobs().start_race(setup, owner=me(), one_epoch=one_epoch)
    jobs.show(race)
    for other in before:
        jobs.steer(other, "stop")
    return race


def close_run(race: Race) -> None:
    """Show none; one's own is stopped."""
    jobs.steer(race, "stop")
    st.session_state[RACE] = None


def choose_run(*, list_races: bool = True) -> Race | None:
    """The race on show: the one that the link names first, then the one chosen of this visit."""
    if jobs.open_link(RACE):
        st.warning(
            _(
                "The race in the link is no longer there: it ended long ago, or the server was "
                "restarted since. It can be run again on the Train page."
            ),
            icon=":material/link_off:",
        )
    races = {race.id: race for race in jobs.listed(RACE)}
    current = st.session_state.get(RACE)
    if list_races and (len(races) > 1 or (races and current is None)):
        titles = {
            race_id: race_title(place, race) for place, (race_id, race) in enumerate(races.items())
        }
        chosen = st.selectbox(
            _("Races of this visit"),
            list(races),
            index=list(races).index(current) if current in races else None,
            format_func=titles.__getitem__,
            placeholder=_("An earlier race"),
            help=_("Those that ended keep their figures."),
        )
        current = st.session_state[RACE] = chosen
    return races.get(current)


def race_title(place: int, run: Race) -> str:
    """How a race is called in a list of them."""
    epochs = run.configs[0].epochs
    length = ngettext("{n} epoch", "{n} epochs", epochs).format(n=epochs)
    names = " / ".join(contender_names(run.configs))
    return f"{place}: {data_title(run)} · {length} · {names}"


def data_title(run: Race) -> str:
    """What the data set of a race is called in the reader's language."""
    return _(DATASETS[run.dataset.name].title)


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
        start_setup(setup, one_epoch=st.session_state[key])
    except (ValueError, RuntimeError) as error:
        del st.session_state[key]
        st.error(_("This race cannot start: {error}").format(error=error), icon=":material/error:")
        return
    del st.session_state[key]
    rerun()


def draw_fate(run: Race) -> None:
    """What became of a race that its figures do not tell, and what to do."""
    if run.state == "failed":
        st.error(
            _("This race ended with an error. {error}").format(error=run.error),
            icon=":material/error:",
        )
    if run.ended == "left":
        st.info(
            _(
                "Nobody was connected for {seconds:.0f} seconds, so this race was stopped at step "
                "{step:,}."
            ).format(seconds=jobs.UNWATCHED_SECONDS, step=run.step),
            icon=":material/cloud_off:",
        )
        st.button(
            _("Resume from step {step:,}").format(step=run.step),
            icon=":material/resume:",
            help=None if jobs.is_mine(run) else _(NOT_YOURS),
            disabled=not jobs.is_mine(run),
            on_click=jobs.steer,
            args=(run, "resume"),
            key="resume_button",
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


def draw_no_race(told: str) -> None:
    """Say that there is none, and lead to where one is run."""
    st.info(told, icon=":material/flag:")
    st.page_link(FOLDER / "train.py", label=_("Train"), icon=":material/model_training:")


def draw_unpredicted(run: Race) -> None:
    """Why a race has no predictions to show."""
    if run.frozen is not None:
        st.info(
            _(
                "Predictions of step {step:,} were not kept: others have trained this race "
                "further, and only the newest stay. Press Resume to see them."
            ).format(step=run.step),
            icon=":material/history:",
        )
    elif run.active:
        st.info(
            _("The first predictions of this race are on their way."), icon=":material/hourglass:"
        )
    else:
        st.warning(_("This race ended before it predicted anything."), icon=":material/flag:")


def progress_text(run: Race) -> str:
    """How far a race is, how fast, and how long it will still take."""
    if run.state == "queued":
        return queue_text(run, jobs.jobs().races)
    if run.state == "running" and run.catches_up:
        back = _("Catching up to epoch {epoch:.1f} of {epochs}")
        return back.format(epoch=run.epoch, epochs=run.configs[0].epochs)
    epochs = _("epoch {epoch:.1f} of {epochs}")
    parts = [
        _(STATES[run.state]),
        epochs.format(epoch=run.epoch, epochs=run.configs[0].epochs),
    ]
    if run.rows_per_second:
        speed = _("{rows:,.0f} rows per second for each contender")
        parts.append(speed.format(rows=run.rows_per_second))
    if run.state == "running":
        parts += time_left(run, jobs.jobs().races)
    return " · ".join(parts)


def time_left(job: Job, queue: Queue) -> list[str]:
    """How long a job in training will still take, counted down from what it last told; or none."""
    seconds = queue.seconds_left(job)
    if seconds is None or isnan(seconds):
        return []
    left = counted_down(seconds, time.monotonic() - job.heard)
    return [_("{time} left").format(time=about(left))]


def queue_text(job: Job, queue: Queue) -> str:
    """Where in its queue a job is, and how long it will wait there."""
    return _("Number {place} in the queue, {time}").format(
        place=queue.place(job.work), time=about(queue.seconds_until_in(job.work))
    )
