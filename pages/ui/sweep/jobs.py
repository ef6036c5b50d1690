"""The sweeps of this server and who watches them: starting, finding, stopping."""

import threading
from functools import cache
from importlib import import_module

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.server.pool import WARM_UP_AFTER
from pages.ui.server.sweep_job import SweepJob
from pages.ui.server.sweep_queue import SweepQueue
from pages.ui.sweep.settings import Plan
from pages.ui.words import _

JOB, OPENED = "sweep", "sweep.opened"  # ids in the session
_sessions: dict[str, set[str]] = {}  # those that watch a sweep, by its id


@cache
def queue() -> SweepQueue:
    """The one queue of this server."""
    return SweepQueue(is_watched=_is_watched)


@cache
def warm_up() -> None:
    """Once for a server: what the first sweep would otherwise wait for."""
    queue().warm_up()

    def load_what_results_need() -> None:
        for module in ("mlcore.sweeps.results", "mlcore.charts"):
            import_module(module)

    timer = threading.Timer(WARM_UP_AFTER, load_what_results_need)
    timer.daemon = True
    timer.start()


def start(plan: Plan) -> SweepJob:
    """Begin a sweep in place of this session's last one, unless others look at that too."""
    last = st.session_state.get(JOB)
    job = queue().start(
        (plan.base.data, dict(plan.base.options)),
        plan.configs,
        about=plan,
        instead_of=last if last and not _has_other_viewers(last) else None,
    )
    st.session_state[JOB] = job.id
    for job_id in [job_id for job_id in list(_sessions) if queue().get(job_id) is None]:
        _sessions.pop(job_id, None)
    watch(job)
    return job


def choose_job() -> SweepJob | None:
    """The sweep on show: the one that the link names first, then this session's last one."""
    asked = st.query_params.get(JOB)
    if asked and asked != st.session_state.get(OPENED):
        st.session_state[OPENED] = asked
        if queue().get(asked) is None:
            st.warning(
                _(
                    "The sweep in the link is no longer there: it ended long ago, or the server "
                    "has started anew since. Press Run to train it again."
                ),
                icon=":material/link_off:",
            )
        else:
            st.session_state[JOB] = asked
    job = queue().get(st.session_state.get(JOB, ""))
    if job is not None:
        watch(job)
    return job


def watch(job: SweepJob) -> None:
    """Keep a sweep going for as long as this browser session is connected."""
    context = get_script_run_ctx()
    if context is not None:
        _sessions.setdefault(job.id, set()).add(context.session_id)
    queue().watch(job.id)


def stop(job: SweepJob) -> None:
    """Stop a sweep; what it has stays."""
    queue().stop(job.id)


def count_unknown(plan: Plan) -> int:
    """How many of its runs would be trained."""
    return queue().count_unknown((plan.base.data, dict(plan.base.options)), plan.configs)


def seconds_per_run(plan: Plan) -> float | None:
    """What one of these runs takes on one core; measured if need be, and then known soon."""
    source = plan.base.data, dict(plan.base.options)
    return queue().seconds_per_run(source, plan.configs[:8])


def _has_other_viewers(job_id: str) -> bool:
    """Whether another session that is connected has this sweep on show: it may be theirs."""
    context = get_script_run_ctx()
    others = _sessions.get(job_id, set()) - {context and context.session_id}
    return runtime.exists() and any(map(runtime.get_instance().is_active_session, tuple(others)))


def _is_watched(job_id: str) -> bool:
    if not runtime.exists():
        return True  # pages outside of a server, as in tests, have no browser that could leave
    is_active = runtime.get_instance().is_active_session
    return any(map(is_active, tuple(_sessions.get(job_id, ()))))
