"""The runs of this browser session: starting, choosing, steering them."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlcore.datasets import Dataset, load
from mlcore.runs import Run
from pages.ui import pool
from pages.ui.controls import Setup, contender_names
from pages.ui.words import _


@st.cache_resource(max_entries=16, show_spinner=False)
def load_cached(name: str, **options) -> Dataset:
    """A data set, shared by all sessions that ask for the same one."""
    return load(name, **options)


def start_setup(setup: Setup, *, one_epoch: bool = False) -> Run:
    """Begin the race that the settings ask for, in place of one that is still in training."""
    with st.spinner(_("Loading the data set …")):
        dataset = load_cached(setup.data, **setup.options)
    for run in my_runs():
        send(run, "stop")
    run = pool.run_pool().start(setup.configs, dataset, one_epoch=one_epoch)
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
    pool.run_pool().send(run.id, command)


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
