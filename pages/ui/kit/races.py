"""The runs of this browser session: starting, choosing, steering them."""

import math

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlcore.datasets import Dataset
from mlcore.datasets.source import resolve
from mlcore.workers.races import Run
from pages.ui import link
from pages.ui.kit.controls import Setup, contender_names
from pages.ui.server import pool
from pages.ui.words import N_, _

STATES = {
    "queued": N_("Waiting for its turn"),
    "starting": N_("Starting a worker process …"),
    "running": N_("Training"),
    "paused": N_("Paused"),
    "finished": N_("Finished"),
    "stopped": N_("Stopped"),
    "failed": N_("Failed"),
}


@st.cache_resource(max_entries=16, show_spinner=False)
def load_cached(name: str, **options) -> Dataset:
    """A data set, shared by all sessions that ask for the same one."""
    return resolve((name, options))


def start_setup(setup: Setup, *, one_epoch: bool = False) -> Run:
    """Begin the race that the settings ask for, in place of one that is still in training."""
    with st.spinner(_("Loading the data set …")):
        dataset = load_cached(setup.data, **setup.options)
    for run in my_runs():
        send(run, "stop")
    epoch = math.ceil(len(dataset.train) / setup.configs[0].batch_size)
    run = pool.run_pool().start(
        setup.configs,
        (setup.data, dict(setup.options)),
        last_step=epoch if one_epoch else math.inf,
    )
    pool.remember(run, setup)
    show(run)
    return run


def show(run: Run) -> None:
    """Make a run the one on show, and one of this session's."""
    runs = st.session_state.setdefault("runs", [])
    if run.id not in runs:
        runs.append(run.id)
    st.session_state["run"] = run.id
    watch(run)


def watch(run: Run) -> None:
    """Keep a run going for as long as this browser session is connected."""
    context = get_script_run_ctx()
    if context is not None:
        pool.watch(run, context.session_id)


def send(run: Run, command: str) -> None:
    """Pause, resume, step or stop a run; no wait."""
    if command == "stop":
        pool.run_pool().stop(run)
    else:
        end_of_epoch = (run.step // run.steps_per_epoch + 1) * run.steps_per_epoch
        last_step = {"pause": 0, "resume": math.inf, "step": end_of_epoch}[command]
        pool.run_pool().allow(run, last_step)


def close_run(run: Run) -> None:
    """Stop a run and show none."""
    send(run, "stop")
    st.session_state["run"] = None


def my_runs() -> list[Run]:
    """The races that this session started or opened by link, oldest first."""
    runs = (pool.run_pool().get(run_id) for run_id in st.session_state.get("runs", []))
    return [run for run in runs if run is not None]


def choose_run(*, list_races: bool = True) -> Run | None:
    """The race on show: the one that the link names first, then the one chosen of this visit."""
    open_link()
    runs = {run.id: run for run in my_runs()}
    current = st.session_state.get("run")
    if list_races and (len(runs) > 1 or (runs and current is None)):
        titles = {
            run_id: race_title(place, run) for place, (run_id, run) in enumerate(runs.items())
        }
        chosen = st.selectbox(
            _("Races of this visit"),
            list(runs),
            index=list(runs).index(current) if current in runs else None,
            format_func=titles.__getitem__,
            placeholder=_("An earlier race"),
            help=_("Those that ended keep their figures."),
        )
        current = st.session_state["run"] = chosen
    run = runs.get(current)
    if run is not None:
        watch(run)
    return run


def open_link() -> None:
    """Show the run that the link names, once; say so if it is not there."""
    asked = st.query_params.get("run")
    if not asked or asked == st.session_state.get("run opened by link"):
        return
    st.session_state["run opened by link"] = asked
    run = pool.run_pool().get(asked)
    if run is not None:
        show(run)
    else:
        st.warning(
            _(
                "The race in the link is no longer there: it ended long ago, or the server has "
                "started anew since. Press Run to race again."
            ),
            icon=":material/link_off:",
        )


def race_title(place: int, run: Run) -> str:
    """How a race is called in a list of them."""
    return f"{place}: {run.dataset.name} · " + " / ".join(contender_names(run.configs))


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


def progress_text(run: Run) -> str:
    """How far a race is, how fast, and how long it will still take."""
    epochs = _("epoch {epoch:.1f} of {epochs}")
    parts = [
        _(STATES[run.state]),
        epochs.format(epoch=run.epoch, epochs=run.configs[0].epochs),
    ]
    if run.rows_per_second:
        speed = _("{rows:,.0f} rows per second for each contender")
        parts.append(speed.format(rows=run.rows_per_second))
    if run.state == "running" and run.seconds_left is not None:
        parts.append(_("{seconds:.0f} s left").format(seconds=run.seconds_left))
    return " · ".join(parts)
